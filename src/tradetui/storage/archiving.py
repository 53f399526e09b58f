"""Archiving: all at once for the command, bit by bit for a running engine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from tradetui.ports.journal import JournalError
from tradetui.storage.archive import (
    LEAST_SWEPT,
    ROWS_IN_SEGMENT,
    SWEEP_SQL,
    SWEPT_AT_ONCE,
    Archive,
)
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.segment_rows import SEGMENT_SQL


@dataclass(frozen=True)
class Archived:
    """What archiving did: segments and rows moved, rows whose market data went, and bytes on the
    disk before and after. ``is_over``: what is left is above the cap and may not go; ``is_more``:
    another round would find something to do.
    """

    segments: int
    rows: int
    pruned_rows: int
    before: int
    after: int
    is_over: bool
    is_more: bool = False


def archive_all(archive: Archive, cap: int) -> Archived:
    """Archive all that is older than the newest checkpoint, give the room back, and drop the oldest
    market data beyond ``cap`` bytes. Only while no engine runs. Raises JournalError.
    """
    before = archive.size().total
    archive.remove_leftovers()
    segments = rows = gone = 0
    while span := archive.next_span():
        segment = archive.write(*span)
        archive.publish(segment)
        segments += 1
        rows += segment.kept_rows
    _sweep(archive)
    if rows:
        archive.vacuum()
    while archive.size().total > cap and (old := archive.oldest_with_market_data()) is not None:
        new = archive.write_pruned(old)
        archive.replace_segment(old, new)
        gone += new.pruned_rows - old.pruned_rows
    after = archive.size().total
    return Archived(segments, rows, gone, before, after, after > cap)


def _sweep(archive: Archive) -> None:
    """Delete all archived rows from the table, fewer at a time where the disk is nearly full."""
    limit = SWEPT_AT_ONCE
    while True:
        try:
            if not archive.sweep(limit):
                return
        except JournalError:
            if limit <= LEAST_SWEPT:
                raise
            limit //= 10


async def archive_some(archive: Archive, cap: int, journal: SqliteJournal) -> Archived:
    """Beside a running engine: archive at most one whole segment and prune at most one.

    Files are read and written aside; only short statements are the engine's own connection's.
    Raises JournalError.
    """
    aside, execute = journal.aside, journal.execute
    before = (await aside(archive.size)).total
    segments = rows = gone = 0
    span = await aside(partial(archive.next_span, ROWS_IN_SEGMENT))
    if span is not None:
        segment = await aside(partial(archive.write, *span))
        await execute(SEGMENT_SQL, segment.values())
        segments, rows = 1, segment.kept_rows
    while await execute(SWEEP_SQL, (SWEPT_AT_ONCE,)):
        pass
    size = await aside(archive.size)
    old = await aside(archive.oldest_with_market_data) if size.total > cap else None
    if old is not None:
        new = await aside(partial(archive.write_pruned, old))
        await execute(SEGMENT_SQL, new.values())
        await aside(partial(archive.remove_file, old, new))
        gone = new.pruned_rows - old.pruned_rows
        size = await aside(archive.size)
    is_over = size.total > cap
    is_more = is_over and old is not None
    is_more = is_more or await aside(partial(archive.next_span, ROWS_IN_SEGMENT)) is not None
    return Archived(segments, rows, gone, before, size.total, is_over and old is None, is_more)
