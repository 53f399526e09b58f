"""Lists as text for other programs: plain, CSV, JSON lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tradetui.domain.text import visible
from tradetui.services.export import to_csv, to_json_lines
from tradetui.tui.widgets.lists import ListContent, ListRow

FORMS: Final = ("plain", "csv", "json")
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def table_text(content: ListContent, rows: Sequence[ListRow], form: str) -> str:
    """Write rows of a list: tabs between plain cells, CSV safe for spreadsheets, or JSON lines.

    Numbers lose their thousands separators and a sign that is only a plus; times have their date.
    No cell breaks its line, or holds what a terminal would act on where it is pasted.
    """
    columns = [
        visible(column.heading).lower().replace(" ", "_") or f"column_{index + 1}"
        for index, column in enumerate(content.columns)
    ]
    times = {at for at, column in enumerate(content.columns) if column.heading.startswith("TIME")}
    cells = [
        [
            f"{row.day} {visible(cell.text)}".lstrip()
            if at in times
            else ungrouped(visible(cell.text))
            for at, cell in enumerate(row.cells)
        ]
        for row in rows
    ]
    if form == "plain":
        return "\n".join("\t".join(line) for line in [columns, *cells])
    tables = [dict(zip(columns, line, strict=True)) for line in cells]
    return to_csv(columns, tables) if form == "csv" else to_json_lines(tables)


def ungrouped(text: str) -> str:
    """Take the thousands separators out of a number, and a leading plus."""
    number, blank, rest = text.partition(" ")
    if _GROUPED.fullmatch(number):
        number = number.replace(",", "")
    if number.startswith("+") and number[1:].replace(".", "", 1).isdigit():
        number = number[1:]
    return f"{number}{blank}{rest}"
