"""The console's shell: a process of its own, its data, its talk, its code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tradetui.bootstrap.commands import doctor as examining
from tradetui.bootstrap.console.child_shell import MOST_LINES, ChildShell, setting_lines
from tradetui.cli.output import WINDOW
from tradetui.cli.wiring import Place
from tradetui.config.finding import Found
from tradetui.config.loading import load_config
from tradetui.config.resources import shipped_config
from tradetui.services.doctor import Patient
from tradetui.tui.actions import Printed

ECHO = "import os, sys; print(sys.argv[1:]); print(os.environ['TRADETUI_COLUMNS'])"


def program(code: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", code)


async def test_words_place_and_width_reach_the_command() -> None:
    asked = ChildShell(Path("c.toml"), Path("s"), program=program(ECHO))
    printed = await asked.run(("show", "a b"), 74)
    words = ["--config", "c.toml", "--state", "s", "show", "a b"]
    assert printed == Printed(0, (str(words), "74"))


async def test_talk_and_code_are_kept_apart() -> None:
    code = "import sys; print('row'); print('no', file=sys.stderr); sys.exit(3)"
    asked = ChildShell(Path("c"), Path("s"), program=program(code))
    assert await asked.run(("x",), 74) == Printed(3, ("row",), ("no",))


async def test_more_lines_than_are_shown_are_counted() -> None:
    code = f"print('x\\n' * {MOST_LINES + 6}, end='')"
    printed = await ChildShell(Path("c"), Path("s"), program=program(code)).run(("log",), 74)
    assert len(printed.lines) == MOST_LINES + 1
    assert printed.lines[-1] == "6 more lines: `tradetui log` has all"


async def test_one_that_takes_too_long_is_ended_and_said() -> None:
    asked = ChildShell(
        Path("c"), Path("s"), program=program("input() if 0 else __import__('time').sleep(60)"),
        seconds=0.05,
    )  # fmt: skip
    printed = await asked.run(("replay",), 74)
    assert printed.code == 1
    assert printed.talk[0].startswith("it took more than 0.05 s and was ended")


async def test_one_that_cannot_be_started_is_said() -> None:
    asked = ChildShell(Path("c"), Path("s"), program=("/nonexistent/python",))
    printed = await asked.run(("replay",), 74)
    assert printed == Printed(1, (), ("the shell cannot be started: No such file or directory",))


async def test_the_real_command_answers(tmp_path: Path) -> None:
    asked = ChildShell(shipped_config("demo"), tmp_path / "state")
    printed = await asked.run(("config", "validate"), 74)
    assert printed.code == 0, printed
    assert any("result" in line and "ok" in line for line in printed.lines)


@pytest.mark.parametrize("has_keys", [False, True])
def test_settings_name_files_keymap_and_every_key(tmp_path: Path, has_keys: bool) -> None:
    keys = tmp_path / "keys.toml"
    if has_keys:
        keys.write_text("", encoding="utf-8")
    loaded = load_config(Found(shipped_config("demo"), "shipped for the demo"))
    found = {one.key: one for one in setting_lines(loaded, tmp_path, keys)}
    assert found["config file"].origin == "shipped for the demo"
    assert found["state folder"].value == str(tmp_path)
    assert found["keymap"].value == ("own keys" if has_keys else "as shipped")
    assert found["keymap"].origin == (str(keys) if has_keys else "default")
    assert found["ui.theme"].value == "dark"
    assert any(":" in one.origin for one in found.values())


@pytest.mark.parametrize("window", [None, "100"])
async def test_a_doctor_asked_by_the_console_knows_of_its_terminal(
    window: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients: list[Patient] = []

    async def examined(patient: Patient) -> tuple[()]:
        patients.append(patient)
        return ()

    async def nothing(state: Path, storage: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(examining, "examine", examined)
    monkeypatch.setattr(examining, "own_checks", nothing)
    monkeypatch.setattr(examining.sys.stdout, "isatty", lambda: False, raising=False)
    monkeypatch.delenv(WINDOW, raising=False)
    if window is not None:
        monkeypatch.setenv(WINDOW, window)
    assert await examining.doctor(Place(shipped_config("demo"), tmp_path / "state")) == []
    assert patients[0].is_terminal is (window is not None)
