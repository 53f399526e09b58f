from __future__ import annotations

from typing import Any

import pytest

from tradetui.strategy.errors import StrategyError
from tradetui.strategy.schema import (
    check_schema,
    dump_state,
    fill_defaults,
    load_state,
    unknown_key,
    validate,
)

SCHEMA: dict[str, dict[str, Any]] = {
    "z": {"type": "float", "default": 2.0, "min": 0.5, "max": 5.0, "help": "entry"},
    "window": {"type": "int", "default": 20, "min": 2},
    "share": {"type": "float", "default": 0.1, "max": 1},
    "on": {"type": "bool", "default": True},
    "note": {"type": "string", "default": ""},
    "style": {"type": "choice", "choices": ["a", "b"], "default": "a"},
    "levels": {"type": "list", "item": "float", "default": [1.0], "min": 0, "max": 9},
    "names": {"type": "list", "item": "string", "default": []},
    "when": {"type": "time", "default": 0, "max": 10},
}
DEFAULTS = {
    "z": 2.0, "window": 20, "share": 0.1, "on": True, "note": "", "style": "a", "levels": [1.0],
    "names": [], "when": 0,
}  # fmt: skip


def test_the_schema_itself_is_sound() -> None:
    assert check_schema(SCHEMA) == []
    assert check_schema({}) == []


def test_defaults_fill_what_is_missing() -> None:
    assert validate(SCHEMA, {}) == (DEFAULTS, [])
    filled = fill_defaults(SCHEMA, {"z": 3.0, "extra": 1})
    assert filled == DEFAULTS | {"z": 3.0, "extra": 1}
    filled["levels"].append(5.0)
    assert SCHEMA["levels"]["default"] == [1.0]


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("z", 1, 1.0),
        ("z", 0.5, 0.5),
        ("z", 5.0, 5.0),
        ("window", 2, 2),
        ("share", -3, -3.0),
        ("on", False, False),
        ("note", "é ok", "é ok"),
        ("style", "b", "b"),
        ("levels", [1, 2.5], [1.0, 2.5]),
        ("levels", (1,), [1.0]),
        ("levels", [], []),
        ("names", ["x"], ["x"]),
        ("when", 10, 10),
    ],
)
def test_good_values(key: str, value: object, stored: object) -> None:
    config, problems = validate(SCHEMA, {key: value})
    assert problems == []
    assert config[key] == stored
    assert type(config[key]) is type(stored)


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("z", "1", "z must be a number from 0.5 to 5, got '1'"),
        ("z", True, "z must be a number from 0.5 to 5, got True"),
        ("z", None, "z must be a number from 0.5 to 5, got None"),
        ("z", float("nan"), "z must be a number from 0.5 to 5, got nan"),
        ("z", float("inf"), "z must be a number from 0.5 to 5, got inf"),
        ("z", 10**400, "z must be a number from 0.5 to 5"),
        ("z", 7.0, "z must be from 0.5 to 5, got 7.0"),
        ("z", 0.49, "z must be from 0.5 to 5, got 0.49"),
        ("window", 20.0, "window must be a whole number at least 2, got 20.0"),
        ("window", True, "window must be a whole number at least 2, got True"),
        ("window", "20", "window must be a whole number at least 2, got '20'"),
        ("window", 1, "window must be at least 2, got 1"),
        ("share", 1.5, "share must be at most 1, got 1.5"),
        ("share", "x", "share must be a number at most 1, got 'x'"),
        ("on", 1, "on must be true or false, got 1"),
        ("on", "true", "on must be true or false, got 'true'"),
        ("note", 5, "note must be a text, got 5"),
        ("note", "a\x1b[31m", "note must be one line of printable characters, got"),
        ("note", "x" * 501, "note must have at most 500 characters"),
        ("style", "c", "style must be one of a, b, got 'c'"),
        ("style", 5, "style must be one of a, b, got 5"),
        ("levels", 5, "levels must be a list of float, got 5"),
        ("levels", "12", "levels must be a list of float, got '12'"),
        ("levels", [1, "2"], "levels item 2 must be a number from 0 to 9, got [1, '2']"),
        ("levels", [10], "levels item 1 must be from 0 to 9, got [10]"),
        ("levels", [0] * 201, "levels must have at most 200 items"),
        ("names", [1], "names item 1 must be a text, got [1]"),
        ("when", -1, "when must be a moment in ns UTC, a whole number from 0, got -1"),
        ("when", 1.5, "when must be a moment in ns UTC"),
        ("when", 11, "when must be at most 10, got 11"),
    ],
)
def test_bad_values_are_refused_with_one_sentence(key: str, value: object, problem: str) -> None:
    config, problems = validate(SCHEMA, {key: value})
    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert config == DEFAULTS


def test_every_problem_is_said() -> None:
    _, problems = validate(SCHEMA, {"zz": 1, "window": 0, "on": 0})
    assert problems == [
        "'zz' is not a key of this strategy, did you mean 'z'?",
        "window must be at least 2, got 0",
        "on must be true or false, got 0",
    ]


def test_unknown_keys() -> None:
    assert "did you mean 'window'?" in unknown_key("windwo", SCHEMA)
    assert unknown_key("qqq", ["a", "b"]).endswith("; the keys are a, b")
    assert unknown_key(5, {}).endswith("; there are no keys")


@pytest.mark.parametrize("config", [[], "x", None, 5])
def test_a_config_is_an_object(config: object) -> None:
    filled, problems = validate(SCHEMA, config)
    assert filled == DEFAULTS
    assert problems[0].startswith("the config must be an object of keys and values, got")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (5, "must be a dict"),
        ({}, "type must be one of float, int"),
        ({"type": "number", "default": 1}, "type must be one of float, int"),
        ({"type": ["float"], "default": 1}, "type must be one of float, int"),
        ({"type": "float"}, "has no default"),
        ({"type": "float", "default": "1"}, "default must be a number, got '1'"),
        ({"type": "float", "default": 9, "max": 5}, "default must be at most 5, got 9"),
        ({"type": "float", "default": 1, "minimum": 0}, "'minimum' is not known"),
        ({"type": "float", "default": 1, "min": "0"}, "min must be a number, got '0'"),
        ({"type": "float", "default": 1, "min": 3, "max": 2}, "min 3 is above max 2"),
        ({"type": "float", "default": 1, "help": 5}, "help must be a text, got 5"),
        ({"type": "float", "default": 1, "unit": None}, "unit must be a text, got None"),
        ({"type": "bool", "default": True, "min": 0}, "min and max are for numbers, not for bool"),
        (
            {"type": "list", "item": "string", "default": [], "max": 3},
            "min and max are for numbers, not for list",
        ),
        ({"type": "list", "default": []}, "item must be one of float, int, bool, string"),
        ({"type": "list", "item": "list", "default": []}, "item must be one of"),
        ({"type": "float", "default": 1, "item": "int"}, 'item is for type "list"'),
        ({"type": "choice", "default": "a"}, "choices must be a list of texts"),
        ({"type": "choice", "default": "a", "choices": []}, "choices must be a list of texts"),
        (
            {"type": "choice", "default": "a", "choices": ["a", 1]},
            "choices must be a list of texts",
        ),
        ({"type": "choice", "default": "c", "choices": ["a"]}, "default must be one of a, got 'c'"),
        ({"type": "int", "default": 1, "choices": [1]}, 'choices are for type "choice"'),
    ],
)
def test_a_malformed_schema_is_refused(entry: object, problem: str) -> None:
    problems = check_schema({"key": entry})
    assert len(problems) == 1
    assert problems[0].startswith("CONFIG_SCHEMA['key']")
    assert problem in problems[0]


@pytest.mark.parametrize("key", ["", "1a", "a b", "_a", 5, "x" * 41])
def test_a_key_is_a_name(key: object) -> None:
    problems = check_schema({key: {"type": "int", "default": 1}}, "STATE_SCHEMA")
    assert len(problems) == 1
    assert "a key is letters, digits" in problems[0]


def test_a_schema_is_a_small_dict() -> None:
    assert check_schema([]) == ["CONFIG_SCHEMA must be a dict of entries, got list"]
    many = {f"k{n}": {"type": "int", "default": 1} for n in range(65)}
    assert check_schema(many) == ["CONFIG_SCHEMA has 65 keys, at most 64 are allowed"]


def test_state_goes_out_and_comes_back() -> None:
    state = {"z": 3, "levels": (1, 2), "secret": object()}
    kept = dump_state(SCHEMA, state)
    assert kept == DEFAULTS | {"z": 3.0, "levels": [1.0, 2.0]}
    fresh: dict[str, Any] = {}
    assert load_state(SCHEMA, fresh, kept) == []
    assert fresh == kept


def test_state_that_does_not_fit_is_said() -> None:
    with pytest.raises(
        StrategyError, match=r"state\['z'\] must be a number .* got 'x' \(see STATE_SCHEMA\)"
    ):
        dump_state(SCHEMA, {"z": "x"})
    state = {"z": 2.0}
    problems = load_state(SCHEMA, state, {"z": 99, "old": 1, "window": 5})
    assert problems == [
        "state['z'] must be from 0.5 to 5, got 99: the default is used",
        "state 'old' is no longer in STATE_SCHEMA: dropped",
    ]
    assert state == {"z": 2.0, "window": 5}
