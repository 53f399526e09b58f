"""Leaving the console: what is said, what is done, and what is not done by accident.

Also the tests of ``tui/dialogs/quit.py`` and ``tui/screens/leaving.py``.
"""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine, instances, orders
from tests.tui.hand import opened


async def test_quit_names_what_is_open_and_the_policy() -> None:
    async with opened() as hand:
        await hand.press("q")
        assert "instances 5 active" in hand.dialog
        assert "6 entry orders, 9 exits and stops" in hand.dialog
        assert "btc-mr +0.02350 BTC" in hand.dialog
        await hand.press("enter", "y")
        assert hand.app.is_running
        await hand.press("escape")
        assert hand.message == "Still here."


@pytest.mark.parametrize(("key", "cancels"), [("c", True), ("l", False)])
async def test_quit_does_what_was_chosen(key: str, cancels: bool) -> None:
    async with opened() as hand:
        await hand.press("q", key)
        assert hand.app.ended == [] and "quit?" in hand.dialog
        await hand.pilot.press("y")
        await hand.pilot.pause()
        for _ in range(20):
            await asyncio.sleep(0)
        assert hand.app.ended == [cancels]
    assert hand.app.return_code == 0


@pytest.mark.parametrize("typed", ["ll", "/gal", "/daily", "xc", "jl"])
async def test_what_is_typed_behind_one_escape_too_many_never_quits(typed: str) -> None:
    async with opened() as hand:
        await hand.press("escape")
        assert "QUIT" in hand.dialog
        await hand.press(*typed)
        assert hand.app.ended == []
        assert hand.engine.commands == []
        await hand.press("escape")
        assert hand.message == "Still here." or hand.message == "Nothing done."


async def test_a_quiet_console_quits_with_y() -> None:
    engine = FakeEngine(instances=instances()[:1], orders=(), alerts=())
    async with opened(engine=engine) as hand:
        await hand.press("q")
        assert "no instance is active" in hand.dialog
        await hand.pilot.press("y")
        await hand.pilot.pause()
    assert hand.app.ended == [False]


async def test_a_run_of_q_never_quits() -> None:
    async with opened() as hand:
        await hand.press("j", "f")
        await hand.press("q", "q", "q", "q")
        assert hand.dialog == ""
        assert "q again, after a moment" in hand.message


async def test_the_figures_of_quit_are_those_of_now() -> None:
    async with opened() as hand:
        await hand.press("q")
        hand.engine.became(orders=orders()[:5])
        await hand.settle()
        assert "orders    2 entry orders, 3 exits and stops" in hand.dialog
        assert "entry orders 6 -> 2, exits and" in hand.dialog
        await hand.press("l")
        hand.engine.became(orders=orders())
        await hand.press("y")
        assert "changed as you answered: entry orders 2 -> 6" in hand.dialog
        assert hand.app.ended == []
        await hand.pilot.press("y")
        await hand.pilot.pause()
    assert hand.app.ended == [False]


async def test_a_quiet_console_that_begins_to_trade_is_not_left_by_y() -> None:
    engine = FakeEngine(instances=instances()[:1], orders=(), alerts=())
    async with opened(engine=engine) as hand:
        await hand.press("q")
        engine.became(orders=orders()[:3])
        await hand.press("y")
        assert "changed as you answered: exits and stops 0 -> 3" in hand.dialog
        assert "leave all orders as they are" in hand.dialog
    assert hand.app.ended == []


async def test_a_shutdown_that_fails_is_exit_code_1() -> None:
    async def shutdown(_: bool | None) -> None:
        raise OSError("no space left")

    async with opened(shutdown=shutdown) as hand:
        await hand.press("q", "l")
        await hand.pilot.press("y")
        await hand.pilot.pause()
    assert hand.app.return_code == 1


async def test_entry_orders_of_shadows_do_not_count() -> None:
    shadow = replace(orders()[3], is_shadow=True)
    engine = FakeEngine(instances=instances()[6:], orders=(shadow,), alerts=())
    async with opened(engine=engine) as hand:
        await hand.press("q")
        assert "no order is open" in hand.dialog


async def test_quitting_offers_no_cancel_where_there_is_nothing_to_cancel() -> None:
    async with opened(engine=FakeEngine(orders=())) as hand:
        await hand.press("q")
        assert "leave all orders" in hand.dialog
        assert "cancel" not in hand.dialog
        await hand.press("c")
        assert "QUIT" in hand.dialog
    assert hand.app.ended == []
