"""Numbers, ages and times as the screen writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetui.domain import formatting
from tradetui.domain.formatting import age, average, clock, count, date, grouped, money, timestamp

SECOND = 10**9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "scale", "decimals", "signed", "text"),
    [
        (6741230, 2, 2, False, "67,412.30"),
        (5290, 8, 8, False, "0.00005290"),
        (-1234567, 0, 0, False, "-1,234,567"),
        (1240, 2, 2, True, "+12.40"),
        (0, 2, 2, True, "0.00"),
        (-310, 2, 2, True, "-3.10"),
    ],
)
def test_thousands_and_signs(value, scale, decimals, signed, text):
    assert grouped(value, scale, decimals, signed=signed) == text


@given(st.integers(-(10**18), 10**18))
def test_money_rounds_half_even_for_display(amount):
    rounded = (Decimal(amount) / 10**8).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    assert Decimal(money(amount, "USD").replace(",", "")) == rounded


def test_counts_are_separated():
    assert count(1_204_331) == "1,204,331"


@pytest.mark.parametrize(
    ("nanos", "text"),
    [
        (-5, "0.0s"),
        (0, "0.0s"),
        (449_999_999, "0.4s"),
        (10 * SECOND - 1, "9.9s"),
        (10 * SECOND, "10s"),
        (60 * SECOND - 1, "59s"),
        (130 * SECOND, "2m10s"),
        (3_600 * SECOND - 1, "59m59s"),
        (3_600 * SECOND, "1h00m"),
        (48 * 3_600 * SECOND - 1, "47h59m"),
        (4 * 86_400 * SECOND, "4d"),
    ],
)
def test_ages(nanos, text):
    assert age(nanos) == text


def test_time_of_day():
    time = (14 * 3_600 + 32 * 60 + 7) * SECOND + 413_999_999
    assert clock(time) == "14:32:07"
    assert clock(time, millis=True) == "14:32:07.413"
    assert timestamp(time) == "1970-01-01 14:32:07"


@given(st.integers(-50_000, 200_000))
def test_dates_are_those_of_the_calendar(days):
    expected = (EPOCH + timedelta(days=days)).strftime("%Y-%m-%d").rjust(10, "0")
    assert date(days * 86_400 * SECOND) == expected
    assert date((days + 1) * 86_400 * SECOND - 1) == expected


@pytest.mark.parametrize(
    ("value", "scale", "decimals", "text"),
    [
        (1358640000005, 8, 1, "13,586.4"),
        (1358641234567, 8, 1, "13,586.412"),
        (6656110, 2, 2, "66,561.10"),
        (12920299999970, 9, 1, "12,920.3"),
    ],
)
def test_an_average_has_no_digits_of_the_division(
    value: int, scale: int, decimals: int, text: str
) -> None:
    assert average(value, scale, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 orders"), (1, "1 order"), (1_204, "1,204 orders")]
)
def test_a_count_has_its_noun(value: int, text: str) -> None:
    assert formatting.counted(value, "order") == text
    assert formatting.counted(1, "entry", "entries") == "1 entry"
    assert formatting.counted(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13571.067", "13,571.067"),
        ("-1234567", "-1,234,567"),
        ("999.5", "999.5"),
        ("1e9", "1e9"),
        ("2026-11-21", "2026-11-21"),
        ("0.00012345", "0.00012345"),
        ("0123456", "0123456"),
        ("yes", "yes"),
        ("1,234", "1,234"),
    ],
)
def test_a_number_that_is_text_gets_its_separators(text: str, shown: str) -> None:
    assert formatting.separated(text) == shown
