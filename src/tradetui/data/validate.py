"""Checks of whole columns: what a row may not be, and where the holes are.

Every check is vectorised and gives the rows that fail it; a row has at most one problem per check.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradetui.data.layout import DataKind
from tradetui.data.numbers import Ints

Mask = NDArray[np.bool_]

DROP: Final = "mend the line or remove it"
SORT: Final = "sort the file by this column, or set reorder_buffer_size in its [[feeds]]"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that some rows fail: which, in which column, and what to do about it."""

    rows: Mask
    column: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Hole:
    """No row between two moments (ns UTC), ``missing`` bars of them expected (0: not bars)."""

    from_time: int
    to_time: int
    missing: int


def findings(
    kind: DataKind, times: Ints, columns: dict[str, Ints], time_name: str
) -> list[Finding]:
    """Run all checks on rows whose cells are numbers; return only those that fail somewhere."""
    found = _order(kind, times, time_name)
    if kind is DataKind.BARS:
        found += _bars(columns)
    elif kind is DataKind.QUOTES:
        found += _quotes(columns)
    else:
        found += [
            Finding(columns["price"] <= 0, "price", "is not above zero", DROP),
            Finding(columns["quantity"] <= 0, "quantity", "is not above zero", DROP),
        ]
    return [finding for finding in found if bool(finding.rows.any())]


def holes(times: Ints, step_ns: int, least_ns: int) -> list[Hole]:
    """Return where the distance of two rows, less one step, is at least ``least_ns``."""
    if len(times) < 2:
        return []
    distance = np.diff(times) - step_ns
    rows = np.flatnonzero(distance >= max(least_ns, 1))
    return [
        Hole(
            int(times[row]) + step_ns,
            int(times[row + 1]),
            int(distance[row]) // step_ns if step_ns else 0,
        )
        for row in rows.tolist()
    ]


def _order(kind: DataKind, times: Ints, time_name: str) -> list[Finding]:
    earlier = np.zeros(len(times), np.bool_)
    same = np.zeros(len(times), np.bool_)
    if len(times) > 1:
        earlier[1:] = times[1:] < np.maximum.accumulate(times)[:-1]
        same[1:] = times[1:] == times[:-1]
    found = [Finding(earlier, time_name, "is before an earlier line", SORT)]
    if kind is DataKind.BARS:
        found.append(Finding(same, time_name, "is there twice", "keep one bar for each open time"))
    return found


def _bars(columns: dict[str, Ints]) -> list[Finding]:
    opens, highs, lows, closes = (columns[name] for name in ("open", "high", "low", "close"))
    found = [
        Finding(columns[name] <= 0, name, "is not above zero", DROP)
        for name in ("open", "high", "low", "close")
    ]
    top = np.maximum(np.maximum(opens, closes), lows)
    bottom = np.minimum(np.minimum(opens, closes), highs)
    return [
        *found,
        Finding(highs < top, "high", "is below the open, the low or the close", DROP),
        Finding(lows > bottom, "low", "is above the open, the high or the close", DROP),
        Finding(columns["volume"] < 0, "volume", "is negative", DROP),
    ]


def _quotes(columns: dict[str, Ints]) -> list[Finding]:
    bid, ask = columns["bid"], columns["ask"]
    found = []
    for side in ("bid", "ask"):
        price, quantity = columns[side], columns[f"{side}_quantity"]
        found += [
            Finding(price < 0, side, "is negative", DROP),
            Finding(quantity < 0, f"{side}_quantity", "is negative", DROP),
            Finding((price == 0) & (quantity > 0), side, "is zero but has a quantity", DROP),
        ]
    return [*found, Finding((bid > ask) & (ask > 0), "bid", "is above the ask", DROP)]
