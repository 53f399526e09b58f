from __future__ import annotations

import pytest

from tradetui.tui.field import TextField
from tradetui.tui.lines import plain


def typed(*keys: str, text: str = "") -> TextField:
    field = TextField(text, limit=10)
    for key in keys:
        field.key(key)
    return field


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("a", "b", "space", "c"), "ab c"),
        (("a", "b", "backspace"), "a"),
        (("backspace",), ""),
        (("a", "b", "left", "x"), "axb"),
        (("a", "b", "home", "x", "end", "y"), "xaby"),
        (("a", "b", "left", "delete"), "a"),
        (("a", "b", "left", "ctrl+u"), "b"),
        (("a", "left", "left", "right", "right", "b"), "ab"),
    ],
)
def test_editing(keys, text) -> None:
    assert typed(*keys).text == text


def test_a_key_that_means_nothing_is_not_taken() -> None:
    assert not TextField().key("f5")


def test_the_text_is_bounded_and_printable() -> None:
    field = TextField(limit=5)
    field.insert("a\x1b[2Jb\u202ecdef")
    assert field.text.isprintable()
    assert len(field.text) <= 5


def test_the_cursor_stays_in_sight() -> None:
    field = typed(*"abcdefgh")
    assert plain(field.line(4, is_on=True)) == "fgh "
    assert plain(field.line(4, is_on=False)) == "abcd"
    field.set("xy")
    assert field.cursor == 2
