"""Texts about one instance: its config and its error, whatever was written into them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import NOW, decisions, instances

from tradetui.tui.lines import plain
from tradetui.tui.widgets.reports import config_set, config_words, traceback_lines, why_lines

ROW = replace(instances()[0], config_version=3, config_time=NOW, config_by="op\x1b[31m")


def words(text: str) -> str:
    return config_words(replace(ROW, config_json=text))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"config_time": 0, "config_by": "op"}, "set when is not known"),
        ({"config_by": ""}, "set 2026-11-20 14:32:07"),
    ],
)
def test_nothing_is_made_up_of_who_set_a_config(changes: dict[str, Any], said: str) -> None:
    assert config_set(replace(ROW, **changes)) == said


def test_a_config_in_one_line_has_texts_as_they_are() -> None:
    assert words('{"z": 2.0, "side": "long", "use": true}') == "z 2.0   side long   use true"
    assert words('{"side": "lo\\u001bng"}') == "side lo?ng"


@pytest.mark.parametrize("text", ["", "{}"])
def test_an_empty_config_is_the_defaults(text: str) -> None:
    assert words(text) == "all values are the defaults"


@pytest.mark.parametrize("text", ["{", '{"z": }', "\x1b[2J"])
def test_a_config_that_cannot_be_read_says_so(text: str) -> None:
    assert words(text) == "the config cannot be read"


@pytest.mark.parametrize("text", ["[]", "[1, 2]", "7", '"z"', "null", "false"])
def test_a_config_that_is_no_table_is_not_taken_for_the_defaults(text: str) -> None:
    assert words(text) == "the config cannot be read"


def test_without_an_error_there_is_no_traceback() -> None:
    assert [plain(line) for line in traceback_lines(ROW)] == ["no error"]


def test_a_traceback_is_printable_without_the_lines_that_underline() -> None:
    text = "Traceback:\n  File x\n    a + b\n    ~~^~~\n\nTypeError: \x1b[31m"
    row = replace(ROW, error="TypeError", traceback=text)
    assert [plain(line) for line in traceback_lines(row)] == [
        "TypeError", "", "Traceback:", "  File x", "    a + b", "", "TypeError: ?[31m",
    ]  # fmt: skip


def test_of_a_long_traceback_the_end_is_told() -> None:
    row = replace(ROW, error="", traceback="\n".join(f"line {n}" for n in range(500)))
    lines = [plain(line) for line in traceback_lines(row)]
    assert (len(lines), lines[2], lines[-1]) == (202, "line 300", "line 499")


def test_a_profile_is_named_where_one_was_bound() -> None:
    decision = next(one for one in decisions() if one.gates and one.profile)
    bound = [plain(line) for line in why_lines(decision, None)]
    assert any(line.endswith(f", profile {decision.profile}") for line in bound)
    free = [plain(line) for line in why_lines(replace(decision, profile=""), None)]
    assert f"risk on {decision.route_id}" in free
