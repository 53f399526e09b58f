"""A key is answered first and small; nothing queues up and nothing is forgotten."""

from __future__ import annotations

from tradetui.tui.screens.turns import Turns

PARTS = ("header", "table", "chart", "message")


def turns() -> Turns:
    made = Turns(PARTS, {"chart"})
    made.take(for_key=False, is_slow=False, is_whole=True)
    return made


def test_at_first_everything_is_drawn_the_big_panes_last() -> None:
    made = Turns(PARTS, {"chart"})
    assert made.take(for_key=False, is_slow=False, is_whole=False) == [
        "header",
        "table",
        "message",
        "chart",
    ]
    assert not made.stale


def test_a_key_leaves_the_big_panes_to_the_next_frame() -> None:
    made = turns()
    made.mark("chart", "header")
    assert made.take(for_key=True, is_slow=False, is_whole=False) == ["header"]
    assert made.take(for_key=False, is_slow=False, is_whole=False) == ["chart"]


def test_a_new_layout_is_drawn_whole() -> None:
    made = turns()
    made.mark_all()
    assert len(made.take(for_key=True, is_slow=True, is_whole=True)) == len(PARTS)


def test_over_a_slow_line_a_key_is_answered_by_its_own_panes_only() -> None:
    made = turns()
    made.mark("header")
    made.is_keyed = True
    made.mark("table", "chart")
    made.is_keyed = False
    assert made.take(for_key=True, is_slow=True, is_whole=False) == ["table"]
    assert made.stale == {"header", "chart"}
    made.mark("table")
    assert made.take(for_key=True, is_slow=True, is_whole=False) == []
    assert made.take(for_key=False, is_slow=True, is_whole=False) == ["header", "table", "chart"]
