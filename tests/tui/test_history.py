"""The history of the ``:`` line outlives the console."""

from __future__ import annotations

from tests.tui.fixtures import FakeActions
from tests.tui.hand import opened

from tradetui.tui.preferences import MAX_HISTORY, Preferences, as_body, from_body


def test_lines_are_kept_once_each_and_not_without_end() -> None:
    wanted = Preferences()
    for text in ("a", "b", "a"):
        wanted = wanted.with_line(text)
    assert wanted.history == ("b", "a")
    for at in range(MAX_HISTORY + 5):
        wanted = wanted.with_line(f"line {at}")
    assert len(wanted.history) == MAX_HISTORY
    assert from_body(as_body(wanted)) == (wanted, "")


async def test_what_was_typed_is_there_after_a_restart() -> None:
    actions = FakeActions()
    async with opened((100, 30), actions=actions) as hand:
        await hand.press(":", *"eth-mr", "enter")
        await hand.press(":", *" theme light ", "enter")
    assert actions.kept[""]["history"] == ["eth-mr", "theme light"]
    assert actions.kept[""]["theme"] == "light"
    async with opened((100, 30), actions=FakeActions(), preferences=actions.kept[""]) as hand:
        await hand.press(":", "up")
        assert hand.message.startswith(":theme light")
        await hand.press("up")
        assert hand.message.startswith(":eth-mr")
        await hand.press("down", "down")
        assert hand.message.startswith(":   ")


async def test_a_layout_neither_holds_nor_takes_the_history() -> None:
    actions = FakeActions()
    async with opened((100, 30), actions=actions) as hand:
        await hand.press(":", *"layout save day", "enter")
        assert actions.kept["day"]["history"] == []
        await hand.press(":", *"layout day", "enter")
        assert actions.kept[""]["history"] == ["layout save day", "layout day"]
