"""``state.db``: its opening, its transactions, and the sentences for when it cannot be used."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import aiosqlite

from tradetui.domain.enums import RunMode
from tradetui.domain.text import printable
from tradetui.ports.store import StoreError
from tradetui.storage.database import (
    BusyFileError,
    DamagedFileError,
    ForeignFileError,
    NewerFileError,
    OpenOptions,
    UnusableFileError,
    check_database,
    close_quietly,
    connect_read_only,
    describe,
    is_damage,
    open_database,
)
from tradetui.storage.folder import STATE_DB, check_file, check_folder, prepare_folder
from tradetui.storage.migrations import copy_database, version_of
from tradetui.storage.schema import Schema
from tradetui.storage.state_schema import STATE_SCHEMA

T = TypeVar("T")
Row = Sequence[Any]

COPY_SUFFIX: Final = ".bak"
"""The sound database is copied to ``state.db.bak`` where it has changed since the copy was made, by
who opens it to write: the copy that a person restores.
"""


class StateDatabase:
    """One connection to ``state.db``; every unit of work is one transaction that no cancelled
    caller can tear.
    """

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._file = _file_at(path)
        self.notices: tuple[str, ...] = ()
        """What a person should know of how it was opened."""
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    @classmethod
    async def open(
        cls,
        folder: Path,
        run_mode: RunMode,
        *,
        busy_timeout_ms: int = 2_000,
        schema: Schema = STATE_SCHEMA,
        has_copy: bool = True,
    ) -> StateDatabase:
        """Open the folder's ``state.db``, creating it for this run mode if there is none.

        Unless ``has_copy`` is False it is copied first, where it has changed since the last copy;
        that a copy cannot be made is no hindrance, see ``notices``. Raises StoreError with what is
        wrong and how to mend it; then nothing was changed.
        """
        path = prepare_folder(folder) / STATE_DB
        _refuse_a_lost_file(path)
        options = OpenOptions(write_ahead=False, busy_timeout_ms=busy_timeout_ms)
        try:
            connection = await open_database(path, schema, options)
        except UnusableFileError as error:
            raise StoreError(sentence(error)) from error
        database = cls(connection, path)
        try:
            await database._claim(run_mode)
            if has_copy:
                await database._keep_copy()
        except BaseException:
            await close_quietly(connection)
            raise
        return database

    @classmethod
    async def open_to_read(
        cls, folder: Path, run_mode: RunMode, *, schema: Schema = STATE_SCHEMA
    ) -> StateDatabase:
        """Open the ``state.db`` of a folder that cannot be written, for reading alone.

        Raises StoreError with what is wrong and how to mend it.
        """
        path = await asyncio.to_thread(_readable, folder)
        try:
            connection = await connect_read_only(path, schema)
        except UnusableFileError as error:
            raise StoreError(sentence(error)) from error
        database = cls(connection, path)
        try:
            await check_database(connection, path, schema)
            if await version_of(connection) != schema.version:
                raise StoreError(
                    f"{path}: is of an older tradetui and cannot be brought up to this one where "
                    "it cannot be written: copy the folder elsewhere and name the copy with --state"
                )
            await database._check_mode(run_mode)
        except UnusableFileError as error:
            await close_quietly(connection)
            raise StoreError(sentence(error)) from error
        except sqlite3.Error as error:
            await close_quietly(connection)
            raise database.trouble(error) from error
        except BaseException:
            await close_quietly(connection)
            raise
        return database

    def misplaced(self) -> str:
        """Say in half a sentence that the file which is open is not at its path any more; empty
        while it is.
        """
        found = _file_at(self._path)
        if found == self._file:
            return ""
        if found is not None:
            return f"{self._path}: is another file than the one that is open (it was replaced)"
        if not self._path.parent.exists():
            return f"{self._path.parent}: the state folder is gone from there (moved or removed)"
        return f"{self._path}: is gone (moved or removed)"

    async def write(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction.

        It is completed or rolled back even when the caller is cancelled. Raises StoreError when the
        database refuses.
        """
        task = asyncio.ensure_future(self._transact(work))
        self._running.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    async def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query; raises StoreError when the database cannot be read."""
        async with self._lock:
            try:
                return list(await self._connection.execute_fetchall(sql, parameters))
            except sqlite3.Error as error:
                raise self.trouble(error) from error

    def trouble(self, error: sqlite3.Error) -> StoreError:
        """Return the sentence for an error of SQLite."""
        kind = DamagedFileError if is_damage(error) else BusyFileError
        return StoreError(sentence(kind(self._path, describe(error))))

    def damaged(self, what: str) -> StoreError:
        """Return the sentence for a row that is not what was written."""
        return StoreError(sentence(DamagedFileError(self._path, what)))

    async def close(self) -> None:
        """Finish what is under way and close; a caller that is cancelled waits for nothing, and
        what is under way is rolled back.
        """
        try:
            while self._running:
                await asyncio.wait(self._running)
        finally:
            await close_quietly(self._connection)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # a caller that was cancelled will not ask for it

    async def _transact(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        async with self._lock:
            try:
                await self._connection.execute("BEGIN IMMEDIATE")
                try:
                    result = await work(self._connection)
                    await self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        await self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise self.trouble(error) from error
            return result

    async def _check_mode(self, run_mode: RunMode) -> bool:
        """Raise StoreError for a folder of another run mode; return whether it is of any yet."""
        rows = await self.read("SELECT value FROM meta WHERE key = 'run_mode'")
        if rows and rows[0][0] != run_mode.value:
            raise StoreError(
                f"{self._path}: belongs to run mode {printable(rows[0][0], 40)}, not "
                f"{run_mode.value}; live and paper never share a folder: use another --state"
            )
        return bool(rows)

    async def _claim(self, run_mode: RunMode) -> None:
        if not await self._check_mode(run_mode):

            async def claim(connection: aiosqlite.Connection) -> None:
                await connection.execute(
                    "INSERT INTO meta (key, value) VALUES ('run_mode', ?)", (run_mode.value,)
                )

            await self.write(claim)

    async def _keep_copy(self) -> None:
        copy = self._path.with_name(self._path.name + COPY_SUFFIX)
        try:
            if copy.exists() and copy.stat().st_mtime_ns > self._path.stat().st_mtime_ns:
                return
            await copy_database(self._connection, copy)
        except (OSError, sqlite3.Error) as error:
            why = error.strerror if isinstance(error, OSError) else describe(error)
            self.notices += (
                f"{copy}: the copy of {STATE_DB} cannot be written ({why}): make room",
            )


def _refuse_a_lost_file(path: Path) -> None:
    """Raise StoreError where the database is gone and its copy is not: a new one in its place would
    know of no instance that was switched off, and would be copied over what does.
    """
    copy = path.with_name(path.name + COPY_SUFFIX)
    if copy.exists() and not path.exists():
        raise StoreError(
            f"{path}: is gone, and its last copy is there; nothing was started or changed; put the "
            f"copy in its place (mv {copy} {path}), or move it away to begin with no instances"
        )


def _file_at(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other, None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _readable(folder: Path) -> Path:
    """Return the ``state.db`` of a folder that only has to be readable; raises StoreError."""
    folder = folder.expanduser().absolute()
    path = folder / STATE_DB
    check_folder(folder, to_read=True)
    if not path.exists():
        raise StoreError(f"{path}: is not there, and cannot be made in a folder that is read-only")
    check_file(path)
    return path


def sentence(error: UnusableFileError) -> str:
    """Say what is wrong with ``state.db`` and how to mend it."""
    if isinstance(error, DamagedFileError):
        copy = error.path.with_name(error.path.name + COPY_SUFFIX)
        mend = (
            f"put the last sound copy in its place (mv {copy} {error.path})"
            if copy.exists()
            else f"move it away (mv {error.path} {error.path}.damaged) to begin with no instances"
        )
        return f"{error}; nothing was changed; {mend}"
    if isinstance(error, NewerFileError):
        return f"{error}; nothing was changed"
    if isinstance(error, ForeignFileError):
        return f"{error}; nothing was changed; move it away or use another --state"
    return f"{error}; nothing was changed; free it and start again"
