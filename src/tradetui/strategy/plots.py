"""Numbers a strategy keeps for its charts, bounded."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from tradetui.domain.text import printable
from tradetui.strategy.errors import StrategyError

MAX_SERIES: Final = 32
MAX_POINTS: Final = 1000
_NAME_LIMIT: Final = 40


class Plots:
    """Named series of ``(time, value)``, the newest MAX_POINTS of each."""

    def __init__(self) -> None:
        self._series: dict[str, deque[tuple[int, float]]] = {}

    def add(self, name: str, time: int, value: float | None) -> None:
        """Add a point; None and NaN become a gap."""
        series = self._series.get(name)
        if series is None:
            series = self._open(name)
        if value is None:
            value = math.nan
        elif isinstance(value, bool) or not isinstance(value, (int, float)):
            shown = printable(repr(value), 60)
            raise StrategyError(f"plot {name}: a number is wanted, got {shown}")
        series.append((time, float(value)))

    def series(self) -> dict[str, list[list[float]]]:
        """Return every series as ``[time, value]`` pairs, oldest first."""
        return {
            name: [[time, value] for time, value in points] for name, points in self._series.items()
        }

    def _open(self, name: str) -> deque[tuple[int, float]]:
        is_name = isinstance(name, str) and 0 < len(name) <= _NAME_LIMIT and name.isprintable()
        if not is_name:
            raise StrategyError(f"plot: a short name is wanted, got {printable(repr(name), 60)}")
        if len(self._series) >= MAX_SERIES:
            raise StrategyError(f"plot: at most {MAX_SERIES} names; {name} is one more")
        series: deque[tuple[int, float]] = deque(maxlen=MAX_POINTS)
        self._series[name] = series
        return series
