"""``status``: the engine, the money and every instance; which folder it speaks of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tradetui.bootstrap.commands.status import status
from tradetui.bootstrap.profile.places import demo_state
from tradetui.cli.amounts import Amount
from tradetui.cli.wiring import Place
from tradetui.storage.lock import FolderLock


def test_status_is_the_engine_the_money_and_every_instance(place: Place) -> None:
    row = status(place)
    assert row["engine"] == "does not run"
    assert row["run_mode"] == "paper"
    assert isinstance(row["equity"], Amount) and row["equity"].endswith(" USD")
    assert row["step"] > 100
    names = [one["id"] for one in row["instances"]]
    assert names == sorted(names)
    assert {one["mode"] for one in row["instances"]} >= {"active", "observe"}
    json.dumps(row)


def test_a_demo_that_runs_in_its_own_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert "demo" not in status(Place())
    folder = demo_state()
    folder.mkdir(parents=True, mode=0o700)
    with FolderLock(folder):
        assert status(Place())["demo"].endswith(f"say --state {folder}")
        assert "demo" not in status(Place(state=folder))
        assert "demo" not in status(Place(state=tmp_path / "other"))
