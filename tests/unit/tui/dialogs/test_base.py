from __future__ import annotations

import pytest

from tradetui.domain.commands import CommandReply
from tradetui.tui.dialogs.base import (
    Act,
    Close,
    ConfirmDialog,
    Dialog,
    Replace,
    Seen,
    Stay,
    dialog_width,
    is_cancel,
    wrap,
)
from tradetui.tui.dialogs.choose import Answer, ChooseDialog
from tradetui.tui.dialogs.form import FormDialog, FormField
from tradetui.tui.dialogs.pick import Item, PickDialog
from tradetui.tui.dialogs.quit import QuitDialog, QuitFacts
from tradetui.tui.dialogs.text import TextDialog
from tradetui.tui.field import TextField
from tradetui.tui.lines import plain, text_line


async def done(_: str = "") -> CommandReply:
    return CommandReply(True, "done")


def confirm(**more) -> ConfirmDialog:
    facts = [("what", "a thing")]
    return ConfirmDialog("SURE", facts, "sure?", done, place="PAPER", is_live=False, **more)


def text(dialog: Dialog, width: int = 80, height: int = 24) -> list[str]:
    return [plain(line) for line in dialog.lines(width, height, ascii_only=True)]


def test_the_frame_is_as_wide_as_drawn() -> None:
    lines = text(confirm())
    assert lines[0].startswith("+-- SURE ---")
    assert lines[0].endswith(" PAPER --+")
    assert {len(line) for line in lines} == {75}
    assert "y yes   Esc or q cancel" in lines[-2]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_it_never_overflows(width: int) -> None:
    lines = text(confirm(typed="CLOSE", wants_reason=True), width, 8)
    assert max(len(line) for line in lines) <= width
    assert len(lines) <= 8


def test_only_y_confirms() -> None:
    assert isinstance(confirm().key("y"), Act)
    for key in ("enter", "space", "Y", "n", "tab"):
        assert isinstance(confirm().key(key), Stay)
    for key in ("escape", "q", "backspace"):
        assert isinstance(confirm().key(key), Close)


def test_where_something_is_typed_q_and_backspace_edit() -> None:
    assert not is_cancel("q", typing=True)
    assert is_cancel("q", typing=False)
    assert is_cancel("escape", typing=True)


def test_the_last_letter_of_the_word_confirms() -> None:
    dialog = confirm(typed="NO")
    assert isinstance(dialog.key("N"), Stay)
    assert isinstance(dialog.key("enter"), Stay)
    assert "Enter never confirms" in "\n".join(text(dialog))
    assert isinstance(dialog.key("O"), Act)


def test_a_reason_is_pasted_and_the_word_is_not() -> None:
    dialog = confirm(typed="GO", wants_reason=True)
    dialog.paste("because")
    dialog.key("tab")
    dialog.paste("GO")
    assert "must be typed" in "\n".join(text(dialog))
    dialog.key("G")
    assert isinstance(dialog.key("O"), Act)


def test_what_changed_refuses() -> None:
    now = ["ACTIVE"]
    seen = Seen.take(lambda: tuple(now))
    now[0] = "blocked"
    result = confirm(seen=seen).key("y")
    assert result == Close("changed while you looked: ACTIVE -> blocked. Nothing done.")


def test_a_long_change_says_first_that_nothing_was_done() -> None:
    now = ["+0.06738090 BTC, 1 order"]
    seen = Seen.take(lambda: tuple(now))
    now[0] = "+0.06671114 BTC, 1 order"
    assert seen.problem() == (
        "changed while you looked. Nothing done: "
        "+0.06738090 BTC, 1 order -> +0.06671114 BTC, 1 order"
    )


def test_rows_that_came_refuse_too() -> None:
    rows = ["a"]
    seen = Seen.take(lambda: tuple(rows))
    assert seen.problem() == ""
    rows.append("b")
    assert seen.problem() == "changed while you looked: 1 -> 2 rows. Nothing done."


def test_a_choice_refuses_what_changed() -> None:
    now = ["x"]
    seen = Seen.take(lambda: tuple(now))
    dialog = ChooseDialog("T", [], [Answer("e", "do", done)], place="", is_live=False, seen=seen)
    assert isinstance(dialog.key("z"), Stay)
    assert isinstance(dialog.key("e"), Act)
    now[0] = "y"
    assert isinstance(dialog.key("e"), Close)
    assert isinstance(dialog.key("escape"), Close)


def test_wrapping_keeps_every_word() -> None:
    lines = [plain(line) for line in wrap("one two three " + "x" * 25, 10)]
    assert lines == ["one two", "three", "x" * 10, "x" * 10, "x" * 5]
    assert [plain(line) for line in wrap("", 10)] == [""]


def test_a_text_scrolls_within_its_lines() -> None:
    dialog = TextDialog(
        "T", [text_line(f"line {n}") for n in range(50)], place="LIVE", is_live=True
    )
    assert "line 0 " in text(dialog, 80, 12)[1]
    dialog.key("G")
    assert "line 49" in text(dialog, 80, 12)[-3]
    dialog.key("g")
    dialog.key("j")
    assert "line 1 " in text(dialog, 80, 12)[1]
    assert isinstance(dialog.key("x"), Stay)
    assert isinstance(dialog.key("?"), Close)


def test_a_quiet_quit_needs_y_only() -> None:
    left: list[bool] = []
    quiet = QuitDialog(lambda: QuitFacts(0, 0, 0, ()), left.append, place="", is_live=False)
    assert isinstance(quiet.key("c"), Stay)
    assert isinstance(quiet.key("y"), Act)
    busy = QuitDialog(lambda: QuitFacts(1, 0, 0, ()), left.append, place="", is_live=False)
    assert isinstance(busy.key("y"), Stay)
    assert isinstance(busy.key("l"), Replace)
    assert left == []


def test_the_base_has_no_body_and_ignores_a_paste() -> None:
    dialog = Dialog(place="", is_live=False)
    dialog.paste("x")
    assert isinstance(dialog.key("j"), Stay)
    assert isinstance(dialog.key("escape"), Close)
    with pytest.raises(NotImplementedError):
        dialog.body(10)
    assert dialog_width([]) == 0


LONG = [(f"fact {n}", "word " * 8) for n in range(20)]


@pytest.mark.parametrize("height", [12, 16])
@pytest.mark.parametrize("width", [56, 80])
def test_on_a_low_screen_the_question_stays_and_the_rest_scrolls(width: int, height: int) -> None:
    dialog = ConfirmDialog("SURE", LONG, "sure?", done, place="PAPER", is_live=False)
    seen: dict[str, None] = {}
    for _ in range(30):
        lines = text(dialog, width, height)
        assert len(lines) == height and {len(line) for line in lines} == {min(width, 75)}
        assert "sure?" in lines[-2] and "y yes   Esc or q cancel" in lines[-2]
        seen.update(dict.fromkeys(lines))
        if "more line" not in lines[-4]:
            break
        assert isinstance(dialog.press("j"), Stay)
    assert "... back up: PgUp" in lines[-4]
    assert all(any(f"fact {n} " in line for line in seen) for n in range(20))
    dialog.press("pagedown")
    assert text(dialog, width, height) == lines
    dialog.press("pageup")
    assert "... 3 more lines: PgDn" in text(dialog, width, height)[-4]
    assert isinstance(dialog.press("y"), Act)
    assert "more line" not in "\n".join(text(dialog, width, 60))


def test_letters_go_into_the_field_while_page_keys_scroll() -> None:
    dialog = ConfirmDialog("SURE", LONG, "", done, place="LIVE", is_live=True, typed="jk")
    first = text(dialog, 80, 14)
    dialog.press("j")
    assert "[j" in text(dialog, 80, 14)[-3]
    dialog.press("ctrl+d")
    assert text(dialog, 80, 14)[1] != first[1]
    assert isinstance(dialog.press("k"), Act)


def test_a_screen_too_low_for_the_answers_says_so() -> None:
    dialog = ConfirmDialog("SURE", LONG, "sure?", done, place="PAPER", is_live=False)
    assert "the screen is too low for the rest" in text(dialog, 80, 5)[-2]


def test_an_amount_is_not_parted_from_its_unit() -> None:
    text = "positions btc-mr +0.0235 BTC, eth +0.8400 ETH, *** SOL, 9 exits"
    lines = [plain(line).rstrip() for line in wrap(text, 25)]
    assert lines == ["positions btc-mr", "+0.0235 BTC, eth", "+0.8400 ETH, *** SOL, 9", "exits"]


def test_long_answers_are_wrapped() -> None:
    answer = Answer("l", "leave 3 entry orders open with nobody to manage them, then observe", done)
    dialog = ChooseDialog("X", [], [answer], place="PAPER", is_live=False)
    lines = text(dialog, 56)
    assert any("then observe" in line for line in lines)


@pytest.mark.parametrize("width", [30, 40, 60, 75])
def test_a_long_title_is_cut_inside_the_frame(width: int) -> None:
    title = "NEW my-btc: settings of bollinger_reversion, and of more than there is room for"
    dialog = ChooseDialog(title, (), (), place="LIVE, real money", is_live=True)
    top = text(dialog, width)[0]
    assert len(top) == width
    assert top.endswith("LIVE, real money --+")
    assert "..." in top


def test_boxes_stand_only_where_something_is_on_or_off() -> None:
    items = [Item("row"), Item("table")]
    plain_list = PickDialog("COPY", items, str, place="PAPER", is_live=False)
    assert not any("[" in line for line in text(plain_list))
    one_on = PickDialog("SORT", items, str, place="PAPER", is_live=False, is_on="row".__eq__)
    assert any(">[x] row" in line for line in text(one_on))
    several = PickDialog("COLUMNS", items, str, place="PAPER", is_live=False, stays=True)
    assert any(">[ ] row" in line for line in text(several))


def test_a_form_is_as_high_with_every_field() -> None:
    async def submit(_: dict[str, str]) -> Stay:
        return Stay()

    fields = [
        FormField("id", "id", TextField(""), help="its name"),
        FormField("on", "on", TextField("a"), help="one of them", choices=("a", "b")),
    ]
    form = FormDialog("NEW", fields, submit, lambda _: "", place="PAPER", is_live=False)
    before = text(form)
    form.key("tab")
    assert len(text(form)) == len(before)
    assert "^y goes on" in before[-2] and "^y goes on" in text(form)[-2]
