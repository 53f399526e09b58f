"""Records made by their types: with everything filled in, or with the least."""

from __future__ import annotations

import functools
import inspect
import typing
from enum import StrEnum

from tradetui.domain.record import Record


def example(hint: object, *, is_full: bool) -> object:
    """Make a value of a type: with everything filled in, or with the least."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (tuple, list):
        make = typing.get_origin(hint)
        if make is list or arguments[-1] is Ellipsis:
            return make([example(arguments[0], is_full=is_full)] if is_full else [])
        return tuple(example(one, is_full=is_full) for one in arguments)
    if arguments:
        if type(None) in arguments and not is_full:
            return None
        return example(arguments[0], is_full=is_full)
    if inspect.isclass(hint) and issubclass(hint, Record):
        return record_of(hint, is_full=is_full)
    if inspect.isclass(hint) and issubclass(hint, StrEnum):
        return list(hint)[-1 if is_full else 0]
    basic = getattr(hint, "__supertype__", hint)
    full = {int: 7, str: "text", bool: True, float: 1.5, bytes: b"{}"}
    return full[basic] if is_full else basic()


def record_of(kind: type, *, is_full: bool) -> object:
    """Make a record with every field given."""
    return kind(*[example(hint, is_full=is_full) for hint in _hints_of(kind)])


@functools.cache
def _hints_of(kind: type) -> tuple[object, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(hints[name] for name in kind.__struct_fields__)
