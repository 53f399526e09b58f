from __future__ import annotations

import pytest

from tradetui.strategy.errors import InvalidParameter
from tradetui.strategy.timeframes import (
    days,
    duration_ns,
    hours,
    minutes,
    seconds,
    timeframe_ns,
    timeframe_text,
)


def test_durations() -> None:
    assert duration_ns("30s") == 30 * 10**9
    assert duration_ns("5m") == 300 * 10**9
    assert duration_ns("4h") == 4 * 3600 * 10**9
    assert duration_ns("7d") == 7 * 86400 * 10**9


@pytest.mark.parametrize(
    "text", ["", "5", "m", "0m", "-1m", "5 m", "5M", "1w", "1.5h", "٥m", 5, None]
)
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(InvalidParameter, match="a duration is a whole number"):
        duration_ns(text)


def test_a_timeframe_divides_a_day() -> None:
    assert timeframe_ns("4h") == 4 * 3600 * 10**9
    for text in ("7m", "5h", "2d"):
        with pytest.raises(InvalidParameter, match="must divide a day"):
            timeframe_ns(text)


def test_arithmetic_with_now() -> None:
    assert seconds(0.5) == 500_000_000
    assert minutes(1) == 60 * 10**9
    assert hours(1.5) == 5400 * 10**9
    assert days(2) == 2 * 86400 * 10**9


@pytest.mark.parametrize("text", ["1s", "90s", "1m", "5m", "90m", "1h", "4h", "1d", "30d"])
def test_a_timeframe_is_written_in_its_largest_unit(text: str) -> None:
    assert timeframe_text(duration_ns(text)) == text


def test_what_is_no_whole_number_of_seconds_is_said_in_ns() -> None:
    assert timeframe_text(1_500_000_000) == "1500000000 ns"
