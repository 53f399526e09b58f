"""The engine's own archiving of its journal, a segment at a time, and the room it takes."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from functools import partial
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

BREATH_SECONDS: Final = 0.02
"""Between two blocks of rows, for the same reason."""


class ArchivingStoppedError(Exception):
    """The run is ending: what was being archived stays in the journal."""


class Housekeeper:
    """Does what ``runtime.chores`` asks for: called once a minute."""

    def __init__(self, journal: SqliteJournal, cap: int) -> None:
        self._journal = journal
        self._cap = cap
        self._ending = threading.Event()
        self._archive = Archive(journal.path, time.time_ns, self._breathe)
        self._has_said_over = False

    async def chore(self, telemetry: Telemetry) -> str:
        """Archive and prune what is old, and measure; raises JournalError.

        Cancelled, for the end of the run, it lets go of the journal's second thread at once.
        """
        try:
            done = await self._archived()
        except asyncio.CancelledError:
            self._ending.set()
            raise
        journal = self._journal
        found = await journal.aside(partial(usage, journal.path, self._cap, time.time_ns()))
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

    def _breathe(self) -> None:
        """Leave the processor to the engine for a moment; called in the journal's second thread."""
        if self._ending.wait(BREATH_SECONDS):
            raise ArchivingStoppedError

    async def _archived(self) -> Archived:
        """Archive a segment at a time until nothing is left or the visit is long enough."""
        rows = pruned_rows = 0
        for number in range(ROUNDS_AT_ONCE):
            if number:
                await asyncio.sleep(PAUSE_SECONDS)
            done = await archive_some(self._archive, self._cap, self._journal)
            rows += done.rows
            pruned_rows += done.pruned_rows
            if not done.is_more:
                break
        return replace(done, rows=rows, pruned_rows=pruned_rows)
