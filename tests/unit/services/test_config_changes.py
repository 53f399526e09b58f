"""What people type for a config: parsed exactly, refused clearly, shown as a difference."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetui.services.config_changes import (
    canonical,
    differences,
    parse_assignments,
    parse_config,
    parse_value,
    value_text,
)
from tradetui.services.errors import UserError

SCHEMA = {
    "z": {"type": "float", "default": 2.0},
    "window": {"type": "int", "default": 20},
    "until": {"type": "time", "default": 0},
    "note": {"type": "string", "default": ""},
    "fast": {"type": "bool", "default": True},
    "side": {"type": "choice", "default": "long", "choices": ["long", "short"]},
    "levels": {"type": "list", "item": "float", "default": [1.0]},
    "names": {"type": "list", "item": "string", "default": []},
}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("z", "0.01", 0.01),
        ("z", "1e-3", 0.001),
        ("z", "-3", -3.0),
        ("window", "20", 20),
        ("window", "-5", -5),
        ("until", "1800000000000000000", 1_800_000_000_000_000_000),
        ("note", "a = b", "a = b"),
        ("note", "", ""),
        ("fast", "no", False),
        ("fast", "TRUE", True),
        ("side", "short", "short"),
        ("levels", "1, 2.5", [1.0, 2.5]),
        ("levels", "[1,2]", [1.0, 2.0]),
        ("levels", "", []),
        ("names", "a, b", ["a", "b"]),
    ],
)
def test_a_value_is_parsed_by_its_type(key: str, text: str, value: Any) -> None:
    parsed = parse_assignments(SCHEMA, [f"{key}={text}"])
    assert parsed == {key: value}
    assert type(parsed[key]) is type(value)


@pytest.mark.parametrize(
    "text", ["1,5", "１２", "--1", "", "x", "1 2", "nan", "inf", "1e99", "1_0"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"z must be a number such as 0.01"):
        parse_value("z", SCHEMA["z"], text)


def test_forty_one_digits_are_refused() -> None:
    with pytest.raises(UserError, match="z must be a number"):
        parse_value("z", SCHEMA["z"], "1" * 41)


@pytest.mark.parametrize("text", ["1.5", "1e3", "", "２", "--1", "9" * 20, "0x10"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="window must be a whole number"):
        parse_value("window", SCHEMA["window"], text)


def test_what_is_not_true_or_false_is_refused() -> None:
    with pytest.raises(UserError, match="fast must be true or false, got 'maybe'"):
        parse_value("fast", SCHEMA["fast"], "maybe")


@pytest.mark.parametrize(
    ("assignments", "said"),
    [
        (["z"], "z: write key=value"),
        (["=3"], "=3: write key=value"),
        (["zz=3"], "'zz' is not a key of this strategy, did you mean 'z'"),
        (["z=1", "z=2"], "z is given twice"),
    ],
)
def test_assignments_that_are_none(assignments: list[str], said: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_assignments(SCHEMA, assignments)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (0.01, 0.1, "k: 0.01 -> 0.1  x10"),
        (0.1, 0.01, "k: 0.1 -> 0.01  x0.1"),
        (20, 39, "k: 20 -> 39"),
        (20, 40, "k: 20 -> 40  x2"),
        (1, 3.7, "k: 1 -> 3.7  x3.7"),
        (0, 5, "k: 0 -> 5"),
        (-1, 5, "k: -1 -> 5"),
        (-1, -4, "k: -1 -> -4  x4"),
        (True, False, "k: true -> false"),
        ("", "x\x1b", 'k: "" -> x?'),
        (None, 1, "k: (default) -> 1"),
        ([1.0], [1.0, 2.0], "k: [1.0] -> [1.0, 2.0]"),
        (1, True, "k: 1 -> true"),
    ],
)
def test_a_change_is_shown(old: Any, new: Any, shown: str) -> None:
    (change,) = differences({} if old is None else {"k": old}, {"k": new})
    assert str(change) == shown


def test_no_change_is_no_line() -> None:
    assert differences({"a": 1, "b": "x", "c": [1]}, {"a": 1.0, "b": "x", "c": [1]}) == ()


def test_changes_are_in_order_and_removals_are_seen() -> None:
    changes = differences({"b": 1, "a": 1}, {"a": 2, "c": 1})
    assert [change.key for change in changes] == ["a", "b", "c"]


def test_a_value_that_is_long_is_cut() -> None:
    assert len(value_text(["x" * 500])) == 80


VALUES = st.dictionaries(
    st.text(min_size=1, max_size=5),
    st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=5)),
)


@given(VALUES)
def test_canonical_is_one_form_and_comes_back(values: dict[str, Any]) -> None:
    text = canonical(values)
    assert parse_config(text) == values
    assert canonical(dict(reversed(list(values.items())))) == text
    assert json.loads(text) == values
