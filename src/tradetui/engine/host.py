"""StrategyHost: keeps the running instances and calls them, all on one snapshot per step.

``dispatch`` is the STRATEGY stage of a step: it hands the event to every instance that is due, in
ascending id, and returns what they answered, or None when nobody asked for anything (the hot path).
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from tradetui.core.changes import NOTHING
from tradetui.core.kernel import Kernel
from tradetui.core.view import Snapshot
from tradetui.domain.control import (
    ControlPayload,
    EngineStopping,
    InstanceLoaded,
    InstanceUnloaded,
    ModeChanged,
)
from tradetui.domain.enums import CallbackOutcome, InstanceMode, Severity
from tradetui.domain.envelope import Envelope, Payload
from tradetui.domain.ids import ClientOrderId, InstrumentId, StrategyId
from tradetui.domain.intents import AttributedIntent, Signal
from tradetui.domain.market_data import Bar, DataGap, InstrumentUpdated, Quote, Trade
from tradetui.domain.memory import EngineMemory, TickMemory
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import LogView
from tradetui.domain.reports import OrderDenied, OrderModified
from tradetui.domain.steps import Applied, CallbackResult, IntentBatch
from tradetui.domain.timers import Heartbeat, StrategyTimer
from tradetui.engine.errors import LoadError
from tradetui.engine.feeding import Feeding
from tradetui.engine.guard import CallbackGuard
from tradetui.engine.heartbeat import CadenceError, HeartbeatSchedule, heartbeat_steps
from tradetui.engine.instance_port import InstancePort
from tradetui.engine.instance_spec import InstanceSpec, RenderResult, WarmupNeed
from tradetui.engine.kept import KeptState
from tradetui.engine.market import BARS_KEPT, Market
from tradetui.engine.memory import cadences_of, recall, remember
from tradetui.engine.order_ids import OrderIds
from tradetui.engine.order_news import order_news, verdict_news
from tradetui.engine.reference_data import ReferenceData
from tradetui.engine.runner import HOOKS, Runner
from tradetui.engine.sinks import LogSink
from tradetui.strategy.base import Strategy
from tradetui.strategy.events import (
    ModeView,
    StartView,
    StopView,
    TimerView,
)
from tradetui.strategy.feeds import BarFeed

MAX_INTENTS: Final = 200
"""Intents that one callback may ask for; the rest is refused with a diagnostic."""

_OK: Final = CallbackOutcome.OK


class StrategyHost:
    """All running instances of one engine; see the module's text."""

    def __init__(
        self,
        kernel: Kernel,
        reference: ReferenceData,
        schedule: HeartbeatSchedule,
        *,
        run_code: str,
        seed: int = 0,
        guard: CallbackGuard | None = None,
        log: LogSink | None = None,
        max_intents: int = MAX_INTENTS,
        bars_kept: int = BARS_KEPT,
    ) -> None:
        self.kernel = kernel
        self.reference = reference
        self.schedule = schedule
        self.market = Market(bars_kept)
        self.order_ids = OrderIds(run_code)
        self.max_intents = max_intents
        self.intent_limit = max_intents
        """How many intents a callback may ask for now."""
        self.step_seq = 0
        self.now = 0
        self.intents: list[AttributedIntent] = []
        self.signals: list[Signal] = []
        self.askers: list[InstancePort] = []
        """Who asked for intents in this step, in the order of their first one. Each one's own stand
        in the order of their index already."""
        self.is_asked = False
        """Whether this step has anything for its batch."""
        self.followups: list[Payload] = []
        """Control events of the engine's own, to be sequenced right after the step."""
        self.denied: dict[ClientOrderId, Any] = {}
        """Refused PlaceOrders whose OrderDenied is on its way to their strategy."""
        self.snapshots_taken = 0
        """Steps whose snapshot somebody looked at."""
        self.kept = KeptState()
        self._resumed: dict[StrategyId, TickMemory] = {}
        self._callbacks: list[CallbackResult] = []
        self._diagnostics: list[Diagnostic] = []
        self._runners: dict[StrategyId, Runner] = {}
        self._seed = seed
        self._guard = guard
        self._log = log
        self._snapshot: Snapshot | None = None
        self._shadow_was_used = False
        self.hears_orders = False
        """Whether any instance wants news of its orders."""
        self.hears_fills = False
        """Whether any instance wants its fills."""
        self._limited: dict[StrategyId, None] = {}
        self._handlers = self._by_class()

    def _by_class(self) -> dict[type, Any]:
        """Return what takes each class of event."""
        feeding = Feeding(
            self.market,
            self._runners,
            self.schedule,
            self._call,
            self._note_result,
            self.followups,
            self._guard,
        )
        handlers: dict[type, Any] = {
            Bar: feeding.on_bar,
            Trade: feeding.on_trade,
            Quote: feeding.on_quote,
            DataGap: feeding.on_gap,
            Heartbeat: feeding.on_heartbeat,
            InstrumentUpdated: self._on_instrument,
            StrategyTimer: self._on_timer,
            InstanceLoaded: self._on_loaded,
            InstanceUnloaded: self._on_unloaded,
            ModeChanged: self._on_mode,
            EngineStopping: self._on_stopping,
        }
        for kind in ControlPayload.__args__:
            handlers.setdefault(kind, self._on_act)
        return handlers

    # Instances.

    @property
    def running_instances(self) -> dict[StrategyId, Runner]:
        """The running instances by id, in ascending order."""
        return {key: self._runners[key] for key in sorted(self._runners)}

    def load_instance(self, spec: InstanceSpec, strategy_class: type[Strategy], now: int) -> Runner:
        """Make an instance ready to run from ``now`` on; raises LoadError, and then nothing has
        changed.

        It gets its first event with the InstanceLoaded that the step loop sequences next.
        """
        if spec.strategy_id in self._runners:
            raise LoadError(f"instance {spec.strategy_id} runs already; unload it first")
        self.now = now
        try:
            steps = heartbeat_steps(strategy_class.TICK_MINUTES)
            port = InstancePort(self, spec, self._seed_of(spec.strategy_id))
        except (CadenceError, KeyError) as error:
            raise LoadError(f"instance {spec.strategy_id}: {error.args[0]}") from None
        try:
            runner = Runner(spec, strategy_class, port, self._guard)
        except LoadError:
            self.schedule.remove(spec.strategy_id)
            raise
        port.is_loading = False
        if runner.wants_ticks:
            self.schedule.add(spec.strategy_id, steps, self.now)
            known = self._resumed.pop(spec.strategy_id, None)
            if known is not None:
                self.schedule.resume(known)
        self._runners[spec.strategy_id] = runner
        self.kept.add(spec.strategy_id, runner)
        for instrument_id in port.instruments:
            self.market.add(self.reference.instrument(instrument_id))
        self._connect()
        return runner

    def unload_instance(self, strategy_id: StrategyId) -> None:
        """Forget an instance, its timers and its feeds: in the step of its InstanceUnloaded, or
        when the kernel did not take it.
        """
        del self._runners[strategy_id]
        self.kept.remove(strategy_id)
        self.schedule.remove(strategy_id)
        self._connect()

    def _connect(self) -> None:
        self.market.connect(self._runners.values())
        self.hears_orders = any(runner.wants_orders for runner in self._runners.values())
        self.hears_fills = any(runner.wants_fills for runner in self._runners.values())

    def get_ui(self, strategy_id: StrategyId) -> RenderResult:
        """Return what the instance's ``render()`` gives now, or why it gives nothing."""
        return self._runners[strategy_id].render(self.now)

    def dump_state(self, strategy_id: StrategyId) -> dict[str, Any]:
        """Return the part of an instance's state that its STATE_SCHEMA keeps."""
        return self._runners[strategy_id].strategy.dump_state()

    def remember(self) -> EngineMemory:
        """Return what the next start shall know of the markets and of the ticks."""
        return remember(self.market, self.schedule)

    def recall(self, memory: EngineMemory) -> None:
        """Begin with what an earlier run remembered; before any instance is loaded."""
        self._resumed = cadences_of(memory)
        recall(memory, self.kernel.state.instruments, self.market, self.schedule)

    def remembered_bars(self, strategy_id: StrategyId) -> tuple[tuple[InstrumentId, Bar], ...]:
        """Return the closed bars that the market has had already and an instance's feeds keep."""
        found: dict[tuple[InstrumentId, int], tuple[Bar, ...]] = {}
        for feed in self._runners[strategy_id].feeds:
            if isinstance(feed, BarFeed) and not feed.count:
                key = feed.instrument_id, feed.timeframe_ns
                bars = self.market.recent_bars(*key, feed.kept)
                found[key] = max(found.get(key, ()), bars, key=len)
        return tuple((key[0], bar) for key in sorted(found) for bar in found[key])

    def warmup_needs(self, strategy_id: StrategyId) -> tuple[WarmupNeed, ...]:
        """Return the history that an instance's feeds still want, longest timeframe first."""
        feeds = [f for f in self._runners[strategy_id].feeds if isinstance(f, BarFeed)]
        needs = {
            WarmupNeed(f.instrument_id, f.timeframe_ns, f.needed - f.count): None
            for f in feeds
            if not f.is_warm
        }
        return tuple(sorted(needs, key=lambda n: (-n.timeframe_ns, n.instrument_id, n.count)))

    # One step.

    def dispatch(self, envelope: Envelope, applied: Applied) -> IntentBatch | None:
        """Call every instance that the event concerns; None when nobody asked for anything."""
        self.step_seq = envelope.seq_id
        self.now = envelope.event_time
        payload = envelope.payload
        handler = self._handlers.get(payload.__class__)
        if handler is not None and applied is NOTHING:
            handler(envelope, payload)
        else:
            if self.hears_orders or (applied.fills and self.hears_fills):
                self._tell_news(envelope, applied)
            if handler is not None and not applied.is_duplicate:
                handler(envelope, payload)
        return self._take_batch() if self.is_asked else None

    def take_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return (once) what the host itself refused in this step."""
        if not self._diagnostics:
            return ()
        found = tuple(self._diagnostics)
        self._diagnostics.clear()
        return found

    def snapshot(self) -> Snapshot:
        """Return the step's snapshot: one for all instances, made when the first one looks."""
        snapshot = self.kernel.view()
        if self._snapshot is not snapshot:
            self._snapshot = snapshot
            self.snapshots_taken += 1
        return snapshot

    def denied_to_tell(self) -> dict[ClientOrderId, Any] | None:
        """Return where refused PlaceOrders are kept for their strategies; None if none
        wants them.
        """
        return self.denied if self.hears_orders else None

    def mute(self) -> None:
        """Take no more intents: what strategies do in one moment has led to too much already."""
        self.intent_limit = 0

    def unmute(self) -> None:
        """Take intents again."""
        self.intent_limit = self.max_intents

    def log(self, line: LogView) -> None:
        """Pass a log line on to the driver."""
        if self._log is not None:
            self._log(line)

    def refresh(self) -> None:
        """Read anew who is paused or stopped by errors; called within the step that changes it."""
        instances = self.kernel.state.instances
        for strategy_id, runner in self._runners.items():
            instance = instances.get(strategy_id)
            if instance is not None:
                runner.freeze(is_paused=instance.paused, has_error=instance.has_error)
                runner.port.forget_routes()
        self._limited = {
            key: None for key, i in instances.items() if i.limits.max_loss_per_day is not None
        }

    def has_limited_position(self) -> bool:
        """Tell whether an instance with a limit on its day's loss holds anything."""
        if not self._limited:
            return False
        positions = self.kernel.state.positions
        return any(key[0] in self._limited and p.quantity for key, p in positions.items())

    def note_shadow(self, strategy_id: StrategyId) -> None:
        """Remember, before a change of mode, whether the shadow book has anything in it."""
        view = self.kernel.state
        used = [p for key, p in view.positions.items() if key[0] == strategy_id and p.quantity]
        runner = self._runners.get(strategy_id)
        is_observing = runner is not None and runner.port.mode is InstanceMode.OBSERVE
        self._shadow_was_used = is_observing and bool(used)

    # Events.

    def _on_instrument(self, envelope: Envelope, event: InstrumentUpdated) -> None:
        self.reference.register(event.instrument)
        self.market.add(event.instrument)
        for runner in self._runners.values():
            runner.port.update_instrument(event.instrument)

    def _on_timer(self, envelope: Envelope, timer: StrategyTimer) -> None:
        runner = self._runners.get(timer.strategy_id)
        if runner is not None and not runner.is_frozen:
            self._call(runner, TimerView(timer.name, envelope.event_time))

    def _on_loaded(self, envelope: Envelope, event: InstanceLoaded) -> None:
        self.refresh()
        runner = self._runners.get(event.strategy_id)
        if runner is not None:
            self._call(runner, StartView(envelope.event_time))

    def _on_unloaded(self, envelope: Envelope, event: InstanceUnloaded) -> None:
        runner = self._runners.get(event.strategy_id)
        if runner is None:
            return
        if not runner.is_stopped:
            self._call(runner, StopView(envelope.event_time, event.reason))
        self.kept.compare()
        self.unload_instance(event.strategy_id)
        self.refresh()

    def _on_stopping(self, envelope: Envelope, event: EngineStopping) -> None:
        """Give every instance its last event; what it asks for then is refused."""
        self.mute()
        for runner in self.running_instances.values():
            if not runner.is_stopped:
                self._call(runner, StopView(envelope.event_time, event.reason))

    def _on_act(self, envelope: Envelope, event: ControlPayload) -> None:
        self.refresh()

    def _on_mode(self, envelope: Envelope, event: ModeChanged) -> None:
        runner = self._runners.get(event.strategy_id)
        if runner is None or runner.port.mode is event.mode:
            return
        previous = runner.port.mode
        runner.port.mode = event.mode
        self.refresh()
        if not runner.is_stopped:
            view = ModeView(event.mode, previous, envelope.event_time, self._shadow_was_used)
            self._call(runner, view)

    def _tell_news(self, envelope: Envelope, applied: Applied) -> None:
        """Tell strategies what became of their orders, each its own, in ascending id."""
        state, runners, payload = self.kernel.state, self._runners, envelope.payload
        if payload.__class__ is OrderDenied or payload.__class__ is OrderModified:
            asked = self.denied.pop(payload.client_order_id, None)
            news = verdict_news(state, runners, envelope, asked)
        else:
            news = order_news(state, runners, envelope, applied)
        if len(news) > 1:
            news.sort(key=_of_instance)
        for strategy_id, view in news:
            runner = runners.get(strategy_id)
            if runner is not None and not runner.is_stopped:
                self._call(runner, view)

    # Calls.

    def _call(self, runner: Runner, view: Any) -> None:
        if runner.call(view):
            self._note_result(runner, view)

    def _note_result(self, runner: Runner, view: Any) -> None:
        """Put on the record how a callback ended that failed, or that ended a row of failures."""
        strategy_id, port = runner.strategy_id, runner.port
        self.is_asked = True
        if runner.has_failed:
            runner.has_failed = False
            hook, outcome = HOOKS[view.__class__], runner.outcome
            what = runner.error.removeprefix(f"{hook}: ")
            self._callbacks.append(CallbackResult(strategy_id, hook, outcome, what))
            port.note(runner.error, Severity.ERROR)
        else:
            self._callbacks.append(CallbackResult(strategy_id, HOOKS[view.__class__], _OK))
        if port.refused:
            text = (
                f"{strategy_id} asked for {port.refused} intents beyond the {self.intent_limit} "
                f"that one callback may ask for now; they were refused"
            )
            self._diagnostics.append(Diagnostic(Reason.ORDER_RATE, text, strategy_id=strategy_id))
            port.note(text, Severity.WARNING)
            port.refused = 0

    def _take_batch(self) -> IntentBatch:
        """Hand over what was collected, in processing order, and begin anew."""
        intents, askers = self.intents, self.askers
        if len(askers) > 1:
            intents.sort(key=_of_emission)
        batch = IntentBatch(tuple(intents), tuple(self._callbacks), tuple(self.signals))
        for port in askers:
            port.begin_step()
        self.is_asked = False
        intents.clear()
        askers.clear()
        if batch.callbacks or batch.signals:
            self._callbacks.clear()
            self.signals.clear()
        return batch

    def _seed_of(self, strategy_id: StrategyId) -> int:
        digest = hashlib.sha256(f"{self._seed}:{strategy_id}".encode()).digest()
        return int.from_bytes(digest[:8], "big")


def _of_emission(attributed: AttributedIntent) -> tuple[StrategyId, int]:
    return attributed.strategy_id, attributed.index


def _of_instance(news: tuple[StrategyId, Any]) -> StrategyId:
    return news[0]
