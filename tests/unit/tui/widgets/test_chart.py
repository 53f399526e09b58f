from __future__ import annotations

from time import perf_counter

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, at, cash, chart, chart_bars

from tradetui.domain.enums import OrderSide
from tradetui.domain.replica import ChartBar, ChartFill
from tradetui.tui.lines import plain
from tradetui.tui.widgets.chart import (
    TIMEFRAMES,
    ZOOMS,
    ChartWindow,
    aggregate,
    chart_lines,
    timeframe_word,
)
from tradetui.tui.widgets.chart_raster import Candlestick, Canvas, Scale, nice_step

BTC = INSTRUMENTS[1]
OPENED = at("11:30:01")


def drawn(view=None, window=None, *, width=55, height=10, ascii_only=True, **more) -> list[str]:
    lines = chart_lines(
        view or chart(200), BTC, window or ChartWindow(), width=width, height=height,
        ascii_only=ascii_only, opened_time=OPENED, **more,
    )  # fmt: skip
    return [plain(line) for line in lines]


def test_the_axis_marks_last_entry_stop_and_target() -> None:
    text = "\n".join(drawn())
    for mark in (">67,412.30", "E66,561.10", "S66,135.60", "T67,624.80"):
        assert mark in text


def test_levels_are_dashed_from_the_opening_on() -> None:
    target = next(line for line in drawn() if "T67,624.80" in line)
    column = next(line for line in drawn() if "B" in line).index("B")
    assert target[:column].strip() == ""
    assert target[column:].startswith("~ ~ ~")


def test_a_purchase_is_marked_below_its_candle_and_a_sale_above() -> None:
    fills = (
        ChartFill(at("12:00:00"), OrderSide.BUY, cash("66600")),
        ChartFill(at("13:00:00"), OrderSide.SELL, cash("67000")),
    )
    lines = drawn(replace(chart(200), fills=fills, levels=()), height=20)
    buy = next(row for row, line in enumerate(lines) if "B" in line)
    sell = next(row for row, line in enumerate(lines) if "S" in line)
    bought, sold = lines[buy].index("B"), lines[sell].index("S")
    assert lines[buy - 1][bought] in "o#|"
    assert lines[sell + 1][sold] in "o#|"
    assert sold - bought == 12


def test_the_newest_candle_is_at_the_right_edge() -> None:
    lines = drawn(replace(chart(200), levels=(), lines=(), fills=()))
    assert any(line[43] in "o#|" for line in lines[:-1])
    assert all(len(line) <= 55 for line in lines)


def test_time_labels_stand_under_their_candles() -> None:
    assert drawn()[-1].rstrip().endswith("14:00")
    assert "12:00       13:00       14:00" in drawn()[-1]


def test_a_new_day_shows_its_date() -> None:
    assert "11-20" in drawn(chart(400), ChartWindow(zoom=5))[-1]


def test_box_characters_have_half_a_row_of_resolution() -> None:
    canvas = Canvas(1, 4, ascii_only=False)
    canvas.candle(0, Candlestick(2.0, 4.0, 0.0, 0.9), Scale(4.0, 0.0, 4))
    assert [plain(line) for line in canvas.lines()] == ["│", "│", "┃", "╿"]
    canvas = Canvas(1, 4, ascii_only=False)
    canvas.candle(0, Candlestick(2.4, 3.4, 1.4, 1.6), Scale(4.0, 0.0, 4))
    assert [plain(line) for line in canvas.lines()] == ["╷", "╽", "╿", " "]


def test_a_flat_candle_is_still_seen() -> None:
    bars = tuple(replace(bar, open=100, high=100, low=100, close=100) for bar in chart_bars(5))
    lines = drawn(replace(chart(200), bars=bars, levels=(), lines=(), fills=()))
    assert sum(line.count("o") for line in lines) == 5


def test_lines_are_dots_in_ascii_and_braille_otherwise() -> None:
    assert "." in "".join(line[:44] for line in drawn()[:-1])
    text = "".join(drawn(ascii_only=False))
    assert any("⠀" < char <= "⣿" for char in text)


def test_ascii_is_ascii() -> None:
    assert all(line.isascii() for line in drawn(width=188, height=40))


def test_the_crosshair_reads_the_candle_under_it() -> None:
    lines = drawn(window=ChartWindow(crosshair=0))
    assert lines[0].startswith("14:30 o ")
    assert "c 67,412.30" in drawn(window=ChartWindow(crosshair=0), width=90)[0]
    assert drawn(window=ChartWindow(crosshair=12))[0].startswith("13:30 o ")


def test_panning_goes_back_in_time() -> None:
    panned = drawn(window=ChartWindow(pan=24))
    assert panned != drawn()
    assert "nothing here" in drawn(window=ChartWindow(pan=500))[1]


@pytest.mark.parametrize("zoom", range(len(ZOOMS)))
@pytest.mark.parametrize("size", [(24, 6), (55, 10), (188, 48)])
def test_every_zoom_fits_every_size(zoom: int, size: tuple[int, int]) -> None:
    width, height = size
    lines = drawn(chart(2000), ChartWindow(zoom=zoom), width=width, height=height)
    assert len(lines) == height
    assert max(len(line) for line in lines) <= width


def test_no_prices_and_no_room_are_said() -> None:
    assert "no prices yet" in plain(
        chart_lines(None, BTC, ChartWindow(), width=50, height=10, ascii_only=True)[1]
    )
    assert "no room" in drawn(width=15)[0]


def test_aggregation_counts_back_from_the_newest() -> None:
    bars = tuple(ChartBar(n * 60, 10 + n, 20 + n, 5 - n, 11 + n, 1) for n in range(5))
    assert aggregate(bars, 2) == [
        bars[0],
        ChartBar(60, 11, 22, 3, 13, 2),
        ChartBar(180, 13, 24, 1, 15, 2),
    ]
    assert aggregate(bars, 1) == list(bars)


def test_the_window_stays_within_its_bounds() -> None:
    window = ChartWindow()
    assert window.zoomed(99).zoom == 0
    assert window.zoomed(-99).zoom == len(ZOOMS) - 1
    assert window.with_timeframe(99).timeframe == len(TIMEFRAMES) - 1
    assert window.moved(5).pan == 0
    assert window.moved(-5).pan == 5
    assert ChartWindow(crosshair=3).moved(-1).crosshair == 4
    assert window.bars_needed(100) == 101


def test_timeframe_words() -> None:
    assert [timeframe_word(n) for n in TIMEFRAMES] == ["1m", "5m", "15m", "30m", "1h", "4h", "1d"]


@pytest.mark.parametrize(
    ("span", "target", "step"), [(100, 10, 10), (90, 10, 10), (0.7, 5, 0.2), (0, 5, 1.0)]
)
def test_axis_steps_are_round(span: float, target: int, step: float) -> None:
    assert nice_step(span, target) == pytest.approx(step)


def test_a_level_far_away_does_not_flatten_the_candles() -> None:
    view = chart(200)
    far = replace(view.levels[1], price=cash("1000"))
    lines = drawn(replace(view, levels=(far,)))
    assert sum(any(char in "o#|" for char in line[:44]) for line in lines[:-1]) > 5


def test_500_candles_at_200x50_are_drawn_at_once() -> None:
    view = chart(500)
    window = ChartWindow(zoom=4)
    best = 1.0
    for _ in range(5):
        start = perf_counter()
        chart_lines(view, BTC, window, width=200, height=50, ascii_only=False, opened_time=OPENED)
        best = min(best, perf_counter() - start)
    assert best < 0.05
