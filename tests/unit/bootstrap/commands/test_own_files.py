"""``doctor`` on keys, themes and layouts: file, key and line of what is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tradetui.bootstrap.commands import own_files
from tradetui.bootstrap.profile import places
from tradetui.domain.enums import RunMode
from tradetui.ports.store import StoreError
from tradetui.storage.layouts import LayoutStore
from tradetui.storage.probe import FolderProbe
from tradetui.storage.state_db import StateDatabase


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This user's own folder, with nothing in it."""
    monkeypatch.setattr(own_files, "own_keys", lambda: tmp_path / "keys.toml")
    monkeypatch.setattr(own_files, "own_themes", lambda: tmp_path / "themes")
    (tmp_path / "themes").mkdir()
    return tmp_path


def test_nothing_of_ones_own_is_well(own: Path) -> None:
    checks = asyncio.run(own_files.own_checks(own / "state", FolderProbe()))
    assert [check.check for check in checks] == ["keys", "themes", "layouts"]
    assert {check.result for check in checks} == {"ok"}
    assert places.own_keys().name == "keys.toml"


def test_what_is_right_is_said(own: Path) -> None:
    (own / "keys.toml").write_text('[keys]\nwhy = ["w", "f2"]\n')
    (own / "themes" / "mine.toml").write_text('extends = "light"\n[looks]\ngood = "green"\n')
    assert own_files.check_keys().text.endswith("keys.toml: 1 bindings of your own")
    assert own_files.check_themes().text.endswith("themes: mine")


def test_what_is_wrong_names_file_line_and_key(own: Path) -> None:
    (own / "keys.toml").write_text('[keys]\n\npowr = "x"\n')
    (own / "themes" / "mine.toml").write_text('name = "x"\n[looks]\n\ngoood = "green"\n')
    (own / "themes" / "other.toml").write_text('[looks]\ngood = "greenish"\n')
    keys, themes = own_files.check_keys(), own_files.check_themes()
    assert keys.result == themes.result == "FAIL"
    assert f"{own / 'keys.toml'}, line 3: there is no binding powr" in keys.text
    assert "mine.toml, line 4: looks.goood is no look; did you mean good?" in themes.text
    assert "other.toml, line 2: looks.good" in themes.text


async def test_layouts_that_cannot_be_read_are_named(own: Path) -> None:
    folder = own / "state"
    database = await StateDatabase.open(folder, RunMode.PAPER)
    store = LayoutStore(database)
    await store.save("day", {"sort": "day"})
    assert (await own_files.check_layouts(folder, FolderProbe())).text == "day"
    await store.save("night", {"sort": 3})
    await database.close()
    check = await own_files.check_layouts(folder, FolderProbe())
    assert check.result == "warn"
    assert 'layout "night"' in check.text and "sort" in check.text


class Kept(FolderProbe):
    """Layouts as they are kept, whatever is in them."""

    def __init__(self, *kept: tuple[str, str]) -> None:
        self._kept = kept

    async def layouts(self, folder: Path) -> tuple[tuple[str, str], ...]:
        return self._kept


async def test_a_layout_that_is_no_layout_hides_no_other(own: Path) -> None:
    check = await own_files.check_layouts(
        own, Kept(("day", "{}"), ("a\x1bb", "{"), ("list", "[1]"), ("", "{}"))
    )
    assert check.result == "warn"
    assert check.text.startswith(f"{own / 'state.db'}: ")
    assert " is no JSON; " in check.text
    assert check.text.endswith('layout "list": is no table')
    assert "\x1b" not in check.text


async def test_a_database_that_cannot_be_read_is_a_failed_check(own: Path) -> None:
    class Broken(FolderProbe):
        async def layouts(self, folder: Path) -> tuple[tuple[str, str], ...]:
            raise StoreError("state.db: is no database")

    check = await own_files.check_layouts(own, Broken())
    assert (check.result, check.text) == ("FAIL", "state.db: is no database")
