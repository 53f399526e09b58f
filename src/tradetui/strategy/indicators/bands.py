"""Bands around a price: Bollinger bands and the Donchian channel."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from tradetui.strategy.indicators.averages import REFRESH
from tradetui.strategy.indicators.base import (
    CloseIndicator,
    RangeIndicator,
    checked_factor,
    checked_period,
)

_FLAT: Final = 1e-12
"""A deviation below this part of the mean is the rounding error of a flat window: it is zero."""


class Bollinger(CloseIndicator):
    """Bollinger bands: the mean of ``period`` values and ``width`` population deviations around it.

    ``value`` is the middle. ``z`` is how many deviations the newest value is from the middle (0.0
    in a flat window).
    """

    __slots__ = (
        "_count",
        "_last",
        "_mean",
        "_squares",
        "_widths",
        "_window",
        "deviations",
        "period",
        "std",
    )

    def __init__(self, period: int = 20, deviations: float = 2.0) -> None:
        self.period = checked_period(period, least=2)
        self.deviations = checked_factor(deviations, "deviations")
        super().__init__(self.period)
        self._window: deque[float] = deque()
        self._mean = 0.0
        self._squares = 0.0
        self._count = 0
        self._last = 0.0
        self.std: float | None = None
        self._widths: deque[float] = deque(maxlen=self._values.maxlen)

    @property
    def middle(self) -> float | None:
        return self.value

    @property
    def upper(self) -> float | None:
        if self.value is None or self.std is None:
            return None
        return self.value + self.deviations * self.std

    @property
    def lower(self) -> float | None:
        if self.value is None or self.std is None:
            return None
        return self.value - self.deviations * self.std

    @property
    def z(self) -> float | None:
        """Distance of the newest value from the middle, in deviations."""
        if self.value is None or self.std is None:
            return None
        return (self._last - self.value) / self.std if self.std else 0.0

    @property
    def width(self) -> float | None:
        """Upper minus lower, as a part of the middle; None where the middle is zero."""
        if not self.value or self.std is None:
            return None
        return 2 * self.deviations * self.std / self.value

    @property
    def histories(self) -> dict[str, list[float]]:
        """The newest values of all three bands by name, ready for a line_chart."""
        pairs = list(zip(self._values, self._widths, strict=True))
        return {
            "upper": [middle + half for middle, half in pairs],
            "middle": [middle for middle, _ in pairs],
            "lower": [middle - half for middle, half in pairs],
        }

    def update(self, value: float) -> None:
        window = self._window
        window.append(value)
        self._last = value
        if len(window) > self.period:
            self._slide(value, window.popleft())
        elif len(window) < self.period:
            return
        else:
            self._add_up()
        variance = self._squares / self.period
        std = math.sqrt(variance) if variance > 0 else 0.0
        self.std = 0.0 if std <= _FLAT * abs(self._mean) else std
        self.value = self._mean
        self._values.append(self._mean)
        self._widths.append(self.deviations * self.std)

    def _slide(self, new: float, old: float) -> None:
        """Move the window by one, after B. P. Welford; add up anew before errors can grow."""
        self._count += 1
        if self._count >= REFRESH:
            self._add_up()
            return
        before = self._mean
        self._mean = before + (new - old) / self.period
        self._squares += (new - old) * (new - self._mean + old - before)

    def _add_up(self) -> None:
        self._count = 0
        self._mean = mean = math.fsum(self._window) / self.period
        self._squares = math.fsum((value - mean) ** 2 for value in self._window)


class Donchian(RangeIndicator):
    """Donchian channel: the highest high and the lowest low of the last ``period`` bars.

    ``value`` is the middle. The newest bar is in it: a breakout is a close beyond
    ``previous_upper``.
    """

    __slots__ = (
        "_bars",
        "_highs",
        "_lowers",
        "_lows",
        "_uppers",
        "lower",
        "period",
        "previous_lower",
        "previous_upper",
        "upper",
    )

    def __init__(self, period: int = 20) -> None:
        self.period = checked_period(period)
        super().__init__(self.period)
        self._bars = 0
        # (bar number, price): only those that can still be the extreme of some later window.
        self._highs: deque[tuple[int, float]] = deque()
        self._lows: deque[tuple[int, float]] = deque()
        self._uppers: deque[float] = deque(maxlen=self._values.maxlen)
        self._lowers: deque[float] = deque(maxlen=self._values.maxlen)
        self.upper: float | None = None
        self.lower: float | None = None
        self.previous_upper: float | None = None
        self.previous_lower: float | None = None

    @property
    def middle(self) -> float | None:
        return self.value

    @property
    def width(self) -> float | None:
        """Upper minus lower, in price."""
        if self.upper is None or self.lower is None:
            return None
        return self.upper - self.lower

    @property
    def histories(self) -> dict[str, list[float]]:
        """The newest values of all three lines by name, ready for a line_chart."""
        return {
            "upper": list(self._uppers),
            "middle": list(self._values),
            "lower": list(self._lowers),
        }

    def update(self, high: float, low: float, close: float) -> None:
        self._bars += 1
        highs, lows, first = self._highs, self._lows, self._bars - self.period
        while highs and highs[-1][1] <= high:
            highs.pop()
        highs.append((self._bars, high))
        while lows and lows[-1][1] >= low:
            lows.pop()
        lows.append((self._bars, low))
        if highs[0][0] <= first:
            highs.popleft()
        if lows[0][0] <= first:
            lows.popleft()
        if first < 0:
            return
        self.previous_upper, self.previous_lower = self.upper, self.lower
        self.upper, self.lower = highs[0][1], lows[0][1]
        self.value = (self.upper + self.lower) / 2
        self._values.append(self.value)
        self._uppers.append(self.upper)
        self._lowers.append(self.lower)
