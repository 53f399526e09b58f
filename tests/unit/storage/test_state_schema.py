"""When and by whom a config was set: kept by every way to write one, and taken over from a
``state.db`` of before only as far as it is known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import aiosqlite
import pytest
from tests.support.sqlite_files import change

from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.record_rows import write_audit
from tradetui.storage.schema import Schema
from tradetui.storage.state_db import StateDatabase
from tradetui.storage.state_schema import STATE_SCHEMA

BTC = StrategyId("btc")
BEFORE = Schema("state", STATE_SCHEMA.application_id, STATE_SCHEMA.migrations[:3])
RECENT = 1_700_000_000 * NANOS_PER_SECOND
"""Before any clock that runs these tests, and after what the tests' own clocks say."""


async def made(folder: Path, clock: Callable[[], int]) -> SqliteInstanceStore:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER, now=clock)
    off = InstanceMode.OFF
    await store.create(
        InstanceRecord(BTC, "grid", ExecutionId("paper/main"), "BTC/USDT", off, "{}"), "anna"
    )
    return store


async def reopened(folder: Path) -> InstanceRecord:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    record = await store.record(BTC)
    await store.close()
    assert record is not None
    return record


async def test_a_change_of_mode_is_no_change_of_the_config(folder: Path) -> None:
    times = iter(range(1, 100))
    store = await made(folder, lambda: next(times))
    first = await store.record(BTC)
    assert first is not None
    assert (first.config_time, first.config_by) == (first.created_time, "anna")
    second = await store.set_mode(BTC, InstanceMode.OBSERVE, seen_revision=1, actor="ben")
    assert (second.config_time, second.config_by) == (first.created_time, "anna")
    third = await store.set_config(BTC, '{"z":2}', seen_revision=2, actor="eve")
    assert (third.config_time, third.config_by) == (third.changed_time, "eve")
    fourth = await store.set_mode(BTC, InstanceMode.OFF, seen_revision=3, actor="ben")
    assert fourth.changed_by == "ben"
    assert (fourth.config_time, fourth.config_by) == (third.changed_time, "eve")
    await store.delete(BTC, seen_revision=4, actor="ben")
    back = await store.restore(BTC, "ben")
    assert (back.config_time, back.config_by) == (third.changed_time, "eve")
    await store.close()


async def test_a_config_that_is_set_from_outside_is_set_now(folder: Path) -> None:
    await (await made(folder, lambda: 7)).close()
    change(folder / "state.db", "UPDATE instances SET mode = 'observe'")
    record = await reopened(folder)
    assert (record.config_time, record.config_by) == (7, "anna")
    change(folder / "state.db", """UPDATE instances SET config = '{"z":2}'""")
    record = await reopened(folder)
    assert record.config_time > RECENT
    assert (record.config_by, record.config_version) == ("outside", 2)
    assert record.config_time == record.changed_time


async def test_who_writes_a_revision_and_not_when_has_set_it_now(folder: Path) -> None:
    await (await made(folder, lambda: 7)).close()
    change(
        folder / "state.db",
        "UPDATE instances SET config = '{\"z\":2}', revision = revision + 1, changed_by = 'script'",
    )
    record = await reopened(folder)
    assert record.config_time > RECENT
    assert (record.config_by, record.revision) == ("script", 3)


async def test_the_time_of_a_config_cannot_be_set_without_it(folder: Path) -> None:
    await (await made(folder, lambda: 7)).close()
    change(folder / "state.db", "UPDATE instances SET config_time = 9, config_by = 'nobody'")
    record = await reopened(folder)
    assert (record.config_time, record.config_by) == (7, "anna")
    assert (record.revision, record.changed_by) == (2, "outside")


async def test_a_record_that_comes_from_outside_has_no_time(folder: Path) -> None:
    await (await SqliteInstanceStore.open(folder, RunMode.PAPER)).close()
    change(
        folder / "state.db",
        "INSERT INTO instances (id, strategy_type, account, market) "
        "VALUES ('btc', 'grid', 'paper/main', 'BTC/USDT')",
    )
    record = await reopened(folder)
    assert (record.config_time, record.config_by) == (0, "")


SET = "config = '{\"z\":2}', config_version = config_version + 1, revision = revision + 1"


@pytest.mark.parametrize(
    ("created", "acts", "changes", "said"),
    [
        (5, [(5, "anna", "create")], [], (5, "anna")),
        (5, [(5, "anna", "create"), (6, "ben", "mode")], [], (5, "anna")),
        (5, [], [], (5, "")),
        (0, [], [], (0, "")),
        (5, [(5, "anna", "create"), (6, "eve", "config")], [SET], (6, "eve")),
        (5, [(6, "eve", "config"), (9, "ben", "config")], [SET, SET], (9, "ben")),
        (5, [(6, "eve", "config")], [SET, SET], (0, "")),
        (5, [(5, "anna", "create")], [SET], (0, "")),
        (5, [(6, "eve", "config")], [SET, "mode = 'observe'"], (6, "eve")),
    ],
    ids=[
        "created", "mode switched", "nobody noted who", "from outside", "set", "set twice",
        "set from outside too", "set from outside", "switched from outside",
    ],
)  # fmt: skip
async def test_a_database_of_before_keeps_what_is_known(
    folder: Path,
    created: int,
    acts: list[tuple[int, str, str]],
    changes: list[str],
    said: tuple[int, str],
) -> None:
    await old(folder, created, acts, changes)
    record = await reopened(folder)
    assert (record.config_time, record.config_by) == said
    assert (folder / "state.db.v3.bak").exists()


async def test_an_altered_act_is_not_believed(folder: Path) -> None:
    await old(folder, 5, [(6, "eve", "config")], [SET])
    connection = sqlite3.connect(folder / "state.db")
    (trigger,) = connection.execute(
        "SELECT sql FROM sqlite_master WHERE name = 'audit_final'"
    ).fetchone()
    connection.execute("DROP TRIGGER audit_final")
    connection.execute("UPDATE audit SET actor = 'nobody'")
    connection.execute(trigger)
    connection.commit()
    connection.close()
    record = await reopened(folder)
    assert (record.config_time, record.config_by) == (0, "")


async def old(
    folder: Path, created: int, acts: list[tuple[int, str, str]], changes: list[str]
) -> None:
    """Write records and an audit of the schema before."""
    database = await StateDatabase.open(folder, RunMode.PAPER, schema=BEFORE)

    async def write(connection: aiosqlite.Connection) -> None:
        await connection.execute(
            "INSERT INTO instances (id, strategy_type, account, market, created_time) "
            "VALUES ('btc', 'grid', 'paper/main', 'BTC/USDT', ?)",
            (created,),
        )
        for time, actor, act in acts:
            await write_audit(connection, time, actor, act, "btc", "detail", done=True)
            await write_audit(connection, time + 50, "x", act, "other", "detail", done=True)
        await write_audit(connection, 99, "x", "config", "btc", "refused", done=False)
        for one in changes:
            await connection.execute(f"UPDATE instances SET {one} WHERE id = 'btc'")

    await database.write(write)
    await database.close()
