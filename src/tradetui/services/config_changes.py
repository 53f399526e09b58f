"""Changes of an instance's config: parsing, checking, and what a person is shown before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tradetui.domain.text import printable
from tradetui.services.errors import UserError
from tradetui.services.strategies import Schema
from tradetui.strategy.schema import unknown_key, validate

_WORDS: Final = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}
_NOTED_RATIO: Final = 2


@dataclass(frozen=True)
class ConfigChange:
    """One key that changes; ``note``: by how much (``x10``), where that is worth a look."""

    key: str
    old: Any
    new: Any
    note: str = ""

    def __str__(self) -> str:
        text = f"{self.key}: {value_text(self.old)} -> {value_text(self.new)}"
        return f"{text}  {self.note}" if self.note else text


def parse_config(text: str) -> dict[str, Any]:
    """Parse a config as JSON; raises UserError for anything but one object of finite values."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError) as error:
        raise UserError(f"the config is not JSON: {printable(str(error), 200)}") from None
    if not isinstance(value, dict):
        raise UserError('the config must be a JSON object such as {"risk": 0.01}')
    return value


def canonical(config: Mapping[str, Any]) -> str:
    """Write a config as the store keeps it: keys in order, no blanks."""
    return json.dumps(
        config, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
    )


def checked_config(schema: Schema, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config with defaults filled in; raises UserError with everything wrong in it."""
    filled, problems = validate(schema, config)
    if problems:
        raise UserError("; ".join(problems))
    return filled


def effective(schema: Schema, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recorded config with the defaults that hold for what it does not name.

    It is not checked: it may be older than the schema.
    """
    return {**validate(schema, {})[0], **config}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[ConfigChange, ...]:
    """Return the keys that change, in order."""
    return tuple(
        ConfigChange(key, old.get(key), new.get(key), _ratio(old.get(key), new.get(key)))
        for key in sorted({**old, **new})
        if key not in old or key not in new or not _same(old[key], new[key])
    )


def parse_assignments(schema: Schema, assignments: Sequence[str]) -> dict[str, Any]:
    """Parse ``key=value`` pairs by the types of the schema; raises UserError."""
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        key = key.strip()
        if not equals or not key:
            raise UserError(f"{printable(assignment, 60)}: write key=value, such as risk=0.01")
        if key not in schema:
            raise UserError(unknown_key(key, schema))
        if key in values:
            raise UserError(f"{key} is given twice")
        values[key] = parse_value(key, schema[key], text.strip())
    return values


def parse_value(key: str, entry: Mapping[str, Any], text: str) -> Any:
    """Parse what a person typed for one key; raises UserError.

    Range and choice are checked by ``checked_config`` afterwards.
    """
    return _parse_as(key, str(entry["type"]), str(entry.get("item", "string")), text)


def value_text(value: Any) -> str:
    """Write a value as a person reads it."""
    if value is None:
        return "(default)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return printable(value, 80) if value else '""'
    return printable(json.dumps(value), 80)


def _parse_as(key: str, kind: str, item: str, text: str) -> Any:
    if kind in ("string", "choice"):
        return text
    if kind == "bool":
        if text.lower() not in _WORDS:
            raise UserError(f"{key} must be true or false, got {printable(text, 40)!r}")
        return _WORDS[text.lower()]
    if kind == "list":
        parts = [part.strip() for part in text.strip("[]").split(",")]
        return [_parse_as(key, item, item, part) for part in parts if part]
    if kind in ("int", "time"):
        return _parse_int(key, text)
    return _parse_float(key, text)


def _parse_int(key: str, text: str) -> int:
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):
        raise UserError(f"{key} must be a whole number, got {printable(text, 40)!r}")
    return int(text)


def _parse_float(key: str, text: str) -> float:
    plain = text.isascii() and "_" not in text and len(text) <= 40
    try:
        number = Decimal(text) if plain else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number) > Decimal("1e15"):
        raise UserError(
            f"{key} must be a number such as 0.01 (no commas, no blanks), "
            f"got {printable(text, 40)!r}"
        )
    return float(number)


def _same(old: Any, new: Any) -> bool:
    comparable = type(old) is type(new) or _is_number(old, new)
    return comparable and bool(old == new)


def _is_number(*values: Any) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _ratio(old: Any, new: Any) -> str:
    """Say ``x10`` or ``x0.1`` where a number is at least doubled or halved: a slip shows."""
    if not _is_number(old, new) or not old or not new or (old < 0) != (new < 0):
        return ""
    before, after = Decimal(str(abs(old))), Decimal(str(abs(new)))
    larger, smaller = max(before, after), min(before, after)
    if larger < _NOTED_RATIO * smaller:
        return ""
    factor = after / before
    exponent = -1 if factor > 1 else factor.adjusted() - 1
    return f"x{factor.quantize(Decimal(1).scaleb(exponent)).normalize():f}"


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a finite number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"the key {key!r} is there twice")
        values[key] = value
    return values
