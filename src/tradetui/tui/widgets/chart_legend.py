"""The line over a chart: its lines by stroke and name, and what the crosshair reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tradetui.domain import formatting
from tradetui.domain.enums import OrderSide
from tradetui.domain.replica import ChartBar, ChartFill, InstrumentView
from tradetui.domain.text import printable
from tradetui.tui.lines import Line, Span, width_of
from tradetui.tui.widgets.chart_raster import Stroke

_GAP: Span = ("  ", "base")
_COMPACT = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


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


def name_text(name: str, *, ascii_only: bool) -> str:
    """Return a series' name, printable; in ASCII with ``?`` for what is none."""
    text = printable(name, 24)
    return text.encode("ascii", "replace").decode() if ascii_only else text


def legend_item(entry: Entry, *, ascii_only: bool) -> Line:
    """Return a line's stroke, name and value."""
    name = name_text(entry.name, ascii_only=ascii_only)
    sample = entry.stroke.sample(ascii_only=ascii_only)
    words = " ".join(word for word in (name, entry.value) if word)
    return ((sample, entry.look), (f" {words}", "label"))


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
    lines: list[Line] = []
    current: Line = ()
    used = 0
    for at, item in enumerate(items):
        size = width_of(item)
        if current and used + len(_GAP[0]) + size > width:
            if len(lines) == rows - 1:
                left = (f" +{len(items) - at}", "dim")
                return [*lines, (*current, left) if used + len(left[0]) <= width else current]
            lines.append(current)
            current, used = (), 0
        if current:
            current, used = (*current, _GAP), used + len(_GAP[0])
        current, used = (*current, *item), used + size
    return [*lines, current] if current else lines
