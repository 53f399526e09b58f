"""Where a user's own files are looked for, in folders that nobody need have made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.bootstrap.profile import places
from tradetui.cli.wiring import Place


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TRADETUI_CONFIG", raising=False)
    return tmp_path


def test_every_place_is_below_the_users_own_folders_and_none_is_made(home: Path) -> None:
    own = home / "config" / "tradetui"
    assert places.own_config_file() == own / "config.toml"
    assert places.own_strategies() == own / "strategies"
    assert places.own_themes() == own / "themes"
    assert places.own_keys() == own / "keys.toml"
    assert places.user_state() == home / "state" / "tradetui"
    assert places.demo_state() == home / "state" / "tradetui" / "demo"
    assert list(home.iterdir()) == []


def test_the_config_that_is_named_wins_over_the_users_own(home: Path) -> None:
    own = places.own_config_file()
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert places.found_config(Place()).path == own
    named = home / "other.toml"
    named.write_text("")
    assert places.found_config(Place(config=named)).path == named
