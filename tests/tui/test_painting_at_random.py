"""Whatever is done in whatever order: each cell of the terminal is what the views' lines say.

What is sent is parsed as a terminal does it. A seed that fails is tried alone with ``-k``; ``make
properties`` tries fifty times as many.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pyte
import pytest
from msgspec.structs import replace
from rich.color import ColorSystem
from tests.property.profiles import IS_MANY
from tests.tui.fixtures import FakeEngine, alerts, cash, fills, header, log, orders
from tests.tui.hand import Hand, handled, key_event, opened
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip

from tradetui.domain.enums import InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import AlertGone, Change, InstanceGone
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.lines import padded
from tradetui.tui.link import QUESTION, LinkDriver
from tradetui.tui.screens.main import MainScreen
from tradetui.tui.theme import load_theme

STEPS = 7
KEYS = [key for binding in BINDINGS for key in binding.keys if binding.id != "back"]
KEYS += ["escape", "enter", "b", "1"] * 3
LABELS = (
    "plain",
    "",
    "漢字の名",
    "e\u0301a\u0301",
    "x" * 40,
    "tab\there",
    "🚀 moon",
    "\u2764\ufe0f 1\ufe0f\u20e3 \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea",
)

Cells = list[list[tuple[object, ...]]]


class PipedDriver(HeadlessDriver, LinkDriver):
    """A driver whose terminal is a parser that is fed with all that is sent."""

    terminal: pyte.Screen
    stream: pyte.Stream
    blocked = 0

    @property
    def is_headless(self) -> bool:
        return False

    @property
    def is_gone(self) -> bool:
        return False

    @property
    def waiting(self) -> int:
        return self.blocked

    def close(self) -> None:
        """Nothing was opened."""

    def write(self, data: str) -> None:
        self.characters += len(data)
        if data != QUESTION:
            self.stream.feed(data)


class Session:
    """One hand on one console over one terminal, and what may happen there."""

    def __init__(self, hand: Hand, size: tuple[int, int], dice: random.Random) -> None:
        self.hand, self.app, self.main, self.dice = hand, hand.app, hand.main, dice
        self.size = size
        driver = self.app._driver
        assert isinstance(driver, HeadlessDriver)
        driver.__class__ = PipedDriver
        assert isinstance(driver, PipedDriver)
        driver.characters = 0
        driver.terminal = pyte.Screen(*size)
        driver.stream = pyte.Stream(driver.terminal)
        self.driver = driver
        self.app.console._color_system = ColorSystem.TRUECOLOR
        self.app.forget_sent()
        self.main.refresh()

    def change(self) -> Change:
        dice, row = self.dice, self.dice.choice([*self.main.replica.instances.values()])
        number = dice.randrange(10**5)
        return dice.choice(
            (
                replace(row, price=cash(str(number)), is_stale=number % 3 == 0),
                replace(row, state=dice.choice(list(InstanceState))),
                replace(row, label=dice.choice(LABELS)),
                replace(row, strategy_id=StrategyId(dice.choice(("aaa", "zz-9")))),
                InstanceGone(row.strategy_id if len(self.main.replica.instances) > 3 else "none"),
                replace(dice.choice(orders()), price=cash(str(number)), is_open=number % 2 == 0),
                replace(fills()[0], seq_id=1_160_000 + number, price=cash(str(number))),
                replace(alerts()[0], alert_id=f"x{number % 3}", is_acknowledged=number % 4 == 0),
                AlertGone(dice.choice(("x0", "x1", "x2", "a1"))),
                replace(log()[0], text=f"{dice.choice(LABELS)} {number}"),
                header(equity=cash(str(number)), data_age=number * 10**6),
            )
        )

    def key(self) -> None:
        self.main.on_key(key_event(self.dice.choice(KEYS)))

    def push(self) -> None:
        for _ in range(self.dice.randrange(1, 4)):
            self.hand.engine.push(self.change())
        self.main._now += self.dice.choice((0.1, 1))
        self.main.poll()

    def resize(self) -> None:
        """Another size, at times only for a moment; what the terminal then shows is anything."""
        before, sizes = self.size, [any_size(self.dice)]
        if self.dice.random() < 0.5:
            sizes.append(before)
        for width, height in sizes:
            self.size = width, height
            self.driver.terminal.resize(height, width)
            self.driver.stream.feed("\x1b[2J\x1b[3;3Hgarbled")
            self.driver._size = Size(width, height)
            self.app.post_message(Resize(Size(width, height), Size(width, height)))

    def lay_out(self) -> None:
        self.main._refresh_layout()

    def move(self) -> None:
        """Have views placed, laid out by Textual, and given their next lines after that."""
        for view in self.main._views.values():
            view.has_moved = view.has_moved or self.dice.random() < 0.7
        self.main._refresh_layout()
        self.push()
        self.say()

    def flicker(self) -> None:
        """Say one thing, another, and the first again, the last while nothing can be sent."""
        if self.dice.random() < 0.5:
            self.main.on_key(key_event("n"))
        self.speak("one")
        self.main.refresh()
        self.main._on_timer_update()
        self.speak("another")
        with self.app.batch_update():
            self.speak("one")
        self.app.mend_cut()
        self.main._on_timer_update()

    def speak(self, text: str) -> None:
        self.main.say(text)
        self.main.draw()

    def slow(self) -> None:
        self.app.link.is_slow = self.app.link.is_asking = self.dice.random() < 0.7

    def block(self) -> None:
        self.driver.blocked = 20

    def batch(self) -> None:
        with self.app.batch_update():
            self.push()
            self.key()

    def theme(self) -> None:
        self.app.looks = load_theme(self.dice.choice(("dark", "light")))
        self.main.use_theme()

    def say(self) -> None:
        self.speak(self.dice.choice(LABELS) * self.dice.randrange(1, 9))

    async def act(self) -> None:
        """Do something, perhaps with a turn of the event loop behind it."""
        doings: list[Callable[[], None]] = [
            self.key, self.push, self.resize, self.lay_out, self.move, self.slow, self.block,
            self.batch, self.theme, self.flicker,
        ]  # fmt: skip
        self.dice.choices(doings, (5, 5, 2, 1, 5, 1, 1, 1, 1, 4))[0]()
        if self.dice.random() < 0.5:
            await handled(self.main)

    async def settle(self) -> None:
        """Let the terminal take all, and everything come that is owed."""
        app, main = self.app, self.main
        self.driver.blocked = 0
        for turn in range(100):
            await handled(app)
            if app._resize_timer is not None:
                app._check_resize()
            await handled(main)
            while app.link._under_way:
                app.on_terminal_supports_synchronized_output()
            main._now += 1
            main.poll()
            await app.workers.wait_for_complete()
            main._on_timer_update()
            is_owed = main._turns.stale or main._is_owed or app._is_cut or app.unfinished
            if turn > 1 and not (is_owed or app.link._under_way or main._layout_required):
                return
        raise AssertionError("something is owed for ever")

    def check(self) -> None:
        assert self.main.size == self.size
        shown = cells(self.driver.terminal)
        assert differences(shown, drawn(self.size, said_by_views(self.main))) == []
        strips = self.main._compositor.render_strips()
        composed = ((0, y, strip) for y, strip in enumerate(strips))
        assert differences(shown, drawn(self.size, composed)) == []


def any_size(dice: random.Random) -> tuple[int, int]:
    return dice.randint(60, 150), dice.randint(16, 34)


def said_by_views(main: MainScreen) -> Iterable[tuple[int, int, Strip]]:
    """Yield each line of each view with its place, what stands over others last."""
    for view in sorted(main._views.values(), key=lambda view: view.covers):
        if view._rect is not None:
            left, top, width, height = view._rect
            for y in range(height):
                line = view.lines[y] if y < len(view.lines) else ()
                yield left, top + y, Strip(view._segments(padded(line, width, view._base)))


def drawn(size: tuple[int, int], strips: Iterable[tuple[int, int, Strip]]) -> Cells:
    """Return the cells of an empty terminal on which all strips were drawn."""
    terminal = pyte.Screen(*size)
    stream = pyte.Stream(terminal)
    for x, y, strip in strips:
        styled = "".join(
            text if style is None else style.render(text, color_system=ColorSystem.TRUECOLOR)
            for text, style, _ in strip
        )
        stream.feed(f"\x1b[{y + 1};{x + 1}H{styled}")
    return cells(terminal)


def cells(terminal: pyte.Screen) -> Cells:
    """Return text, colours and attributes of each cell."""
    return [[tuple(terminal.buffer[y][x]) for x in range(terminal.columns)]
            for y in range(terminal.lines)]  # fmt: skip


def differences(one: Cells, other: Cells) -> list[tuple[int, int, object, object]]:
    """Return the cells that differ, with their places."""
    return [
        (x, y, before, after)
        for y, lines in enumerate(zip(one, other, strict=True))
        if lines[0] != lines[1]
        for x, (before, after) in enumerate(zip(*lines, strict=True))
        if before != after
    ]


# Seed 76: another theme, and a key, while a dialog stands over it all.
@pytest.mark.parametrize("seed", range(300) if IS_MANY else (*range(6), 76))
async def test_no_cell_of_before_stays_on_the_terminal(seed: int) -> None:
    dice = random.Random(seed)
    size = any_size(dice)
    now = iter(range(100, 10**9))
    clock = {"monotonic": lambda: float(next(now)) / 50}
    async with opened(size, FakeEngine(), ascii_only=seed % 2 == 0, **clock) as hand:
        session = Session(hand, size, dice)
        await session.settle()
        for _ in range(STEPS):
            await session.act()
            if dice.random() < 0.5:
                await session.settle()
                session.check()
        await session.settle()
        session.check()
