"""While money is masked no dialog, report, message or list shows an amount."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, header, instances
from tests.tui.hand import Hand, opened
from tests.tui.test_acting import go, said

from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, RunMode

PAPER = header(run_mode=RunMode.PAPER, account="paper/main")
AMOUNT = re.compile(r"\d[\d,.]* (USDT|BTC|ETH|SOL|XRP|ADA)(?![\w/])")


def shown(hand: Hand) -> str:
    return "\n".join([hand.dialog, hand.message, *hand.pane("alerts"), *hand.pane("lower")])


@pytest.mark.parametrize(
    "keys",
    [
        ("!",), ("!", "x"), ("j", "p"), ("j", "o"), ("G", "a"), ("q",), ("*", "p"), ("j", "w"),
        ("3", "j"), ("5", "j"), ("5", "j", "enter"), ("0", "j", "enter"), ("6",), ("6", "]"),
    ],
    ids="-".join,
)  # fmt: skip
async def test_no_amount_is_shown_while_money_is_masked(keys: tuple[str, ...]) -> None:
    async with opened((160, 50), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("$", *keys)
        assert AMOUNT.search(shown(hand)) is None, shown(hand)


async def test_the_stop_dialog_hides_sizes_and_worth_and_shows_them_again() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("!")
        assert "12.40" in hand.dialog and "about 6,698.60 USDT" in hand.dialog
        await hand.press("escape", "$", "!")
        assert "sell *** BTC" in hand.dialog and "about *** USDT" in hand.dialog
        assert "12.40" not in hand.dialog and "0.8400" not in hand.dialog
        assert "type CLOSE" in hand.dialog
        await hand.press("escape", "$", "!")
        assert "about 6,698.60 USDT" in hand.dialog


async def test_what_changed_is_refused_without_the_amounts() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        row = next(one for one in instances() if one.mode is InstanceMode.OBSERVE)
        await go(hand, row.strategy_id)
        await hand.press("$", "a")
        await hand.push(replace(row, position=row.position + 1000))
        await hand.press("y")
        assert hand.message.startswith("changed while you looked")
        assert AMOUNT.search(hand.message) is None, hand.message
        assert hand.actions.calls == []


async def test_answers_of_the_engine_are_masked_too() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        hand.engine.reply = CommandReply(False, "refused: 12.50 USDT are missing")
        await said(hand, "mask")
        await hand.press("ctrl+g")
        assert hand.message == "refused: *** USDT are missing"


async def test_forms_show_what_a_person_writes() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("$", "j", "e")
        assert "CONFIG btc-mr" in hand.dialog and "2.5" in hand.dialog


async def test_values_of_decisions_and_sizes_of_lists_are_hidden() -> None:
    async with opened((200, 50), engine=FakeEngine(header=PAPER)) as hand:
        await hand.press("5")
        assert "1,590.60" in "\n".join(hand.pane("lower"))
        for key, hidden in (("5", "1,590.60"), ("3", "0.02350"), ("4", "0.01350")):
            await hand.press(key)
            before = hand.pane("lower")
            assert hidden in "\n".join(before)
            await hand.press("$")
            masked = hand.pane("lower")
            assert hidden not in "\n".join(masked) and "***" in "\n".join(masked)
            assert len(masked) == len(before)
            await hand.press("$")
            assert hand.pane("lower") == before


async def test_it_is_remembered_over_a_restart_and_no_layout_takes_it_off() -> None:
    async with opened((120, 40), engine=FakeEngine(header=PAPER)) as hand:
        await said(hand, "layout save day")
        await hand.press("$")
        kept = hand.actions.kept[""]
        assert kept["masked"] is True
        await said(hand, "layout day")
        assert hand.main.state.masked and hand.actions.kept[""]["masked"] is True
    async with opened((120, 40), engine=FakeEngine(header=PAPER), preferences=kept) as hand:
        assert "***" in hand.pane("table")[2] and "+46.92" not in hand.pane("table")[2]
        await hand.press("$")
        assert hand.actions.kept[""]["masked"] is False
        assert "+46.92" in hand.pane("table")[2]
