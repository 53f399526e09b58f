from __future__ import annotations

import pytest

from tradetui.services.errors import UserError
from tradetui.tui.dialogs.base import Stay
from tradetui.tui.dialogs.config import field_problem, parsed, schema_fields
from tradetui.tui.dialogs.form import FormDialog, FormField
from tradetui.tui.field import TextField
from tradetui.tui.lines import plain

SCHEMA = {
    "size": {"type": "int", "default": 3, "min": 1, "unit": "lots"},
    "on": {"type": "bool", "default": True},
    "side": {"type": "choice", "default": "long", "choices": ["long", "short"]},
    "levels": {"type": "list", "default": [1.0, 2.0], "item": "float"},
    "name": {"type": "string", "default": "a\x1b[31m", "help": "what it is called"},
    "until": {"type": "time", "default": 0},
    "top": {"type": "float", "default": 1.5, "max": 2.0},
}


def fields(**config):
    return {field.key: field for field in schema_fields(SCHEMA, config)}


def test_each_type_has_its_field() -> None:
    found = fields(size=5)
    assert {key: field.text.text for key, field in found.items()} == {
        "size": "5",
        "on": "true",
        "side": "long",
        "levels": "1.0, 2.0",
        "name": "a?[31m",
        "until": "0",
        "top": "1.5",
    }
    assert found["on"].choices == ("true", "false")
    assert found["side"].choices == ("long", "short")


def test_hints_say_type_range_and_unit() -> None:
    found = fields()
    assert found["size"].hint == "int  from 1  lots"
    assert found["top"].hint == "float  up to 2.0"
    assert found["name"].help == "what it is called"


def test_choices_are_walked_round() -> None:
    field = fields()["side"]
    field.step(1)
    assert field.text.text == "short"
    field.step(1)
    assert field.text.text == "long"
    fields()["size"].step(1)


def choosing(*choices: str) -> FormField:
    return FormField("s", "s", TextField(choices[0]), choices=choices)


def test_letters_pick_a_choice() -> None:
    field = choosing("bands", "dip", "dive", "grid")
    for char in "div":
        field.pick(char)
    assert (field.text.text, field.problem) == ("dive", "")
    field.pick("x")
    assert (field.text.text, field.problem) == ("dive", "no choice begins with divx")
    field.step(1)
    assert field.text.text == "grid"
    field.pick("D")
    assert (field.text.text, field.problem) == ("dip", "")


def test_a_letter_again_takes_the_next_choice() -> None:
    field = choosing("bands", "dip", "dive")
    taken = []
    for _ in range(3):
        field.pick("d")
        taken.append(field.text.text)
    assert taken == ["dip", "dive", "dip"]


def test_the_choices_are_told_as_far_as_there_is_room() -> None:
    field = choosing(*"abcdefghijklmnopqrst")
    assert choosing("one", "two").offered(60) == "1 of 2: [one]  two"
    assert choosing("only").offered(60) == "[only]"
    field.text.set("k")
    narrow = field.offered(30)
    assert narrow.startswith("11 of 20: .. ") and "[k]" in narrow and narrow.endswith(" ..")
    assert len(narrow) <= 30


def test_typing_in_a_field_of_choices_never_makes_a_new_word() -> None:
    async def submit(_: dict[str, str]) -> Stay:
        return Stay()

    field = choosing("bands", "dip")
    form = FormDialog("F", [field], submit, lambda _: "", place="", is_live=False)
    for key in ("d", "backspace", "delete", "ctrl+u"):
        form.key(key)
    assert (field.text.text, field.problem, field.typed) == ("dip", "", "")
    form.paste(" bands ")
    assert field.text.text == "bands"
    assert "1 of 2: [bands]  dip" in "\n".join(
        plain(line) for line in form.lines(80, 24, ascii_only=True)
    )


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("size", "0", "size must be"),
        ("size", "1.5", "size must be a whole number"),
        ("on", "maybe", "on must be true or false"),
        ("side", "up", "side must be"),
        ("levels", "1, x", "levels must be a number"),
        ("top", "9", "top must be"),
    ],
)
def test_a_bad_value_is_one_sentence(key: str, text: str, says: str) -> None:
    field = fields()[key]
    field.text.set(text)
    assert field_problem(SCHEMA, field).startswith(says)


def test_good_values_are_typed() -> None:
    texts = {key: field.text.text for key, field in fields().items()}
    assert not [key for key, field in fields().items() if field_problem(SCHEMA, field)]
    assert parsed(SCHEMA, texts)["levels"] == [1.0, 2.0]
    assert parsed(SCHEMA, texts)["on"] is True


def test_parsing_a_bad_value_raises_for_the_person() -> None:
    with pytest.raises(UserError, match="size must be a whole number"):
        parsed(SCHEMA, {"size": "x"})


def test_no_number_of_a_hint_is_cut_and_what_has_no_room_is_said_below() -> None:
    schema = {"a_name": {"type": "float", "min": 0.0001, "max": 0.02,
                                          "default": 0.005, "help": "what to risk"}}  # fmt: skip

    async def submit(_: dict[str, str]) -> Stay:
        return Stay()

    form = FormDialog("F", schema_fields(schema, {}), submit, lambda _: "", place="", is_live=False)
    narrow = "\n".join(plain(line) for line in form.lines(56, 16, ascii_only=True))
    assert "0.0001 to 0.02" in narrow and narrow.count("0.0001") == 1
    assert "what to risk  float  0.0001 to 0.02" in narrow
    wide = "\n".join(plain(line) for line in form.lines(80, 24, ascii_only=True))
    assert "float  0.0001 to 0.02" in wide and "what to risk  float" not in wide
