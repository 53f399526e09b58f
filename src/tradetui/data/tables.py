"""What a file becomes: columns of integers at the instrument's scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tradetui.data.layout import DataKind
from tradetui.data.numbers import Ints
from tradetui.domain.instruments import Instrument
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class MarketTable:
    """All rows of one file, in order of time.

    ``times`` are ns UTC: the open of a bar, the moment of a trade or a quote. ``columns`` are those
    of the kind (``open high low close volume``; ``price quantity aggressor`` with 1 for BUY, -1 for
    SELL, 0 for not said; ``bid bid_quantity ask ask_quantity``) at the instrument's scales.
    ``timeframe_ns`` is 0 unless the rows are bars. ``notes`` say what was inferred.
    """

    path: str
    kind: DataKind
    instrument: Instrument
    times: Ints
    columns: dict[str, Ints]
    timeframe_ns: int = 0
    notes: tuple[str, ...] = ()
    trade_ids: pl.Series | None = None
    reordered: int = 0
    """Rows of the file that were out of order and were put in their place."""
    late: int = 0
    """Rows that stood too far behind later ones, and were left out."""

    def __len__(self) -> int:
        return len(self.times)

    @property
    def name(self) -> str:
        """Say in short what this is: ``BTC/USD 1m``, ``BTC/USDT quotes``."""
        what = timeframe_text(self.timeframe_ns) if self.kind is DataKind.BARS else str(self.kind)
        return f"{self.instrument.symbol} {what}"

    def close_times(self, first: int = 0, end: int | None = None) -> Ints:
        """Return when each bar from row ``first`` and before ``end`` closed: its open plus the
        timeframe, or the next open if that is sooner (months have no fixed length).
        """
        closes = self.times[first:end] + self.timeframe_ns
        followed = self.times[first + 1 :][: len(closes)]
        np.minimum(closes[: len(followed)], followed, out=closes[: len(followed)])
        return closes

    def closed_before(self, moment: int) -> int:
        """Return how many bars closed at or before a moment."""
        by_length = int(np.searchsorted(self.times, moment - self.timeframe_ns, side="right"))
        by_next = int(np.searchsorted(self.times, moment, side="right")) - 1
        return max(by_length, by_next, 0)


def timeframe_text(timeframe_ns: int) -> str:
    """Write a timeframe as people do: ``1m 5m 8h 1d 31d``."""
    for unit, letter in (
        (NANOS_PER_DAY, "d"),
        (NANOS_PER_HOUR, "h"),
        (NANOS_PER_MINUTE, "m"),
        (NANOS_PER_SECOND, "s"),
    ):
        if timeframe_ns and timeframe_ns % unit == 0:
            return f"{timeframe_ns // unit}{letter}"
    return f"{timeframe_ns}ns"
