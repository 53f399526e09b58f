"""Payloads of source ``timer``."""

from __future__ import annotations

from typing import Final

from tradetui.domain.ids import StrategyId
from tradetui.domain.record import Record
from tradetui.domain.units import NANOS_PER_SECOND

HEARTBEAT_NS: Final = 6 * NANOS_PER_SECOND
"""Heartbeat n is at n x 6 s since the epoch."""


class Heartbeat(Record, frozen=True):
    """The clock of the engine: heartbeat ``number`` is due; ``due`` lists the instances to tick,
    ascending.
    """

    number: int
    due: tuple[StrategyId, ...]


class StrategyTimer(Record, frozen=True):
    """A timer that a strategy asked for (``every``, ``at``, ``after``) has come due."""

    strategy_id: StrategyId
    name: str


TimerPayload = Heartbeat | StrategyTimer
