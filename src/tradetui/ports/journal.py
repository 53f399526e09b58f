"""Where steps are kept."""

from __future__ import annotations

from typing import Protocol

from tradetui.domain.steps import StepRecord


class JournalError(Exception):
    """The journal cannot be written or read; the message says which file, what is wrong, and the
    mend.
    """


class JournalStalledError(JournalError):
    """The journal cannot take rows now (disk full, locked); it may recover."""


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

    def append(self, record: StepRecord) -> None:
        """Take one step; it is durable after the next commit."""
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
