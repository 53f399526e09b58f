"""Looking at a state folder without changing it: for ``doctor``."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from pathlib import Path
from typing import Final

import aiosqlite

from tradetui.domain.formatting import counted
from tradetui.ports.journal import JournalError
from tradetui.ports.store import StoreError
from tradetui.storage.database import (
    UnusableFileError,
    check_database,
    close_quietly,
    connect_read_only,
    describe,
)
from tradetui.storage.folder import JOURNAL_DB, STATE_DB, check_file, check_folder
from tradetui.storage.history import history_faults
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.lock import holder_of
from tradetui.storage.migrations import newest_copy, version_of
from tradetui.storage.state_db import StateDatabase, sentence
from tradetui.storage.state_schema import STATE_SCHEMA
from tradetui.storage.usage import usage
from tradetui.storage.verify import verify

_SHOWN_FAULTS: Final = 3


class FolderProbe:
    """The checks of one state folder; each returns a sentence or raises StoreError with one.

    ``cap`` is the size that the journal may have (``journal.max_size``), in bytes.
    """

    def __init__(self, cap: int = 5_000_000_000) -> None:
        self._cap = cap

    async def check_folder(self, folder: Path) -> str:
        """Check the folder's rights, and say who runs an engine in it."""
        if not await asyncio.to_thread(os.path.lexists, folder):
            return f"{folder} (not there yet; it is made at the first start)"
        check_folder(folder)
        pid = holder_of(folder)
        return f"{folder}, an engine runs in it (process {pid})" if pid else f"{folder}, free"

    async def layouts(self, folder: Path) -> tuple[tuple[str, str], ...]:
        """Return (name, JSON text) of every layout that is kept; none where there is no file."""
        path = folder / STATE_DB
        if not await asyncio.to_thread(os.path.lexists, path):
            return ()
        connection = await self._open(path)
        try:
            rows = await connection.execute_fetchall("SELECT name, body FROM layouts ORDER BY name")
            return tuple((str(row[0]), str(row[1])) for row in rows)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {describe(error)}") from error
        finally:
            await close_quietly(connection)

    async def check_state(self, folder: Path) -> str:
        """Check ``state.db``: its structure, its schema, every record."""
        path = folder / STATE_DB
        if not await asyncio.to_thread(os.path.lexists, path):
            return "not there yet"
        connection = await self._open(path)
        try:
            store = SqliteInstanceStore(StateDatabase(connection, path))
            await store.check()
            faults = await history_faults(store.database)
            if faults:
                raise StoreError("; ".join(faults[:_SHOWN_FAULTS]))
            return f"{counted(len(await store.records()), 'instance')}, every record sound"
        finally:
            await close_quietly(connection)

    async def check_histories(self, folder: Path) -> tuple[str, ...]:
        """Check every row of the audit and the mode history; return a sentence for each fault."""
        path = folder / STATE_DB
        connection = await self._open(path)
        try:
            return await history_faults(StateDatabase(connection, path))
        finally:
            await close_quietly(connection)

    async def noted_run(self, folder: Path) -> tuple[str, int]:
        """Return which run of the journal the instance records know last, and to which step."""
        path = folder / STATE_DB
        connection = await self._open(path)
        try:
            return await SqliteInstanceStore(StateDatabase(connection, path)).noted_run()
        finally:
            await close_quietly(connection)

    async def check_journal(self, folder: Path) -> str:
        """Verify every row of ``journal.db``."""
        path = folder / JOURNAL_DB
        if not await asyncio.to_thread(os.path.lexists, path):
            return "not there yet"
        check_file(path)
        result = await verify(path)
        if not result.is_sound:
            raise StoreError(f"{result.fault}; it will be put aside at the next start")
        sound = f"{counted(result.runs, 'run')}, {counted(result.rows, 'step')}, every row sound"
        try:
            found = await asyncio.to_thread(usage, path, self._cap, time.time_ns())
        except JournalError as error:
            raise StoreError(str(error)) from error
        return f"{sound}; {found}"

    async def last_time(self, folder: Path) -> int:
        """Return the time of the newest act in the audit (ns UTC), 0 if there is none."""
        path = folder / STATE_DB
        if not await asyncio.to_thread(os.path.lexists, path):
            return 0
        connection = await self._open(path)
        try:
            entries = await SqliteInstanceStore(StateDatabase(connection, path)).audit_entries(1)
            return entries[-1].time if entries else 0
        finally:
            await close_quietly(connection)

    async def _open(self, path: Path) -> aiosqlite.Connection:
        try:
            check_file(path)
            connection = await connect_read_only(path, STATE_SCHEMA)
            try:
                await check_database(connection, path, STATE_SCHEMA)
                if await version_of(connection) == STATE_SCHEMA.version:
                    return connection
                copy = await newest_copy(connection, STATE_SCHEMA)
            except BaseException:
                await close_quietly(connection)
                raise
            try:
                await close_quietly(connection)
            except BaseException:
                await close_quietly(copy)
                raise
            return copy
        except UnusableFileError as error:
            raise StoreError(sentence(error)) from error
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {describe(error)}") from error
