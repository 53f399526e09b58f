"""Text from outside made safe."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetui.domain.text import MAX_MESSAGE, escaped_json, printable, visible


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain", "plain"),
        ("a\tb\nc\rd", "a b c d"),
        ("\x1b[31mred", "?[31mred"),
        ("\u202eabc\u200b", "?abc?"),
        ("\x00\x7f\x9b", "???"),
        ("\ud800", "?"),
        ("ünïcode €", "ünïcode €"),
    ],
)
def test_what_could_steer_a_terminal_is_replaced(text, safe):
    assert printable(text) == safe


@given(st.text(max_size=80), st.integers(3, 40))
def test_it_is_always_printable_and_bounded(text, limit):
    safe = printable(text, limit)
    assert safe.isprintable()
    assert len(safe) <= limit
    assert printable(safe, limit) == safe


def test_a_cut_is_shown():
    assert printable("x" * 501) == "x" * (MAX_MESSAGE - 3) + "..."
    assert printable("x" * 500) == "x" * 500


@given(st.text(max_size=80))
def test_what_is_whole_is_as_safe(text):
    assert visible(text) == printable(text)


@given(st.text(max_size=80))
def test_json_keeps_its_value_and_acts_on_nothing(text):
    written = escaped_json(json.dumps([text], ensure_ascii=False, indent=1))
    assert json.loads(written) == [text]
    assert written.replace("\n", "").isprintable()
