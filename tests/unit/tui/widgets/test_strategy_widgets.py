from __future__ import annotations

import pytest
from tests.tui.fixtures import NOW

from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import UiView
from tradetui.strategy.widget_types import (
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
)
from tradetui.strategy.widgets import encode_widgets
from tradetui.tui.lines import plain, width_of
from tradetui.tui.widgets import strategy_widgets
from tradetui.tui.widgets.strategy_widgets import ui_lines

OWNER = StrategyId("btc-mr")
LINE = LineChart(
    title="spread",
    series=(Series("fast", (1.0, 2.0, None, 4.0)), Series("slow", (-1.0, 0.0, 1.0, 2.0))),
)  # fmt: skip
ALL = (
    Metric(label="z", text="+2.11", unit="sd"),
    Metric(label="atr", text="170.23"),
    LINE,
    Table(columns=("name", "n"), rows=(("a", "1"), ("b", "22")), numeric=(False, True)),
    Text(lines=("some words", "more")),
    BarChart(title="bars", labels=("up", "down", "gap"), values=(2.0, -1.0, None)),
    Candles(candles=(Candle(0, 1.0, 3.0, 0.5, 2.0), Candle(1, 2.0, 4.0, 1.0, 1.5)),
            lines=(Series("m", (1.5, 2.0)),)),
    Log(lines=tuple(f"line {n}" for n in range(9))),
    Progress(label="warm", fraction=0.5, text="100/200"),
    Progress(label="later", fraction=None),
    Placeholder(reason="unknown widget type 'pie'"),
    Histogram(title="histogram", low=-1.5, high=4.0, counts=(1, 0, 4, 2)),
    LineChart(title="macd", series=(Series("hist", (1.0, -2.0, None, 0.0, 3.0), is_bars=True),)),
)  # fmt: skip


def drawn(
    *widgets, width: int = 40, height: int = 60, ascii_only: bool = True, **more
) -> list[str]:
    view = UiView(OWNER, NOW, encode_widgets(widgets), **more)
    return [plain(line) for line in ui_lines(view, width, height, ascii_only=ascii_only)]


@pytest.mark.parametrize("widget", ALL, ids=lambda w: type(w).__name__)
@pytest.mark.parametrize("width", [8, 23, 70])
def test_each_widget_fits_its_panel(widget, width: int) -> None:
    view = UiView(OWNER, NOW, encode_widgets([widget]))
    lines = ui_lines(view, width, 20, ascii_only=True)
    assert lines
    assert len(lines) <= 20
    if width >= 23:
        assert max(width_of(line) for line in lines) <= width


def test_all_of_them_in_order() -> None:
    text = "\n".join(drawn(*ALL, height=80))
    places = [
        text.index(word) for word in ("+2.11", "spread", "name", "some words", "bars", "line 8")
    ]
    assert places == sorted(places)
    assert "unknown widget type 'pie'" in text
    assert "line 3" not in text
    assert text.isascii()


def test_metrics_share_a_line_where_there_is_room() -> None:
    assert drawn(ALL[0], ALL[1], width=60)[0].split() == ["z", "+2.11", "sd", "atr", "170.23"]
    assert len(drawn(ALL[0], ALL[1], width=20)) == 2


def test_numbers_of_a_table_are_aligned_right() -> None:
    assert [line.rstrip() for line in drawn(ALL[3])] == ["name   n", "a      1", "b     22"]


def test_progress_says_how_far() -> None:
    (line,) = drawn(ALL[8])
    assert "50% 100/200" in line
    assert "#" in line
    assert drawn(ALL[9])[0].split() == ["later", "?"]


def test_what_does_not_fit_is_counted() -> None:
    lines = drawn(*[Text(lines=("x",) * 10)], height=4)
    assert lines[-1] == "7 more lines: z"


def test_a_long_line_of_a_text_goes_on_and_an_empty_one_parts() -> None:
    text = Text(lines=("one two three four five six 1,234.50", "", "end"))
    lines = [line.rstrip() for line in drawn(text, width=12, height=9)]
    assert lines == ["one two", "three four", "five six", "1,234.50", "", "end"]


def test_an_error_of_render_stays_in_the_panel() -> None:
    lines = drawn(error="ZeroDivisionError: \x1b[2Jboom")
    assert lines == ["render() failed: ZeroDivisionError:", "?[2Jboom"]
    many = drawn(error=" ".join(["overwhelmed"] * 40))
    assert len(many) == 4 and many[-1].endswith("...")
    assert {word for line in many[:-1] for word in line.split()[-1:]} == {"overwhelmed"}


def test_bytes_that_are_no_widgets_stay_in_the_panel() -> None:
    view = UiView(OWNER, NOW, b"{not json")
    assert "the widgets cannot be read" in plain(ui_lines(view, 60, 5, ascii_only=True)[0])


def test_trouble_while_drawing_stays_in_its_widget(monkeypatch) -> None:
    def broken(*_: object) -> list[object]:
        raise ZeroDivisionError("boom")

    monkeypatch.setitem(strategy_widgets._DRAWERS, Text, broken)
    lines = drawn(ALL[4], ALL[3])
    assert lines[:2] == ["cannot draw Text: ZeroDivisionError:", "boom"]
    assert lines[2].startswith("name")


def test_nothing_drawn_is_said() -> None:
    assert plain(ui_lines(None, 30, 5, ascii_only=True)[0]) == "nothing drawn yet"
    assert drawn() == ["nothing drawn: render() gave no widgets"]


def test_hostile_text_is_made_printable() -> None:
    text = "\n".join(drawn(Text(lines=("\x1b]52;c;aGk=\x07", "[bold]x[/]")), ALL[0]))
    assert "\x1b" not in text
    assert "[bold]x[/]" in text


def test_the_same_widgets_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    real = strategy_widgets._stacked

    def counted(widgets: tuple[object, ...], width: int, height: int, **more: object) -> object:
        drawn.append(width)
        return real(widgets, width, height, **more)

    monkeypatch.setattr(strategy_widgets, "_stacked", counted)
    first = UiView(OWNER, NOW, encode_widgets((Metric(label="once", text="7"),)))
    later = UiView(OWNER, NOW + 1, encode_widgets((Metric(label="once", text="7"),)))
    lines = ui_lines(first, 31, 5, ascii_only=False)
    lines.append(())
    assert ui_lines(later, 31, 5, ascii_only=False) == lines[:-1]
    assert drawn == [31]
    ui_lines(later, 32, 5, ascii_only=False)
    assert drawn == [31, 32]


def test_of_an_instance_that_does_not_run_no_failure_is_told() -> None:
    lines = ui_lines(UiView(OWNER, NOW, b""), 40, 5, ascii_only=True)
    assert [plain(line) for line in lines] == ["nothing drawn yet"]
