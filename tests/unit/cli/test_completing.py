"""The Tab key: names where a name belongs, nothing where nothing is known, never an error."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete

from tradetui.cli.completing import BASH
from tradetui.cli.main import cli
from tradetui.cli.wiring import Place

NAMES = {
    "instances": ("btc-mr", "btc-trend", "eth-mr"),
    "strategies": ("grid", "ma_cross"),
    "themes": ("dark", "light"),
    "orders": ("tt7k-0412", "tt7k-0398"),
}


class Known:
    """A wiring that knows some names, and where it was asked."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.places: list[Place] = []

    def known_names(self, place: Place, kind: str) -> tuple[str, ...]:
        self.places.append(place)
        if self.fails:
            raise OSError("no such folder")
        return NAMES[kind]


def offered(args: list[str], incomplete: str, door: Any = None) -> list[str]:
    shell = ShellComplete(cli, {"obj": door or Known()}, "tradetui", "_TRADETUI_COMPLETE")
    return [item.value for item in shell.get_completions(args, incomplete)]


@pytest.mark.parametrize(
    ("args", "incomplete", "found"),
    [
        (["instances", "show"], "btc", ["btc-mr", "btc-trend"]),
        (["instances", "mode"], "eth", ["eth-mr"]),
        (["instances", "pause"], "", ["all", "btc-mr", "btc-trend", "eth-mr"]),
        (["instances", "create", "x", "--strategy"], "m", ["ma_cross"]),
        (["strategies", "check"], "g", ["grid"]),
        (["strategies", "show"], "", ["grid", "ma_cross"]),
        (["flatten"], "a", ["all"]),
        (["cancel"], "tt", ["tt7k-0412", "tt7k-0398"]),
        (["why"], "tt7k-03", ["tt7k-0398"]),
        (["why-not"], "e", ["eth-mr"]),
        (["fills", "--instance"], "e", ["eth-mr"]),
        (["decisions", "--instance"], "z", []),
        (["kill", "--scope"], "instance:b", ["instance:btc-mr", "instance:btc-trend"]),
        (["release", "--scope"], "r", ["route:"]),
        (["--theme"], "l", ["light"]),
        (["instances", "create"], "", []),
        (["instances", "mode", "btc-mr"], "o", ["off", "observe"]),
    ],
)
def test_a_name_is_offered_where_one_belongs(
    args: list[str], incomplete: str, found: list[str]
) -> None:
    assert offered(args, incomplete) == found


def test_the_place_on_the_line_is_the_one_that_is_asked() -> None:
    door = Known()
    offered(["--state", "/one", "instances", "show"], "", door)
    offered(["instances", "show", "--state", "/two", "--config", "/c.toml"], "", door)
    assert door.places == [Place(state=Path("/one")), Place(Path("/c.toml"), Path("/two"))]


def test_whatever_fails_offers_nothing() -> None:
    door = Known(fails=True)
    assert offered(["instances", "show"], "", door) == []
    assert offered(["instances", "pause"], "", door) == ["all"]
    assert offered(["kill", "--scope"], "al", door) == ["all"]
    assert len(door.places) == 3


STUB = """#!/bin/bash
printf '%s' "$COMP_CWORD $COMP_WORDS" > "$0.asked"
case "$COMP_WORDS" in
    *file) echo "file,x" ;;
    *folder) echo "dir,x" ;;
    *) echo "plain,instance:btc-mr"; echo "plain,route:" ;;
esac
"""
"""Stands for `tradetui` when a shell asks it: notes what is asked, and offers two scopes."""


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "asked", "found"),
    [
        ("tradetui kill --scope ''", "3 tradetui kill --scope ", "instance:btc-mr route:"),
        ("tradetui kill --scope inst", "3 tradetui kill --scope inst", "instance:btc-mr route:"),
        ("tradetui kill --scope instance :", "3 tradetui kill --scope instance:", "btc-mr route:"),
        (
            "tradetui kill --scope instance : b",
            "3 tradetui kill --scope instance:b",
            "btc-mr route:",
        ),
        (
            "tradetui kill --scope = instance : b",
            "2 tradetui kill --scope=instance:b",
            "btc-mr route:",
        ),
        ("tradetui file", "1 tradetui file", ""),
        ("tradetui folder", "1 tradetui folder", ""),
    ],
)
def test_bash_gives_words_whole_and_takes_back_what_stands_behind_the_colon(
    tmp_path: Path, words: str, asked: str, found: str
) -> None:
    stub = tmp_path / "stub"
    stub.write_text(STUB)
    stub.chmod(0o700)
    script = f"""
        compopt() {{ :; }}
        {BASH}
        COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _tradetui_completion {stub}
        echo "${{COMPREPLY[*]}}"
    """
    made = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert made.stderr == ""
    assert made.stdout.strip() == found
    assert (tmp_path / "stub.asked").read_text().replace("\n", " ") == asked
