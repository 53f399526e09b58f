"""Reading a journal without touching it: beside a running engine, or from a copied file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from tradetui.domain.codec import decode_header, decode_step
from tradetui.domain.enums import Source
from tradetui.domain.eventful import ACT_MARK, SUBMIT_MARK
from tradetui.domain.export import JournalLine, PrunedSteps
from tradetui.domain.ids import RunId, is_shadow
from tradetui.domain.steps import JournalHeader, StepRecord, SubmitCommand
from tradetui.domain.units import I64_MAX
from tradetui.ports.history import RunInfo
from tradetui.ports.journal import (
    CheckpointInfo,
    JournalError,
    JournalPrunedError,
    NoJournalError,
)
from tradetui.storage.checkpoint_rows import (
    CHECKPOINT_COLUMNS,
    CheckpointDamagedError,
    CheckpointRow,
)
from tradetui.storage.database import (
    BusyFileError,
    ForeignFileError,
    ShapelessFileError,
    UnusableFileError,
    describe,
    inspect_header,
    read_only_uri,
)
from tradetui.storage.folder import JOURNAL_DB
from tradetui.storage.held_files import holding
from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.row_source import ARCHIVED_SINCE, RowSource
from tradetui.storage.run_results import RunResult, RunRows, results
from tradetui.storage.segment_file import Entry, PrunedSpan
from tradetui.storage.segment_rows import SegmentRow

_BUSY_SECONDS: Final = 2.0


@dataclass(frozen=True)
class _Run:
    """Where a run's rows are: from ``first_row`` to before ``end_row``."""

    run: int
    header: JournalHeader
    hash: bytes
    first_row: int
    end_row: int

    def row_of(self, seq_id: int) -> int:
        return self.first_row + seq_id - self.header.opening_seq - 1

    def seq_id_of(self, row: int) -> int:
        return row - self.first_row + self.header.opening_seq + 1

    def rows_of(self, first: int, last: int | None) -> tuple[int, int]:
        """Return the first row of some steps and the one behind the last, None: of the run."""
        row = self.row_of(max(first, self.header.opening_seq + 1))
        return row, self.end_row if last is None else min(self.end_row, self.row_of(last) + 1)


@dataclass(frozen=True)
class RunSpan:
    """How many rows a run has and when it ran; ``last_known`` is the time of its last checkpoint,
    for a run that was cut off.
    """

    run_id: RunId
    rows: int
    started_time: int
    ended_time: int | None
    ended_how: str
    last_known: int | None


class JournalReader:
    """Implements ``ports.journal.JournalSource`` on a file, read-only and synchronous.

    Each query sees what is durable at that moment; no lock is held between two rows, so a running
    engine is never kept waiting.
    """

    def __init__(self, path: Path) -> None:
        """Open the journal at ``path``: its file, or the state folder that holds it.

        Raises JournalError, a NoJournalError where there is none.
        """
        self.path = path / JOURNAL_DB if path.is_dir() else path
        try:
            self._connection = connect(self.path)
        except (ShapelessFileError, ForeignFileError) as error:
            raise NoJournalError(str(error)) from error
        except UnusableFileError as error:
            if not self.path.exists():
                raise NoJournalError(f"{self.path}: there is no journal") from error
            raise JournalError(str(error)) from error
        try:
            self._source = RowSource(self._connection, self.path)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def runs(self) -> tuple[RunInfo, ...]:
        found = []
        for row in self._source.query(
            "SELECT run_id, started_time, ended_time, ended_how, hash, last_seq_id, last_hash "
            "FROM runs ORDER BY run"
        ):
            run_id, started, ended, how, own_hash, seq_id, last_hash = row
            if seq_id is None:
                seq_id, last_hash = self._end_of(RunId(run_id), own_hash)
            found.append(RunInfo(RunId(run_id), started, ended, how, seq_id, last_hash.hex()))
        return tuple(found)

    def spans(self) -> tuple[RunSpan, ...]:
        """Return how long each run is, in rows and in time, oldest first."""
        known = (
            "(SELECT max(created_time) FROM checkpoints WHERE checkpoints.run = runs.run)"
            if self._source.version >= ARCHIVED_SINCE
            else "NULL"
        )
        rows = self._source.query(
            "SELECT run_id, coalesce((SELECT min(later.first_row) FROM runs AS later "
            "WHERE later.run > runs.run), (SELECT max(row) + 1 FROM steps), first_row) "
            f"- first_row, started_time, ended_time, ended_how, {known} FROM runs ORDER BY run"
        )
        return tuple(RunSpan(RunId(row[0]), max(row[1], 0), *row[2:]) for row in rows)

    def results(self, newest: int) -> tuple[RunResult, ...]:
        """Return what came of the newest runs, oldest first: fills, and the equity of each account
        before and after.
        """
        rows = self._source.query(
            "SELECT run_id, first_row, coalesce((SELECT min(later.first_row) FROM runs AS later "
            "WHERE later.run > runs.run), ?) FROM runs ORDER BY run",
            I64_MAX,
        )
        older = max(len(rows) - newest, 0)
        runs = [
            RunRows(RunId(run_id), first, end, self.header(run_id).continues if n >= older else "")
            for n, (run_id, first, end) in enumerate(rows)
        ]
        return results(runs, newest, self._source)

    def orders(self, run_id: RunId, first: int, last: int) -> int:
        """Return how many orders went to their venues in some steps of a run: those of shadow books
        left out, and new versions of an order.
        """
        run = self._run(run_id)
        found = 0
        for entry in self._source.having(SUBMIT_MARK, *run.rows_of(first, last)):
            step = self._decode(run, entry.seq_id, entry.body)
            found += sum(
                isinstance(one, SubmitCommand) and not is_shadow(one.terms.route_id)
                for one in step.result.commands
            )
        return found

    def segments(self) -> tuple[SegmentRow, ...]:
        """Return the archived segments, oldest first."""
        return self._source.segments()

    def header(self, run_id: RunId) -> JournalHeader:
        return self._run(run_id).header

    def opening(self, run_id: RunId) -> bytes | None:
        header = self._run(run_id).header
        if not header.opening_hash:
            return None
        return self.checkpoint(run_id, header.opening_seq)

    def steps(self, run_id: RunId, first: int = 1, last: int | None = None) -> Iterator[StepRecord]:
        run = self._run(run_id)
        for entry in self._entries(run, first, last):
            if isinstance(entry, PrunedSpan):
                raise JournalPrunedError(
                    f"{self.path}: steps {entry.seq_id} to "
                    f"{entry.seq_id + entry.last_row - entry.row} of run {run_id} held only market "
                    "data, which is no longer kept (journal.max_size)"
                )
            yield self._decode(run, entry.seq_id, entry.body)

    def eventful(
        self, run_id: RunId, first: int = 1, last: int | None = None
    ) -> Iterator[StepRecord]:
        run = self._run(run_id)
        for entry in self._source.eventful(*run.rows_of(first, last)):
            yield self._decode(run, entry.seq_id, entry.body)

    def acts(self, run_id: RunId, first: int = 1, last: int | None = None) -> Iterator[StepRecord]:
        run = self._run(run_id)
        for entry in self._source.having(ACT_MARK, *run.rows_of(first, last)):
            step = self._decode(run, entry.seq_id, entry.body)
            if step.event.source is Source.CONTROL:
                yield step

    def lines(
        self, run_id: RunId, first: int = 1, last: int | None = None
    ) -> Iterator[JournalLine]:
        """Yield a run's header and its steps with their hashes, as they are exported.

        Where market data is no longer kept, a line says so. Raises JournalError.
        """
        run = self._run(run_id)
        yield JournalLine(run_id, run.hash.hex(), run.header)
        for entry in self._entries(run, first, last):
            if isinstance(entry, PrunedSpan):
                seq_ids = entry.seq_id, entry.seq_id + entry.last_row - entry.row
                yield JournalLine(run_id, entry.hash.hex(), PrunedSteps(*seq_ids))
            else:
                step = self._decode(run, entry.seq_id, entry.body)
                yield JournalLine(run_id, entry.hash.hex(), step)

    def step(self, seq_id: int, run_id: RunId | None = None) -> StepRecord:
        wanted = [run_id] if run_id is not None else [info.run_id for info in self.runs()[::-1]]
        for one in wanted:
            for record in self.steps(one, seq_id, seq_id):
                return record
        where = f"run {run_id}" if run_id is not None else "no run"
        has = "does not hold" if run_id is not None else "holds"
        raise JournalError(f"{self.path}: {where} {has} step {seq_id}")

    def pruned_to(self, run_id: RunId) -> int:
        run = self._run(run_id)
        if not self._source.has_segments:
            return 0
        rows = self._source.query(
            "SELECT max(last_row) FROM segments WHERE pruned_rows > 0 AND first_row < ? "
            "AND last_row >= ?",
            run.end_row,
            run.first_row,
        )
        return 0 if rows[0][0] is None else run.seq_id_of(min(rows[0][0], run.end_row - 1))

    def checkpoints(self, run_id: RunId) -> tuple[CheckpointInfo, ...]:
        run = self._run(run_id)
        if self._source.version < ARCHIVED_SINCE:
            return ()
        rows = self._source.query(
            "SELECT seq_id, row, created_time, state_hash, anchor, length(body) FROM checkpoints "
            "WHERE run = ? ORDER BY seq_id",
            run.run,
        )
        return tuple(
            CheckpointInfo(run_id, seq_id, row, created, state_hash, anchor.hex(), size)
            for seq_id, row, created, state_hash, anchor, size in rows
        )

    def checkpoint(self, run_id: RunId, seq_id: int) -> bytes:
        run = self._run(run_id)
        rows: list[Any] = []
        if self._source.version >= ARCHIVED_SINCE:
            rows = self._source.query(
                f"SELECT {CHECKPOINT_COLUMNS} FROM checkpoints WHERE run = ? AND seq_id = ?",
                run.run,
                seq_id,
            )
        if not rows:
            raise JournalError(f"{self.path}: run {run_id} has no checkpoint at step {seq_id}")
        try:
            return CheckpointRow(*rows[0]).unpack()
        except CheckpointDamagedError as error:
            raise JournalError(
                f"{self.path}: the checkpoint of run {run_id} at step {seq_id} {error}"
            ) from error

    def _run(self, run_id: RunId) -> _Run:
        rows = self._source.query(
            "SELECT run, header, hash, first_row, (SELECT min(later.first_row) FROM runs AS later "
            "WHERE later.run > runs.run) FROM runs WHERE run_id = ?",
            run_id,
        )
        if not rows:
            raise JournalError(f"{self.path}: holds no run {run_id}")
        run, header, own_hash, first_row, end_row = rows[0]
        try:
            end = I64_MAX if end_row is None else end_row
            return _Run(run, _header_of(header), own_hash, first_row, end)
        except msgspec.MsgspecError as error:
            raise JournalError(
                f"{self.path}: the header of run {run_id} cannot be read ({error})"
            ) from error

    def _end_of(self, run_id: RunId, own_hash: bytes) -> tuple[int, bytes]:
        """Return the last durable seq_id and hash of a run that has not ended."""
        run = self._run(run_id)
        rows = self._source.query(
            "SELECT seq_id, hash FROM steps WHERE row >= ? AND row < ? ORDER BY row DESC LIMIT 1",
            run.first_row,
            run.end_row,
        )
        return (rows[0][0], rows[0][1]) if rows else (run.header.opening_seq, own_hash)

    def _entries(self, run: _Run, first: int, last: int | None) -> Iterator[Entry]:
        """Yield the rows of a run's steps; raises JournalError where one is missing."""
        row, end = run.rows_of(first, last)
        for entry in self._source.entries(row, end):
            if entry.row > row:
                raise JournalError(
                    f"{self.path}: the step in row {row} of run {run.header.run_id} is missing"
                )
            yield entry
            row = entry.last_row + 1

    def _decode(self, run: _Run, seq_id: int, body: bytes) -> StepRecord:
        try:
            return decode_step(body)
        except msgspec.MsgspecError as error:
            raise JournalError(
                f"{self.path}: step {seq_id} of run {run.header.run_id} cannot be read ({error})"
            ) from error


@lru_cache(maxsize=8)
def _header_of(body: bytes) -> JournalHeader:
    """Decode a header: many short reads of one run look at it each time."""
    return decode_header(body)


def connect(path: Path) -> sqlite3.Connection:
    """Connect to an existing journal without being able to change it; raises UnusableFileError."""
    try:
        inspect_header(path, JOURNAL_SCHEMA)
    except OSError as error:
        raise BusyFileError(path, f"cannot be read ({error.strerror})") from error
    try:
        connection: sqlite3.Connection = sqlite3.connect(
            read_only_uri(path),
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            factory=holding(path),
        )
        return connection
    except sqlite3.Error as error:
        raise BusyFileError(path, describe(error)) from error
