"""One run of the demo, made once and copied for each module that reads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.support.demo_runs import run_demo

from tradetui.cli.wiring import Place


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
