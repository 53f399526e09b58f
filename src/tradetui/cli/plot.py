"""``--plot``: the price with its fills, and the equity, drawn with plotext."""

from __future__ import annotations

import math
import shutil
from typing import Any, Final

from tradetui.cli.output import put
from tradetui.cli.wiring import Row

MAX_WIDTH, HEIGHT_PRICE, HEIGHT_EQUITY = 160, 22, 14
POINTS_PER_COLUMN: Final = 2
VALUES: Final = 5
"""Numbers beside a figure."""
MAX_DECIMALS: Final = 8
THEME: Final = "terminal"
"""Our plotext theme: the terminal's own background."""


def draw(summary: Row) -> None:
    """Print the charts of a run: price with fills, and equity, as series of ``[time, value]``."""
    import plotext  # 90 ms: only when asked for

    width = min(shutil.get_terminal_size((100, 40)).columns, MAX_WIDTH)
    colourless = bool(summary.get("no_colour"))
    plotext.add_theme(THEME, sequence=[12, 10, 9])
    for series in summary["plots"]:
        figure = plotext.figure
        figure.clear()
        figure.theme(THEME)
        figure.plot_size(width, HEIGHT_PRICE)
        line(figure, thinned(series["price"], width * POINTS_PER_COLUMN), "price")
        for side, mark in (("BUY", "B"), ("SELL", "S")):
            points = [(time, price) for time, price, was in series["fills"] if was == side]
            if points:
                figure.draw(
                    figure.signal([p[0] for p in points], [p[1] for p in points], marker=mark)
                )
        figure.title(series["title"])
        time_axis(figure, series["price"], series["labels"])
        value_axis(figure, series["price"])
        put(figure.build().string(colorless=colourless))
    if len(summary["equity"]) > 1:
        figure = plotext.figure
        figure.clear()
        figure.theme(THEME)
        figure.plot_size(width, HEIGHT_EQUITY)
        line(figure, thinned(summary["equity"], width * POINTS_PER_COLUMN), "equity")
        figure.title(summary["equity_title"])
        time_axis(figure, summary["equity"], summary["labels"])
        value_axis(figure, summary["equity"])
        put(figure.build().string(colorless=colourless))


def line(figure: Any, points: list[list[float]], label: str) -> None:
    """Add a connected line to a figure."""
    signal = figure.signal([p[0] for p in points], [p[1] for p in points], marker="braille")
    signal.lines(True)
    signal.label(label)
    figure.draw(signal)


def time_axis(figure: Any, points: list[list[float]], labels: list[str]) -> None:
    """Write ``labels`` at equal distances below a figure."""
    if len(points) < 2 or len(labels) < 2:
        return
    first, last = points[0][0], points[-1][0]
    step = (last - first) / (len(labels) - 1)
    figure.ruler("x").ticks([first + i * step for i in range(len(labels))], labels)


def value_axis(figure: Any, points: list[list[float]]) -> None:
    """Write plain numbers beside a figure: plotext's own are ``1.39e4`` for a price of 13,912."""
    values = [value for _, value in points]
    if not values:
        return
    low, high = min(values), max(values)
    step = (high - low) / (VALUES - 1)
    places = [low + i * step for i in range(VALUES)] if step else [low]
    decimals = min(max(1 - exponent_of(step or abs(low)), 0), MAX_DECIMALS)
    figure.ruler("y").ticks(places, [f"{place:,.{decimals}f}" for place in places])


def exponent_of(value: float) -> int:
    """Return the power of ten of a number's first digit; 0 for 0."""
    return math.floor(math.log10(value)) if value else 0


def thinned(points: list[list[float]], count: int) -> list[list[float]]:
    """Keep the lowest and highest point of each stretch, so that no spike is lost."""
    if len(points) <= 2 * count:
        return points
    size = -(-len(points) // count)
    kept: list[list[float]] = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        ends = [min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])]
        kept += sorted(ends, key=lambda p: p[0])
    return kept
