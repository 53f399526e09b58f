"""How an amount went since it was first followed: a few values at even steps, for a sparkline."""

from __future__ import annotations

from typing import Final

from tradetui.domain.memory import CourseMemory
from tradetui.domain.units import NANOS_PER_MINUTE, div_floor

LENGTH: Final = 24
"""How many values are kept at most."""


class Course:
    """The newest value of each step, oldest first; the steps double when there are too many.

    Steps are spans since the epoch, a minute long at first: the values do not depend on how often
    they are looked at, apart from the moments that nobody looked at.
    """

    __slots__ = ("_first", "_step", "_values")

    def __init__(self) -> None:
        self._step = NANOS_PER_MINUTE
        self._first = 0
        self._values: list[int] = []

    @classmethod
    def recall(cls, known: CourseMemory) -> Course:
        """Go on with a course of an earlier run."""
        course = cls()
        course._step, course._first = known.step, known.first
        course._values = list(known.values)
        return course

    def remember(self, *, is_shadow: bool) -> CourseMemory | None:
        """Return the course for a later ``recall``, None before the first value."""
        if not self._values:
            return None
        return CourseMemory(self._step, self._first, tuple(self._values), is_shadow)

    def add(self, now: int, value: int) -> None:
        """Take the value of a moment; a moment before the newest step is left out."""
        if not self._values:
            self._first = div_floor(now, self._step)
        while div_floor(now, self._step) - self._first >= LENGTH:
            self._double()
        place = div_floor(now, self._step) - self._first
        if place < len(self._values) - 1:
            return
        while len(self._values) <= place:
            self._values.append(self._values[-1] if self._values else value)
        self._values[place] = value

    def _double(self) -> None:
        """Make the steps twice as long, the newer value of two standing for both."""
        joined: dict[int, int] = {}
        for place, value in enumerate(self._values):
            joined[div_floor(self._first + place, 2)] = value
        self._step *= 2
        self._first = div_floor(self._first, 2)
        self._values = list(joined.values())

    @property
    def values(self) -> tuple[int, ...]:
        """The values, oldest first."""
        return tuple(self._values)
