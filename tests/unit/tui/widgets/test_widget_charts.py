from __future__ import annotations

from tests.tui.fixtures import NOW

from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import UiView
from tradetui.strategy.widget_types import BarChart, Candle, Candles, Histogram, LineChart, Series
from tradetui.strategy.widgets import encode_widgets
from tradetui.tui.lines import plain
from tradetui.tui.widgets.strategy_widgets import ui_lines

LINE = LineChart(
    title="spread",
    series=(Series("fast", (1.0, 2.0, None, 4.0)), Series("slow", (-1.0, 0.0, 1.0, 2.0))),
)  # fmt: skip


def drawn(*widgets: object, width: int = 40, height: int = 60) -> list[str]:
    view = UiView(StrategyId("btc-mr"), NOW, encode_widgets(widgets))  # type: ignore[arg-type]
    return [plain(line) for line in ui_lines(view, width, height, ascii_only=True)]


def test_a_line_chart_has_axis_zero_and_legend() -> None:
    lines = drawn(LINE)
    assert lines[0].startswith("-- spread ---")
    assert lines[1].rstrip().endswith("4")
    assert any(line.rstrip().endswith(" 0") for line in lines)
    assert lines[-1].startswith(". fast 4  : slow 2")


def test_a_chart_without_points_says_so() -> None:
    assert drawn(LineChart(series=(Series("", (None, None)),))) == ["no points yet"]
    assert drawn(Candles(candles=())) == ["no candles yet"]


def test_a_histogram_shows_counts_and_the_ends_of_its_range() -> None:
    lines = drawn(Histogram(low=-1.5, high=4.0, counts=(1, 0, 4, 2)), width=42)
    assert lines[0].endswith(" 4")
    assert lines[0].index("#") == 20
    assert lines[-1].split() == ["-1.5", "7", "numbers", "4"]
    assert drawn(Histogram(low=0.0, high=0.0, counts=())) == ["no numbers yet"]


def test_bars_of_a_line_chart_stand_on_zero() -> None:
    series = Series("hist", (2.0, -2.0, 0.0, 2.0), is_bars=True)
    lines = drawn(LineChart(series=(series,)), width=9)
    assert lines[0][0] in "#:"
    middle = next(at for at, line in enumerate(lines) if line.rstrip().endswith(" 0"))
    assert all("#" not in line[1:3] for line in lines[: middle - 1])
    up_only = drawn(LineChart(series=(Series("", (5.0, 6.0), is_bars=True),)))
    assert any(line.rstrip().endswith(" 0") for line in up_only)


def test_charts_over_time_have_a_time_axis_where_there_is_room() -> None:
    start, minute = 1_795_132_800 * 10**9, 60 * 10**9
    xs = tuple(float(start + n * 5 * minute) for n in range(120))
    line = LineChart(series=(Series("", tuple(float(n) for n in range(120)), xs, True),))
    assert ":00" in drawn(line, width=70)[-1]
    candles = tuple(Candle(x, 1.0, 2.0, 0.5, 1.5) for x in xs)
    words = drawn(Candles(candles=candles), width=70)[-1].split()
    assert words
    assert all(":" in word or "-" in word for word in words)
    assert ":00" not in drawn(line, width=70, height=4)[-1]


def test_points_with_times_are_spread_over_the_width() -> None:
    xs = (1.7e18, 1.7e18 + 5e17, 1.7e18 + 1e18)
    lines = drawn(LineChart(series=(Series("", (1.0, 2.0, 3.0), xs, True),)))
    assert lines[0].index(".") > 30


def test_candles_fill_the_width_and_the_newest_is_at_the_right() -> None:
    rows = tuple(Candle(float(n), 1.0, 2.0 + n % 2, 0.5, 1.5) for n in range(200))
    lines = drawn(Candles(candles=rows), width=50)
    assert any(line[0] in "o#|" for line in lines)
    assert any(line[45:46] in "o#|" for line in lines)


def test_ascii_charts_are_ascii_whatever_their_names_are() -> None:
    widgets = (
        LineChart(title="σ", series=(Series("µ", (1.0, 2.0)), Series("λ", (2.0,), is_bars=True))),
        Candles(title="ночь", candles=(Candle(0.0, 1.0, 2.0, 0.5, 1.5),), lines=(LINE.series[0],)),
        BarChart(title="→", labels=("ü", "b"), values=(1.0, None)),
        Histogram(title="▁", low=0.0, high=1.0, counts=(1, 2)),
    )  # fmt: skip
    assert all(line.isascii() for line in drawn(*widgets, width=60))


def test_of_several_bars_in_a_column_the_newest_stands() -> None:
    bars = Series("", tuple([9.0] * 50 + [-1.0] * 50), is_bars=True)
    lines = drawn(LineChart(series=(bars,)), width=12)
    assert lines[0][0] in "#:"
    assert lines[0][9] == " "
