from __future__ import annotations

import pytest
from tests.tui.fixtures import INSTRUMENTS, cash

from tradetui.domain.enums import OrderRole, OrderSide
from tradetui.domain.replica import ChartLevel
from tradetui.tui.widgets.chart_marks import level_marks, rank, shown_price
from tradetui.tui.widgets.chart_raster import Scale


@pytest.mark.parametrize("role", OrderRole)
@pytest.mark.parametrize("side", OrderSide)
def test_every_order_has_a_mark_and_other_orders_one_by_side(role: OrderRole, side: OrderSide):
    mark = level_marks(ChartLevel(str(role), side, 1))[1]
    others = "b" if side is OrderSide.BUY else "s"
    assert mark == {"stop_loss": "S", "take_profit": "T"}.get(str(role), others)


def test_an_average_has_no_more_decimals_than_a_price_and_an_order_all_it_has() -> None:
    price = cash("66900.12567")
    average = ChartLevel("position", OrderSide.BUY, price)
    assert shown_price(average, INSTRUMENTS[1]) == cash("66900.13")
    assert shown_price(ChartLevel("entry", OrderSide.BUY, price), INSTRUMENTS[1]) == price


def test_marks_in_the_picture_come_first_the_stop_before_the_others() -> None:
    scale = Scale(10.0, 0.0, 10)
    levels = [
        ChartLevel("stop_loss", OrderSide.SELL, -5),
        ChartLevel("entry", OrderSide.BUY, 5),
        ChartLevel("position", OrderSide.BUY, 5),
        ChartLevel("stop_loss", OrderSide.SELL, 5),
    ]
    ranked = sorted(levels, key=lambda level: rank(level, scale))
    assert ranked == [levels[3], levels[2], levels[1], levels[0]]
