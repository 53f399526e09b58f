"""Lists: a heading and rows of cells, scrolled, filtered and cut to the screen the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tradetui.tui.lines import Line, Span, crop, fit, text_line
from tradetui.tui.widgets.instance_columns import (
    Cell,
)
from tradetui.tui.widgets.instances_table import (
    window,
)


class ListColumn(NamedTuple):
    """A column of a list; ``width`` 0 takes what is left."""

    heading: str
    width: int
    right: bool = False
    leaves: int = 0
    """0 = always there; of the others the highest leaves first when the screen is narrow."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row: the key that the selection follows, the instance it belongs to, and its cells.

    ``text`` is what a filter looks at: all cells, in lower case. It is made with the row, which is
    made once for each record, so that each letter of a filter only looks.
    """

    key: str
    strategy_id: str
    cells: tuple[Cell, ...]
    text: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        text = " ".join([cell.text for cell in self.cells]).lower()
        object.__setattr__(self, "text", text)


class ListContent(NamedTuple):
    """What a list shows, before scrolling."""

    columns: tuple[ListColumn, ...]
    rows: tuple[ListRow, ...]
    empty: str


@dataclass(slots=True)
class ListState:
    """Where a person is in a list."""

    selected: str | None = None
    top: int = 0
    grown: dict[int, int] = field(default_factory=dict)
    """The widest each column has been: it never shrinks under the eyes."""


def filtered(content: ListContent, pattern: str) -> ListContent:
    """Keep the rows that match: plain text, ``!`` not, ``~`` a regular expression."""
    rest = pattern.removeprefix("!")
    if rest.startswith("~"):
        matches = matcher(pattern)
        return content._replace(rows=tuple([row for row in content.rows if matches(row.text)]))
    needle, wanted = rest.lower(), rest == pattern
    # The commonest filter, without a call for each row: a hundred thousand in tens of ms.
    rows = tuple([row for row in content.rows if (needle in row.text) is wanted])
    return content._replace(rows=rows)


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return the test of a filter; a regular expression that is wrong matches as plain text."""
    wanted = not pattern.startswith("!")
    rest = pattern.removeprefix("!")
    if rest.startswith("~"):
        try:
            compiled = re.compile(rest[1:], re.IGNORECASE)
        except re.error:
            compiled = re.compile(re.escape(rest[1:]), re.IGNORECASE)
        return lambda text: bool(compiled.search(text)) is wanted
    needle = rest.lower()
    return lambda text: (needle in text.lower()) is wanted


def list_lines(content: ListContent, state: ListState, *, width: int, height: int) -> list[Line]:
    """Draw a list: heading, then the rows around the selection."""
    if not content.rows:
        return [text_line(f"  {content.empty}", "dim")]
    keys = [row.key for row in content.rows]
    selected = keys.index(state.selected) if state.selected in keys else -1
    first, shown, below = window(len(keys), selected, state.top, max(height - 1, 1))
    state.top = first
    visible = content.rows[first : first + shown]
    columns = _fitting(content, visible, state.grown, width)
    head: list[Span] = [(" ", "head")]
    for index, cells in columns:
        column = content.columns[index]
        head += [(fit(column.heading, cells, right=column.right), "head"), (" ", "head")]
    lines = [crop(tuple(head), width)]
    for row in visible:
        lines.append(_row_line(row, content, columns, width, is_selected=row.key == state.selected))
    if below:
        lines.append(text_line(f"  {below} more below", "dim"))
    return lines[:height]


def _row_line(
    row: ListRow,
    content: ListContent,
    columns: list[tuple[int, int]],
    width: int,
    *,
    is_selected: bool,
) -> Line:
    spans: list[Span] = [(">" if is_selected else " ", "selected")]
    for index, cells in columns:
        cell = row.cells[index]
        look = "selected" if is_selected and cell.look == "base" else cell.look
        column = content.columns[index]
        spans += [(_cell_text(cell.text, column, cells), look), (" ", "base")]
    return crop(tuple(spans), width)


def _cell_text(text: str, column: ListColumn, cells: int) -> str:
    """Fit a cell: a number is never cut, a text that is cut says so (Enter shows it whole)."""
    if len(text) <= cells:
        return fit(text, cells, right=column.right)
    if column.right:
        return "#" * cells
    return fit(text, max(cells - 3, 0)) + "..."[:cells]


def _fitting(
    content: ListContent, visible: Sequence[ListRow], grown: dict[int, int], width: int
) -> list[tuple[int, int]]:
    """Return (column, width) of the columns that fit, as wide as their content has been."""
    widths = []
    for index, column in enumerate(content.columns):
        longest = max((len(row.cells[index].text) for row in visible), default=0)
        least = max(column.width, len(column.heading))
        grown[index] = max(grown.get(index, 0), longest, least)
        widths.append(grown[index] if column.width else 0)
    chosen = list(range(len(widths)))
    while sum(widths[index] + 1 for index in chosen) + 1 > width:
        last = max(chosen, key=lambda index: content.columns[index].leaves)
        if content.columns[last].leaves == 0:
            break
        chosen.remove(last)
    _shrink_texts(content, widths, chosen, width)
    rest = width - 1 - sum(widths[index] + 1 for index in chosen)
    return [(index, widths[index] or max(rest, 8)) for index in chosen]


def _shrink_texts(content: ListContent, widths: list[int], chosen: list[int], width: int) -> None:
    """Make the longest texts narrower, down to their declared width; numbers keep theirs."""
    over = sum(widths[index] + 1 for index in chosen) + 1 - width
    texts = [index for index in chosen if not content.columns[index].right]
    for index in sorted(texts, key=lambda index: -widths[index]):
        spare = min(max(over, 0), max(widths[index] - content.columns[index].width, 0))
        widths[index] -= spare
        over -= spare
