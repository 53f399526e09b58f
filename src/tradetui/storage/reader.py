"""Reading a journal without touching it: beside a running engine, or from a copied file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from tradetui.domain.codec import decode_header, decode_step
from tradetui.domain.ids import RunId
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.history import RunInfo
from tradetui.ports.journal import CheckpointInfo, JournalError
from tradetui.storage.checkpoint_rows import (
    CHECKPOINT_COLUMNS,
    CheckpointDamagedError,
    CheckpointRow,
)
from tradetui.storage.database import UnusableFileError, companion, describe, inspect_header
from tradetui.storage.folder import JOURNAL_DB
from tradetui.storage.schema import JOURNAL_SCHEMA

_BATCH: Final = 500
_BUSY_SECONDS: Final = 2.0
_CHECKPOINTS_SINCE: Final = 2
"""The schema version that brought checkpoints and segments."""


@dataclass(frozen=True)
class _Run:
    """Where a run's rows are: from ``first_row`` to before ``end_row`` (None: to the end)."""

    run: int
    header: JournalHeader
    first_row: int
    end_row: int | None

    def row_of(self, seq_id: int) -> int:
        return self.first_row + seq_id - self.header.opening_seq - 1


class JournalReader:
    """Implements ``ports.journal.JournalSource`` on a file, read-only and synchronous.

    Each query sees what is durable at that moment; no lock is held between two rows, so a running
    engine is never kept waiting.
    """

    def __init__(self, path: Path) -> None:
        """Open the journal at ``path``: its file, or the state folder that holds it.

        Raises JournalError.
        """
        self.path = path / JOURNAL_DB if path.is_dir() else path
        self._connection = _connect(self.path)
        try:
            self._version = int(self._one("PRAGMA user_version")[0])
            if self._version > JOURNAL_SCHEMA.version:
                raise JournalError(
                    f"{self.path}: was written by a newer tradetui (schema {self._version}; this "
                    f"one knows {JOURNAL_SCHEMA.version}): upgrade tradetui"
                )
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
        for row in self._query(
            "SELECT run_id, started_time, ended_time, ended_how, hash, last_seq_id, last_hash "
            "FROM runs ORDER BY run"
        ):
            run_id, started, ended, how, own_hash, seq_id, last_hash = row
            if seq_id is None:
                seq_id, last_hash = self._end_of(RunId(run_id), own_hash)
            found.append(RunInfo(RunId(run_id), started, ended, how, seq_id, last_hash.hex()))
        return tuple(found)

    def header(self, run_id: RunId) -> JournalHeader:
        return self._run(run_id).header

    def opening(self, run_id: RunId) -> bytes | None:
        header = self._run(run_id).header
        if not header.opening_hash:
            return None
        return self.checkpoint(run_id, header.opening_seq)

    def steps(self, run_id: RunId, first: int = 1, last: int | None = None) -> Iterator[StepRecord]:
        run = self._run(run_id)
        row = run.row_of(max(first, run.header.opening_seq + 1))
        end = run.end_row if last is None else _least(run.end_row, run.row_of(last) + 1)
        for _, body in self._bodies(run, row, end):
            yield body

    def step(self, seq_id: int, run_id: RunId | None = None) -> StepRecord:
        wanted = [run_id] if run_id is not None else [info.run_id for info in self.runs()[::-1]]
        for one in wanted:
            for record in self.steps(one, seq_id, seq_id):
                return record
        where = f"run {run_id}" if run_id is not None else "no run"
        has = "does not hold" if run_id is not None else "holds"
        raise JournalError(f"{self.path}: {where} {has} step {seq_id}")

    def checkpoints(self, run_id: RunId) -> tuple[CheckpointInfo, ...]:
        run = self._run(run_id)
        if self._version < _CHECKPOINTS_SINCE:
            return ()
        rows = self._query(
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
        if self._version >= _CHECKPOINTS_SINCE:
            rows = self._query(
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
        rows = self._query(
            "SELECT run, header, first_row, (SELECT min(later.first_row) FROM runs AS later "
            "WHERE later.run > runs.run) FROM runs WHERE run_id = ?",
            run_id,
        )
        if not rows:
            raise JournalError(f"{self.path}: holds no run {run_id}")
        run, header, first_row, end_row = rows[0]
        try:
            return _Run(run, decode_header(header), first_row, end_row)
        except msgspec.MsgspecError as error:
            raise JournalError(
                f"{self.path}: the header of run {run_id} cannot be read ({error})"
            ) from error

    def _end_of(self, run_id: RunId, own_hash: bytes) -> tuple[int, bytes]:
        """Return the last durable seq_id and hash of a run that has not ended."""
        run = self._run(run_id)
        rows = self._query(
            "SELECT seq_id, hash FROM steps WHERE row >= ? AND row < ? ORDER BY row DESC LIMIT 1",
            run.first_row,
            run.end_row if run.end_row is not None else 2**63 - 1,
        )
        return (rows[0][0], rows[0][1]) if rows else (run.header.opening_seq, own_hash)

    def _bodies(self, run: _Run, row: int, end: int | None) -> Iterator[tuple[int, StepRecord]]:
        """Yield (row, step) in order; raises JournalError where one is missing or unreadable."""
        last = 2**63 - 1 if end is None else end
        while rows := self._query(
            "SELECT row, seq_id, body FROM steps WHERE row >= ? AND row < ? ORDER BY row LIMIT ?",
            row,
            last,
            _BATCH,
        ):
            for found, seq_id, body in rows:
                if found != row:
                    raise JournalError(
                        f"{self.path}: the step in row {row} of run {run.header.run_id} is missing"
                    )
                yield found, self._decode(run, seq_id, body)
                row += 1

    def _decode(self, run: _Run, seq_id: int, body: bytes) -> StepRecord:
        try:
            return decode_step(body)
        except msgspec.MsgspecError as error:
            raise JournalError(
                f"{self.path}: step {seq_id} of run {run.header.run_id} cannot be read ({error})"
            ) from error

    def _query(self, sql: str, *parameters: Any) -> list[Any]:
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: {describe(error)}") from error

    def _one(self, sql: str, *parameters: Any) -> Any:
        return self._query(sql, *parameters)[0]


def _least(a: int | None, b: int) -> int:
    return b if a is None else min(a, b)


def _connect(path: Path) -> sqlite3.Connection:
    """Connect read-only; raises JournalError."""
    try:
        inspect_header(path, JOURNAL_SCHEMA)
    except UnusableFileError as error:
        raise JournalError(str(error)) from error
    except FileNotFoundError as error:
        raise JournalError(
            f"{path}: there is no journal; name a state folder or a journal file"
        ) from error
    except OSError as error:
        raise JournalError(f"{path}: cannot be read ({error.strerror})") from error
    uri = f"{path.absolute().as_uri()}?mode=ro"
    # Without a -wal file nobody writes; then a folder that cannot be written is no hindrance.
    if not companion(path, "-wal").exists() and not os.access(path.parent, os.W_OK):
        uri += "&immutable=1"
    try:
        return sqlite3.connect(
            uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {describe(error)}") from error
