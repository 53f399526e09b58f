from __future__ import annotations

import math
import random
import statistics

import pytest

from tradetui.strategy.errors import InvalidParameter
from tradetui.strategy.indicators.bands import Bollinger, Donchian


def test_bollinger_by_hand() -> None:
    bands = Bollinger(2, 2.0)
    bands.update(1.0)
    assert (bands.value, bands.upper, bands.middle, bands.lower) == (None, None, None, None)
    assert (bands.z, bands.width, bands.std) == (None, None, None)
    bands.update(3.0)
    assert (bands.middle, bands.std, bands.upper, bands.lower) == (2.0, 1.0, 4.0, 0.0)
    assert (bands.z, bands.width) == (1.0, 2.0)
    bands.update(3.0)
    assert (bands.middle, bands.std, bands.z) == (3.0, 0.0, 0.0)
    assert bands.histories == {"upper": [4.0, 3.0], "middle": [2.0, 3.0], "lower": [0.0, 3.0]}
    assert bands.history == [2.0, 3.0]


def test_a_flat_window_has_no_deviation_left_over_from_before() -> None:
    dice, bands = random.Random(1), Bollinger(20)
    for _ in range(30):
        bands.update(dice.uniform(9000, 9100))
    for _ in range(20):
        bands.update(9000.1)
    assert bands.std == 0.0
    assert bands.z == 0.0


def test_a_middle_of_zero_has_no_width() -> None:
    bands = Bollinger(2)
    bands.update(-1.0)
    bands.update(1.0)
    assert bands.middle == 0.0
    assert bands.width is None


def test_it_equals_the_plain_formula_for_a_long_time() -> None:
    dice, bands, window = random.Random(5), Bollinger(7), []
    for _ in range(5000):
        value = 1e6 + dice.gauss(0, 0.5)
        window = [*window, value][-7:]
        bands.update(value)
    assert bands.middle == pytest.approx(statistics.fmean(window), rel=1e-12)
    assert bands.std == pytest.approx(statistics.pstdev(window), rel=1e-6)


def test_donchian_by_hand() -> None:
    channel = Donchian(2)
    assert channel.width is None
    seen = []
    for high, low in ((5.0, 4.0), (6.0, 3.0), (4.0, 3.5), (4.0, 3.9), (9.0, 1.0)):
        channel.update(high, low, low)
        seen.append((channel.upper, channel.lower))
    assert seen == [(None, None), (6.0, 3.0), (6.0, 3.0), (4.0, 3.5), (9.0, 1.0)]
    assert (channel.previous_upper, channel.previous_lower) == (4.0, 3.5)
    assert (channel.middle, channel.width) == (5.0, 8.0)
    assert channel.histories == {
        "upper": [6.0, 6.0, 4.0, 9.0],
        "middle": [4.5, 4.5, 3.75, 5.0],
        "lower": [3.0, 3.0, 3.5, 1.0],
    }


def test_donchian_equals_max_and_min() -> None:
    dice, channel, bars = random.Random(3), Donchian(13), []
    for _ in range(500):
        low = dice.randint(1, 30)
        bars.append((float(low + dice.randint(0, 5)), float(low)))
        channel.update(*bars[-1], bars[-1][1])
        if len(bars) >= 13:
            assert channel.upper == max(high for high, _ in bars[-13:])
            assert channel.lower == min(low for _, low in bars[-13:])


def test_parameters_are_checked() -> None:
    with pytest.raises(InvalidParameter, match="period must be a whole number from 2"):
        Bollinger(1)
    for factor in (0, -1, math.nan, math.inf, "2", True, None):
        with pytest.raises(InvalidParameter, match="deviations must be a number above 0"):
            Bollinger(20, factor)
    with pytest.raises(InvalidParameter, match="period must be a whole number"):
        Donchian(0)
    assert Bollinger(20, 1).deviations == 1.0
