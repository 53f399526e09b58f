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
    flat = text[: limit + 1].translate({9: " ", 10: " ", 13: " "})
    clean = "".join(char if char.isprintable() else "?" for char in flat)
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."
