"""One run of the demo, made once and copied for each module that reads it; places for new runs."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.support.demo_runs import run_demo

from tradetui.bootstrap.profile.profile import Profile
from tradetui.cli.wiring import Place, RunOptions


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a run over two hours of minutes, stopped cleanly; not to be touched."""
    place = run_demo(tmp_path_factory.mktemp("demo"), 120)
    assert place.state is not None
    return place.state


@pytest.fixture(scope="module")
def place(demo_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A module's own copy of the run."""
    state = tmp_path_factory.mktemp("run") / "state"
    shutil.copytree(demo_run, state)
    return Place(state=state)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that is not there yet, of a user without files of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TRADETUI_CONFIG", raising=False)
    return tmp_path / "state"


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    """A demo in a state folder that is not there yet."""
    return RunOptions(Place(state=tmp_path / "state"), demo=True, seed=1)


def with_config(profile: Profile, /, **changes: Any) -> Profile:
    """Return the same profile with sections of its config changed."""
    config = profile.config.model_copy(update=changes)
    return dataclasses.replace(profile, loaded=dataclasses.replace(profile.loaded, config=config))
