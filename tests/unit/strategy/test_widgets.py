from __future__ import annotations

import math
from collections import deque
from typing import Any

import msgspec
import pytest
from strategy_testing import BTC, START, make_bar

from tradetui.strategy.feeds import BarFeed, bars
from tradetui.strategy.widgets import (
    BarChart,
    Candle,
    Candles,
    Histogram,
    LineChart,
    Log,
    Metric,
    Placeholder,
    Progress,
    Series,
    Table,
    Text,
    Widget,
    decode_widgets,
    encode_widgets,
    parse_widgets,
)


def one(**item: Any) -> Widget:
    widgets = parse_widgets({"widgets": [item]})
    assert len(widgets) == 1
    return widgets[0]


def series(data: Any) -> Series:
    chart = one(type="line_chart", data=data)
    assert isinstance(chart, LineChart)
    return chart.series[0]


def test_nothing_is_nothing() -> None:
    assert parse_widgets({"widgets": []}) == ()
    assert parse_widgets([]) == ()


def test_line_chart_of_numbers() -> None:
    assert series([1, 2.5, None, math.nan, math.inf]) == Series("", (1.0, 2.5, None, None, None))
    assert series(deque([1, 2])).y == (1.0, 2.0)
    assert series([]).y == ()


def test_line_chart_of_pairs() -> None:
    assert series([[0, 1], (1, None)]) == Series("", (1.0, None), (0.0, 1.0))
    assert series([[START, 1.0]]).is_time


def test_line_chart_of_named_series() -> None:
    chart = one(type="line_chart", title="both", data={"a": [1], "b": [[0, 2]]})
    assert chart == LineChart(
        title="both", series=(Series("a", (1.0,)), Series("b", (2.0,), (0.0,)))
    )


def test_the_newest_points_are_kept() -> None:
    points = series(list(range(5000))).y
    assert len(points) == 2000
    assert points[-1] == 4999.0


@pytest.mark.parametrize(
    ("value", "extra", "text", "number"),
    [
        (123, {}, "123", 123.0),
        (1.23456789, {}, "1.23457", 1.23456789),
        (67364.333, {}, "67,364.33", 67364.333),
        (67364.0, {}, "67,364", 67364.0),
        (1.23456, {"decimals": 2}, "1.23", 1.23456),
        (12345.6, {"decimals": 1}, "12,345.6", 12345.6),
        (None, {"decimals": 1}, "-", None),
        (math.nan, {}, "-", None),
        ("up\x1b[31m", {}, "up?[31m", None),
        (True, {}, "yes", None),
        (False, {}, "no", None),
    ],
)
def test_metric(value: object, extra: dict[str, Any], text: str, number: float | None) -> None:
    widget = one(type="metric", label="PnL", value=value, unit="USDT", **extra)
    assert widget == Metric(label="PnL", text=text, value=number, unit="USDT")


def test_a_table_is_of_rows_or_of_dicts() -> None:
    widget = one(type="table", columns=["id", "amount"], rows=[["a", 1.5], ("b", None)])
    assert widget == Table(
        columns=("id", "amount"), rows=(("a", "1.5"), ("b", "-")), numeric=(False, True)
    )
    assert one(type="table", columns=["a"], rows=[]) == Table(columns=("a",), numeric=(False,))
    of_dicts = one(type="table", data=[{"x": 1, "y": True}, {"x": "z"}])
    assert of_dicts == Table(
        columns=("x", "y"), rows=(("1", "yes"), ("z", "-")), numeric=(False, False)
    )
    long = one(type="table", columns=["n"], rows=[[n] for n in range(500)])
    assert isinstance(long, Table)
    assert len(long.rows) == 200
    assert long.rows[-1] == ("499",)


def test_text_and_log() -> None:
    assert one(type="text", text="a\nb\x07") == Text(lines=("a", "b?"))
    assert one(type="text", data=["x", 5]) == Text(lines=("x", "5"))
    log = one(type="log", lines=[str(n) for n in range(500)])
    assert isinstance(log, Log)
    assert len(log.lines) == 200
    assert log.lines[-1] == "499"
    assert one(type="log", data=[]) == Log(lines=())
    assert one(type="text", text="x" * 1000).lines[0].endswith("...")


def test_bar_chart() -> None:
    wanted = BarChart(labels=("a", "b"), values=(1.0, None))
    assert one(type="bar_chart", data={"a": 1, "b": None}) == wanted
    assert one(type="bar_chart", data=[["a", 1], ("b", None)]) == wanted
    assert one(type="bar_chart", data=[1, None], labels=["a", "b"]) == wanted
    assert one(type="bar_chart", data=[7]) == BarChart(labels=("0",), values=(7.0,))
    assert one(type="bar_chart", data={2: 7}) == BarChart(labels=("2",), values=(7.0,))


def test_candles() -> None:
    widget = one(type="candles", data=[[0, 1, 3, 0.5, 2], [1, 2, 2, 2, 2, 9]], lines={"a": [1, 2]})
    assert widget == Candles(
        candles=(Candle(0.0, 1.0, 3.0, 0.5, 2.0), Candle(1.0, 2.0, 2.0, 2.0, 2.0, 9.0)),
        lines=(Series("a", (1.0, 2.0)),),
    )
    feed = BarFeed("bars", bars("1m"), BTC)
    bar = feed.push(make_bar(100.0))
    of_views = one(type="candles", data=feed.history)
    assert of_views == Candles(candles=(Candle(float(bar.time), 100.0, 100.0, 100.0, 100.0, 1.0),))
    of_rows = one(type="candles", data=feed.candles)
    assert isinstance(of_rows, Candles)
    assert of_rows.candles[0].volume is None


def test_progress() -> None:
    assert one(type="progress", label="tour", value=3, max=4, text="next") == Progress(
        label="tour", fraction=0.75, text="next"
    )
    assert one(type="progress", value=9) == Progress(label="", fraction=1.0)
    assert one(type="progress", value=-1) == Progress(label="", fraction=0.0)
    assert one(type="progress", value=None) == Progress(label="", fraction=None)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (5, "a widget must be a dict, got int"),
        ({}, "unknown widget type None; the types are line_chart, metric"),
        ({"type": "line_chrt"}, "unknown widget type 'line_chrt'; did you mean line_chart?"),
        ({"type": "pie"}, "unknown widget type 'pie'; the types are"),
        ({"type": ["x"]}, "unknown widget type ['x']"),
        ({"type": "line_chart"}, "line_chart: data is missing"),
        ({"type": "line_chart", "data": None}, "line_chart: data is missing"),
        ({"type": "line_chart", "data": 5}, "line_chart: data must be a list, got int"),
        ({"type": "line_chart", "data": "12"}, "line_chart: data must be a list, got str"),
        ({"type": "line_chart", "data": [1, "x"]}, "line_chart: a point must be a number, got str"),
        ({"type": "line_chart", "data": [True]}, "line_chart: a point must be a number, got bool"),
        ({"type": "line_chart", "data": [10**400]}, "line_chart: a point is out of range"),
        ({"type": "line_chart", "data": [[0, 1], 2]}, "line_chart: points must all be numbers"),
        ({"type": "line_chart", "data": [[0, 1, 2]]}, "line_chart: points must all be numbers"),
        ({"type": "line_chart", "data": [[None, 1]]}, "line_chart: x of a point must be a number"),
        ({"type": "line_chart", "data": {"a": 1}}, "line_chart: series a must be a list, got int"),
        (
            {"type": "line_chart", "data": {str(n): [] for n in range(13)}},
            "line_chart: 13 series, at most 12 are drawn",
        ),
        ({"type": "line_chart", "data": {None: []}}, "line_chart: a label must be a text"),
        ({"type": "metric", "value": 1}, "metric: label is missing"),
        ({"type": "metric", "label": "x"}, "metric: value is missing"),
        ({"type": "metric", "label": "x", "value": []}, "metric: value must be a number, got list"),
        (
            {"type": "metric", "label": "x", "value": 1, "decimals": 13},
            "metric: decimals must be a whole number from 0 to 12, got 13",
        ),
        (
            {"type": "metric", "label": "x", "value": 1, "decimals": True},
            "metric: decimals must be a whole number",
        ),
        ({"type": "table"}, "table: rows must be a list, got NoneType"),
        ({"type": "table", "rows": []}, "table: columns must be a list, got NoneType"),
        ({"type": "table", "rows": [], "columns": []}, "table: a table has from 1 to 16 columns"),
        (
            {"type": "table", "rows": [["a"]], "columns": ["x", "y"]},
            "table: row 1 has 1 cells for 2 columns",
        ),
        ({"type": "table", "rows": [5], "columns": ["x"]}, "table: row 1 must be a list, got int"),
        ({"type": "text"}, "text: text must be a list, got NoneType"),
        ({"type": "bar_chart"}, "bar_chart: data is missing"),
        ({"type": "bar_chart", "data": [[1, 2, 3]]}, "bar_chart: data must be numbers"),
        ({"type": "bar_chart", "data": [1], "labels": []}, "bar_chart: 0 labels for 1 values"),
        ({"type": "bar_chart", "data": ["x"]}, "bar_chart: a value must be a number, got str"),
        ({"type": "candles", "data": [[1, 2]]}, "candles: candle 1 must be [time, open"),
        (
            {"type": "candles", "data": [[0, 1, 1, 1, None]]},
            "candles: candle 1 has a number missing",
        ),
        ({"type": "candles", "data": [5]}, "candles: candle 1 must be a list, got int"),
        ({"type": "progress"}, "progress: value is missing"),
        ({"type": "progress", "value": 1, "max": 0}, "progress: max must be above 0"),
        ({"type": "progress", "value": 1, "max": None}, "progress: max must be above 0"),
        ({"type": "text", "text": "x", "title": []}, "text: a label must be a text, got list"),
    ],
)
def test_a_malformed_widget_is_a_placeholder(item: Any, reason: str) -> None:
    widgets = parse_widgets({"widgets": [item, {"type": "text", "text": "after"}]})
    assert isinstance(widgets[0], Placeholder)
    assert widgets[0].reason.startswith(reason)
    assert widgets[1] == Text(lines=("after",))


def test_a_placeholder_keeps_its_title() -> None:
    assert one(type="metric", title="mine") == Placeholder(
        title="mine", reason="metric: label is missing"
    )


@pytest.mark.parametrize("raw", [None, 5, "x", {}, {"widgets": None}, {"widgets": {}}])
def test_a_render_of_something_else_is_a_placeholder(raw: Any) -> None:
    assert parse_widgets(raw) == (Placeholder(reason='render() must return {"widgets": [...]}'),)


def test_too_many_widgets_are_said() -> None:
    widgets = parse_widgets([{"type": "text", "text": str(n)} for n in range(40)])
    assert len(widgets) == 33
    assert widgets[-1] == Placeholder(reason="8 more widgets: at most 32 are shown")


class Hostile(dict[str, Any]):
    """A mapping whose methods raise."""

    def get(self, key: str, default: Any = None) -> Any:
        raise RuntimeError("no")


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_hostile_objects_do_no_harm() -> None:
    assert parse_widgets(Hostile())[0] == Placeholder(
        reason="render() returned what cannot be read: RuntimeError no"
    )
    assert parse_widgets([Hostile()])[0] == Placeholder(
        reason="a widget cannot be read: RuntimeError no"
    )
    assert one(type="text", data=[Unprintable()]) == Placeholder(
        reason="text cannot be read: RuntimeError no"
    )


def test_bars_of_a_line_chart_are_named() -> None:
    data = {"a": [1], "b": [2]}
    chart = one(type="line_chart", data=data, bars=["b"])
    assert [series.is_bars for series in chart.series] == [False, True]
    assert [series.is_bars for series in one(type="line_chart", data=data, bars=True).series] == [
        True,
        True,
    ]
    assert one(type="line_chart", data=[1], bars=True).series[0].is_bars
    assert not one(type="line_chart", data=[1], bars=False).series[0].is_bars


def test_numbers_are_counted_into_bins() -> None:
    assert one(type="histogram", data=[0, 1, 2, 3, 4, None, math.nan], bins=2) == Histogram(
        low=0.0, high=4.0, counts=(2, 3)
    )
    assert one(type="histogram", data=[5, 5]) == Histogram(low=5.0, high=5.0, counts=(2,))
    assert one(type="histogram", data=[]) == Histogram(low=0.0, high=0.0, counts=())
    assert sum(one(type="histogram", data=[-0.1, 0.1, 0.3]).counts) == 3


@pytest.mark.parametrize(
    ("widget", "reason"),
    [
        ({"type": "histogram"}, "histogram: data is missing"),
        ({"type": "histogram", "data": ["x"]}, "histogram: a number must be a number, got str"),
        ({"type": "histogram", "data": [1], "bins": 1}, "histogram: bins must be a whole number"),
        ({"type": "histogram", "data": [1], "bins": True}, "histogram: bins must be a whole"),
        ({"type": "histogram", "data": [-1e308, 1e308]}, "histogram: data reaches too far"),
        ({"type": "line_chart", "data": [1], "bars": ["x"]}, "line_chart: bars names x, which"),
        ({"type": "line_chart", "data": [1], "bars": 3}, "line_chart: bars must be a list"),
    ],
)
def test_what_is_wrong_with_bars_and_bins_is_said(widget: dict[str, object], reason: str) -> None:
    assert one(**widget).reason.startswith(reason)


def test_json_there_and_back() -> None:
    widgets = parse_widgets(
        [
            {"type": "line_chart", "data": {"a": [1, None], "b": [[0, 1]]}},
            {"type": "metric", "label": "x", "value": 1},
            {"type": "table", "columns": ["a"], "rows": [[1]]},
            {"type": "text", "text": "x"},
            {"type": "bar_chart", "data": {"a": 1}},
            {"type": "line_chart", "data": [1, -1], "bars": True},
            {"type": "histogram", "data": [1, 2]},
            {"type": "candles", "data": [[0, 1, 1, 1, 1]]},
            {"type": "log", "lines": ["x"]},
            {"type": "progress", "value": 0.5},
            {"type": "nothing"},
        ]
    )
    data = encode_widgets(widgets)
    assert isinstance(data, bytes)
    assert decode_widgets(data) == widgets
    assert decode_widgets(b"[]") == ()
    with pytest.raises(msgspec.ValidationError):
        decode_widgets(b'[{"type": "pie"}]')
