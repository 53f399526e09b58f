"""Moving old rows of a journal into segment files, and keeping their size within a cap.

Order of writing: first the file, durable and whole; then its entry in the table; then the rows go,
a few at a time. Whatever stops that in between, each row is still found: in the file, in the table,
or in both.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from tradetui.domain.codec import chain
from tradetui.ports.journal import JournalError
from tradetui.storage.database import UnusableFileError, describe
from tradetui.storage.folder import FOLDER_MODE, private_umask
from tradetui.storage.held_files import holding
from tradetui.storage.pruning import may_go, pruned
from tradetui.storage.reader import connect
from tradetui.storage.row_source import RowSource
from tradetui.storage.segment_file import (
    FILE_SUFFIX,
    ROWS_IN_BLOCK,
    Entry,
    KeptRow,
    SegmentDamagedError,
    WrittenFile,
    read_file,
    segments_folder,
    write_file,
)
from tradetui.storage.segment_rows import SEGMENT_SQL, SegmentRow

T = TypeVar("T")

ROWS_IN_SEGMENT: Final = 20_000
SWEPT_AT_ONCE: Final = 2_000
"""So many rows leave the table in one transaction: a commit of the engine waits no longer."""
LEAST_SWEPT: Final = 20
"""As few, where the disk has no room for the log of more."""

SWEEP_SQL: Final = (
    "DELETE FROM steps WHERE row IN (SELECT row FROM steps WHERE row <= "
    "(SELECT max(last_row) FROM segments) ORDER BY row LIMIT ?)"
)
"""Deletes rows from the table that are in a segment, at most as many as its parameter says."""

_BUSY_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Size:
    """What a journal takes on the disk, in bytes: its own file, its segments, and what of those is
    market data that may go (before compression).
    """

    journal: int
    segments: int
    market: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.journal + self.segments


def _go_on() -> None:
    """Neither wait nor stop."""


class Archive:
    """The archived part of one journal file. Synchronous; every method raises JournalError.

    What writes to the table (``publish``, ``sweep``, ``replace_segment``) is for a journal that no
    engine has open; an engine does the same between two commits of its own. ``between`` is called
    after each block of rows that is written to a file: it may wait, and raise to stop.
    """

    def __init__(
        self, path: Path, now: Callable[[], int], between: Callable[[], None] = _go_on
    ) -> None:
        self.path = path
        self.folder = segments_folder(path)
        self._now = now
        self._between = between

    def next_span(self, at_least: int = 1) -> tuple[int, int] | None:
        """Return the oldest rows (first, last) that can be archived now: those before the newest
        checkpoint, at most ``ROWS_IN_SEGMENT``; None when there are fewer than ``at_least``.
        """
        with self._reading() as source:
            rows = source.query(
                "SELECT min(row), (SELECT max(row) FROM checkpoints) FROM steps "
                "WHERE row > coalesce((SELECT max(last_row) FROM segments), 0)"
            )
            first, anchor = rows[0]
            if first is None or anchor is None:
                return None
            last = min(first + ROWS_IN_SEGMENT, anchor) - 1
            return (first, last) if last - first + 1 >= at_least else None

    def write(self, first_row: int, last_row: int) -> SegmentRow:
        """Write the file of a segment from rows of the table, proving their chain on the way."""
        with self._reading() as source:
            proven = _Proven(source, first_row, last_row)
            name = f"journal-{first_row:012d}-{last_row:012d}{FILE_SUFFIX}"
            file = self._written(name, proven)
            return SegmentRow(
                first_row=first_row,
                last_row=proven.last_row,
                hash_before=proven.hash_before,
                last_hash=proven.last_hash,
                name=name,
                sha256=file.sha256,
                size=file.size,
                kept_rows=file.kept_rows,
                pruned_rows=file.pruned_rows,
                market_bytes=proven.market_bytes,
                created_time=self._now(),
                pruned_time=None,
            ).sealed()

    def publish(self, segment: SegmentRow) -> None:
        """Enter a written segment into the table: from now on its rows are read from the file."""
        self._write(lambda connection: connection.execute(SEGMENT_SQL, segment.values()))

    def sweep(self, limit: int = SWEPT_AT_ONCE) -> int:
        """Delete rows from the table that are in a segment; return how many went, 0 at the end."""
        return self._write(lambda connection: connection.execute(SWEEP_SQL, (limit,)).rowcount)

    def oldest_with_market_data(self) -> SegmentRow | None:
        """Return the oldest segment that holds market data which may go, None if none does."""
        with self._reading() as source:
            return next((one for one in source.segments() if one.market_bytes > 0), None)

    def write_pruned(self, segment: SegmentRow) -> SegmentRow:
        """Write a segment anew without the bodies of market data; return its new entry.

        Where that takes as much room (few prices between two signals: what stands for them is as
        long) the segment stays as it is, and its entry says that nothing in it is to go.
        """
        with self._reading() as source:
            proven = _Proven(source, segment.first_row, segment.last_row, segment.hash_before)
            name = segment.name.removesuffix(FILE_SUFFIX) + f"-kept{FILE_SUFFIX}"
            file = self._written(name, pruned(proven))
            if file.size >= segment.size:
                (self.folder / name).unlink()
                return replace(segment, market_bytes=0).sealed()
            return replace(
                segment,
                name=name,
                sha256=file.sha256,
                size=file.size,
                kept_rows=file.kept_rows,
                pruned_rows=file.pruned_rows,
                market_bytes=0,
                pruned_time=self._now(),
            ).sealed()

    def replace_segment(self, old: SegmentRow, new: SegmentRow) -> None:
        """Let a pruned segment take the place of the one it was made from."""
        self.publish(new)
        self.remove_file(old, new)

    def remove_file(self, old: SegmentRow, new: SegmentRow) -> None:
        """Remove the file of a segment whose place another has taken."""
        if old.name != new.name:
            (self.folder / old.name).unlink(missing_ok=True)

    def remove_leftovers(self) -> int:
        """Remove files that a cut-off write left; return how many.

        A whole segment file goes only if its last row's hash is the journal's at that row: then the
        journal holds all of it. Any other file is left alone: it may be of another copy.
        """
        removed = 0
        for path in sorted(self.folder.glob(f"journal-*{FILE_SUFFIX}.new")):
            path.unlink(missing_ok=True)
            removed += 1
        with self._reading() as source:
            known = {segment.name for segment in source.segments()}
            for path in sorted(self.folder.glob(f"journal-*{FILE_SUFFIX}")):
                if path.name not in known and _is_held(source, path):
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def size(self) -> Size:
        """Return what the journal takes on the disk."""
        with self._reading() as source:
            segments = source.segments()
        return Size(
            self.path.stat().st_size,
            sum(segment.size for segment in segments),
            sum(segment.market_bytes for segment in segments),
        )

    def vacuum(self) -> None:
        """Give the room of deleted rows back to the disk; only while no engine runs."""
        try:
            with contextlib.closing(self._connect()) as connection:
                connection.execute("VACUUM")
        except sqlite3.Error as error:
            raise JournalError(
                f"{self.path}: {describe(error)}; nothing is lost, its file did not get smaller"
            ) from error

    def _written(self, name: str, entries: Iterable[Entry]) -> WrittenFile:
        previous = private_umask()
        try:
            self.folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            return write_file(self.folder / name, self._paced(entries))
        except OSError as error:
            raise JournalError(
                f"{self.folder / name}: cannot be written ({error.strerror}); the rows stay in "
                f"{self.path.name}"
            ) from error
        finally:
            os.umask(previous)

    def _paced(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for number, entry in enumerate(entries, 1):
            yield entry
            if not number % ROWS_IN_BLOCK:
                self._between()

    def _connect(self) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        connection: sqlite3.Connection = sqlite3.connect(
            uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, factory=holding(self.path)
        )
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with contextlib.closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                result = work(connection)
                connection.execute("COMMIT")
                return result
        except sqlite3.Error as error:
            raise JournalError(
                f"{self.path}: {describe(error)}; nothing is lost: each row is in its file, in a "
                "segment, or in both; make room and archive again"
            ) from error

    @contextlib.contextmanager
    def _reading(self) -> Iterator[RowSource]:
        try:
            connection = connect(self.path)
        except UnusableFileError as error:
            raise JournalError(str(error)) from error
        with contextlib.closing(connection):
            yield RowSource(connection, self.path)


class _Proven:
    """Passes entries on while each builds on the one before, for only what is sound is archived,
    and notes what a segment's row in the table says of them. Raises JournalError.
    """

    def __init__(
        self, source: RowSource, first_row: int, last_row: int, head: bytes | None = None
    ) -> None:
        self._path = source.path
        self._runs: dict[int, bytes] = dict(source.query("SELECT first_row, hash FROM runs"))
        self._entries = source.entries(first_row, last_row + 1)
        self.hash_before = head or self._hash_before(source, first_row)
        self.last_row = 0
        self.last_hash = self.hash_before
        self.market_bytes = 0

    def _hash_before(self, source: RowSource, row: int) -> bytes:
        """Return the hash that a row's own builds on."""
        if row in self._runs:
            return self._runs[row]
        for entry in source.entries(row - 1, row):
            return entry.hash
        raise JournalError(
            f"{self._path}: row {row - 1} is missing; nothing was archived: see journal verify"
        )

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._entries:
            if entry.__class__ is KeptRow:
                self._prove(entry)
            self.last_row, self.last_hash = entry.last_row, entry.hash
            yield entry

    def _prove(self, entry: KeptRow) -> None:
        body = entry.body
        if entry.hash != chain(self._runs.get(entry.row, self.last_hash), body):
            raise JournalError(
                f"{self._path}: row {entry.row} (step {entry.seq_id}) was altered; nothing was "
                "archived: see journal verify"
            )
        try:
            if may_go(body):
                self.market_bytes += len(body)
        except msgspec.MsgspecError as error:
            raise JournalError(f"{self._path}: row {entry.row} cannot be read ({error})") from error


def _is_held(source: RowSource, path: Path) -> bool:
    """Tell whether a journal holds all that a segment file does."""
    try:
        entries = deque(read_file(path), maxlen=1)
    except (SegmentDamagedError, OSError):
        return False
    if not entries:
        return True
    last = entries[0]
    return any(
        entry.last_row == last.last_row and entry.hash == last.hash
        for entry in source.entries(last.last_row, last.last_row + 1)
    )
