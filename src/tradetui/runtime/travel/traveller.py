"""Moves through a recorded run: by steps, to an order or a fill, to a time; plays it on.

A move back, or far ahead, begins anew at the nearest checkpoint, far enough before the wanted step
that the list of steps has something to show.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from tradetui.core.state import KernelState
from tradetui.domain.commands import CommandReply, OperatorCommand, SetPlayback
from tradetui.domain.enums import Severity
from tradetui.domain.formatting import count, timestamp
from tradetui.domain.ids import RunId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.pages import (
    DecisionsPage,
    DiagnosticsPage,
    EventFilter,
    EventsPage,
    FillsPage,
    MarketsPage,
    OrdersPage,
    RiskPage,
    RunsPage,
)
from tradetui.domain.replica import ChartView, ReplicaChange, ReplicaSnapshot, UiView
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.ports.clock import Clock
from tradetui.ports.journal import JournalError, JournalPrunedError, JournalSource
from tradetui.ports.kept_steps import beginning_of, kept_steps, place_text
from tradetui.runtime.chart_views import chart_view
from tradetui.runtime.inbox import Inbox, policies_of
from tradetui.runtime.pacer import Pacer, PlaybackError
from tradetui.runtime.pages.diagnostics import diagnostics_page
from tradetui.runtime.pages.events import events_page
from tradetui.runtime.pages.markets import markets_page
from tradetui.runtime.pages.risk import risk_page
from tradetui.runtime.travel.beginnings import Beginnings
from tradetui.runtime.travel.changed import changed_lines
from tradetui.runtime.travel.errors import PlaceGoneError, TravelError
from tradetui.runtime.travel.marks import Marks
from tradetui.runtime.travel.moment import Moment

CONTEXT: Final = 2_000
"""Steps before the wanted one that are taken too, for the list of steps."""
AHEAD: Final = 20_000
"""A move ahead by no more than this goes on from where one stands."""
SLICE: Final = 400
"""Steps taken before others have their turn."""
KEPT: Final = CONTEXT
TICK_NS: Final = 50_000_000
_BLOCK: Final = 500

Draw = Callable[[StrategyId, int], Awaitable[UiView]]
"""Runs the strategy again up to a step and returns what it drew, or why that cannot be."""


class Traveller:
    """Implements ``ports.engine_client.EngineClient`` over one recorded run; nothing acts."""

    def __init__(
        self,
        source: JournalSource,
        run_id: RunId,
        clock: Clock,
        *,
        draw: Draw | None = None,
        context: int | None = None,
    ) -> None:
        """Stand before the first step. ``context``: see CONTEXT; 0 for who reads no list."""
        self._context = CONTEXT if context is None else context
        self._source = source
        self._run_id = run_id
        self._clock = clock
        self._draw = draw
        self._header = source.header(run_id)
        self._beginnings = Beginnings(source, self._header, has_lists=self._context > 0)
        info = next(one for one in source.runs() if one.run_id == run_id)
        self.first = self._header.opening_seq + 1
        """The run's first step."""
        self.last = max(info.steps, self._header.opening_seq)
        """Its last durable step."""
        self._pacer = Pacer(clock, speed=1, playing=False)
        self._account = str(next(iter(self._header.kernel_config.contexts)).execution_id)
        self._moments = 0
        self._marks = Marks()
        self._before: KernelState | None = None
        self._moment = self._begin(self._header.opening_seq)
        self._lock = asyncio.Lock()
        self._playing: asyncio.Task[None] | None = None

    @property
    def seq_id(self) -> int:
        """The step that one stands after."""
        return self._moment.seq_id

    @property
    def state(self) -> KernelState:
        """The state at this place, for reading."""
        return self._moment.state

    # Moving.

    async def seek(self, seq_id: int) -> str:
        """Go to a step; return where one stands.

        Raises TravelError where the record differs, PlaceGoneError (and stays) where market data on
        the way is no longer kept.
        """
        wanted = min(max(seq_id, self._header.opening_seq), self.last)
        async with self._lock:
            floor = self._floor(wanted)
            stood = self._moment, self._before
            is_near = floor <= self.seq_id <= wanted <= self.seq_id + AHEAD
            is_anew = not is_near or self._is_nearer(wanted)
            if is_anew:
                begin = max(wanted - self._context, floor)
                self._moment = self._again(wanted, floor) or self._begin(begin)
            try:
                await self._take(wanted, leaves_marks=is_anew and self._context > 0)
            except JournalPrunedError:  # the checkpoint at the floor could not be used
                self._moment, self._before = stood
                raise
        return self.place()

    async def move(self, steps: int) -> str:
        """Go some steps on (or back, where negative)."""
        return await self.seek(self.seq_id + steps)

    async def next_act(self) -> str:
        """Go to the next step with a decision, an order's transition or a fill."""
        for step in self._source.eventful(self._run_id, self.seq_id + 1, self.last):
            if is_act(step):
                return await self.seek(step.event.seq_id)
        return f"nothing was decided after this; {self.place()}"

    async def previous_act(self) -> str:
        """Go back to the last step before this one in which something was done."""
        end = self.seq_id - 1
        while end >= self.first:
            begin = max(end - _BLOCK + 1, self.first)
            steps = self._source.eventful(self._run_id, begin, end)
            found = [step for step in steps if is_act(step)]
            if found:
                return await self.seek(found[-1].event.seq_id)
            end = begin - 1
        return f"nothing was decided before this; {self.place()}"

    async def at_time(self, time_ns: int) -> str:
        """Go to the last step at or before a time; a time of day (less than a day) is of the day
        that one stands in, or of a day beside it if only there the run has such a time.
        """
        if time_ns < NANOS_PER_DAY:
            now = self._moment.loop.now
            time_ns += now - now % NANOS_PER_DAY
            begin, end = self._first_time(), self._last_time()
            if time_ns > end and time_ns - NANOS_PER_DAY >= begin:
                time_ns -= NANOS_PER_DAY
            elif time_ns < begin and time_ns + NANOS_PER_DAY <= end:
                time_ns += NANOS_PER_DAY
        low, high = self.first - 1, self.last
        while low < high:
            middle = (low + high + 1) // 2
            step = next(self._kept(middle, high), None)
            if step is not None and step.event.event_time <= time_ns:
                low = step.event.seq_id
            else:
                high = middle - 1
        return await self.seek(low)

    async def to_named(self, name: str) -> str | None:
        """Go to the next step of an order or trade, from its last to its first again; None when
        the run has nothing of that id.
        """
        places = (
            step.event.seq_id
            for first, last in ((self.seq_id + 1, self.last), (self.first, self.seq_id))
            for step in self._source.eventful(self._run_id, first, last)
            if is_of(step, name)
        )
        found = next(places, None)
        return None if found is None else await self.seek(found)

    def place(self) -> str:
        """Say where one stands."""
        return (
            f"step {count(self.seq_id)} of {count(self.first)} to {count(self.last)}, "
            f"{timestamp(self._moment.loop.now)}"
        )

    def changed(self) -> tuple[str, ...]:
        """Return what the step that one stands after changed in the state."""
        if self._before is None:
            return ("nothing was taken yet: step on with i",)
        return changed_lines(self._before, self._moment.state)

    async def close(self) -> None:
        """Stop playing."""
        await self._hold()

    # What screens read.

    def snapshot(self) -> ReplicaSnapshot:
        """Return everything as it was."""
        return self._moment.snapshot()

    def show_records(
        self, records: tuple[InstanceRecord, ...], problems: Mapping[StrategyId, str]
    ) -> None:
        """Show the rows of these records instead of those that the run had loaded, until one moves;
        ``problems`` says why instances could not be loaded.
        """
        self._moment.show_records(records, problems)

    def changes(self, after: int) -> tuple[ReplicaChange, ...] | None:
        """Return the changes after a number; None when one has moved elsewhere since."""
        return self._moment.changes(after)

    async def chart(
        self, strategy_id: StrategyId, timeframe_ns: int, count: int
    ) -> ChartView | None:
        """Return the candles that are known at this place, with the marks of then."""
        moment = self._moment
        row = moment.publisher.instance(strategy_id)
        if row is None or not row.instrument_id:
            return None
        return chart_view(
            moment.loop,
            moment.charts,
            moment.publisher.fills,
            strategy_id,
            row.instrument_id,
            timeframe_ns,
            count,
        )

    async def get_ui(self, strategy_id: StrategyId) -> UiView:
        """Return what the strategy drew then: it is run again up to here."""
        if self._draw is None:
            return UiView(strategy_id, 0, b"[]", "strategies are not run again here")
        return await self._draw(strategy_id, self.seq_id)

    async def risk_page(self) -> RiskPage:
        """Return limits and exposure as they were."""
        return risk_page(self._moment.state, self._moment.loop.now)

    async def markets_page(self) -> MarketsPage:
        """Return every market as it was."""
        moment = self._moment
        return markets_page(moment.state, moment.charts, moment.loop.now)

    async def events_page(self, wanted: EventFilter, count: int) -> EventsPage:
        """Return the newest steps up to this place that fit."""
        return events_page(self._moment.state, reversed(self._moment.recent), wanted, count)

    async def fills_page(self, before: tuple[int, int] | None, count: int) -> FillsPage:
        """Return the fills up to this place that are kept; there are no older ones to read."""
        known = self._moment.publisher.fills
        return FillsPage(known[-count:] if count else (), len(known))

    async def decisions_page(self, before: int | None, count: int) -> DecisionsPage:
        """Return the decisions up to this place that are kept; there are no older ones to read."""
        return DecisionsPage(self.snapshot().decisions if before is None else ())

    async def orders_page(self, before: int | None, count: int) -> OrdersPage:
        """Return the closed orders at this place that are kept; there are no older ones to read."""
        closed = tuple(one for one in self.snapshot().orders if not one.is_open)
        return OrdersPage(closed if before is None else ())

    async def runs_page(self) -> RunsPage:
        """Return no runs: one of them is looked at."""
        return RunsPage("", (), 0)

    async def diagnostics_page(self) -> DiagnosticsPage:
        """Return the figures that follow from the steps alone."""
        policies = policies_of(self._header.run_mode, is_virtual=True)
        return diagnostics_page(
            self._moment.telemetry,
            Inbox(policies),
            self.snapshot().instances,
            now=self._moment.loop.now,
            rate=None,
            journal_waits=0,
        )

    async def send(self, command: OperatorCommand) -> CommandReply:
        """Play, hold, step or change the speed; every other act is refused: this is the past."""
        if not isinstance(command, SetPlayback):
            return CommandReply(False, "this is a recorded run: nothing acts in the past")
        try:
            if command.speed is not None:
                self._pacer.set_speed(command.speed)
            if command.playing is not None:
                await self._hold()
                self._pacer.play(command.playing)
                if command.playing:
                    self._playing = asyncio.create_task(self._play(), name="travel")
            if command.steps:
                return CommandReply(True, await self.move(command.steps))
        except (PlaybackError, TravelError) as error:
            return CommandReply(False, str(error))
        self._moment.publisher.publish(force=True)
        return CommandReply(True, f"{self._pacer.playing} x{self._pacer.speed}")

    # Inside.

    def _is_nearer(self, wanted: int) -> bool:
        """Tell whether a checkpoint is ahead of where one stands, and far enough before a step."""
        infos = self._source.checkpoints(self._run_id)
        return any(self.seq_id < info.seq_id <= wanted - self._context for info in infos)

    def _begin(self, seq_id: int) -> Moment:
        """Return the moment of the newest checkpoint at or before a step."""
        self._moments += 1
        self._before = None
        beginning = self._beginnings.at(seq_id)
        moment = Moment(beginning, self._moments, self._pacer, self._account)
        moment.show(KEPT)
        return moment

    def _again(self, wanted: int, floor: int) -> Moment | None:
        """Return the moment of the newest mark shortly before a step, at or behind ``floor``; None:
        there is none.
        """
        mark = self._marks.before(wanted)
        if mark is None or mark.seq_id < floor:
            return None
        self._moments += 1
        self._before = None
        return Moment.again(mark, self._moments, self._pacer, self._account)

    async def _take(self, wanted: int, *, leaves_marks: bool = False) -> None:
        """Take every step up to ``wanted``; the state before the last is remembered, and marks are
        left on the way for who goes back from there.
        """
        moment = self._moment
        try:
            for step in self._steps(moment.seq_id + 1, wanted):
                if step.event.seq_id == wanted:
                    self._before = moment.state.copy()
                moment.take(step)
                if leaves_marks and self._marks.is_wanted(moment.seq_id, wanted):
                    self._marks.add(moment.mark(KEPT))
                if step.event.seq_id % SLICE == 0:
                    await asyncio.sleep(0)
        finally:
            moment.show(KEPT)

    def _steps(self, first: int, last: int) -> Iterator[StepRecord]:
        return self._source.steps(self._run_id, first, last) if first <= last else iter(())

    def _first_time(self) -> int:
        """Return when the run begins: its first steps may be of no time."""
        steps = self._kept(self.first, self.last)
        return next((one.event.event_time for one in steps if one.event.event_time), 0)

    def _last_time(self) -> int:
        """Return when the last step was that is kept."""
        end, found = self.last, 0
        while end >= self.first and not found:
            begin = max(end - _BLOCK + 1, self.first)
            found = max((one.event.event_time for one in self._kept(begin, end)), default=0)
            end = begin - 1
        return found

    def _kept(self, first: int, last: int) -> Iterator[StepRecord]:
        return kept_steps(self._source, self._run_id, first, last)

    def _floor(self, wanted: int) -> int:
        """Return the place at or behind which a way to a step begins whose steps are all kept."""
        floor = beginning_of(self._source, self._header, wanted)
        if floor is None:
            raise PlaceGoneError(place_text(self._source, self._header))
        return floor

    async def _play(self) -> None:
        """Take steps as their time comes, at the pace's speed, until the end or a hold, or where
        it does not go on: that is said.
        """
        try:
            await self._play_on()
        except JournalPrunedError:
            text = place_text(self._source, self._header)
            self._moment.publisher.say(Severity.WARNING, text)
        except (TravelError, JournalError) as error:
            self._moment.publisher.say(Severity.WARNING, str(error))
        self._pacer.play(False)
        self._moment.publisher.publish(force=True)

    async def _play_on(self) -> None:
        wall, data = self._clock.now(), self._moment.loop.now or self._first_time()
        while self.seq_id < self.last:
            await self._clock.sleep_until(self._clock.now() + TICK_NS)
            passed = self._clock.now() - wall
            until = data + passed * (self._pacer.speed or 1)
            wanted = self.seq_id
            for step in self._steps(self.seq_id + 1, min(self.seq_id + AHEAD, self.last)):
                if step.event.event_time > until:
                    break
                wanted = step.event.seq_id
            await self.seek(wanted)
            wall, data = self._clock.now(), until

    async def _hold(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)
            self._playing = None


def is_of(step: StepRecord, name: str) -> bool:
    """Tell whether a step did something to an order, or has a trade, by its id."""
    return (
        any(one.client_order_id == name for one in step.decisions)
        or any(one.client_order_id == name for one in step.transitions)
        or any(name in (fill.client_order_id, fill.trade_id) for fill in step.result.fills)
    )


def is_act(step: StepRecord) -> bool:
    """Tell whether something was decided or done in a step."""
    return bool(step.decisions or step.transitions or step.result.fills)
