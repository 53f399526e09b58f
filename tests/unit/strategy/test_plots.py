from __future__ import annotations

import math

import pytest

from tradetui.strategy.errors import StrategyError
from tradetui.strategy.plots import MAX_POINTS, MAX_SERIES, Plots


def test_the_newest_points_are_kept() -> None:
    plots = Plots()
    for time in range(MAX_POINTS + 5):
        plots.add("z", time, time * 2)
    series = plots.series()["z"]
    assert len(series) == MAX_POINTS
    assert series[-1] == [MAX_POINTS + 4, 2.0 * (MAX_POINTS + 4)]


def test_none_is_a_gap() -> None:
    plots = Plots()
    plots.add("z", 1, None)
    assert math.isnan(plots.series()["z"][0][1])


def test_names_are_bounded() -> None:
    plots = Plots()
    for number in range(MAX_SERIES):
        plots.add(str(number), 0, 1)
    with pytest.raises(StrategyError, match="at most 32 names; more is one more"):
        plots.add("more", 0, 1)


@pytest.mark.parametrize("name", ["", "x" * 41, 5])
def test_a_name_is_short(name: object) -> None:
    with pytest.raises(StrategyError, match="a short name is wanted"):
        Plots().add(name, 0, 1)


@pytest.mark.parametrize("value", ["1", True])
def test_a_point_is_a_number(value: object) -> None:
    with pytest.raises(StrategyError, match="plot z: a number is wanted"):
        Plots().add("z", 0, value)


def test_a_name_that_a_terminal_would_act_on_is_refused() -> None:
    with pytest.raises(StrategyError, match=r"a short name is wanted, got 'z.x1b\[2J'"):
        Plots().add("z\x1b[2J", 0, 1)
