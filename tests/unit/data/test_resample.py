from __future__ import annotations

import numpy as np
import pytest

from tradetui.data.problems import DataError
from tradetui.data.resample import bars_of, parse_timeframe, resample
from tradetui.domain.units import NANOS_PER_HOUR, NANOS_PER_MINUTE

M = NANOS_PER_MINUTE


def columns(count: int) -> dict[str, np.ndarray]:
    base = np.arange(count, dtype=np.int64)
    return {
        "open": base + 100,
        "high": base + 110,
        "low": base + 90,
        "close": base + 101,
        "volume": base * 0 + 2,
    }


@pytest.mark.parametrize(
    ("text", "length"), [("15s", M // 4), ("1m", M), ("4h", 4 * NANOS_PER_HOUR), ("1w", 10_080 * M)]
)
def test_timeframes(text: str, length: int) -> None:
    assert parse_timeframe(text) == length


@pytest.mark.parametrize("text", ["", "0m", "m", "1y", "-1m", "1.5m", "1 m", "１m"])
def test_bad_timeframes(text: str) -> None:
    with pytest.raises(DataError, match="write 15s, 1m"):
        parse_timeframe(text)


def test_five_minutes_of_one() -> None:
    times = np.arange(10, dtype=np.int64) * M
    joined_times, joined = resample(times, columns(10), M, 5 * M)
    assert joined_times.tolist() == [0, 5 * M]
    assert joined["open"].tolist() == [100, 105]
    assert joined["high"].tolist() == [114, 119]
    assert joined["low"].tolist() == [90, 95]
    assert joined["close"].tolist() == [105, 110]
    assert joined["volume"].tolist() == [10, 10]


def test_an_unfinished_bar_is_left_out() -> None:
    times = np.arange(8, dtype=np.int64) * M
    assert resample(times, columns(8), M, 5 * M)[0].tolist() == [0]


def test_nothing_whole_gives_nothing() -> None:
    times = np.arange(3, dtype=np.int64) * M
    joined_times, joined = resample(times, columns(3), M, 5 * M)
    assert joined_times.tolist() == []
    assert joined["open"].tolist() == []


def test_holes_make_no_bars() -> None:
    times = np.array([0, 1, 20, 21, 22, 23, 24], np.int64) * M
    joined_times, joined = resample(times, columns(7), M, 5 * M)
    assert joined_times.tolist() == [0, 20 * M]
    assert joined["volume"].tolist() == [4, 10]


def test_the_same_timeframe_changes_nothing() -> None:
    times = np.arange(3, dtype=np.int64) * M
    assert resample(times, columns(3), M, M)[0] is times


def test_only_multiples() -> None:
    with pytest.raises(DataError, match="bars of 2m do not add up to 5m"):
        resample(np.zeros(1, np.int64), columns(1), 2 * M, 5 * M)


def test_columns_become_bars() -> None:
    times = np.arange(2, dtype=np.int64) * M
    first = bars_of(times, times + M, columns(2))[0]
    assert (first.open_time, first.close_time, first.close) == (0, M, 101)
