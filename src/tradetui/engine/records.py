"""What the engine's parts hand to one another and to the driver."""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec

from tradetui.domain.enums import InstanceMode
from tradetui.domain.envelope import SOURCE_OF, Payload, Unsequenced
from tradetui.domain.ids import AccountId, ClientId, ExecutionId, InstrumentId, StrategyId
from tradetui.domain.record import Record
from tradetui.domain.replica import LogView
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import Command, StepRecord

_NO_INSTRUMENT: Final = InstrumentId("")


class EngineError(Exception):
    """A step failed for a reason that is ours: a broken invariant, an assertion, a bug."""


class LoadError(Exception):
    """An instance cannot be loaded; the message is one sentence, ``traceback`` shows where."""

    def __init__(self, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback


def own_event(payload: Payload, now: int) -> Unsequenced:
    """Wrap an event of the engine's own, at ``now``."""
    return Unsequenced(now, now, SOURCE_OF[payload.__class__], "", _NO_INSTRUMENT, payload)


class StepSink(Protocol):
    """Takes the record of every step, in order."""

    def append(self, record: StepRecord) -> None:
        """Take one step."""
        ...


class Outbox(Protocol):
    """Takes the commands that leave the house, in order; the driver sends them once their step is
    durable.
    """

    def put(self, seq_id: int, command: Command) -> None:
        """Take one command of step ``seq_id``."""
        ...


class LogSink(Protocol):
    """Takes what strategies log."""

    def __call__(self, line: LogView) -> None: ...


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
