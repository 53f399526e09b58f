"""The engine's own archiving of its journal, a segment at a time, and the room it takes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Final

from tradetui.runtime.telemetry import DiskUse, Telemetry
from tradetui.storage.archive import Archive
from tradetui.storage.archiving import Archived, archive_some
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.usage import usage

ROUNDS_AT_ONCE: Final = 20
"""How many segments may be archived in one visit: 400,000 steps a minute."""

PAUSE_SECONDS: Final = 1.0
"""Between two rounds: archiving is in no hurry, and the engine needs the processor."""


class Housekeeper:
    """Does what ``runtime.chores`` asks for: called once a minute."""

    def __init__(self, journal: SqliteJournal, cap: int) -> None:
        self._journal = journal
        self._cap = cap
        self._archive = Archive(journal.path, time.time_ns)
        self._has_said_over = False

    async def chore(self, telemetry: Telemetry) -> str:
        """Archive and prune what is old, and measure; raises JournalError."""
        done = await self._archived()
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

    async def _archived(self) -> Archived:
        """Archive a segment at a time until nothing is left or the visit is long enough."""
        rows = pruned_rows = 0
        for number in range(ROUNDS_AT_ONCE):
            if number:
                await asyncio.sleep(PAUSE_SECONDS)
            done = await archive_some(self._archive, self._cap, self._journal.exclusively)
            rows += done.rows
            pruned_rows += done.pruned_rows
            if not done.is_more:
                break
        return replace(done, rows=rows, pruned_rows=pruned_rows)
