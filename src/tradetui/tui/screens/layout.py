"""Which pane gets which rectangle, for every size of the terminal."""

from __future__ import annotations

from typing import Final, NamedTuple

from tradetui.tui.lines import Line, text_line
from tradetui.tui.preferences import Shape

MIN_WIDTH: Final = 60
MIN_HEIGHT: Final = 16
_LOWER_FROM: Final = (100, 36)
"""From this size on a second list stands under the chart."""
_VAST: Final = (260, 70)
"""From this width and this height on the chart is big enough: the others get more, too."""


class Rect(NamedTuple):
    """A rectangle of cells; one without height or width is not shown."""

    x: int
    y: int
    width: int
    height: int


NOWHERE: Final = Rect(0, 0, 0, 0)


class Layout(NamedTuple):
    """Where everything is."""

    header: Rect
    alerts: Rect
    table: Rect
    upper_bar: Rect
    left: Rect
    panel: Rect
    lower_bar: Rect
    lower: Rect
    message: Rect
    footer: Rect
    has_lower: bool
    has_total: bool


def is_too_small(width: int, height: int) -> bool:
    """Tell whether there is no room for the console at all."""
    return width < MIN_WIDTH or height < MIN_HEIGHT


def notice(width: int, height: int) -> list[Line]:
    """Return what is shown instead of the console where there is no room for it."""
    return [
        text_line("tradetui", "bold"),
        text_line(f"this terminal is {width}x{height};"),
        text_line(f"tradetui needs {MIN_WIDTH}x{MIN_HEIGHT}."),
        text_line("Trading goes on as it was.", "bold"),
    ]


def panel_width(width: int) -> int:
    """Return how wide the panel is: 23 at 80 cells, 70 at 200, 100 at 300."""
    if width < 100:
        return 23
    if width < 140:
        return 36
    if width < 180:
        return 50
    return 70 if width < _VAST[0] else 100


def compute(
    width: int,
    height: int,
    *,
    alerts: int,
    rows: int,
    with_panel: bool,
    zoomed: str = "",
    shape: Shape | None = None,
    message: int = 1,
) -> Layout:
    """Lay the main screen out; ``zoomed`` is the pane that has it alone (table, upper, lower).

    ``shape`` has the sizes that a person gave; they hold as far as there is room. ``message`` is
    how many lines the message wants: those beyond one it takes from the pane above it.
    """
    shape = shape or Shape()
    has_lower = width >= _LOWER_FROM[0] and height >= _LOWER_FROM[1]
    alert_rows = min(alerts, 2 if has_lower else 1)
    y = 2 + alert_rows
    body = height - y - 2
    table, upper, lower = _heights(body, rows, alert_rows, shape, has_lower=has_lower)
    if zoomed:
        table = body if zoomed == "table" else 0
        upper = body - 1 if zoomed == "upper" else 0
        lower = body - 1 if zoomed == "lower" else 0
    (table, upper, lower), message = _with_message((table, upper, lower), message)
    rects: dict[str, Rect] = {"table": Rect(0, y, width, table)}
    y += table
    wanted = min(shape.panel or panel_width(width), width // 2)
    beside = wanted if with_panel and upper else 0
    rects["upper_bar"] = Rect(0, y, width, 1 if upper else 0)
    y += 1 if upper else 0
    left = width - (beside + 2 if beside else 0)
    rects["left"] = Rect(0, y, left, upper)
    rects["panel"] = Rect(left, y, beside + 2, upper) if beside else NOWHERE
    y += upper
    rects["lower_bar"] = Rect(0, y, width, 1 if lower else 0)
    rects["lower"] = Rect(0, y + 1, width, lower)
    return Layout(
        header=Rect(0, 0, width, 2),
        alerts=Rect(0, 2, width, alert_rows),
        message=Rect(0, height - 1 - message, width, message),
        footer=Rect(0, height - 1, width, 1),
        has_lower=has_lower,
        has_total=has_lower or zoomed == "table",
        **rects,
    )


def _with_message(heights: tuple[int, int, int], message: int) -> tuple[tuple[int, ...], int]:
    """Take a long message's lines from the lowest pane; return the panes' and the message's."""
    panes = list(heights)
    last = max((index for index, lines in enumerate(panes) if lines), default=0)
    taken = max(min(message - 1, panes[last] - 2), 0)
    panes[last] -= taken
    return tuple(panes), 1 + taken


def _heights(
    body: int, rows: int, alerts: int, shape: Shape, *, has_lower: bool
) -> tuple[int, int, int]:
    """Return the lines of table, upper pane and lower pane (without their bars)."""
    if has_lower:
        is_vast = body + 4 >= _VAST[1]
        table = shape.table or 2 + min(max(rows, 3), 24 if is_vast else 12)
        lower = shape.lower or (20 if is_vast else 10 if body >= 42 else 7)
        table = min(table, body - 2 - 4 - 4)
        lower = min(lower, body - 2 - 4 - table)
        return table, max(body - table - lower - 2, 4), lower
    most = 8 - alerts if body >= 19 else max((body - 2) // 2, 3)
    table = 1 + min(max(rows, 3), most)
    if shape.table is not None:
        table = min(shape.table, body - 4)
    return table, max(body - table - 1, 3), 0
