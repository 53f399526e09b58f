"""When a price sets an order off: both sides, at the price and one tick beside it."""

from __future__ import annotations

import pytest

from tradetui.core.venue.triggers import (
    limit_crossed,
    limit_touched,
    stop_touched,
    trail_start,
    trailed,
)
from tradetui.domain.enums import OrderSide

BUY, SELL = OrderSide.BUY, OrderSide.SELL


@pytest.mark.parametrize(
    ("side", "high", "low", "stop", "touched", "crossed"),
    [
        (BUY, 101, 101, True, False, False),
        (BUY, 100, 100, True, True, False),
        (BUY, 99, 99, False, True, True),
        (BUY, 101, 99, True, True, True),
        (SELL, 101, 101, False, True, True),
        (SELL, 100, 100, True, True, False),
        (SELL, 99, 99, True, False, False),
        (SELL, 101, 99, True, True, True),
    ],
)
def test_at_a_hundred(
    side: OrderSide, high: int, low: int, stop: bool, touched: bool, crossed: bool
) -> None:
    assert stop_touched(side, 100, high, low) is stop
    assert limit_touched(side, 100, high, low) is touched
    assert limit_crossed(side, 100, high, low) is crossed


def test_a_trailing_stop_starts_behind_the_price() -> None:
    assert trail_start(BUY, 5, 100) == 105
    assert trail_start(SELL, 5, 100) == 95
    assert trail_start(SELL, 500, 100) == 1


@pytest.mark.parametrize(
    ("side", "trigger", "high", "low", "expected"),
    [
        (SELL, 95, 100, 96, 95),
        (SELL, 95, 104, 96, 99),
        (SELL, 95, 90, 80, 95),
        (BUY, 105, 104, 100, 105),
        (BUY, 105, 104, 96, 101),
        (BUY, 105, 120, 110, 105),
    ],
)
def test_a_trailing_stop_only_tightens(
    side: OrderSide, trigger: int, high: int, low: int, expected: int
) -> None:
    assert trailed(side, trigger, 5, high, low) == expected
