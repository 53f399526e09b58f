"""A shell's kill-switch reaches the engine by one way or another, or it is said that it did not."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import TypeVar

import pytest
from tests.support.recovery import opened

from tradetui.bootstrap.commands import handing_over, operating, switches
from tradetui.bootstrap.commands.handing_over import acting_folder, post_of
from tradetui.bootstrap.commands.instances import create_instance, list_instances
from tradetui.bootstrap.profile.opened_records import opened_store
from tradetui.bootstrap.run.engine import Engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.enums import KillState, Scope
from tradetui.services.errors import RuntimeProblemError, UserError
from tradetui.services.remote import NotYetError
from tradetui.storage.kill_slots import KillSlots
from tradetui.storage.state_db import StateDatabase

T = TypeVar("T")
WHERE = (Scope.GLOBAL, "")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(state=tmp_path / "state")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
async def running(place: Place) -> AsyncIterator[Engine]:
    async with opened(RunOptions(place, demo=True, seed=1)) as engine:
        await engine.driver.start()
        yield engine
        await engine.driver.abandon()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that waits for nobody."""
    monkeypatch.setattr(handing_over, "WAIT_NS", 0)
    monkeypatch.setattr("tradetui.services.remote.WAIT_NS", 0)


async def kill(place: Place) -> str:
    row = await operating.kill(
        place, scope="all", exit_only=False, keep_entries=False, reason="storm"
    )
    assert row["done"]
    return str(row["text"])


async def meanwhile(engine: Engine, act: Coroutine[object, object, T]) -> T:
    """Do what a shell does while the engine looks again and again."""
    task = asyncio.ensure_future(act)
    while not task.done():
        await engine.keeper.stops()
        await asyncio.sleep(0.01)
    return await task


def engaged(engine: Engine) -> dict[object, KillState]:
    found = engine.driver.loop.kernel.state.kill_switches
    return {where: switch.state for where, switch in found.items()}


def refuse_to_open(monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    """Have ``state.db`` refuse whoever comes now, not who has it open."""
    from tradetui.ports.store import StoreError

    async def refuse(folder: Path, *_: object, **__: object) -> StateDatabase:
        raise StoreError(f"{folder / 'state.db'}: {why}; nothing was changed; free it")

    monkeypatch.setattr(StateDatabase, "open", refuse)


async def test_a_full_disk_does_not_keep_a_shell_from_stopping_the_engine(
    running: Engine, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_open(monkeypatch, "has no room left (the disk is full)")
    said = await meanwhile(running, kill(place))
    assert said.startswith("kill HALTED (global) (by way of kill.slots: ")
    assert "has no room left (the disk is full))" in said
    assert engaged(running) == {WHERE: KillState.HALTED}


async def test_a_replaced_or_deleted_database_is_not_written_past_the_engine(
    running: Engine, place: Place, folder: Path
) -> None:
    (folder / "state.db").rename(folder / "away")
    said = await meanwhile(running, kill(place))
    assert "is not the file that process" in said
    assert engaged(running) == {WHERE: KillState.HALTED}
    assert not (folder / "state.db").exists()
    with pytest.raises(RuntimeProblemError, match=r"is not the file that process .* has open"):
        await operating.steer(place, "pause", "all")
    with pytest.raises(RuntimeProblemError, match=r"is not the file that process .* has open"):
        async with opened_store(place):
            pass
    with pytest.raises(RuntimeProblemError, match=r"is not the file that process .* has open"):
        await list_instances(place)
    (folder / "away").rename(folder / "state.db")


async def test_flatten_stops_at_least_and_says_that_nothing_was_closed(
    running: Engine, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_open(monkeypatch, "is locked by another process")
    with pytest.raises(
        RuntimeProblemError,
        match=r"^kill EXIT-ONLY \(global\) \(by way .*\); the positions are NOT closed$",
    ):
        await meanwhile(
            running, operating.flatten(place, name="all", reason="enough", confirmed=True)
        )
    assert engaged(running) == {WHERE: KillState.REDUCING}


@pytest.mark.usefixtures("hasty")
async def test_what_is_not_answered_is_not_called_done(
    running: Engine, place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotYetError, match=r"^NOT done yet: it was handed over, and process \d+"):
        await kill(place)
    refuse_to_open(monkeypatch, "is locked by another process")
    with pytest.raises(NotYetError, match=r"has not answered .* is locked by another process"):
        await kill(place)
    assert [slot.is_open for slot in KillSlots(folder).read()] == [True]
    await running.keeper.stops()
    assert engaged(running) == {WHERE: KillState.HALTED}


async def test_an_inbox_that_is_not_answered_is_not_the_last_way(
    running: Engine, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradetui.services.remote.WAIT_NS", 0)
    said = await meanwhile(running, kill(place))
    assert said == ("kill HALTED (global) (by way of kill.slots: not answered by way of state.db)")
    assert engaged(running) == {WHERE: KillState.HALTED}


async def test_what_cannot_be_handed_over_at_all_says_what_to_do(
    running: Engine, place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_open(monkeypatch, "has no room left (the disk is full)")
    (folder / "kill.slots").unlink()
    with pytest.raises(
        RuntimeProblemError,
        match=r"^NOT handed over, the engine goes on: .*kill\.slots: cannot be used .*kill -TERM",
    ):
        await kill(place)
    assert engaged(running) == {}


async def test_without_an_engine_the_door_keeps_it_for_the_next_start(
    place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_instance(
        place, name="one", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    with monkeypatch.context() as patch:
        refuse_to_open(patch, "has no room left (the disk is full)")
        with pytest.raises(RuntimeProblemError, match=r"^NOT engaged, and no engine runs: "):
            await kill(place)
        KillSlots(folder).prepare()
        assert (await kill(place)).startswith("no engine runs: engaged at the next start")
    (words,) = await switches.waiting_words(place)
    assert words.startswith("global HALTED waits for the next start")
    row = await operating.release(place, scope="all", reason="calm", confirmed=True)
    assert row["text"] == "kill HALTED (global) is taken out of kill.slots"
    assert await switches.waiting_words(place) == []


async def test_a_folder_that_is_not_there_or_holds_nothing_is_refused(
    place: Place, folder: Path
) -> None:
    for act in (
        kill(place),
        operating.release(place, scope="all", reason="calm", confirmed=True),
        operating.flatten(place, name="all", reason="", confirmed=True),
        operating.steer(place, "pause", "all"),
        operating.cancel(place, order="x", confirmed=True),
    ):
        with pytest.raises(UserError, match=r"there is no such state folder. Nothing was done"):
            await act
    assert not folder.exists()
    folder.mkdir(mode=0o700)
    with pytest.raises(UserError, match=r"nothing has run here and no instance is recorded"):
        await kill(place)
    assert await list_instances(place) == []
    assert list(folder.iterdir()) == []
    async with opened_store(place):
        """The records are made, and hold none."""
    with pytest.raises(UserError, match=r"nothing has run here and no instance is recorded"):
        await kill(place)
    assert acting_folder(place) == folder


async def test_a_locked_database_can_be_read_as_soon_as_it_lets_and_changed_by_nobody(
    place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_instance(
        place, name="one", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    refuse_to_open(monkeypatch, "has no room left (the disk is full)")
    assert [row["id"] for row in await list_instances(place)] == ["one"]
    with pytest.raises(RuntimeProblemError, match="has no room left"):
        async with post_of(place):
            pass
    (folder / "state.db").rename(folder / "away")
    with pytest.raises(RuntimeProblemError, match="has no room left"):
        await list_instances(place)


async def test_a_copy_that_cannot_be_written_is_a_warning(
    place: Place,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await create_instance(
        place, name="one", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    with contextlib.closing(sqlite3.connect(folder / "state.db")) as other:
        other.execute("INSERT INTO meta (key, value) VALUES ('x', 'y')")
        other.commit()

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tradetui.storage.state_db.copy_database", full)
    assert "at the next start" in await kill(place)
    await asyncio.sleep(0)
    said = capsys.readouterr().err
    assert "state.db.bak: the copy of state.db cannot be written (No space left on device)" in said
