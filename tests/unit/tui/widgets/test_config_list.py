"""The list of a config: what is in force, what of it a person set, whatever was written into it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import NOW, instances

from tradetui.tui.lines import plain, width_of
from tradetui.tui.widgets.config_list import config_lines

ROW = replace(instances()[0], config_version=3, config_time=NOW, config_by="op\x1b{31}")
SCHEMA: dict[str, dict[str, Any]] = {
    "fast": {"type": "int", "default": 10, "unit": "bars", "help": "length of the fast average"},
    "risk": {"type": "float", "default": 1.0, "unit": "of budget"},
    "side": {"type": "string", "default": ""},
}


def shown(
    text: str,
    schema: dict[str, dict[str, Any]] | None = SCHEMA,
    *,
    width: int = 57,
    height: int = 20,
    **more: Any,
) -> list[str]:
    row = replace(ROW, config_json=text, **more)
    lines = config_lines(row, width, height, schema)
    assert all(width_of(line) <= width for line in lines)
    return [plain(line).rstrip() for line in lines]


@pytest.mark.parametrize("text", ["", "{}", '{"fast": 10, "risk": 1}'])
def test_every_value_in_force_is_listed_and_a_default_is_called_one(text: str) -> None:
    assert shown(text) == [
        " config 3, set 2026-11-20 14:32:07 by op?{31}   e edits",
        " NAME  VALUE  UNIT       FROM",
        " fast  10     bars       default",
        " risk  1.0    of budget  default"
        if "risk" not in text
        else " risk  1      of budget  default",
        ' side  ""     -          default',
    ]


def test_what_a_person_set_says_so_in_words_with_the_default_beside_it() -> None:
    assert shown('{"fast": 5, "use": true, "side": "lo\\u001bng"}')[2:] == [
        " fast  5      bars       own, default 10",
        " risk  1.0    of budget  default",
        ' side  lo?ng  -          own, default ""',
        " use   true   -          own, no key of the strategy",
    ]


def test_a_wide_list_has_the_help_of_each_key() -> None:
    lines = shown("{}", width=80)
    assert lines[1].endswith("FROM     HELP")
    assert lines[2].endswith("default  length of the fast average")
    assert shown("{}", width=57)[2].endswith("default")


@pytest.mark.parametrize(
    ("schema", "text", "said"),
    [
        (None, "{}", " the strategy's defaults are being read"),
        ({}, "{}", " nothing is set; the strategy has no settings that can be read here"),
        ({}, '{"z": 2}', " what the strategy has by default cannot be read here"),
    ],
)
def test_defaults_that_are_not_known_are_not_made_up(
    schema: dict[str, dict[str, Any]] | None, text: str, said: str
) -> None:
    _, note, *rest = shown(text, schema, width=80)
    assert note == said
    assert rest == ([" NAME  VALUE  UNIT  FROM", " z     2      -     own"] if "z" in text else [])


def test_the_defaults_of_a_changed_file_are_those_of_the_new_one() -> None:
    assert "changed on disk: the defaults are" in shown("{}", width=80, file_changed=True)[1]


def test_where_there_is_no_room_the_unit_leaves_and_no_number_is_cut() -> None:
    assert shown('{"risk": 0.25}', width=39)[1:4] == [
        " NAME  VALUE  FROM",
        " fast  10     default",
        " risk  0.25   own, default 1.0",
    ]
    assert shown('{"risk": 0.25}', width=26)[3] == " risk  0.25   own, defa..."


def test_what_does_not_fit_is_counted() -> None:
    assert shown("{}", height=5)[-1].split()[0] == "side"
    assert shown("{}", height=4)[-2:] == [
        " fast  10     bars       default",
        " 2 more: e shows all",
    ]
    assert len(shown("{}", height=1)) == 1


def test_a_long_value_is_cut_and_says_so_and_no_number_is() -> None:
    line = shown('{"side": "' + "long " * 40 + '"}', width=200)[4]
    assert "long lo...  -  " in line and line.endswith('own, default ""')


@pytest.mark.parametrize("text", ["{", '{"z": }', "\x1b[2J", "[]"])
def test_a_config_that_cannot_be_read_says_so_and_writes_no_escape(text: str) -> None:
    (_, said) = shown(text)
    assert said.startswith(" the config cannot be read: ")
    assert "\x1b" not in said
