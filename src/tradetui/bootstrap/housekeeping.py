"""The engine's own archiving of its journal, a segment at a time, and the room it takes."""

from __future__ import annotations

import asyncio
import time

from tradetui.runtime.telemetry import DiskUse, Telemetry
from tradetui.storage.archive import Archive
from tradetui.storage.archiving import archive_some
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.usage import usage


class Housekeeper:
    """Does what ``runtime.chores`` asks for: called once a minute."""

    def __init__(self, journal: SqliteJournal, cap: int) -> None:
        self._journal = journal
        self._cap = cap
        self._archive = Archive(journal.path, time.time_ns)
        self._has_said_over = False

    async def chore(self, telemetry: Telemetry) -> str:
        """Archive and prune at most one segment, and measure; raises JournalError."""
        done = await archive_some(self._archive, self._cap, self._journal.exclusively)
        found = await asyncio.to_thread(usage, self._journal.path, self._cap, time.time_ns())
        telemetry.disk = DiskUse(
            journal=found.size.total,
            free=found.free,
            per_day=found.per_day,
            days_to_cap=found.days_to_cap,
            days_to_full=found.days_to_full,
        )
        if done.pruned_rows:
            return (
                f"the journal is above journal.max_size: market data of {done.pruned_rows:,} old "
                "steps is no longer kept"
            )
        if done.is_over and not self._has_said_over:
            self._has_said_over = True
            return "the journal is above journal.max_size, and what is left is kept for ever"
        if done.rows:
            return f"{done.rows:,} old steps of the journal were archived"
        return ""
