from __future__ import annotations

from itertools import pairwise

import pytest

from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_MINUTE
from tradetui.tui.lines import plain
from tradetui.tui.widgets.chart_axes import (
    Mark,
    PriceAxis,
    day_starts,
    nice_step,
    round_values,
    time_axis,
)
from tradetui.tui.widgets.chart_raster import Scale

M = NANOS_PER_MINUTE
DAY = 1_795_132_800 * 10**9
"""2026-11-20 00:00 UTC."""


@pytest.mark.parametrize(
    ("span", "target", "step"), [(100, 10, 10), (90, 10, 10), (0.7, 5, 0.2), (0, 5, 1.0)]
)
def test_axis_steps_are_round(span: float, target: int, step: float) -> None:
    assert nice_step(span, target) == pytest.approx(step)


def test_round_values_are_multiples_of_the_tick() -> None:
    scale = Scale(10.4, 9.6, 8)
    assert round_values(scale, 0.25) == pytest.approx([9.75, 10.0, 10.25])
    assert round_values(Scale(10.1, 10.05, 8), 1.0) == []
    assert len(round_values(Scale(10.4, 9.6, 40), 0.25)) == 3


def test_a_wide_logarithmic_axis_has_powers_of_ten() -> None:
    values = round_values(Scale(20_000.0, 5.0, 30, is_log=True), 0.01)
    assert {10.0, 100.0, 1000.0, 10_000.0} <= {round(value, 6) for value in values}
    assert sorted(values)[0] >= 5.0


def test_a_narrow_logarithmic_axis_has_even_steps() -> None:
    scale = Scale(13_700.0, 12_800.0, 20, is_log=True)
    values = round_values(scale, 1.0)
    assert all(value % 100 == 0 for value in values)
    rows = [scale.row(value) for value in values]
    assert min(abs(a - b) for a, b in pairwise(rows)) >= 2


def drawn(axis: PriceAxis, width: int = 9) -> list[str]:
    return [plain(line).rstrip() for line in axis.lines(width)]


def test_marks_never_lie_over_one_another() -> None:
    axis = PriceAxis(Scale(10.0, 0.0, 10))
    assert axis.mark(Mark(5.0, ">5", "last"))
    assert axis.mark(Mark(5.1, "E5.1", "entry"))
    assert axis.mark(Mark(5.0, "b5", "buy"))
    axis.fill([5.0, 1.0], lambda value: f"{value:g}")
    assert sorted(filter(None, drawn(axis))) == [" 1", ">5", "E5.1", "b5"]
    for _ in range(4):
        axis.mark(Mark(5.0, "s5", "sell"))
    assert not axis.mark(Mark(5.0, "s5", "sell"))


def test_what_lies_outside_stands_at_the_edge() -> None:
    axis = PriceAxis(Scale(10.0, 0.0, 4))
    axis.mark(Mark(99.0, "T99", "target"))
    axis.mark(Mark(-9.0, "S-9", "stop"))
    assert drawn(axis) == ["T99^", "", "", "S-9v"]


def test_the_higher_mark_stands_above_whichever_came_first() -> None:
    axis = PriceAxis(Scale(10.0, 0.0, 5))
    for value, text in ((5.0, ">5"), (5.1, "T5.1"), (1.0, "E1"), (99.0, "X99")):
        assert axis.mark(Mark(value, text, "last"))
    assert drawn(axis) == ["X99^", "", "T5.1", ">5", "E1"]


def axis_of(times: list[int], span: int, width: int = 60, cells: int = 1) -> str:
    first = width - len(times) * cells
    return time_axis(times, [first + n * cells for n in range(len(times))], span, width)


def test_times_stand_under_their_candles_at_round_moments() -> None:
    times = [DAY + 8 * 60 * M + n * 5 * M for n in range(60)]
    text = axis_of(times, 5 * M)
    assert text.split() == ["09:00", "10:00", "11:00", "12:00"]
    assert text.index("09:00") + 2 == 12


def test_a_new_day_shows_its_date_and_goes_first() -> None:
    times = [DAY - 100 * M + n * 5 * M for n in range(60)]
    assert "11-20" in axis_of(times, 5 * M)
    assert day_starts(times) == [20]


def test_a_gap_in_the_data_moves_no_label_away() -> None:
    times = [DAY + 8 * 60 * M + n * 5 * M for n in range(60) if n % 12]
    assert axis_of(times, 5 * M).split() == ["09:00", "10:00", "11:00", "12:00"]


@pytest.mark.parametrize(
    ("span", "wanted"),
    [
        (M, ["10:15", "10:30"]),
        (60 * M, ["11-21", "11-22"]),
        (NANOS_PER_DAY, ["12-03", "12-17", "2027"]),
        (7 * NANOS_PER_DAY, ["2027", "2027-07"]),
        (30 * NANOS_PER_DAY, ["2028", "2030"]),
        (365 * NANOS_PER_DAY, ["2030", "2040"]),
    ],
)
def test_labels_fit_any_timeframe(span: int, wanted: list[str]) -> None:
    times = [DAY + 10 * 60 * M + n * span for n in range(60)]
    words = axis_of(times, span).split()
    assert set(wanted) <= set(words), words
    assert len(words) >= 2


@pytest.mark.parametrize("cells", [1, 2, 3])
@pytest.mark.parametrize("minutes", [1, 5, 15, 60, 240, 1440, 28_800])
def test_labels_never_touch(cells: int, minutes: int) -> None:
    times = [DAY + n * minutes * M for n in range(180 // cells)]
    text = axis_of(times, minutes * M, 180, cells)
    assert len(text) == 180
    assert all(len(word) in (4, 5, 7) for word in text.split())


def test_no_candles_no_labels() -> None:
    assert time_axis([], [], M, 5) == "     "


def test_few_candles_have_the_time_of_the_newest() -> None:
    begun = [DAY + 1434 * M, DAY + 1435 * M]
    assert time_axis(begun, [8, 9], M, 10) == "     23:55"
    assert time_axis(begun[:1], [0], M, 10) == "23:54     "
    assert time_axis(begun, [1, 2], M, 3) == "23:"
    assert time_axis([DAY], [4], NANOS_PER_DAY, 9).strip() == "11-20"
