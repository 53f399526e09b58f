"""The charts among a strategy's widgets: lines, columns, candles, histograms."""

from __future__ import annotations

from typing import Final

from tradetui.domain import formatting
from tradetui.strategy.widget_types import FIRST_TIME, Candles, Histogram, LineChart, Series
from tradetui.tui.lines import Line, text_line
from tradetui.tui.widgets.chart_axes import time_axis
from tradetui.tui.widgets.chart_legend import Entry, legend, number_text, packed
from tradetui.tui.widgets.chart_picture import shortest_step
from tradetui.tui.widgets.chart_raster import (
    STROKES,
    Candlestick,
    Canvas,
    Scale,
    Stroke,
    scale_for,
)

_SERIES_LOOKS: Final = ("line", "line2", "line3", "up", "down", "entry")
_TIMES_FROM: Final = 7
"""From this height on a chart over time has a time axis."""


def line_chart(widget: LineChart, width: int, height: int, ascii_only: bool) -> list[Line]:
    """Draw lines and columns over one axis, their legend below."""
    values = [y for series in widget.series for y in series.y if y is not None]
    if not values:
        return [text_line("no points yet", "dim")]
    if any(series.is_bars for series in widget.series):
        values.append(0.0)
    with_times = height >= _TIMES_FROM and all(series.is_time for series in widget.series)
    height -= with_times
    scale = scale_for(values, height)
    axis = _axis_texts(values, scale)
    label_width = max(len(text) for text in axis.values()) + 1
    canvas = Canvas(width - label_width, height, ascii_only=ascii_only)
    if scale.bottom < 0 < scale.top:
        canvas.level(0.0, scale, "-" if ascii_only else "╌", "axis")
    low, high = _x_range(widget.series)
    for index, series in enumerate(widget.series):
        look = _SERIES_LOOKS[index % len(_SERIES_LOOKS)]
        _draw_series(canvas, series, scale, (low, high), look, STROKES[index % len(STROKES)])
    lines = _with_axis(canvas.lines(), axis, label_width)
    if with_times:
        lines.append(_times(low, high, canvas.width))
    below = _legend(widget.series, width, ascii_only=ascii_only)
    return [*lines, below] if below else lines


def _draw_series(
    canvas: Canvas,
    series: Series,
    scale: Scale,
    x_range: tuple[float, float],
    look: str,
    stroke: Stroke,
) -> None:
    """Paint the parts of a series between its gaps; the newest value of a column stands for it."""
    low, high = x_range
    span = (high - low) or 1.0
    parts: list[dict[int, float]] = [{}]
    for index, y in enumerate(series.y):
        if y is None:
            parts.append({})
            continue
        x = series.x[index] if series.x else float(index)
        parts[-1][int((x - low) / span * (canvas.width - 1))] = y
    for part in parts:
        if not series.is_bars:
            canvas.line(sorted(part.items()), scale, look, stroke)
            continue
        for column, y in part.items():
            if y:
                canvas.column(column, y, scale, "up" if y > 0 else "down", 0.0)


def _times(low: float, high: float, width: int) -> Line:
    """Return the times below a chart whose columns are evenly spread over a range of ns UTC."""
    step = (high - low) / max(width - 1, 1)
    times = [round(low + at * step) for at in range(width)]
    return text_line(time_axis(times, range(width), max(round(step), 1), width), "axis")


def _x_range(series: tuple[Series, ...]) -> tuple[float, float]:
    xs: list[float] = []
    for one in series:
        xs += [min(one.x), max(one.x)] if one.x else [0.0, float(max(len(one.y) - 1, 0))]
    return min(xs), max(xs)


def _axis_texts(values: list[float], scale: Scale) -> dict[int, str]:
    low, high = min(values), max(values)
    texts = {scale.row(high): number_text(high), scale.row(low): number_text(low)}
    if low < 0 < high:
        texts.setdefault(scale.row(0.0), "0")
    return texts


def _with_axis(plot: list[Line], texts: dict[int, str], width: int) -> list[Line]:
    return [(*line, (texts.get(row, "").rjust(width), "axis")) for row, line in enumerate(plot)]


def _legend(series: tuple[Series, ...], width: int, *, ascii_only: bool) -> Line:
    """Return the lines by stroke, name and newest value, as many as fit; nothing without names."""
    if not any(one.name for one in series):
        return ()
    entries = []
    for index, one in enumerate(series):
        known = [y for y in one.y if y is not None]
        value = number_text(known[-1]) if known else "-"
        look = _SERIES_LOOKS[index % len(_SERIES_LOOKS)]
        entries.append(Entry(one.name, STROKES[index % len(STROKES)], look, value))
    return packed(legend(entries, width, ascii_only=ascii_only), width, 1)[0]


def histogram(widget: Histogram, width: int, height: int, ascii_only: bool) -> list[Line]:
    """Draw a column for each bin, the largest count beside it, the ends of the range below."""
    if not widget.counts:
        return [text_line("no numbers yet", "dim")]
    largest = max(widget.counts)
    label = f" {formatting.count(largest)}"
    rows, room = max(height - 1, 1), max(width - len(label), 1)
    cells = max(room // len(widget.counts), 1)
    canvas = Canvas(room, rows, ascii_only=ascii_only)
    scale = Scale(float(largest), 0.0, rows)
    for at, count in enumerate(widget.counts):
        for cell in range(cells - 1 if cells > 2 else cells):
            if count:
                canvas.column(at * cells + cell, float(count), scale, "line", 0.0)
    lines = _with_axis(canvas.lines(), {0: label}, len(label))
    low, high = number_text(widget.low), number_text(widget.high)
    total = f"{formatting.count(sum(widget.counts))} numbers"
    span = min(cells * len(widget.counts), room)
    between = max(span - len(low) - len(high), 2)
    middle = total.center(between) if len(total) + 4 <= between else " " * between
    return [*lines, text_line(f"{low}{middle}{high}"[:width], "axis")]


def candles(widget: Candles, width: int, height: int, ascii_only: bool) -> list[Line]:
    """Draw the newest candles, one a column, with their lines."""
    if not widget.candles:
        return [text_line("no candles yet", "dim")]
    recent = widget.candles[-max(width, 1) :]
    ends = [min(candle.low for candle in recent), max(candle.high for candle in recent)]
    label_width = max(len(number_text(value)) for value in ends) + 1
    shown = recent[-max(width - label_width, 1) :]
    times = [int(candle.time) for candle in shown]
    with_times = height >= _TIMES_FROM and times[0] >= FIRST_TIME
    height -= with_times
    values = [value for candle in shown for value in (candle.low, candle.high)]
    scale = scale_for(values, height)
    axis = _axis_texts(values, scale)
    label_width = max(label_width, *(len(text) + 1 for text in axis.values()))
    canvas = Canvas(width - label_width, height, ascii_only=ascii_only)
    first = canvas.width - len(shown)
    for index, candle in enumerate(shown):
        stick = Candlestick(candle.open, candle.high, candle.low, candle.close)
        canvas.candle(first + index, stick, scale)
    for index, series in enumerate(widget.lines):
        newest = series.y[-len(shown) :]
        start = canvas.width - len(newest)
        points = [(start + at, y) for at, y in enumerate(newest) if y is not None]
        look = _SERIES_LOOKS[index % len(_SERIES_LOOKS)]
        canvas.line(points, scale, look, STROKES[index % len(STROKES)])
    lines = _with_axis(canvas.lines(), axis, label_width)
    if with_times:
        columns = range(first, canvas.width)
        text = time_axis(times, columns, shortest_step(times), canvas.width)
        lines.append(text_line(text, "axis"))
    below = _legend(widget.lines, width, ascii_only=ascii_only)
    return [*lines, below] if below else lines
