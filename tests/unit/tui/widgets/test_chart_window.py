from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import chart

from tradetui.domain.replica import ChartBar
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.tui.widgets.chart_window import (
    MAX_CANDLES,
    TIMEFRAMES,
    ZOOMS,
    ChartWindow,
    aggregate,
    timeframe_word,
)


def test_candles_are_joined_by_the_clock_so_that_only_the_last_one_changes() -> None:
    bars = tuple(ChartBar(n * 60, 10 + n, 20 + n, 5 - n, 11 + n, 1) for n in range(5))
    joined = aggregate(bars, 120)
    assert joined == [
        ChartBar(0, 10, 21, 4, 12, 2),
        ChartBar(120, 12, 23, 2, 14, 2),
        ChartBar(240, 14, 24, 1, 15, 1),
    ]
    assert aggregate((*bars, ChartBar(300, 15, 26, 0, 16, 1)), 120)[:2] == joined[:2]
    assert aggregate(bars[1:2], 120) == [ChartBar(0, 11, 21, 4, 12, 1)]
    assert aggregate((), 60) == []


def test_the_window_stays_within_its_bounds() -> None:
    window = ChartWindow()
    assert window.zoomed(99).zoom == 0
    assert window.zoomed(-99).zoom == len(ZOOMS) - 1
    assert window.with_timeframe(99).timeframe == len(TIMEFRAMES) - 1
    assert window.moved(5, 50, None).pan == 0
    assert window.moved(-5, 50, None).pan == 5
    assert window.moved(-5, 50, 52).pan == 2
    assert window.moved(-(10**9), 50, None).pan == MAX_CANDLES - 50
    assert window.candles_needed(100) == 101
    assert ChartWindow(pan=10**6).candles_needed(100) == MAX_CANDLES


def test_a_window_panned_too_far_comes_back_at_once() -> None:
    assert ChartWindow(pan=1900).moved(5, 50, 200).pan == 145


def test_the_crosshair_takes_the_picture_along_at_its_edges() -> None:
    window = ChartWindow(crosshair=3)
    assert window.moved(-1, 50, 200).crosshair == 4
    left = ChartWindow(crosshair=49).moved(-5, 50, 200)
    assert (left.pan, left.crosshair) == (5, 49)
    right = ChartWindow(pan=5, crosshair=0).moved(2, 50, 200)
    assert (right.pan, right.crosshair) == (3, 0)
    assert ChartWindow(crosshair=0).moved(9, 50, 200) == ChartWindow(crosshair=0)
    oldest = ChartWindow(crosshair=0).moved(-(10**9), 50, 200)
    assert (oldest.pan, oldest.crosshair) == (150, 49)


def test_zooming_keeps_the_right_edge_in_time() -> None:
    out = ChartWindow(zoom=2, pan=60).zoomed(-2)
    assert (ZOOMS[out.zoom][0], out.pan) == (3, 20)
    assert out.zoomed(2).pan == 60
    assert out.span_ns() == 15 * NANOS_PER_MINUTE


def test_a_panned_window_stays_on_its_candles_while_newer_come() -> None:
    before, after = chart(50), chart(50)
    older = replace(before, bars=before.bars[:-3])
    assert ChartWindow(pan=10).followed(older, after).pan == 13
    assert ChartWindow().followed(older, after) == ChartWindow()
    assert ChartWindow(crosshair=2).followed(older, after).crosshair == 5
    assert ChartWindow(pan=10).followed(before, after).pan == 10
    assert ChartWindow(pan=10).followed(None, after).pan == 10
    assert ChartWindow(pan=10).followed(older, None).pan == 10
    assert ChartWindow(pan=10).followed(replace(older, timeframe_ns=1), after).pan == 10


@pytest.mark.parametrize(
    ("minutes", "word"),
    [(1, "1m"), (5, "5m"), (30, "30m"), (60, "1h"), (90, "90m"), (240, "4h"), (1440, "1d")],
)
def test_timeframe_words(minutes: int, word: str) -> None:
    assert timeframe_word(minutes) == word
