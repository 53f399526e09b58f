from __future__ import annotations

import pytest

from tradetui.tui.lines import plain
from tradetui.tui.widgets.chart_raster import (
    SOLID,
    STROKES,
    Candlestick,
    Canvas,
    Scale,
    scale_for,
)


def shown(canvas: Canvas) -> list[str]:
    return [plain(line) for line in canvas.lines()]


def test_box_characters_have_half_a_row_of_resolution() -> None:
    canvas = Canvas(1, 4, ascii_only=False)
    canvas.candle(0, Candlestick(2.0, 4.0, 0.0, 0.9), Scale(4.0, 0.0, 4))
    assert [plain(line) for line in canvas.lines()] == ["│", "│", "┃", "╿"]
    canvas = Canvas(1, 4, ascii_only=False)
    canvas.candle(0, Candlestick(2.4, 3.4, 1.4, 1.6), Scale(4.0, 0.0, 4))
    assert [plain(line) for line in canvas.lines()] == ["╷", "╽", "╿", " "]


def test_a_logarithmic_scale_gives_equal_ratios_equal_room() -> None:
    scale = Scale(10_000.0, 1.0, 8, is_log=True)
    assert [scale.position(value) for value in (10_000, 100, 1)] == pytest.approx([0, 4, 8])
    assert scale.row(0) > scale.rows
    assert scale.row(-5.0) > scale.rows


def test_a_scale_has_half_a_row_of_room_on_both_sides() -> None:
    linear = scale_for([0.0, 10.0], 11)
    assert (linear.top, linear.bottom) == (10.5, -0.5)
    log = scale_for([1.0, 100.0], 5, is_log=True)
    assert log.position(100.0) == pytest.approx(0.5, abs=0.2)
    assert log.position(1.0) == pytest.approx(4.5, abs=0.2)
    assert not scale_for([0.0, 10.0], 5, is_log=True).is_log
    assert scale_for([5.0], 3).row(5.0) == 1


@pytest.mark.parametrize(
    ("value", "ascii_only", "wanted"),
    [
        (8.0, False, ["█", "█", "█", "█"]),
        (5.0, False, [" ", "▄", "█", "█"]),
        (0.01, False, [" ", " ", " ", "▁"]),
        (5.0, True, [" ", ":", "#", "#"]),
        (0.01, True, [" ", " ", " ", ":"]),
    ],
)
def test_a_column_stands_on_the_edge(value: float, ascii_only: bool, wanted: list[str]) -> None:
    canvas = Canvas(1, 4, ascii_only=ascii_only)
    canvas.column(0, value, Scale(8.0, 0.0, 4), "up", 0.0)
    assert shown(canvas) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(3.0, ["█", "█", " ", " "]), (-2.0, [" ", " ", "█", "▀"]), (0.0, [" ", "▄", " ", " "])],
)
def test_a_column_goes_up_or_down_from_its_base(value: float, wanted: list[str]) -> None:
    canvas = Canvas(1, 4, ascii_only=False)
    canvas.column(0, value, Scale(3.0, -3.0, 4), "up", 0.0)
    expected = {3.0: ["█", "█", " ", " "], -2.0: [" ", " ", "█", "▀"], 0.0: wanted}[value]
    assert shown(canvas) == expected


def test_strokes_differ_without_colour() -> None:
    assert len({stroke.char for stroke in STROKES}) == len(STROKES)
    assert len({stroke.sample(ascii_only=False) for stroke in STROKES}) == len(STROKES)
    assert SOLID.sample(ascii_only=True) == "."
    pictures = []
    for stroke in STROKES:
        canvas = Canvas(20, 3, ascii_only=False)
        canvas.line([(0, 1.0), (19, 1.0)], Scale(2.0, 0.0, 3), "line", stroke)
        pictures.append(shown(canvas)[1])
    assert len(set(pictures)) == len(STROKES)


def test_a_line_leaves_what_is_painted_and_joins_other_lines() -> None:
    canvas = Canvas(3, 1, ascii_only=False)
    canvas.put(1, 0, "B", "buy")
    canvas.line([(0, 0.9), (2, 0.9)], Scale(1.0, 0.0, 1), "line")
    canvas.line([(0, 0.1), (2, 0.1)], Scale(1.0, 0.0, 1), "line2")
    (text,) = shown(canvas)
    assert text[1] == "B"
    assert text[0] == "⣉"


def test_a_rule_stays_behind_everything() -> None:
    canvas = Canvas(1, 3, ascii_only=True)
    canvas.put(0, 0, "o", "up")
    canvas.rule(0, "'", "axis")
    assert shown(canvas) == ["o", " ", "'"]


def test_a_canvas_without_room_draws_nothing() -> None:
    canvas = Canvas(0, 2, ascii_only=True)
    canvas.put(0, 0, "x", "up")
    assert shown(canvas) == ["", ""]
