from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategy_testing import BTC, ETH

from tradetui.domain.enums import OrderSide
from tradetui.domain.units import div_ceil, div_floor
from tradetui.strategy.errors import InvalidOrder
from tradetui.strategy.numbers import (
    amount_to_int,
    offset_to_int,
    price_to_int,
    scaled_amount,
    scaled_price,
)

# BTC: sizes at scale 8, lot 0.0001; prices at scale 2, tick 0.01.
# ETH: sizes at scale 4, lot 0.0001; prices at scale 2, tick 0.05.


@pytest.mark.parametrize(
    ("value", "lots"),
    [
        (1, 10_000),
        (0.1, 1_000),
        (0.3, 3_000),
        (0.1 + 0.2, 3_000),  # 0.30000000000000004
        (0.29999999999999993, 3_000),
        ("0.3", 3_000),
        (" 0.30 ", 3_000),
        ("+.5", 5_000),
        ("3e-1", 3_000),
        (Decimal("0.3"), 3_000),
        (0.00019999, 1),
        ("0.00019999", 1),
        (0.0003 * (1 - 1e-8), 2),
        (0.0003 * (1 - 1e-10), 3),
        (0.0003 * (1 + 1e-8), 3),
        (123456, 1_234_560_000),
        (1e7, 100_000_000_000),
        (12345678.9, 123_456_789_000),
    ],
)
def test_an_amount_is_whole_lots_rounded_down(value: object, lots: int) -> None:
    assert amount_to_int(value, BTC) == lots * BTC.size_increment


@pytest.mark.parametrize(
    ("value", "side", "raw"),
    [
        (100, OrderSide.BUY, 10_000),
        (100.005, OrderSide.BUY, 10_000),
        (100.005, OrderSide.SELL, 10_001),
        ("100.005", OrderSide.BUY, 10_000),
        ("100.005", OrderSide.SELL, 10_001),
        (100.01, OrderSide.SELL, 10_001),
        (100.00999999999999, OrderSide.BUY, 10_001),
        (Decimal("99.999"), OrderSide.SELL, 10_000),
    ],
)
def test_a_price_is_on_the_tick_of_the_passive_side(
    value: object, side: OrderSide, raw: int
) -> None:
    assert price_to_int(value, BTC, side) == raw


def test_a_tick_need_not_be_a_power_of_ten() -> None:
    assert price_to_int(100.07, ETH, OrderSide.BUY) == 10_005
    assert price_to_int(100.07, ETH, OrderSide.SELL) == 10_010
    assert price_to_int(7, ETH, OrderSide.SELL) == 700


def test_a_trail_is_rounded_down() -> None:
    assert offset_to_int(1.239, BTC) == 123
    with pytest.raises(InvalidOrder, match=r"trail 0\.001 is below one tick"):
        offset_to_int(0.001, BTC)


def test_it_says_whether_anything_was_rounded_away() -> None:
    assert scaled_amount(0.5, BTC) == (50_000_000, True)
    assert scaled_amount(0.50001, BTC) == (50_000_000, False)
    assert scaled_price("1.005", BTC, OrderSide.SELL) == (101, False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "amount must be above zero, got 0"),
        (0.0, "amount must be above zero, got 0.0"),
        (-1, "amount must be above zero, got -1"),
        (-0.5, "amount must be above zero"),
        ("-2", "amount must be above zero"),
        (Decimal("-2"), "amount must be above zero"),
        (float("nan"), "amount must be a finite number, got nan"),
        (float("inf"), "amount must be a finite number, got inf"),
        (float("-inf"), "amount must be a finite number"),
        (Decimal("NaN"), "amount must be a finite number"),
        (Decimal("Infinity"), "amount must be a finite number"),
        (1e30, "amount 1e\\+30 is out of range"),
        (10**30, "is out of range"),
        (10**18, "is out of range: give a smaller number"),
        ("1e999", "out of range"),
        (Decimal("1e-80"), "out of range"),
        (0.00009, "amount 9e-05 is less than one lot of BTC/USD: give at least 0.0001 BTC"),
        ("", "amount must be a plain number, got ''"),
        ("1,000", "amount must be a plain number"),
        ("1_000", "amount must be a plain number"),
        ("nan", "amount must be a plain number"),
        ("0x10", "amount must be a plain number"),
        ("١", "amount must be a plain number"),
        ("1" * 61, "amount must be a plain number"),
        (True, "amount must be a number .* got bool True"),
        (None, "amount must be a number .* got NoneType None"),
        ([1], "amount must be a number"),
        (Fraction(1, 2), "amount must be a number"),
        (1 + 0j, "amount must be a number"),
    ],
)
def test_what_is_no_amount_is_refused_in_one_sentence(value: object, text: str) -> None:
    with pytest.raises(InvalidOrder, match=text):
        amount_to_int(value, BTC)


def test_a_price_below_one_tick_is_refused() -> None:
    with pytest.raises(
        InvalidOrder, match=r"price 0\.001 is below one tick of BTC/USD \(0\.01 USD\)"
    ):
        price_to_int(0.001, BTC, OrderSide.BUY)
    assert price_to_int(0.001, BTC, OrderSide.SELL) == 1


def test_floats_that_are_subclasses_are_read_as_floats() -> None:
    class Odd(float):
        def __repr__(self) -> str:
            return "Odd"

    assert amount_to_int(Odd(0.3), BTC) == 30_000_000


@given(st.integers(1, 10**15), st.integers(0, 8))
def test_a_float_and_its_shortest_decimal_agree(mantissa: int, places: int) -> None:
    value = mantissa / 10**places
    for read in (
        lambda x: scaled_amount(x, BTC),
        lambda x: scaled_price(x, ETH, OrderSide.SELL),
        lambda x: scaled_price(x, ETH, OrderSide.BUY),
    ):
        try:
            wanted = read(repr(value))
        except InvalidOrder:
            with pytest.raises(InvalidOrder):
                read(value)
        else:
            assert read(value) == wanted


@given(st.decimals(min_value="0.001", max_value="1e9", places=6))
def test_rounding_is_exact(value: Decimal) -> None:
    exact = Fraction(value) * 10_000
    numerator, denominator = exact.numerator, exact.denominator
    nearest = round(exact)
    snapped = abs(exact - nearest) * 10**9 <= exact
    lots = nearest if snapped else div_floor(numerator, denominator)
    assert amount_to_int(value, BTC) == lots * 10_000
    ticks = Fraction(value) * 100
    nearest = round(ticks)
    up = div_ceil(ticks.numerator, ticks.denominator)
    wanted = nearest if abs(ticks - nearest) * 10**9 <= ticks else up
    assert price_to_int(value, BTC, OrderSide.SELL) == wanted
