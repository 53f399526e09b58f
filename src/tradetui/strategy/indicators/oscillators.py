"""J. Welles Wilder's smoothed measures: RSI and ATR (New Concepts in Technical Trading Systems)."""

from __future__ import annotations

from tradetui.strategy.indicators.base import CloseIndicator, RangeIndicator, checked_period


class RSI(CloseIndicator):
    """Relative strength index, 0 to 100, with Wilder's smoothing.

    Seeded with the mean of the first ``period`` changes. A market that has not moved at all has
    0.0, as in TA-Lib.
    """

    __slots__ = ("_changes", "_gain", "_last", "_loss", "period")

    def __init__(self, period: int = 14) -> None:
        self.period = checked_period(period, least=2)
        super().__init__(self.period + 1)
        self._last: float | None = None
        self._changes = 0
        self._gain = 0.0
        self._loss = 0.0

    def update(self, value: float) -> None:
        last, self._last = self._last, value
        if last is None:
            return
        change = value - last
        gain = change if change > 0 else 0.0
        loss = -change if change < 0 else 0.0
        period = self.period
        if self._changes < period:
            self._changes += 1
            self._gain += gain
            self._loss += loss
            if self._changes < period:
                return
            self._gain /= period
            self._loss /= period
        else:
            self._gain = (self._gain * (period - 1) + gain) / period
            self._loss = (self._loss * (period - 1) + loss) / period
        total = self._gain + self._loss
        # TA-Lib's own bound for "has not moved".
        self.value = 100.0 * self._gain / total if total > 1e-14 else 0.0
        self._values.append(self.value)


class ATR(RangeIndicator):
    """Average true range, with Wilder's smoothing.

    The first bar has no true range (there is no close before it); seeded with the mean of the
    first ``period`` true ranges.
    """

    __slots__ = ("_close", "_ranges", "_sum", "period", "true_range")

    def __init__(self, period: int = 14) -> None:
        self.period = checked_period(period)
        super().__init__(self.period + 1)
        self._close: float | None = None
        self._ranges = 0
        self._sum = 0.0
        self.true_range: float | None = None

    def update(self, high: float, low: float, close: float) -> None:
        before, self._close = self._close, close
        if before is None:
            return
        true_range = max(high, before) - min(low, before)
        self.true_range = true_range
        if self.value is None:
            self._sum += true_range
            self._ranges += 1
            if self._ranges < self.period:
                return
            value = self._sum / self.period
        else:
            value = (self.value * (self.period - 1) + true_range) / self.period
        self.value = value
        self._values.append(value)
