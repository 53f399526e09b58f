"""The schemas of the named form: closed, versioned, and what the exported records really are."""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec
import pytest
from tests.support.json_schema import faults

from tradetui.domain import reference
from tradetui.domain.difference import as_json
from tradetui.domain.export import JournalLine, PrunedSteps
from tradetui.domain.ids import RunId
from tradetui.domain.named_schema import DIALECT, named_schema

SCHEMAS = {
    path: json.loads(text)
    for path, text in reference.pages().items()
    if path.startswith("schemas/named/")
}


def line() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(
        as_json(JournalLine(RunId("r1"), "00" * 32, PrunedSteps(1, 9)))
    )
    return parsed


@pytest.mark.parametrize("path", sorted(SCHEMAS))
def test_every_object_is_closed_and_says_what_it_is(path: str) -> None:
    schema = SCHEMAS[path]
    assert schema["$schema"] == DIALECT
    assert schema["$id"].startswith("urn:tradetui:export:1:")
    objects = [one for one in schema["$defs"].values() if one.get("type") == "object"]
    assert objects
    for one in objects:
        assert one["additionalProperties"] is False
        assert sorted(one["required"]) == sorted(one["properties"])
        assert "const" in one["properties"]["type"]


def test_a_line_that_is_right_is_valid() -> None:
    assert faults(line(), SCHEMAS["schemas/named/journal_line.json"]) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"run_id": 3}, "$.run_id: 3 is not of type string"),
        ({"more": 1}, "$.more: must not be there"),
        ({"type": "Line"}, "$.type: 'Line' is not 'JournalLine'"),
        ({"record": {"type": "PrunedSteps", "first": 1}}, "$.record: matches none"),
        ({"record": {"type": "PrunedSteps", "first": True, "last": 2}}, "$.record: matches none"),
        ({"version": None}, "$.version: None is not of type integer"),
    ],
)
def test_a_line_that_is_wrong_is_not(change: dict[str, Any], said: str) -> None:
    found = faults(line() | change, SCHEMAS["schemas/named/journal_line.json"])
    assert any(one.startswith(said) for one in found), found


def test_a_line_without_a_field_is_not_valid() -> None:
    short = line()
    del short["hash"]
    assert faults(short, SCHEMAS["schemas/named/journal_line.json"]) == ["$: hash is missing"]


def test_a_type_without_a_json_form_is_refused() -> None:
    class Odd(msgspec.Struct):
        """Holds a set."""

        values: set[int]

    with pytest.raises(TypeError, match="has no JSON form"):
        named_schema(Odd, "odd")


def test_tables_tuples_and_words_have_forms() -> None:
    inner = msgspec.defstruct(
        "Inner",
        [
            ("word", Literal["a", "b"]),
            ("table", dict[str, float]),
            ("pair", tuple[int, bool]),
            ("anything", Any),
            ("data", bytes),
        ],
        namespace={"__doc__": "One."},
    )
    schema = named_schema(inner, "inner")
    good = {
        "type": "Inner",
        "word": "a",
        "table": {"x": 1.5},
        "pair": [1, True],
        "anything": [None],
        "data": "AA==",
    }
    assert faults(good, schema) == []
    for wrong in (
        {"word": "c"},
        {"table": {"x": "1"}},
        {"pair": [1]},
        {"pair": [1, True, 2]},
        {"pair": ["1", True]},
        {"data": 1},
    ):
        assert faults(good | wrong, schema), wrong
