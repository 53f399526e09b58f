"""The console from its first frame to its end: an engine behind it, a start that fails, a code."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.demo_runs import write_minutes
from tests.support.waiting import until

from tradetui.bootstrap.console import opening
from tradetui.bootstrap.console.opening import check_terminal, open_console
from tradetui.cli.output import is_interactive
from tradetui.cli.wiring import Place, RunOptions
from tradetui.services.errors import UserError
from tradetui.tui.app import ConsoleApp
from tradetui.tui.lines import plain


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunOptions:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(opening, "check_terminal", lambda _: None)
    bars = write_minutes(tmp_path, 50)
    return RunOptions(Place(state=tmp_path / "state"), demo=True, replay=(bars,), speed=1)


def driven(
    monkeypatch: pytest.MonkeyPatch, person: Callable[[ConsoleApp], Awaitable[None]]
) -> None:
    """Let a person's part be played on a terminal of the test's."""

    async def run_async(self: ConsoleApp, **_: Any) -> None:
        async with self.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            await person(self)

    monkeypatch.setattr(ConsoleApp, "run_async", run_async)


async def test_it_opens_shows_its_instances_and_is_left(
    options: RunOptions,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    seen: list[int] = []

    async def person(app: ConsoleApp) -> None:
        await until(lambda: app.main is not None and app.main.is_running)
        assert app.main is not None
        await until(lambda: bool(app.main.replica.instances))
        seen.append(len(app.main.replica.instances))
        lines = app.main.view_lines
        await until(lambda: plain(lines()["message"][0]).startswith("tip 1/"))
        await app.end(None)

    driven(monkeypatch, person)
    assert await open_console(options) == 0
    assert seen[0] > 0
    said = capfd.readouterr().out.splitlines()[-1]
    assert said.startswith("left behind: ")
    assert (tmp_path / "state" / "journal.db").exists()


async def test_one_that_is_left_before_its_first_frame_opens_nothing(
    options: RunOptions,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def run_async(self: ConsoleApp, **_: Any) -> None:
        assert not self.shown.is_set()

    monkeypatch.setattr(ConsoleApp, "run_async", run_async)
    await open_console(options)
    assert not (tmp_path / "state").exists()
    assert capfd.readouterr().out == ""


def test_what_is_left_behind_is_not_said_to_a_terminal_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="ascii") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        opening.say("left behind: no position; no order open")


async def test_a_start_that_fails_is_said_after_the_screen_is_gone(
    options: RunOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[ui\n")
    wrong = RunOptions(Place(broken, tmp_path / "state"))

    async def person(app: ConsoleApp) -> None:
        await until(lambda: app.is_left or app.return_code is not None)

    driven(monkeypatch, person)
    with pytest.raises(UserError, match=r"broken\.toml"):
        await open_console(wrong)


class Stream:
    def __init__(self, is_tty: bool) -> None:
        self._is_tty = is_tty

    def isatty(self) -> bool:
        return self._is_tty


def test_a_person_sits_at_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    for ends, expected in (
        ((Stream(True), Stream(True)), True),
        ((Stream(False), Stream(True)), False),
        ((None, Stream(True)), False),
    ):
        monkeypatch.setattr(sys, "stdin", ends[0])
        monkeypatch.setattr(sys, "stdout", ends[1])
        assert is_interactive() is expected


@pytest.mark.parametrize("environment", [{}, {"TERM": ""}, {"TERM": "dumb"}])
def test_a_terminal_that_cannot_show_it_is_refused(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "is_interactive", lambda: True)
    with pytest.raises(UserError, match="TERM"):
        check_terminal(environment)
    monkeypatch.setattr(opening, "is_interactive", lambda: False)
    with pytest.raises(UserError, match="needs a terminal; without one use --headless"):
        check_terminal({"TERM": "xterm"})
    with pytest.raises(UserError, match=r"without one `tradetui replay --steps` tells the run$"):
        check_terminal({"TERM": "xterm"}, "`tradetui replay --steps` tells the run")
