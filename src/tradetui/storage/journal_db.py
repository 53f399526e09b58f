"""``journal.db``: its opening, what to do with a damaged one, and the runs in it."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import aiosqlite

from tradetui.domain.codec import chain, encode
from tradetui.domain.steps import JournalHeader
from tradetui.ports.journal import JournalError
from tradetui.storage.database import (
    DamagedFileError,
    OpenOptions,
    UnusableFileError,
    close_quietly,
    companion,
    describe,
    is_damage,
    open_database,
)
from tradetui.storage.folder import JOURNAL_DB, prepare_folder
from tradetui.storage.memory_journal import GENESIS
from tradetui.storage.schema import JOURNAL_SCHEMA
from tradetui.storage.segment_file import SEGMENTS_SUFFIX
from tradetui.storage.verify import verify_tail

DAMAGED_SUFFIX: Final = ".damaged-"
VERIFIED_AT_OPEN: Final = 100_000
"""So many of the newest rows are verified at every start; ``verify`` checks all."""


@dataclass(frozen=True)
class Quarantine:
    """A damaged journal was put aside: where it is now, and what was wrong with it."""

    path: Path
    what: str

    def __str__(self) -> str:
        return f"the journal was damaged ({self.what}); it is kept as {self.path}, a new one begins"


@dataclass(frozen=True)
class OpenJournal:
    """An open journal with a run begun in it: ``first_row`` is where its step 1 goes."""

    connection: aiosqlite.Connection
    path: Path
    run: int
    first_row: int
    hash: bytes
    quarantine: Quarantine | None
    notice: str = ""


async def begin_run(
    folder: Path, header: JournalHeader, *, now: int, busy_timeout_ms: int
) -> OpenJournal:
    """Open the folder's journal and begin a run in it.

    A damaged one is put aside whole and a new one begun. Raises JournalError if the file is not
    ours, newer, locked or cannot be written.
    """
    path = prepare_folder(folder) / JOURNAL_DB
    options = OpenOptions(write_ahead=True, busy_timeout_ms=busy_timeout_ms)
    quarantine: Quarantine | None = None
    wal_is_gone = await asyncio.to_thread(_wal_is_gone, path)
    try:
        try:
            connection = await _open_verified(path, options)
        except DamagedFileError as error:
            moved = await asyncio.to_thread(put_aside, path)
            quarantine = Quarantine(moved, error.what)
            connection = await _open_verified(path, options)
    except UnusableFileError as error:
        raise JournalError(
            f"{error}; nothing was changed; free it, move it away, or use another --state"
        ) from error
    try:
        notice = await _lost_tail(connection, path) if wal_is_gone else ""
        opened = await _insert_run(connection, path, header, now, quarantine)
        return replace(opened, notice=notice)
    except sqlite3.Error as error:
        await close_quietly(connection)
        raise JournalError(f"{path}: {describe(error)}; no run was begun") from error
    except BaseException:
        await close_quietly(connection)
        raise


def put_aside(path: Path) -> Path:
    """Rename a damaged database, with all beside it, to the first free name; return that."""
    number = 1
    while (target := path.with_name(f"{path.name}{DAMAGED_SUFFIX}{number}")).exists():
        number += 1
    path.rename(target)
    for suffix in ("-wal", "-shm", "-journal", SEGMENTS_SUFFIX):
        beside = companion(path, suffix)
        if beside.exists():
            beside.rename(companion(target, suffix))
    return target


async def _open_verified(path: Path, options: OpenOptions) -> aiosqlite.Connection:
    connection = await open_database(path, JOURNAL_SCHEMA, options)
    try:
        fault = await verify_tail(connection, VERIFIED_AT_OPEN)
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
    return path.exists() and not companion(path, "-wal").exists()


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


async def _insert_run(
    connection: aiosqlite.Connection,
    path: Path,
    header: JournalHeader,
    now: int,
    quarantine: Quarantine | None,
) -> OpenJournal:
    body = encode(header)
    own_hash = chain(GENESIS, body)
    await connection.execute("BEGIN IMMEDIATE")
    rows = list(await connection.execute_fetchall("SELECT coalesce(max(row), 0) FROM steps"))
    last_row = int(rows[0][0])
    runs = list(
        await connection.execute_fetchall("SELECT run, hash, first_row FROM runs ORDER BY run")
    )
    previous = GENESIS
    if runs:
        run, previous, first_row = runs[-1]
        # A run without steps keeps its place: the next one begins one row later.
        last_row = max(last_row, first_row)
        tail = list(
            await connection.execute_fetchall(
                "SELECT hash, seq_id FROM steps WHERE row >= ? ORDER BY row DESC LIMIT 1",
                (first_row,),
            )
        )
        previous = tail[0][0] if tail else previous
        await connection.execute(
            "UPDATE runs SET ended_how = 'crashed', last_seq_id = ?, last_hash = ? "
            "WHERE ended_how = 'running' AND run = ?",
            (tail[0][1] if tail else 0, previous, run),
        )
    first_row = last_row + 1
    cursor = await connection.execute(
        "INSERT INTO runs (run_id, header, hash, seal, first_row, started_time) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (header.run_id, body, own_hash, chain(previous, own_hash), first_row, now),
    )
    assert cursor.lastrowid is not None
    await connection.execute("COMMIT")
    return OpenJournal(connection, path, cursor.lastrowid, first_row, own_hash, quarantine)
