"""The page before the engine is there: its keys, the change to the console, and a start cut off."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.tui.fixtures import FakeActions, FakeEngine

from tradetui.bootstrap.console.opening import first_theme
from tradetui.cli.wiring import Place, RunOptions
from tradetui.services.errors import UserError
from tradetui.tui.app import ConsoleApp
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.lines import plain
from tradetui.tui.screens.main import MainScreen
from tradetui.tui.screens.start import StartScreen
from tradetui.tui.theme import load_theme


def starting() -> ConsoleApp:
    return ConsoleApp(theme=load_theme("dark"))


def shown(app: ConsoleApp) -> str:
    screen = app.screen_stack[0]
    assert isinstance(screen, StartScreen)
    return "\n".join(plain(line).rstrip() for line in screen._view.lines)


def adopt(app: ConsoleApp) -> None:
    async def shutdown(_: bool | None) -> None:
        return

    app.adopt(
        FakeEngine(),
        FakeActions(),
        shutdown,
        theme=load_theme("light"),
        bindings=BINDINGS,
        preferences=None,
        actor="ada",
        explainer=None,
        ascii_only=False,
        frames_per_second=10,
    )


@pytest.mark.parametrize("size", [(20, 3), (80, 24), (200, 50)])
async def test_it_shows_at_once_what_is_done_and_the_keys(size: tuple[int, int]) -> None:
    app = starting()
    async with app.run_test(size=size) as pilot:
        await asyncio.wait_for(app.shown.wait(), 20)
        lines = shown(app).splitlines()
        assert len(lines) == size[1]
        assert lines[0] == "tradetui"
        assert lines[-1].startswith("q leave")
        app.say_step("starting: opening the state folder ...")
        await pilot.pause()
        assert size[1] == 3 or "opening the state folder" in shown(app)


async def test_question_mark_says_what_happens_and_other_keys_do_nothing() -> None:
    app = starting()
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        assert "Nothing trades yet" in shown(app)
        await pilot.press("x", "K", "enter", "question_mark")
        assert "Nothing trades yet" not in shown(app)
        assert not app.is_left


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_it_can_be_left_before_the_engine_is_there(key: str) -> None:
    app = starting()
    async with app.run_test() as pilot:
        await pilot.press(key)
    assert app.is_left
    assert app.return_code == 0
    adopt(app)  # comes too late: nothing is shown any more
    assert app.main is not None
    assert not app.main.is_running


async def test_a_signal_at_a_start_leaves_without_an_engine_to_end() -> None:
    app = starting()
    async with app.run_test():
        await app.end(None)
    assert app.return_code == 0


async def test_the_console_takes_the_place_of_the_page() -> None:
    app = starting()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        adopt(app)
        await pilot.pause()
        assert isinstance(app.screen, MainScreen)
        assert app.looks.name == load_theme("light").name
        assert app.actor == "ada"
        app.say_step("nobody sees this")
        await pilot.press("j")
        assert app.main is not None
        assert any("ID" in plain(line) for line in app.main.view_lines()["table"])


def test_the_first_theme_is_the_one_the_config_names(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    options = RunOptions(Place(config))
    assert first_theme(options).name == load_theme("dark").name  # no file: said when it is checked
    config.write_text('[ui]\ntheme = "light"\n')
    assert first_theme(options).name == load_theme("light").name
    for text in ('[ui]\ntheme = "gone"\n', "[ui]\ntheme = 3\n", "ui = 3\n", "[ui", "\udcff"):
        config.write_bytes(text.encode("utf-8", "surrogateescape"))
        assert first_theme(options).name == load_theme("dark").name
    with pytest.raises(UserError, match="there is no theme 'gone'"):
        first_theme(RunOptions(Place(config), theme="gone"))
