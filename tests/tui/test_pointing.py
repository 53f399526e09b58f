"""The mouse selects and moves, and never acts.

Also the tests of ``tui/screens/pointing.py``.
"""

from __future__ import annotations

from tests.tui.fixtures import FakeEngine
from tests.tui.hand import Hand, opened
from textual import events


async def click(hand: Hand, pane: str, x: int, y: int) -> None:
    """Click a cell of a pane."""
    rect = getattr(hand.main.layout_now, pane)
    await hand.pilot.click(offset=(rect.x + x, rect.y + y))
    await hand.settle()


async def wheel(hand: Hand, pane: str, kind: type[events.MouseEvent]) -> None:
    """Turn the wheel one notch over a pane."""
    rect = getattr(hand.main.layout_now, pane)
    x, y = rect.x + 1, rect.y + 1
    hand.app.screen._forward_event(
        kind(None, x, y, 0, 0, 0, False, False, False, screen_x=x, screen_y=y)
    )
    await hand.settle()


async def test_a_click_selects_a_row_of_the_table() -> None:
    async with opened((120, 40)) as hand:
        await click(hand, "table", 5, 5)
        assert hand.main.state.table.selected == "eth-mr"
        await click(hand, "table", 5, 0)
        assert hand.main.state.table.selected == "eth-mr"


async def test_a_click_on_a_tab_shows_it_and_on_a_row_selects_it() -> None:
    engine = FakeEngine()
    async with opened((120, 40), engine=engine) as hand:
        bar = hand.pane("upper_bar")[0]
        await click(hand, "upper_bar", bar.index("Orders") + 1, 0)
        assert hand.main.state.upper_tab == "Orders" and hand.main.state.focus == "upper"
        bar = hand.pane("lower_bar")[0]
        await click(hand, "lower_bar", bar.index("Fills") + 1, 0)
        assert hand.main.state.lower_tab == "Fills" and hand.main.state.focus == "lower"
        await click(hand, "lower", 4, 2)
        assert hand.main.state.list_state("lower", "Fills").selected == "r7k/t1/1150001"
        await click(hand, "lower", 4, 4)
        assert hand.main.state.list_state("lower", "Fills").selected == "r7k/t1/1150001"
    assert engine.commands == []


async def test_the_wheel_moves_the_pane_under_it() -> None:
    async with opened((120, 40)) as hand:
        await wheel(hand, "table", events.MouseScrollDown)
        assert hand.main.state.table.selected == "eth-grid"
        await wheel(hand, "table", events.MouseScrollUp)
        assert hand.main.state.table.selected == "ada-test"


async def test_a_dialog_takes_no_click() -> None:
    async with opened((120, 40)) as hand:
        await hand.press("!")
        before = hand.main.state.table.selected
        await click(hand, "table", 5, 5)
        await wheel(hand, "table", events.MouseScrollDown)
        assert hand.main.state.table.selected == before
        assert "STOP" in hand.dialog
