"""The chart of an instance: candles, the strategy's lines, its fills, resting orders and entry."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.enums import OrderSide
from tradetui.domain.replica import ChartBar, ChartLevel, ChartView, InstrumentView
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_MINUTE
from tradetui.tui.lines import BLANK, Line, text_line
from tradetui.tui.widgets.chart_raster import Candlestick, Canvas, Scale, nice_step, scale_for

TIMEFRAMES: Final = (1, 5, 15, 30, 60, 240, 1440)
"""Minutes, in the order of ``t`` and ``T``."""

ZOOMS: Final = ((1, 3), (1, 2), (1, 1), (2, 1), (3, 1), (5, 1), (10, 1), (20, 1))
"""(bars per candle, cells per candle), from near to far."""

MAX_BARS: Final = 2000
_LEVELS: Final = {
    "stop_loss": ("~", "S", "stop"),
    "take_profit": ("~", "T", "target"),
    "entry_price": ("-", "E", "entry"),
    "position": ("-", "E", "entry"),
    "entry": ("~", "o", "line3"),
    "exit": ("~", "x", "line3"),
}
_UNICODE_LEVEL: Final = {"~": "╌", "-": "─"}
_LINE_LOOKS: Final = ("line", "line2", "line3")
_TIME_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880, 7200, 14400, 43200)
_FAR_LEVEL: Final = 1
"""A level further away than this many times the candles' range is left out of the picture."""


@dataclass(frozen=True, slots=True)
class ChartWindow:
    """What of the chart a person looks at.

    ``pan`` counts candles back from the newest; ``crosshair`` candles back from the right edge.
    """

    timeframe: int = 1
    zoom: int = 2
    pan: int = 0
    crosshair: int | None = None

    def bars_needed(self, width: int) -> int:
        """Return how many bars of the timeframe a picture of this width shows, with its pan."""
        per_candle, cells = ZOOMS[self.zoom]
        return min((width // cells + 1 + self.pan) * per_candle, MAX_BARS)

    def timeframe_ns(self) -> int:
        """Return the length of a bar."""
        return TIMEFRAMES[self.timeframe] * NANOS_PER_MINUTE

    def zoomed(self, steps: int) -> ChartWindow:
        """Return the window nearer (positive) or further."""
        zoom = min(max(self.zoom - steps, 0), len(ZOOMS) - 1)
        return replace(self, zoom=zoom, crosshair=None)

    def with_timeframe(self, steps: int) -> ChartWindow:
        """Return the window with a longer (positive) or shorter timeframe."""
        index = min(max(self.timeframe + steps, 0), len(TIMEFRAMES) - 1)
        return replace(self, timeframe=index, pan=0, crosshair=None)

    def at_timeframe(self, index: int) -> ChartWindow:
        """Return the window with the timeframe at a place of the list, if there is one there."""
        return self.with_timeframe(index - self.timeframe) if index != self.timeframe else self

    def moved(self, candles: int) -> ChartWindow:
        """Return the window panned, or with the crosshair moved; negative is back in time."""
        if self.crosshair is not None:
            return replace(self, crosshair=max(self.crosshair - candles, 0))
        return replace(self, pan=max(self.pan - candles, 0))


def timeframe_word(minutes: int) -> str:
    """Write a timeframe: ``5m``, ``4h``, ``1d``."""
    if minutes < 60:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 1440 else f"{minutes // 1440}d"


class _Picture(NamedTuple):
    """The candles that are drawn, each in its column."""

    candles: list[ChartBar]
    columns: list[int]
    width: int
    span_ns: int
    starts: list[int]

    def column_of(self, time: int) -> int | None:
        """Return the column of the candle a moment falls into, None if it is not in the picture."""
        index = bisect_right(self.starts, time) - 1
        if index < 0 or time >= self.starts[-1] + self.span_ns:
            return None
        return self.columns[index]


def aggregate(bars: tuple[ChartBar, ...], size: int) -> list[ChartBar]:
    """Join each ``size`` bars, counted back from the newest, into one candle."""
    if size <= 1:
        return list(bars)
    joined: list[ChartBar] = []
    for end in range(len(bars), 0, -size):
        group = bars[max(end - size, 0) : end]
        joined.append(
            ChartBar(
                group[0].open_time,
                group[0].open,
                max(bar.high for bar in group),
                min(bar.low for bar in group),
                group[-1].close,
                sum(bar.volume for bar in group),
            )
        )
    joined.reverse()
    return joined


def chart_lines(
    view: ChartView | None,
    instrument: InstrumentView | None,
    window: ChartWindow,
    *,
    width: int,
    height: int,
    ascii_only: bool,
    opened_time: int | None = None,
) -> list[Line]:
    """Draw the chart into ``width`` x ``height`` cells, the time axis in the last line."""
    if view is None or not view.bars or instrument is None:
        return [BLANK, text_line("  no prices yet", "dim")]
    axis = _axis_width(view, instrument)
    rows = height - 1
    if width - axis < 8 or rows < 3:
        return [text_line("no room for a chart here", "dim")]
    picture = _picture(view, window, width - axis)
    if not picture.candles:
        return [BLANK, text_line("  nothing here: pan back with l", "dim")]
    scale = _scale(view, picture, rows)
    canvas = Canvas(picture.width, rows, ascii_only=ascii_only)
    _draw_levels(canvas, view, picture, scale, opened_time)
    for column, bar in zip(picture.columns, picture.candles, strict=True):
        canvas.candle(column, Candlestick(bar.open, bar.high, bar.low, bar.close), scale)
    for index, series in enumerate(view.lines):
        points = [
            (picture.column_of(time), value) for time, value in _recent(series.points, picture)
        ]
        placed = [(x, value) for x, value in points if x is not None]
        canvas.line(placed, scale, _LINE_LOOKS[index % len(_LINE_LOOKS)])
    _draw_fills(canvas, view, picture, scale)
    readout = _draw_crosshair(canvas, picture, window, instrument)
    plot = canvas.lines()
    if readout:
        plot[0] = text_line(readout[: picture.width].ljust(picture.width), "crosshair")
    axis_lines = _axis(view, picture, scale, instrument, axis)
    lines = [(*plot[row], *axis_lines[row]) for row in range(rows)]
    lines.append(text_line(_time_axis(picture), "axis"))
    return lines


def _axis_width(view: ChartView, instrument: InstrumentView) -> int:
    widest = max(bar.high for bar in view.bars[-500:])
    text = formatting.grouped(widest, instrument.price_scale, instrument.price_decimals)
    return len(text) + 2


def _picture(view: ChartView, window: ChartWindow, width: int) -> _Picture:
    per_candle, cells = ZOOMS[window.zoom]
    candles = aggregate(view.bars, per_candle)
    count = max(width // cells, 1)
    end = max(len(candles) - window.pan, 0)
    shown = candles[max(end - count, 0) : end]
    first = width - len(shown) * cells
    columns = [first + index * cells + cells // 2 for index in range(len(shown))]
    starts = [bar.open_time for bar in shown]
    return _Picture(shown, columns, width, view.timeframe_ns * per_candle, starts)


def _recent(points: tuple[tuple[int, float], ...], picture: _Picture) -> list[tuple[int, float]]:
    start = picture.candles[0].open_time
    return [point for point in points if point[0] >= start]


def _scale(view: ChartView, picture: _Picture, rows: int) -> Scale:
    low = min(bar.low for bar in picture.candles)
    high = max(bar.high for bar in picture.candles)
    reach = max(high - low, 1) * _FAR_LEVEL
    values = [float(low), float(high)]
    for level in view.levels:
        if low - reach <= level.price <= high + reach:
            values.append(float(level.price))
    return scale_for(values, rows)


def _level_marks(level: ChartLevel) -> tuple[str, str, str]:
    return _LEVELS.get(level.kind, ("~", "o", "line3"))


def _draw_levels(
    canvas: Canvas, view: ChartView, picture: _Picture, scale: Scale, opened: int | None
) -> None:
    start = picture.column_of(opened) if opened is not None else 0
    for level in view.levels:
        char, _, look = _level_marks(level)
        glyph = char if canvas.ascii_only else _UNICODE_LEVEL[char]
        canvas.level(level.price, scale, glyph, look, start or 0)


def _draw_fills(canvas: Canvas, view: ChartView, picture: _Picture, scale: Scale) -> None:
    """Mark purchases below their candle and sales above it."""
    by_column = dict(zip(picture.columns, picture.candles, strict=True))
    for fill in view.fills:
        column = picture.column_of(fill.time)
        if column is None:
            continue
        bar = by_column[column]
        if fill.side is OrderSide.BUY:
            canvas.put(column, min(scale.row(bar.low) + 1, canvas.rows - 1), "B", "buy")
        else:
            canvas.put(column, max(scale.row(bar.high) - 1, 0), "S", "sell")


def _draw_crosshair(
    canvas: Canvas, picture: _Picture, window: ChartWindow, instrument: InstrumentView
) -> str:
    """Mark the column under the crosshair and return what its candle says."""
    if window.crosshair is None:
        return ""
    index = max(len(picture.candles) - 1 - window.crosshair, 0)
    bar = picture.candles[index]
    canvas.tint(picture.columns[index], "crosshair")

    def price(value: int) -> str:
        return formatting.grouped(value, instrument.price_scale, instrument.price_decimals)

    volume = formatting.grouped(bar.volume, instrument.size_scale, 0)
    return (
        f"{formatting.clock(bar.open_time)[:5]} o {price(bar.open)} h {price(bar.high)} "
        f"l {price(bar.low)} c {price(bar.close)} v {volume}"
    )


def _axis(
    view: ChartView, picture: _Picture, scale: Scale, instrument: InstrumentView, width: int
) -> list[Line]:
    """Return the price axis: round prices, and over them the marks > last, S T E."""
    texts: dict[int, tuple[str, str]] = {}
    step = max(nice_step(scale.top - scale.bottom, max(scale.rows // 2, 1)), 1.0)
    tick = int(scale.bottom // step + 1) * step
    while tick < scale.top:
        texts[scale.row(tick)] = (f" {_price(int(tick), instrument)}", "axis")
        tick += step
    for level in view.levels:
        _, mark, look = _level_marks(level)
        texts[scale.row(level.price)] = (f"{mark}{_price(level.price, instrument)}", look)
    last = view.bars[-1].close
    texts[scale.row(last)] = (f">{_price(last, instrument)}", "last")
    blank = ("", "axis")
    return [
        ((texts.get(row, blank)[0].ljust(width), texts.get(row, blank)[1]),)
        for row in range(scale.rows)
    ]


def _price(value: int, instrument: InstrumentView) -> str:
    return formatting.grouped(value, instrument.price_scale, instrument.price_decimals)


def _time_axis(picture: _Picture) -> str:
    """Return the labels under the candles; a new day shows its date."""
    cells = picture.columns[1] - picture.columns[0] if len(picture.columns) > 1 else 1
    wanted = max(12, picture.width // 6) * picture.span_ns // (cells * NANOS_PER_MINUTE)
    minutes = next((step for step in _TIME_STEPS if step >= wanted), _TIME_STEPS[-1])
    step = minutes * NANOS_PER_MINUTE
    text = [" "] * picture.width
    free = 0
    for column, bar in zip(picture.columns, picture.candles, strict=True):
        if bar.open_time % step >= picture.span_ns:
            continue
        is_new_day = bar.open_time % NANOS_PER_DAY < picture.span_ns
        label = (
            formatting.date(bar.open_time)[5:]
            if is_new_day
            else formatting.clock(bar.open_time)[:5]
        )
        start = column - len(label) // 2
        if start < free or start + len(label) > picture.width:
            continue
        text[start : start + len(label)] = label
        free = start + len(label) + 2
    return "".join(text)
