"""Sorting by what cells say, and hiding columns."""

from __future__ import annotations

import pytest

from tradetui.tui.widgets.arranging import AS_IT_COMES, Arrangement, arranged, sort_key
from tradetui.tui.widgets.instance_columns import Cell
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow

CONTENT = ListContent(
    (ListColumn("NAME", 4), ListColumn("SIZE", 8, right=True), ListColumn("", 0)),
    tuple(
        ListRow(name, "", (Cell(name), Cell(size), Cell("x")))
        for name, size in (
            ("b", "1,204.50"),
            ("A", "-3.10"),
            ("d", "?"),
            ("c", "+12.40 USDT"),
            ("e", "-"),
            ("f", "9 %"),
        )
    ),
    "nothing",
)


def names(wanted: Arrangement) -> str:
    return "".join(row.key for row in arranged(CONTENT, wanted).rows)


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        (AS_IT_COMES, "bAdcef"),
        (Arrangement("SIZE"), "Afcbde"),
        (Arrangement("SIZE", True), "bcfAde"),
        (Arrangement("NAME"), "Abcdef"),
        (Arrangement("NO SUCH"), "bAdcef"),
    ],
)
def test_sorting(wanted: Arrangement, order: str) -> None:
    assert names(wanted) == order


def test_numbers_come_before_words() -> None:
    assert sort_key(Cell("10")) > sort_key(Cell("9"))
    assert sort_key(Cell("10")) < sort_key(Cell("a"))


def test_a_column_chosen_again_turns_round_then_ends() -> None:
    once = AS_IT_COMES.sorted_by("SIZE")
    assert (once.sort, once.descending) == ("SIZE", False)
    twice = once.sorted_by("SIZE")
    assert twice.descending
    assert twice.sorted_by("SIZE") == AS_IT_COMES
    assert twice.sorted_by("NAME") == Arrangement("NAME")


def test_hidden_columns_go_with_their_cells() -> None:
    wanted = AS_IT_COMES.toggled("SIZE")
    shown = arranged(CONTENT, wanted)
    assert [column.heading for column in shown.columns] == ["NAME", ""]
    assert [cell.text for cell in shown.rows[0].cells] == ["b", "x"]
    assert wanted.toggled("SIZE") == AS_IT_COMES


def test_never_all_columns_are_hidden() -> None:
    wanted = Arrangement(hidden=("NAME", "SIZE", ""))
    assert arranged(CONTENT, wanted).columns == CONTENT.columns


def test_a_hidden_column_still_sorts() -> None:
    shown = arranged(CONTENT, Arrangement("SIZE", False, ("SIZE",)))
    assert next(row.key for row in shown.rows) == "A"
