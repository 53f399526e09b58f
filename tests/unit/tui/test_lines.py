from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tradetui.tui.lines import (
    beside,
    cells_of,
    changed_runs,
    crop,
    ellipsis,
    fit,
    folded,
    padded,
    plain,
    sides,
    text_line,
    width_of,
)


def test_fit_pads_cuts_and_aligns() -> None:
    assert fit("ab", 4) == "ab  "
    assert fit("ab", 4, right=True) == "  ab"
    assert fit("abcdef", 4) == "abcd"
    assert fit("", 0) == ""


def test_fit_counts_wide_characters_as_two_cells() -> None:
    assert fit("日本", 5) == "日本 "
    assert fit("日本", 6, right=True) == "  日本"
    assert fit("日本", 3) == "日 "


def test_crop_takes_cells_across_spans() -> None:
    line = (("abc", "x"), ("def", "y"))
    assert crop(line, 4) == (("abc", "x"), ("d", "y"))
    assert crop(line, 3, start=2) == (("c", "x"), ("de", "y"))
    assert crop(line, 10, start=6) == ()


def test_padded_makes_exactly_the_width() -> None:
    assert plain(padded((("ab", "x"),), 4)) == "ab  "
    assert plain(padded((("abcdef", "x"),), 4)) == "abcd"
    assert width_of(padded((("日", "x"),), 4)) == 4


def test_sides_keeps_the_right_text() -> None:
    assert plain(sides((("left is long", "x"),), (("right", "y"),), 10)) == "left right"


def test_beside_joins_blocks_of_different_height() -> None:
    rows = beside([(("a", "x"),)], 3, [(("1", "y"),), (("2", "y"),)])
    assert [plain(row) for row in rows] == ["a  1", "   2"]


@pytest.mark.parametrize(
    ("old", "new", "runs"),
    [
        ((("abc", "x"),), (("abc", "x"),), []),
        ((("abc", "x"),), (("abd", "x"),), [(2, 1)]),
        ((("abc", "x"),), (("abc", "y"),), [(0, 3)]),
        ((), (("ab", "base"),), [(0, 2)]),
        ((("a" * 20, "x"),), (("b" + "a" * 18 + "b", "x"),), [(0, 1), (19, 1)]),
        ((("a" * 6, "x"),), (("b" + "a" * 4 + "b", "x"),), [(0, 6)]),
    ],
)
def test_changed_runs_are_the_cells_that_differ(old, new, runs) -> None:
    assert changed_runs(old, new, 20) == runs


def test_a_line_with_wide_characters_changes_whole() -> None:
    assert changed_runs((("日", "x"),), (("本", "x"),), 10) == [(0, 10)]


@given(
    old=st.lists(st.tuples(st.text("ab ─┃", max_size=6), st.sampled_from("xy")), max_size=5),
    data=st.data(),
    width=st.integers(1, 30),
)
def test_changed_runs_hold_exactly_the_cells_that_differ(old, data, width) -> None:
    def other(span):
        text = data.draw(st.text("ab ─┃", min_size=len(span[0]), max_size=len(span[0])))
        return text, data.draw(st.sampled_from("xy"))

    new = tuple(data.draw(st.sampled_from([span, other(span)])) for span in old)
    before, after = cells(tuple(old), width), cells(new, width)
    runs = changed_runs(tuple(old), new, width)
    changed = {at for at in range(width) if before[at] != after[at]}
    covered = {at for start, length in runs for at in range(start, start + length)}
    assert changed <= covered
    for start, length in runs:
        assert start in changed
        assert start + length - 1 in changed
    assert runs == sorted(runs)


def test_a_wide_character_that_stays_does_not_repaint_its_line() -> None:
    old = (("日本", "x"), ("1", "x"))
    assert changed_runs(old, (("日本", "x"), ("2", "x")), 10) == [(4, 1)]


def cells(line, width):
    """Return one (character, look) per cell."""
    found = [(char, look) for text, look in line for char in text]
    return (found + [(" ", "base")] * width)[:width]


FOLDED = ((" run         ", "label"), ("run-1795256462048601734, step 51,359 of the demo", "base"))


@pytest.mark.parametrize("width", range(1, 70))
def test_a_folded_line_keeps_every_word_and_its_looks(width: int) -> None:
    pieces = folded(FOLDED, width)
    assert all(width_of(piece) <= width for piece in pieces)
    assert "".join(plain(piece).replace(" ", "") for piece in pieces) == plain(FOLDED).replace(
        " ", ""
    )
    if width > 40:
        assert plain(pieces[-1]).startswith(" " * 13) or len(pieces) == 1
        assert {look for piece in pieces for _, look in piece} == {"label", "base"}


def test_a_line_of_one_span_is_folded_under_its_first_word() -> None:
    pieces = folded(text_line("  one two three"), 9)
    assert [plain(piece) for piece in pieces] == ["  one two", "  three"]
    assert folded(text_line("short"), 9) == [text_line("short")]


def test_what_is_two_cells_wide_is_folded_by_cells() -> None:
    pieces = folded(text_line("\u4e2d" * 10), 8)
    assert [width_of(piece) for piece in pieces] == [8, 8, 4]
    assert plain(crop(text_line("a\u4e2db\u4e2d"), 3, 2)) == " b "


@pytest.mark.parametrize(
    ("width", "shown"), [(20, "a sentence"), (10, "a sentence"), (9, "a sent..."), (2, "..")]
)
def test_a_text_that_is_cut_says_so(width: int, shown: str) -> None:
    assert ellipsis("a sentence", width) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("BUY 0.0600 ETH limit 3,152.00", 27, "BUY 0.0600 ETH limit..."),
        ("BUY 0.0600 ETH limit 3,152.00", 17, "BUY 0.0600 ETH..."),
        ("BUY 0.0600 ETH limit 3,152.00", 14, "BUY 0.0600 ..."),
        ("BUY 0.0600 ETH limit 3,152.00", 13, "BUY..."),
        ("a limit=3,152.00 of it", 15, "a..."),
        ("see /tmp/tt-2026-11/journal.db", 20, "see /tmp/tt-2026-..."),
        ("3,152.00", 6, "######"),
        ("3,152.00", 8, "3,152.00"),
    ],
)
def test_a_number_is_never_cut(text: str, width: int, shown: str) -> None:
    assert ellipsis(text, width) == shown
    assert len(shown) <= width


def test_texts_of_one_cell_each_are_as_wide_as_they_are_counted_elsewhere() -> None:
    for first in range(0, 0x10000, 64):
        for code in range(first, first + 64):
            if 0xD800 <= code < 0xE000 or (code < 0x80 and not chr(code).isprintable()):
                continue
            assert cells_of(chr(code)) == cell_len(chr(code)), hex(code)
    assert cells_of("price │ ⠉⠁ 行") == 13
