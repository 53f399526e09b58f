"""Styled lines of text, and which cells differ between two of them.

A line is a tuple of (text, look) spans; a look is a name in the theme. Nothing here knows colours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
Line = tuple[Span, ...]

BLANK: Line = ()
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9,.:]*")
_FIGURE: Final = re.compile(r"(?:^|[^A-Za-z0-9_])[0-9]")
_ONE_CELL_EACH: Final = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u2500-\u25fc\u2800-\u28ff]*")
"""Letters, lines, blocks and dots that take one cell each, whatever stands beside them."""

_MERGE_GAP: Final = 6
"""Cells: two changed runs nearer than this are sent as one (moving the cursor costs as much)."""


def text_line(text: str, look: str = "base") -> Line:
    """Return a line of one span."""
    return ((text, look),)


def plain(line: Line) -> str:
    """Return the text of a line."""
    return "".join(text for text, _ in line)


def cells_of(text: str) -> int:
    """Return how many cells a text takes.

    The parts of charts and frames are counted here: each is new, and where others are counted every
    text is remembered, up to some thousands.
    """
    if text.isascii() or _ONE_CELL_EACH.fullmatch(text):
        return len(text)
    return cell_len(text)


def width_of(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum([len(text) if text.isascii() else cells_of(text) for text, _ in line])


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Pad or cut text to exactly ``width`` cells; ``right`` aligns to the right side."""
    if text.isascii():
        if len(text) > width:
            return text[: max(width, 0)]
        return text.rjust(width) if right else text.ljust(width)
    length = cells_of(text)
    if right and length < width:
        return " " * (width - length) + text
    return set_cell_size(text, max(width, 0))


def ellipsis(text: str, width: int) -> str:
    """Return the text; one longer than ``width`` cells cut, with three dots that say so.

    A number is never cut: it goes whole, with what follows, and the dots stand apart from one that
    stays. A text that is nothing but a number becomes ``#####``.
    """
    if (len(text) if text.isascii() else cells_of(text)) <= width:
        return text
    if _NUMBER.fullmatch(text):
        return "#" * max(width, 0)
    dots = "..."[: max(width, 0)]
    kept = fit(text, max(width - 3, 0))
    start = kept.rfind(" ") + 1
    if start and _is_figure(text[start:].partition(" ")[0]):
        kept = kept[:start].rstrip()
    elif start and start == len(kept):
        kept = kept.rstrip()
    return kept + (" " if _NUMBER.fullmatch(kept.rpartition(" ")[2]) else "") + dots


def _is_figure(word: str) -> bool:
    """Tell whether a word says a number, which half of it would say wrongly; a path may be cut."""
    return bool(_FIGURE.search(word)) and not ("/" in word and not word[0].isdigit())


def barred(look: str) -> str:
    """Return the look of a cell in the selected row: a theme may draw a bar through all of it."""
    return "selected" if look == "base" else f"bar+{look}"


def crop(line: Line, width: int, start: int = 0) -> Line:
    """Return the cells ``start`` to ``start + width`` of a line (shorter if it ends before)."""
    if start == 0 and width_of(line) <= width:
        return line
    result: list[Span] = []
    position = 0
    for text, look in line:
        length = len(text) if text.isascii() else cells_of(text)
        left, right = max(start - position, 0), min(start + width - position, length)
        if left < right:
            part = text[left:right] if len(text) == length else _between(text, left, right)
            result.append((part, look))
        position += length
        if position >= start + width:
            break
    return tuple(result)


def _between(text: str, left: int, right: int) -> str:
    """Return the cells ``left`` to ``right`` of a text; blanks for half of a wide character."""
    found: list[str] = []
    at = 0
    for char in text:
        size = cell_len(char)
        if at >= left and at + size <= right:
            found.append(char)
        else:
            found.append(" " * max(min(at + size, right) - max(at, left), 0))
        at += size
        if at > right:
            break
    return "".join(found)


def folded(line: Line, width: int) -> list[Line]:
    """Return a line over as many as it needs, cut between words; what follows stands under the
    second span of the line, or where its first word begins.
    """
    total, text = width_of(line), plain(line)
    if total <= width or width < 1:
        return [line]
    indent = len(text) - len(text.lstrip(" ")) if len(line) == 1 else width_of(line[:1])
    indent = min(indent, width // 2)
    found: list[Line] = []
    start, room, margin = 0, width, ""
    while total - start > room:
        cut = text.rfind(" ", start, start + room + 1) if total == len(text) else -1
        if cut <= start + (0 if found else indent):
            cut = start + room
        found.append(((margin, "base"), *crop(line, cut - start, start)))
        start = cut + (1 if text[cut : cut + 1] == " " else 0)
        margin, room = " " * indent, width - indent
    return [*found, ((margin, "base"), *crop(line, total - start, start))]


def padded(line: Line, width: int, look: str = "base") -> Line:
    """Return the line, cut or filled with blanks to exactly ``width`` cells."""
    length = width_of(line)
    if length > width:
        return crop(line, width)
    return (*line, (" " * (width - length), look)) if length < width else line


def sides(left: Line, right: Line, width: int, look: str = "base") -> Line:
    """Return ``left`` and ``right`` at the two ends of a line; the left is cut if it must."""
    room = max(width - width_of(right), 0)
    return (*padded(left, room, look), *right)


def beside(
    lefts: Sequence[Line], width: int, rights: Sequence[Line], look: str = "base"
) -> list[Line]:
    """Put two blocks of lines side by side; the left one ``width`` cells wide."""
    rows = max(len(lefts), len(rights))
    return [
        (
            *padded(lefts[row] if row < len(lefts) else BLANK, width, look),
            *(rights[row] if row < len(rights) else BLANK),
        )
        for row in range(rows)
    ]


def changed_runs(old: Line, new: Line, width: int) -> list[tuple[int, int]]:
    """Return the (start, length) runs of cells that differ, near ones merged.

    Lines with characters two cells wide count as changed from end to end, unless their spans are as
    long as before and only narrow ones changed.
    """
    if old == new:
        return []
    changed = _changed_in_spans(old, new)
    if changed is None:
        before, after = _cells(old, width), _cells(new, width)
        if before is None or after is None:
            return [(0, width)]
        changed = [index for index in range(width) if before[index] != after[index]]
    runs: list[tuple[int, int]] = []
    start = end = -1
    for index in changed:
        if index >= width:
            break
        if start < 0:
            start = index
        elif index - end > _MERGE_GAP:
            runs.append((start, end - start + 1))
            start = index
        end = index
    if start >= 0:
        runs.append((start, end - start + 1))
    return runs


def _changed_in_spans(old: Line, new: Line) -> list[int] | None:
    """Return the cells that differ between lines whose spans are equally long; None for others.

    Most redraws are of this kind, and most of their spans are the same.
    """
    if len(old) != len(new):
        return None
    changed: list[int] = []
    position = 0
    for before, after in zip(old, new, strict=True):
        text = after[0]
        length = len(text)
        if before == after:
            position += length if text.isascii() else cells_of(text)
            continue
        was = before[0]
        if len(was) != length or not (_is_narrow(was) and _is_narrow(text)):
            return None
        if before[1] != after[1]:
            changed += range(position, position + length)
        else:
            changed += [position + i for i in range(length) if was[i] != text[i]]
        position += length
    return changed


def _is_narrow(text: str) -> bool:
    return text.isascii() or cells_of(text) == len(text)


def _cells(line: Line, width: int) -> list[tuple[str, str]] | None:
    """Return one (character, look) per cell; None where a character is not one cell wide."""
    cells: list[tuple[str, str]] = []
    for text, look in line:
        if not _is_narrow(text):
            return None
        cells.extend((char, look) for char in text)
    cells.extend([(" ", "base")] * (width - len(cells)))
    return cells
