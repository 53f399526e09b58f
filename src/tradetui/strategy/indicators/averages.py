"""Moving averages, and what is made of them alone: SMA, EMA, MACD."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from tradetui.strategy.errors import InvalidParameter
from tradetui.strategy.indicators.base import CloseIndicator, checked_period

REFRESH: Final = 1024
"""A running sum is added up anew after so many values, so that rounding errors cannot grow."""


class SMA(CloseIndicator):
    """Simple moving average: the mean of the last ``period`` values."""

    __slots__ = ("_since_refresh", "_sum", "_window", "period")

    def __init__(self, period: int) -> None:
        self.period = checked_period(period)
        super().__init__(self.period)
        self._window: deque[float] = deque()
        self._sum = 0.0
        self._since_refresh = 0

    def update(self, value: float) -> None:
        window = self._window
        window.append(value)
        self._sum += value
        if len(window) > self.period:
            self._sum -= window.popleft()
        elif len(window) < self.period:
            return
        self._since_refresh += 1
        if self._since_refresh >= max(REFRESH, self.period):
            self._sum = math.fsum(window)
            self._since_refresh = 0
        mean = self._sum / self.period
        self.value = mean
        self._values.append(mean)


class EMA(CloseIndicator):
    """Exponential moving average, alpha 2 / (period + 1).

    Seeded with the mean of its first ``period`` values, as TA-Lib does.
    """

    __slots__ = ("_alpha", "_seed", "_seen", "period")

    def __init__(self, period: int) -> None:
        self.period = checked_period(period)
        super().__init__(self.period)
        self._alpha = 2.0 / (self.period + 1)
        self._seed = 0.0
        self._seen = 0

    def update(self, value: float) -> None:
        last = self.value
        if last is None:
            self._seed += value
            self._seen += 1
            if self._seen < self.period:
                return
            last = self._seed / self.period
        else:
            last += self._alpha * (value - last)
        self.value = last
        self._values.append(last)


class MACD(CloseIndicator):
    """Moving average convergence divergence: fast EMA minus slow EMA, and an EMA of that.

    As TA-Lib: both EMAs are defined from the value number ``slow`` on (the fast one is seeded with
    the ``fast`` values that end there), and nothing is shown before the signal is defined.
    """

    __slots__ = ("_fast", "_histograms", "_seen", "_signal", "_signals", "_slow", "signal")

    def __init__(self, fast: int = 12, slow: int = 26, signal: int = 9) -> None:
        checked_period(fast, "fast")
        checked_period(slow, "slow")
        checked_period(signal, "signal")
        if fast >= slow:
            raise InvalidParameter(f"fast must be less than slow, got {fast} and {slow}")
        super().__init__(slow + signal - 1)
        self._fast = EMA(fast)
        self._slow = EMA(slow)
        self._signal = EMA(signal)
        self._seen = 0
        self.signal: float | None = None
        self._signals: deque[float] = deque(maxlen=self._values.maxlen)
        self._histograms: deque[float] = deque(maxlen=self._values.maxlen)

    @property
    def histogram(self) -> float | None:
        """``value`` minus ``signal``."""
        if self.value is None or self.signal is None:
            return None
        return self.value - self.signal

    @property
    def histories(self) -> dict[str, list[float]]:
        """The newest values of all three lines by name, ready for a line_chart."""
        return {
            "macd": list(self._values),
            "signal": list(self._signals),
            "histogram": list(self._histograms),
        }

    def update(self, value: float) -> None:
        self._seen += 1
        if self._seen > self._slow.period - self._fast.period:
            self._fast.update(value)
        self._slow.update(value)
        fast, slow = self._fast.value, self._slow.value
        if slow is None or fast is None:
            return
        line = fast - slow
        self._signal.update(line)
        signal = self._signal.value
        if signal is None:
            return
        self.value = line
        self.signal = signal
        self._values.append(line)
        self._signals.append(signal)
        self._histograms.append(line - signal)
