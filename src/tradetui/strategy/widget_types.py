"""The widgets that ``render()`` can describe, as typed records; a number that is a gap is None."""

from __future__ import annotations

from typing import Final

import msgspec

MAX_WIDGETS: Final = 32
MAX_POINTS: Final = 2000
MAX_SERIES: Final = 12
MAX_ROWS: Final = 200
MAX_COLUMNS: Final = 16
FIRST_TIME: Final = 1e17
"""Numbers from here on are moments in ns (1973 and later), smaller ones are counts or values."""
MAX_BINS: Final = 60
MAX_LABEL: Final = 60
MAX_LINE: Final = 500


class WidgetBase(msgspec.Struct, frozen=True, tag_field="type", kw_only=True):
    """Base of all widgets; ``title`` is shown above, empty for none."""

    title: str = ""


class Series(msgspec.Struct, frozen=True):
    """One line: ``y`` with gaps; ``x`` is empty when the points are simply counted from 0.

    ``is_time`` says that x are moments in ns UTC; ``is_bars`` that it is drawn as columns from 0.
    """

    name: str
    y: tuple[float | None, ...]
    x: tuple[float, ...] = ()
    is_time: bool = False
    is_bars: bool = False


class LineChart(WidgetBase, frozen=True, tag="line_chart", kw_only=True):
    """Lines over a common axis."""

    series: tuple[Series, ...] = ()


class Metric(WidgetBase, frozen=True, tag="metric", kw_only=True):
    """One number or word with its label; ``text`` is how it is written, ``-`` for None."""

    label: str
    text: str
    value: float | None = None
    unit: str = ""


class Table(WidgetBase, frozen=True, tag="table", kw_only=True):
    """Rows of texts; ``numeric`` marks the columns to align right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    numeric: tuple[bool, ...] = ()


class Text(WidgetBase, frozen=True, tag="text", kw_only=True):
    """Lines of text."""

    lines: tuple[str, ...]


class BarChart(WidgetBase, frozen=True, tag="bar_chart", kw_only=True):
    """One bar per label."""

    labels: tuple[str, ...]
    values: tuple[float | None, ...]


class Histogram(WidgetBase, frozen=True, tag="histogram", kw_only=True):
    """How many numbers fall into each of equally wide bins between ``low`` and ``high``."""

    low: float
    high: float
    counts: tuple[int, ...]


class Candle(msgspec.Struct, frozen=True, array_like=True):
    """One candle; ``time`` is ns UTC, or a count."""

    time: float
    open: float
    high: float
    low: float
    close: float
    volume: float | None = None


class Candles(WidgetBase, frozen=True, tag="candles", kw_only=True):
    """Candles, with lines over the same axis; a line's newest point is at the newest candle."""

    candles: tuple[Candle, ...]
    lines: tuple[Series, ...] = ()


class Log(WidgetBase, frozen=True, tag="log", kw_only=True):
    """The newest lines of something, newest last."""

    lines: tuple[str, ...]


class Progress(WidgetBase, frozen=True, tag="progress", kw_only=True):
    """How far something is: ``fraction`` from 0 to 1, None while unknown."""

    label: str
    fraction: float | None
    text: str = ""


class Placeholder(WidgetBase, frozen=True, tag="placeholder", kw_only=True):
    """Stands where a widget could not be understood, and says why."""

    reason: str


Widget = (
    LineChart
    | Metric
    | Table
    | Text
    | BarChart
    | Histogram
    | Candles
    | Log
    | Progress
    | Placeholder
)
