from __future__ import annotations

import pytest

from tradetui.tui.dialogs.base import Close, Stay
from tradetui.tui.dialogs.run import RunDialog
from tradetui.tui.dialogs.text import TextDialog, help_lines
from tradetui.tui.keymap import BINDINGS
from tradetui.tui.lines import plain, text_line
from tradetui.tui.masking import Masker


def dialog() -> TextDialog:
    return TextDialog("KEYS", help_lines("", BINDINGS), place="PAPER", is_live=False)


def drawn(one: TextDialog, height: int = 24, width: int = 100) -> list[str]:
    return [plain(line) for line in one.lines(width, height, ascii_only=True)]


def typed(one: TextDialog, *keys: str) -> None:
    for key in keys:
        assert isinstance(one.press(key), Stay)


def test_a_filter_finds_lines_and_keeps_the_heads_they_stand_under() -> None:
    one = dialog()
    size = len(drawn(one))
    typed(one, "/", *"resume")
    lines = drawn(one)
    assert len(lines) == size
    acting = next(at for at, line in enumerate(lines) if "| acting" in line)
    assert "resume, release a hold" in lines[acting + 1]
    assert not any("half a page" in line or "| moving" in line for line in lines)
    assert "/resume" in lines[-2] and "Enter keeps it   Esc clears it" in lines[-2]
    typed(one, "enter")
    assert "filter resume" in drawn(one)[-2] and "Esc or q clears it" in drawn(one)[-2]
    assert not one.has_text_input


@pytest.mark.parametrize(
    ("pattern", "says"), [("~^  q ", "back one level"), ("~(", "command line"), ("$", "money")]
)
def test_it_reads_a_filter_as_lists_do(pattern: str, says: str) -> None:
    one = dialog()
    typed(one, "/", *pattern)
    found = [line for line in drawn(one, 40)[1:-2] if says in line]
    assert len(found) == (0 if pattern == "~(" else 1)


def test_letters_that_scroll_and_close_are_typed_while_the_filter_is() -> None:
    one = dialog()
    typed(one, "/", "q", "j", "?", "backspace", "backspace", "backspace")
    assert one.has_text_input
    typed(one, "backspace")
    assert not one.has_text_input
    typed(one, "/", "x", "escape")
    assert not one.has_text_input and "filter" not in drawn(one)[-2].replace("/ filters", "")


@pytest.mark.parametrize("key", ["escape", "q", "backspace"])
def test_what_leaves_the_dialog_clears_its_filter_first(key: str) -> None:
    one = dialog()
    typed(one, "/", "x", "enter", key)
    assert "/ filters   j k scroll   Esc or q closes" in drawn(one)[-2]
    assert isinstance(one.press(key), Close)


def test_a_filter_that_shows_nothing_says_so_and_may_be_pasted() -> None:
    one = dialog()
    typed(one, "/")
    one.paste("no such words")
    assert "nothing here matches" in drawn(one)[1]


def test_on_a_narrow_screen_the_foot_keeps_how_to_leave() -> None:
    one = dialog()
    assert "Esc or q closes" in drawn(one, width=40)[-2]
    assert "/ filters" not in drawn(one, width=40)[-2]


def test_a_masked_amount_is_not_found_by_its_digits() -> None:
    one = TextDialog("X", [text_line("lost 12.40 USDT")], place="PAPER", is_live=False)
    one.masker = Masker({"USDT"})
    typed(one, "/", *"12.4")
    assert "nothing here matches" in drawn(one)[1]


def test_the_row_of_a_run_types_a_c_into_its_filter() -> None:
    copied: list[str] = []

    def copy() -> str:
        copied.append("x")
        return "copied"

    one = RunDialog([text_line("tradetui travel")], copy, place="PAPER", is_live=False)
    typed(one, "/", "c", "enter")
    assert copied == []
    assert one.press("c") == Close("copied")
