"""TOML that people write, parsed without trusting it: bounded in size, depth and time."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any, Final

from tradetui.domain.text import printable

MAX_TOML_BYTES: Final = 1_000_000
MAX_KEY_PARTS: Final = 100

_BOM: Final = b"\xef\xbb\xbf"
_PART: Final = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_LONG_KEY: Final = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?:\.[ \t]*+{_PART}){{{MAX_KEY_PARTS}}}")
"""The parser's time grows with the square of a dotted key's parts: hours for a megabyte of them."""
_FIRST_PART: Final = re.compile(rf"[ \t]*+({_PART})(?:\.|$)")


class TomlError(ValueError):
    """A text is not TOML that we read; the message is half a sentence, printable and bounded.

    ``line`` is the line that it is about, 0 for the whole or when the message says it.
    """

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.line = line

    def of(self, source: object) -> str:
        """Return the sentence that names the file."""
        at = f", line {self.line}" if self.line else ""
        return f"{source}{at}: {self}"


def decode_toml(data: bytes) -> str:
    """Return the text of a file, of which at most one byte more than MAX_TOML_BYTES was read.

    Raises TomlError.
    """
    if len(data) > MAX_TOML_BYTES:
        raise TomlError(f"has more than {MAX_TOML_BYTES:,} bytes; such a file is short")
    if data.startswith(_BOM):
        raise TomlError("begins with a byte order mark; save it as UTF-8 without BOM")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TomlError("is not UTF-8; save the file as UTF-8", line) from None


def parse_toml(text: str, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Return the values of a text; raises TomlError."""
    long = _LONG_KEY.search(text)
    if long is not None:
        line = text.count("\n", 0, long.start()) + 1
        raise TomlError(f"is nested too deeply: a key of more than {MAX_KEY_PARTS} parts", line)
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError:
        raise TomlError("is nested too deeply") from None
    except (ValueError, ArithmeticError) as error:
        raise TomlError(f"is not valid TOML: {printable(str(error), 200)}") from None


def line_of_key(text: str, key: str, table: str = "") -> int:
    """Return the line on which a table gives a key a value or makes it a table of its own, 0 if
    none does on a line of its own.
    """
    inside = not table
    under = f"{table}." if table else ""
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip()
        if word.startswith("["):
            header = word.partition("#")[0].strip().strip("[]")
            if header.startswith(under) and _first_part(header.removeprefix(under)) == key:
                return number
            inside = header == table
            continue
        name, sign, _ = word.partition("=")
        if inside and sign and key in (name.strip().strip("\"'"), _first_part(name)):
            return number
    return 0


def _first_part(name: str) -> str:
    """Return the key that a dotted one begins with, without its quotes."""
    found = _FIRST_PART.match(name)
    return found[1].strip().strip("\"'") if found else ""


def place_of_key(source: object, text: str, key: str, table: str = "") -> str:
    """Return the file with the line of a key where that is known: ``keys.toml, line 3``."""
    line = line_of_key(text, key, table)
    return f"{source}, line {line}" if line else f"{source}"
