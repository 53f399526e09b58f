"""Opening a database of ours, or saying why not: nothing is written before the file is fully
understood.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, cast

import aiosqlite

from tradetui.domain.text import printable
from tradetui.storage.folder import check_file, private_umask
from tradetui.storage.held_files import holding, is_held
from tradetui.storage.migrations import create_file, expected_objects, migrate, version_of
from tradetui.storage.schema import Schema

T = TypeVar("T")

BUSY_TIMEOUT_MS: Final = 2_000
_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_LENGTH: Final = 100
_CACHE_KIB: Final = 512
"""Pages that a connection keeps: what is written at the end of a file is hardly ever read again,
and two megabytes a connection, SQLite's own measure, would fill for a quarter of an hour.
"""
OLDEST_SQLITE: Final = (3, 38, 0)
"""STRICT tables and ``unixepoch()`` are needed."""


class UnusableFileError(Exception):
    """A file cannot be used as it is; ``what`` says why in half a sentence. Nothing was changed."""

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self.what = what
        super().__init__(f"{path}: {what}")


class DamagedFileError(UnusableFileError):
    """The content of a file of ours is broken: emptied, cut short, or altered."""


class ShapelessFileError(DamagedFileError):
    """Nothing in the file says that it was ever a database: emptied, or something else."""


class ForeignFileError(UnusableFileError):
    """The file is whole but not ours, or of a newer version than this program knows."""


class NewerFileError(ForeignFileError):
    """The file is of a newer version than this program knows; ``what`` says the mend too."""


class BusyFileError(UnusableFileError):
    """The file cannot be opened now: locked by another process, read-only, or no room left."""


@dataclass(frozen=True)
class OpenOptions:
    """How a database is opened; ``write_ahead`` selects WAL instead of the rollback journal."""

    write_ahead: bool
    busy_timeout_ms: int = BUSY_TIMEOUT_MS


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether SQLite says that the content is broken."""
    code: int = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)


def describe(error: sqlite3.Error) -> str:
    """Say in half a sentence what SQLite's error means for a person."""
    code: int = getattr(error, "sqlite_errorcode", 0) & 0xFF
    known = {
        sqlite3.SQLITE_BUSY: "is locked by another process",
        sqlite3.SQLITE_LOCKED: "is locked by another process",
        sqlite3.SQLITE_READONLY: "cannot be written (read-only)",
        sqlite3.SQLITE_CANTOPEN: "cannot be opened (its folder or its rights)",
        sqlite3.SQLITE_FULL: "has no room left (the disk is full)",
        sqlite3.SQLITE_IOERR: "cannot be read or written (the disk reports an error)",
        sqlite3.SQLITE_PERM: "cannot be opened (no permission)",
    }
    if is_damage(error):
        return f"is damaged ({error})"
    return known.get(code, f"cannot be used ({error})")


def inspect_header(path: Path, schema: Schema) -> None:
    """Check an existing file without SQLite: its magic, whose it is, its size against its own
    header.

    Raises DamagedFileError (a ShapelessFileError where there is nothing of a database) or
    ForeignFileError. While a ``-wal`` or ``-journal`` waits beside it
    the size may lag, and is left to SQLite. A file that this process has open through SQLite was
    inspected then, and is not opened beside it.
    """
    if is_held(path):
        return
    size = path.stat().st_size
    if size == 0:
        raise ShapelessFileError(path, "is empty (0 bytes); a whole one never is")
    with path.open("rb") as file:
        header = file.read(_HEADER_LENGTH)
    if not header.startswith(_MAGIC[: len(header)]):
        raise ShapelessFileError(path, "does not begin like an SQLite file")
    if len(header) < _HEADER_LENGTH:
        raise DamagedFileError(path, f"is cut short ({size} bytes)")
    page_size = int.from_bytes(header[16:18], "big")
    page_size = 65_536 if page_size == 1 else page_size
    pages = int.from_bytes(header[28:32], "big")
    application_id = int.from_bytes(header[68:72], "big")
    waiting = any(
        beside.exists() and beside.stat().st_size > 0
        for beside in (companion(path, "-wal"), companion(path, "-journal"))
    )
    if application_id != schema.application_id:
        raise ForeignFileError(
            path, f"is an SQLite file, but not a tradetui {schema.name} database"
        )
    if not waiting and size != page_size * pages:
        raise DamagedFileError(
            path, f"is cut short or altered ({size} bytes; its header says {page_size * pages})"
        )


def _inspect_wal(path: Path, schema: Schema) -> None:
    """Look at the database through a ``-wal`` that waits beside it, before anything may write.

    SQLite does not know whose a ``-wal`` is: one of another database would be merged into this
    one by the first connection that can write and is closed. Raises DamagedFileError.
    """
    if not companion(path, "-wal").exists():
        return
    uri = f"{_uri(path)}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=1)) as connection:
        own = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
        ).fetchone()[0]
    if own != schema.application_id or not tables:
        raise DamagedFileError(path, "is damaged (the -wal beside it is of another database)")


def companion(path: Path, suffix: str) -> Path:
    """Return the path of a file that SQLite keeps beside a database (``-wal``, ``-shm``,
    ``-journal``).
    """
    return path.with_name(path.name + suffix)


async def open_database(path: Path, schema: Schema, options: OpenOptions) -> aiosqlite.Connection:
    """Open (or, when there is none, create) a database of ours, migrated to the newest version and
    checked.

    Raises an UnusableFileError and leaves the file as it was. The connection opens its own
    transactions only by ``BEGIN``.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise BusyFileError(
            path,
            f"needs SQLite 3.38 or newer; this Python has {sqlite3.sqlite_version}",
        )
    try:
        if not await asyncio.to_thread(os.path.lexists, path):
            await create_file(path, schema)
        check_file(path)
        _check_writable(path)
        await asyncio.to_thread(inspect_header, path, schema)
        await asyncio.to_thread(_inspect_wal, path, schema)
        connection = await _connect(path, options)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    except UnicodeDecodeError as error:
        raise DamagedFileError(path, "is damaged (its text is not UTF-8)") from error
    except OSError as error:
        raise BusyFileError(path, f"cannot be used ({error.strerror})") from error
    try:
        await _check_version(connection, path, schema)
        await _check_content(connection, path)
        await migrate(connection, path, schema)
        await _check_objects(connection, path, schema)
        await _configure(connection, options)
    except sqlite3.Error as error:
        await close_quietly(connection)
        raise _unusable(path, error) from error
    except UnicodeDecodeError as error:
        await close_quietly(connection)
        raise DamagedFileError(path, "is damaged (its text is not UTF-8)") from error
    except BaseException:
        await close_quietly(connection)
        raise
    return connection


async def connect_read_only(path: Path, schema: Schema) -> aiosqlite.Connection:
    """Connect to an existing database of ours without being able to change it.

    Raises an UnusableFileError.
    """
    try:
        await asyncio.to_thread(inspect_header, path, schema)
        return await aiosqlite.connect(
            f"{_uri(path)}?mode=ro", uri=True, isolation_level=None, factory=holding(path)
        )
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    except OSError as error:
        raise BusyFileError(path, f"cannot be read ({error.strerror})") from error


async def check_database(connection: aiosqlite.Connection, path: Path, schema: Schema) -> None:
    """Check version, structure and definitions of an open database, of this or an older version.

    Raises an UnusableFileError or sqlite3.Error.
    """
    await _check_version(connection, path, schema)
    await _check_content(connection, path)
    await _check_objects(connection, path, schema)


def _check_writable(path: Path) -> None:
    # Before SQLite comes: it would leave files beside a database that it cannot write.
    if not os.access(path, os.R_OK | os.W_OK):
        mode = stat.S_IMODE(path.stat().st_mode)
        raise BusyFileError(
            path, f"cannot be written (mode {mode:04o}); mend it with: chmod 600 {path}"
        )


def _uri(path: Path) -> str:
    return path.absolute().as_uri()


def read_only_uri(path: Path) -> str:
    """Return what a database of ours is opened with where it shall not be changed.

    Without a ``-wal`` beside it nobody writes; then a folder that cannot be written is no
    hindrance.
    """
    is_still = not companion(path, "-wal").exists() and not os.access(path.parent, os.W_OK)
    return f"{_uri(path)}?mode=ro{'&immutable=1' if is_still else ''}"


async def in_one_go(connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Do several statements in the connection's thread: one way there and back for all of them,
    for what is done many times a second.
    """
    return cast("T", await connection._execute(work, connection._conn))  # type: ignore[no-untyped-call]


async def close_quietly(connection: aiosqlite.Connection) -> None:
    """Close a connection that is given up; what SQLite says about that adds nothing."""
    with contextlib.suppress(sqlite3.Error):
        await connection.close()


def _unusable(path: Path, error: sqlite3.Error) -> UnusableFileError:
    kind = DamagedFileError if is_damage(error) else BusyFileError
    return kind(path, describe(error))


async def _connect(path: Path, options: OpenOptions) -> aiosqlite.Connection:
    previous = private_umask()
    try:
        connection = await aiosqlite.connect(
            f"{_uri(path)}?mode=rw", uri=True, isolation_level=None, factory=holding(path)
        )
    finally:
        os.umask(previous)
    try:
        await connection.execute(f"PRAGMA busy_timeout = {options.busy_timeout_ms}")
    except BaseException:
        await close_quietly(connection)
        raise
    return connection


async def _configure(connection: aiosqlite.Connection, options: OpenOptions) -> None:
    wanted = "wal" if options.write_ahead else "delete"
    rows = list(await connection.execute_fetchall("PRAGMA journal_mode"))
    if rows[0][0] != wanted:
        await connection.execute_fetchall(f"PRAGMA journal_mode = {wanted}")
    await connection.execute("PRAGMA synchronous = FULL")
    await connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    await connection.execute("PRAGMA foreign_keys = ON")


async def _check_version(connection: aiosqlite.Connection, path: Path, schema: Schema) -> None:
    rows = list(await connection.execute_fetchall("PRAGMA user_version"))
    version = rows[0][0]
    if version > schema.version:
        raise NewerFileError(
            path,
            f"was written by a newer tradetui (schema {version}; this one knows {schema.version}): "
            "upgrade tradetui, or use another --state",
        )
    if version < 1:
        raise DamagedFileError(path, "is damaged (it has no schema version)")


async def _check_content(connection: aiosqlite.Connection, path: Path) -> None:
    rows = list(await connection.execute_fetchall("PRAGMA integrity_check(1)"))
    if rows[0][0] != "ok":
        raise DamagedFileError(path, f"is damaged ({str(rows[0][0])[:200]})")


async def _check_objects(connection: aiosqlite.Connection, path: Path, schema: Schema) -> None:
    rows = await connection.execute_fetchall(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    )
    found = {str(name): str(sql) for _, name, sql in rows}
    expected = await expected_objects(schema, await version_of(connection))
    for name, sql in expected.items():
        if found.get(name) != sql:
            raise DamagedFileError(path, f"is damaged (its definition of {name} is altered)")
    for kind, name, _ in rows:
        if kind == "trigger" and name not in expected:
            raise ForeignFileError(
                path, f"has a trigger {printable(str(name), 64)} that tradetui did not make"
            )
