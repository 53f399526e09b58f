"""Characters that make one picture of several: terminals disagree on how many cells they take.

A heart is one cell, and with the mark that asks for its coloured form it is two in one terminal and
one in the next; a flag is two letters that one terminal joins and another does not. One such cell
would shift all that stands behind it in its line. They are written as what all terminals agree on,
in as many cells as the lines were measured with.
"""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len

_MARKS: Final = "\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
"""Forms of the character before them, the key around it, the colour of its skin."""
_FLAG_A: Final = 0x1F1E6
_LETTERS: Final = {_FLAG_A + at: chr(ord("A") + at) for at in range(26)}
_UNSETTLED: Final = re.compile(f"[{_MARKS}\U0001f1e6-\U0001f1ff]")
_CLUSTER: Final = re.compile(f"(?s).?[{_MARKS}]+")


def settled(text: str) -> str:
    """Return a text whose width all terminals agree on; nearly always it is the text itself."""
    if text.isascii() or _UNSETTLED.search(text) is None:
        return text
    return _CLUSTER.sub(_without_marks, text).translate(_LETTERS)


def _without_marks(found: re.Match[str]) -> str:
    whole = found.group()
    first = "" if _UNSETTLED.match(whole) else whole[0]
    return first + " " * (cell_len(whole) - cell_len(first))
