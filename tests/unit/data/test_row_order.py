"""Files whose rows are out of order: put in order, left out, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tradetui.data.loader import load
from tradetui.data.problems import DataError
from tradetui.data.row_order import RowOrder
from tradetui.data.tables import MarketTable

T0 = 1_514_764_800_000
"""2018-01-01 00:00:00 UTC, ms."""

TRADES = "ts_ms,price,qty,side,trade_id\n"
BARS = "ts_ms,open,high,low,close,volume\n"


def in_order(times: Sequence[int]) -> RowOrder:
    """Keep every row."""
    rows = sorted(range(len(times)), key=lambda row: times[row])
    return RowOrder(rows, 2, 0)


def without_the_last(times: Sequence[int]) -> RowOrder:
    return RowOrder(in_order(times).rows[:-1], 1, 1)


def trades(folder: Path, *minutes: int, rest: str = "1.5,buy") -> Path:
    rows = "".join(f"{T0 + minute * 60_000},{minute}.25,{rest},id{minute}\n" for minute in minutes)
    path = folder / "x.csv"
    path.write_text(TRADES + rows)
    return path


def prices(table: MarketTable) -> list[int]:
    return table.columns["price"].tolist()


def test_every_column_follows(tmp_path: Path) -> None:
    table = load(trades(tmp_path, 1, 3, 2, 4), arrange=in_order)
    assert prices(table) == [125, 225, 325, 425]
    assert [(time // 1_000_000 - T0) // 60_000 for time in table.times.tolist()] == [1, 2, 3, 4]
    assert table.trade_ids is not None
    assert table.trade_ids.to_list() == ["id1", "id2", "id3", "id4"]
    assert table.columns["aggressor"].tolist() == [1, 1, 1, 1]
    assert (table.reordered, table.late) == (2, 0)
    assert "2 rows out of order were put in their place" in table.notes


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    table = load(trades(tmp_path, 1, 3, 2, 4), arrange=without_the_last)
    assert prices(table) == [125, 225, 325]
    assert (table.reordered, table.late) == (1, 1)
    assert any(note.startswith("1 rows left out: so late that") for note in table.notes)


def test_a_file_in_order_is_not_asked_about(tmp_path: Path) -> None:
    def never(times: Sequence[int]) -> RowOrder:
        raise AssertionError

    table = load(trades(tmp_path, 1, 2, 3), arrange=never)
    assert (table.reordered, table.late) == (0, 0)


def test_without_an_order_such_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 4, .*is before an earlier line .*; sort the file"):
        load(trades(tmp_path, 1, 3, 2))


def test_a_malformed_row_is_refused_by_its_line_all_the_same(tmp_path: Path) -> None:
    path = trades(tmp_path, 1, 3, 2)
    path.write_text(path.read_text() + f"{T0},-4,1,buy,id9\n")
    with pytest.raises(DataError, match=r"line 5, column price: is not above zero"):
        load(path, arrange=in_order)
    path.write_text(path.read_text().replace("-4", "four"))
    with pytest.raises(DataError, match=r"line 5, column price"):
        load(path, arrange=in_order)
    table = load(path, arrange=in_order, strict=False)
    assert prices(table) == [125, 225, 325]


def test_a_bar_that_is_there_twice_stays_refused(tmp_path: Path) -> None:
    rows = "".join(f"{T0 + minute * 60_000},1,2,1,2,3\n" for minute in (1, 2, 4, 3, 2, 5))
    path = tmp_path / "b.csv"
    path.write_text(BARS + rows)
    with pytest.raises(DataError, match=r"column ts_ms: is there twice .*; keep one bar"):
        load(path, arrange=in_order)
