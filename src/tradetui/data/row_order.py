"""Rows that do not stand in order of time, brought into it as whoever plays the file says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tradetui.data.numbers import Ints
from tradetui.data.rows import RawRows


class RowOrder(NamedTuple):
    """Which rows are kept, in which order; how many of them were moved, and how many rows came too
    late to be.
    """

    rows: list[int]
    reordered: int
    late: int


Arrange = Callable[[Sequence[int]], RowOrder]
"""Takes the times of a file's rows (ns UTC) in the order of the file."""


def put_in_order(raw: RawRows, arrange: Arrange) -> RowOrder | None:
    """Bring the rows of a file into the order that ``arrange`` gives, and say so in its notes.

    Returns None, with nothing done, where they stand in order. Rows with a bad cell are behind all
    others afterwards: their times say nothing.
    """
    is_good = ~np.isin(raw.lines, raw.bad_lines)
    good = np.flatnonzero(is_good)
    times = raw.times[good]
    if not bool((times[1:] < times[:-1]).any()):
        return None
    order = arrange(times.tolist())
    rows = np.concatenate((good[np.array(order.rows, np.int64)], np.flatnonzero(~is_good)))
    _keep(raw, rows)
    if order.reordered:
        raw.notes.append(f"{order.reordered:,} rows out of order were put in their place")
    if order.late:
        raw.notes.append(
            f"{order.late:,} rows left out: so late that reorder_buffer_size and "
            "reorder_buffer_timeout do not reach"
        )
    return order


def _keep(raw: RawRows, rows: Ints) -> None:
    """Keep some rows, in this order, of every column."""
    raw.times, raw.lines = raw.times[rows], raw.lines[rows]
    raw.columns = {
        role: replace(column, values=column.values[rows]) for role, column in raw.columns.items()
    }
    if raw.aggressors is not None:
        raw.aggressors = raw.aggressors[rows]
    if raw.trade_ids is not None:
        raw.trade_ids = raw.trade_ids.gather(rows)
