"""What one step changed in the state, in lines."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tradetui.core.state import KernelState
from tradetui.domain.difference import as_json
from tradetui.domain.text import printable

MAX_LINES: Final = 200
_LEFT_OUT: Final = ("risk_plans", "undo", "config", "order_times", "idempotency_keys")
"""Derived, or of no interest to a person."""


def changed_lines(before: KernelState, after: KernelState) -> tuple[str, ...]:
    """Return a line for every value of the state that differs, at most MAX_LINES."""
    lines: list[str] = []
    for name in names_of(after):
        was, now = getattr(before, name), getattr(after, name)
        if isinstance(now, dict):
            lines += _of_map(name, was, now)
        elif was != now:
            lines.append(f"{name}: {_text(was)} -> {_text(now)}")
    if len(lines) > MAX_LINES:
        return (*lines[:MAX_LINES], f"... and {len(lines) - MAX_LINES:,} more")
    return tuple(lines)


def names_of(state: KernelState) -> tuple[str, ...]:
    """Return the names of the fields that are compared, in order."""
    names = getattr(type(state), "__slots__", ()) or vars(state)
    return tuple(name for name in names if name not in _LEFT_OUT)


def _of_map(name: str, was: dict[Any, Any], now: dict[Any, Any]) -> list[str]:
    lines = []
    for key, value in now.items():
        old = was.get(key)
        if key not in was:
            lines.append(f"{name} {_key(key)}: new {_text(value)}")
        elif old is not value and old != value:
            lines += _of_value(f"{name} {_key(key)}", old, value)
    lines += [f"{name} {_key(key)}: gone" for key in was if key not in now]
    return lines


def _of_value(place: str, was: Any, now: Any) -> list[str]:
    """Name the fields of a record that differ; other values whole."""
    if isinstance(now, msgspec.Struct) and was.__class__ is now.__class__:
        return [
            f"{place}.{field}: {_text(getattr(was, field))} -> {_text(getattr(now, field))}"
            for field in now.__struct_fields__
            if getattr(was, field) != getattr(now, field)
        ]
    return [f"{place}: {_text(was)} -> {_text(now)}"]


def _key(key: Any) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return printable(" ".join(str(part) for part in parts), 100)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return f"{len(value)} entries"
    return printable(as_json(value), 160)
