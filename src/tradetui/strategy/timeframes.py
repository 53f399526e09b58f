"""Durations as people write them (``"5m"``, ``"1h"``) and as the engine counts them (ns)."""

from __future__ import annotations

import re
from typing import Final

from tradetui.domain.units import (
    NANOS_PER_DAY,
    NANOS_PER_HOUR,
    NANOS_PER_MINUTE,
    NANOS_PER_SECOND,
)
from tradetui.strategy.errors import InvalidParameter

_UNITS: Final = {
    "s": NANOS_PER_SECOND,
    "m": NANOS_PER_MINUTE,
    "h": NANOS_PER_HOUR,
    "d": NANOS_PER_DAY,
}
_TEXT: Final = re.compile(r"([1-9]\d{0,5})([smhd])", re.ASCII)


def duration_ns(text: str) -> int:
    """Return the nanoseconds of a duration such as ``"30s"``, ``"5m"``, ``"4h"`` or ``"1d"``.

    Raises InvalidParameter for anything else.
    """
    match = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidParameter(
            f'a duration is a whole number and one of s, m, h, d, such as "5m"; got {text!r}'
        )
    return int(match[1]) * _UNITS[match[2]]


def timeframe_ns(text: str) -> int:
    """Return the nanoseconds of a bar's timeframe: a duration that divides a day.

    Raises InvalidParameter for anything else, because such bars would not line up from day to day.
    """
    duration = duration_ns(text)
    if NANOS_PER_DAY % duration:
        raise InvalidParameter(f'a timeframe must divide a day, such as "5m" or "4h"; got {text!r}')
    return duration


def seconds(count: float) -> int:
    """Return seconds as nanoseconds, for arithmetic with ``self.now``."""
    return round(count * NANOS_PER_SECOND)


def minutes(count: float) -> int:
    """Return minutes as nanoseconds, for arithmetic with ``self.now``."""
    return round(count * NANOS_PER_MINUTE)


def hours(count: float) -> int:
    """Return hours as nanoseconds, for arithmetic with ``self.now``."""
    return round(count * NANOS_PER_HOUR)


def days(count: float) -> int:
    """Return days as nanoseconds, for arithmetic with ``self.now``."""
    return round(count * NANOS_PER_DAY)


def timeframe_text(nanos: int) -> str:
    """Return a timeframe as people write it: in the largest unit of which it is a whole number."""
    for unit, length in reversed(_UNITS.items()):
        if nanos % length == 0:
            return f"{nanos // length}{unit}"
    return f"{nanos} ns"
