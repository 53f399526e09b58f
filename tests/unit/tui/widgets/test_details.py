"""What stands under a list: no text is cut by the edge of the screen."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, decisions, fills, orders

from tradetui.tui.lines import folded, plain, width_of
from tradetui.tui.widgets.details import fill_lines, fill_text, order_lines

VIEWS = {view.instrument_id: view for view in INSTRUMENTS}


def text_of(*lines: object) -> str:
    return "\n".join(plain(line) for line in lines)  # type: ignore[arg-type]


def test_an_order_says_why_it_ended_and_nothing_of_it_acts_on_the_terminal() -> None:
    order = replace(orders()[0], reason="refused\x1b[2J by the venue")
    lines = order_lines(order, VIEWS.get(order.instrument_id), [], None, [])
    assert "reason" in text_of(*lines) and "refused?[2J by the venue" in text_of(*lines)
    without = order_lines(replace(order, reason=""), None, [], None, [])
    assert "reason" not in text_of(*without)


@pytest.mark.parametrize(
    ("pnl", "said"),
    [(10**8, "realised +1.00 USDT"), (-25 * 10**6, "realised -0.25 USDT"), (0, "")],
)
def test_a_fill_that_closes_says_what_it_gained(pnl: int, said: str) -> None:
    fill = replace(fills()[0], realised_pnl=pnl)
    text = fill_text(fill, VIEWS[fill.instrument_id])
    assert said in text
    assert ("realised" in text) == bool(said)
    assert "1.00" not in fill_text(fill, VIEWS[fill.instrument_id], masked=True).partition("fee")[2]


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
