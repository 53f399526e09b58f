"""Which config and which folders a command works on, and what a run leaves nothing of."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tradetui.bootstrap.profile.places import demo_state, own_strategies, user_state
from tradetui.bootstrap.profile.profile import (
    is_throwaway,
    profile_at,
    profile_for,
    state_folder,
)
from tradetui.cli.wiring import Place, RunOptions
from tradetui.config.resources import shipped_config, strategies_folder
from tradetui.services.errors import UserError

TAPE = Path("tape.csv")


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config of one's own, of a user who has nothing else."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TRADETUI_CONFIG", raising=False)
    path = tmp_path / "mine.toml"
    path.write_text(shipped_config("default").read_text("utf-8"))
    return path


def test_the_state_folder_is_the_named_one_else_that_of_the_profile(
    named: Path, tmp_path: Path
) -> None:
    assert profile_at(Place(named, tmp_path / "state")).state == tmp_path / "state"
    by_name = profile_at(Place(named))
    assert by_name.state == user_state() / by_name.config.profile.name


def test_ones_own_strategies_come_before_the_samples(named: Path) -> None:
    assert profile_at(Place(named)).strategy_folders == (own_strategies(), strategies_folder())


def test_what_is_wrong_in_a_config_is_a_persons_mistake_with_its_problems(named: Path) -> None:
    named.write_text("nonsense = 1\n")
    with pytest.raises(UserError, match=r"mine\.toml") as raised:
        profile_at(Place(named))
    assert raised.value.problems


def test_a_strategies_folder_that_is_named_and_missing_is_a_persons_mistake(named: Path) -> None:
    named.write_text(named.read_text() + '\n[strategies]\nfolders = ["/nowhere/at/all"]\n')
    with pytest.raises(UserError, match=r"strategies\.folders: /nowhere/at/all is not a folder"):
        profile_at(Place(named))


def test_a_demo_has_its_own_config_and_folder_unless_others_are_named(named: Path) -> None:
    demo = profile_for(RunOptions(Place(), demo=True))
    assert (demo.loaded.found.path, demo.state) == (shipped_config("demo"), demo_state())
    assert profile_for(RunOptions(Place(named), demo=True)).loaded.found.path == named


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (RunOptions(Place(), demo=True), False),
        (RunOptions(Place(), demo=True, is_throwaway=True), True),
        (RunOptions(Place(), demo=True, replay=(TAPE,)), True),
        (RunOptions(Place(state=Path("kept")), demo=True, replay=(TAPE,)), False),
    ],
)
def test_a_replay_without_a_folder_of_its_own_keeps_nothing(
    options: RunOptions, expected: bool
) -> None:
    assert is_throwaway(options) is expected


def test_the_folder_of_a_throwaway_run_goes_with_it(named: Path, tmp_path: Path) -> None:
    options = RunOptions(Place(named, tmp_path / "state"))
    profile = profile_for(options)
    with state_folder(profile, options) as kept:
        assert kept == tmp_path / "state"
    with state_folder(profile, dataclasses.replace(options, is_throwaway=True)) as folder:
        folder.mkdir()
        assert folder != kept
    assert not folder.exists()
