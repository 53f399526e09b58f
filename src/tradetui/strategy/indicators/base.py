"""What all indicators share: checked parameters, a bounded history, None until defined."""

from __future__ import annotations

from collections import deque
from typing import Final

from tradetui.strategy.errors import InvalidParameter

HISTORY: Final = 500
"""How many values an indicator remembers."""

MAX_PERIOD: Final = 100_000


def checked_period(value: int, name: str = "period", *, least: int = 1) -> int:
    """Return a period, or raise InvalidParameter when it is no whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_PERIOD:
        raise InvalidParameter(
            f"{name} must be a whole number from {least} to {MAX_PERIOD}, got {value!r}"
        )
    return value


def checked_factor(value: float, name: str) -> float:
    """Return a positive finite factor as a float, or raise InvalidParameter."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0 < value < 1e6:
        raise InvalidParameter(f"{name} must be a number above 0, got {value!r}")
    return float(value)


class Indicator:
    """One number per bar.

    ``value`` is the newest, None until defined; ``needed`` is how many bars that takes.
    """

    __slots__ = ("_values", "needed", "value")

    def __init__(self, needed: int) -> None:
        self.needed = needed
        self.value: float | None = None
        self._values: deque[float] = deque(maxlen=HISTORY)

    @property
    def is_defined(self) -> bool:
        """True once ``value`` is a number."""
        return self.value is not None

    @property
    def previous(self) -> float | None:
        """The value of one bar ago; None until there were two."""
        return self._values[-2] if len(self._values) > 1 else None

    @property
    def history(self) -> list[float]:
        """The newest values, oldest first, at most HISTORY; only defined ones."""
        return list(self._values)


class CloseIndicator(Indicator):
    """An indicator fed with one number per bar (the close, unless its feed was told otherwise)."""

    __slots__ = ()

    def update(self, value: float) -> None:
        """Take the next number."""
        raise NotImplementedError


class RangeIndicator(Indicator):
    """An indicator fed with the high, low and close of each bar."""

    __slots__ = ()

    def update(self, high: float, low: float, close: float) -> None:
        """Take the next bar."""
        raise NotImplementedError
