"""Price times quantity, lots and ticks, against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetui.domain.enums import InstrumentClass, OrderSide
from tradetui.domain.instruments import (
    Instrument,
    average_price,
    commission_in_quote,
    fee,
    floor_quantity,
    notional,
    passive_price,
    price_decimals,
)

BASE = Instrument("B.V", "B", "V", InstrumentClass.FUTURE, "B", "Q", 2, 8, 5, 1_000)
SCALES = st.integers(0, 9)


@given(SCALES, SCALES, SCALES, st.integers(1, 10**6), st.integers(-(10**12), 10**12), st.integers())
def test_a_notional_is_exact_to_the_last_decimal(
    price_scale, size_scale, scale, factor, price, quantity
):
    instrument = msgspec.structs.replace(
        BASE, price_scale=price_scale, size_scale=size_scale,
        multiplier=factor, multiplier_scale=scale,
    )  # fmt: skip
    exact = Fraction(price * quantity * factor * 10**8, 10 ** (price_scale + size_scale + scale))
    assert notional(instrument, price, quantity) == round(exact)


@given(st.integers(-(10**12), 10**12), st.integers(-1_000, 10_000))
def test_a_fee_is_rounded_against_us(amount, rate):
    assert fee(amount, rate) == math.ceil(Fraction(abs(amount) * rate, 10**6))


@given(st.integers(1, 10**12))
def test_quantities_go_down_to_the_lot(quantity):
    floored = floor_quantity(BASE, quantity)
    assert floored % 1_000 == 0
    assert 0 <= quantity - floored < 1_000


@given(st.integers(-(10**9), 10**9))
def test_prices_go_to_the_tick_on_the_passive_side(price):
    buy, sell = (passive_price(BASE, side, price) for side in OrderSide)
    assert buy % 5 == sell % 5 == 0
    assert price - 5 < buy <= price <= sell < price + 5


@given(SCALES, SCALES, st.integers(1, 1_000), st.integers(1, 10**9), st.integers(1, 10**9))
def test_an_average_price_is_that_of_its_cost(price_scale, size_scale, factor, price, quantity):
    instrument = msgspec.structs.replace(
        BASE, price_scale=price_scale, size_scale=size_scale, multiplier=factor
    )
    cost = notional(instrument, price, quantity)
    exact = Fraction(cost * 10 ** (price_scale + size_scale), quantity * factor * 10**8)
    assert average_price(instrument, cost, quantity) == round(exact)
    assert average_price(instrument, -cost, -quantity) == round(exact)


def test_nothing_has_no_average_price():
    assert average_price(BASE, 0, 0) == 0


@pytest.mark.parametrize(
    ("increment", "scale", "decimals"),
    [(1, 2, 2), (10, 2, 1), (100, 2, 0), (1_000, 2, 0), (5, 2, 2), (250, 4, 3), (1, 0, 0)],
)
def test_decimals_of_a_tick(increment, scale, decimals):
    assert price_decimals(increment, scale) == decimals


def test_a_tick_is_above_zero():
    with pytest.raises(AssertionError):
        price_decimals(0, 2)


@pytest.mark.parametrize(
    ("commission", "currency", "expected"),
    [
        (7, "Q", 7),
        (-7, "Q", -7),
        (2 * 10**8, "B", 201 * 10**8),  # at 100.50, a price_scale of 2
        (1, "B", 100),  # 100.5 units: halves go to the even one
        (3, "B", 302),
        (5, "THIRD", None),
        (0, "THIRD", 0),
    ],
)
def test_a_commission_is_taken_at_the_price_of_its_fill(commission, currency, expected):
    assert commission_in_quote(BASE, 100_50, commission, currency) == expected
