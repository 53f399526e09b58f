"""A journal in memory, for benchmarks, tests and runs that need not be kept: the same chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tradetui.domain.codec import chain, decode_step, encode
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.history import EquityPoint

GENESIS: Final = bytes(32)
"""The hash before the header of every run."""


class MemoryJournal:
    """Implements ``ports.journal.Journal`` without a file.

    With ``keep`` false only the chain is kept, not the rows.
    """

    def __init__(self, header: JournalHeader, *, keep: bool = True) -> None:
        self.header = header
        self._keep = keep
        self._bodies: list[bytes] = []
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
        return self._hash.hex()

    def append(self, record: StepRecord) -> None:
        assert record.event.seq_id == self._appended + 1
        body = encode(record)
        self._hash = chain(self._hash, body)
        self._appended += 1
        if self._keep:
            self._bodies.append(body)

    def note_equity(self, point: EquityPoint) -> None:
        """Take a point of the equity curve."""
        if self._keep:
            self.equity_points.append(point)

    async def commit(self) -> int:
        self._watermark = self._appended
        return self._watermark

    async def close(self) -> None:
        await self.commit()
        self.is_closed = True

    def records(self) -> Iterator[StepRecord]:
        """Yield the kept steps in order."""
        return (decode_step(body) for body in self._bodies)

    @property
    def bodies(self) -> tuple[bytes, ...]:
        """The kept rows as they were encoded."""
        return tuple(self._bodies)
