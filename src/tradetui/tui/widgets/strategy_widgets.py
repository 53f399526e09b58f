"""What a strategy's ``render()`` gave, drawn as lines; trouble in one widget stays in its place."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final

from tradetui.domain.formatting import counted
from tradetui.domain.replica import UiView
from tradetui.domain.text import printable
from tradetui.strategy.widget_types import (
    MAX_LABEL,
    BarChart,
    Candles,
    Histogram,
    LineChart,
    Log,
    Metric,
    Placeholder,
    Progress,
    Table,
    Text,
    Widget,
)
from tradetui.strategy.widgets import decode_widgets
from tradetui.tui.lines import Line, Span, ellipsis, fit, padded, text_line
from tradetui.tui.widgets.chart_legend import name_text, number_text
from tradetui.tui.widgets.fitting import fitted
from tradetui.tui.widgets.widget_charts import candles, histogram, line_chart

_MIN_CHART: Final = 4
_BEST_CHART: Final = 8
_LABEL: Final = 8
_LOG_LINES: Final = 5
_SAID_LINES: Final = 4
_GAP: Final = 2
"""Blanks between two columns of a table."""
_CHARTS: Final = (LineChart, Candles, Histogram)
"""What takes as many lines as there are."""
Drawer = Callable[[Any, int, int, bool], list[Line]]


def ui_lines(
    ui: UiView | None, width: int, height: int, *, ascii_only: bool, hint: str = ": z"
) -> list[Line]:
    """Return the strategy's widgets in at most ``height`` lines, or why there are none; ``hint``
    says which key shows the lines that found no room.

    This is an isolation edge: whatever goes wrong while one widget is drawn becomes a placeholder
    in its place.
    """
    if ui is not None and ui.error:
        return _wrapped(f"render() failed: {printable(ui.error)}", width, "problem")
    if ui is None or not ui.widgets_json:
        return [text_line("nothing drawn yet", "dim")]
    return list(_drawn_once(ui.widgets_json, width, height, ascii_only, hint))


@lru_cache(maxsize=4)
def _drawn_once(
    widgets_json: bytes, width: int, height: int, ascii_only: bool, hint: str
) -> tuple[Line, ...]:
    """Return the lines of the widgets: beside them the clock goes on, several times a second, while
    they change with the strategy's ticks.
    """
    try:
        widgets = decode_widgets(widgets_json) if widgets_json else ()
    except Exception as e:  # noqa: BLE001 - isolation edge: bytes that a strategy's data became
        return tuple(_wrapped(f"the widgets cannot be read: {printable(str(e))}", width, "problem"))
    if not widgets:
        return (text_line("nothing drawn: render() gave no widgets", "dim"),)
    return tuple(_stacked(widgets, width, height, ascii_only=ascii_only, hint=hint))


def _stacked(
    widgets: tuple[Widget, ...], width: int, height: int, *, ascii_only: bool, hint: str
) -> list[Line]:
    """Draw one under the other; charts share the lines that the others leave."""
    charts = sum(1 for widget in widgets if isinstance(widget, _CHARTS))
    others = sum(_height(widget, width) for widget in widgets if not isinstance(widget, _CHARTS))
    room = (height - others) // charts if charts else 0
    chart_height = min(max(room, _MIN_CHART), max(_BEST_CHART, height // 3))
    lines: list[Line] = []
    metrics: list[Metric] = []
    for widget in (*widgets, None):
        if isinstance(widget, Metric):
            metrics.append(widget)
            continue
        lines += _safely(_metrics, metrics, width, 0, ascii_only) if metrics else []
        metrics = []
        if widget is not None:
            lines += _drawn(widget, width, chart_height, ascii_only=ascii_only)
        if len(lines) >= height:
            break
    if len(lines) > height:
        more = counted(len(lines) - height + 1, "more line", "more lines")
        return [*lines[: height - 1], text_line(more + hint, "dim")]
    return lines


def _height(widget: Widget, width: int) -> int:
    """Return how many lines a widget that is no chart takes."""
    title = 1 if widget.title else 0
    match widget:
        case Table():
            return len(widget.rows) + 1 + title
        case Text():
            return len(_text(widget, width, 0, False)) + title
        case Log():
            return min(len(widget.lines), _LOG_LINES) + title
        case BarChart():
            return len(widget.labels) + title
        case _:
            return 1 + title


def _drawn(widget: Widget, width: int, chart_height: int, *, ascii_only: bool) -> list[Line]:
    lines: list[Line] = []
    if widget.title:
        dash = "-" if ascii_only else "─"
        head = f"{dash * 2} {name_text(widget.title, max(width - 4, 4), ascii_only=ascii_only)} "
        lines.append(text_line(head + dash * max(width - len(head), 0), "rule"))
    drawer = _DRAWERS.get(type(widget))
    if drawer is None:
        return [*lines, text_line(f"no way to draw {type(widget).__name__}"[:width], "problem")]
    return lines + _safely(drawer, widget, width, chart_height, ascii_only)


def _safely(drawer: Drawer, widget: Any, width: int, height: int, ascii_only: bool) -> list[Line]:
    """Draw, or say why not: one widget's trouble must never reach the screen around it."""
    try:
        return drawer(widget, width, height, ascii_only)
    except Exception as e:  # noqa: BLE001 - isolation edge: data of a strategy is drawn here
        text = f"cannot draw {type(widget).__name__}: {type(e).__name__}: {e}"
        return _wrapped(printable(text), width, "problem")


def _wrapped(text: str, width: int, look: str) -> list[Line]:
    """Return a sentence in at most four lines, divided between words."""
    lines = textwrap.wrap(text, max(width, 1))
    if len(lines) > _SAID_LINES:
        rest = " ".join(lines[_SAID_LINES - 1 :])
        lines = [*lines[: _SAID_LINES - 1], ellipsis(rest, width)]
    return [text_line(line, look) for line in lines]


def _metrics(metrics: list[Metric], width: int, _height: int, _ascii: bool) -> list[Line]:
    """Put as many metrics on a line as fit, each ``label value unit``."""
    lines: list[Line] = []
    current: list[Span] = []
    used = 0
    for metric in metrics:
        unit = f" {metric.unit}" if metric.unit else ""
        label = printable(metric.label, 24)
        value = printable(f"{metric.text}{unit}", 40)
        pair: list[Span] = [(label.ljust(_LABEL - 1) + " ", "label"), (value, "bold")]
        length = len(pair[0][0]) + len(value)
        if current and used + length + 3 > width:
            lines.append(tuple(current))
            current, used = [], 0
        if current:
            current.append(("   ", "base"))
            used += 3
        current += pair
        used += length
    return fitted([*lines, tuple(current)], width)


def _table(widget: Table, width: int, _height: int, _ascii: bool) -> list[Line]:
    """Draw the columns that fit, from the left; the others leave with their headings."""
    names = [printable(name, 60) for name in widget.columns]
    rows = [[printable(cell, 200) for cell in row] for row in widget.rows]
    widths = [max(len(line[at]) for line in (names, *rows)) for at in range(len(names))]
    numeric = [at < len(widget.numeric) and widget.numeric[at] for at in range(len(names))]
    ends = accumulate(size + _GAP for size in widths)
    columns = [at for at, end in enumerate(ends) if not at or end - _GAP <= width]

    def joined(cells: list[str]) -> str:
        sizes = [min(widths[at], width) for at in columns]
        shown = [ellipsis(cells[at], size) for at, size in zip(columns, sizes, strict=True)]
        return (" " * _GAP).join(
            fit(text, size, right=numeric[at])
            for at, text, size in zip(columns, shown, sizes, strict=True)
        )

    head = joined(names)
    return [
        padded(text_line(head, "head"), width),
        *(padded(text_line(joined(row)), width) for row in rows),
    ]


def _text(widget: Text, width: int, _height: int, _ascii: bool) -> list[Line]:
    """Return a text whole: lines that are too long go on in the next."""
    return fitted([text_line(printable(line)) for line in widget.lines], width)


def _log(widget: Log, width: int, _height: int, _ascii: bool) -> list[Line]:
    shown = widget.lines[-_LOG_LINES:]
    return [text_line(fit(ellipsis(printable(line), width), width), "dim") for line in shown]


def _bar_chart(widget: BarChart, width: int, _height: int, ascii_only: bool) -> list[Line]:
    known = [value for value in widget.values if value is not None]
    largest = max((abs(value) for value in known), default=0.0) or 1.0
    label = min(max((len(name) for name in widget.labels), default=0), width // 3)
    room = max(width - label - 14, 1)
    lines: list[Line] = []
    names = [name_text(name, MAX_LABEL, ascii_only=ascii_only) for name in widget.labels]
    for name, value in zip(names, widget.values, strict=True):
        if value is None:
            lines.append(text_line(f"{fit(name, label)} ?", "dim"))
            continue
        bar = ("#" if ascii_only else "━") * int(abs(value) / largest * room)
        look = "up" if value >= 0 else "down"
        lines.append(
            (
                (f"{fit(name, label)} ", "label"),
                (bar.ljust(room), look),
                (f" {number_text(value)}", "base"),
            )
        )
    return lines


def _progress(widget: Progress, width: int, _height: int, ascii_only: bool) -> list[Line]:
    label = printable(widget.label, 24)
    if widget.fraction is None:
        return [((f"{label.ljust(_LABEL - 1)} ", "label"), ("?", "unknown"))]
    percent = f"{int(widget.fraction * 100)}%"
    text = f" {percent} {printable(widget.text, 24)}".rstrip()
    room = max(width - max(len(label), _LABEL - 1) - len(text) - 1, 0)
    done = int(widget.fraction * room)
    full, empty = ("#", ".") if ascii_only else ("━", "╌")
    return [
        (
            (f"{label.ljust(_LABEL - 1)} ", "label"),
            (full * done, "up"),
            (empty * (room - done), "dim"),
            (text, "base"),
        )
    ]


def _placeholder(widget: Placeholder, width: int, _height: int, _ascii: bool) -> list[Line]:
    return _wrapped(printable(widget.reason), width, "problem")


_DRAWERS: Final[dict[type, Drawer]] = {
    LineChart: line_chart,
    Candles: candles,
    Table: _table,
    Text: _text,
    Log: _log,
    BarChart: _bar_chart,
    Histogram: histogram,
    Progress: _progress,
    Placeholder: _placeholder,
}
