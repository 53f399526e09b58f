"""Lines that are wider than their place: they go on below, and no number in them is ever cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tradetui.tui.lines import Line, Span, cells_of, ellipsis, fit, width_of

_WORD: Final = re.compile(r" +|[^ ]+")
_OF: Final = re.compile(r"(?<=[0-9?*])(?=/[0-9*])")
"""Between a number and the one it is part of: ``0.50/1,250.00``."""


_MARKS: Final = {(False, False): "▴", (True, False): "▾", (False, True): "^", (True, True): "v"}
"""By (descending, ASCII). Of neutral width: one cell on every terminal."""


class SortMark(NamedTuple):
    """By which column a table is sorted, empty for none, and which way."""

    column: str = ""
    descending: bool = False

    def shape(self, *, ascii_only: bool) -> str:
        """Return the shape that stands behind the heading."""
        return _MARKS[self.descending, ascii_only]


UNSORTED: Final = SortMark()


def heading(text: str, cells: int, mark: str = "", *, right: bool = False) -> tuple[str, str]:
    """Return a heading fitted to its cells and what stands in the gap behind it.

    A mark stands right behind the heading, in the gap where the heading takes all its cells.
    """
    whole_text = fit(text, cells, right=right)
    bare = whole_text.rstrip()
    if not mark or len(bare) == cells:
        return whole_text, mark or " "
    return fit(bare + mark, cells), " "


def fitted(lines: Iterable[Line], width: int) -> list[Line]:
    """Return the lines, each over as many as it needs."""
    return [piece for line in lines for piece in whole(line, width)]


def whole(line: Line, width: int) -> list[Line]:
    """Return a line over as many as it needs, divided between words and before ``/NUMBER``.

    What goes on stands under the second span. A word that is wider than that moves to the left; a
    number wider than all becomes ``#####``, another word is cut with dots.
    """
    if width_of(line) <= width or width < 1:
        return [line]
    margin = width_of(line[:1]) if len(line) > 1 else 0
    found: list[list[Span]] = [[]]
    used = 0
    for text, look in _words(line):
        length = cells_of(text)
        if used + length > width:
            if text.isspace():
                used = width  # the next word begins the next line
                continue
            text = ellipsis(text, width)
            length = cells_of(text)
            indent = max(min(margin, width - length), 0)
            found.append([(" " * indent, "base")] if indent else [])
            used = indent
        found[-1].append((text, look))
        used += length
    return [tuple(spans) for spans in found if spans]


def _words(line: Line) -> Iterator[Span]:
    """Yield the words of a line, the blanks between them, and the parts around ``/NUMBER``."""
    for text, look in line:
        for word in _WORD.findall(text):
            for part in _OF.split(word):
                yield part, look
