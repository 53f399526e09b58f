"""The one form in which anything enters the core."""

from __future__ import annotations

from typing import Final

from tradetui.domain.control import ControlPayload
from tradetui.domain.enums import Source
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import MarketPayload
from tradetui.domain.record import Record
from tradetui.domain.reports import ReportPayload
from tradetui.domain.timers import TimerPayload

Payload = MarketPayload | TimerPayload | ReportPayload | ControlPayload
"""What an envelope may carry: each class stands in the list of its source, and nowhere else."""


class Envelope(Record, frozen=True):
    """One sequenced event.

    ``seq_id`` is gap-free from 1 and the only order that replay obeys. ``event_time`` is the
    source's time, ``ingest_time`` the engine's (ns UTC; virtual in replay and backtest). ``venue``
    and ``instrument`` are empty where they do not apply. ``event_type`` is the payload's class
    name. ``idempotency_key``: a second event with the same key is a no-op.
    """

    seq_id: int
    event_time: int
    ingest_time: int
    source: Source
    venue: str
    instrument: InstrumentId
    event_type: str
    payload: Payload
    idempotency_key: str | None = None


class Unsequenced(Record, frozen=True):
    """An event on its way to the sequencer: an Envelope without its place, and the producer's
    index.
    """

    event_time: int
    ingest_time: int
    source: Source
    venue: str
    instrument: InstrumentId
    payload: Payload
    idempotency_key: str | None = None
    producer: int = 0


SOURCE_OF: Final[dict[type, Source]] = {
    **dict.fromkeys(MarketPayload.__args__, Source.MARKET_DATA),
    **dict.fromkeys(TimerPayload.__args__, Source.TIMER),
    **dict.fromkeys(ReportPayload.__args__, Source.BROKER_REPORT),
    **dict.fromkeys(ControlPayload.__args__, Source.CONTROL),
}
"""The source of each payload class: one to one, so that an envelope cannot lie about it."""

DEFAULT_SOURCE_PRIORITY: Final = (
    Source.CONTROL,
    Source.BROKER_REPORT,
    Source.MARKET_DATA,
    Source.TIMER,
)
"""The first tie-breaker inside one drained batch; what was used is written into the journal's
header."""


def own_event(payload: Payload, now: int) -> Unsequenced:
    """Wrap an event of the engine's own, at ``now``: it belongs to no venue and no market."""
    return Unsequenced(now, now, SOURCE_OF[payload.__class__], "", InstrumentId(""), payload)
