"""Layouts, the command inbox, and the probe of a folder."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tradetui.domain.commands import (
    ClosePosition,
    CommandReply,
    OperatorCommand,
    Pause,
    Reconcile,
    SetKillSwitch,
)
from tradetui.domain.enums import InstanceState, KillState, RunMode, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.store import StoreError
from tradetui.storage.folder import prepare_folder
from tradetui.storage.inbox import SqliteCommandInbox
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.layouts import LayoutStore
from tradetui.storage.lock import FolderLock
from tradetui.storage.probe import FolderProbe
from tradetui.storage.state_db import StateDatabase

BTC = StrategyId("btc")


@pytest_asyncio.fixture
async def database(folder: Path) -> AsyncIterator[StateDatabase]:
    opened = await StateDatabase.open(folder, RunMode.PAPER)
    yield opened
    await opened.close()


async def test_layouts_are_kept_by_name(database: StateDatabase) -> None:
    layouts = LayoutStore(database)
    await layouts.save("day", {"columns": ["ID"], "zoom": 2})
    await layouts.save("night", {})
    await layouts.save("day", {"zoom": 3})
    assert await layouts.names() == ("day", "night")
    assert await layouts.load("day") == {"zoom": 3}
    assert await layouts.load("none") is None
    assert await layouts.remove("day")
    assert not await layouts.remove("day")
    assert await layouts.names() == ("night",)
    with pytest.raises(ValueError, match="not JSON compliant"):
        await layouts.save("odd", {"zoom": float("nan")})
    assert await layouts.names() == ("night",)


async def test_a_layout_that_is_no_object_is_refused(database: StateDatabase, folder: Path) -> None:
    connection = sqlite3.connect(folder / "state.db")
    connection.execute("INSERT INTO layouts VALUES ('x', '[1]', 0)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="layout 'x' is not an object"):
        await LayoutStore(database).load("x")


@pytest.mark.parametrize(
    "command",
    [
        Pause(BTC, True, InstanceState.ACTIVE, "op"),
        SetKillSwitch(Scope.GLOBAL, "", KillState.HALTED, KillState.NORMAL, "op", "why"),
        ClosePosition(None, "op", "flat"),
        Reconcile("op"),
    ],
)
async def test_a_command_is_posted_answered_and_read(
    database: StateDatabase, command: OperatorCommand
) -> None:
    inbox = SqliteCommandInbox(database)
    number = await inbox.post(command)
    assert await inbox.reply_to(number) is None
    (waiting,) = await inbox.waiting()
    assert (waiting.number, waiting.command, waiting.actor) == (number, command, "op")
    await inbox.answer(number, CommandReply(True, "done"))
    assert await inbox.waiting() == ()
    await inbox.answer(number, CommandReply(False, "too late"))
    assert await inbox.reply_to(number) == CommandReply(True, "done")


async def test_commands_come_in_order(database: StateDatabase) -> None:
    inbox = SqliteCommandInbox(database)
    for number in range(150):
        await inbox.post(Reconcile(f"op{number}"))
    waiting = await inbox.waiting()
    assert [item.actor for item in waiting] == [f"op{number}" for number in range(100)]


async def test_a_command_that_cannot_be_read_is_refused(
    database: StateDatabase, folder: Path
) -> None:
    connection = sqlite3.connect(folder / "state.db")
    connection.execute("INSERT INTO commands (time, actor, command) VALUES (1, 'x', '[\"Rob\"]')")
    connection.commit()
    connection.close()
    inbox = SqliteCommandInbox(database)
    await inbox.post(Reconcile("op"))
    assert [item.actor for item in await inbox.waiting()] == ["op"]
    reply = await inbox.reply_to(1)
    assert reply is not None
    assert not reply.done
    assert "the command cannot be read" in reply.text


async def test_the_probe_of_nothing(folder: Path) -> None:
    probe = FolderProbe()
    assert "not there yet" in await probe.check_folder(folder)
    assert await probe.check_state(folder) == "not there yet"
    assert await probe.check_journal(folder) == "not there yet"
    assert await probe.last_time(folder) == 0
    assert not folder.exists()


async def test_the_probe_of_a_sound_folder(
    folder: Path,
    make_header: Callable[..., JournalHeader],
    make_step: Callable[..., StepRecord],
) -> None:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER, now=lambda: 99)
    await store.audit("start", "", "", actor="op", done=True)
    await store.close()
    journal = await SqliteJournal.open(folder, make_header())
    journal.append(make_step(1))
    await journal.close()
    probe = FolderProbe()
    assert await probe.check_folder(folder) == f"{folder}, free"
    with FolderLock(folder):
        said = f"{folder}, an engine runs in it (process {os.getpid()})"
        assert await probe.check_folder(folder) == said
    assert await probe.check_state(folder) == "0 instances, every record sound"
    said = await probe.check_journal(folder)
    assert said.startswith("1 run, 1 step, every row sound; 0 MB of 5,000 MB, ")
    assert await probe.last_time(folder) == 99
    (folder / "journal.db").write_bytes(b"")
    with pytest.raises(StoreError, match=r"is empty .*put aside at the next start"):
        await probe.check_journal(folder)


async def test_the_probe_refuses_an_open_folder(folder: Path) -> None:
    prepare_folder(folder)
    folder.chmod(0o755)
    with pytest.raises(StoreError, match="others can enter it"):
        await FolderProbe().check_folder(folder)


async def test_the_probe_refuses_a_readable_database(folder: Path) -> None:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    await store.close()
    (folder / "state.db").chmod(0o644)
    with pytest.raises(StoreError, match="others can read it"):
        await FolderProbe().check_state(folder)
    with pytest.raises(StoreError, match="others can read it"):
        await SqliteInstanceStore.open(folder, RunMode.PAPER)
