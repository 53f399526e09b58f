"""The records of a place, opened: one sentence of what goes wrong; who reads writes nothing."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tradetui.bootstrap.commands.handing_over import post_of
from tradetui.bootstrap.commands.instances import create_instance, set_mode
from tradetui.bootstrap.commands.reading import positions
from tradetui.bootstrap.profile import opened_records
from tradetui.bootstrap.profile.opened_records import choices_of, instance_service, opened_store
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.cli.wiring import Place
from tradetui.ports.store import StoreError
from tradetui.services.errors import RuntimeProblemError, UserError


async def test_a_database_that_fails_on_the_way_is_one_sentence(state: Path) -> None:
    place = Place(state=state)
    await create_instance(
        place, name="one", strategy="grid", account="paper/main", market="XRP/USDT", config="{}"
    )
    for opened in (instance_service(place), post_of(place)):
        with pytest.raises(RuntimeProblemError, match=r"^state\.db: the disk is full$"):
            async with opened:
                raise StoreError("state.db: the disk is full")
    async with instance_service(place) as service:
        assert len(await service.records()) == 1


async def test_a_file_in_the_folder_s_place_is_said_by_its_name(state: Path) -> None:
    state.write_text("no folder")
    for to_read in (False, True):
        with pytest.raises(RuntimeProblemError, match=str(state)):
            async with opened_store(Place(state=state), to_read=to_read):
                raise AssertionError("it was opened")


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("to_read", [False, True])
async def test_where_nothing_is_kept_nothing_is_made(
    state: Path, to_read: bool, is_there: bool
) -> None:
    if is_there:
        state.mkdir(mode=0o700)
    async with instance_service(Place(state=state), to_read=to_read, makes=False) as service:
        assert await service.records() == ()
    assert not state.exists() or not list(state.iterdir())
    with pytest.raises(UserError, match="there is no instance x"):
        await set_mode(Place(state=state), "x", "off", confirmed=False)
    assert state.exists() == is_there


async def test_where_no_folder_can_be_made_it_is_said(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_records, "TemporaryDirectory", full_disk)
    with pytest.raises(RuntimeProblemError, match=r"no temporary folder can be made \(full\)$"):
        async with opened_store(Place(state=state), to_read=True):
            raise AssertionError("it was opened")


def full_disk(prefix: str) -> None:
    raise OSError(errno.ENOSPC, "full")


def test_a_list_of_nothing_says_that_nothing_has_run(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert positions(Place(state=state)) == []
    assert capsys.readouterr().err == f"tradetui: {state}: nothing has run here yet\n"
    assert not state.exists()


def test_a_new_instance_may_name_the_accounts_of_the_config(state: Path) -> None:
    assert choices_of(profile_at(Place(state=state))).accounts == ("paper/main",)
