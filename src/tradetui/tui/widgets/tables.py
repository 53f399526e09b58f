"""Lists as text for other programs: plain, CSV, JSON lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tradetui.domain.text import visible
from tradetui.services.export import to_csv, to_json_lines, ungrouped, with_currencies_apart
from tradetui.tui.widgets.lists import ListContent, ListRow, is_of_times

FORMS: Final = ("plain", "csv", "json")
_PICTURE: Final = re.compile(r"[▁▂▃▄▅▆▇█░ ]+|[_.=+*#@-]{8,}")


def table_text(content: ListContent, rows: Sequence[ListRow], form: str) -> str:
    """Write rows of a list: tabs between plain cells, CSV safe for spreadsheets, or JSON lines.

    Numbers lose their thousands separators and a sign that is only a plus, and are exact where the
    list rounds them; times have their date.
    Pictures stay away, and in CSV and JSON a currency has a column of its own. No cell breaks its
    line, or holds what a terminal would act on where it is pasted.
    """
    told = [at for at in range(len(content.columns)) if _says_something(content, rows, at)]
    headings = {at: content.columns[at].heading for at in told}
    columns = [visible(headings[at]).lower().replace(" ", "_") or "note" for at in told]
    cells = [
        [
            f"{row.day} {visible(row.cells[at].text)}".lstrip()
            if is_of_times(headings[at])
            else ungrouped(visible(row.cells[at].exact or row.cells[at].text)).strip()
            for at in told
        ]
        for row in rows
    ]
    if form == "plain":
        return "\n".join("\t".join(line) for line in [columns, *cells])
    tables = [dict(zip(columns, line, strict=True)) for line in cells]
    columns, tables = with_currencies_apart(columns, tables)
    return to_csv(columns, tables) if form == "csv" else to_json_lines(tables)


def _says_something(content: ListContent, rows: Sequence[ListRow], at: int) -> bool:
    """Tell whether a column is more than a picture."""
    texts = [row.cells[at].text for row in rows]
    if content.columns[at].heading:
        drawn = [text for text in texts if text.strip() not in ("", "-")]
        return not drawn or not all(_PICTURE.fullmatch(text) for text in drawn)
    return any(letter.isalnum() for text in texts for letter in text)
