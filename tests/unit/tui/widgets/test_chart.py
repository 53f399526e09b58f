from __future__ import annotations

import sys

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, at, cash, chart, chart_bars, full_chart

from tradetui.domain.enums import OrderSide
from tradetui.domain.replica import ChartFill, ChartLevel, ChartSeries
from tradetui.tui.lines import plain
from tradetui.tui.widgets.chart import chart_lines, has_log_scale
from tradetui.tui.widgets.chart_window import ZOOMS, ChartWindow

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
    assert any(line[43:44] in "o#|" for line in lines[1:-1])
    assert all(len(line) <= 55 for line in lines)


def test_time_labels_stand_under_their_candles() -> None:
    assert drawn()[-1].rstrip().endswith("14:00")
    assert "12:00       13:00       14:00" in drawn()[-1]


def test_a_new_day_shows_its_date() -> None:
    assert "11-20" in drawn(chart(400), ChartWindow(zoom=5))[-1]


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


def test_ascii_is_ascii_with_everything_in_the_picture() -> None:
    view = full_chart(chart(400))
    view = replace(view, lines=tuple(replace(line, name=f"σ {line.name}") for line in view.lines))
    for window in (ChartWindow(), ChartWindow(crosshair=3), ChartWindow(zoom=5, is_log=True)):
        for size in ((55, 13), (110, 40), (200, 60)):
            lines = drawn(view, window, width=size[0], height=size[1])
            assert all(line.isascii() for line in lines)
            assert len(lines) == size[1]


def test_the_crosshair_reads_the_candle_under_it() -> None:
    lines = drawn(window=ChartWindow(crosshair=0))
    assert lines[0].startswith("14:30  o ")
    assert lines[1].startswith("c 67,412.30  v 3")
    assert "c 67,412.30" in drawn(window=ChartWindow(crosshair=0), width=90)[0]
    assert drawn(window=ChartWindow(crosshair=12))[0].startswith("13:30  o ")
    assert len(lines) == len(drawn())


def test_the_crosshair_reads_every_line_and_the_fills_of_its_candle() -> None:
    view = chart(200)
    bars = view.bars
    slow = ChartSeries("slow", tuple((bar.open_time, 66_000.5) for bar in bars))
    fill = ChartFill(at("14:27:30"), OrderSide.SELL, cash("67400"), cash("0.5"))
    view = replace(view, lines=(*view.lines, slow), fills=(fill,))
    text = drawn(view, ChartWindow(crosshair=1), width=180, height=20)[0]
    assert "SELL 0.50000 at 67,400.00" in text
    assert ". mean 67," in text
    assert ": slow 66,000.50" in text
    tall = drawn(view, ChartWindow(crosshair=1), width=180, height=20)
    assert "+67," in "".join(tall)
    no_value = replace(view, lines=(replace(slow, points=slow.points[:-9]),))
    assert ". slow -" in drawn(no_value, ChartWindow(crosshair=1), width=180, height=20)[0]


def test_an_older_candle_is_read_with_its_date() -> None:
    text = drawn(chart(400), ChartWindow(crosshair=300), width=350)[0]
    assert text.startswith("11-19 13:30  o ")
    day = ChartWindow(timeframe=6, crosshair=0)
    assert drawn(chart(2000), day)[0].startswith("2026-11-20  o ")


def test_the_legend_names_lines_by_stroke() -> None:
    assert drawn()[0].startswith("5m  . mean 67,1")
    assert "⠒⠒⠒ mean" in drawn(ascii_only=False)[0]
    assert drawn(window=ChartWindow(zoom=4))[0].startswith("15m  ")


def test_names_go_before_values_where_both_do_not_fit() -> None:
    view = chart(200)
    three = tuple(replace(view.lines[0], name=f"average {n}") for n in range(3))
    assert drawn(replace(view, lines=three))[0].rstrip() == (
        "5m  . average 0  : average 1  + average 2"
    )


def test_a_mark_in_the_picture_goes_before_one_outside_it() -> None:
    view = chart(200)
    lowest = min(bar.low for bar in view.bars[-44:])
    levels = (
        ChartLevel("stop_loss", OrderSide.SELL, cash("1000")),
        ChartLevel("entry", OrderSide.BUY, lowest),
    )
    lines = drawn(replace(view, levels=levels))
    assert "b66," in lines[-2]
    assert "S1,000.00v" in lines[-3]


def test_many_lines_are_counted_where_they_do_not_fit() -> None:
    view = chart(200)
    many = tuple(replace(view.lines[0], name=f"average {n}") for n in range(9))
    assert drawn(replace(view, lines=many))[0].endswith(" +6")


def test_a_line_that_is_no_price_has_a_scale_of_its_own() -> None:
    view = chart(200)
    z = ChartSeries("z", tuple((bar.open_time, n % 5 - 2.0) for n, bar in enumerate(view.bars)))
    lines = drawn(replace(view, lines=(z,)), height=24)
    assert any(line.rstrip().endswith(" 2") for line in lines)
    assert any(line.rstrip().endswith(" 0") for line in lines)
    assert any(line.rstrip().endswith(" -2") for line in lines)
    low = drawn(replace(view, lines=(z,)), height=10)
    assert not any(line.rstrip().endswith(" -2") for line in low)
    assert low[0].startswith("5m  . z 2")


def test_a_line_of_one_value_has_it_once_on_its_axis() -> None:
    view = chart(200)
    flat = ChartSeries("z", tuple((bar.open_time, 1.064) for bar in view.bars))
    lines = drawn(replace(view, lines=(flat,)), height=24)
    assert len([line for line in lines[1:] if line.rstrip().endswith(" 1.064")]) == 1


def test_volume_stands_below_where_there_is_room() -> None:
    view = chart(200)
    loud = tuple(replace(b, volume=cash(str(n * 100))) for n, b in enumerate(view.bars))
    view = replace(view, bars=loud)
    lines = drawn(view, height=24)
    assert any("v19.9k" in line for line in lines)
    assert lines[-2][:44].strip("#: ") == ""
    assert not any("v19.9k" in line for line in drawn(view, height=13))
    silent = replace(view, bars=tuple(replace(bar, volume=0) for bar in view.bars))
    assert not any(" v0" in line for line in drawn(silent, height=24))


def test_the_axis_does_not_move_with_the_decimals_of_a_price() -> None:
    view = chart(200)
    last = replace(view.bars[-1], close=view.bars[-1].close + 1_234)
    view = replace(view, bars=(*view.bars[:-1], last))
    assert drawn(view)[1:] == drawn()[1:]
    assert "c 67,412.30001234" in "".join(drawn(view, ChartWindow(crosshair=0)))


def test_no_price_of_the_axis_is_cut() -> None:
    entry = ChartLevel("position", OrderSide.BUY, cash("66900.12345678"))
    resting = ChartLevel("entry", OrderSide.BUY, cash("66950.123"))
    lines = drawn(replace(chart(200), levels=(entry,)), height=24)
    assert any(line.rstrip().endswith("E66,900.12") for line in lines)
    lines = drawn(replace(chart(200), levels=(entry, resting)), height=24)
    assert any(line.rstrip().endswith("b66,950.123") for line in lines)
    assert max(len(line) for line in lines) <= 55


def test_resting_orders_are_marked_by_side() -> None:
    levels = (
        ChartLevel("entry", OrderSide.BUY, cash("66900")),
        ChartLevel("entry", OrderSide.SELL, cash("67300")),
        ChartLevel("entry", OrderSide.BUY, cash("1000")),
    )
    text = "\n".join(drawn(replace(chart(200), levels=levels), height=24))
    assert "b66,900.00" in text
    assert "s67,300.00" in text
    assert "1,000.00" not in text.replace("67,000.00", "")


def test_a_log_scale_wants_prices_above_zero() -> None:
    view = chart(200)
    assert has_log_scale(view)
    assert has_log_scale(None)
    assert drawn(view, ChartWindow(is_log=True))[0].startswith("5m  log  ")
    broken = replace(view, bars=(*view.bars[:-1], replace(view.bars[-1], low=0)))
    assert not has_log_scale(broken)
    head = drawn(broken, ChartWindow(is_log=True), width=90)[0]
    assert head.startswith("5m  not log: a price is not above 0")


def test_bars_longer_than_the_timeframe_are_drawn_as_they_are() -> None:
    view = chart(200)
    hours = tuple(replace(bar, open_time=bar.open_time * 1) for bar in view.bars[::12])
    view = replace(view, bars=hours, lines=(), levels=())
    assert drawn(view)[0].startswith("1h")


def test_panning_goes_back_in_time_and_stops_at_the_oldest() -> None:
    assert drawn(window=ChartWindow(pan=24)) != drawn()
    assert "24 back" in drawn(window=ChartWindow(pan=24))[0]
    oldest = drawn(window=ChartWindow(pan=156))
    assert drawn(window=ChartWindow(pan=500)) == oldest
    assert "156 back" in oldest[0]


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


def test_a_level_far_away_does_not_flatten_the_candles() -> None:
    view = chart(200)
    far = replace(view.levels[1], price=cash("1000"))
    lines = drawn(replace(view, levels=(far,)))
    assert sum(any(char in "o#|" for char in line[:44]) for line in lines[:-1]) > 5


def test_500_candles_at_200x50_are_drawn_in_few_calls() -> None:
    def calls_for(bars: int) -> int:
        view, calls = chart(bars), 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            chart_lines(
                view,
                BTC,
                ChartWindow(zoom=4),
                width=200,
                height=50,
                ascii_only=False,
                opened_time=OPENED,
            )
        finally:
            sys.setprofile(None)
        return calls

    many = calls_for(500)
    assert many < 30_000  # 23,000 when this was written
    assert calls_for(2_000) < 2 * many  # four times as many candles come to as many columns
