"""Tables: when bars closed, asked of all rows or of a part."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.kernel_world import INSTRUMENTS

from tradetui.data.layout import DataKind
from tradetui.data.tables import MarketTable

LENGTH = 60


def table(times: list[int]) -> MarketTable:
    return MarketTable(
        "x.csv", DataKind.BARS, INSTRUMENTS[0], np.array(times, np.int64), {}, timeframe_ns=LENGTH
    )


TIMES = [0, 60, 100, 160, 400]
"""The second bar is cut short by the third; a hole is before the last."""
CLOSES = [60, 100, 160, 220, 460]


def test_a_bar_closes_after_its_length_or_when_the_next_begins() -> None:
    assert table(TIMES).close_times().tolist() == CLOSES
    assert table([]).close_times().tolist() == []
    assert table([7]).close_times().tolist() == [67]


@pytest.mark.parametrize("first", range(6))
@pytest.mark.parametrize("end", [0, 1, 3, 5, 9, None])
def test_a_part_is_that_part_of_all(first: int, end: int | None) -> None:
    assert table(TIMES).close_times(first, end).tolist() == CLOSES[first:end]


@pytest.mark.parametrize("moment", [-1, 0, 59, 60, 99, 100, 159, 160, 219, 220, 459, 460, 999])
def test_so_many_bars_had_closed_at_a_moment(moment: int) -> None:
    assert table(TIMES).closed_before(moment) == sum(close <= moment for close in CLOSES)
    assert table([]).closed_before(moment) == 0
