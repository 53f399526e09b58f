"""Creating databases and leading old ones to the newest schema; the old one is copied first."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

import aiosqlite

from tradetui.storage.folder import FILE_MODE, private_umask, sync_folder
from tradetui.storage.schema import Schema


async def create_file(path: Path, schema: Schema) -> None:
    """Create a database with the newest schema: built beside its place, then put there whole.

    So a file of that name is never half made, whatever happens.
    """
    temporary = _beside(path)
    previous = private_umask()
    try:
        async with aiosqlite.connect(temporary, isolation_level=None) as connection:
            await connection.execute("BEGIN IMMEDIATE")
            await connection.execute(f"PRAGMA application_id = {schema.application_id}")
            await _apply(connection, schema, 0)
            await connection.execute("COMMIT")
        _sync_file(temporary)
        # A link does not replace a file that another process made meanwhile.
        os.link(temporary, path)
    except FileExistsError:
        pass  # the other process made the same file
    finally:
        os.umask(previous)
        temporary.unlink(missing_ok=True)
        temporary.with_name(temporary.name + "-journal").unlink(missing_ok=True)
    sync_folder(path.parent)


async def migrate(connection: aiosqlite.Connection, path: Path, schema: Schema) -> Path | None:
    """Bring the database to the newest version in one transaction; return the copy made before,
    None if none was needed.
    """
    version = await version_of(connection)
    if version >= schema.version:
        return None
    copy = path.with_name(f"{path.name}.v{version}.bak")
    await copy_database(connection, copy)
    await connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have migrated while we copied.
        await _apply(connection, schema, await version_of(connection))
        await connection.execute("COMMIT")
    except BaseException:
        await connection.execute("ROLLBACK")
        raise
    return copy


async def copy_database(connection: aiosqlite.Connection, target: Path) -> None:
    """Write a whole, durable copy of the open database to ``target``, replacing an older copy at
    once.
    """
    temporary = _beside(target)
    previous = private_umask()
    try:
        async with aiosqlite.connect(temporary, isolation_level=None) as copy:
            await connection.backup(copy)
        temporary.chmod(FILE_MODE)
        _sync_file(temporary)
        temporary.replace(target)
        sync_folder(target.parent)
    finally:
        os.umask(previous)
        temporary.unlink(missing_ok=True)


async def version_of(connection: aiosqlite.Connection) -> int:
    """Return the schema version of an open database."""
    rows = list(await connection.execute_fetchall("PRAGMA user_version"))
    return int(rows[0][0])


async def newest_copy(connection: aiosqlite.Connection, schema: Schema) -> aiosqlite.Connection:
    """Return a copy in memory of an open database, led to the newest version; the caller closes
    it. The database itself stays as it is.
    """
    copy = await aiosqlite.connect(":memory:", isolation_level=None)
    try:
        await connection.backup(copy)
        await _apply(copy, schema, await version_of(copy))
    except BaseException:
        await copy.close()
        raise
    return copy


_objects: Final[dict[tuple[Schema, int], dict[str, str]]] = {}


async def expected_objects(schema: Schema, version: int | None = None) -> dict[str, str]:
    """Return name -> SQL of every table, index and trigger that a version of the schema (None: the
    newest) has.
    """
    key = (schema, schema.version if version is None else version)
    if key not in _objects:
        _objects[key] = await _build_objects(*key)
    return _objects[key]


async def _build_objects(schema: Schema, version: int) -> dict[str, str]:
    async with aiosqlite.connect(":memory:", isolation_level=None) as connection:
        await _apply(connection, schema, 0, version)
        rows = await connection.execute_fetchall(
            "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        return {str(name): str(sql) for name, sql in rows}


async def _apply(
    connection: aiosqlite.Connection, schema: Schema, version: int, last: int | None = None
) -> None:
    """Lead a database from ``version`` to ``last`` (None: the newest)."""
    for migration in schema.migrations:
        if migration.version <= version:
            continue
        if last is not None and migration.version > last:
            break
        for statement in migration.statements:
            await connection.execute(statement)
        await connection.execute(f"PRAGMA user_version = {migration.version}")


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new-{os.getpid()}-{secrets.token_hex(4)}")


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
