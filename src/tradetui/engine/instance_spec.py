"""An instance as the engine loads it, the history that it wants, and what it draws."""

from __future__ import annotations

from typing import Any

import msgspec

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import AccountId, ClientId, ExecutionId, InstrumentId, StrategyId
from tradetui.domain.record import Record
from tradetui.domain.risk import InstanceLimits


class InstanceSpec(msgspec.Struct, frozen=True):
    """Everything that loading an instance needs beside its class.

    ``config`` is complete and validated. ``kept_state`` is what ``dump_state`` gave before a
    reload.
    """

    strategy_id: StrategyId
    strategy_type: str
    execution_id: ExecutionId
    account_id: AccountId
    client_id: ClientId
    market: InstrumentId
    mode: InstanceMode
    limits: InstanceLimits
    config: dict[str, Any]
    config_hash: str = ""
    file_hash: str = ""
    actor: str = "engine"
    held: bool = False
    kept_state: dict[str, Any] | None = None
    instruments: tuple[InstrumentId, ...] = ()
    """Markets to subscribe to beside ``market`` and those that DATA names."""


class RenderResult(msgspec.Struct, frozen=True):
    """What ``render()`` gave: widgets, or the reason that there are none."""

    strategy_id: StrategyId
    time: int
    widgets: tuple[Any, ...] = ()
    error: str = ""
    traceback: str = ""


class WarmupNeed(Record, frozen=True):
    """Bars of history that an instance's feed wants before it trades."""

    instrument_id: InstrumentId
    timeframe_ns: int
    count: int
