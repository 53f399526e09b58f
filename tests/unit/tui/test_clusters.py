"""What takes one width here and another there is written so that it takes one everywhere."""

from __future__ import annotations

import pyte
import pytest
from rich.cells import cell_len

from tradetui.tui.clusters import settled


@pytest.mark.parametrize("text", ["plain", "漢字", "e\u0301", "🚀 moon", "│▁▂⣿", ""])
def test_what_is_settled_stays(text: str) -> None:
    assert settled(text) is text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("\u2764\ufe0f love", "\u2764  love"),
        ("\u26a1\ufe0f!", "\u26a1!"),
        ("1\ufe0f\u20e3 one", "1  one"),
        ("\U0001f44d\U0001f3fd ok", "\U0001f44d ok"),
        ("\U0001f1e9\U0001f1ea bund", "DE bund"),
        ("\ufe0fx", "x"),
        ("a\ufe0f\u2764\ufe0fb", "a\u2764 b"),
    ],
)
def test_it_takes_as_many_cells_as_were_measured(text: str, written: str) -> None:
    assert settled(text) == written
    assert cell_len(settled(text)) == cell_len(text)
    terminal = pyte.Screen(40, 1)
    pyte.Stream(terminal).feed(settled(text))
    assert terminal.cursor.x == cell_len(text)
