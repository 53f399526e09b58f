"""Replay with strategies: the recorded events go to the strategies again, and what they ask for is
compared with what they asked for then.

The kernel is given what was recorded, not what comes out now, so that one difference is one
difference: the next event finds the state that it found then. No venue runs: its reports are
events of the record.
"""

from __future__ import annotations

from typing import Any, Final

from tradetui.backtest.divergence import DivergenceLog
from tradetui.backtest.errors import ReplayError
from tradetui.backtest.older import callbacks_now
from tradetui.backtest.recorded import RecordedRun
from tradetui.backtest.strategy_files import StrategyFiles, given_back, kept_text
from tradetui.core.changes import NOTHING
from tradetui.core.invariants import InvariantError
from tradetui.core.kernel import Kernel
from tradetui.domain.control import (
    CloseRequested,
    InstanceLoaded,
    InstanceUnloaded,
    ModeChanged,
)
from tradetui.domain.difference import (
    Difference,
    Divergence,
    StepPart,
    as_json,
    first_difference,
)
from tradetui.domain.enums import CallbackOutcome, Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.intents import PlaceOrder, ReplaceOrder
from tradetui.domain.orders import Diagnostic
from tradetui.domain.steps import Applied, IntentBatch, StepRecord
from tradetui.engine.errors import LoadError
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.host import StrategyHost
from tradetui.engine.reference_data import ReferenceData
from tradetui.engine.rerun import batch_of, compare, is_quiet
from tradetui.engine.sinks import LogSink
from tradetui.engine.verdicts import has_verdicts, verdict_payloads

_NO_BATCH: Final = IntentBatch()


class StrategyRerun:
    """Runs the strategies of a recorded run again, step by step.

    ``kernel`` and ``host`` are for reading: what the strategies draw (``host.get_ui``) is what they
    drew then. ``notes`` say what could not be compared.
    """

    def __init__(
        self, run: RecordedRun, files: StrategyFiles, *, log: LogSink | None = None
    ) -> None:
        header = run.header
        self.kernel = Kernel(header.kernel_config)
        if run.opening.kernel is not None:
            self.kernel.restore(run.opening.kernel)
        self._schedule = HeartbeatSchedule(is_virtual=header.is_virtual)
        reference = ReferenceData()
        for instrument in self.kernel.state.instruments.values():
            reference.register(instrument)
        self.host = StrategyHost(
            self.kernel,
            reference,
            self._schedule,
            run_code=header.run_code,
            seed=header.seed,
            log=log,
        )
        self._files = files
        self.host.kept.texts = {StrategyId(key): text for key, text in run.opening.kept}
        self.host.recall(run.opening.memory)
        self._unloaded: dict[StrategyId, str] = {}
        """What an instance kept when it was unloaded: a reload gives it back."""
        self._lost: dict[StrategyId, None] = {}
        self._newest_id = self.kernel.state.max_order_counter
        self.host.order_ids.go_on_after(self._newest_id)
        self.notes: list[str] = files.notes

    def apply(self, step: StepRecord) -> Difference | None:
        """Take a recorded step; return the first difference, None if there is none.

        First what the strategies asked for is compared, then what the kernel made of it. Raises
        ReplayError when an instance cannot be loaded as it was.
        """
        event = step.event
        self._lose_late(step)
        self._before(event)
        recorded = batch_of(step)
        try:
            applied = self.kernel.apply_event(event)
            batch = self.host.dispatch(event, applied) or _NO_BATCH
            decided = NOTHING if recorded is None else self.kernel.process_intents(recorded)
        except (InvariantError, AssertionError, LookupError) as error:
            text = f"{type(error).__name__}: {error}"
            return _difference(step, "failure", ("", "", as_json(text)), (), ())
        refused = self.host.take_diagnostics()
        self.host.followups.clear()
        if self.host.kept.runners:
            self.host.kept.compare()
        self._after(event, recorded, decided)
        found = self._compare_batch(step, batch) or self._compare_kept(step)
        if found is not None:
            self._resume_ids(step)
            return found
        if applied is NOTHING and decided is NOTHING and is_quiet(step) and not refused:
            return None
        own = len(applied.diagnostics) + len(decided.diagnostics)
        return compare(step, applied, decided) or self._compare_refused(step, own, refused)

    def _before(self, event: Envelope) -> None:
        """Do what the live driver does on its way to an act."""
        payload = event.payload
        if event.source is not Source.CONTROL:
            return
        if isinstance(payload, InstanceLoaded):
            if payload.strategy_id in self.host.running_instances:
                self.host.unload_instance(payload.strategy_id)
            kept = given_back(self.host, self._unloaded, payload.strategy_id)
            spec, strategy_class = self._files.load(payload, kept)
            try:
                self.host.load_instance(spec, strategy_class, event.event_time)
            except LoadError as error:
                raise ReplayError(str(error)) from error
            self._lost.pop(payload.strategy_id, None)
        elif isinstance(payload, InstanceUnloaded):
            if payload.strategy_id in self.host.running_instances:
                text = kept_text(self.host, payload.strategy_id)
                self._unloaded[payload.strategy_id] = text
        elif isinstance(payload, ModeChanged):
            self.host.note_shadow(payload.strategy_id)
        elif isinstance(payload, CloseRequested):
            for order_id in payload.order_ids:
                self._note_id(order_id)
            self.host.order_ids.go_on_after(self._newest_id)

    def _after(self, event: Envelope, batch: IntentBatch | None, decided: Applied) -> None:
        """Do what the live driver does when the step is decided."""
        if batch is not None and batch.callbacks:
            self.host.refresh()
        if batch is not None and decided.decisions and has_verdicts(decided):
            verdict_payloads(batch, decided, self.host.denied_to_tell())
        payload = event.payload
        running = self.kernel.state.instances
        if isinstance(payload, InstanceLoaded) and payload.strategy_id not in running:
            self.host.unload_instance(payload.strategy_id)
        while self._schedule.pop(event.event_time) is not None:
            pass  # the timers of the record are what the strategies are told

    def _lose_late(self, step: StepRecord) -> None:
        """Give up what ran out of time in this step: where in its callback that was is not on the
        record, and an endless callback would be endless again.
        """
        for callback in step.result.callbacks:
            strategy_id = callback.strategy_id
            if callback.outcome is CallbackOutcome.TIMEOUT and strategy_id not in self._lost:
                self._lost[strategy_id] = None
                if strategy_id in self.host.running_instances:
                    self.host.unload_instance(strategy_id)
                self.notes.append(
                    f"{strategy_id} ran out of time in step {step.event.seq_id}: what it does "
                    "after that, until it is loaded anew, cannot be compared"
                )

    def _compare_batch(self, step: StepRecord, batch: IntentBatch) -> Difference | None:
        """Compare what was asked for, instance by instance, those aside that are lost."""
        result = step.result
        pairs: tuple[tuple[str, tuple[StepPart, ...], tuple[StepPart, ...]], ...] = (
            ("intents", step.intents, batch.intents),
            ("callbacks", callbacks_now(result.callbacks), batch.callbacks),
            ("signals", result.signals, batch.signals),
        )
        for part, was, now in pairs:
            if not was and not now:
                continue
            was, now = self._comparable(was), self._comparable(now)
            found = first_difference(was, now, part)
            if found is not None:
                return _difference(step, part, found, was, now)
        return None

    def _compare_kept(self, step: StepRecord) -> Difference | None:
        """Compare what STATE_SCHEMA keeps; go on from what is on the record."""
        was, now = step.result.kept, self.host.kept.take()
        self.host.kept.texts.update(was)
        if was == now:
            return None
        if self._lost:
            was = tuple(one for one in was if one[0] not in self._lost)
            now = tuple(one for one in now if one[0] not in self._lost)
        found = first_difference(was, now, "kept")
        return None if found is None else _difference(step, "kept", found, (), ())

    def _comparable(self, parts: tuple[StepPart, ...]) -> tuple[StepPart, ...]:
        """Leave out what is of an instance that is lost."""
        if not self._lost:
            return parts
        found: list[StepPart] = []
        for part in parts:
            owner: Any = getattr(part, "strategy_id", None)
            if owner not in self._lost:
                found.append(part)
        return tuple(found)

    def _compare_refused(
        self, step: StepRecord, own: int, refused: tuple[Diagnostic, ...]
    ) -> Difference | None:
        """Compare what the host itself refused; it stands behind the kernel's ``own``."""
        was = self._comparable(step.result.diagnostics[own:])
        now = self._comparable(refused)
        found = first_difference(was, now, "diagnostics")
        return None if found is None else _difference(step, "diagnostics", found, was, now)

    # Order ids: the strategies count them, and so do acts of people.

    def _note_id(self, order_id: ClientOrderId) -> None:
        counter = counter_of(order_id)
        if counter is not None and counter > self._newest_id:
            self._newest_id = counter

    def _resume_ids(self, step: StepRecord) -> None:
        """After a difference, count on from the recorded ids: one difference is not to become
        many.
        """
        for attributed in step.intents:
            intent = attributed.intent
            if isinstance(intent, PlaceOrder):
                self._note_id(intent.client_order_id)
            elif isinstance(intent, ReplaceOrder):
                self._note_id(intent.new_client_order_id)
        self.host.order_ids.go_on_after(self._newest_id)


def rerun_strategies(
    run: RecordedRun, files: StrategyFiles, *, last: int | None = None
) -> Divergence:
    """Run the strategies of a recorded run again, up to step ``last``, and report what differs.

    Raises ReplayError when an instance cannot be loaded as it was, or prices are no longer kept.
    """
    run.check_begun(run.last if last is None else last)
    rerun = StrategyRerun(run, files)
    log = DivergenceLog(run.header.run_id)
    for step in run.steps(last=last):
        difference = rerun.apply(step)
        log.note_step(step.event.seq_id)
        if difference is not None:
            log.note(difference, rerun.kernel)
            if difference.part == "failure":
                log.notes.append("the steps after this one were not compared")
                break
    log.notes += rerun.notes
    return log.report(rerun.kernel)


def counter_of(order_id: ClientOrderId) -> int | None:
    """Return the counter in an order's id; None in an id that was not counted."""
    digits = order_id.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _difference(
    step: StepRecord,
    part: str,
    found: tuple[str, str, str],
    was: tuple[StepPart, ...],
    now: tuple[StepPart, ...],
) -> Difference:
    event = step.event
    return Difference(event.seq_id, event.event_type, part, *found, was, now)
