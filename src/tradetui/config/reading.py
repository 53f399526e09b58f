"""Reading a TOML file: bounded, exact, and with the line of every key."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from tradetui.config.errors import ConfigError
from tradetui.domain.text import printable
from tradetui.domain.toml_text import MAX_TOML_BYTES, TomlError, decode_toml, parse_toml

MAX_DEPTH: Final = 12
_PART: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEY: Final = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_HEADER: Final = re.compile(rf"\s*(\[\[?)\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]\]?\s*(?:#.*)?$")
_ONE_PART: Final = re.compile(_PART)

Path_ = tuple[str | int, ...]


@dataclass
class Document:
    """The content of a file, with the line where each key stands."""

    path: Path
    values: dict[str, Any]
    lines: dict[Path_, int] = field(default_factory=dict)

    def line_of(self, where: Sequence[str | int]) -> int | None:
        """Return the line of a key, or of the nearest table around it; None if that is the file."""
        place = tuple(where)
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[:-1]
        return None

    def problem(self, where: Sequence[str | int], text: str) -> str:
        """Return a sentence that names file, line and key."""
        line = self.line_of(where)
        at = f"{self.path}, line {line}" if line is not None else str(self.path)
        key = dotted(where)
        return f"{at}: {key}: {text}" if key else f"{at}: {text}"


def dotted(where: Sequence[str | int]) -> str:
    """Write the place of a key: ``routes[1].maker_fee`` (counted from 1, as people do)."""
    text = ""
    for part in where:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{printable(part, 64)}" if text else printable(part, 64)
    return text


def read_document(path: Path) -> Document:
    """Read and parse a TOML file; decimals become exact ``Decimal`` values.

    Raises ConfigError for a file that is missing, too big, empty, not UTF-8, or not TOML.
    """
    text = _read_text(path)
    try:
        values = parse_toml(text, parse_float=Decimal)
    except TomlError as error:
        raise ConfigError(error.of(path)) from None
    if not values:
        raise ConfigError(f"{path}: is empty; `tradetui doctor` names the shipped example")
    document = Document(path, values, _index_lines(text))
    _check_depth(document)
    return document


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return decode_toml(file.read(MAX_TOML_BYTES + 1))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except TomlError as error:
        raise ConfigError(error.of(path)) from None


def _check_depth(document: Document) -> None:
    stack: list[tuple[Path_, Any]] = [((), document.values)]
    while stack:
        place, value = stack.pop()
        if len(place) > MAX_DEPTH:
            raise ConfigError(document.problem(place[:2], "is nested too deeply"))
        if isinstance(value, dict):
            stack += [((*place, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            stack += [((*place, number), item) for number, item in enumerate(value)]


def _index_lines(text: str) -> dict[Path_, int]:
    """Note the line of each table header and each key of a text that is known to be valid TOML."""
    lines: dict[Path_, int] = {}
    table: Path_ = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in _plain_lines(text):
        header = _HEADER.match(line)
        if header is not None:
            table = _table_place(header.group(1) == "[[", _parts(header.group(2)), counts)
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
            continue
        key = _KEY.match(line)
        if key is not None:
            place = table
            for part in _parts(key.group(1)):
                place = (*place, part)
                lines.setdefault(place, number)
    return lines


def _plain_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that are not inside a multi-line string."""
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not closing:
            yield number, line
        for mark in ('"""', "'''"):
            if line.count(mark) % 2 and closing in ("", mark):
                closing = "" if closing else mark


def _parts(text: str) -> tuple[str, ...]:
    return tuple(_name_of(part) for part in _ONE_PART.findall(text))


def _name_of(part: str) -> str:
    if part.startswith('"') and "\\" in part:
        with contextlib.suppress(TomlError):  # what only looks like a key, in a text of many lines
            return str(parse_toml(f"name = {part}")["name"])
    return part.strip("\"'")


def _table_place(
    is_array: bool, parts: tuple[str, ...], counts: dict[tuple[str, ...], int]
) -> Path_:
    if is_array:
        counts[parts] = counts.get(parts, -1) + 1
    place: Path_ = ()
    for length in range(1, len(parts) + 1):
        place = (*place, parts[length - 1])
        if parts[:length] in counts:
            place = (*place, counts[parts[:length]])
    return place
