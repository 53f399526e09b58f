"""A grid of characters that candles, lines and levels are painted on: no widget, no colour.

Rows are counted from the top. Box-drawing characters give candles half a row of resolution, braille
gives lines two by four dots a cell; the ASCII form has neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tradetui.tui.lines import Line, Span

_NOTHING: Final = 0
_WICK: Final = 1
_BODY: Final = 2
_CANDLE: Final = {
    (_NOTHING, _WICK): "╷",
    (_WICK, _NOTHING): "╵",
    (_WICK, _WICK): "│",
    (_NOTHING, _BODY): "╻",
    (_BODY, _NOTHING): "╹",
    (_BODY, _BODY): "┃",
    (_WICK, _BODY): "╽",
    (_BODY, _WICK): "╿",
}
_BRAILLE: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Candlestick(NamedTuple):
    """One candle to paint, in whatever unit the scale is."""

    open: float
    high: float
    low: float
    close: float


class Scale(NamedTuple):
    """Which values the rows stand for: ``top`` at the upper edge, ``bottom`` at the lower."""

    top: float
    bottom: float
    rows: int

    def position(self, value: float) -> float:
        """Return the distance of a value from the upper edge, in rows."""
        return (self.top - value) * self.rows / (self.top - self.bottom)

    def row(self, value: float) -> int:
        """Return the row a value falls into; outside 0..rows-1 when it is out of the picture."""
        position = self.position(value)
        row = int(position // 1)
        return self.rows - 1 if row == self.rows and position == self.rows else row


def scale_for(values: Sequence[float], rows: int) -> Scale:
    """Return the scale that shows all values with half a row of room on both sides."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high <= low:
        spread = abs(high) * 0.001 or 1.0
        low, high = low - spread, high + spread
    room = (high - low) * 0.5 / max(rows - 1, 1)
    return Scale(high + room, low - room, max(rows, 1))


class Canvas:
    """A grid of characters, each with a look."""

    def __init__(self, width: int, rows: int, *, ascii_only: bool) -> None:
        self.width = max(width, 0)
        self.rows = max(rows, 0)
        self.ascii_only = ascii_only
        self._chars = [[" "] * self.width for _ in range(self.rows)]
        self._looks = [["base"] * self.width for _ in range(self.rows)]

    def put(self, x: int, y: int, char: str, look: str) -> None:
        """Paint one cell; outside the grid nothing happens."""
        if 0 <= x < self.width and 0 <= y < self.rows:
            self._chars[y][x] = char
            self._looks[y][x] = look

    def write(self, x: int, y: int, text: str, look: str) -> None:
        """Paint a text, cut at the edge."""
        for offset, char in enumerate(text):
            self.put(x + offset, y, char, look)

    def is_blank(self, x: int, y: int) -> bool:
        """Tell whether nothing is painted there."""
        return 0 <= x < self.width and 0 <= y < self.rows and self._chars[y][x] == " "

    def tint(self, x: int, look: str) -> None:
        """Give a whole column another look."""
        if 0 <= x < self.width:
            for y in range(self.rows):
                self._looks[y][x] = look

    def candle(self, x: int, candle: Candlestick, scale: Scale) -> None:
        """Paint a candle in column ``x``."""
        is_up = candle.close >= candle.open
        if self.ascii_only:
            self._candle_ascii(x, candle, scale, is_up=is_up)
        else:
            self._candle_box(x, candle, scale, is_up=is_up)

    def _candle_ascii(self, x: int, candle: Candlestick, scale: Scale, *, is_up: bool) -> None:
        top = scale.row(max(candle.open, candle.close))
        bottom = scale.row(min(candle.open, candle.close))
        for y in range(
            max(scale.row(candle.high), 0), min(scale.row(candle.low), self.rows - 1) + 1
        ):
            if top <= y <= bottom:
                self.put(x, y, "o" if is_up else "#", "up" if is_up else "down")
            else:
                self.put(x, y, "|", "wick_up" if is_up else "wick_down")

    def _candle_box(self, x: int, candle: Candlestick, scale: Scale, *, is_up: bool) -> None:
        high = int(scale.position(candle.high) * 2)
        low = int(scale.position(candle.low) * 2)
        top = int(scale.position(max(candle.open, candle.close)) * 2)
        bottom = int(scale.position(min(candle.open, candle.close)) * 2)
        look = "up" if is_up else "down"

        def part(half: int) -> int:
            if top <= half <= bottom:
                return _BODY
            return _WICK if high <= half <= low else _NOTHING

        for y in range(max(high // 2, 0), min(low // 2, self.rows - 1) + 1):
            glyph = _CANDLE.get((part(2 * y), part(2 * y + 1)))
            if glyph is not None:
                self.put(x, y, glyph, look)

    def line(
        self, points: Sequence[tuple[int, float]], scale: Scale, look: str, char: str = "."
    ) -> None:
        """Paint a line through (column, value) points, ascending; only where nothing is painted."""
        if self.ascii_only:
            for x, value in points:
                y = scale.row(value)
                if self.is_blank(x, y):
                    self.put(x, y, char, look)
            return
        self._dots(_polyline(points, scale), look)

    def _dots(self, dots: Sequence[tuple[int, int]], look: str) -> None:
        cells: dict[tuple[int, int], int] = {}
        for dot_x, dot_y in dots:
            if 0 <= dot_y < 4 * self.rows and 0 <= dot_x < 2 * self.width:
                key = (dot_x // 2, dot_y // 4)
                cells[key] = cells.get(key, 0) | _BRAILLE[dot_x % 2][dot_y % 4]
        for (x, y), bits in cells.items():
            if self.is_blank(x, y):
                self.put(x, y, chr(0x2800 + bits), look)
            elif "⠀" <= self._chars[y][x] <= "⣿":
                self.put(x, y, chr(ord(self._chars[y][x]) | bits), look)

    def level(self, value: float, scale: Scale, char: str, look: str, start: int = 0) -> None:
        """Paint a dashed horizontal level from column ``start`` on, every second cell."""
        y = scale.row(value)
        for x in range(max(start, 0), self.width, 2):
            self.put(x, y, char, look)

    def lines(self) -> list[Line]:
        """Return the grid as lines."""
        return [
            _joined(chars, looks) for chars, looks in zip(self._chars, self._looks, strict=True)
        ]


def _polyline(points: Sequence[tuple[int, float]], scale: Scale) -> list[tuple[int, int]]:
    """Return the dots of the line through the points, without gaps between neighbours."""
    dots: list[tuple[int, int]] = []
    previous: tuple[int, int] | None = None
    for x, value in points:
        here = (2 * x, int(scale.position(value) * 4))
        if previous is None:
            dots.append(here)
        else:
            dots.extend(_segment(previous, here, 4 * scale.rows))
        previous = here
    return dots


def _segment(start: tuple[int, int], end: tuple[int, int], limit: int) -> list[tuple[int, int]]:
    """Return the dots after ``start`` up to ``end``, one per dot column, joined vertically."""
    (x0, y0), (x1, y1) = start, end
    dots: list[tuple[int, int]] = []
    steps = max(x1 - x0, 1)
    last = y0
    for step in range(1, steps + 1):
        y = y0 + (y1 - y0) * step // steps
        low, high = (last, y) if last <= y else (y, last)
        low, high = max(low, -1), min(high, limit)
        middle = (low + high) // 2
        for dot in range(low, high + 1):
            is_first_half = (dot <= middle) == (last <= y)
            dots.append((x0 + step - 1 if is_first_half and dot != y else x0 + step, dot))
        last = y
    return dots


def _joined(chars: list[str], looks: list[str]) -> Line:
    spans: list[Span] = []
    start = 0
    for index in range(1, len(chars) + 1):
        if index == len(chars) or looks[index] != looks[start]:
            spans.append(("".join(chars[start:index]), looks[start]))
            start = index
    return tuple(spans)


def nice_step(span: float, target: int) -> float:
    """Return the 1-2-5 step that divides a span into at most ``target`` parts."""
    if span <= 0 or target <= 0:
        return 1.0
    raw = span / target
    magnitude = 1.0
    while magnitude > raw:
        magnitude /= 10
    while magnitude * 10 <= raw:
        magnitude *= 10
    for factor in (1, 2, 5, 10):
        if magnitude * factor >= raw:
            return magnitude * factor
    return magnitude * 10
