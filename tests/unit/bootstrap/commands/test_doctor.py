"""What ``doctor`` looks at, on a folder with a record and beside a config that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli
from tradetui.config.resources import shipped_config


def run(state: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, [*args, "--state", str(state)], obj=Application())


def test_doctor_looks_at_everything(state: Path) -> None:
    args = ("--strategy", "ma_cross", "--account", "paper/main", "--market", "BTC/USDT")
    assert run(state, "instances", "create", "btc-1", *args).exit_code == 0
    rows = {row["check"]: row for row in json.loads(run(state, "doctor", "--json").stdout)}
    assert rows["config"]["result"] == "ok"
    assert rows["state.db"]["result"] == "ok"
    assert rows["strategies"]["result"] == "ok"


def test_doctor_survives_a_broken_config(state: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[profile\n")
    result = run(state, "doctor", "--config", str(broken), "--json")
    assert result.exit_code == 1
    rows = {row["check"]: row for row in json.loads(result.stdout)}
    assert rows["config"]["result"] == "FAIL"


def test_a_strategies_folder_that_is_missing_is_said_and_stops_no_other_check(
    state: Path, tmp_path: Path
) -> None:
    named = tmp_path / "mine.toml"
    text = shipped_config("default").read_text("utf-8")
    named.write_text(text + '\n[strategies]\nfolders = ["/nowhere/at/all"]\n')
    result = run(state, "doctor", "--config", str(named), "--json")
    assert result.exit_code == 1
    rows = {row["check"]: row for row in json.loads(result.stdout)}
    assert rows["config"]["result"] == "FAIL"
    assert "strategies.folders: /nowhere/at/all is not a folder" in rows["config"]["text"]
    assert {rows[check]["result"] for check in ("state folder", "state.db", "clock")} == {"ok"}
