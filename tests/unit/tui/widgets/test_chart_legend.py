from __future__ import annotations

import pytest
from tests.tui.fixtures import INSTRUMENTS, cash

from tradetui.tui.lines import plain, text_line
from tradetui.tui.widgets.chart_legend import (
    MARKS,
    Entry,
    legend,
    name_text,
    number_text,
    packed,
    volume_text,
)
from tradetui.tui.widgets.chart_raster import SOLID


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0"), ("0.0123", "0.0123"), ("950", "950"), ("1250", "1.25k"), ("12100000", "12.1M"),
     ("3000000000", "3G")],
)  # fmt: skip
def test_volume_is_written_short(amount: str, text: str) -> None:
    assert volume_text(cash(amount), INSTRUMENTS[1]) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0, "0"), (1234567.0, "1,234,567"), (1e-9, "0.000000001"), (2.5, "2.5"),
     (-3.75719, "-3.75719"), (1e20, "100,000,000,000,000,000,000"), (1e-12, "0")],
)  # fmt: skip
def test_numbers_are_plain(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_name_is_printable_and_ascii_where_it_must_be() -> None:
    assert name_text("\x1b[2Jσ", ascii_only=False) == "?[2Jσ"
    assert name_text("σ band", ascii_only=True) == "? band"


def items(*texts: str) -> list[tuple[tuple[str, str], ...]]:
    return [text_line(text) for text in texts]


def test_items_are_packed_into_lines_and_what_is_left_out_is_counted() -> None:
    lines = packed(items("aaa", "bbb", "ccc", "ddd"), 8, 2)
    assert [plain(line) for line in lines] == ["aaa  bbb", "ccc  ddd"]
    lines = packed(items("aaa", "bbb", "ccc", "ddd"), 8, 1)
    assert [plain(line) for line in lines] == ["aaa  +3"]
    assert packed([], 8, 2) == []
    assert plain(packed(items("a" * 20), 8, 1)[0]) == "a" * 20


def test_values_give_way_to_names() -> None:
    entries = [Entry("fast", SOLID, "line", "67,000.10"), Entry("", SOLID, "line2", "5")]
    wide = legend(entries, 80, ascii_only=True)
    assert [plain(item) for item in wide] == [". fast 67,000.10", ". 5"]
    narrow = legend(entries, 12, ascii_only=True)
    assert [plain(item) for item in narrow] == [". fast", ". 5"]


def test_every_mark_is_explained_in_ascii() -> None:
    assert all((mark + text).isascii() for mark, text in MARKS)
