"""Lists: a heading and rows of cells, scrolled, filtered and cut to the screen the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tradetui.tui.lines import Line, Span, barred, crop, ellipsis, fit, padded, text_line
from tradetui.tui.widgets.fitting import UNSORTED, SortMark, heading
from tradetui.tui.widgets.instance_columns import (
    Cell,
)
from tradetui.tui.widgets.instances_table import (
    window,
)

OWNER: Final = "INSTANCE"
"""The heading of the column that says whose a row is; a list of one instance goes without it."""
_REST_LEAST: Final = (20, 12)
"""Cells for a column that takes what is left: before others leave for it, and for one that leaves
itself."""
_LEAST_COLUMNS: Final = 2
_LAST_TO_LEAVE: Final = 2
"""Columns of so low a rank leave only when shorter texts do not make the room."""
_TIMES: Final = ("TIME", "CHANGED")
_STATE: Final = "STATE"
_DAY_CELLS: Final = len("11-20 ")


def is_of_times(heading: str) -> bool:
    """Tell whether a column has the time that its rows are in the order of, as they come."""
    return heading.startswith(_TIMES)


class ListColumn(NamedTuple):
    """A column of a list; ``width`` 0 takes what is left."""

    heading: str
    width: int
    right: bool = False
    leaves: int = 0
    """0 = always there; of the others the highest leaves first when the screen is narrow."""
    wants: int = 0
    """Of a column that takes what is left: the cells that others leave for."""
    is_dear: bool = False
    """It leaves only when shorter texts do not make the room."""
    is_away: bool = False
    """Not drawn, for it would say the same in each row; sorting, filters and exports know it."""
    starts: int = 0
    """Of a text: as wide as this until a longer one was shown; ``width`` is then what it keeps when
    it has to make room. 0 = as wide as ``width`` from the start.
    """
    most: int = 0
    """Of a text: it grows no wider, longer cells take fewer words. 0 = as wide as its cells."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row: the key that the selection follows, the instance it belongs to, and its cells.

    ``text`` is what a filter looks at: all cells, in lower case. It is made with the row, which is
    made once for each record, so that each letter of a filter only looks.
    """

    key: str
    strategy_id: str
    cells: tuple[Cell, ...]
    day: str = ""
    """The date of the row's time, ``2026-11-20``; empty where the row has none."""
    text: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        text = " ".join([cell.text for cell in self.cells]).lower()
        object.__setattr__(self, "text", text)


class ListContent(NamedTuple):
    """What a list shows, before scrolling."""

    columns: tuple[ListColumn, ...]
    rows: tuple[ListRow, ...]
    empty: str
    sort: SortMark = UNSORTED
    """By whose heading a person sorts; by none for rows as they come, which is by time."""

    def without(self, heading: str) -> ListContent:
        """Return the list with a column that is not drawn."""
        columns = [one._replace(is_away=one.heading == heading) for one in self.columns]
        return self._replace(columns=tuple(columns))

    @property
    def is_newest_first(self) -> bool:
        """Rows as they come, of what happened: what is above a row is newer than it. Where rows
        have a state, those that are open stand first.
        """
        headings = [column.heading for column in self.columns]
        return not self.sort.column and is_of_times(headings[0]) and _STATE not in headings

    @property
    def is_by_time(self) -> bool:
        """Rows of one day stand together."""
        return not self.sort.column or is_of_times(self.sort.column)


@dataclass(slots=True)
class ListState:
    """Where a person is in a list."""

    selected: str | None = None
    top: int = 0
    grown: dict[int, int] = field(default_factory=dict)
    """The widest each column has been: it never shrinks under the eyes."""
    drawn: list[str | None] = field(default_factory=list)
    """The key of the row on each line that was drawn, None on lines that are no row."""


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


def broken_expression(pattern: str) -> str:
    """Return what is wrong with the regular expression of a filter; empty if nothing is, or if it
    is none.
    """
    rest = pattern.removeprefix("!")
    if rest.startswith("~"):
        try:
            re.compile(rest[1:])
        except re.error as e:
            return f"{rest[1:]} is no regular expression ({e}): looked for as plain text"
    return ""


def list_lines(
    content: ListContent,
    state: ListState,
    *,
    width: int,
    height: int,
    today: str = "",
    is_own: bool = False,
    note: str = "",
    ascii_only: bool = False,
) -> list[Line]:
    """Draw a list: heading, then the rows around the selection.

    A line with the date stands where the day changes, and above the first row if that is not of
    ``today``; a list sorted by something else than time has the date in each row instead.
    ``is_own`` leaves out whose the rows are. ``note`` says on the last line that these are not all.
    A chosen row that is there no more holds nothing: the list shows its newest rows again.
    """
    if not content.rows:
        return [text_line(f"  {content.empty}", "dim")]
    keys = [row.key for row in content.rows]
    selected = keys.index(state.selected) if state.selected in keys else -1
    if selected < 0:
        state.top = 0
    room = max(height - 1, 1)
    first, shown, below = _in_sight(content, selected, state.top, room, today)
    if (note or (first and content.is_newest_first)) and not below and room > 1:
        first, shown, below = _in_sight(content, selected, state.top, room - 1, today)
    state.top = first
    visible = content.rows[first : first + shown]
    is_dated = content.is_by_time and shown + len(_days(visible, today)) < height
    if not content.is_by_time and any(row.day and row.day != today for row in visible):
        visible = tuple([_with_day(content, row) for row in visible])
        content = content._replace(columns=_with_room_for_days(content.columns))
    columns = _fitting(content, visible, state.grown, width, without=OWNER if is_own else "")
    head: list[Span] = [(" ", "head")]
    for index, cells in columns:
        column = content.columns[index]
        is_sorted = column.heading == content.sort.column != ""
        mark = content.sort.shape(ascii_only=ascii_only) if is_sorted else ""
        text, gap = heading(column.heading, cells, mark, right=column.right)
        head += [(text, "head"), (gap, "head")]
    lines = [crop(tuple(head), width)]
    days = _days(visible, today) if is_dated else {}
    state.drawn = [None]
    for index, row in enumerate(visible):
        if index in days:
            lines.append(text_line(f" {days[index]}", "label"))
            state.drawn.append(None)
        state.drawn.append(row.key)
        lines.append(_row_line(row, content, columns, width, is_selected=row.key == state.selected))
    end = [f"{first} newer above"] if first and content.is_newest_first else []
    end += [f"{below} more below"] if below else []
    end += [note] if note else []
    if end:
        lines.append(text_line(f"  {ellipsis('; '.join(end), width - 2)}", "dim"))
    return lines[:height]


def _in_sight(
    content: ListContent, selected: int, top: int, room: int, today: str
) -> tuple[int, int, int]:
    """Return (first row, rows shown, rows below) so that they fit with their lines of dates."""
    count = len(content.rows)
    found = window(count, selected, top, room)
    if not content.is_by_time:
        return found
    for spare in range(room):
        first, shown, below = window(count, selected, top, room - spare)
        dates = len(_days(content.rows[first : first + shown], today))
        if shown + dates + (1 if below else 0) <= room:
            return first, shown, below
    return found


def _days(rows: Sequence[ListRow], today: str) -> dict[int, str]:
    """Return the dates that must be said, by the index of the row that each stands above."""
    found: dict[int, str] = {}
    before = today
    for index, row in enumerate(rows):
        if row.day and row.day != before:
            found[index] = row.day
        before = row.day or before
    return found


def _with_room_for_days(columns: Sequence[ListColumn]) -> tuple[ListColumn, ...]:
    """Return columns whose times hold a month and day too: nothing of a time is cut."""
    return tuple(
        [
            one._replace(
                width=one.width + _DAY_CELLS, starts=one.starts and one.starts + _DAY_CELLS
            )
            if is_of_times(one.heading)
            else one
            for one in columns
        ]
    )


def _with_day(content: ListContent, row: ListRow) -> ListRow:
    """Return a row with its month and day before its time."""
    cells = tuple(
        [
            cell._replace(
                text=f"{row.day[5:]} {cell.text}",
                short=tuple([f"{row.day[5:]} {short}" for short in cell.short]),
            )
            if is_of_times(column.heading) and row.day
            else cell
            for column, cell in zip(content.columns, row.cells, strict=True)
        ]
    )
    return ListRow(row.key, row.strategy_id, cells, row.day)


def _row_line(
    row: ListRow,
    content: ListContent,
    columns: list[tuple[int, int]],
    width: int,
    *,
    is_selected: bool,
) -> Line:
    gap = "selected" if is_selected else "base"
    spans: list[Span] = [(">", "selected") if is_selected else (" ", "bold")]
    for index, cells in columns:
        cell = row.cells[index]
        look = barred(cell.look) if is_selected else cell.look
        column = content.columns[index]
        spans += [(_cell_text(cell, column, cells), look), (" ", gap)]
    line = crop(tuple(spans), width)
    return padded(line, width, gap) if is_selected else line


def _cell_text(cell: Cell, column: ListColumn, cells: int) -> str:
    """Fit a cell: a number is never cut, a text goes on in fewer words where it has such, and one
    that is cut says so (Enter shows it whole).
    """
    text = cell.text
    if len(text) > cells:
        if column.right:
            return "#" * cells
        text = next((short for short in cell.short if len(short) <= cells), text)
    return fit(ellipsis(text, cells), cells, right=column.right)


def _fitting(
    content: ListContent,
    visible: Sequence[ListRow],
    grown: dict[int, int],
    width: int,
    *,
    without: str,
) -> list[tuple[int, int]]:
    """Return (column, width) of the columns that fit, as wide as their content has been."""
    widths, needed = [], []
    for index, column in enumerate(content.columns):
        longest = max((len(row.cells[index].text) for row in visible), default=0)
        least = max(column.starts or column.width, len(column.heading))
        wanted = min(longest, column.most) if column.most else longest
        grown[index] = max(grown.get(index, 0), wanted, least)
        widths.append(grown[index] if column.width else 0)
        rest = min(longest, column.wants or _REST_LEAST[1 if column.leaves else 0])
        needed.append(widths[index] or max(rest, len(column.heading)))
    chosen = [
        index
        for index, column in enumerate(content.columns)
        if not column.is_away and (not without or column.heading != without)
    ]
    least_widths = [_least(content, visible, index) for index in range(len(content.columns))]
    shrunk = [
        needed[index] if _is_whole(column) else min(needed[index], least)
        for index, (column, least) in enumerate(zip(content.columns, least_widths, strict=True))
    ]
    while _taken(needed, chosen) > width:
        last = max(chosen, key=lambda index: content.columns[index].leaves)
        leaves = content.columns[last].leaves
        is_dear = leaves <= _LAST_TO_LEAVE or content.columns[last].is_dear
        if leaves == 0 or (is_dear and _taken(shrunk, chosen) <= width):
            break  # its place is worth more than the ends of long texts
        chosen.remove(last)
    over = _taken(needed, chosen) - width
    texts = [index for index in chosen if not content.columns[index].right]
    texts.sort(key=lambda at: (_is_cut(visible, at, least_widths[at]), -widths[at]))
    _shrink_texts(widths, least_widths, texts, over)
    while len(chosen) > _LEAST_COLUMNS and _taken(widths, chosen) > width:
        chosen.pop()  # a number is never cut: rather it goes whole
    rest = width - _taken(widths, chosen)
    return [(index, widths[index] or max(rest, 8)) for index in chosen]


def _is_whole(column: ListColumn) -> bool:
    """Tell whether a column gives up no cell so that another can stay."""
    return column.right or not column.width or is_of_times(column.heading)


def _taken(widths: Sequence[int], chosen: Sequence[int]) -> int:
    return 1 + sum(widths[index] + 1 for index in chosen)


def _least(content: ListContent, visible: Sequence[ListRow], index: int) -> int:
    """Return the least width of a column of texts: its declared one, or that of the fewest words
    which say all the numbers.
    """
    shortest = [row.cells[index].short[-1] for row in visible if row.cells[index].short]
    return max([content.columns[index].width, *map(len, shortest)])


def _is_cut(visible: Sequence[ListRow], index: int, least: int) -> bool:
    """Tell whether a column of the least width cuts a text that has no shorter words."""
    cells = (row.cells[index] for row in visible)
    return any(len(cell.text) > least and not cell.short for cell in cells)


def _shrink_texts(widths: list[int], least: list[int], texts: Sequence[int], over: int) -> None:
    """Make columns of ``texts`` narrower in that order, by ``over`` cells in all, each down to the
    least that it needs.
    """
    for index in texts:
        spare = min(max(over, 0), max(widths[index] - least[index], 0))
        widths[index] -= spare
        over -= spare
