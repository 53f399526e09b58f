"""The step loop: one step = one Envelope, in the fixed order of stages.

``SEQUENCE -> APPLY -> STRATEGY -> BROKER -> OBSERVE -> COMMIT``. Here a step is recorded before
BROKER and OBSERVE, so that nothing is handed out that is not on the record; COMMIT is complete when
the driver makes the record durable, and only then does anything leave the house. INGEST is the
driver's call that brings the event; CONFIGURE and BOOTSTRAP are the construction of this object and
its first instruments; SHUTDOWN is the driver's.

What a step causes (denials, the simulated venue's answers, the engine's own control events) is
sequenced right after it, first in first out, each as a full step of its own; nothing here recurses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from tradetui.core.changes import NOTHING, joined
from tradetui.core.kernel import Kernel
from tradetui.core.sequencer import Sequencer
from tradetui.domain.control import ControlPayload, InstanceUnloaded, ModeChanged, WarmupChanged
from tradetui.domain.envelope import Envelope, Payload, Unsequenced, own_event
from tradetui.domain.ids import InstrumentId, RouteId, StrategyId, shadow_route
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, BarOpen, InstrumentUpdated, MarketItem
from tradetui.domain.orders import Fill
from tradetui.domain.steps import Applied, IntentBatch
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.engine.command_router import CommandRouter, Venue, balance_in
from tradetui.engine.errors import EngineError, LoadError
from tradetui.engine.heartbeat import NEVER, HeartbeatSchedule, Moment, TimerDue
from tradetui.engine.host import StrategyHost
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.runner import Runner
from tradetui.engine.sinks import Outbox, StepSink
from tradetui.engine.step_recorder import StepRecorder
from tradetui.engine.storm import STORM_DEPTH, Storm
from tradetui.engine.tally import Tally
from tradetui.engine.venue_follower import left_shadow
from tradetui.engine.verdicts import verdict_payloads
from tradetui.strategy.base import Strategy

MAX_REACTIONS: Final = 100
"""How long a chain of reactions (an order, its report, an order made on it ...) may grow within one
moment; beyond it strategies are heard no more until the next item."""

LIMIT_CHECK_NS: Final = NANOS_PER_MINUTE
"""How often the limits of an instance that holds something are checked in silence."""

_NO_PLAIN_STEP: Final[dict[type, None]] = {BarOpen: None, InstrumentUpdated: None}
"""Items that are shown to the venue only, or tell it of an instrument first."""

_EMPTY_BATCH: Final = IntentBatch()
_NO_INSTRUMENT: Final = InstrumentId("")


class StepLoop:
    """Runs one engine, one event at a time; the only caller of the kernel.

    ``is_virtual``: time is the data's own, so that ``ingest`` first delivers what was due before
    the item. In wall time the driver calls ``advance``. ``simulated`` are the routes whose commands
    go to ``venue``; shadow books' always do; all others go to ``outbox``.
    """

    def __init__(
        self,
        kernel: Kernel,
        sequencer: Sequencer,
        venue: Venue,
        host: StrategyHost,
        schedule: HeartbeatSchedule,
        *,
        is_virtual: bool,
        simulated: Iterable[RouteId] = (),
        outbox: Outbox | None = None,
        sink: StepSink | None = None,
        check_every_step: bool = False,
    ) -> None:
        self.kernel = kernel
        self.sequencer = sequencer
        self.venue = venue
        venue.fund(balance_in(kernel))
        self.host = host
        self.schedule = schedule
        self.tally = Tally()
        self.now = 0
        """Time of the newest event, or of the newest ``advance``; ns UTC."""
        self.on_fills: Callable[[Envelope, tuple[Fill, ...]], None] | None = None
        """Told of the fills of a step, when there are any, after its record was appended."""
        self._on_step: Callable[[Envelope], None] | None = None
        self._is_watched = check_every_step
        self._is_virtual = is_virtual
        self._hand_out = CommandRouter(venue, simulated, outbox).hand_out
        self._dispatch = host.dispatch
        self._kept = host.kept
        self._followups = host.followups
        self._recorder = None if sink is None else StepRecorder(sink)
        self._check_every_step = check_every_step
        self._queue: deque[tuple[int, Unsequenced]] = deque()
        self._storm = Storm(lambda: host.running_instances)
        self.opens_shown = 0
        """How many opens of bars the simulated venue was shown in this run."""
        self._broken = ""
        self._clock: HeartbeatSchedule | Moment = schedule if is_virtual else Moment(NEVER)
        """What tells ``ingest`` that something comes before the item."""

    @property
    def is_broken(self) -> bool:
        """Tell whether a step was left half done: the state is not to be gone on with."""
        return bool(self._broken)

    def resume(self, reports: Iterable[Unsequenced] = ()) -> None:
        """Go on from the state that the kernel was given: its time, its numbers, its deadlines.

        ``reports`` are what the simulated venue still has to say; they are steps once time goes on.
        """
        state = self.kernel.state
        self.now = max(self.now, state.now)
        self.sequencer.next_seq = state.seq_id + 1
        self.host.order_ids.go_on_after(state.max_order_counter)
        for instrument in state.instruments.values():
            self.host.reference.register(instrument)
        self.host.refresh()
        self._watch_loss()
        if state.held_deadlines:
            self.schedule.wake_at(max(min(state.held_deadlines.values()), self.now + 1))
        self._enqueue(reports)

    def observe(self, on_step: Callable[[Envelope], None]) -> None:
        """OBSERVE: tell ``on_step`` of every step after its record was appended."""
        self._on_step = on_step
        self._is_watched = True

    # INGEST.

    def ingest(self, item: MarketItem, ingest_time: int | None = None) -> None:
        """Take one market item: show it to the venue, step its reports, then the item itself."""
        time = item.event_time
        if self._clock.next_due < time:
            self._deliver_before(time)
        if ingest_time is None:
            ingest_time = time
        if ingest_time > self.now:
            self.now = ingest_time
        reports = self.venue.show(item)
        if reports:
            self._enqueue(reports)
            self._drain()
        payload = item.payload
        if payload.__class__ in _NO_PLAIN_STEP:
            if payload.__class__ is BarOpen:
                self.opens_shown += 1
                return
            self.venue.on_instrument(payload.instrument)  # type: ignore[union-attr]
        envelope = self.sequencer.stamp_payload(
            time,
            ingest_time,
            item.venue,
            item.instrument_id,
            payload,  # type: ignore[arg-type]
        )
        self._step(envelope, 0)
        if self._queue:
            self._drain()

    def pass_time(self, until: int, most: int) -> bool:
        """Deliver what is due before ``until`` in virtual time, about ``most`` moments of it (those
        of one time together); tell whether that was all. A driver calls it before ``ingest``, which
        would deliver the lot in one go: over a gap in the data a timer can be due a million times.
        """
        self._at(None)
        schedule, count, last = self.schedule, 0, -1
        while schedule.next_due < until and (count < most or schedule.next_due == last):
            due = schedule.pop(until - 1)
            if due is None:
                break
            self._deliver(due)
            count, last = count + 1, due.time
        return schedule.next_due >= until

    def register(self, instrument: Instrument) -> None:
        """Make an instrument known to all; its update is the first event of its market."""
        self.ingest(
            MarketItem(
                self.now, instrument.venue, instrument.instrument_id, InstrumentUpdated(instrument)
            )
        )

    def control(self, payload: ControlPayload, now: int | None = None) -> None:
        """Take an act of the operator or of the engine, at ``now`` (default: the newest time)."""
        self._at(now)
        if isinstance(payload, ModeChanged):
            self.host.note_shadow(payload.strategy_id)
        self._submit(payload)
        left = left_shadow(payload)
        if left is not None:
            self.venue.drop_route(shadow_route(left))

    def report(self, event: Unsequenced) -> None:
        """Take what a venue (or any other source) said; its own times are kept."""
        self._at(None)
        self.now = max(self.now, event.ingest_time)
        self._enqueue((event,))
        self._drain()

    def advance(self, now: int) -> None:
        """Let time pass: what was due up to ``now`` is delivered, the venue told of the time."""
        if not self._is_virtual:
            self._at(now)
        self._deliver_due(now)
        self._at(now)
        self._tell_time(now)

    # Instances.

    def load_instance(self, spec: InstanceSpec, strategy_class: type[Strategy]) -> Runner:
        """Load an instance and tell the kernel; raises LoadError, and then it does not run.

        The time must be known (an item came, or ``advance`` was called): cadence and timers begin
        at it.
        """
        if self.now <= 0:
            raise LoadError("no time is known yet; advance the loop to the first moment, then load")
        runner = self.host.load_instance(spec, strategy_class, self.now)
        self.control(runner.loaded_event())
        if spec.strategy_id not in self.kernel.state.instances:
            self.host.unload_instance(spec.strategy_id)
            raise LoadError(self.tally.last_diagnostic or f"{spec.strategy_id} was not loaded")
        if not runner.is_warm:
            self.control(WarmupChanged(spec.strategy_id, is_warm=False))
        return runner

    def unload_instance(
        self, strategy_id: StrategyId, actor: str, reason: str = "", *, keep_orders: bool = False
    ) -> None:
        """Stop an instance: its last event, then it is forgotten; what the ledger has of
        it stays. Its entry orders are cancelled unless they are kept.
        """
        self.control(InstanceUnloaded(strategy_id, actor, reason, keep_orders))

    def warm_up(self, bars: Iterable[tuple[InstrumentId, Bar]]) -> None:
        """Step bars of history, each marked with the one instance it is for, oldest first."""
        for instrument_id, bar in bars:
            assert bar.warmup_for is not None
            venue = self.kernel.state.instruments[instrument_id].venue
            self._at(None)
            self._step(
                self.sequencer.stamp_payload(
                    bar.close_time, max(self.now, bar.close_time), venue, instrument_id, bar
                ),
                0,
            )
            self._drain()

    # Steps.

    def _step(self, envelope: Envelope, depth: int) -> None:
        """Run the stages of one step; what it causes is queued.

        When APPLY fails, the state and the sequence are as before, and the next event can come. A
        failure after that leaves a step half done: the loop takes no more.
        """
        try:
            applied = self.kernel.apply_event(envelope)
        except Exception as error:  # noqa: BLE001,RUF100 - whatever it is, it is ours
            self.sequencer.next_seq = envelope.seq_id
            raise self._failure(envelope, error) from error
        try:
            batch, kept = self._dispatch(envelope, applied), self._kept
            if kept.touched:
                kept.compare()
            if batch is not None:
                self._answer(envelope, applied, batch, depth)
            elif applied is not NOTHING or kept.changes:
                if applied.decisions:
                    self.tally.add_decisions(applied.decisions)
                self._settle(envelope, _EMPTY_BATCH, applied, depth)
            else:
                if self._recorder is not None:
                    self._recorder.record_quiet(envelope)
                if self._is_watched or self._followups:
                    self._follow_up(envelope, depth)
        except Exception as error:  # noqa: BLE001,RUF100 - as above
            failure = self._failure(envelope, error)
            self._broken = str(failure)
            self._clock = Moment(0)
            raise failure from error

    def _answer(self, envelope: Envelope, applied: Applied, batch: IntentBatch, depth: int) -> None:
        """Have the kernel process what the strategies asked for, and settle the whole step."""
        decided = self.kernel.process_intents(batch)
        if batch.callbacks:
            self.host.refresh()
        if depth >= STORM_DEPTH:
            self._storm.add(batch)
            if depth >= MAX_REACTIONS:
                self.host.mute()
        if self.tally.add_decisions(decided.decisions):
            for payload in verdict_payloads(batch, decided, self.host.denied_to_tell()):
                self._queue.append((depth + 1, own_event(payload, self.now)))
        refused = self.host.take_diagnostics()
        if applied is NOTHING and not refused:
            self._settle(envelope, batch, decided, depth)
        else:
            self.tally.add_decisions(applied.decisions)
            self._settle(envelope, batch, joined(applied, decided, refused), depth)

    def _settle(self, envelope: Envelope, batch: IntentBatch, whole: Applied, depth: int) -> None:
        """Record the step (COMMIT's first half), then BROKER: hand out its commands, then OBSERVE:
        queue what follows.
        """
        if whole.fills or whole.diagnostics or batch.callbacks:
            self.tally.add(whole, batch)
        kept = self._kept.take() if self._kept.changes else ()
        if self._recorder is not None:
            self._recorder.record(envelope, batch, whole, kept)
        for command in whole.commands:
            for report in self._hand_out(envelope.seq_id, command, self.now):
                self._queue.append((depth + 1, report))
        if whole.fills:
            self._watch_loss()
            if self.on_fills is not None:
                self.on_fills(envelope, whole.fills)
        deadlines = self.kernel.state.held_deadlines
        if deadlines:
            self.schedule.wake_at(max(min(deadlines.values()), self.now + 1))
        if self._is_watched or self._followups:
            self._follow_up(envelope, depth)

    def _follow_up(self, envelope: Envelope, depth: int) -> None:
        """Queue the engine's own events; tell who observes every step; check, if that is asked."""
        for payload in self._followups:
            self._queue.append((depth + 1, own_event(payload, self.now)))
        self._followups.clear()
        if self._on_step is not None:
            self._on_step(envelope)
        if self._check_every_step:
            self.kernel.check_all()

    def _drain(self) -> None:
        """Step everything that is queued, and what that causes, in order."""
        queue = self._queue
        take, stamp, step = queue.popleft, self.sequencer.stamp, self._step
        while queue:
            depth, event = take()
            step(stamp(event), depth)
        if not self.host.intent_limit:
            self.host.unmute()
        if self._storm.asked:
            self._storm.end()

    def _enqueue(self, events: Iterable[Unsequenced]) -> None:
        """Queue what nothing in this loop caused: the first of a chain of reactions."""
        for event in events:
            self._queue.append((0, event))

    def _submit(self, payload: Payload) -> None:
        """Step an act and what follows from it; each says how many opens of bars came before."""
        recorder = self._recorder
        if recorder is not None:
            recorder.begin_act(self.opens_shown)
        self._queue.append((0, own_event(payload, self.now)))
        try:
            self._drain()
        finally:
            if recorder is not None:
                recorder.end_act()

    # Time.

    def _at(self, now: int | None) -> None:
        if self._broken:
            raise EngineError(self._broken)
        if now is not None and now > self.now:
            self.now = now

    def _deliver_before(self, time: int) -> None:
        """Deliver what virtual time brings before an item; a broken loop takes no item."""
        self._at(None)
        self._deliver_due(time - 1)

    def _deliver_due(self, until: int) -> None:
        """Step every heartbeat and timer that is due, in order of time."""
        while (due := self.schedule.pop(until)) is not None:
            self._deliver(due)

    def _deliver(self, due: TimerDue) -> None:
        if self._is_virtual:
            self._at(due.time)
        self._tell_time(self.now)
        envelope = self.sequencer.stamp_payload(due.time, self.now, "", _NO_INSTRUMENT, due.payload)
        self._step(envelope, 0)
        self._drain()
        if isinstance(due.payload, Heartbeat):
            self._watch_loss()

    def _tell_time(self, now: int) -> None:
        reports = self.venue.on_time(now)
        if reports:
            self._enqueue(reports)
            self._drain()

    def _watch_loss(self) -> None:
        """Ask to be woken when the loss of what is held must be checked, though no data come."""
        if self.host.has_limited_position():
            self.schedule.wake_at(self.now + LIMIT_CHECK_NS)

    def _failure(self, envelope: Envelope, error: Exception) -> EngineError:
        self._queue.clear()
        self.tally.failures += 1
        if isinstance(error, EngineError):
            return error
        return EngineError(
            f"step {envelope.seq_id} ({envelope.event_type}) failed: "
            f"{type(error).__name__}: {error}"
        )
