"""What screens showed, taken for a checkpoint, brought through the steps after it, and given back.

So the next start shows the newest decisions, log lines, tallies and minutes as they were, whenever
the run before ended. A strategy's own log lines are in no step: those of the last steps are lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from tradetui.core.state import KernelState
from tradetui.domain.control import InstanceLoaded, InstanceUnloaded, ModeChanged
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote, Trade
from tradetui.domain.memory import EngineMemory, InstanceMemory, ScreenMemory
from tradetui.domain.replica import DecisionView, LogView
from tradetui.domain.steps import StepRecord
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.course import Course
from tradetui.runtime.instance_view import InstanceNotes
from tradetui.runtime.telemetry import Telemetry
from tradetui.runtime.trips import TripBook
from tradetui.runtime.views import decision_views, diagnostic_line

Notes = dict[StrategyId, InstanceNotes]


class ScreenFollower:
    """Brings what screens showed through recorded steps; ``state`` is the one before them."""

    def __init__(self, memory: ScreenMemory, state: KernelState, length: int) -> None:
        self._decisions: deque[DecisionView] = deque(memory.decisions, length)
        self._log: deque[LogView] = deque(memory.log, length)
        self._notes = notes_from(memory)
        self._charts = ChartKeeper()
        self._charts.recall(memory.charts, {})
        for instrument in state.instruments.values():
            self._charts.add_instrument(instrument)
        self._telemetry = Telemetry()
        recall_counts(self._telemetry, memory)
        self._trips = TripBook(state)
        self._trips.recall(memory.trips, state)

    def take(self, step: StepRecord, state: KernelState) -> None:
        """Take the next recorded step; ``state`` is the one behind it."""
        event = step.event
        payload = event.payload
        if isinstance(payload, (Quote, Trade, Bar)):
            self._charts.add(event.instrument, event.event_time, payload)
        elif isinstance(payload, InstanceLoaded | ModeChanged | InstanceUnloaded):
            note_mode(self._of(payload.strategy_id), payload, event.event_time)
        elif isinstance(payload, InstrumentUpdated):
            self._charts.add_instrument(payload.instrument)
        if step.result.signals or step.decisions:
            for view in decision_views(state, step):
                self._decisions.append(view)
                note_decision(self._of(view.strategy_id), view)
        for diagnostic in step.result.diagnostics:
            self._log.append(diagnostic_line(diagnostic, event.event_time))
        self._telemetry.note_step(step)
        self._trips.take(step, state)

    def memory(self) -> ScreenMemory:
        """Return what is shown after the last step."""
        return screen_memory(
            self._decisions, self._log, self._notes, self._charts, self._telemetry, self._trips
        )

    def _of(self, strategy_id: StrategyId) -> InstanceNotes:
        return self._notes.setdefault(strategy_id, InstanceNotes())


def screen_memory(
    decisions: Iterable[DecisionView],
    log: Iterable[LogView],
    notes: Mapping[StrategyId, InstanceNotes],
    charts: ChartKeeper,
    telemetry: Telemetry,
    trips: TripBook,
) -> ScreenMemory:
    """Put together what the next start shall show."""
    instances = tuple(
        InstanceMemory(
            key,
            one.last_decision,
            one.observed_since,
            one.would_orders,
            one.course.remember(is_shadow=one.is_shadow_course),
        )
        for key, one in sorted(notes.items())
    )
    return ScreenMemory(
        tuple(decisions),
        tuple(log),
        instances,
        charts.remember(),
        telemetry.invalid_attempts,
        telemetry.transition_failures,
        trips.remember(),
    )


def notes_from(memory: ScreenMemory) -> Notes:
    """Return the notes of each instance as they were; the next load of it goes on with them."""
    return {one.strategy_id: _notes(one) for one in memory.instances}


def _notes(known: InstanceMemory) -> InstanceNotes:
    notes = InstanceNotes(
        last_decision=known.last_decision,
        observed_since=known.observed_since,
        would_orders=known.would_orders,
        goes_on=True,
    )
    if known.course is not None:
        notes.course = Course.recall(known.course)
        notes.is_shadow_course = known.course.is_shadow
    return notes


def recall_counts(telemetry: Telemetry, memory: ScreenMemory) -> None:
    """Count on from where the run before ended."""
    telemetry.invalid_attempts = memory.invalid_attempts
    telemetry.transition_failures = memory.transition_failures


def base_bars(memory: EngineMemory) -> dict[InstrumentId, tuple[Bar, ...]]:
    """Return the bars that came in of each market that has any."""
    return {
        one.instrument_id: dict(one.series).get(one.base_ns, ())
        for one in memory.markets
        if one.base_ns
    }


def note_mode(
    notes: InstanceNotes, event: InstanceLoaded | ModeChanged | InstanceUnloaded, time: int
) -> None:
    """Note since when an instance observes; one that observed before a restart goes on."""
    went_on, notes.goes_on = notes.goes_on, False
    if isinstance(event, InstanceUnloaded):
        notes.observed_since = None
        return
    is_observing = event.mode is InstanceMode.OBSERVE
    is_same = went_on and is_observing and notes.observed_since is not None
    notes.load_error = notes.load_traceback = ""
    if not is_same:
        notes.observed_since = time if is_observing else None
        notes.would_orders = 0


def note_decision(notes: InstanceNotes, view: DecisionView) -> None:
    """Note the newest decision, and count what an observing instance would have done."""
    if view.outcome is not None:
        notes.last_decision = view
        notes.would_orders += view.would
