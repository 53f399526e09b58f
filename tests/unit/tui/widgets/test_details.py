"""What stands under a list: no text is cut by the edge of the screen."""

from __future__ import annotations

from tests.tui.fixtures import INSTRUMENTS, decisions, fills, orders

from tradetui.tui.lines import folded, plain, width_of
from tradetui.tui.widgets.details import fill_lines, order_lines

VIEWS = {view.instrument_id: view for view in INSTRUMENTS}


def test_an_order_and_a_fill_fold_into_a_narrow_screen() -> None:
    order, fill = orders()[0], fills()[0]
    view = VIEWS[fill.instrument_id]
    lines = [
        *order_lines(order, VIEWS.get(order.instrument_id), [fill], decisions()[0], [order]),
        *fill_lines(fill, view, order, decisions()[0]),
    ]
    for width in (40, 60, 80):
        pieces = [piece for line in lines for piece in folded(line, width)]
        assert all(width_of(piece) <= width for piece in pieces)
        words = " ".join(plain(piece) for piece in pieces).split()
        assert words == " ".join(plain(line) for line in lines).split()
