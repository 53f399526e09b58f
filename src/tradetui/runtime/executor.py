"""Carries the reconciler's plan out on the running engine: load, unload, change the mode.

The record is the truth; what runs is derived from it. A strategy file is checked in a child process
and loaded in a thread, so that a slow file never holds the screen; the engine itself is only ever
touched on the loop's own thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import msgspec

from tradetui.domain.control import ModeChanged
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import AccountId, ClientId, InstrumentId, StrategyId, instrument_id
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.market_data import Bar
from tradetui.domain.risk import InstanceLimits
from tradetui.engine.loader import LoadedStrategy, StrategyLoader
from tradetui.engine.records import InstanceSpec, LoadError
from tradetui.engine.step_loop import StepLoop
from tradetui.strategy.schema import validate

History = Callable[[InstrumentId, int, int, int], tuple[Bar, ...]]
"""(instrument, timeframe ns, count, before ns) -> closed bars, oldest first."""


class InstanceExecutor:
    """Loads and unloads instances on one step loop.

    ``hold`` makes instances that are recorded active start HELD: set while a run takes over records
    of an earlier one. ``on_change`` is called after each change, so that it is committed and shown.
    """

    def __init__(
        self,
        loop: StepLoop,
        loader: StrategyLoader,
        history: History,
        limits: Callable[[StrategyId], InstanceLimits],
        on_change: Callable[[StrategyId], None],
    ) -> None:
        self._loop = loop
        self._loader = loader
        self._history = history
        self._limits = limits
        self._on_change = on_change
        self._records: dict[StrategyId, InstanceRecord] = {}
        self._kept_state: dict[StrategyId, dict[str, Any]] = {}
        self.hold = False

    def running_records(self) -> tuple[InstanceRecord, ...]:
        """Return the record that each running instance was loaded from, in ascending id."""
        return tuple(self._records[key] for key in sorted(self._records))

    async def load_instance(self, record: InstanceRecord) -> LoadedStrategy:
        """Start an instance; raises LoadError with one sentence, and then it does not run."""
        market = self._market_of(record)
        loaded = await asyncio.to_thread(self._loader.load, record.strategy_type)
        spec = self._spec(record, market, loaded)
        self._loop.load_instance(spec, loaded.strategy_class)
        self._records[record.strategy_id] = record
        self._warm_up(record.strategy_id)
        self._on_change(record.strategy_id)
        return loaded

    async def unload_instance(self, strategy_id: StrategyId, reason: str) -> None:
        """Stop an instance; what its STATE_SCHEMA keeps is kept for the next load."""
        if strategy_id not in self._records:
            return
        self._kept_state[strategy_id] = self._loop.host.dump_state(strategy_id)
        self._loop.unload_instance(strategy_id, "engine", reason)
        del self._records[strategy_id]
        self._on_change(strategy_id)

    async def change_mode(self, record: InstanceRecord) -> None:
        """Switch a running instance between observe and active."""
        actor = record.changed_by or "engine"
        self._loop.control(ModeChanged(record.strategy_id, record.mode, actor))
        self._records[record.strategy_id] = record
        self._on_change(record.strategy_id)

    def _spec(
        self, record: InstanceRecord, market: InstrumentId, loaded: LoadedStrategy
    ) -> InstanceSpec:
        strategy_id = record.strategy_id
        config, problems = validate(
            loaded.strategy_class.CONFIG_SCHEMA, json.loads(record.config_json)
        )
        if problems:
            raise LoadError(f"config of {strategy_id}: {'; '.join(problems)}")
        return InstanceSpec(
            strategy_id=strategy_id,
            strategy_type=record.strategy_type,
            execution_id=record.account,
            account_id=AccountId(record.account),
            client_id=ClientId(f"tt-{strategy_id}"),
            market=market,
            mode=record.mode,
            limits=self._limits(strategy_id),
            config=config,
            config_hash=hashlib.sha256(record.config_json.encode()).hexdigest(),
            file_hash=loaded.file_hash,
            actor=record.changed_by or "engine",
            held=self.hold and record.mode is InstanceMode.ACTIVE,
            kept_state=self._kept_state.get(strategy_id),
        )

    def _market_of(self, record: InstanceRecord) -> InstrumentId:
        """Find the record's market on the routes of its account, first route first."""
        state = self._loop.kernel.state
        context = state.contexts.get(record.account)
        if context is None:
            known = ", ".join(sorted(state.contexts)) or "none"
            raise LoadError(f"account {record.account} is not in the config; there is {known}")
        for route_id in context.routes:
            key = instrument_id(record.market, state.routes[route_id].venue)
            if key in state.instruments:
                return key
        symbols = sorted({instrument.symbol for instrument in state.instruments.values()})
        raise LoadError(
            f"market {record.market} has no prices here; there are {', '.join(symbols) or 'none'}"
        )

    def _warm_up(self, strategy_id: StrategyId) -> None:
        """Feed the instance from history, as far as there is any."""
        bars: list[tuple[InstrumentId, Bar]] = []
        now = self._loop.now
        for need in self._loop.host.warmup_needs(strategy_id):
            found = self._history(need.instrument_id, need.timeframe_ns, need.count, now)
            bars += [
                (need.instrument_id, msgspec.structs.replace(bar, warmup_for=strategy_id))
                for bar in found
            ]
        bars.sort(key=lambda pair: (pair[1].close_time, pair[1].open_time, pair[0]))
        self._loop.warm_up(bars)
