"""Keys that act on an instance that trades while its dialog is open."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import instances
from tests.tui.hand import opened
from tests.tui.test_acting import go, paper

from tradetui.domain.commands import Pause, ReloadInstance, SetExitOnly
from tradetui.domain.enums import InstanceMode

BTC = instances()[1]
BUSY = replace(BTC, position=BTC.position + 1000, orders_open=BTC.orders_open + 1)


@pytest.mark.parametrize(
    ("keys", "does"),
    [
        (["o"], "set_mode"),
        (["a"], "set_mode"),
        (["e", "backspace", "backspace", "backspace", "4", ".", "0", "ctrl+y"], "set_config"),
    ],
)
async def test_one_that_trades_meanwhile_can_be_changed_and_left(
    keys: list[str], does: str
) -> None:
    async with opened() as hand:
        await go(hand, "btc-mr")
        await hand.press(*keys)
        await hand.push(BUSY)
        await hand.press("y")
        assert [name for name, _ in hand.actions.calls] == [does]


@pytest.mark.parametrize(
    ("keys", "answer", "kind"),
    [
        (["p"], "e", SetExitOnly),
        (["p"], "p", Pause),
        ([":", *"reload", "enter"], "y", ReloadInstance),
    ],
)
async def test_one_that_trades_meanwhile_can_be_held_and_loaded_anew(
    keys: list[str], answer: str, kind: type
) -> None:
    async with opened(engine=paper()) as hand:
        await go(hand, "btc-mr")
        await hand.press(*keys)
        await hand.push(BUSY)
        await hand.press(answer)
        assert [type(one) for one in hand.engine.commands] == [kind]


async def test_what_lets_it_enter_is_refused_when_its_position_changed_meanwhile() -> None:
    async with opened(engine=paper()) as hand:
        row = next(one for one in instances() if one.mode is InstanceMode.OBSERVE)
        await go(hand, row.strategy_id)
        await hand.press("a")
        await hand.push(replace(row, position=row.position + 1000))
        await hand.press("y")
        assert hand.message.startswith("changed while you looked")
        assert hand.actions.calls == []
