"""The histories of state.db: what was altered or is missing is named, and stops nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.storage.history import ALTERED, history_faults, mode_changes
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.probe import FolderProbe
from tradetui.storage.schema import Schema
from tradetui.storage.state_db import StateDatabase
from tradetui.storage.state_schema import STATE_SCHEMA

BTC = StrategyId("btc")


async def fill(folder: Path, rows: int = 3) -> None:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    record = InstanceRecord(
        BTC, "sine", ExecutionId("paper/main"), "BTC/USDT", InstanceMode.OFF, "{}"
    )
    made = await store.create(record, "anna")
    await store.set_mode(BTC, InstanceMode.OBSERVE, seen_revision=made.revision, actor="anna")
    for number in range(rows):
        await store.audit("look", "btc", f"détail {number}", actor="anna", done=True)
    assert await history_faults(store.database) == ()
    await store.close()


def damage(folder: Path, old: bytes, new: bytes) -> None:
    path = folder / "state.db"
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))


async def test_changes_of_mode_are_told_from_the_oldest(folder: Path) -> None:
    await fill(folder)
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    found = await mode_changes(store.database, BTC)
    assert [(one.strategy_id, one.from_mode, one.to_mode, one.actor) for one in found] == [
        (BTC, None, InstanceMode.OFF, "anna"),
        (BTC, InstanceMode.OFF, InstanceMode.OBSERVE, "anna"),
    ]
    assert await mode_changes(store.database, StrategyId("eth")) == ()
    await store.close()


async def test_an_altered_entry_is_named_and_shown_as_such(folder: Path) -> None:
    await fill(folder)
    damage(folder, "détail 1".encode(), "détail 2".encode())
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    assert store.notices == (f"{folder}/state.db: row 4 of audit is not what was written",)
    assert [entry.detail for entry in await store.audit_entries(2)] == [
        ALTERED + "détail 2",
        "détail 2",
    ]
    assert len(await store.records()) == 1
    await store.close()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM mode_history WHERE number = 1", "row 1 of mode_history is missing"),
        ("DELETE FROM audit WHERE number IN (2, 3)", "row 2 to 3 of audit is missing"),
        ("UPDATE audit SET number = 77 WHERE number = 5", "row 5 to 76 of audit is missing"),
        (
            "UPDATE mode_history SET actor = 'eve' WHERE number = 2",
            "row 2 of mode_history is not what was written",
        ),
    ],
)
async def test_what_the_triggers_would_refuse_is_found(folder: Path, sql: str, said: str) -> None:
    await fill(folder)
    path = folder / "state.db"
    with sqlite3.connect(path) as change:
        with pytest.raises(sqlite3.IntegrityError, match="are only added"):
            change.execute(sql)
        names = ("audit_kept", "audit_final", "mode_history_kept", "mode_history_final")
        kept = {
            name: change.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            for name in names
        }
        for name in names:
            change.execute(f"DROP TRIGGER {name}")
        change.execute(sql)
        for name in names:
            change.execute(kept[name][0])
    change.close()
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    assert f"{path}: {said}" in store.notices
    if "eve" in sql:
        assert [change.actor for change in await store.mode_history(BTC)] == [
            "anna",
            ALTERED + "eve",
        ]
    await store.close()


async def test_only_the_newest_rows_are_checked_when_asked(folder: Path) -> None:
    await fill(folder, rows=30)
    damage(folder, "détail 17".encode(), "détail 99".encode())
    database = await StateDatabase.open(folder, RunMode.PAPER)
    assert await history_faults(database, 5) == ()
    assert len(await history_faults(database)) == 1
    await database.close()


async def test_an_older_database_is_read_and_then_led_on(folder: Path) -> None:
    first = Schema("state", STATE_SCHEMA.application_id, STATE_SCHEMA.migrations[:1])
    database = await StateDatabase.open(folder, RunMode.PAPER, schema=first)
    store = SqliteInstanceStore(database)
    await store.audit("look", "btc", "before", actor="anna", done=True)
    assert [entry.detail for entry in await store.audit_entries(5)] == ["before"]
    assert await history_faults(database) == ()
    await database.close()
    probe = FolderProbe()
    assert await probe.check_state(folder) == "0 instances, every record sound"
    assert await probe.last_time(folder) > 0
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    await store.audit("look", "btc", "after", actor="anna", done=True)
    assert [entry.detail for entry in await store.audit_entries(5)] == ["before", "after"]
    assert await history_faults(store.database) == ()
    await store.close()
