"""Names for the Tab key, read from the files of a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.bootstrap.commands import completing
from tradetui.bootstrap.commands.completing import known_names
from tradetui.cli.wiring import Place


def test_the_instances_that_are_recorded(place: Place) -> None:
    names = known_names(place, "instances")
    assert names == tuple(sorted(names))
    assert any(name.endswith("-grid") for name in names)


def test_the_orders_of_the_newest_steps_each_once(place: Place) -> None:
    ids = known_names(place, "orders")
    assert ids and len(set(ids)) == len(ids)
    assert all(one.startswith("tt") for one in ids)


def test_strategies_and_themes_ones_own_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text("")
    (tmp_path / "_helper.py").write_text("")
    (tmp_path / "mine.toml").write_text("")
    monkeypatch.setattr(completing, "own_strategies", lambda: tmp_path)
    monkeypatch.setattr(completing, "own_themes", lambda: tmp_path)
    assert {"grid", "ma_cross", "mine"} <= set(known_names(Place(), "strategies"))
    assert "_helper" not in known_names(Place(), "strategies")
    assert {"dark", "light", "mine"} <= set(known_names(Place(), "themes"))


def test_a_place_without_files_has_no_names(tmp_path: Path) -> None:
    nowhere = Place(state=tmp_path / "nowhere")
    assert known_names(nowhere, "instances") == known_names(nowhere, "orders") == ()
    assert not (tmp_path / "nowhere").exists()


def test_the_config_says_where_the_state_and_the_strategies_are(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "other.py").write_text("")
    config.write_text(
        f'[profile]\nname = "x"\nstate = "{tmp_path / "kept"}"\n'
        f'[strategies]\nfolders = ["{tmp_path / "folder"}"]\n'
    )
    assert "other" in known_names(Place(config), "strategies")
    assert known_names(Place(config), "instances") == ()
