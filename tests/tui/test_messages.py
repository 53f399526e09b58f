"""What was said stands on the screen whole, also where it is longer than a line."""

from __future__ import annotations

from tests.tui.hand import opened
from tests.tui.test_acting import said


async def test_a_reason_that_is_longer_than_the_screen_is_not_cut() -> None:
    async with opened((60, 16)) as hand:
        await hand.press("j")
        await said(hand, "delete")
        assert hand.message.split("\n") == [
            "btc-mr is active, +0.02350 BTC, 2 orders: not deleted; it",
            "must be off, flat and without orders",
        ]
        assert hand.screen_text()[-3:-1] == hand.pane("message")
        await hand.press("k")
        hand.main.say("")
        await hand.settle()
        assert len(hand.pane("message")) == 1


async def test_what_is_typed_has_one_line_over_a_long_message() -> None:
    async with opened((60, 16)) as hand:
        hand.main.say("long " * 40)
        await hand.settle()
        assert len(hand.pane("message")) == 3 and hand.pane("message")[2].endswith("...")
        await hand.press(":")
        assert len(hand.pane("message")) == 1 and hand.message.startswith(":")
