"""From an old schema to the newest: the old database is copied first, and whole or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from pathlib import Path

import aiosqlite
import pytest

from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.ports.store import StoreError
from tradetui.storage.database import OpenOptions, open_database
from tradetui.storage.folder import prepare_folder
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.migrations import create_file, expected_objects
from tradetui.storage.schema import Migration, Schema
from tradetui.storage.state_db import StateDatabase
from tradetui.storage.state_schema import STATE_SCHEMA

OPTIONS = OpenOptions(write_ahead=False, busy_timeout_ms=50)
V1 = Schema("state", 7, (Migration(1, ("CREATE TABLE a (x INTEGER) STRICT",)),))
V2 = Schema(
    "state", 7, (*V1.migrations, Migration(2, ("ALTER TABLE a ADD COLUMN y TEXT DEFAULT 'n'",)))
)
V4 = Schema(
    "state",
    7,
    (
        *V2.migrations,
        Migration(3, ("CREATE TABLE b (x INTEGER) STRICT",)),
        Migration(4, ("INSERT INTO b SELECT x FROM a", "DROP TABLE a")),
    ),
)
BROKEN = Schema(
    "state", 7, (*V1.migrations, Migration(2, ("CREATE TABLE b (x INTEGER)", "INSERT INTO none")))
)


async def filled(folder: Path) -> Path:
    path = prepare_folder(folder) / "x.db"
    connection = await open_database(path, V1, OPTIONS)
    await connection.execute("INSERT INTO a VALUES (5)")
    await connection.close()
    return path


async def test_each_step_is_taken_and_the_old_one_is_kept(folder: Path) -> None:
    path = await filled(folder)
    connection = await open_database(path, V2, OPTIONS)
    assert list(await connection.execute_fetchall("SELECT * FROM a")) == [(5, "n")]
    await connection.close()
    connection = await open_database(path, V4, OPTIONS)
    assert list(await connection.execute_fetchall("SELECT * FROM b")) == [(5,)]
    await connection.close()
    copies = {copy.name: copy for copy in folder.iterdir() if copy != path}
    assert sorted(copies) == ["x.db.v1.bak", "x.db.v2.bak"]
    for copy in copies.values():
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    old = sqlite3.connect(copies["x.db.v1.bak"])
    assert old.execute("SELECT * FROM a").fetchall() == [(5,)]
    assert old.execute("PRAGMA user_version").fetchone() == (1,)
    old.close()


async def test_nothing_is_copied_when_nothing_is_to_do(folder: Path) -> None:
    path = await filled(folder)
    connection = await open_database(path, V1, OPTIONS)
    await connection.close()
    assert [file.name for file in folder.iterdir()] == ["x.db"]


async def test_a_step_that_fails_changes_nothing(folder: Path) -> None:
    path = await filled(folder)
    before = path.read_bytes()
    with pytest.raises(Exception, match="cannot be used"):
        await open_database(path, BROKEN, OPTIONS)
    assert path.read_bytes() == before
    assert (folder / "x.db.v1.bak").exists()
    connection = await open_database(path, V1, OPTIONS)
    assert list(await connection.execute_fetchall("SELECT * FROM a")) == [(5,)]
    await connection.close()


async def test_the_real_store_copies_before_a_newer_version(folder: Path) -> None:
    database = await StateDatabase.open(folder, RunMode.PAPER)
    await database.close()
    now = STATE_SCHEMA.version
    later = Migration(now + 1, ("CREATE TABLE later (x INTEGER) STRICT",))
    newer = Schema("state", STATE_SCHEMA.application_id, (*STATE_SCHEMA.migrations, later))
    database = await StateDatabase.open(folder, RunMode.PAPER, schema=newer)
    assert await database.read("SELECT * FROM later") == []
    await database.close()
    assert (folder / f"state.db.v{now}.bak").exists()
    said = rf"by a newer tradetui .schema {now + 1}; this one knows {now}\b"
    with pytest.raises(StoreError, match=said):
        await StateDatabase.open(folder, RunMode.PAPER)


async def test_a_state_of_the_version_before_keeps_its_records_and_its_damage(
    folder: Path,
) -> None:
    before = Schema("state", STATE_SCHEMA.application_id, STATE_SCHEMA.migrations[:2])
    database = await StateDatabase.open(folder, RunMode.PAPER, schema=before)
    columns = "(id, strategy_type, account, market)"
    for name in ("sound", "altered"):

        async def add(connection: aiosqlite.Connection, name: str = name) -> None:
            await connection.execute(
                f"INSERT INTO instances {columns} VALUES (?, 'grid', 'paper/main', 'BTC/USDT')",
                (name,),
            )
            await connection.execute(
                "UPDATE instances SET mode = 'observe', revision = revision + 1 WHERE id = ?",
                (name,),
            )

        await database.write(add)
    await database.close()
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    records = await store.records()
    assert [(one.strategy_id, one.mode, one.revision) for one in records] == [
        ("altered", InstanceMode.OBSERVE, 2),
        ("sound", InstanceMode.OBSERVE, 2),
    ]
    assert not any(one.keep_orders for one in records)
    await store.close()
    copy = folder / "state.db.v2.bak"
    database_file = sqlite3.connect(copy)
    database_file.execute("DROP TRIGGER instances_outside")
    database_file.execute("UPDATE instances SET config = '{\"z\":9}' WHERE id = 'altered'")
    definition = (await expected_objects(STATE_SCHEMA, 2))["instances_outside"]
    database_file.execute(definition)
    database_file.commit()
    database_file.close()
    copy.replace(folder / "state.db")
    with pytest.raises(StoreError, match="row of instance altered is not what was written"):
        await SqliteInstanceStore.open(folder, RunMode.PAPER)


async def test_two_processes_that_create_at_once_make_one_file(folder: Path) -> None:
    path = prepare_folder(folder) / "x.db"
    await create_file(path, V1)
    first = path.stat().st_ino
    await create_file(path, V1)
    assert path.stat().st_ino == first
    assert [file.name for file in folder.iterdir()] == ["x.db"]


async def test_a_file_is_never_half_made(folder: Path) -> None:
    path = prepare_folder(folder) / "x.db"
    with pytest.raises(sqlite3.OperationalError):
        await create_file(path, BROKEN)
    assert list(folder.iterdir()) == []


async def test_two_openings_at_once_migrate_once(folder: Path) -> None:
    path = await filled(folder)
    options = OpenOptions(write_ahead=False, busy_timeout_ms=5_000)
    connections = await asyncio.gather(*(open_database(path, V2, options) for _ in range(3)))
    for connection in connections:
        assert list(await connection.execute_fetchall("SELECT * FROM a")) == [(5, "n")]
        await connection.close()


async def test_expected_objects_are_those_of_a_new_file(folder: Path) -> None:
    path = prepare_folder(folder) / "x.db"
    await create_file(path, STATE_SCHEMA)
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    ).fetchall()
    connection.close()
    assert dict(rows) == await expected_objects(STATE_SCHEMA)
