"""A hand on the console: presses keys, waits for what they start, reads the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.tui.fixtures import FakeActions, FakeEngine, console
from textual.pilot import Pilot

from tradetui.domain.replica import Change
from tradetui.tui.app import ConsoleApp
from tradetui.tui.keyguard import KeyTimes
from tradetui.tui.lines import plain
from tradetui.tui.screens.main import MainScreen

NO_WAIT = KeyTimes(0, 0, 0)
SHIFTED = {"!": "exclamation_mark", "?": "question_mark", ":": "colon", "/": "slash"}
SHIFTED |= {"<": "less_than_sign", ">": "greater_than_sign", ";": "semicolon", " ": "space"}
SHIFTED |= {"+": "plus", "-": "minus", "$": "dollar_sign", "*": "asterisk", "=": "equals_sign"}
SHIFTED |= {"]": "right_square_bracket", "[": "left_square_bracket", ".": "full_stop"}
SHIFTED |= {",": "comma", "~": "tilde", "_": "underscore"}


class Hand:
    """Works the app of one test."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[int], engine: FakeEngine) -> None:
        self.app = app
        self.pilot = pilot
        self.engine = engine

    @property
    def main(self) -> MainScreen:
        """The main screen."""
        assert self.app.main is not None
        return self.app.main

    @property
    def actions(self) -> FakeActions:
        """The acts on records."""
        assert isinstance(self.app.actions, FakeActions)
        return self.app.actions

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, and wait for what each starts."""
        for key in keys:
            await self.pilot.press(SHIFTED.get(key, key))
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*text)

    async def settle(self) -> None:
        """Wait for acts, questions and fetches to end."""
        for _ in range(20):
            await self.pilot.pause()
            if not self.app.unfinished:
                break
            await asyncio.sleep(0)
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def push(self, *changes: Change) -> None:
        """Publish changes and let the screen poll once."""
        for change in changes:
            self.engine.push(change)
        self.main._now += 1
        self.main.poll()
        await self.settle()

    def pane(self, name: str) -> list[str]:
        """Return the lines of a pane as text."""
        return [plain(line).rstrip() for line in self.main.view_lines()[name]]

    @property
    def dialog(self) -> str:
        """The open dialog as text, empty if none is."""
        return "\n".join(self.pane("overlay"))

    @property
    def message(self) -> str:
        """The message line."""
        return "\n".join(self.pane("message"))

    def screen_text(self) -> list[str]:
        """Return what is on the terminal."""
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (80, 24), engine: FakeEngine | None = None, **more: Any
) -> AsyncIterator[Hand]:
    """Open the console on the fixture."""
    engine = engine or FakeEngine()
    more.setdefault("key_times", NO_WAIT)
    more.setdefault("ascii_only", True)
    app = console(engine, **more)
    async with app.run_test(size=size) as pilot:
        hand = Hand(app, pilot, engine)
        hand.main.poll()
        await hand.settle()
        yield hand
