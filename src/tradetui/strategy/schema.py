"""CONFIG_SCHEMA and STATE_SCHEMA: what they may say, and what their values may be.

A schema maps a key to an entry::

    {"type": "float", "default": 2.0, "min": 0.5, "max": 5.0, "unit": "deviations", "help": "entry"}

``type`` is float, int, bool, string, choice (with ``choices``), list (with ``item``, the type of
its items) or time (ns UTC). ``default`` is required. ``min`` and ``max`` bound float, int, time and
the items of a list. Nothing is converted but a whole number where a float is wanted: ``"1"`` is not
1, and true is no number.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from tradetui.domain.text import printable
from tradetui.strategy.errors import StrategyError
from tradetui.strategy.signals import number_text

Entry = Mapping[str, Any]
Schema = Mapping[str, Entry]

TYPES: Final = ("float", "int", "bool", "string", "choice", "list", "time")
ITEM_TYPES: Final = ("float", "int", "bool", "string")
MAX_STRING: Final = 500
MAX_LIST: Final = 200
MAX_KEYS: Final = 64
_BOUNDED: Final = ("float", "int", "time", "list")
_ENTRY_KEYS: Final = ("type", "default", "min", "max", "unit", "help", "choices", "item")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)
_INT_LIMIT: Final = 2**63


def check_schema(schema: object, name: str = "CONFIG_SCHEMA") -> list[str]:
    """Return one sentence for each thing that is wrong with a schema itself."""
    if not isinstance(schema, Mapping):
        return [f"{name} must be a dict of entries, got {type(schema).__name__}"]
    if len(schema) > MAX_KEYS:
        return [f"{name} has {len(schema)} keys, at most {MAX_KEYS} are allowed"]
    problems: list[str] = []
    for key, entry in schema.items():
        problems += _check_entry(f"{name}[{_shown(key)}]", key, entry)
    return problems


def fill_defaults(schema: Schema, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config with the defaults of missing keys, in the order of the schema."""
    filled = {
        key: config[key] if key in config else _copied(entry["default"])
        for key, entry in schema.items()
    }
    filled.update((key, value) for key, value in config.items() if key not in schema)
    return filled


def validate(schema: Schema, config: object) -> tuple[dict[str, Any], list[str]]:
    """Return the whole config (defaults filled in) and one sentence for each problem.

    With problems, the config is what could be made of it: the default in the place of each bad
    value, and no unknown key. It must not be used then, but a form can show it.
    """
    if not isinstance(config, Mapping):
        return fill_defaults(schema, {}), [
            f"the config must be an object of keys and values, got {_shown(config)}"
        ]
    problems = [unknown_key(key, schema) for key in config if key not in schema]
    result: dict[str, Any] = {}
    for key, entry in schema.items():
        value = config.get(key, entry["default"])
        problem = check_value(key, entry, value)
        if problem is not None:
            problems.append(problem)
            value = entry["default"]
        result[key] = _normal(entry, value)
    return result, problems


def check_value(key: str, entry: Entry, value: object) -> str | None:
    """Return a sentence that says what is wrong with one value, None when nothing is."""
    problem = _CHECKS[entry["type"]](entry, value)
    return None if problem is None else f"{key} {problem}, got {_shown(value)}"


def unknown_key(key: object, known: Iterable[str]) -> str:
    """Return the sentence for a key that does not exist, with the nearest that does."""
    names = list(known)
    near = difflib.get_close_matches(key, names, n=1) if isinstance(key, str) else []
    hint = f", did you mean {near[0]!r}?" if near else ""
    if not hint:
        hint = f"; the keys are {', '.join(names)}" if names else "; there are no keys"
    return f"{_shown(key)} is not a key of this strategy{hint}"


def dump_state(schema: Schema, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kept part of a state; raise StrategyError when a value does not fit its schema."""
    kept: dict[str, Any] = {}
    for key, entry in schema.items():
        value = state.get(key, entry["default"])
        problem = check_value(f"state[{key!r}]", entry, value)
        if problem is not None:
            raise StrategyError(f"{problem} (see STATE_SCHEMA)")
        kept[key] = _normal(entry, value)
    return kept


def load_state(schema: Schema, state: dict[str, Any], kept: Mapping[str, Any]) -> list[str]:
    """Put kept values back into a state; return a sentence for each that no longer fits.

    Such a key keeps its default: a new version of the file may have changed its meaning.
    """
    problems = []
    for key, value in kept.items():
        entry = schema.get(key)
        if entry is None:
            problems.append(f"state {_shown(key)} is no longer in STATE_SCHEMA: dropped")
            continue
        problem = check_value(f"state[{key!r}]", entry, value)
        if problem is None:
            state[key] = _normal(entry, value)
        else:
            problems.append(f"{problem}: the default is used")
    return problems


def _check_entry(where: str, key: object, entry: object) -> list[str]:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return [f"{where}: a key is letters, digits and _, at most 40, and begins with a letter"]
    if not isinstance(entry, Mapping):
        return [f'{where} must be a dict such as {{"type": "float", "default": 1.0}}']
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        return [f"{where}: type must be one of {', '.join(TYPES)}, got {_shown(kind)}"]
    problems = [
        f"{where}: {_shown(name)} is not known; an entry has {', '.join(_ENTRY_KEYS)}"
        for name in entry
        if name not in _ENTRY_KEYS
    ]
    problems += [
        f"{where}: {name} must be a text, got {_shown(entry[name])}"
        for name in ("unit", "help")
        if name in entry and not isinstance(entry[name], str)
    ]
    problems += _check_bounds(where, kind, entry)
    problems += _check_kind(where, kind, entry)
    if problems:
        return problems
    if "default" not in entry:
        return [f"{where} has no default; every key needs one"]
    wrong = _CHECKS[kind](entry, entry["default"])
    return [f"{where}: default {wrong}, got {_shown(entry['default'])}"] if wrong else []


def _check_bounds(where: str, kind: str, entry: Entry) -> list[str]:
    given = [name for name in ("min", "max") if entry.get(name) is not None]
    if not given:
        return []
    if kind not in _BOUNDED or (kind == "list" and entry.get("item") not in ("float", "int")):
        return [f"{where}: min and max are for numbers, not for {kind}"]
    problems = [
        f"{where}: {name} must be a number, got {_shown(entry[name])}"
        for name in given
        if not _is_number(entry[name])
    ]
    if not problems and len(given) == 2 and entry["min"] > entry["max"]:
        problems.append(f"{where}: min {entry['min']} is above max {entry['max']}")
    return problems


def _check_kind(where: str, kind: str, entry: Entry) -> list[str]:
    problems = []
    choices, item = entry.get("choices"), entry.get("item")
    if kind == "choice":
        is_list = isinstance(choices, (list, tuple)) and len(choices) > 0
        if not is_list or not all(isinstance(x, str) and x.isprintable() for x in choices or ()):
            problems.append(f"{where}: choices must be a list of texts, got {_shown(choices)}")
    elif choices is not None:
        problems.append(f'{where}: choices are for type "choice", not for {kind}')
    if kind == "list":
        if item not in ITEM_TYPES:
            problems.append(
                f"{where}: item must be one of {', '.join(ITEM_TYPES)}, got {_shown(item)}"
            )
    elif item is not None:
        problems.append(f'{where}: item is for type "list", not for {kind}')
    return problems


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < _INT_LIMIT


def _check_float(entry: Entry, value: object) -> str | None:
    return _range(entry, value) if _is_number(value) else "must be a number" + _bounds(entry)


def _check_int(entry: Entry, value: object) -> str | None:
    if _is_number(value) and isinstance(value, int):
        return _range(entry, value)
    return "must be a whole number" + _bounds(entry)


def _check_time(entry: Entry, value: object) -> str | None:
    if _is_number(value) and isinstance(value, int) and value >= 0:
        return _range(entry, value)
    return "must be a moment in ns UTC, a whole number from 0"


def _check_bool(entry: Entry, value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _check_string(entry: Entry, value: object) -> str | None:
    if not isinstance(value, str):
        return "must be a text"
    if len(value) > MAX_STRING:
        return f"must have at most {MAX_STRING} characters"
    return None if value.isprintable() else "must be one line of printable characters"


def _check_choice(entry: Entry, value: object) -> str | None:
    if isinstance(value, str) and value in entry["choices"]:
        return None
    return f"must be one of {', '.join(entry['choices'])}"


def _check_list(entry: Entry, value: object) -> str | None:
    if not isinstance(value, (list, tuple)):
        return f"must be a list of {entry['item']}"
    if len(value) > MAX_LIST:
        return f"must have at most {MAX_LIST} items"
    check = _CHECKS[entry["item"]]
    for index, item in enumerate(value):
        problem = check(entry, item)
        if problem is not None:
            return f"item {index + 1} {problem}"
    return None


_CHECKS: Final[dict[str, Callable[[Entry, object], str | None]]] = {
    "float": _check_float,
    "int": _check_int,
    "bool": _check_bool,
    "string": _check_string,
    "choice": _check_choice,
    "list": _check_list,
    "time": _check_time,
}


def _range(entry: Entry, value: Any) -> str | None:
    low, high = entry.get("min"), entry.get("max")
    inside = (low is None or value >= low) and (high is None or value <= high)
    return None if inside else "must be" + _bounds(entry)


def _bounds(entry: Entry) -> str:
    low, high = entry.get("min"), entry.get("max")
    if low is None and high is None:
        return ""
    if high is None:
        return f" at least {number_text(low)}"
    if low is None:
        return f" at most {number_text(high)}"
    return f" from {number_text(low)} to {number_text(high)}"


def _normal(entry: Entry, value: Any) -> Any:
    """Return the value in the one form that is stored: floats as float, lists as a new list."""
    kind = entry["type"]
    if kind == "float":
        return float(value)
    if kind == "list":
        return [float(item) if entry["item"] == "float" else item for item in value]
    return value


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


def _shown(value: object) -> str:
    return printable(repr(value), 60)
