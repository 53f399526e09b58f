"""A journal in memory, for benchmarks and tests: the same chain as in a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tradetui.domain.codec import GENESIS, chain, chain_all, decode_step, encode, encode_step
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.history import EquityPoint

_CHAINED_AT_ONCE: Final = 256
"""Rows are hashed in batches, which costs less for each."""


class MemoryJournal:
    """Implements ``ports.journal.Journal`` without a file.

    With ``keep`` false only the chain is kept, not the rows.
    """

    def __init__(self, header: JournalHeader, *, keep: bool = True) -> None:
        self.header = header
        self._keep = keep
        self._bodies: list[bytes] = []
        self._unchained: list[bytes] = []
        self._hash = chain(GENESIS, encode(header))
        self._appended = 0
        self._watermark = 0
        self.equity_points: list[EquityPoint] = []
        self.is_closed = False

    @property
    def watermark(self) -> int:
        return self._watermark

    @property
    def head(self) -> str:
        self._chain()
        return self._hash.hex()

    def append(self, record: StepRecord) -> bytes:
        self._appended += 1
        assert record.event.seq_id == self._appended
        body, unchained = encode_step(record), self._unchained
        unchained.append(body)
        if len(unchained) == _CHAINED_AT_ONCE:
            self._chain()
        return body

    def note_equity(self, point: EquityPoint) -> None:
        """Take a point of the equity curve."""
        if self._keep:
            self.equity_points.append(point)

    async def commit(self) -> int:
        self._chain()
        self._watermark = self._appended
        return self._watermark

    async def close(self) -> None:
        await self.commit()
        self.is_closed = True

    async def abandon(self) -> None:
        self.is_closed = True

    def records(self) -> Iterator[StepRecord]:
        """Yield the kept steps in order."""
        self._chain()
        return (decode_step(body) for body in self._bodies)

    @property
    def bodies(self) -> tuple[bytes, ...]:
        """The kept rows as they were encoded."""
        self._chain()
        return tuple(self._bodies)

    def _chain(self) -> None:
        if self._unchained:
            self._hash = chain_all(self._hash, self._unchained)[-1]
            if self._keep:
                self._bodies += self._unchained
            self._unchained.clear()
