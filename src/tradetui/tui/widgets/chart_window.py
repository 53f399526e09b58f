"""What of a chart a person looks at: timeframe, zoom, pan, crosshair, kind of scale."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Final

from tradetui.domain.replica import ChartBar, ChartView
from tradetui.domain.units import NANOS_PER_MINUTE

TIMEFRAMES: Final = (1, 5, 15, 30, 60, 240, 1440)
"""Minutes, in the order of ``t`` and ``T``."""

ZOOMS: Final = ((1, 3), (1, 2), (1, 1), (2, 1), (3, 1), (6, 1), (12, 1), (24, 1))
"""(bars per candle, cells per candle), from near to far."""

MAX_CANDLES: Final = 2000


@dataclass(frozen=True, slots=True)
class ChartWindow:
    """What of the chart a person looks at.

    ``pan`` counts candles back from the newest; ``crosshair`` candles back from the right edge.
    """

    timeframe: int = 1
    zoom: int = 2
    pan: int = 0
    crosshair: int | None = None
    is_log: bool = False

    @property
    def cells(self) -> int:
        """How many cells wide a candle is."""
        return ZOOMS[self.zoom][1]

    def candles_needed(self, width: int) -> int:
        """Return how many candles a picture of this width shows, those it is panned by included."""
        return min(width // self.cells + 1 + self.pan, MAX_CANDLES)

    def timeframe_ns(self) -> int:
        """Return the length of a bar of the timeframe."""
        return TIMEFRAMES[self.timeframe] * NANOS_PER_MINUTE

    def span_ns(self) -> int:
        """Return the length of a candle: that of the bars it is joined from."""
        return self.timeframe_ns() * ZOOMS[self.zoom][0]

    def zoomed(self, steps: int) -> ChartWindow:
        """Return the window nearer (positive) or further; its right edge stays where it is."""
        zoom = min(max(self.zoom - steps, 0), len(ZOOMS) - 1)
        before, after = ZOOMS[self.zoom][0], ZOOMS[zoom][0]
        return replace(self, zoom=zoom, pan=self.pan * before // after, crosshair=None)

    def with_timeframe(self, steps: int) -> ChartWindow:
        """Return the window with a longer (positive) or shorter timeframe."""
        index = min(max(self.timeframe + steps, 0), len(TIMEFRAMES) - 1)
        return replace(self, timeframe=index, pan=0, crosshair=None)

    def at_timeframe(self, index: int) -> ChartWindow:
        """Return the window with the timeframe at a place of the list, if there is one there."""
        return self.with_timeframe(index - self.timeframe) if index != self.timeframe else self

    def moved(self, candles: int, width: int, known: int | None) -> ChartWindow:
        """Return the window panned, or with the crosshair moved; negative is back in time.

        The crosshair takes the picture along at its edges. ``known`` is how many candles there are
        at all, None while there may be more: the oldest are not left behind.
        """
        shown = max(width // self.cells, 1)
        candles_there = MAX_CANDLES if known is None else known
        last = max(candles_there - shown, 0)
        pan = min(self.pan, last)
        if self.crosshair is None:
            return replace(self, pan=min(max(pan - candles, 0), last))
        place = min(max(pan + self.crosshair - candles, 0), max(candles_there - 1, 0))
        pan = max(min(pan, place), place - shown + 1)
        return replace(self, pan=pan, crosshair=place - pan)

    def followed(self, before: ChartView | None, after: ChartView | None) -> ChartWindow:
        """Return the window on the same candles after newer ones have come in.

        One that shows the newest goes on showing the newest; only its crosshair stays in place.
        """
        if before is None or after is None or not before.bars:
            return self
        if (before.strategy_id, before.timeframe_ns) != (after.strategy_id, after.timeframe_ns):
            return self
        starts = [bar.open_time for bar in after.bars]
        newer = len(starts) - bisect_right(starts, before.bars[-1].open_time)
        if newer and self.pan:
            return replace(self, pan=self.pan + newer)
        if newer and self.crosshair is not None:
            return replace(self, crosshair=self.crosshair + newer)
        return self


def timeframe_word(minutes: int) -> str:
    """Write a timeframe: ``5m``, ``90m``, ``4h``, ``1d``."""
    if minutes % 60:
        return f"{minutes}m"
    return f"{minutes // 1440}d" if minutes % 1440 == 0 else f"{minutes // 60}h"


def aggregate(bars: tuple[ChartBar, ...], span_ns: int) -> list[ChartBar]:
    """Join bars into candles of a length: those that begin in the same span since the epoch.

    The spans do not move with the newest bar, so that only the last candle changes.
    """
    joined: list[ChartBar] = []
    group: list[ChartBar] = []
    for bar in bars:
        if group and bar.open_time // span_ns != group[0].open_time // span_ns:
            joined.append(_candle(group, span_ns))
            group = []
        group.append(bar)
    if group:
        joined.append(_candle(group, span_ns))
    return joined


def _candle(group: list[ChartBar], span_ns: int) -> ChartBar:
    if len(group) == 1 and group[0].open_time % span_ns == 0:
        return group[0]
    return ChartBar(
        group[0].open_time // span_ns * span_ns,
        group[0].open,
        max(bar.high for bar in group),
        min(bar.low for bar in group),
        group[-1].close,
        sum(bar.volume for bar in group),
    )
