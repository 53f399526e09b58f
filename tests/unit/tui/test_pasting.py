"""Pasted text is text, whatever is in it and however it arrives; keys stay keys."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from tradetui.tui.pasting import END, MAX_PASTE, MAX_TYPED, START, PasteFilter, PasteParser


def taken(data: str, *cuts: int) -> str:
    paste = PasteFilter()
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return "".join(paste.take(data[a:b]) for a, b in pairwise(places))


@given(st.lists(st.integers(0, 200), max_size=12))
def test_pieces_of_any_size_come_to_the_same(cuts: list[int]) -> None:
    data = f"j\x1b[A{START}a\x1b]52;c;QQ==\x07\x1b[2\x1b[201{END}k\x1b{START}\x1b{END}\x1b[B"
    clean = f"j\x1b[A{START}a?]52;c;QQ==\x07?[2?[201{END}k\x1b{START}?{END}\x1b[B"
    assert taken(data, *cuts) == clean


@given(st.text("\x1b[201~0ax", max_size=60), st.lists(st.integers(0, 99), max_size=9))
def test_nothing_else_is_changed(data: str, cuts: list[int]) -> None:
    if START not in data:
        assert taken(data, *cuts) == data


def test_what_is_beyond_the_limit_is_dropped_and_the_end_is_found() -> None:
    clean = taken(START + "x" * 1_000_000 + END + "q", *range(0, 1_000_000, 4_096))
    assert clean == START + "x" * MAX_PASTE + END + "q"


def test_of_a_flood_of_keys_only_the_beginning_is_let_through() -> None:
    flood = taken("o" * 1_000_000, *range(0, 1_000_000, 4_096))
    assert flood == "o" * len(flood) and len(flood) <= 2 * MAX_TYPED


def test_keys_after_a_flood_are_keys() -> None:
    paste = PasteFilter()
    assert paste.take("o" * 4_096) == "o" * MAX_TYPED
    assert paste.take("o" * 4_096) == ""
    assert paste.take("jk") == "jk"
    assert paste.take("o" * 4_096) == "o" * MAX_TYPED


def test_a_flood_is_not_cut_within_an_escape_sequence() -> None:
    paste = PasteFilter()
    room = MAX_TYPED // 3 * 3
    assert paste.take("\x1b[B" * 2_000) == "\x1b[B" * (room // 3)


@given(st.integers(0, len(START)))
def test_a_marked_paste_behind_a_flood_is_a_paste(cut: int) -> None:
    paste = PasteFilter()
    flood = "o" * 4_096
    got = paste.take(flood + START[:cut]) + paste.take(START[cut:] + "abc" + END + "k")
    assert got == "o" * MAX_TYPED + START + "abc" + END + "k"


@pytest.mark.parametrize("data", ["abc\x1b[2Jdef\x1bq", "\x1b]52;c;QQ==\x07", "\x1b\x1b\x1b"])
def test_a_paste_is_one_event_and_no_key(data: str) -> None:
    parser = PasteParser()
    found = [*parser.feed(START + data), *parser.feed(END), *parser.feed("k")]
    assert [type(event) for event in found] == [events.Paste, events.Key]
    assert found[0].text == data.replace("\x1b", "?")  # type: ignore[attr-defined]
    assert list(parser.feed("")) == []
