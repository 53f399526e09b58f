from __future__ import annotations

from itertools import product

import pytest

from tradetui.tui.screens.layout import compute, is_too_small, panel_width

FIELDS = (
    "header",
    "alerts",
    "table",
    "upper_bar",
    "left",
    "lower_bar",
    "lower",
    "message",
    "footer",
)


def test_the_line_budget_of_80x24() -> None:
    layout = compute(80, 24, alerts=2, rows=7, with_panel=True)
    heights = [getattr(layout, name).height for name in FIELDS]
    assert heights == [2, 1, 8, 1, 10, 0, 0, 1, 1]
    assert (layout.left.width, layout.panel.width) == (55, 25)


def test_without_an_alert_the_table_has_its_line() -> None:
    assert compute(80, 24, alerts=0, rows=20, with_panel=True).table.height == 9


def test_the_line_budget_of_200x50() -> None:
    layout = compute(200, 50, alerts=2, rows=7, with_panel=True)
    heights = [getattr(layout, name).height for name in FIELDS]
    assert heights == [2, 2, 9, 1, 23, 1, 10, 1, 1]
    assert (layout.left.width, layout.panel.width) == (128, 72)


@pytest.mark.parametrize("width", [60, 80, 99, 100, 120, 160, 200, 300])
@pytest.mark.parametrize("height", [16, 20, 24, 36, 40, 50, 60, 100])
def test_panes_fill_the_screen_without_overlap(width: int, height: int) -> None:
    for rows, alerts, zoomed in product((0, 1, 7, 50), (0, 1, 5), ("", "table", "upper", "lower")):
        layout = compute(width, height, alerts=alerts, rows=rows, with_panel=True, zoomed=zoomed)
        shown = [getattr(layout, name) for name in FIELDS if getattr(layout, name).height]
        taken = [line for rect in shown for line in range(rect.y, rect.y + rect.height)]
        assert len(taken) == len(set(taken))
        assert max(taken) == height - 1
        assert layout.left.width + layout.panel.width == width


def test_too_small() -> None:
    assert is_too_small(59, 24)
    assert is_too_small(80, 15)
    assert not is_too_small(60, 16)


def test_the_panel_grows_with_the_screen() -> None:
    assert [panel_width(width) for width in (80, 120, 160, 200)] == [23, 36, 50, 70]


def test_a_long_message_takes_its_lines_from_the_pane_above() -> None:
    for size, pane in (((80, 24), "left"), ((200, 60), "lower")):
        usual = compute(*size, alerts=0, rows=6, with_panel=True)
        long = compute(*size, alerts=0, rows=6, with_panel=True, message=3)
        assert long.message.height == 3 and long.message.y == usual.message.y - 2
        assert getattr(long, pane).height == getattr(usual, pane).height - 2
        assert (long.table, long.footer) == (usual.table, usual.footer)


@pytest.mark.parametrize("zoomed", ["", "table", "upper", "lower"])
@pytest.mark.parametrize("size", [(60, 16), (120, 40)])
def test_a_pane_keeps_two_lines_under_any_message(size: tuple[int, int], zoomed: str) -> None:
    layout = compute(*size, alerts=3, rows=40, with_panel=True, zoomed=zoomed, message=99)
    shown = [pane.height for pane in (layout.table, layout.left, layout.lower) if pane.height]
    assert min(shown) == 2
    assert layout.message.y + layout.message.height == layout.footer.y


def test_a_vast_screen_is_not_all_chart() -> None:
    layout = compute(300, 90, alerts=0, rows=30, with_panel=True)
    assert (layout.table.height, layout.lower.height, layout.panel.width) == (26, 20, 102)
    assert layout.left.height == 38
