"""A person's own keys: a TOML file that gives bindings of the one table other keys.

    [keys]
    power = "O"
    why = ["w", "f2"]

What a binding does, where it holds and what it asks for never changes here. A key that would not
arrive, that means something before us, or that makes an act too easy to strike is refused.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import Final

from tradetui.domain.text import printable
from tradetui.domain.toml_text import (
    MAX_TOML_BYTES,
    TomlError,
    decode_toml,
    parse_toml,
    place_of_key,
)
from tradetui.tui.keymap import BINDINGS, MOVE, Binding

MAX_KEYS: Final = 4
_NAMED: Final = (
    *("enter", "tab", "shift+tab", "space", "escape", "backspace", "delete"),
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
    *(f"f{number}" for number in range(1, 13)),
    *(f"ctrl+{letter}" for letter in "defgklopruvxy"),
)
"""Keys beside the printable characters that arrive on every terminal, or that a person may choose
for the one they have (the function keys).
"""
_TAKEN: Final = {
    "ctrl+a": "it is the prefix of screen",
    "ctrl+b": "it is the prefix of tmux",
    "ctrl+c": "it leaves a dialog or clears a line, everywhere",
    "ctrl+h": "it is Backspace",
    "ctrl+i": "it is Tab",
    "ctrl+j": "it is Enter",
    "ctrl+m": "it is Enter",
    "ctrl+n": "web terminals keep it",
    "ctrl+q": "it stops and starts the line",
    "ctrl+s": "it stops the line",
    "ctrl+t": "web terminals keep it",
    "ctrl+w": "web terminals keep it",
    "ctrl+z": "it suspends, and a suspended engine guards nothing",
    "~": "it is the escape of ssh",
    "^": "it is a dead key on many keyboards",
    "`": "it is a dead key on many keyboards",
    "´": "it is a dead key on many keyboards",
    "'": "it is a dead key on many keyboards",
    '"': "it is a dead key on many keyboards",
}
_NEVER_ACTS: Final = ("enter", "space", "tab", "shift+tab", "escape", "backspace", "delete")


class KeymapError(Exception):
    """A keys file cannot be used; the message names the file, the binding and the mend."""


def load_bindings(path: Path) -> tuple[Binding, ...]:
    """Return the binding table with the keys of a file; as it is if there is no such file.

    Raises KeymapError with every mistake.
    """
    try:
        with path.open("rb") as file:
            text = decode_toml(file.read(MAX_TOML_BYTES + 1))
    except FileNotFoundError:
        return BINDINGS
    except OSError as error:
        raise KeymapError(f"{path}: cannot be read ({error.strerror})") from error
    except TomlError as error:
        raise KeymapError(error.of(path)) from None
    return parse_bindings(text, str(path))


def parse_bindings(text: str, source: str) -> tuple[Binding, ...]:
    """Return the binding table with the keys of a TOML text; raises KeymapError."""
    try:
        data = parse_toml(text)
    except TomlError as error:
        raise KeymapError(error.of(source)) from None
    wanted = data.pop("keys", None)
    if data or not isinstance(wanted, dict):
        raise KeymapError(f'{source}: holds one table [keys] of lines like `why = ["w", "f2"]`')
    problems: list[str] = []
    table = {binding.id: binding for binding in BINDINGS}
    for name, value in wanted.items():
        if name not in table:
            place = place_of_key(source, text, name, "keys")
            problems.append(f"{place}: there is no binding {printable(name, 40)}; {_near(name)}")
            continue
        keys = _keys(value)
        problem = _problem(table[name], keys)
        if problem:
            problems.append(f"{place_of_key(source, text, name, 'keys')}: {name}: {problem}")
        else:
            table[name] = _rebound(table[name], keys)
    bindings = tuple(table.values())
    for name, problem in _conflicts(bindings, tuple(wanted)):
        problems.append(f"{place_of_key(source, text, name, 'keys')}: {problem}")
    if problems:
        raise KeymapError("; ".join(problems))
    return bindings


def _keys(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str)) if items else ()


def _problem(binding: Binding, keys: tuple[str, ...]) -> str:
    """Return what is wrong with the keys of one binding, empty if nothing is."""
    if not 1 <= len(keys) <= MAX_KEYS:
        return f'wants one key, or a list of up to {MAX_KEYS}, such as "w" or ["w", "f2"]'
    for key in keys:
        shown = printable(repr(key), 30)
        if key in _TAKEN:
            return f"{shown} cannot be bound: {_TAKEN[key]}"
        if key not in _NAMED and not (len(key) == 1 and key.isascii() and key.isprintable()):
            return f"{shown} is no key: a character, or one of {', '.join(_NAMED[:15])} ..."
        if key == " ":
            return "write the space bar as 'space'"
        if binding.acts and key in _NEVER_ACTS:
            return f"{shown} never acts: it is struck by accident"
        if binding.acts and key.swapcase() in _motions():
            return f"{shown} never acts: Caps Lock makes a motion of it"
    return ""


def _motions() -> tuple[str, ...]:
    return tuple(key for one in BINDINGS if one.group == MOVE for key in one.keys)


def _rebound(binding: Binding, keys: tuple[str, ...]) -> Binding:
    return replace(binding, keys=keys, shown=shown(keys[0]), also=", ".join(map(shown, keys[1:])))


def shown(key: str) -> str:
    """Write a key for people: ``^d``, ``F2``, ``Space``."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    return key if len(key) == 1 else key.title()


def _conflicts(bindings: tuple[Binding, ...], own: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (binding, sentence) for every key that two bindings claim; the binding is one of a
    person's ``own``, where the mend is.
    """
    owners: dict[str, str] = {}
    problems = []
    for binding in bindings:
        for key in binding.keys:
            other = owners.setdefault(key, binding.id)
            if other != binding.id:
                text = (
                    f"{printable(repr(key), 30)} is bound to {other} and to {binding.id}: "
                    "give one of them another key"
                )
                problems.append((binding.id if binding.id in own else other, text))
    return problems


def _near(name: str) -> str:
    known = [binding.id for binding in BINDINGS]
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "`tradetui keys` lists them"
