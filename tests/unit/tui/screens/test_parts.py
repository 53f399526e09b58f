"""Which panes are drawn anew when a part of the replica changed."""

from __future__ import annotations

from tradetui.tui.screens.parts import DEPENDS, PARTS, depending_on


def test_a_chart_is_not_drawn_anew_for_what_it_does_not_show() -> None:
    for part in DEPENDS:
        assert ("left" in depending_on(part, "Chart")) is (part == "instruments")


def test_every_other_tab_is_drawn_with_all_that_it_may_show() -> None:
    for part, panes in DEPENDS.items():
        assert depending_on(part, "Orders") == panes
        assert set(panes) <= set(PARTS)
