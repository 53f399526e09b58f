"""The line over a chart: its lines by stroke and name, and what the crosshair reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.enums import OrderSide
from tradetui.domain.replica import ChartBar, ChartFill, InstrumentView
from tradetui.domain.text import printable
from tradetui.tui.lines import Line, Span, width_of
from tradetui.tui.widgets.chart_raster import Stroke

_GAP: Span = ("  ", "base")
_COMPACT: Final = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


MARKS: Final = (
    ("o #", "candle that closed higher, lower; with box characters by colour"),
    ("|", "its wick"),
    ("B S", "our purchase below its candle, our sale above it"),
    (". : +", "lines of the strategy, as the line over the chart names them"),
    ("~ S T", "resting stop and target; v or ^ behind the price: below or above the picture"),
    ("~ b s", "another resting order, to buy, to sell"),
    ("- E", "entry price of the position"),
    (">", "newest price"),
    ("+", "close of the candle under the crosshair"),
    ("v", "largest volume of the columns below"),
)
"""What stands in a chart and on its price axis, for the help and the reference."""


class Entry(NamedTuple):
    """A line of the chart, as the legend names it."""

    name: str
    stroke: Stroke
    look: str
    value: str


def price_text(value: int, instrument: InstrumentView) -> str:
    """Write a price as the instrument's are written."""
    return formatting.grouped(value, instrument.price_scale, instrument.price_decimals)


def number_text(value: float, digits: int = 6) -> str:
    """Write a number of a strategy's chart: plain, at most ``digits`` significant ones."""
    text = f"{value:,.{digits}g}"
    if "e" in text:
        text = f"{value:,.0f}" if abs(value) >= 1 else f"{value:.10f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def volume_text(volume: int, instrument: InstrumentView) -> str:
    """Write a volume short, as only the volume axis may: ``950``, ``1.25k``, ``12.1M``."""
    amount = volume / 10**instrument.size_scale
    for size, unit in _COMPACT:
        if amount >= size:
            return number_text(amount / size, 3) + unit
    return number_text(amount, 3)


def name_text(name: str, limit: int = 24, *, ascii_only: bool) -> str:
    """Return the name of something in a chart, printable; in ASCII with ``?`` for what is none."""
    text = printable(name, limit)
    return text.encode("ascii", "replace").decode() if ascii_only else text


def legend_item(entry: Entry, *, ascii_only: bool) -> Line:
    """Return a line's stroke, name and value."""
    name = name_text(entry.name, ascii_only=ascii_only)
    sample = entry.stroke.sample(ascii_only=ascii_only)
    words = " ".join(word for word in (name, entry.value) if word)
    return ((sample, entry.look), (f" {words}", "label"))


def legend(entries: Sequence[Entry], width: int, *, ascii_only: bool) -> list[Line]:
    """Return the items of a legend: with values, or without where only the names fit a line."""
    items = [legend_item(entry, ascii_only=ascii_only) for entry in entries]
    if _width(items) <= width:
        return items
    names = [entry._replace(value="") if entry.name else entry for entry in entries]
    return [legend_item(entry, ascii_only=ascii_only) for entry in names]


def candle_items(
    bar: ChartBar, instrument: InstrumentView, *, with_date: bool, with_time: bool
) -> list[Line]:
    """Return what the crosshair reads of a candle: its time, prices and volume."""
    when = formatting.date(bar.open_time)
    if with_time:
        clock = formatting.clock(bar.open_time)[:5]
        when = f"{when[5:]} {clock}" if with_date else clock
    prices = (("o", bar.open), ("h", bar.high), ("l", bar.low), ("c", bar.close))
    items: list[Line] = [((when, "bold"),)]
    items += [((f"{name} {price_text(value, instrument)}", "base"),) for name, value in prices]
    volume = formatting.grouped(bar.volume, instrument.size_scale, 0)
    return [*items, ((f"v {volume}", "base"),)]


def fill_items(fills: Sequence[ChartFill], instrument: InstrumentView) -> list[Line]:
    """Return the fills of the candle under the crosshair: side, size, price."""
    items: list[Line] = []
    for fill in fills:
        is_buy = fill.side is OrderSide.BUY
        size = formatting.grouped(fill.quantity, instrument.size_scale, instrument.size_decimals)
        amount = f" {size}" if fill.quantity else ""
        text = f"{'BUY' if is_buy else 'SELL'}{amount} at {price_text(fill.price, instrument)}"
        items.append(((text, "buy" if is_buy else "sell"),))
    return items


def packed(items: Sequence[Line], width: int, rows: int) -> list[Line]:
    """Put items side by side into at most ``rows`` lines; how many are left out is said."""
    lines: list[list[Line]] = [[]]
    for at, item in enumerate(items):
        if lines[-1] and _width([*lines[-1], item]) > width:
            if len(lines) == rows:
                lines[-1] = _counted(lines[-1], len(items) - at, width)
                break
            lines.append([])
        lines[-1].append(item)
    return [_joined(line) for line in lines if line]


def _counted(line: list[Line], left_out: int, width: int) -> list[Line]:
    """End a line with how many items it has no room for."""
    while True:
        count: Line = ((f"+{left_out}", "dim"),)
        if len(line) < 2 or _width([*line, count]) <= width:
            return [*line, count]
        line, left_out = line[:-1], left_out + 1


def _width(items: Sequence[Line]) -> int:
    return sum(width_of(item) for item in items) + len(_GAP[0]) * (len(items) - 1)


def _joined(items: Sequence[Line]) -> Line:
    joined: Line = ()
    for item in items:
        joined = (*joined, _GAP, *item) if joined else item
    return joined
