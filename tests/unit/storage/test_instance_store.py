"""The records of state.db: every rule of the port, and edits by other processes.

Also the tests of ``storage/record_rows.py``.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from tradetui.domain.enums import InstanceMode, KillState, RunMode, Scope
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.risk import KillSwitch
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.ports.store import RecordConflictError, StoreError
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.schema import Schema
from tradetui.storage.state_db import StateDatabase
from tradetui.storage.state_schema import STATE_SCHEMA

OFF, OBSERVE, ACTIVE = InstanceMode.OFF, InstanceMode.OBSERVE, InstanceMode.ACTIVE
BTC = StrategyId("btc-mr")


def record(name: str = "btc-mr", config: str = '{"z":2.0}') -> InstanceRecord:
    return InstanceRecord(
        StrategyId(name), "mean_revert", ExecutionId("paper/main"), "BTC/USDT", OFF, config
    )


@pytest_asyncio.fixture
async def store(folder: Path, clock: Callable[[], int]) -> AsyncIterator[SqliteInstanceStore]:
    opened = await SqliteInstanceStore.open(folder, RunMode.PAPER, now=clock, busy_timeout_ms=50)
    yield opened
    await opened.close()


def outside(folder: Path, sql: str) -> None:
    """Write as another process would: with plain SQL."""
    connection = sqlite3.connect(folder / "state.db")
    try:
        connection.execute(sql)
        connection.commit()
    finally:
        connection.close()


async def test_files_are_private(store: SqliteInstanceStore, folder: Path) -> None:
    await store.create(record(), "op")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"state.db": 0o600, "state.db.bak": 0o600}


async def test_a_record_comes_back_as_written(store: SqliteInstanceStore) -> None:
    made = await store.create(record(config='{"z":2.0,"note":"ä€😀"}'), "op")
    assert made.mode is OFF
    assert made.revision == 1
    assert made.config_json == '{"z":2.0,"note":"ä€😀"}'
    assert made.changed_by == "op"
    assert made.created_time == made.changed_time
    assert await store.record(BTC) == made
    assert await store.records() == (made,)


async def test_records_are_in_order_of_id(store: SqliteInstanceStore) -> None:
    for name in ("eth", "btc", "xrp-1", "0x"):
        await store.create(record(name), "op")
    assert [r.strategy_id for r in await store.records()] == ["0x", "btc", "eth", "xrp-1"]


async def test_a_record_is_created_off_whatever_it_says(store: SqliteInstanceStore) -> None:
    made = await store.create(msgspec.structs.replace(record(), mode=ACTIVE), "op")
    assert made.mode is OFF


async def test_an_id_is_never_used_again(
    store: SqliteInstanceStore, folder: Path, clock: Callable[[], int]
) -> None:
    made = await store.create(record(), "op")
    with pytest.raises(RecordConflictError, match="used before"):
        await store.create(record(), "op")
    await store.delete(BTC, seen_revision=made.revision, actor="op")
    with pytest.raises(RecordConflictError, match="used before"):
        await store.create(record(), "op")
    outside(folder, "DELETE FROM instances")
    with pytest.raises(RecordConflictError, match="used before"):
        await store.create(record(), "op")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("strategy_id", "Btc", "an id has 1 to 24"),
        ("strategy_id", "", "an id has 1 to 24"),
        ("strategy_id", "a" * 25, "an id has 1 to 24"),
        ("strategy_id", "../x", "an id has 1 to 24"),
        ("strategy_id", "ä", "an id has 1 to 24"),
        ("strategy_type", "../x", "is not a name"),
        ("strategy_type", "a\x1b[31m", "is not a name"),
        ("account", "", "account '' is not a name"),
        ("account", "a b", "account 'a b' is not a name"),
        ("market", "x" * 65, "is not a name"),
        ("market", "BTC\x1b[2J", "is not a name"),
    ],
)
async def test_an_identity_must_be_made_of_names(
    store: SqliteInstanceStore, field: str, value: str, said: str
) -> None:
    with pytest.raises(RecordConflictError, match=said) as caught:
        await store.create(msgspec.structs.replace(record(), **{field: value}), "op")
    assert str(caught.value).isprintable()
    assert await store.records() == ()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[1]", "must be a JSON object"),
        ("3", "must be a JSON object"),
        ('{"z": NaN}', "is not JSON"),
        ("[" * 100_000, "longer than|is not JSON"),
        ('{"z":"' + "x" * 70_000 + '"}', "longer than 65,536"),
        ('{"z":"\ud800"}', "is not JSON"),
    ],
)
async def test_a_config_must_be_an_object(
    store: SqliteInstanceStore, config: str, said: str
) -> None:
    made = await store.create(record(), "op")
    with pytest.raises(RecordConflictError, match=said):
        await store.create(record("other", config), "op")
    with pytest.raises(RecordConflictError, match=said):
        await store.set_config(BTC, config, seen_revision=made.revision, actor="op")
    assert await store.records() == (made,)


async def test_the_legal_walk_is_recorded(store: SqliteInstanceStore) -> None:
    now = await store.create(record(), "op")
    for mode in (OBSERVE, ACTIVE, OBSERVE, OFF):
        now = await store.set_mode(BTC, mode, seen_revision=now.revision, actor="op2")
    history = await store.mode_history(BTC)
    assert [(h.from_mode, h.to_mode) for h in history] == [
        (None, OFF),
        (OFF, OBSERVE),
        (OBSERVE, ACTIVE),
        (ACTIVE, OBSERVE),
        (OBSERVE, OFF),
    ]
    assert [h.actor for h in history] == ["op", "op2", "op2", "op2", "op2"]
    assert [h.time for h in history] == sorted({h.time for h in history})
    assert now.revision == 5
    assert now.config_version == 1


async def test_orders_are_kept_by_one_change_only(store: SqliteInstanceStore, folder: Path) -> None:
    now = await store.create(record(), "op")
    for mode in (OBSERVE, ACTIVE):
        now = await store.set_mode(BTC, mode, seen_revision=now.revision, actor="op")
    assert not now.keep_orders
    now = await store.set_mode(
        BTC, OBSERVE, seen_revision=now.revision, actor="op", keep_orders=True
    )
    assert now.keep_orders
    assert (await store.audit_entries(1))[0].detail == "active -> observe, entry orders kept"
    configured = await store.set_config(BTC, '{"z":3}', seen_revision=now.revision, actor="op")
    assert not configured.keep_orders
    now = await store.set_mode(BTC, ACTIVE, seen_revision=configured.revision, actor="op")
    assert not now.keep_orders
    outside(folder, "UPDATE instances SET mode = 'observe'")
    assert not (await store.records())[0].keep_orders
    outside(folder, "UPDATE instances SET mode = 'off', kept_revision = revision + 1")
    (off,) = await store.records()
    assert (off.mode, off.keep_orders) == (OFF, True)
    outside(folder, "UPDATE instances SET kept_revision = 0")
    (off,) = await store.records()
    assert (off.keep_orders, off.changed_by) == (False, "outside")


async def test_off_to_active_is_refused(store: SqliteInstanceStore, folder: Path) -> None:
    made = await store.create(record(), "op")
    with pytest.raises(RecordConflictError, match="off to active is refused"):
        await store.set_mode(BTC, ACTIVE, seen_revision=made.revision, actor="op")
    with pytest.raises(sqlite3.IntegrityError, match="off to active is refused"):
        outside(folder, "UPDATE instances SET mode = 'active'")
    with pytest.raises(sqlite3.IntegrityError, match="off to active is refused"):
        outside(
            folder,
            "INSERT INTO instances (id, strategy_type, account, market, mode) "
            "VALUES ('x', 'y', 'paper/main', 'BTC/USDT', 'active')",
        )
    assert await store.records() == (made,)


async def test_the_same_mode_changes_nothing(store: SqliteInstanceStore) -> None:
    made = await store.create(record(), "op")
    assert await store.set_mode(BTC, OFF, seen_revision=made.revision, actor="op") == made


async def test_a_config_change_counts_its_version(store: SqliteInstanceStore) -> None:
    made = await store.create(record(), "op")
    changed = await store.set_config(BTC, '{"z":3}', seen_revision=made.revision, actor="op2")
    assert changed.config_json == '{"z":3}'
    assert changed.config_version == 2
    assert changed.revision == 2
    assert changed.changed_by == "op2"
    same = await store.set_config(BTC, '{"z":3}', seen_revision=2, actor="op3")
    assert same == changed


async def test_an_old_view_is_refused_and_says_who_changed_it(store: SqliteInstanceStore) -> None:
    made = await store.create(record(), "op")
    await store.set_mode(BTC, OBSERVE, seen_revision=made.revision, actor="alice")
    refused = "changed while you looked .by alice: observe, revision 1 -> 2.; nothing was done"
    with pytest.raises(RecordConflictError, match=refused):
        await store.set_mode(BTC, OFF, seen_revision=made.revision, actor="bob")
    with pytest.raises(RecordConflictError, match=refused):
        await store.set_config(BTC, "{}", seen_revision=made.revision, actor="bob")
    with pytest.raises(RecordConflictError, match=refused):
        await store.delete(BTC, seen_revision=made.revision, actor="bob")


async def test_an_unknown_id_is_refused(store: SqliteInstanceStore) -> None:
    ghost = StrategyId("ghost")
    with pytest.raises(RecordConflictError, match="ghost: there is no instance"):
        await store.set_mode(ghost, OBSERVE, seen_revision=1, actor="op")
    with pytest.raises(RecordConflictError, match="ghost: there is no instance"):
        await store.set_config(ghost, "{}", seen_revision=1, actor="op")
    with pytest.raises(RecordConflictError, match="ghost: is not among the deleted"):
        await store.restore(ghost, "op")
    assert await store.record(ghost) is None
    assert await store.mode_history(ghost) == ()


async def test_a_deleted_record_can_be_restored_off(store: SqliteInstanceStore) -> None:
    made = await store.create(record(), "op")
    on = await store.set_mode(BTC, OBSERVE, seen_revision=made.revision, actor="op")
    with pytest.raises(RecordConflictError, match="is observe; switch it off"):
        await store.delete(BTC, seen_revision=on.revision, actor="op")
    off = await store.set_mode(BTC, OFF, seen_revision=on.revision, actor="op")
    await store.delete(BTC, seen_revision=off.revision, actor="op")
    assert await store.records() == ()
    assert await store.record(BTC) is None
    back = await store.restore(BTC, "op")
    assert back.mode is OFF
    assert back.config_json == made.config_json
    assert await store.records() == (back,)


async def test_a_deleted_record_is_kept_thirty_days(folder: Path) -> None:
    day = [NANOS_PER_DAY * 20_000]
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER, now=lambda: day[0])
    made = await store.create(record(), "op")
    await store.delete(BTC, seen_revision=made.revision, actor="op")
    await store.close()
    day[0] += 30 * NANOS_PER_DAY
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER, now=lambda: day[0])
    back = await store.restore(BTC, "op")
    await store.delete(BTC, seen_revision=back.revision, actor="op")
    await store.close()
    day[0] += 30 * NANOS_PER_DAY
    day[0] += 1
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER, now=lambda: day[0])
    with pytest.raises(RecordConflictError, match="not among the deleted"):
        await store.restore(BTC, "op")
    with pytest.raises(RecordConflictError, match="used before"):
        await store.create(record(), "op")
    await store.close()


@pytest.mark.parametrize(
    "change",
    ["id = 'other'", "strategy_type = 'x'", "account = 'x'", "market = 'X'", "created_time = 5"],
)
async def test_identity_never_changes_even_from_outside(
    store: SqliteInstanceStore, folder: Path, change: str
) -> None:
    made = await store.create(record(), "op")
    with pytest.raises(sqlite3.IntegrityError, match="identity of an instance never changes"):
        outside(folder, f"UPDATE instances SET {change}")
    assert await store.records() == (made,)


@pytest.mark.parametrize(
    "change",
    ["mode = 'on'", "config = 'x'", "config = '[]'", "revision = 0", "mode = NULL", "config = 5.5"],
)
async def test_nonsense_from_outside_is_refused(
    store: SqliteInstanceStore, folder: Path, change: str
) -> None:
    made = await store.create(record(), "op")
    with pytest.raises(sqlite3.IntegrityError):
        outside(folder, f"UPDATE instances SET {change}")
    assert await store.records() == (made,)


async def test_an_edit_from_outside_is_noticed_counted_and_attributed(
    store: SqliteInstanceStore, folder: Path
) -> None:
    await store.create(record(), "op")
    assert not await store.changed_outside()
    outside(folder, "UPDATE instances SET mode = 'observe'")
    assert await store.changed_outside()
    assert not await store.changed_outside()
    outside(folder, "UPDATE instances SET config = '{\"z\": 4}', changed_by = 'me'")
    assert await store.changed_outside()
    (now,) = await store.records()
    assert now.mode is OBSERVE
    assert now.config_json == '{"z": 4}'
    assert now.config_version == 2
    assert now.revision == 3
    assert now.changed_by == "outside"
    assert (await store.mode_history(BTC))[-1].actor == "outside"


async def test_a_record_from_outside_appears(store: SqliteInstanceStore, folder: Path) -> None:
    outside(
        folder,
        "INSERT INTO instances (id, strategy_type, account, market, mode) "
        "VALUES ('sol', 'grid', 'paper/main', 'SOL/USDT', 'observe')",
    )
    assert await store.changed_outside()
    (found,) = await store.records()
    assert found.mode is OBSERVE
    assert found.config_json == "{}"
    assert [h.to_mode for h in await store.mode_history(StrategyId("sol"))] == [OBSERVE]


async def test_our_own_writes_are_not_from_outside(store: SqliteInstanceStore) -> None:
    made = await store.create(record(), "op")
    await store.set_mode(BTC, OBSERVE, seen_revision=made.revision, actor="op")
    await store.audit("note", "", "x", actor="op", done=True)
    assert not await store.changed_outside()


async def test_every_act_is_in_the_audit(store: SqliteInstanceStore) -> None:
    made = await store.create(record(), "op")
    now = await store.set_mode(BTC, OBSERVE, seen_revision=made.revision, actor="op")
    now = await store.set_config(BTC, '{"z":3}', seen_revision=now.revision, actor="op")
    now = await store.set_mode(BTC, OFF, seen_revision=now.revision, actor="op")
    await store.delete(BTC, seen_revision=now.revision, actor="op")
    await store.restore(BTC, "op")
    await store.audit("quit", "", "with orders open", actor="op", done=False)
    entries = await store.audit_entries(100)
    assert [e.act for e in entries] == [
        "create",
        "mode",
        "config",
        "mode",
        "delete",
        "restore",
        "quit",
    ]
    assert entries[1].detail == "off -> observe"
    assert entries[2].detail == '{"z":2.0} -> {"z":3}'
    assert [e.done for e in entries[-2:]] == [True, False]
    assert [e.act for e in await store.audit_entries(2)] == ["restore", "quit"]


async def test_what_the_audit_keeps_is_printable_and_bounded(store: SqliteInstanceStore) -> None:
    await store.audit("a\x1b[2J", "\u202e", "x" * 9_999, actor="o\np", done=True)
    (entry,) = await store.audit_entries(1)
    assert entry.act == "a?[2J"
    assert entry.target == "?"
    assert entry.actor == "o p"
    assert len(entry.detail) == 2_000


async def test_kill_switches_survive(folder: Path) -> None:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    halted = KillSwitch(Scope.GLOBAL, "", KillState.HALTED, "op", "panic", 5)
    reducing = KillSwitch(Scope.ROUTE, "paper-main", KillState.REDUCING, "op", "slow", 6)
    await store.set_kill_switch(halted)
    await store.set_kill_switch(reducing)
    await store.close()
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    assert await store.kill_switches() == (halted, reducing)
    normal = KillSwitch(Scope.GLOBAL, "", KillState.NORMAL, "op", "calm", 7)
    await store.set_kill_switch(normal)
    assert await store.kill_switches() == (reducing,)
    assert [e.act for e in await store.audit_entries(9)] == [
        "kill HALTED",
        "kill REDUCING",
        "kill NORMAL",
    ]
    await store.close()


async def test_a_folder_has_one_run_mode_for_ever(folder: Path) -> None:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    await store.close()
    with pytest.raises(StoreError, match="belongs to run mode paper, not live; live and paper"):
        await SqliteInstanceStore.open(folder, RunMode.LIVE)


async def test_a_cancelled_caller_tears_no_write(store: SqliteInstanceStore) -> None:
    for number in range(30):
        name = f"i{number}"
        task = asyncio.ensure_future(store.create(record(name), "op"))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await store.create(record("last"), "op")).strategy_id == "last"
    created = {e.target for e in await store.audit_entries(100)}
    assert {r.strategy_id for r in await store.records()} == created


async def test_closing_waits_for_writes_under_way(folder: Path) -> None:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    task = asyncio.ensure_future(store.create(record(), "op"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store.close()
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    assert len(await store.records()) == len(await store.audit_entries(9))
    await store.close()


async def test_a_lock_held_by_another_process_is_said(
    store: SqliteInstanceStore, folder: Path
) -> None:
    made = await store.create(record(), "op")
    other = sqlite3.connect(folder / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is locked by another process; nothing was changed"):
        await store.set_mode(BTC, OBSERVE, seen_revision=made.revision, actor="op")
    other.execute("ROLLBACK")
    other.close()
    now = await store.set_mode(BTC, OBSERVE, seen_revision=made.revision, actor="op")
    assert now.mode is OBSERVE


async def test_a_full_disk_is_said_and_nothing_is_half_written(
    store: SqliteInstanceStore,
) -> None:
    (pages,) = (await store.database.read("PRAGMA page_count"))[0]
    await store.database.read(f"PRAGMA max_page_count = {pages}")
    made: list[str] = []
    with pytest.raises(StoreError, match=r"has no room left .the disk is full"):
        for number in range(200):
            name = f"i{number}"
            await store.create(record(name, '{"note":"' + "x" * 2_000 + '"}'), "op")
            made.append(name)
    assert [r.strategy_id for r in await store.records()] == sorted(made)
    await store.database.read("PRAGMA max_page_count = 100000")
    await store.create(record("later"), "op")
    assert len(await store.audit_entries(1_000)) == len(made) + 1


async def test_after_a_kill_all_is_as_it_was(folder: Path) -> None:
    """What another connection reads without ours being closed is what a kill would leave."""
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    made = await store.create(record(), "op")
    on = await store.set_mode(BTC, OBSERVE, seen_revision=made.revision, actor="op")
    copy = folder.parent / "copy"
    copy.mkdir(mode=0o700)
    (copy / "state.db").write_bytes((folder / "state.db").read_bytes())
    (copy / "state.db").chmod(0o600)
    await store.close()
    again = await SqliteInstanceStore.open(copy, RunMode.PAPER)
    assert await again.records() == (on,)
    await again.close()


async def test_a_store_that_is_opened_to_read_changes_nothing(
    store: SqliteInstanceStore, folder: Path
) -> None:
    made = await store.create(record(), "op")
    await store.close()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    reading = await SqliteInstanceStore.open_to_read(folder, RunMode.PAPER)
    assert await reading.records() == (made,)
    assert (await reading.mode_history(BTC))[0].to_mode is OFF
    with pytest.raises(StoreError, match=r"state\.db: cannot be written \(read-only\)"):
        await reading.create(record("other"), "op")
    await reading.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(StoreError, match="belongs to run mode paper, not live"):
        await SqliteInstanceStore.open_to_read(folder, RunMode.LIVE)


async def test_what_cannot_be_read_alone_is_said(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    with pytest.raises(StoreError, match=r"state\.db: is not there, and cannot be made"):
        await SqliteInstanceStore.open_to_read(folder, RunMode.PAPER)
    first = Schema("state", STATE_SCHEMA.application_id, STATE_SCHEMA.migrations[:1])
    await (await StateDatabase.open(folder, RunMode.PAPER, schema=first)).close()
    with pytest.raises(StoreError, match=r"older tradetui and cannot be brought up.*copy"):
        await SqliteInstanceStore.open_to_read(folder, RunMode.PAPER)
    (folder / "state.db").write_bytes(b"")
    with pytest.raises(StoreError, match=r"state\.db: is empty"):
        await SqliteInstanceStore.open_to_read(folder, RunMode.PAPER)


async def test_the_copy_is_made_where_something_changed_and_only_then(folder: Path) -> None:
    async def opened(*, has_copy: bool = True) -> int:
        one = await SqliteInstanceStore.open(folder, RunMode.PAPER, has_copy=has_copy)
        await one.close()
        copy = folder / "state.db.bak"
        return copy.stat().st_ino if copy.exists() else 0

    assert await opened(has_copy=False) == 0
    assert await opened() != 0
    for name, seconds in (("state.db", 1_000), ("state.db.bak", 2_000)):
        os.utime(folder / name, (seconds, seconds))
    first = await opened()
    assert await opened() == first
    outside(folder, "INSERT INTO meta (key, value) VALUES ('x', 'y')")
    assert await opened(has_copy=False) == first
    assert await opened() != first


async def test_a_file_that_is_not_at_its_path_any_more_is_told(folder: Path) -> None:
    one = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    database, path = one.database, folder / "state.db"
    assert database.misplaced() == ""
    path.rename(folder / "away")
    assert database.misplaced() == f"{path}: is gone (moved or removed)"
    path.write_bytes(b"")
    assert database.misplaced().endswith(
        "is another file than the one that is open (it was replaced)"
    )
    folder.rename(folder.with_name("elsewhere"))
    assert database.misplaced().startswith(f"{folder}: the state folder is gone from there")
    folder.with_name("elsewhere").rename(folder)
    (folder / "away").rename(path)
    assert database.misplaced() == ""
    await one.close()
