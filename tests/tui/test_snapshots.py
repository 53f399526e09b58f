"""Pictures of the main screen and of every dialog at three sizes.

After a wanted change: ``pytest tests/tui/test_snapshots.py --snapshot-update``, then look at them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace
from tests.support.styles import share_texts_of_styles
from tests.tui.fixtures import FakeEngine, at, console, full_chart, header
from tests.tui.hand import NO_WAIT, Hand
from textual.pilot import Pilot

from tradetui.domain.enums import KillState, RunMode, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import ChartView, KillView
from tradetui.tui.app import ConsoleApp

share_texts_of_styles()

SIZES = [(80, 24), (120, 40), (200, 60)]
Before = Callable[[Pilot[int]], Awaitable[None]]
KILL = KillView(Scope.GLOBAL, "", KillState.HALTED, "op", "fat finger", at("14:00:00"))

DIALOGS: dict[str, tuple[str, ...]] = {
    "main": (),
    "help": ("?",),
    "why": ("w",),
    "leave_active": ("o",),
    "activate": ("G", "a"),
    "pause": ("p",),
    "stop": ("!",),
    "stop_close": ("!", "x"),
    "release": ("r",),
    "quit": ("q",),
    "config": ("e",),
    "difference": ("e", "backspace", "5", "ctrl+y"),
    "new": ("n",),
    "delete": ("g", *":delete", "enter"),
    "cancel": ("]", "tab", "j", "x"),
    "traceback": ("G", "k", "enter"),
    "reload": (*":reload", "enter"),
    "pause_marked": (" ", "j", " ", "p"),
    "stop_halt": ("!", "h"),
}


def ready(app: ConsoleApp, keys: tuple[str, ...]) -> Before:
    async def before(pilot: Pilot[int]) -> None:
        assert isinstance(app.engine, FakeEngine)
        await Hand(app, pilot, app.engine).press("j", *keys)

    return before


def engine_for(name: str) -> FakeEngine:
    return FakeEngine(header=header(kills=(KILL,))) if name == "release" else FakeEngine()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", DIALOGS)
def test_picture(name: str, size: tuple[int, int], snap_compare) -> None:
    app = console(engine_for(name), key_times=NO_WAIT)
    assert snap_compare(app, terminal_size=size, run_before=ready(app, DIALOGS[name]))


SCREENS: dict[str, tuple[str, ...]] = {
    "instance": ("2",),
    "instance_state": ("G", "k", "2", "["),
    "instance_widgets": ("2", "[", "["),
    "orders": ("3", "j"),
    "fills": ("4", "j"),
    "decisions": ("5", "j"),
    "limits": ("6", "j"),
    "exposure": ("6", "]", "j"),
    "kills": ("6", "]", "]", "j"),
    "routes": ("6", "]", "]", "]", "j"),
    "markets": ("7", "j"),
    "events": ("8", "j", "j"),
    "log": ("8", "]", "j"),
    "figures": ("9", "j"),
    "callbacks": ("9", "]", "j"),
    "alerts": ("0", "j"),
    "runs": ("b", "j"),
    "run": ("b", "j", "j", "enter"),
    "settings": ("S", "j", "j"),
    "sort": ("s",),
    "columns": ("v",),
    "copy": ("c",),
    "command": (":", "i"),
    "filter": ("/", *"eth"),
    "no_match": ("3", "/", *"zzz", "enter"),
    "instance_fills": ("2", "]", "]", "tab", "j"),
    "instance_config": ("2", "[", "[", "["),
    "marked": ("space", "j", "space"),
    "masked": ("$",),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
def test_picture_of_a_screen(name: str, size: tuple[int, int], snap_compare) -> None:
    app = console(engine_for(name), key_times=NO_WAIT)
    assert snap_compare(app, terminal_size=size, run_before=ready(app, SCREENS[name]))


@pytest.mark.parametrize("theme", ["colour-blind", "red-up", "monochrome"])
def test_picture_of_another_theme(theme: str, snap_compare) -> None:
    app = console(theme=theme, key_times=NO_WAIT)
    assert snap_compare(app, terminal_size=(120, 40), run_before=ready(app, ()))


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
def test_picture_of_a_theme(theme: str, snap_compare) -> None:
    app = console(theme=theme, key_times=NO_WAIT)
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready(app, ()))


def test_picture_of_a_replay(snap_compare) -> None:
    replayed = header(
        run_mode=RunMode.PAPER, account="paper/main", feed="btcusd 1m", speed=100, playing="PLAYING"
    )
    engine = FakeEngine(header=replace(replayed, trouble="DATA STALE 14s binance SOL/USDT"))
    app = console(engine, key_times=NO_WAIT)
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready(app, ()))


def test_picture_of_plain_ascii_without_colour(snap_compare) -> None:
    app = console(key_times=NO_WAIT, ascii_only=True, mono=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=ready(app, ()))


class ChartEngine(FakeEngine):
    """An engine whose chart has everything a chart can show."""

    async def chart(
        self, strategy_id: StrategyId, timeframe_ns: int, count: int
    ) -> ChartView | None:
        view = await super().chart(strategy_id, timeframe_ns, count)
        return None if view is None else full_chart(view)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("ascii_only", [False, True], ids=["colour", "ascii"])
def test_picture_of_a_chart(ascii_only: bool, size: tuple[int, int], snap_compare) -> None:
    app = console(ChartEngine(), key_times=NO_WAIT, ascii_only=ascii_only, mono=ascii_only)
    keys = ("2", "enter", "h", "h", "h") if size[0] == 120 else ("2",)
    assert snap_compare(app, terminal_size=size, run_before=ready(app, keys))


def test_picture_of_a_chart_far_back_on_a_log_scale(snap_compare) -> None:
    app = console(ChartEngine(), key_times=NO_WAIT)
    keys = ("2", "%", "-", "-", "h", "h")
    assert snap_compare(app, terminal_size=(120, 40), run_before=ready(app, keys))
