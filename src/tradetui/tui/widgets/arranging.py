"""How a person wants a list: sorted by which column, without which columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from tradetui.tui.widgets.fitting import SortMark
from tradetui.tui.widgets.instance_columns import Cell
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow, is_of_times

_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?")
_BLANK: Final = ("", "-", "?")


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Sorted by the column with this heading (empty: as it comes), some columns hidden."""

    sort: str = ""
    descending: bool = False
    hidden: tuple[str, ...] = ()

    def sorted_by(self, heading: str) -> Arrangement:
        """Return the arrangement sorted by a column; chosen again it turns round, then ends."""
        if heading != self.sort:
            return Arrangement(heading, False, self.hidden)
        if not self.descending:
            return Arrangement(heading, True, self.hidden)
        return Arrangement("", False, self.hidden)

    def toggled(self, heading: str) -> Arrangement:
        """Return the arrangement with a column hidden, or shown again."""
        if heading in self.hidden:
            kept = tuple(one for one in self.hidden if one != heading)
            return Arrangement(self.sort, self.descending, kept)
        return Arrangement(self.sort, self.descending, (*self.hidden, heading))


AS_IT_COMES: Final = Arrangement()


def arranged(content: ListContent, wanted: Arrangement) -> ListContent:
    """Return a list as a person wants it; what is blank or not known sorts last, either way."""
    if wanted.sort:
        content = content._replace(
            rows=_sorted(content, wanted), sort=SortMark(wanted.sort, wanted.descending)
        )
    hidden = [
        index for index, column in enumerate(content.columns) if column.heading in wanted.hidden
    ]
    if not hidden or len(hidden) == len(content.columns):
        return content
    kept = [index for index in range(len(content.columns)) if index not in hidden]
    rows = tuple(
        ListRow(row.key, row.strategy_id, tuple(row.cells[index] for index in kept), row.day)
        for row in content.rows
    )
    return content._replace(columns=_columns(content, kept), rows=rows)


def _columns(content: ListContent, kept: list[int]) -> tuple[ListColumn, ...]:
    return tuple(content.columns[index] for index in kept)


def _sorted(content: ListContent, wanted: Arrangement) -> tuple[ListRow, ...]:
    headings = [column.heading for column in content.columns]
    if wanted.sort not in headings:
        return content.rows
    at = headings.index(wanted.sort)
    known = [row for row in content.rows if row.cells[at].text not in _BLANK]
    blank = [row for row in content.rows if row.cells[at].text in _BLANK]
    if is_of_times(content.columns[at].heading):
        known.sort(key=lambda row: (row.day, row.cells[at].text), reverse=wanted.descending)
    else:
        known.sort(key=lambda row: sort_key(row.cells[at]), reverse=wanted.descending)
    return (*known, *blank)


def sort_key(cell: Cell) -> tuple[int, Decimal, str]:
    """Return what a cell is sorted by: the number it begins with, else its text."""
    found = _NUMBER.match(cell.text)
    if found is not None:
        try:
            return (0, Decimal(found.group().replace(",", "")), cell.text)
        except InvalidOperation:
            pass
    return (1, Decimal(0), cell.text.lower())
