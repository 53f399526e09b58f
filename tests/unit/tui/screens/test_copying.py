"""What cannot be copied is said, and a chart is copied as it stands."""

from __future__ import annotations

import pytest
from tests.tui.hand import Hand, opened


async def said(hand: Hand, verb: str) -> str:
    await hand.press(":")
    await hand.type(verb)
    await hand.press("enter")
    return hand.message


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went to the clipboard."""
    found: list[str] = []
    monkeypatch.setattr(
        "tradetui.tui.app.ConsoleApp.copy_to_clipboard", lambda _, text: found.append(text)
    )
    return found


async def test_a_chart_is_copied_as_lines_and_is_no_table(copied: list[str]) -> None:
    async with opened((120, 40)) as hand:
        await hand.press("tab")
        assert hand.main.state.focused_tab() == "Chart"
        await hand.press("c")
        assert copied[0].splitlines() == [line.rstrip() for line in hand.pane("left")]
        assert "a chart is no table: Tab goes to a list" in await said(hand, "copy table csv")
        assert "a chart is no table" in await said(hand, "export csv /tmp/never-made.csv")
        assert "nothing is selected: j and k select" in await said(hand, "copy cell id")


async def test_an_empty_list_has_nothing_to_copy(copied: list[str]) -> None:
    async with opened((120, 40)) as hand:
        hand.main.replica.log.clear()
        await hand.press("tab", "tab")
        hand.main.state.lower_tab = "Log"
        assert "the list is empty: nothing to copy" in await said(hand, "copy table csv")
        assert copied == []
