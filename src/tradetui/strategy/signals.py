"""Conditions of a strategy, weighed and written down for *why* and *why not*."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from tradetui.domain.intents import SignalGate
from tradetui.domain.text import printable
from tradetui.strategy.errors import StrategyError

GateInput = tuple[float | None, str, float | None] | bool | None
"""``(value, comparison, limit)``, or a plain truth."""

COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
MAX_GATES: Final = 32
MAX_NAME: Final = 64
_MAX_INT: Final = 2**63


def gate(name: str, given: GateInput) -> SignalGate:
    """Weigh one condition.

    A value or limit that is None or NaN (an indicator not yet defined) never passes. Raises
    StrategyError for what is neither a tuple of three nor a truth.
    """
    if len(name) > MAX_NAME or not name.isprintable():
        name = printable(name, MAX_NAME)
    if given is None or given is True or given is False:
        return SignalGate(name, "yes" if given else "no", "is", "yes", bool(given))
    try:
        value, comparison, limit = given
        compare = COMPARISONS[comparison]
    except (TypeError, ValueError, KeyError):
        raise StrategyError(
            f"gate {name} must be (value, comparison, limit) with one of {' '.join(COMPARISONS)}, "
            f"or a bool; got {printable(repr(given), 80)}"
        ) from None
    if value.__class__ is not float:
        value = _plain(value, name)
    if limit.__class__ is not float:
        limit = _plain(limit, name)
    known = _is_known(value) and _is_known(limit)
    passed = known and bool(compare(value, limit))  # type: ignore[arg-type]
    return SignalGate(name, number_text(value), comparison, number_text(limit), passed)


def _is_known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _plain(value: Any, name: str) -> float | None:
    """Return a number of another class as a float, which writes itself in one way only."""
    if value is None or (value.__class__ is int and -_MAX_INT < value < _MAX_INT):
        return value
    try:
        if not isinstance(value, str | bytes):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise StrategyError(f"gate {name} compares numbers, got {printable(repr(value), 60)}")


_CENTS_FROM: Final = 100


def number_text(value: float | None) -> str:
    """Write a number for people: at most 8 significant digits, no exponent; ``-`` for None."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "?" if math.isnan(value) else str(value)
    text = f"{value:.8g}"
    if "e" not in text:
        return text
    return f"{value:.12f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"


def short_text(value: float | None) -> str:
    """Write a number short: six significant digits, and two decimals at least from 100 up; whole
    numbers and None as ``number_text``.
    """
    if not isinstance(value, float) or not math.isfinite(value) or value.is_integer():
        return number_text(value)
    if abs(value) < _CENTS_FROM:
        return number_text(float(f"{value:.6g}"))
    whole = len(str(int(abs(value))))
    whole_part, _, decimals = f"{value:.{max(6 - whole, 2)}f}".partition(".")
    return f"{whole_part}.{decimals.rstrip('0').ljust(2, '0')}"
