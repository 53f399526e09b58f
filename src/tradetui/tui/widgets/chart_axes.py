"""The axes of charts: round prices and times, and marks that never lie over one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_MINUTE, NANOS_PER_SECOND
from tradetui.tui.lines import Line
from tradetui.tui.widgets.chart_raster import Scale

_MINUTE_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720)
_DAY_STEPS: Final = (1, 2, 7, 14)
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120)
_DAYS_PER_MONTH: Final = 30
_MINUTES_PER_DAY: Final = 1440
_LABEL: Final = 5
"""Cells of ``14:30`` and ``11-20``."""
_MONTH_LABEL: Final = 7
_BETWEEN: Final = 7
"""Blank cells wanted between two labels."""
_NUDGE: Final = 2
"""How many rows a mark may stand from its own when another has that."""
_ROUNDING: Final = 1e-9
_WIDE_RATIO: Final = 8
"""From this ratio of top to bottom on a logarithmic axis has steps of 1, 2 and 5."""


def nice_step(span: float, target: int) -> float:
    """Return the 1-2-5 step that divides a span into at most ``target`` parts."""
    if span <= 0 or target <= 0:
        return 1.0
    raw = span / target * (1 - _ROUNDING)
    magnitude = 1.0
    while magnitude > raw:
        magnitude /= 10
    while magnitude * 10 <= raw:
        magnitude *= 10
    for factor in (1, 2, 5, 10):
        if magnitude * factor >= raw:
            return magnitude * factor
    return magnitude * 10


class Mark(NamedTuple):
    """Something that has its own place on a price axis."""

    value: float
    text: str
    look: str


class PriceAxis:
    """The labels right of a picture, one a row at most: marks first, then round values.

    Of two marks in the picture the higher value stands above, also where they had to make room; one
    outside it, which says so, takes what is left.
    """

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._texts: dict[int, tuple[str, str]] = {}
        self._marks: dict[int, Mark] = {}
        """By the row that was free for it."""

    def mark(self, mark: Mark) -> bool:
        """Place a mark in its row or the nearest free one; False when there is none near.

        One whose value is above or below the picture stands at that edge, with ``^`` or ``v``.
        """
        row = self._scale.row(mark.value)
        if row < 0 or row >= self._scale.rows:
            mark = mark._replace(text=mark.text + ("^" if row < 0 else "v"))
            row = 0 if row < 0 else self._scale.rows - 1
        for distance in range(_NUDGE + 1):
            for place in (row + distance, row - distance):
                if 0 <= place < self._scale.rows and place not in self._marks:
                    self._marks[place] = mark
                    return True
        return False

    def fill(self, values: Iterable[float], write: Callable[[float], str]) -> None:
        """Label round values where nothing stands yet."""
        for value in values:
            row = self._scale.row(value)
            if 0 <= row < self._scale.rows and row not in self._marks:
                self._texts[row] = (f" {write(value)}", "axis")

    def lines(self, width: int) -> list[Line]:
        """Return one line a row."""
        blank = ("", "axis")
        inside = {row: one for row, one in self._marks.items() if self._scale.shows(one.value)}
        highest_first = sorted(inside.values(), key=lambda mark: -mark.value)
        self._marks.update(zip(sorted(inside), highest_first, strict=True))
        self._texts.update((row, (mark.text, mark.look)) for row, mark in self._marks.items())
        found = (self._texts.get(row, blank) for row in range(self._scale.rows))
        return [((text.ljust(width), look),) for text, look in found]


def round_values(scale: Scale, smallest: float) -> list[float]:
    """Return the round values of an axis, two rows or more apart, multiples of ``smallest``."""
    wanted = max(scale.rows // 2, 1)
    if scale.is_log and scale.top >= scale.bottom * _WIDE_RATIO:
        return _decades(scale, smallest)
    step = max(nice_step(scale.top - scale.bottom, wanted), smallest)
    step = -(-step // smallest) * smallest
    first = scale.bottom // step + 1
    count = int(scale.top // step - first) + 1
    values = [(first + index) * step for index in range(max(count, 0))]
    return _apart(scale, values) if scale.is_log else values


def _decades(scale: Scale, smallest: float) -> list[float]:
    """Return 1, 2 and 5 of every power of ten; fewer of them where they would stand too near."""
    power = 1.0
    while power > scale.bottom:
        power /= 10
    while power * 10 <= scale.bottom:
        power *= 10
    ones: list[float] = []
    others: list[float] = []
    while power <= scale.top:
        for factor in (1, 2, 5):
            value = power * factor
            if scale.bottom <= value <= scale.top and value >= smallest:
                (ones if factor == 1 else others).append(value)
        power *= 10
    return _apart(scale, [*ones, *others])


def _apart(scale: Scale, values: Sequence[float]) -> list[float]:
    """Return the values that stand at least two rows from those before them in the list."""
    kept: dict[int, float] = {}
    for value in values:
        row = scale.row(value)
        if not any(near in kept for near in (row - 1, row, row + 1)):
            kept[row] = value
    return list(kept.values())


# Times.


def time_axis(times: Sequence[int], columns: Sequence[int], span_ns: int, width: int) -> str:
    """Return the labels under candles that begin at ``times``, each centred on its column.

    Labels are at round times; the first candle of a new day, month or year says so, and goes before
    the others. A label stands under the first candle at or after its moment, so that gaps in the
    data move none of them.
    """
    if not times:
        return " " * width
    cells = columns[1] - columns[0] if len(columns) > 1 else 1
    labels = _labels(times, span_ns * (_LABEL + _BETWEEN) // max(cells, 1))
    text = [" "] * width
    for at, label, _ in sorted(labels, key=lambda one: (-one[2], one[0])):
        start = columns[at] - len(label) // 2
        end = start + len(label)
        if start < 0 or end > width:
            continue
        if all(char == " " for char in text[max(start - 2, 0) : end + 2]):
            text[start:end] = label
    written = "".join(text)
    return written if written.strip() else _lone_label(times[-1], columns[-1], span_ns, width)


def _lone_label(time: int, column: int, span_ns: int, width: int) -> str:
    """Return the axis of so few candles that no round time is under one: when the newest began."""
    label = _text(time, "%H:%M" if span_ns < NANOS_PER_DAY else "%m-%d")
    start = min(max(column - len(label) // 2, 0), max(width - len(label), 0))
    return (" " * start + label)[:width].ljust(width)


def day_starts(times: Sequence[int]) -> list[int]:
    """Return the places of the first candles of each new day but the first."""
    days = [time // NANOS_PER_DAY for time in times]
    return [at for at in range(1, len(days)) if days[at] != days[at - 1]]


def _labels(times: Sequence[int], wanted_ns: int) -> list[tuple[int, str, int]]:
    """Return (place, text, weight) of all labels; the weight says which goes first."""
    wanted = -(-wanted_ns // NANOS_PER_MINUTE)
    minutes = next((step for step in _MINUTE_STEPS if step >= wanted), None)
    if minutes is not None:
        return _clock_labels(times, minutes)
    days = -(-wanted // _MINUTES_PER_DAY)
    step = next((step for step in _DAY_STEPS if step >= days), None)
    if step is not None:
        return _day_labels(times, step)
    longer = -(-wanted * (_MONTH_LABEL + _BETWEEN) // (_LABEL + _BETWEEN))
    months = -(-longer // (_MINUTES_PER_DAY * _DAYS_PER_MONTH))
    return _month_labels(times, next((m for m in _MONTH_STEPS if m >= months), _MONTH_STEPS[-1]))


def _crossings(keys: Sequence[int]) -> list[int]:
    """Return the places whose key is another than that of the place before."""
    return [at for at in range(1, len(keys)) if keys[at] != keys[at - 1]]


def _clock_labels(times: Sequence[int], minutes: int) -> list[tuple[int, str, int]]:
    step = minutes * NANOS_PER_MINUTE
    labels = []
    if times[0] % step == 0:
        labels.append((0, _text(times[0], "%H:%M"), 0))
    for at in _crossings([time // step for time in times]):
        labels.append((at, _text(times[at] // step * step, "%H:%M"), 0))
    new_days = day_starts(times)
    if times[0] % NANOS_PER_DAY == 0:
        new_days.append(0)
    kept = [label for label in labels if label[0] not in new_days]
    return [*kept, *((at, _text(times[at], "%m-%d"), 1) for at in new_days)]


def _day_labels(times: Sequence[int], days: int) -> list[tuple[int, str, int]]:
    labels = [
        (at, _text(times[at], "%m-%d"), 0)
        for at in _crossings([time // (days * NANOS_PER_DAY) for time in times])
    ]
    new_years = _crossings([_moment(time).year for time in times])
    kept = [label for label in labels if label[0] not in new_years]
    return [*kept, *((at, _text(times[at], "%Y"), 1) for at in new_years)]


def _month_labels(times: Sequence[int], months: int) -> list[tuple[int, str, int]]:
    moments = [_moment(time) for time in times]
    places = _crossings([(one.year * 12 + one.month - 1) // months for one in moments])
    is_yearly = months >= 12
    return [
        (
            at,
            _text(times[at], "%Y" if is_yearly or moments[at].month == 1 else "%Y-%m"),
            int(moments[at].month == 1),
        )
        for at in places
    ]


def _moment(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns // NANOS_PER_SECOND, UTC)


def _text(time_ns: int, form: str) -> str:
    return _moment(time_ns).strftime(form)
