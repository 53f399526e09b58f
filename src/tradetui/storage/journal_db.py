"""``journal.db``: its opening, what to do with a damaged one, and the runs in it."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import aiosqlite

from tradetui.domain.codec import GENESIS, chain, decode_header, encode
from tradetui.domain.steps import JournalHeader
from tradetui.ports.journal import JournalError, MadeCheckpoint
from tradetui.storage.checkpoint_rows import CHECKPOINT_COLUMNS, CHECKPOINT_SQL, CheckpointRow
from tradetui.storage.database import (
    DamagedFileError,
    ForeignFileError,
    NewerFileError,
    OpenOptions,
    UnusableFileError,
    close_quietly,
    companion,
    describe,
    is_damage,
    open_database,
)
from tradetui.storage.folder import JOURNAL_DB, prepare_folder
from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.putting_aside import finish_putting_aside, put_aside
from tradetui.storage.verify import verify_from, verify_tail
from tradetui.storage.verify_rows import Anchor

VERIFIED_AT_OPEN: Final = 100_000
"""So many of the newest rows are verified at a start without a sound checkpoint; ``verify`` checks
all."""


@dataclass(frozen=True)
class Quarantine:
    """A damaged journal was put aside: where it is now, and what was wrong with it."""

    path: Path
    what: str

    def __str__(self) -> str:
        return f"the journal was damaged ({self.what}); it is kept as {self.path}, a new one begins"


@dataclass(frozen=True)
class JournalFile:
    """An open, verified journal in which no run has been begun yet.

    ``notice`` is what a person should know of the run before, empty when nothing.
    """

    connection: aiosqlite.Connection
    path: Path
    quarantine: Quarantine | None = None
    notice: str = ""
    busy_timeout_ms: int = 0

    async def close(self) -> None:
        """Give the file up again."""
        await close_quietly(self.connection)


@dataclass(frozen=True)
class OpenJournal:
    """An open journal with a run begun in it: ``first_row`` is where its first step goes."""

    connection: aiosqlite.Connection
    path: Path
    run: int
    first_row: int
    hash: bytes
    quarantine: Quarantine | None
    notice: str = ""


async def open_journal(folder: Path, *, busy_timeout_ms: int) -> JournalFile:
    """Open the folder's journal and verify it from its newest sound checkpoint on.

    A damaged one is put aside whole and a new one made. Raises JournalError if the file is not
    ours, newer, locked or cannot be written.
    """
    path = prepare_folder(folder) / JOURNAL_DB
    options = OpenOptions(write_ahead=True, busy_timeout_ms=busy_timeout_ms)
    quarantine: Quarantine | None = None
    left = await asyncio.to_thread(finish_putting_aside, path)
    wal_is_gone = await asyncio.to_thread(_wal_is_gone, path)
    try:
        try:
            connection = await _open_verified(path, options)
        except DamagedFileError as error:
            moved = await asyncio.to_thread(put_aside, path)
            quarantine = Quarantine(moved, error.what)
            connection = await _open_verified(path, options)
    except UnusableFileError as error:
        raise _refused(error) from error
    try:
        notice = await _lost_tail(connection, path) if wal_is_gone else left
    except sqlite3.Error as error:
        await close_quietly(connection)
        raise JournalError(f"{path}: {describe(error)}; no run was begun") from error
    except BaseException:
        await close_quietly(connection)
        raise
    return JournalFile(connection, path, quarantine, notice, busy_timeout_ms)


async def quarantine_journal(file: JournalFile, what: str) -> JournalFile:
    """Put an open journal aside because of ``what``, and return a new one in its place."""
    await file.close()
    moved = await asyncio.to_thread(put_aside, file.path)
    options = OpenOptions(write_ahead=True, busy_timeout_ms=file.busy_timeout_ms)
    try:
        connection = await _open_verified(file.path, options)
    except UnusableFileError as error:
        raise _refused(error) from error
    return replace(file, connection=connection, quarantine=Quarantine(moved, what))


async def begin_run(
    file: JournalFile, header: JournalHeader, *, now: int, opening: MadeCheckpoint | None = None
) -> OpenJournal:
    """Begin a run in an open journal, and store what it opens with in the same transaction.

    Raises JournalError, with the file closed, if that cannot be written.
    """
    try:
        opened = await _insert_run(file, header, now, opening)
    except sqlite3.Error as error:
        await file.close()
        raise JournalError(f"{file.path}: {describe(error)}; no run was begun") from error
    except BaseException:
        await file.close()
        raise
    return opened


def _refused(error: UnusableFileError) -> JournalError:
    """Say what is wrong with a file that stays as it is, and how to mend it."""
    if isinstance(error, NewerFileError):
        return JournalError(f"{error}; nothing was changed")
    mend = "move it away" if isinstance(error, ForeignFileError) else "free it and start again"
    return JournalError(f"{error}; nothing was changed; {mend}, or use another --state")


async def _open_verified(path: Path, options: OpenOptions) -> aiosqlite.Connection:
    connection = await open_database(path, JOURNAL_SCHEMA, options)
    try:
        ahead = await _ahead(connection)
        if ahead:
            raise DamagedFileError(path, ahead)
        anchor = await _newest_anchor(connection)
        if anchor is None:
            fault = await verify_tail(connection, VERIFIED_AT_OPEN)
        else:
            fault = await asyncio.to_thread(verify_from, path, anchor)
        if fault is not None:
            raise DamagedFileError(path, fault)
    except sqlite3.Error as error:
        await close_quietly(connection)
        if is_damage(error):
            raise DamagedFileError(path, describe(error)) from error
        raise UnusableFileError(path, describe(error)) from error
    except BaseException:
        await close_quietly(connection)
        raise
    return connection


def _wal_is_gone(path: Path) -> bool:
    wal = companion(path, "-wal")  # an empty one is what a reader leaves, not what a crash does
    return path.exists() and not (wal.exists() and wal.stat().st_size > 0)


async def _lost_tail(connection: aiosqlite.Connection, path: Path) -> str:
    """Say so when a run was cut off and its ``-wal`` file, which holds its last steps, is gone.

    The steps that are there are whole; another program may also have merged the file in.
    """
    rows = list(
        await connection.execute_fetchall(
            "SELECT run_id, (SELECT coalesce(max(seq_id), 0) FROM steps WHERE row >= first_row) "
            "FROM runs WHERE ended_how = 'running' ORDER BY run DESC LIMIT 1"
        )
    )
    if not rows:
        return ""
    return (
        f"{path}: run {rows[0][0]} was cut off and its -wal file is gone: steps after "
        f"{rows[0][1]:,} are lost if someone removed it"
    )


async def _ahead(connection: aiosqlite.Connection) -> str:
    """Say which checkpoint is of a row that is not there any more; empty when none is."""
    rows = list(
        await connection.execute_fetchall(
            "SELECT seq_id, (SELECT coalesce(max(seq_id), 0) FROM steps WHERE row >= first_row) "
            "FROM checkpoints JOIN runs USING (run) WHERE row >= first_row "
            "AND row > (SELECT coalesce(max(row), 0) FROM steps) ORDER BY row DESC LIMIT 1"
        )
    )
    if not rows:
        return ""
    return (
        f"the checkpoint at step {rows[0][0]} is ahead of the steps, which end at {rows[0][1]}: "
        "rows behind it were removed"
    )


async def _newest_anchor(connection: aiosqlite.Connection) -> Anchor | None:
    """Return where the newest sound checkpoint stands in the chain; None if there is none."""
    rows = await connection.execute_fetchall(
        "SELECT run, seq_id FROM checkpoints ORDER BY row DESC, run DESC"
    )
    for run, seq_id in rows:
        found = list(
            await connection.execute_fetchall(
                f"SELECT {CHECKPOINT_COLUMNS} FROM checkpoints WHERE run = ? AND seq_id = ?",
                (run, seq_id),
            )
        )
        row = CheckpointRow(*found[0])
        if row.is_sound:
            return Anchor(row.row, row.anchor)
    return None


async def _insert_run(
    file: JournalFile, header: JournalHeader, now: int, opening: MadeCheckpoint | None
) -> OpenJournal:
    connection = file.connection
    body = encode(header)
    own_hash = chain(GENESIS, body)
    await connection.execute("BEGIN IMMEDIATE")
    previous, last_row = await _end_last_run(connection)
    first_row = last_row + 1
    cursor = await connection.execute(
        "INSERT INTO runs (run_id, header, hash, seal, first_row, started_time) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (header.run_id, body, own_hash, chain(previous, own_hash), first_row, now),
    )
    run = cursor.lastrowid
    assert run is not None
    if opening is not None:
        row = CheckpointRow.pack(
            run=run,
            seq_id=opening.seq_id,
            row=last_row,
            created_time=opening.created_time,
            state_hash=opening.state_hash,
            anchor=own_hash,
            body=opening.body,
        )
        await connection.execute(CHECKPOINT_SQL, row.values())
    await connection.execute("COMMIT")
    return OpenJournal(
        connection, file.path, run, first_row, own_hash, file.quarantine, file.notice
    )


async def _end_last_run(connection: aiosqlite.Connection) -> tuple[bytes, int]:
    """Mark a run that was cut off so; return the hash that the next run follows, and the last row
    that is taken.
    """
    rows = list(await connection.execute_fetchall("SELECT coalesce(max(row), 0) FROM steps"))
    last_row = int(rows[0][0])
    runs = list(
        await connection.execute_fetchall(
            "SELECT run, hash, first_row, header FROM runs ORDER BY run DESC LIMIT 1"
        )
    )
    if not runs:
        return GENESIS, last_row
    run, own_hash, first_row, header = runs[0]
    tail = list(
        await connection.execute_fetchall(
            "SELECT hash, seq_id FROM steps WHERE row >= ? ORDER BY row DESC LIMIT 1", (first_row,)
        )
    )
    previous, last_seq = tail[0] if tail else (own_hash, decode_header(header).opening_seq)
    await connection.execute(
        "UPDATE runs SET ended_how = 'crashed', last_seq_id = ?, last_hash = ? "
        "WHERE ended_how = 'running' AND run = ?",
        (last_seq, previous, run),
    )
    # A run without steps keeps its place: the next one begins one row later.
    return previous, max(last_row, first_row)
