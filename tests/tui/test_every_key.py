"""Each key of the binding table, pressed: what was not so before is so after it.

The table below has one entry per binding id. A binding without an entry fails, an entry without a
binding fails, and so does a key that leaves the screen as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, instances
from tests.tui.hand import Hand, opened
from tests.tui.test_acting import REPLAY
from tests.tui.test_past_and_why import FakeTravel

from tradetui.domain.commands import AcknowledgeAlert, SetPlayback
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.replica import Change
from tradetui.tui.keymap import BINDINGS, Binding

Holds = Callable[[Hand], bool]


@dataclass(frozen=True)
class Press:
    """What is pressed first, and what a key then makes true."""

    effect: Holds
    first: tuple[str, ...] = ()
    header: Any = None
    more: dict[str, Any] = field(default_factory=dict)
    pushed: tuple[Change, ...] = ()
    """What the engine publishes before the key is pressed."""


def selected(name: str) -> Holds:
    return lambda hand: hand.main.state.table.selected == name


def focus(pane: str) -> Holds:
    return lambda hand: hand.main.state.focus == pane


def upper(tab: str) -> Holds:
    return lambda hand: hand.main.state.upper_tab == tab and f"[{tab}" in hand.pane("upper_bar")[0]


def dialog(text: str) -> Holds:
    return lambda hand: text in hand.dialog


def message(text: str) -> Holds:
    return lambda hand: hand.message.startswith(text)


def screen(name: str, shows: str) -> Holds:
    return lambda hand: (
        hand.main.state.screen == name
        and hand.main.state.zoomed == "lower"
        and shows in "\n".join(hand.pane("lower"))
    )


def travelled(*asked: object) -> Holds:
    return lambda hand: getattr(hand.app.travel, "asked", None) == list(asked)


def played(**wanted: Any) -> Holds:
    return lambda hand: hand.engine.commands == [SetPlayback("op", **wanted)]


def switched(name: str, mode: InstanceMode) -> Holds:
    return lambda hand: bool(
        hand.actions.calls
        and hand.actions.calls[-1][0] == "set_mode"
        and hand.actions.calls[-1][1][:2] == (name, mode)
    )


def fresh(hand: Hand) -> bool:
    return "q 77" in hand.pane("header")[1] and hand.message == "repainted from a fresh snapshot"


def acknowledged(hand: Hand) -> bool:
    return hand.engine.commands == [AcknowledgeAlert("a1", "op")]


OBSERVING = replace(instances()[0], mode=InstanceMode.OBSERVE, state=InstanceState.OBSERVE)
TRAVEL = {"travel": FakeTravel}
EFFECTS: dict[str, Press] = {
    "down": Press(selected("btc-mr")),
    "up": Press(selected("btc-mr"), ("j", "j")),
    "first": Press(selected("ada-test"), ("j", "j")),
    "last": Press(selected("xrp-bb")),
    "half_down": Press(selected("eth-mr")),
    "half_up": Press(selected("btc-mr"), ("G", "k")),
    "left": Press(lambda hand: hand.main.state.chart.pan == 5, ("j", "tab")),
    "right": Press(lambda hand: hand.main.state.chart.pan == 5, ("j", "tab", "h", "h")),
    "next_pane": Press(focus("upper")),
    "previous_pane": Press(focus("table"), ("tab",)),
    "next_tab": Press(upper("Orders"), ("j",)),
    "previous_tab": Press(upper("Config"), ("j",)),
    "open": Press(lambda hand: hand.main.state.zoomed == "upper", ("j",)),
    "back": Press(focus("table"), ("j", "tab")),
    "command": Press(message(":")),
    "filter": Press(message("/")),
    "help": Press(dialog("KEYS")),
    "why": Press(dialog("REPLACE tt7k-0399"), ("j",)),
    "fills": Press(upper("Fills"), ("j",)),
    "decisions": Press(upper("Decisions"), ("j",)),
    "timeframe_up": Press(message("timeframe 15m"), ("j",)),
    "timeframe_down": Press(message("timeframe 1m"), ("j",)),
    "zoom_in": Press(lambda hand: hand.main.state.chart.zoom == 1, ("j", "tab")),
    "zoom_out": Press(lambda hand: hand.main.state.chart.zoom == 3, ("j", "tab")),
    "log_scale": Press(message("logarithmic price scale"), ("j",)),
    "zoom": Press(lambda hand: hand.main.layout_now.table.height == 0, ("j", "tab")),
    "sort": Press(dialog("SORT Instances")),
    "columns": Press(dialog("COLUMNS")),
    "copy": Press(dialog("COPY"), ("j",)),
    "mask": Press(
        lambda hand: (
            hand.message == "money is masked, also at the next start"
            and "***" in hand.pane("table")[2]
        )
    ),
    "acknowledge": Press(acknowledged),
    "repaint": Press(fresh),
    "mark": Press(lambda hand: hand.main.state.table.marked == {"ada-test"}),
    "mark_all": Press(lambda hand: len(hand.main.state.table.marked) == 7),
    "screen_main": Press(
        lambda hand: hand.main.layout_now.table.height > 0 and hand.main.state.focus == "table",
        ("3",),
    ),
    "screen_instance": Press(lambda hand: hand.main.state.zoomed == "upper", ("j",)),
    "screen_orders": Press(screen("screen_orders", "tt7k-0398")),
    "screen_fills": Press(screen("screen_fills", "66,561.10")),
    "screen_decisions": Press(screen("screen_decisions", "max_order_notional")),
    "screen_risk": Press(screen("screen_risk", "max_exposure")),
    "screen_markets": Press(screen("screen_markets", "67,412.20")),
    "screen_journal": Press(screen("screen_journal", "Heartbeat")),
    "screen_diagnostics": Press(screen("screen_diagnostics", "event lag")),
    "screen_alerts": Press(screen("screen_alerts", "NO STOP")),
    "screen_runs": Press(screen("screen_runs", "crashed")),
    "screen_settings": Press(screen("screen_settings", "ui.theme")),
    "stop": Press(dialog("STOP")),
    "power": Press(switched("ada-test", InstanceMode.OBSERVE)),
    "activate": Press(dialog("ACTIVATE xrp-bb"), ("G",)),
    "pause": Press(dialog("PAUSE btc-mr"), ("j",)),
    "resume": Press(dialog("btc-trend"), ("j", "j")),
    "edit": Press(dialog("CONFIG btc-mr"), ("j",)),
    "new": Press(dialog("NEW INSTANCE")),
    "cancel": Press(dialog("CANCEL ORDER"), ("3", "j")),
    "undo": Press(switched("ada-test", InstanceMode.OFF), ("o",), pushed=(OBSERVING,)),
    "slower": Press(played(speed=50), header=REPLAY),
    "faster": Press(played(speed=200), header=REPLAY),
    "play": Press(played(playing=False), header=REPLAY),
    "step": Press(played(steps=1), header=REPLAY),
    "step_back": Press(travelled(-1), more=TRAVEL),
    "next_act": Press(travelled("next"), more=TRAVEL),
    "previous_act": Press(travelled("previous"), more=TRAVEL),
    "changed": Press(dialog("cash main USD: 1 -> 2"), more=TRAVEL),
}


def test_every_binding_has_an_effect_and_every_effect_a_binding() -> None:
    assert sorted(EFFECTS) == sorted(binding.id for binding in BINDINGS)


@pytest.mark.parametrize(
    ("binding", "key"),
    [(binding, key) for binding in BINDINGS for key in binding.keys],
    ids=lambda value: value.id if isinstance(value, Binding) else value,
)
async def test_the_key_does_what_its_binding_says(binding: Binding, key: str) -> None:
    press = EFFECTS[binding.id]
    engine = FakeEngine() if press.header is None else FakeEngine(header=press.header)
    more = {name: make() for name, make in press.more.items()}
    async with opened((120, 40), engine=engine, **more) as hand:
        await hand.press(*press.first)
        await hand.push(*press.pushed)
        newer = replace(engine._snapshot.header, queue_depth=77)
        engine._snapshot = replace(engine._snapshot, header=newer)
        assert not press.effect(hand), f"{binding.id} is so before {key} is pressed"
        await hand.press(key)
        await hand.push()
        assert press.effect(hand), f"{key}: {hand.message}\n{hand.dialog}"
