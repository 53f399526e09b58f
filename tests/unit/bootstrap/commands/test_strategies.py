"""The commands on strategy files: what is found, what is written, and from when on it counts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner, Result

from tradetui.bootstrap.profile.catalogue import LoaderCatalogue
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.wiring import Application
from tradetui.cli.main import cli
from tradetui.cli.wiring import Place


def run(state: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, [*args, "--state", str(state)], obj=Application())


def test_strategies_are_listed_and_checked(state: Path) -> None:
    names = {row["name"] for row in json.loads(run(state, "strategies", "list", "--json").stdout)}
    assert names == {"bollinger_reversion", "gallery", "grid", "ma_cross", "market_maker"}
    checked = json.loads(run(state, "strategies", "check", "ma_cross", "--json").stdout)
    assert checked == [
        {
            "name": "ma_cross",
            "result": "ok",
            "tick": "60 s",
            "feeds": ["bars: bars 1m"],
            "problem": None,
        }
    ]


def test_a_strategies_folder_that_is_missing_is_said(state: Path, tmp_path: Path) -> None:
    from tradetui.config.resources import shipped_config

    named = tmp_path / "mine.toml"
    text = shipped_config("default").read_text("utf-8")
    named.write_text(text + '\n[strategies]\nfolders = ["/nowhere/at/all"]\n')
    result = run(state, "strategies", "list", "--config", str(named))
    assert result.exit_code == 2
    assert "/nowhere/at/all is not a folder" in result.stderr


async def test_ones_own_folder_counts_once_it_is_there(state: Path, tmp_path: Path) -> None:
    catalogue = LoaderCatalogue(profile_at(Place(state=state)).strategy_folders)
    made = await asyncio.to_thread(run, state, "strategies", "new", "swing", "--json")
    row = json.loads(made.stdout)
    assert row["written"] == str(tmp_path / "config" / "tradetui" / "strategies" / "swing.py")
    assert row["found"] == "at once, also by an engine that runs"
    assert "swing" in {one.name for one in catalogue.found()}


def test_a_strategy_written_elsewhere_says_that_it_is_not_found(
    state: Path, tmp_path: Path
) -> None:
    made = run(state, "strategies", "new", "swing", "--folder", str(tmp_path / "x"), "--json")
    found = json.loads(made.stdout)["found"]
    assert found.startswith(f'not yet: write folders = ["{tmp_path / "x"}"] under [strategies]')
