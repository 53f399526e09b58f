"""Kill-switches that ``state.db`` does not take: held, wanted, shown, and never dropped."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.recovery import opened

from tradetui.bootstrap.run import kept_switches
from tradetui.bootstrap.run.engine import Engine
from tradetui.bootstrap.run.records import MISPLACED_ALERT
from tradetui.cli.wiring import RunOptions
from tradetui.domain.commands import CommandReply, SetKillSwitch
from tradetui.domain.enums import KillState, Scope
from tradetui.domain.risk import KillSwitch
from tradetui.ports.store import StoreError
from tradetui.storage.inbox import SqliteCommandInbox
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.kill_slots import KillSlots, KillSlotsError

HALT = SetKillSwitch(Scope.GLOBAL, "", KillState.HALTED, None, "op", "storm")
CALM = SetKillSwitch(Scope.GLOBAL, "", KillState.NORMAL, None, "op", "calm")
WHERE = (Scope.GLOBAL, "")


@pytest.fixture
def slots(tmp_path: Path) -> KillSlots:
    return KillSlots(tmp_path / "state")


@pytest.fixture
async def running(options: RunOptions) -> AsyncIterator[Engine]:
    async with opened(options) as engine:
        await engine.driver.start()
        yield engine
        await engine.driver.abandon()


@contextmanager
def full(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No byte more for ``state.db``."""

    async def refuse(*_: object, **__: object) -> None:
        raise StoreError(f"{engine.store.database.path}: has no room left (the disk is full); free")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteInstanceStore, "set_kill_switch", refuse)
        patch.setattr(SqliteInstanceStore, "audit", refuse)
        yield


def engaged(engine: Engine) -> dict[object, KillState]:
    switches = engine.driver.loop.kernel.state.kill_switches
    return {where: switch.state for where, switch in switches.items()}


def alerts(engine: Engine) -> list[str]:
    engine.driver.publisher.show_header()
    return [
        alert.text
        for alert in engine.driver.publisher.alerts()
        if "kill " in alert.text and not alert.is_over
    ]


async def test_it_is_wanted_until_it_is_kept_and_an_alert_says_so(
    running: Engine, slots: KillSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full(running, monkeypatch):
        reply = await running.driver.client.send(HALT)
        assert reply.done
        assert reply.text.startswith(
            "kill HALTED (global); it is engaged, not kept in state.db yet: "
        )
        assert "; the journal has it" in reply.text
        assert engaged(running) == {WHERE: KillState.HALTED}
        await running.keeper.stops()
        (text,) = alerts(running)
        assert text.startswith("kill HALTED (global) is engaged, not kept in state.db yet: ")
        assert text.endswith("a start finds it in the journal and in kill.slots")
        assert not (await running.driver.client.send(CALM)).done
        assert engaged(running) == {WHERE: KillState.HALTED}
        assert sum(slot.is_held for slot in slots.read()) == 1
    assert await running.store.kill_switches() == ()
    await running.keeper.stops()
    (kept,) = await running.store.kill_switches()
    assert (kept.state, kept.reason) == (KillState.HALTED, "storm")
    assert (alerts(running), any(slot.is_open for slot in slots.read())) == ([], False)
    assert (await running.driver.client.send(CALM)).done
    assert (engaged(running), await running.store.kill_switches()) == ({}, ())


async def test_a_start_takes_what_a_killed_engine_held(
    options: RunOptions, slots: KillSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As kill -9 with a full disk: neither the journal nor ``state.db`` has it."""
    async with opened(options) as first:
        await first.driver.start()
        slots.hold(HALT, "engaged")
        await first.driver.abandon()
    async with opened(options) as second:
        await second.driver.start()
        assert engaged(second) == {WHERE: KillState.HALTED}
        (kept,) = await second.store.kill_switches()
        assert kept.state is KillState.HALTED
        assert [slot.is_open for slot in slots.read()] == [False]
        await second.driver.abandon()


async def test_what_a_shell_leaves_in_the_door_is_engaged_and_answered(
    running: Engine, slots: KillSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full(running, monkeypatch):
        number = slots.post(HALT)
        await running.keeper.stops()
        reply = slots.reply_to(number)
        assert reply is not None
        assert reply.done
        assert engaged(running) == {WHERE: KillState.HALTED}
        assert [slot.is_held for slot in slots.read()] == [True]
        await running.keeper.stops()
    await running.keeper.stops()
    assert [slot.is_open for slot in slots.read()] == [False]
    lost = slots.post(SetKillSwitch(Scope.STRATEGY, "nobody", KillState.HALTED, None, "op", ""))
    await running.keeper.stops()
    answer = slots.reply_to(lost)
    assert answer is not None
    assert not answer.done
    assert "there is no instance nobody" in answer.text


async def test_the_inbox_is_answered_though_the_journal_is_stalled(
    running: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = SqliteCommandInbox(running.store.database)
    await inbox.post(HALT)
    await running.keeper.stops()
    assert await inbox.reply_to(1) is None  # that of every day answers, in its order
    running.driver.pump._sound.clear()
    await running.keeper.stops()
    reply = await inbox.reply_to(1)
    assert reply is not None
    assert reply.done
    assert engaged(running) == {WHERE: KillState.HALTED}
    running.driver.pump._sound.set()


async def test_a_locked_database_and_a_door_that_is_gone_leave_it_engaged(
    running: Engine, slots: KillSlots
) -> None:
    slots.path.unlink()
    await running.store.database._connection.execute("PRAGMA busy_timeout = 1")
    with contextlib.closing(
        sqlite3.connect(running.store.database.path, isolation_level=None)
    ) as other:
        other.execute("BEGIN EXCLUSIVE")
        reply = await running.driver.client.send(HALT)
        assert reply.done
        assert "is locked by another process" in reply.text
        assert "; not in the audit: " in reply.text
        assert engaged(running) == {WHERE: KillState.HALTED}
        (text,) = alerts(running)
        assert "a start finds it in the journal alone (" in text
        other.execute("ROLLBACK")
    await running.keeper.stops()
    assert [one.state for one in await running.store.kill_switches()] == [KillState.HALTED]
    assert alerts(running) == []


async def test_a_door_that_cannot_be_changed_keeps_a_release_waiting(
    running: Engine, slots: KillSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise KillSlotsError("kill.slots: cannot be used (Input/output error)")

    await running.driver.client.send(HALT)
    slots.hold(HALT, "engaged")
    monkeypatch.setattr(KillSlots, "settle", refuse)
    reply = await running.driver.client.send(CALM)
    assert not reply.done
    assert "kill.slots: cannot be used (Input/output error)" in reply.text
    assert engaged(running) == {WHERE: KillState.HALTED}
    assert [one.state for one in await running.store.kill_switches()] == [KillState.HALTED]
    assert (await running.driver.client.send(HALT)).text == "kill HALTED (global)"
    running.driver.publisher.publish(force=True)
    log = [line.text for line in running.driver.client.snapshot().log]
    assert any(text.startswith("it is in state.db, and kill.slots: ") for text in log)


async def test_a_door_that_cannot_be_made_is_said(
    options: RunOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise KillSlotsError("kill.slots: cannot be made (No space left on device)")

    monkeypatch.setattr(kept_switches.KillSlots, "prepare", refuse)
    async with opened(options) as engine:
        await engine.driver.start()
        log = [line.text for line in engine.driver.client.snapshot().log]
        assert any("a shell's kill-switch may not reach this engine" in text for text in log)
        await engine.driver.abandon()


async def test_records_that_are_not_at_their_path_any_more_are_an_alert(running: Engine) -> None:
    path = running.store.database.path

    def misplaced() -> str:
        running.driver.publisher.show_header()
        found = {alert.alert_id: alert for alert in running.driver.publisher.alerts()}
        alert = found.get(MISPLACED_ALERT)
        return "" if alert is None else f"{'over: ' if alert.is_over else ''}{alert.text}"

    await running.keeper.stops()
    assert misplaced() == ""
    path.rename(path.with_name("away"))
    await running.keeper.stops()
    assert misplaced().startswith(
        f"{path}: is gone (moved or removed), while process {os.getpid()} runs an engine on it: "
    )
    path.with_name("away").rename(path)
    await running.keeper.stops()
    assert misplaced().startswith(f"over: {path}: is gone")


async def test_an_answer_that_does_not_fit_is_cut(running: Engine, slots: KillSlots) -> None:
    number = slots.post(HALT)
    slots.answer(number, CommandReply(True, "x" * 9_000), is_held=False)
    reply = slots.reply_to(number)
    assert reply is not None
    assert reply.text.endswith("...")


async def test_a_kill_switch_that_was_kept_holds_before_anything_is_loaded(
    options: RunOptions,
) -> None:
    async with opened(options) as running:
        await running.keeper.keep_kill_switch(
            KillSwitch(Scope.GLOBAL, "", KillState.HALTED, "me", "night", 1)
        )
        await running.keeper.keep_kill_switch(
            KillSwitch(Scope.ROUTE, "main", KillState.NORMAL, "me", "", 1)
        )
        await running.driver.start()
        switches = running.driver.loop.kernel.state.kill_switches
        engaged = [key for key, one in switches.items() if one.state is not KillState.NORMAL]
        assert engaged == [(Scope.GLOBAL, "")]
        assert switches[Scope.GLOBAL, ""].reason == "night"
        await running.driver.abandon()
