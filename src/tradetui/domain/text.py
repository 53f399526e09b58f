"""Text from outside, made safe to store and to show."""

from __future__ import annotations

from typing import Final

MAX_SYMBOL: Final = 32
MAX_MESSAGE: Final = 500


def printable(text: str, limit: int = MAX_MESSAGE) -> str:
    """Return ``text`` with every control, escape, bidirectional or zero-width character replaced by
    ``?``, at most ``limit`` characters long; a cut is shown by ``...``. Line ends and tabs become
    blanks.
    """
    clean = visible(text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def visible(text: str) -> str:
    """Return ``text`` as ``printable`` does, and whole: for the edges where text leaves."""
    if text.isprintable():
        return text
    flat = text.translate({9: " ", 10: " ", 13: " "})
    return "".join(char if char.isprintable() else "?" for char in flat)


def escaped_json(text: str) -> str:
    """Return a JSON text with every character that a terminal could act on, or that hides, written
    as an escape of JSON: the same value to whoever reads it. Line ends stay.
    """
    if text.isascii() and "\x7f" not in text:
        return text  # JSON has escaped what lies below the blank
    return "".join(
        char if char.isprintable() or char == "\n" else _json_escape(char) for char in text
    )


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
