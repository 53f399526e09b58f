"""The engine under the console: taken over by the screen, ended in order, left before it is there.

The console runs on a terminal of its own here, without a person.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.support.demo_runs import write_minutes
from tests.support.waiting import until

from tradetui.bootstrap.console import served as served_module
from tradetui.bootstrap.console.served import serve
from tradetui.bootstrap.run.engine import Engine
from tradetui.cli.wiring import Place, RunOptions
from tradetui.services.errors import UserError
from tradetui.tui.app import ConsoleApp
from tradetui.tui.theme import load_theme


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunOptions:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    bars = write_minutes(tmp_path, 50)
    return RunOptions(Place(state=tmp_path / "state"), demo=True, replay=(bars,), speed=1)


def console() -> ConsoleApp:
    return ConsoleApp(theme=load_theme("dark"))


async def test_the_screen_gets_an_engine_and_ends_it(options: RunOptions) -> None:
    app, left = console(), asyncio.Event()
    async with app.run_test(size=(100, 30)) as pilot:
        served = asyncio.create_task(serve(app, options, left))
        await until(lambda: app.main is not None and app.main.is_running)
        assert app.main is not None
        await until(lambda: bool(app.main.replica.instances))
        assert {row.strategy_type for row in app.main.replica.instances.values()} >= {"ma_cross"}
        explained = await app.explainer.since(None)
        assert explained
        await app.end(True)
        left.set()
        await served
        await pilot.pause()


async def test_a_console_that_is_left_at_once_starts_no_engine(
    options: RunOptions, tmp_path: Path
) -> None:
    app, left = console(), asyncio.Event()
    left.set()
    async with app.run_test():
        await serve(app, options, left)
        assert app.main is None
    assert not (tmp_path / "state" / "journal.db").exists()


async def test_a_console_that_is_left_while_the_engine_is_opened_ends_it_cleanly(
    options: RunOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, left = console(), asyncio.Event()
    whole = served_module.engine

    @asynccontextmanager
    async def opened(*args: Any) -> AsyncIterator[Engine]:
        async with whole(*args) as running:
            left.set()
            yield running

    monkeypatch.setattr(served_module, "engine", opened)
    async with app.run_test():
        assert await serve(app, options, left) == ""
        assert app.main is None
    database = sqlite3.connect(tmp_path / "state" / "journal.db")
    assert database.execute("SELECT ended_how FROM runs").fetchall() == [("clean",)]
    database.close()


@pytest.mark.parametrize(
    ("cancel_entries", "said"), [(None, "its terminal is gone, or a signal came"), (False, "left")]
)
async def test_the_log_says_why_it_ended(cancel_entries: bool | None, said: str) -> None:
    reasons: list[str] = []

    async def stop(reason: str) -> None:
        reasons.append(reason)

    running = SimpleNamespace(driver=SimpleNamespace(stop=stop))
    await served_module.shut_down(cast("Engine", running), cancel_entries)
    assert len(reasons) == 1 and said in reasons[0]


async def test_a_theme_nobody_has_prevents_the_start(options: RunOptions) -> None:
    wrong = RunOptions(options.place, demo=True, theme="gone")
    app = console()
    async with app.run_test():
        with pytest.raises(UserError, match="there is no theme 'gone'"):
            await serve(app, wrong, asyncio.Event())
