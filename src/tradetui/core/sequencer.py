"""The sequencer: gives every event its place in the one order that replay obeys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tradetui.domain.enums import Source
from tradetui.domain.envelope import (
    DEFAULT_SOURCE_PRIORITY,
    SOURCE_OF,
    Envelope,
    Payload,
    Unsequenced,
)
from tradetui.domain.ids import InstrumentId

_KIND: Final[dict[type, tuple[Source, str]]] = {
    payload: (source, payload.__name__) for payload, source in SOURCE_OF.items()
}
"""Source and event type of each payload class."""


class Sequencer:
    """Stamps ``seq_id``: from ``next_seq`` on, without a gap.

    ``source_priority`` (first = first served; empty = the default) must name each source once. It
    is the first of the four keys that order one drained batch: source, venue, instrument, producer
    index; what is still equal keeps the order of arrival.
    """

    def __init__(self, source_priority: Sequence[Source] = (), next_seq: int = 1) -> None:
        priority = tuple(source_priority) or DEFAULT_SOURCE_PRIORITY
        if sorted(priority) != sorted(Source):
            raise ValueError(
                f"source_priority must name each of {', '.join(Source)} once, not "
                f"{', '.join(priority)}"
            )
        assert next_seq > 0
        self.source_priority = priority
        self.next_seq = next_seq
        """The ``seq_id`` that the next event gets."""
        self._rank = {source: rank for rank, source in enumerate(priority)}

    def order_batch(self, batch: list[Unsequenced]) -> list[Unsequenced]:
        """Return the events of one drained batch in the order in which they are to be stamped.

        A driver whose batches hold more than events (market items) orders them by ``place``.
        """
        if len(batch) < 2:
            return batch
        place = self.place
        return sorted(
            batch, key=lambda item: place(item.source, item.venue, item.instrument, item.producer)
        )

    def place(
        self, source: Source, venue: str, instrument: InstrumentId, producer: int
    ) -> tuple[int, str, InstrumentId, int]:
        """Return the four keys by which what was drained together is ordered, smallest first."""
        return self._rank[source], venue, instrument, producer

    def stamp(self, item: Unsequenced) -> Envelope:
        """Make the next Envelope of an event; raises ValueError when the event names a source that
        its payload cannot have.
        """
        payload = item.payload
        source, event_type = _KIND[payload.__class__]
        if item.source is not source:
            raise ValueError(f"a {event_type} is of source {source}, not {item.source}")
        seq_id = self.next_seq
        self.next_seq = seq_id + 1
        return Envelope(
            seq_id,
            item.event_time,
            item.ingest_time,
            source,
            item.venue,
            item.instrument,
            event_type,
            payload,
            item.idempotency_key,
        )

    def stamp_payload(
        self,
        event_time: int,
        ingest_time: int,
        venue: str,
        instrument: InstrumentId,
        payload: Payload,
        idempotency_key: str | None = None,
    ) -> Envelope:
        """Make the next Envelope of a single payload: ``stamp`` without a batch around it."""
        source, event_type = _KIND[payload.__class__]
        seq_id = self.next_seq
        self.next_seq = seq_id + 1
        return Envelope(
            seq_id,
            event_time,
            ingest_time,
            source,
            venue,
            instrument,
            event_type,
            payload,
            idempotency_key,
        )
