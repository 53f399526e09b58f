"""Where steps are kept, and how they are read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tradetui.domain.ids import RunId
from tradetui.domain.record import Record
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.history import RunInfo


class JournalError(Exception):
    """The journal cannot be written or read; the message says which file, what is wrong, and the
    mend.
    """


class JournalStalledError(JournalError):
    """The journal cannot take rows now (disk full, locked); it may recover."""


class JournalPrunedError(JournalError):
    """Steps were asked for whose market data is no longer kept (the size cap)."""


class NoJournalError(JournalError):
    """What was named is no journal: something else, nothing, or a folder without one."""


class Journal(Protocol):
    """An append-only, hash-chained sequence of steps with group commit."""

    @property
    def watermark(self) -> int:
        """The last seq_id that is durable.

        Nothing of a later step may be acted on or shown.
        """
        ...

    @property
    def head(self) -> str:
        """The hash of the last appended row, in hex."""
        ...

    def append(self, record: StepRecord) -> bytes:
        """Take one step, which is durable after the next commit; return it as it is encoded."""
        ...

    async def commit(self) -> int:
        """Make all appended steps durable and return the watermark.

        Raises JournalStalledError if that fails.
        """
        ...

    async def close(self) -> None:
        """Commit, mark a clean stop and close."""
        ...

    async def abandon(self) -> None:
        """Close without a clean stop; what was not committed is lost, as in a crash."""
        ...


class MadeCheckpoint(Record, frozen=True):
    """A checkpoint to be stored: the state after step ``seq_id`` as bytes, and the kernel's hash of
    it (hex). ``created_time`` is ns UTC.
    """

    seq_id: int
    created_time: int
    state_hash: str
    body: bytes


class CheckpointInfo(Record, frozen=True):
    """One checkpoint in the journal, without its body.

    It holds the state after step ``seq_id``; ``row`` is that step's row (for the opening of a run
    the row before its first). ``state_hash`` and ``anchor`` (the hash of the chain at that row) are
    hex, ``size`` is bytes as stored.
    """

    run_id: RunId
    seq_id: int
    row: int
    created_time: int
    state_hash: str
    anchor: str
    size: int


class JournalSource(Protocol):
    """Reads a journal: its runs, their headers, checkpoints and steps.

    Every method raises JournalError, with the file and what is wrong, when the journal cannot be
    read or does not hold what was asked for.
    """

    def runs(self) -> tuple[RunInfo, ...]:
        """Return all runs, oldest first."""
        ...

    def header(self, run_id: RunId) -> JournalHeader:
        """Return what a run began with."""
        ...

    def opening(self, run_id: RunId) -> bytes | None:
        """Return the body of the checkpoint that a run began from, None if it began flat."""
        ...

    def steps(self, run_id: RunId, first: int = 1, last: int | None = None) -> Iterator[StepRecord]:
        """Yield the steps of a run with ``first <= seq_id <= last`` (None: to its end), in order.

        Steps before the run's own first are not part of it. Raises JournalPrunedError at a step
        whose market data is no longer kept.
        """
        ...

    def eventful(
        self, run_id: RunId, first: int = 1, last: int | None = None
    ) -> Iterator[StepRecord]:
        """Yield the steps in which more happened than that a price passed by, in order.

        A few others may be among them; prices that are no longer kept are passed over.
        """
        ...

    def acts(self, run_id: RunId, first: int = 1, last: int | None = None) -> Iterator[StepRecord]:
        """Yield the steps of the source ``control``, in order."""
        ...

    def step(self, seq_id: int, run_id: RunId | None = None) -> StepRecord:
        """Return one step: of the newest run that has it when none is named."""
        ...

    def pruned_to(self, run_id: RunId) -> int:
        """Return the step of a run up to which market data may be gone (the size cap); 0: all of
        it is kept. Up to there the eventful steps are all that is kept.
        """
        ...

    def checkpoints(self, run_id: RunId) -> tuple[CheckpointInfo, ...]:
        """Return the checkpoints of a run, oldest first; the opening is one of them."""
        ...

    def checkpoint(self, run_id: RunId, seq_id: int) -> bytes:
        """Return the body of one checkpoint; raises JournalError when it was altered."""
        ...

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        ...
