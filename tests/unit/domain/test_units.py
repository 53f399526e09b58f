"""Scaled integers against Decimal and Fraction."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetui.domain.units import (
    I64_MAX,
    I64_MIN,
    NumberError,
    checked_i64,
    clamped_i64,
    decimals_of,
    div_ceil,
    div_floor,
    div_half_even,
    format_scaled,
    parse_scaled,
    rescale_exact,
)

NUMBERS = st.integers(-(10**40), 10**40)
POSITIVE = st.integers(1, 10**30)


@given(NUMBERS, POSITIVE)
def test_divisions_round_as_they_are_named(numerator, denominator):
    exact = Fraction(numerator, denominator)
    assert div_floor(numerator, denominator) == math.floor(exact)
    assert div_ceil(numerator, denominator) == math.ceil(exact)
    assert div_half_even(numerator, denominator) == round(exact)


@pytest.mark.parametrize(("numerator", "result"), [(5, 2), (7, 4), (-5, -2), (-7, -4), (6, 3)])
def test_halves_go_to_the_even_one(numerator, result):
    assert div_half_even(numerator, 2) == result


@pytest.mark.parametrize("divide", [div_floor, div_ceil, div_half_even])
@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_is_positive(divide, denominator):
    with pytest.raises(AssertionError):
        divide(1, denominator)


def test_64_bits_are_enough_or_it_is_said():
    assert checked_i64(I64_MIN) == I64_MIN
    assert checked_i64(I64_MAX) == I64_MAX
    for value in (I64_MIN - 1, I64_MAX + 1):
        with pytest.raises(NumberError, match="64 bits"):
            checked_i64(value)


@given(st.integers(-(10**15), 10**15), st.integers(0, 18), st.integers(0, 18))
def test_a_change_of_scale_loses_nothing(value, from_scale, to_scale):
    exact = Fraction(value * 10**to_scale, 10**from_scale)
    if exact.denominator == 1:
        assert rescale_exact(value, from_scale=from_scale, to_scale=to_scale) == exact
    else:
        with pytest.raises(NumberError, match="decimals"):
            rescale_exact(value, from_scale=from_scale, to_scale=to_scale)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=8
    )
)
def test_parsing_is_exact(number):
    assert parse_scaled(str(number), 8) == int(number.scaleb(8))
    assert parse_scaled(f"{number:f}", 8) == int(number.scaleb(8))


def test_the_nearest_integer_of_64_bits() -> None:
    assert [clamped_i64(value) for value in (10**30, -(10**30), 5)] == [I64_MAX, I64_MIN, 5]


@given(st.integers(I64_MIN, I64_MAX), st.integers(0, 18))
def test_what_is_written_parses_to_itself(value, scale):
    text = format_scaled(value, scale)
    assert parse_scaled(text, scale) == value
    assert Decimal(text) == Decimal(value).scaleb(-scale)
    assert "e" not in text.lower()


@pytest.mark.parametrize(
    ("text", "scale", "value"),
    [
        ("67412.30", 2, 6741230),
        ("1e-05", 5, 1),
        ("1E3", 0, 1000),
        ("1.5e+2", 0, 150),
        (" 7 ", 0, 7),
        ("+7", 0, 7),
        ("-.5", 1, -5),
        ("5.", 0, 5),
        ("0.0010", 3, 1),
    ],
)
def test_forms_that_venues_write(text, scale, value):
    assert parse_scaled(text, scale) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "-", ".", "abc", "1,000", "1 000", "--1", "+-1", "-+1", "nan", "inf", "1e", "1e1.5",
        "1e+",
        "0x1", "１", "1e１", "1_0", "9" * 61, "1e9999", "1ee5",
    ],
)  # fmt: skip
def test_anything_else_is_not_a_number(text):
    with pytest.raises(NumberError, match="not a number"):
        parse_scaled(text, 2)


@pytest.mark.parametrize("text", ["1e61", "1e-61", "1e999"])
def test_exponents_beyond_reason(text):
    with pytest.raises(NumberError, match="out of range"):
        parse_scaled(text, 2)


def test_more_digits_than_the_scale_and_more_than_64_bits():
    with pytest.raises(NumberError, match="more than 2 decimals"):
        parse_scaled("0.001", 2)
    with pytest.raises(NumberError, match="64 bits"):
        parse_scaled("1e19", 0)


@pytest.mark.parametrize(
    ("text", "decimals"),
    [("0.0010", 3), ("1e-5", 5), ("5", 0), ("5.00", 0), ("1.5e1", 0), ("100", 0), ("0", 0)],
)
def test_decimals_that_a_number_needs(text, decimals):
    assert decimals_of(text) == decimals


@pytest.mark.parametrize(
    ("value", "scale", "decimals", "text"),
    [
        (0, 8, None, "0"),
        (0, 8, 2, "0.00"),
        (-5, 1, None, "-0.5"),
        (6741230, 2, 2, "67412.30"),
        (6741230, 2, 0, "67412.3"),
        (123, 0, 2, "123.00"),
        (2350000, 8, 5, "0.02350"),
        (1, 8, 2, "0.00000001"),
    ],
)
def test_a_number_is_never_cut(value, scale, decimals, text):
    assert format_scaled(value, scale, decimals) == text
