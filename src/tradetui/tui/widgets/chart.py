"""The chart of an instance: candles, volume, the strategy's lines, its fills and resting orders.

From the top: a line that says what is shown, the prices, the volume, lines that are no prices, and
the times. What there is no room for is left out in the opposite order.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tradetui.domain.enums import OrderSide
from tradetui.domain.replica import ChartView, InstrumentView
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.tui.lines import BLANK, Line, padded, text_line
from tradetui.tui.widgets import chart_legend as legend
from tradetui.tui.widgets.chart_axes import Mark, PriceAxis, day_starts, round_values, time_axis
from tradetui.tui.widgets.chart_marks import (
    GUARDS,
    level_marks,
    rank,
    rounded,
    shown_price,
    unit_of,
)
from tradetui.tui.widgets.chart_picture import (
    Picture,
    PlacedSeries,
    candle_word,
    picture_of,
    placed,
)
from tradetui.tui.widgets.chart_raster import Candlestick, Canvas, Scale, scale_for
from tradetui.tui.widgets.chart_window import ChartWindow

_UNICODE_LEVEL: Final = {"~": "╌", "-": "─"}
_FAR_LEVEL: Final = 1
"""A level further away than this many times the candles' range is left out of the picture."""
_HEAD_FROM: Final = 7
"""From this height on a line over the chart says what is shown."""
_VOLUME_FROM: Final = 13
_MIN_PRICES: Final = 9
_READOUT_LINES: Final = 3
_MIN_COLUMNS: Final = 8


class _Heights(NamedTuple):
    """How many lines each part takes; 0 for what is left out."""

    head: int
    prices: int
    volume: int
    others: tuple[int, ...]


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
    if width - axis < _MIN_COLUMNS or height < 4:
        return [text_line("no room for a chart here", "dim")]
    picture = picture_of(view, window, width - axis)
    drawer = _Drawer(view, instrument, window, picture, ascii_only=ascii_only)
    heights = drawer.heights(height)
    lines = drawer.prices(heights.prices, axis, opened_time)
    lines += drawer.volume(heights.volume, axis)
    lines += drawer.others(heights.others, axis)
    lines.append(
        text_line(
            time_axis(picture.starts, picture.columns, picture.span_ns, picture.width), "axis"
        )
    )
    head = drawer.head(width)
    if window.crosshair is None:
        return [*head[: heights.head], *lines]
    covered = len(head) - heights.head
    return [*(padded(line, width) for line in head), *lines[covered:]]


def has_log_scale(view: ChartView | None) -> bool:
    """Tell whether a logarithmic scale can show the prices: all of them are above 0."""
    return view is None or all(bar.low > 0 for bar in view.bars)


def plot_width(view: ChartView | None, instrument: InstrumentView | None, width: int) -> int:
    """Return how many cells of ``width`` the candles have, beside the price axis."""
    if view is None or not view.bars or instrument is None:
        return width
    return max(width - _axis_width(view, instrument), _MIN_COLUMNS)


def _axis_width(view: ChartView, instrument: InstrumentView) -> int:
    prices = [shown_price(level, instrument) for level in view.levels]
    prices.append(rounded(max(bar.high for bar in view.bars[-500:]), instrument))
    return max(len(legend.price_text(price, instrument)) for price in prices) + 2


class _Drawer:
    """Draws the parts of one chart."""

    def __init__(
        self,
        view: ChartView,
        instrument: InstrumentView,
        window: ChartWindow,
        picture: Picture,
        *,
        ascii_only: bool,
    ) -> None:
        self._view = view
        self._instrument = instrument
        self._picture = picture
        self._ascii_only = ascii_only
        self._window = window
        self._low = picture.low
        self._high = picture.high
        self._is_log = window.is_log and self._low > 0
        self._series = [
            placed(series, order, picture, instrument) for order, series in enumerate(view.lines)
        ]

    def heights(self, height: int) -> _Heights:
        """Share out the lines: what there is no room for is left out."""
        head = 1 if height >= _HEAD_FROM else 0
        rows = height - 1 - head
        volume = 0
        if rows >= _VOLUME_FROM and any(bar.volume for bar in self._picture.candles):
            volume = min(max(rows // 6, 2), 5)
            rows -= volume
        others: list[int] = []
        for series in self._series:
            part = min(max(rows // 5, 3), 7)
            if not series.is_price and rows - part >= _MIN_PRICES and len(others) < 3:
                others.append(part)
                rows -= part
        return _Heights(head, rows, volume, tuple(others))

    # -- the line over it ------------------------------------------------------------------------

    def head(self, width: int) -> list[Line]:
        """Return what is said over the chart; with a crosshair what it reads, in several lines."""
        picture, instrument = self._picture, self._instrument
        if picture.chosen is not None:
            bar = picture.candles[picture.chosen]
            fills = [
                one for one in self._view.fills if picture.place_of(one.time) == picture.chosen
            ]
            is_older = (
                bar.open_time // NANOS_PER_DAY < self._view.bars[-1].open_time // NANOS_PER_DAY
            )
            is_day = picture.span_ns >= NANOS_PER_DAY
            items = legend.candle_items(bar, instrument, with_date=is_older, with_time=not is_day)
            items += legend.fill_items(fills, instrument)
            return legend.packed([*items, *self._entries(width * 2)], width, _READOUT_LINES)
        words = [(candle_word(self._view, self._window), "bold")]
        if self._window.is_log:
            is_log = self._is_log
            words.append(("log", "label") if is_log else ("not log: a price is not above 0", "dim"))
        if picture.back:
            words.append((f"{picture.back} back", "bold"))
        taken = sum(len(text) + 2 for text, _ in words)
        return legend.packed(
            [*((word,) for word in words), *self._entries(width - taken)], width, 1
        )

    def _entries(self, width: int) -> list[Line]:
        entries = []
        for series in self._series:
            value = None
            if self._picture.chosen is not None:
                value = series.at(self._picture.columns[self._picture.chosen])
            elif series.points:
                value = series.points[-1][1]
            text = "-" if value is None else self._value_text(value, series)
            stroke = series.stroke
            entries.append(legend.Entry(series.name, stroke, series.look, text))
        return legend.legend(entries, width, ascii_only=self._ascii_only)

    def _value_text(self, value: float, series: PlacedSeries) -> str:
        if not series.is_price:
            return legend.number_text(value)
        amount = value / 10**self._instrument.price_scale
        return f"{amount:,.{self._instrument.price_decimals}f}"

    # -- prices ----------------------------------------------------------------------------------

    def prices(self, rows: int, axis_width: int, opened: int | None) -> list[Line]:
        """Return the candles with all that is marked among them, and their axis."""
        picture = self._picture
        scale = self._price_scale(rows)
        canvas = Canvas(picture.width, rows, ascii_only=self._ascii_only)
        self._draw_levels(canvas, scale, opened)
        for column, bar in zip(picture.columns, picture.candles, strict=True):
            canvas.candle(column, Candlestick(bar.open, bar.high, bar.low, bar.close), scale)
        for series in self._series:
            if series.is_price:
                stroke = series.stroke
                canvas.line(series.points, scale, series.look, stroke)
        self._draw_fills(canvas, scale)
        self._draw_days(canvas)
        self._draw_crosshair(canvas)
        return self._beside(canvas, self._price_axis(scale), axis_width)

    def _beside(self, canvas: Canvas, axis: PriceAxis, width: int) -> list[Line]:
        return [
            (*plot, *label) for plot, label in zip(canvas.lines(), axis.lines(width), strict=True)
        ]

    def _price_scale(self, rows: int) -> Scale:
        reach = max(self._high - self._low, 1) * _FAR_LEVEL
        values = [float(self._low), float(self._high)]
        for level in self._view.levels:
            if self._low - reach <= level.price <= self._high + reach:
                values.append(float(level.price))
        return scale_for(values, rows, is_log=self._is_log and min(values) > 0)

    def _draw_levels(self, canvas: Canvas, scale: Scale, opened: int | None) -> None:
        start = 0
        if opened is not None:
            place = self._picture.place_of(opened)
            start = 0 if place is None else self._picture.columns[place]
        for level in self._view.levels:
            char, _, look = level_marks(level)
            glyph = char if self._ascii_only else _UNICODE_LEVEL[char]
            canvas.level(level.price, scale, glyph, look, start)

    def _draw_fills(self, canvas: Canvas, scale: Scale) -> None:
        """Mark purchases below their candle and sales above it."""
        for fill in self._view.fills:
            place = self._picture.place_of(fill.time)
            if place is None:
                continue
            bar, column = self._picture.candles[place], self._picture.columns[place]
            if fill.side is OrderSide.BUY:
                canvas.put(column, min(scale.row(bar.low) + 1, canvas.rows - 1), "B", "buy")
            else:
                canvas.put(column, max(scale.row(bar.high) - 1, 0), "S", "sell")

    def _draw_days(self, canvas: Canvas) -> None:
        """Draw a rule where a day begins, unless the candles are days themselves."""
        if self._picture.span_ns * 12 > NANOS_PER_DAY:
            return
        for place in day_starts(self._picture.starts):
            canvas.rule(self._picture.columns[place], "'" if self._ascii_only else "┊", "axis")

    def _draw_crosshair(self, canvas: Canvas) -> None:
        if self._picture.chosen is not None:
            canvas.tint(self._picture.columns[self._picture.chosen], "crosshair")

    def _price_axis(self, scale: Scale) -> PriceAxis:
        """Return the price axis: the marks ``>`` last, S E T, b s, and round prices."""
        axis = PriceAxis(scale)
        last = self._view.bars[-1].close
        axis.mark(Mark(last, f">{self._rounded(last)}", "last"))
        if self._picture.chosen is not None:
            close = self._picture.candles[self._picture.chosen].close
            axis.mark(Mark(close, f"+{self._rounded(close)}", "crosshair"))
        for level in sorted(self._view.levels, key=lambda one: rank(one, scale)):
            _, mark, look = level_marks(level)
            if mark in GUARDS or scale.shows(level.price):
                price = self._price(shown_price(level, self._instrument))
                axis.mark(Mark(level.price, f"{mark}{price}", look))
        smallest = max(self._instrument.price_increment, unit_of(self._instrument))
        axis.fill(round_values(scale, smallest), lambda value: self._price(round(value)))
        return axis

    def _rounded(self, value: int) -> str:
        return self._price(rounded(value, self._instrument))

    def _price(self, value: int) -> str:
        return legend.price_text(value, self._instrument)

    # -- below the prices ------------------------------------------------------------------------

    def volume(self, rows: int, axis_width: int) -> list[Line]:
        """Return the columns of volume, in the colour of their candles, the largest written."""
        if rows == 0:
            return []
        picture = self._picture
        largest = max(bar.volume for bar in picture.candles)
        scale = Scale(float(largest), 0.0, rows)
        canvas = Canvas(picture.width, rows, ascii_only=self._ascii_only)
        for column, bar in zip(picture.columns, picture.candles, strict=True):
            if bar.volume:
                look = "wick_up" if bar.close >= bar.open else "wick_down"
                canvas.column(column, float(bar.volume), scale, look, 0.0)
        self._draw_crosshair(canvas)
        axis = PriceAxis(scale)
        axis.mark(Mark(largest, f"v{legend.volume_text(largest, self._instrument)}", "axis"))
        return self._beside(canvas, axis, axis_width)

    def others(self, heights: tuple[int, ...], axis_width: int) -> list[Line]:
        """Return the lines that are no prices, each on a scale of its own."""
        lines: list[Line] = []
        wanted = [series for series in self._series if not series.is_price]
        for series, rows in zip(wanted, heights, strict=False):
            values = [value for _, value in series.points]
            scale = scale_for(values, rows)
            canvas = Canvas(self._picture.width, rows, ascii_only=self._ascii_only)
            if scale.bottom < 0 < scale.top:
                canvas.level(0.0, scale, "-" if self._ascii_only else "╌", "axis")
            stroke = series.stroke
            canvas.line(series.points, scale, series.look, stroke)
            self._draw_crosshair(canvas)
            axis = PriceAxis(scale)
            for value in dict.fromkeys((max(values), min(values))):
                text = f" {legend.number_text(value, 4)}"
                if len(text) <= axis_width:
                    axis.mark(Mark(value, text, series.look))
            axis.fill([0.0], lambda _: "0")
            lines += self._beside(canvas, axis, axis_width)
        return lines
