"""A hand on the console: presses keys, waits for what they start, reads the screen."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from tests.tui.fixtures import FakeActions, FakeEngine, console
from textual import events
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.worker import WorkerFailed

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
_CLOCK = re.compile(r"^[0-9]{2}:[0-9]{2}:[0-9]{2} ")
CHARACTERS = {name: character for character, name in SHIFTED.items()}
CHARACTERS |= {"enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f"}


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
        """Press keys, one after the other, and wait for what each starts.

        They come by the clock of the app: a test that holds it holds all there is.
        """
        for key in keys:
            event = key_event(key)
            event.time = self.app.monotonic()
            self.app.post_message(event)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*text)

    async def settle(self) -> None:
        """Wait for messages, acts, questions and fetches to end, and draw what they left.

        Nothing here waits for time to pass: a message behind all others says that they are done,
        and the screen's timer is driven by hand.
        """
        for _ in range(20):
            await handled(self.app)
            await handled(self.app.screen)
            if not self.app.unfinished:
                break
            await asyncio.sleep(0)
        self.main.poll()
        with suppress(WorkerFailed):  # the screen says so itself
            await self.app.workers.wait_for_complete()
        await handled(self.app.screen)
        self.main.draw()

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

    async def lower(self, *keys: str) -> list[str]:
        """Press keys, and return the lines of the lower list once the engine has spoken again."""
        await self.press(*keys)
        await self.push()
        return self.pane("lower")

    async def at_the_end(self, key: str, tab: str) -> list[str]:
        """Open a tab's list by its key and choose its last row without going past it."""
        lines = await self.lower(key)
        last = self.main.painter.content(tab, None).rows[-1].key
        self.main.state.list_state("lower", tab).selected = last
        return lines

    @property
    def dialog(self) -> str:
        """The open dialog as text, empty if none is."""
        return "\n".join(self.pane("overlay"))

    @property
    def message(self) -> str:
        """What the message line says, without the clock of when it was said."""
        return _CLOCK.sub("", "\n".join(self.pane("message")))

    def screen_text(self) -> list[str]:
        """Return what is on the terminal, once what was placed last has its place."""
        self.app.screen._refresh_layout()
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]


def key_event(key: str) -> events.Key:
    """Return the event of a key, by its name or its character."""
    name = SHIFTED.get(key, key)
    return events.Key(name, CHARACTERS.get(name, name if len(name) == 1 else None))


async def handled(pump: MessagePump) -> None:
    """Wait until all messages that are in a queue now have been dealt with."""
    done = asyncio.Event()
    if pump.call_later(done.set):
        await done.wait()


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
