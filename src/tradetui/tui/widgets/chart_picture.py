"""Which candles and lines a chart shows, each in its column."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from tradetui.domain.replica import ChartBar, ChartSeries, ChartView, InstrumentView
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.tui.widgets.chart_raster import STROKES, Stroke
from tradetui.tui.widgets.chart_window import ChartWindow, aggregate, timeframe_word

_LOOKS: Final = ("line", "line2", "line3")
_NEAR: Final = 2
"""A line with a point within this many times the candles' range is drawn over them."""
_NEAR_RATIO: Final = 1.25
_MEASURED: Final = 100
"""Of so many of the newest bars the shortest step is their length."""
_MOST: Final = 1e15
"""A value further from 0 than this (an infinite one too) is a gap."""


class Picture(NamedTuple):
    """The candles that are drawn, each in its column."""

    candles: list[ChartBar]
    columns: list[int]
    width: int
    span_ns: int
    starts: list[int]
    chosen: int | None
    """Which candle the crosshair is on."""
    back: int
    """How many newer candles there are than the last one shown."""

    def place_of(self, time: int) -> int | None:
        """Return which candle a moment falls into, None if it is not in the picture."""
        place = bisect_right(self.starts, time) - 1
        return None if place < 0 or time >= self.starts[-1] + self.span_ns else place

    @property
    def low(self) -> int:
        """The lowest price."""
        return min(bar.low for bar in self.candles)

    @property
    def high(self) -> int:
        """The highest price."""
        return max(bar.high for bar in self.candles)


class PlacedSeries(NamedTuple):
    """One of the strategy's lines: what is in the picture of it, one value a column."""

    name: str
    points: list[tuple[int, float]]
    order: int
    is_price: bool

    @property
    def look(self) -> str:
        """Its name in the theme."""
        return _LOOKS[self.order % len(_LOOKS)]

    @property
    def stroke(self) -> Stroke:
        """How it is told from others without colour."""
        return STROKES[self.order % len(STROKES)]

    def at(self, column: int) -> float | None:
        """Return the value at a column, None where there is none."""
        return dict(self.points).get(column)


def candle_ns(view: ChartView | None, window: ChartWindow) -> int:
    """Return how long a candle is: what is asked for, unless there are only longer bars."""
    if view is None:
        return window.span_ns()
    starts = [bar.open_time for bar in view.bars[-_MEASURED:]]
    return max(window.span_ns(), view.timeframe_ns, shortest_step(starts))


def candle_word(view: ChartView | None, window: ChartWindow) -> str:
    """Write how long a candle is: the bar over a chart and its first line say the same."""
    return timeframe_word(max(candle_ns(view, window) // NANOS_PER_MINUTE, 1))


def picture_of(view: ChartView, window: ChartWindow, width: int) -> Picture:
    """Return the candles that a window shows in ``width`` columns, the newest at the right."""
    span = candle_ns(view, window)
    candles = aggregate(view.bars, span) if view.timeframe_ns < span else list(view.bars)
    cells = window.cells
    count = max(width // cells, 1)
    # Who has panned further than there are candles sees the oldest.
    end = max(len(candles) - window.pan, min(count, len(candles)))
    shown = candles[max(end - count, 0) : end]
    first = width - len(shown) * cells
    columns = [first + at * cells + cells // 2 for at in range(len(shown))]
    starts = [bar.open_time for bar in shown]
    chosen = None
    if window.crosshair is not None:
        chosen = max(len(shown) - 1 - window.crosshair, 0)
    return Picture(shown, columns, width, span, starts, chosen, len(candles) - end)


def shortest_step(starts: list[int]) -> int:
    """Return the shortest time between candles: bars of a feed may be longer than what is asked."""
    return min((after - before for before, after in pairwise(starts)), default=0)


def _last_per_column(points: Iterable[tuple[int, float]], picture: Picture) -> dict[int, float]:
    """Return the newest value of each column."""
    found: dict[int, float] = {}
    for time, value in points:
        place = picture.place_of(time)
        if place is not None:
            found[picture.columns[place]] = value
    return found


def placed(
    series: ChartSeries, order: int, picture: Picture, instrument: InstrumentView
) -> PlacedSeries:
    """Return what a picture shows of a line; its values are prices when they are near them."""
    factor = 10.0**instrument.price_scale
    since, low, high = picture.starts[0], picture.low, picture.high
    drawable = (one for one in series.points if one[0] >= since and abs(one[1]) <= _MOST)
    found = _last_per_column(drawable, picture)
    reach = _NEAR * max(high - low, 1)
    least, most = min(low - reach, low / _NEAR_RATIO), max(high + reach, high * _NEAR_RATIO)
    is_price = any(least <= value * factor <= most for value in found.values())
    points = sorted(found.items())
    if is_price:
        points = [(column, value * factor) for column, value in points]
    return PlacedSeries(series.name, points, order, is_price or not points)
