"""Keys that act on an instance that trades while its dialog is open."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import instances, orders
from tests.tui.hand import Hand, opened
from tests.tui.test_acting import go, paper

from tradetui.domain.commands import Pause, ReloadInstance, SetExitOnly
from tradetui.domain.enums import InstanceMode, OrderRole
from tradetui.domain.ids import ClientOrderId

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


@pytest.mark.parametrize(
    ("keys", "figure"),
    [
        (["o"], "now       ACTIVE"),
        (["a"], "now       ACTIVE"),
        (["p"], "now       ACTIVE"),
        ([":", *"reload", "enter"], "now       ACTIVE"),
        (["space", "p"], "marked    btc-mr"),
        (["space", "o"], "marked    btc-mr"),
    ],
)
async def test_what_a_dialog_shows_of_position_and_orders_is_as_of_now(
    keys: list[str], figure: str
) -> None:
    def shown(hand: Hand) -> str:
        return next(line for line in hand.dialog.splitlines() if figure in line)

    async with opened(engine=paper()) as hand:
        await go(hand, "btc-mr")
        await hand.press(*keys)
        assert hand.main.keys.acts.asking.held(BTC) in shown(hand)
        await hand.push(BUSY)
        assert hand.main.keys.acts.asking.held(BUSY) in shown(hand)


async def test_entry_orders_that_come_while_the_question_stands_are_counted_in_its_answer() -> None:
    entry = next(one for one in orders() if one.role is OrderRole.ENTRY and one.is_open)
    mine = replace(entry, strategy_id=BTC.strategy_id, is_shadow=False)
    async with opened(engine=paper()) as hand:
        await go(hand, "btc-mr")
        others = [
            replace(one, is_open=False)
            for one in hand.main.replica.orders.values()
            if one.strategy_id == BTC.strategy_id and one.role is OrderRole.ENTRY
        ]
        await hand.push(*others)
        await hand.press("o")
        assert "cancelled" not in hand.dialog
        await hand.push(replace(mine, client_order_id=ClientOrderId("late-1")))
        assert "cancelled 1 entry order" in hand.dialog
        await hand.press("escape", "o")
        assert "cancel 1 entry order, then off" in hand.dialog
        await hand.push(replace(mine, client_order_id=ClientOrderId("late-2")))
        assert "cancel 2 entry orders, then off" in hand.dialog


async def test_the_activation_shows_what_is_ours_as_of_now() -> None:
    row = next(one for one in instances() if one.mode is InstanceMode.OBSERVE)
    async with opened(engine=paper()) as hand:
        await go(hand, row.strategy_id)
        await hand.press("a")
        await hand.push(replace(row, orders_open=7))
        assert "7 orders" in hand.dialog
