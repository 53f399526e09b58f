"""Reconciling with a real store and an executor that fails where told."""

from __future__ import annotations

import asyncio
import sqlite3

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.services.plan import Load, Running
from tradetui.services.reconciler import Failure, InstanceLoadError, Reconciler
from tradetui.storage.instance_store import SqliteInstanceStore

OFF, OBSERVE, ACTIVE = InstanceMode.OFF, InstanceMode.OBSERVE, InstanceMode.ACTIVE


class FakeExecutor:
    """Notes what it is asked; instances named in ``broken`` fail to load."""

    def __init__(self) -> None:
        self.running: dict[StrategyId, InstanceRecord] = {}
        self.broken: dict[str, Exception] = {}
        self.calls: list[str] = []
        self.reports: list[tuple[str, str, str]] = []
        self.inside = 0

    def running_instances(self) -> tuple[Running, ...]:
        return tuple(Running(record) for record in self.running.values())

    async def load_instance(self, record: InstanceRecord) -> None:
        self.inside += 1
        assert self.inside == 1
        await asyncio.sleep(0)
        self.inside -= 1
        self.calls.append(f"load {record.strategy_id}")
        if record.strategy_id in self.broken:
            raise self.broken[record.strategy_id]
        self.running[record.strategy_id] = record

    async def try_instance(self, record: InstanceRecord) -> None:
        self.calls.append(f"try {record.strategy_id}")
        if f"try {record.strategy_id}" in self.broken:
            raise self.broken[f"try {record.strategy_id}"]

    async def unload_instance(
        self, strategy_id: StrategyId, reason: str, *, keep_orders: bool = False
    ) -> None:
        self.calls.append(f"unload {strategy_id}: {reason}{', kept' if keep_orders else ''}")
        if f"unload {strategy_id}" in self.broken:
            raise self.broken[f"unload {strategy_id}"]
        del self.running[strategy_id]

    async def change_mode(self, record: InstanceRecord) -> None:
        kept = ", kept" if record.keep_orders else ""
        self.calls.append(f"mode {record.strategy_id} {record.mode.value}{kept}")
        if f"mode {record.strategy_id}" in self.broken:
            raise self.broken[f"mode {record.strategy_id}"]
        self.running[record.strategy_id] = record

    async def report_failure(
        self, record: InstanceRecord | None, text: str, traceback: str
    ) -> None:
        self.reports.append((record.strategy_id if record else "", text, traceback))


async def add(store: SqliteInstanceStore, name: str, mode: InstanceMode = OBSERVE) -> None:
    made = await store.create(
        InstanceRecord(StrategyId(name), "grid", ExecutionId("paper/main"), "BTC/USDT", OFF, "{}"),
        "op",
    )
    for step in {OFF: [], OBSERVE: [OBSERVE], ACTIVE: [OBSERVE, ACTIVE]}[mode]:
        made = await store.set_mode(made.strategy_id, step, seen_revision=made.revision, actor="op")


async def change(
    store: SqliteInstanceStore, name: str, mode: InstanceMode, *, keep_orders: bool = False
) -> None:
    record = await store.record(StrategyId(name))
    assert record is not None
    await store.set_mode(
        record.strategy_id,
        mode,
        seen_revision=record.revision,
        actor="op",
        keep_orders=keep_orders,
    )


async def configure(store: SqliteInstanceStore, name: str, config: str) -> None:
    record = await store.record(StrategyId(name))
    assert record is not None
    await store.set_config(StrategyId(name), config, seen_revision=record.revision, actor="op")


async def test_the_records_are_made_true(store: SqliteInstanceStore) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    await add(store, "a")
    await add(store, "b", OFF)
    await add(store, "c", ACTIVE)
    first = await reconciler.reconcile()
    assert len(first.done) == 2
    assert executor.calls == ["load a", "load c"]
    assert (await reconciler.reconcile()).done == ()
    executor.calls.clear()
    await change(store, "a", OFF)
    await change(store, "b", OBSERVE)
    await change(store, "c", OBSERVE)
    await reconciler.reconcile()
    assert executor.calls == ["unload a: its mode is off", "mode c observe", "load b"]
    executor.calls.clear()
    await configure(store, "b", '{"z":1}')
    await reconciler.reconcile()
    assert executor.calls == ["try b", "unload b: config 1 -> 2", "load b"]


async def test_entry_orders_are_kept_by_the_one_change_that_says_so(
    store: SqliteInstanceStore,
) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    for name in "abcd":
        await add(store, name, ACTIVE)
    await reconciler.reconcile()
    executor.calls.clear()
    await change(store, "a", OFF, keep_orders=True)
    await change(store, "b", OBSERVE, keep_orders=True)
    await configure(store, "c", '{"z":1}')
    await change(store, "c", OBSERVE, keep_orders=True)
    await change(store, "d", OBSERVE, keep_orders=True)
    await configure(store, "d", '{"z":1}')
    await reconciler.reconcile()
    assert executor.calls == [
        "unload a: its mode is off, kept",
        "mode b observe, kept",
        "try c",
        "unload c: config 1 -> 2, kept",
        "load c",
        "try d",
        "unload d: config 1 -> 2",
        "load d",
    ]


async def test_one_failure_harms_no_other(store: SqliteInstanceStore) -> None:
    executor = FakeExecutor()
    executor.broken = {
        "b": InstanceLoadError("line 3: invalid syntax", "Traceback ..."),
        "c": ValueError("odd\x1b[2J"),
    }
    for name in "abcd":
        await add(store, name)
    result = await Reconciler(store, executor).reconcile()
    assert sorted(executor.running) == ["a", "d"]
    assert result.failures == (
        Failure(StrategyId("b"), "line 3: invalid syntax"),
        Failure(StrategyId("c"), "ValueError: odd?[2J"),
    )
    assert executor.reports == [
        ("b", "line 3: invalid syntax", "Traceback ..."),
        ("c", "ValueError: odd?[2J", ""),
    ]


async def test_a_failure_is_tried_again_when_its_record_changes(
    store: SqliteInstanceStore,
) -> None:
    executor = FakeExecutor()
    executor.broken = {"a": InstanceLoadError("no")}
    reconciler = Reconciler(store, executor)
    await add(store, "a")
    await reconciler.reconcile()
    await reconciler.reconcile()
    assert executor.calls == ["load a"]
    await configure(store, "a", '{"z":1}')
    await reconciler.reconcile()
    assert executor.calls == ["load a", "load a"]
    executor.broken.clear()
    await reconciler.reconcile()
    assert executor.running == {}
    result = await reconciler.reconcile(retry=True)
    assert [type(action) for action in result.done] == [Load]


async def test_a_config_that_would_not_load_leaves_the_instance_running(
    store: SqliteInstanceStore,
) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    await add(store, "a", ACTIVE)
    await reconciler.reconcile()
    executor.calls.clear()
    executor.broken = {"try a": InstanceLoadError("fast must be below slow", "Traceback ...")}
    await configure(store, "a", '{"z":1}')
    result = await reconciler.reconcile()
    said = "config 2 is not taken, it runs on with config 1: fast must be below slow"
    assert result.failures == (Failure(StrategyId("a"), said, runs_on=True),)
    assert executor.reports == [("a", said, "Traceback ...")]
    assert executor.calls == ["try a"]
    assert executor.running[StrategyId("a")].config_json == "{}"
    assert (await reconciler.reconcile()).failures == ()
    assert executor.calls == ["try a"]
    executor.broken.clear()
    await configure(store, "a", '{"z":2}')
    await reconciler.reconcile()
    assert executor.running[StrategyId("a")].config_json == '{"z":2}'


async def test_a_refused_config_does_not_hold_up_leaving_active(
    store: SqliteInstanceStore,
) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    await add(store, "a", ACTIVE)
    await add(store, "b")
    await reconciler.reconcile()
    executor.calls.clear()
    executor.broken = {f"try {name}": ValueError("no") for name in "ab"}
    for name, mode in (("a", OBSERVE), ("b", ACTIVE)):
        await configure(store, name, '{"z":1}')
        await change(store, name, mode, keep_orders=mode is OBSERVE)
    await reconciler.reconcile()
    assert executor.calls == ["try a", "mode a observe, kept", "try b"]
    a, b = (executor.running[StrategyId(name)] for name in "ab")
    assert (a.mode, a.config_json, b.mode) == (OBSERVE, "{}", OBSERVE)


async def test_leaving_active_that_fails_is_said_beside_the_config(
    store: SqliteInstanceStore,
) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    await add(store, "a", ACTIVE)
    await reconciler.reconcile()
    executor.broken = {"try a": ValueError("no"), "mode a": RuntimeError("stuck")}
    await configure(store, "a", '{"z":1}')
    await change(store, "a", OBSERVE)
    await reconciler.reconcile()
    assert [text for _, text, _ in executor.reports] == [
        "config 2 is not taken, it runs on with config 1: ValueError: no",
        "RuntimeError: stuck",
    ]


async def test_a_reload_that_fails_only_in_this_process_leaves_the_instance_stopped(
    store: SqliteInstanceStore,
) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    await add(store, "a")
    await reconciler.reconcile()
    executor.broken = {"a": InstanceLoadError("no")}
    await configure(store, "a", '{"z":1}')
    result = await reconciler.reconcile()
    assert result.failures == (Failure(StrategyId("a"), "no"),)
    assert executor.running == {}


async def test_a_person_reloads_only_what_would_load(store: SqliteInstanceStore) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    a = StrategyId("a")
    await add(store, "a")
    assert await reconciler.reload(a, "by hand") is None
    assert executor.calls == []
    await reconciler.reconcile()
    executor.calls.clear()
    assert await reconciler.reload(a, "by hand") is None
    assert executor.calls == ["try a", "unload a: by hand", "load a"]
    executor.calls.clear()
    executor.broken = {"try a": InstanceLoadError("line 3: invalid syntax", "Traceback ...")}
    failure = await reconciler.reload(a, "by hand")
    assert failure == Failure(a, "line 3: invalid syntax", runs_on=True)
    assert executor.calls == ["try a"]
    assert list(executor.running) == ["a"]
    assert executor.reports == []
    executor.broken = {"a": InstanceLoadError("only in this process")}
    assert await reconciler.reload(a, "by hand") == Failure(a, "only in this process")
    assert executor.running == {}


async def test_an_unload_that_fails_is_said_and_tried_again(store: SqliteInstanceStore) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    await add(store, "a")
    await reconciler.reconcile()
    executor.broken = {"unload a": RuntimeError("stuck")}
    await change(store, "a", OFF)
    await reconciler.reconcile()
    assert executor.reports == [("", "RuntimeError: stuck", "")]
    executor.broken.clear()
    await reconciler.reconcile()
    assert executor.running == {}


async def test_passes_never_overlap(store: SqliteInstanceStore) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    for name in "abc":
        await add(store, name)
    await asyncio.gather(*(reconciler.reconcile() for _ in range(5)))
    assert executor.calls == ["load a", "load b", "load c"]


async def test_a_poll_acts_only_on_an_edit_from_outside(store: SqliteInstanceStore) -> None:
    executor = FakeExecutor()
    reconciler = Reconciler(store, executor)
    await add(store, "a")
    await reconciler.reconcile()
    assert await reconciler.poll() is None
    other = sqlite3.connect(store.database.path)
    other.execute("UPDATE instances SET mode = 'off'")
    other.commit()
    other.close()
    result = await reconciler.poll()
    assert result is not None
    assert executor.running == {}
    assert await reconciler.poll() is None
