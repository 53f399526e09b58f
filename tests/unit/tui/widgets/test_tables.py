"""Lists as text for other programs: nothing in a cell breaks a line, a sheet or a terminal."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tradetui.tui.widgets.lists import Cell, ListColumn, ListContent, ListRow
from tradetui.tui.widgets.tables import table_text, ungrouped

HOSTILE = "=1+1\x1b[2J\tx\ny"
CONTENT = ListContent(
    (ListColumn("TIME", 8), ListColumn("OPEN PNL", 8), ListColumn("", 4)),
    (
        ListRow(
            "one",
            "one",
            (Cell("14:30:00"), Cell("+1,234.50"), Cell(HOSTILE)),
            day="2026-11-20",
        ),
        ListRow("two", "two", (Cell("14:31:00"), Cell("-7 USDT"), Cell("plain"))),
    ),
    "none",
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,234,567.89", "1234567.89"),
        ("+46.92", "46.92"),
        ("-1,000", "-1000"),
        ("+1,000 USDT", "1000 USDT"),
        ("12,34", "12,34"),
        ("+op", "+op"),
        ("a,b", "a,b"),
        ("", ""),
    ],
)
def test_numbers_lose_their_separators_and_other_text_nothing(text: str, plain: str) -> None:
    assert ungrouped(text) == plain


def test_plain_has_a_line_a_row_and_a_tab_between_cells() -> None:
    lines = table_text(CONTENT, CONTENT.rows, "plain").split("\n")
    assert lines[0].split("\t") == ["time", "open_pnl", "note"]
    assert lines[1].split("\t") == ["2026-11-20 14:30:00", "1234.50", "=1+1?[2J x y"]
    assert lines[2].split("\t") == ["14:31:00", "-7 USDT", "plain"]
    assert len(lines) == 3


def test_what_a_list_rounds_is_exact_for_other_programs() -> None:
    row = ListRow("one", "one", (Cell("0.4995 USDT", exact="0.49948979 USDT"),))
    content = ListContent((ListColumn("FEE", 8),), (row,), "none")
    assert table_text(content, content.rows, "plain") == "fee\n0.49948979 USDT"
    (told,) = json.loads(f"[{table_text(content, content.rows, 'json')}]")
    assert told == {"fee": "0.49948979", "fee_currency": "USDT"}


def test_csv_is_safe_for_spreadsheets() -> None:
    rows = list(csv.reader(io.StringIO(table_text(CONTENT, CONTENT.rows, "csv"))))
    assert rows[0] == ["time", "open_pnl", "open_pnl_currency", "note"]
    assert rows[2][1:3] == ["-7", "USDT"]
    assert rows[1][3].startswith("'=")
    assert "\x1b" not in rows[1][2]


def test_json_is_an_object_a_line() -> None:
    lines = table_text(CONTENT, CONTENT.rows[1:], "json").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"time": "14:31:00", "open_pnl": "-7", "open_pnl_currency": "USDT", "note": "plain"}
    ]


@pytest.mark.parametrize("picture", ["▁▃█", "_.-=+*#@", "██░░"])
def test_a_picture_under_a_heading_is_left_out(picture: str) -> None:
    columns = (ListColumn("ID", 4), ListColumn("CURVE", 8))
    row = ListRow("a", "a", (Cell("a"), Cell(picture)))
    assert table_text(ListContent(columns, (row,), ""), (row,), "csv") == "id\na\n"


def test_a_bar_beside_its_number_is_left_out_and_blanks_too() -> None:
    columns = (ListColumn("USED", 4), ListColumn("", 6))
    rows = (ListRow("a", "", (Cell("2 "), Cell("##...."))),)
    assert table_text(ListContent(columns, rows, "none"), rows, "csv") == "used\n2\n"
