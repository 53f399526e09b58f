from __future__ import annotations

import math

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, chart

from tradetui.domain.replica import ChartSeries
from tradetui.tui.widgets.chart import chart_lines
from tradetui.tui.widgets.chart_picture import candle_word, picture_of, placed
from tradetui.tui.widgets.chart_window import ChartWindow

VIEW = chart(100)


def test_the_newest_candle_is_in_the_last_column() -> None:
    picture = picture_of(VIEW, ChartWindow(), 40)
    assert len(picture.candles) == 40
    assert picture.candles[-1] == VIEW.bars[-1]
    assert picture.columns == list(range(40))
    near = picture_of(VIEW, ChartWindow(zoom=0), 40)
    assert (len(near.candles), near.columns[-1]) == (13, 38)


def test_a_candle_is_as_long_as_what_is_asked_for_or_as_the_bars_there_are() -> None:
    assert candle_word(None, ChartWindow()) == candle_word(VIEW, ChartWindow()) == "5m"
    assert candle_word(VIEW, ChartWindow(zoom=4)) == "15m"
    hourly = replace(VIEW, bars=VIEW.bars[::12])
    assert candle_word(hourly, ChartWindow(zoom=4)) == "1h"
    assert candle_word(replace(VIEW, bars=()), ChartWindow()) == "5m"


def test_fewer_candles_than_columns_stand_at_the_right() -> None:
    picture = picture_of(replace(VIEW, bars=VIEW.bars[:3]), ChartWindow(pan=50), 40)
    assert picture.columns == [37, 38, 39]


def test_a_moment_falls_into_the_candle_that_lasts_then() -> None:
    picture = picture_of(VIEW, ChartWindow(), 40)
    start = picture.starts[5]
    assert picture.place_of(start) == picture.place_of(start + picture.span_ns - 1) == 5
    assert picture.place_of(picture.starts[0] - 1) is None
    assert picture.place_of(picture.starts[-1] + picture.span_ns) is None


def line(value: float) -> ChartSeries:
    return ChartSeries("x", tuple((bar.open_time, value) for bar in VIEW.bars))


def test_a_line_near_the_price_is_a_price_and_another_is_not() -> None:
    picture = picture_of(VIEW, ChartWindow(), 40)
    near = placed(line(67_000.0), 0, picture, INSTRUMENTS[1])
    assert near.is_price
    assert near.points[0] == (0, 67_000.0 * 10**8)
    assert len(near.points) == 40
    far = placed(line(1.5), 1, picture, INSTRUMENTS[1])
    assert not far.is_price
    assert far.at(3) == 1.5
    assert far.at(99) is None
    assert (near.look, near.stroke) != (far.look, far.stroke)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e308, -1e300])
def test_what_cannot_be_drawn_is_a_gap(value: float) -> None:
    picture = picture_of(VIEW, ChartWindow(), 40)
    assert placed(line(value), 0, picture, INSTRUMENTS[1]).points == []
    view = replace(VIEW, lines=(line(value), line(1e15)))
    lines = chart_lines(
        view, INSTRUMENTS[1], ChartWindow(), width=80, height=40, ascii_only=False
    )  # fmt: skip
    assert len(lines) == 40


def test_a_line_without_a_point_in_sight_takes_no_room() -> None:
    picture = picture_of(VIEW, ChartWindow(), 40)
    assert placed(ChartSeries("x", ()), 0, picture, INSTRUMENTS[1]).is_price
