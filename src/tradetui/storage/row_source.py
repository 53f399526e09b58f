"""The rows of a journal in order, wherever they are: in its file or in an archived segment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tradetui.domain.eventful import PRICE_MARKS, QUIET_TAIL, is_eventful
from tradetui.ports.journal import JournalError
from tradetui.storage.database import describe
from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.segment_file import (
    Entry,
    KeptRow,
    SegmentDamagedError,
    read_file,
    segments_folder,
)
from tradetui.storage.segment_rows import SEGMENT_COLUMNS, SegmentRow

BATCH: Final = 500
_MARKS: Final[tuple[int | bytes, ...]] = (len(QUIET_TAIL), QUIET_TAIL, *PRICE_MARKS)
_EVENTFUL_SQL: Final = (
    "SELECT row, seq_id, body, hash FROM steps WHERE row >= ? AND row < ? AND NOT ("
    f"substr(body, -?) = ? AND ({' OR '.join(['instr(body, ?)'] * len(PRICE_MARKS))})) "
    "ORDER BY row LIMIT ?"
)
_WITH_SQL: Final = (
    "SELECT row, seq_id, body, hash FROM steps WHERE row >= ? AND row < ? AND instr(body, ?) "
    "ORDER BY row LIMIT ?"
)
ARCHIVED_SINCE: Final = 2
"""The schema version that brought checkpoints and segments."""


class RowSource:
    """Reads a journal's rows through a connection of the caller; no query outlives a batch.

    An engine may archive rows meanwhile: what is no longer in the file is then in a segment. Every
    method raises JournalError.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self.folder = segments_folder(path)
        self._connection = connection
        self.version = int(self.query("PRAGMA user_version")[0][0])
        if self.version > JOURNAL_SCHEMA.version:
            raise JournalError(
                f"{path}: was written by a newer tradetui (schema {self.version}; this one knows "
                f"{JOURNAL_SCHEMA.version}): upgrade tradetui"
            )

    def query(self, sql: str, *parameters: Any) -> list[Any]:
        """Return all rows of a query."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: {describe(error)}") from error
        except UnicodeDecodeError as error:
            raise JournalError(f"{self.path}: is damaged (its text is not UTF-8)") from error

    @property
    def has_segments(self) -> bool:
        """The file is of a schema with archived segments."""
        return self.version >= ARCHIVED_SINCE

    def segments(self) -> tuple[SegmentRow, ...]:
        """Return all archived segments, oldest first."""
        if not self.has_segments:
            return ()
        return tuple(
            SegmentRow(*row)
            for row in self.query(f"SELECT {SEGMENT_COLUMNS} FROM segments ORDER BY first_row")
        )

    def entries(self, first_row: int, end_row: int) -> Iterator[Entry]:
        """Yield what there is of the rows from ``first_row`` to before ``end_row``, in order.

        Rows that are missing are left out: the caller sees the gap by the numbers.
        """
        row = first_row
        while row < end_row:
            segment = self._segment_at(row)
            if segment is None:
                batch = self._batch(row, end_row)
                if not batch or batch[0].row != row:
                    segment = self._segment_at(row)  # archived between the two looks
                    if segment is None:
                        segment = self._next_segment(row, batch[0].row if batch else end_row)
                if segment is None:
                    if not batch:
                        return
                    yield from batch
                    row = batch[-1].row + 1
                    continue
            yield from self._read(segment, row, end_row - 1)
            row = segment.last_row + 1

    def eventful(self, first_row: int, end_row: int) -> Iterator[KeptRow]:
        """Yield the rows of a span that are more than a price that passed by (and a few others)."""
        return self._chosen(first_row, end_row, is_eventful, _EVENTFUL_SQL, _MARKS)

    def having(self, mark: bytes, first_row: int, end_row: int) -> Iterator[KeptRow]:
        """Yield the eventful rows of a span whose bodies have some bytes in them."""
        return self._chosen(first_row, end_row, lambda body: mark in body, _WITH_SQL, (mark,))

    def _chosen(
        self,
        first_row: int,
        end_row: int,
        is_chosen: Callable[[bytes], bool],
        sql: str,
        marks: tuple[int | bytes, ...],
    ) -> Iterator[KeptRow]:
        row = first_row
        for segment in self.segments():
            if segment.last_row < row or segment.first_row >= end_row:
                continue
            begin = max(row, segment.first_row)
            for entry in self._read(segment, begin, end_row - 1, only_eventful=True):
                if isinstance(entry, KeptRow) and is_chosen(entry.body):
                    yield entry
            row = segment.last_row + 1
        while found := self.query(sql, row, end_row, *marks, BATCH):
            for values in found:
                yield KeptRow(*values)
            row = found[-1][0] + 1

    def _batch(self, row: int, end_row: int) -> list[KeptRow]:
        found = self.query(
            "SELECT row, seq_id, body, hash FROM steps WHERE row >= ? AND row < ? "
            "ORDER BY row LIMIT ?",
            row,
            end_row,
            BATCH,
        )
        for number, _, body, digest in found:
            if not isinstance(body, bytes) or not isinstance(digest, bytes):
                raise JournalError(f"{self.path}: is damaged (row {number} holds no record)")
        return [KeptRow(*values) for values in found]

    def _segment_at(self, row: int) -> SegmentRow | None:
        return self._segment("first_row <= ? AND last_row >= ?", row, row)

    def _next_segment(self, row: int, before: int) -> SegmentRow | None:
        return self._segment("first_row > ? AND first_row < ?", row, before)

    def _segment(self, where: str, *parameters: int) -> SegmentRow | None:
        if not self.has_segments:
            return None
        rows = self.query(
            f"SELECT {SEGMENT_COLUMNS} FROM segments WHERE {where} ORDER BY first_row LIMIT 1",
            *parameters,
        )
        return SegmentRow(*rows[0]) if rows else None

    def _read(
        self, segment: SegmentRow, first_row: int, last_row: int, *, only_eventful: bool = False
    ) -> Iterator[Entry]:
        path = self.folder / segment.name
        try:
            found = path.stat()
            file = (path, found.st_ino, found.st_mtime_ns, found.st_size)
            if not _ends_with(file, segment.last_row, segment.last_hash):
                raise JournalError(
                    f"{path}: is not the file that was archived under this name, but another "
                    "journal's; put the right one back: see journal verify"
                )
            yield from read_file(path, first_row, last_row, only_eventful=only_eventful)
        except FileNotFoundError as error:
            renewed = self._segment_at(first_row)
            if renewed is not None and renewed.name != segment.name:  # pruned meanwhile
                yield from self._read(renewed, first_row, last_row, only_eventful=only_eventful)
                return
            raise JournalError(
                f"{path}: the archived rows {segment.first_row} to "
                f"{segment.last_row} are missing: the file is not there"
            ) from error
        except SegmentDamagedError as error:
            raise JournalError(f"{path}: {error}") from error
        except OSError as error:
            raise JournalError(f"{path}: cannot be read ({error.strerror})") from error


@lru_cache(maxsize=1_024)
def _ends_with(file: tuple[Path, int, int, int], last_row: int, last_hash: bytes) -> bool:
    """Tell whether a segment's file (known by inode, time and size) is ours: its last row's hash
    builds on every row before. Files of all journals that have as many rows bear the same names.

    One whose end cannot be read is taken for ours: who reads on meets what is damaged.
    """
    try:
        entries = tuple(read_file(file[0], last_row, last_row))
    except SegmentDamagedError:
        return True
    return not entries or (entries[-1].last_row, entries[-1].hash) == (last_row, last_hash)
