"""A grid of characters for candles, lines, columns and levels: no widget, no colour.

Rows are counted from the top. Box-drawing characters give candles half a row of resolution, block
characters columns an eighth, braille gives lines two by four dots a cell; the ASCII form has none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
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
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_HALVES: Final = {(False, True): "▄", (True, False): "▀", (True, True): "█"}
_FAR: Final = 1e6
"""Rows: where a value lies that a logarithmic scale has no place for."""


class Stroke(NamedTuple):
    """How a line is told from others where there is no colour.

    ``char`` in ASCII; otherwise of each ``period`` dots along the line the first ``on`` are there.
    """

    char: str
    on: int
    period: int

    def sample(self, *, ascii_only: bool) -> str:
        """Return three cells of the line, for a legend."""
        if ascii_only:
            return self.char
        cells = [0, 0, 0]
        for dot in range(6):
            if dot % self.period < self.on:
                cells[dot // 2] |= _BRAILLE[dot % 2][1]
        return "".join(chr(0x2800 + bits) for bits in cells)


SOLID: Final = Stroke(".", 1, 1)
STROKES: Final = (
    SOLID,
    Stroke(":", 3, 6),
    Stroke("+", 1, 3),
    Stroke("*", 5, 7),
    Stroke("x", 2, 4),
    Stroke(",", 1, 5),
)
"""In the order of the series; after the last the first comes again."""


class Candlestick(NamedTuple):
    """One candle to paint, in whatever unit the scale is."""

    open: float
    high: float
    low: float
    close: float


class Scale(NamedTuple):
    """Which values the rows stand for: ``top`` at the upper edge, ``bottom`` at the lower.

    With ``is_log`` equal distances are equal ratios; both ends are above 0 then.
    """

    top: float
    bottom: float
    rows: int
    is_log: bool = False

    def position(self, value: float) -> float:
        """Return the distance of a value from the upper edge, in rows.

        On a logarithmic scale what is not above 0 lies far below the lower edge.
        """
        if self.is_log:
            if value <= 0:
                return _FAR
            return math.log(self.top / value) * self.rows / math.log(self.top / self.bottom)
        return (self.top - value) * self.rows / (self.top - self.bottom)

    def row(self, value: float) -> int:
        """Return the row a value falls into; outside 0..rows-1 when it is out of the picture."""
        position = self.position(value)
        row = int(position // 1)
        return self.rows - 1 if row == self.rows and position == self.rows else row

    def shows(self, value: float) -> bool:
        """Tell whether a value falls into the picture."""
        return 0 <= self.row(value) < self.rows


def scale_for(values: Sequence[float], rows: int, *, is_log: bool = False) -> Scale:
    """Return the scale that shows all values with half a row of room on both sides.

    ``is_log`` wants values above 0.
    """
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high <= low:
        spread = abs(high) * 0.001 or 1.0
        low, high = low - spread, high + spread
    if is_log and low > 0:
        ratio = (high / low) ** (0.5 / max(rows - 1, 1))
        return Scale(high * ratio, low / ratio, max(rows, 1), is_log=True)
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
        self, points: Sequence[tuple[int, float]], scale: Scale, look: str, stroke: Stroke = SOLID
    ) -> None:
        """Paint a line through (column, value) points, ascending; only where nothing is painted."""
        if self.ascii_only:
            for x, value in points:
                y = scale.row(value)
                if self.is_blank(x, y):
                    self.put(x, y, stroke.char, look)
            return
        dots = _polyline(points, scale)
        if stroke.on < stroke.period:
            dots = [dot for at, dot in enumerate(dots) if at % stroke.period < stroke.on]
        self._dots(dots, look)

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

    def column(self, x: int, value: float, scale: Scale, look: str, base: float) -> None:
        """Paint a column from ``base`` up or down to a value; the smallest is still seen."""
        reach, root = scale.position(value), scale.position(base)
        if not self.ascii_only and root >= self.rows:
            self._standing(x, self.rows - reach, look)
            return
        top, bottom = round(min(reach, root) * 2), round(max(reach, root) * 2)
        if top == bottom:
            top, bottom = (top - 1, bottom) if value >= base else (top, bottom + 1)
        for y in range(max(top // 2, 0), min((bottom + 1) // 2, self.rows)):
            halves = (top <= 2 * y < bottom, top <= 2 * y + 1 < bottom)
            if self.ascii_only:
                self.put(x, y, "#" if all(halves) else ":", look)
            elif any(halves):
                self.put(x, y, _HALVES[halves], look)

    def _standing(self, x: int, height: float, look: str) -> None:
        """Paint a column that stands on the lower edge, ``height`` rows high."""
        eighths = min(max(round(height * 8), 1), 8 * self.rows)
        for step in range(0, eighths, 8):
            self.put(x, self.rows - 1 - step // 8, _EIGHTHS[min(eighths - step, 8)], look)

    def level(self, value: float, scale: Scale, char: str, look: str, start: int = 0) -> None:
        """Paint a dashed horizontal level from column ``start`` on, every second cell."""
        y = scale.row(value)
        for x in range(max(start, 0), self.width, 2):
            self.put(x, y, char, look)

    def rule(self, x: int, char: str, look: str) -> None:
        """Paint a dashed vertical rule behind everything: only where nothing is painted."""
        for y in range(0, self.rows, 2):
            if self.is_blank(x, y):
                self.put(x, y, char, look)

    def lines(self) -> list[Line]:
        """Return the grid as lines."""
        return [
            _joined(chars, looks) for chars, looks in zip(self._chars, self._looks, strict=True)
        ]


def _polyline(points: Sequence[tuple[int, float]], scale: Scale) -> list[tuple[int, int]]:
    """Return the dots of the line through the points, without gaps between neighbours."""
    placed = [(2 * x, int(scale.position(value) * 4)) for x, value in points]
    dots = placed[:1]
    for before, here in pairwise(placed):
        dots.extend(_segment(before, here, 4 * scale.rows))
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
    text, start, current = "".join(chars), 0, looks[0] if looks else ""
    for index, look in enumerate(looks):
        if look is not current and look != current:
            spans.append((text[start:index], current))
            start, current = index, look
    return (*spans, (text[start:], current)) if chars else ()
