"""Loads, warms up, switches and unloads instances: what carries out the plan of a
reconciliation.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from tradetui.domain.control import (
    ControlPayload,
    EngineStopping,
    InstanceFailed,
    ModeChanged,
    OperatorNoted,
)
from tradetui.domain.enums import InstanceMode, Severity
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.market_data import Bar
from tradetui.engine.errors import LoadError
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.loader.strategy_loader import LoadedStrategy, StrategyLoader
from tradetui.engine.step_loop import StepLoop
from tradetui.runtime.alerts import Condition
from tradetui.runtime.charts import History
from tradetui.runtime.pump import Pump
from tradetui.runtime.replica import ReplicaPublisher

SpecOf = Callable[[InstanceRecord, LoadedStrategy], InstanceSpec]
"""Makes an instance's spec of its record and its class; raises LoadError with one sentence."""


class InstanceRunner:
    """The running instances, by the records that they were loaded from."""

    def __init__(
        self,
        loop: StepLoop,
        pump: Pump,
        publisher: ReplicaPublisher,
        loader: StrategyLoader,
        spec_of: SpecOf,
        history: History,
    ) -> None:
        self._loop = loop
        self._pump = pump
        self._publisher = publisher
        self._loader = loader
        self._spec_of = spec_of
        self._history = history
        self._records: dict[StrategyId, InstanceRecord] = {}
        self._kept: dict[StrategyId, tuple[InstanceRecord, dict[str, Any]]] = {}
        """What was unloaded: its record then, and the state that its STATE_SCHEMA keeps."""

        self._noted: dict[StrategyId | None, str] = {}
        """The failure that was journalled last of each instance that has not been loaded since."""

    def running_records(self) -> tuple[InstanceRecord, ...]:
        """Return the records of what runs now, in ascending id."""
        return tuple(self._records[key] for key in sorted(self._records))

    async def load_instance(self, record: InstanceRecord) -> None:
        """Check the strategy's file, load the instance, warm it up.

        Raises LoadError, and then it does not run; CancelledError after ``interrupt``, so that
        whoever brings instances up goes no further.
        """
        loaded = await self._checked(record.strategy_type)
        spec = self._prepared(record, self._spec_of(record, loaded))
        await self._pump.act(lambda: self._load(record, spec, loaded))

    async def try_instance(self, record: InstanceRecord) -> None:
        """Find out whether an instance would load from its file and record as they are now; raises
        LoadError if not. What runs goes on as it is.
        """
        loaded = await self._checked(record.strategy_type)
        spec = self._spec_of(record, loaded)
        await asyncio.to_thread(self._loader.try_config, record.strategy_type, spec.config)

    async def _checked(self, name: str) -> LoadedStrategy:
        """Check a strategy's file, its child process beside the engine, and load its class."""
        await asyncio.to_thread(self._loader.check, name)
        if self._loader.is_interrupted:
            raise asyncio.CancelledError(f"the engine stops: {name} is not loaded")
        return self._loader.load(name)

    def _load(self, record: InstanceRecord, spec: InstanceSpec, loaded: LoadedStrategy) -> None:
        self._loop.load_instance(spec, loaded.strategy_class)
        self._records[record.strategy_id] = record
        self._kept.pop(record.strategy_id, None)
        self._noted.pop(record.strategy_id, None)
        self._publisher.clear_alert(_alert_of(record.strategy_id))
        self._warm_up(record.strategy_id)
        notes = self._publisher.notes_of(record.strategy_id)
        notes.file_changed = False
        notes.file_hash = loaded.file_hash
        self._publisher.touch(record.strategy_id)

    def interrupt(self) -> None:
        """Load nothing more: the engine stops."""
        self._loader.interrupt()

    async def unload_instance(
        self, strategy_id: StrategyId, reason: str, *, keep_orders: bool = False
    ) -> None:
        """Stop an instance; its positions and protective orders stay, its entries if kept."""
        await self._pump.act(lambda: self._unload(strategy_id, reason, keep_orders))

    def _unload(self, strategy_id: StrategyId, reason: str, keep_orders: bool) -> None:
        record = self._records[strategy_id]
        kept = self._loop.host.dump_state(strategy_id)
        actor = record.changed_by or "engine"
        self._loop.unload_instance(strategy_id, actor, reason, keep_orders=keep_orders)
        del self._records[strategy_id]
        self._publisher.clear_alert(_alert_of(strategy_id))
        self._kept[strategy_id] = (record, kept)
        self._publisher.touch(strategy_id)

    async def change_mode(self, record: InstanceRecord) -> None:
        """Switch a running instance to its record's mode."""
        actor = record.changed_by or "engine"
        event = ModeChanged(record.strategy_id, record.mode, actor, record.keep_orders)
        await self._pump.act(lambda: self._loop.control(event, self._now()))
        self._records[record.strategy_id] = record

    async def report_failure(
        self, record: InstanceRecord | None, text: str, traceback: str
    ) -> None:
        """Show and journal that an instance could not be brought to what its record says: in its
        row when it does not run, as an alert when it runs on as it was. The same failure of a
        further try is journalled once.
        """
        strategy_id = None if record is None else record.strategy_id
        self._publisher.say(Severity.ERROR, text, strategy_id)
        if strategy_id in self._records:
            alert = Condition(Severity.ALERT, strategy_id, f"{strategy_id}: {text}")
            self._publisher.raise_alert(_alert_of(strategy_id), alert)
        elif strategy_id is not None:
            notes = self._publisher.notes_of(strategy_id)
            notes.load_error, notes.load_traceback = text, traceback
        if strategy_id is not None:
            self._publisher.touch(strategy_id)
        if self._noted.get(strategy_id) == text:
            return
        self._noted[strategy_id] = text
        noted: ControlPayload = OperatorNoted("engine", text)
        if strategy_id is not None:
            noted = InstanceFailed(strategy_id, "engine", text)
        await self._pump.act(lambda: self._loop.control(noted, self._now()))

    def check_files(self) -> None:
        """Note in each instance's row whether its file has changed since it was loaded."""
        hashes: dict[str, str] = {}
        for strategy_id, record in self._records.items():
            notes = self._publisher.notes_of(strategy_id)
            name = record.strategy_type
            if name not in hashes:
                hashes[name] = self._file_hash(name)
            changed = hashes[name] != notes.file_hash
            if changed is not notes.file_changed:
                notes.file_changed = changed
                self._publisher.touch(strategy_id)

    def _file_hash(self, name: str) -> str:
        """Return the hash of a strategy's file as it is now, empty if it cannot be read."""
        try:
            return self._loader.file_hash(name)
        except LoadError:
            return ""

    def stop_all(self, reason: str) -> None:
        """Give every instance its last event; what they hold and ordered stays for the next run."""
        self._loop.control(EngineStopping("engine", reason), self._now())

    def _prepared(self, record: InstanceRecord, spec: InstanceSpec) -> InstanceSpec:
        """Add what only the runtime knows: the kept state, and whether it starts HELD.

        In live and sandbox an instance that is recorded active starts HELD, unless it ran a moment
        ago as active (a reload). In paper the spec says it: after an earlier run.
        """
        before, kept = self._kept.get(record.strategy_id, (None, None))
        is_real = self._loop.kernel.state.config.run_mode.is_real
        was_active = before is not None and before.mode is InstanceMode.ACTIVE
        held = spec.held or (is_real and record.mode is InstanceMode.ACTIVE and not was_active)
        if not kept:
            noted = self._loop.host.kept.texts.get(record.strategy_id)
            kept = json.loads(noted) if noted else spec.kept_state
        return replace(spec, held=held, kept_state=kept)

    def _warm_up(self, strategy_id: StrategyId) -> None:
        """Step the history that the feeds want, oldest first, longer bars before shorter ones: the
        bars that the engine has seen, and those of the feeds before and after them.
        """
        host = self._loop.host
        seen: dict[tuple[InstrumentId, int], list[Bar]] = {}
        for instrument_id, bar in host.remembered_bars(strategy_id):
            seen.setdefault((instrument_id, bar.close_time - bar.open_time), []).append(bar)
        for need in host.warmup_needs(strategy_id):
            seen.setdefault((need.instrument_id, need.timeframe_ns), [])
        counts = {
            (need.instrument_id, need.timeframe_ns): need.count
            for need in host.warmup_needs(strategy_id)
        }
        found: list[tuple[int, int, InstrumentId, Bar]] = []
        for (instrument_id, timeframe), own in seen.items():
            count = counts.get((instrument_id, timeframe), 0)
            for bar in self._with_history(instrument_id, timeframe, own, count):
                key = (bar.close_time, -timeframe, instrument_id)
                found.append((*key, replace(bar, warmup_for=strategy_id)))
        found.sort(key=lambda row: row[:3])
        self._loop.warm_up((instrument_id, bar) for _, _, instrument_id, bar in found)

    def _with_history(
        self, instrument_id: InstrumentId, timeframe: int, own: list[Bar], count: int
    ) -> list[Bar]:
        """Return bars that the engine saw with what the feed has from after them, and before them
        until there are ``count``.
        """
        now = self._now()
        if not own:
            return list(self._history(instrument_id, timeframe, count, now)) if count else []
        last = own[-1].close_time
        missed = (now - last) // timeframe
        later = self._history(instrument_id, timeframe, missed, now) if missed > 0 else ()
        bars = own + [bar for bar in later if bar.open_time >= last]
        lacking = count - len(bars)
        if lacking <= 0:
            return bars
        return [*self._history(instrument_id, timeframe, lacking, bars[0].open_time), *bars]

    def _now(self) -> int:
        return self._publisher.now() or self._loop.now


def _alert_of(strategy_id: StrategyId) -> str:
    """Return the id of the alert that an instance does not run as its record says."""
    return f"config:{strategy_id}"
