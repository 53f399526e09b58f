"""Timeframes, and bars of a longer one from bars of a shorter one."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from tradetui.data.numbers import Ints
from tradetui.data.problems import DataError
from tradetui.data.tables import timeframe_text
from tradetui.domain.market_data import Bar
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND

_UNITS: Final = {
    "s": NANOS_PER_SECOND,
    "m": NANOS_PER_MINUTE,
    "h": NANOS_PER_HOUR,
    "d": NANOS_PER_DAY,
    "w": 7 * NANOS_PER_DAY,
}
_TEXT: Final = re.compile(r"([1-9][0-9]{0,4})([smhdw])")


def parse_timeframe(text: str) -> int:
    """Return the length in ns of ``15s 1m 5m 4h 1d 1w``; raise DataError for anything else."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise DataError(
            f"timeframe {printable(text, 40)!r} is not a number and a unit; write 15s, 1m, 4h, "
            f"1d or 1w"
        )
    return int(match[1]) * _UNITS[match[2]]


def resample(
    times: Ints, columns: dict[str, Ints], from_ns: int, to_ns: int
) -> tuple[Ints, dict[str, Ints]]:
    """Join bars into longer ones, aligned to the epoch: first open, highest high, lowest low, last
    close, sum of volumes.

    A longer bar with no bar inside does not exist; one that the data end within is left out.
    Raises DataError unless ``to_ns`` is a multiple of ``from_ns``.
    """
    if to_ns % from_ns:
        raise DataError(
            f"bars of {timeframe_text(from_ns)} do not add up to {timeframe_text(to_ns)}; "
            f"choose a multiple of {timeframe_text(from_ns)}"
        )
    if to_ns == from_ns or not len(times):
        return times, columns
    buckets = times // to_ns
    starts = np.flatnonzero(np.diff(buckets, prepend=buckets[0] - 1))
    if int(times[-1]) + from_ns < (int(buckets[-1]) + 1) * to_ns:
        end, starts = int(starts[-1]), starts[:-1]
        columns = {name: values[:end] for name, values in columns.items()}
        buckets = buckets[:end]
    if not len(starts):
        return buckets[:0], {name: values[:0] for name, values in columns.items()}
    lasts = np.append(starts[1:], len(buckets)) - 1
    joined = {
        "open": columns["open"][starts],
        "high": np.maximum.reduceat(columns["high"], starts),
        "low": np.minimum.reduceat(columns["low"], starts),
        "close": columns["close"][lasts],
        "volume": np.add.reduceat(columns["volume"], starts),
    }
    return buckets[starts] * to_ns, joined


def bars_of(times: Ints, closes: Ints, columns: dict[str, Ints]) -> tuple[Bar, ...]:
    """Make the records of some rows."""
    rows = zip(
        times.tolist(),
        closes.tolist(),
        *(columns[name].tolist() for name in ("open", "high", "low", "close", "volume")),
        strict=True,
    )
    return tuple(Bar(*row) for row in rows)
