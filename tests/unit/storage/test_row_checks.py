"""The check number is the same in Python and in the database, and sees every changed character."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from tradetui.storage.row_checks import check_number, check_sql, row_line

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(TEXT)
def test_python_and_sqlite_agree(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    (value,) = connection.execute(f"SELECT {check_sql('?')}", (text,)).fetchone()
    connection.close()
    assert value == check_number(text)


@given(TEXT.filter(bool), st.data())
def test_one_changed_character_is_seen(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda char: char != text[place]))
    assert check_number(text[:place] + other + text[place + 1 :]) != check_number(text)


def test_a_row_is_one_line() -> None:
    assert row_line(("a", 1, None, "b")) == "a\x1f1\x1f\x1fb"
