"""Copying and exporting: the focused list, its selected row or cell, for other programs."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

from tradetui.domain.formatting import counted
from tradetui.domain.text import printable
from tradetui.tui.dialogs.pick import Item, PickDialog
from tradetui.tui.lines import plain
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.state import TEXT_TABS
from tradetui.tui.widgets.instance_columns import COLUMNS, RowContext
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow
from tradetui.tui.widgets.tables import FORMS, table_text

_CHOICES: Final = tuple((what, form) for what in ("row", "table") for form in FORMS)
MAX_CLIPBOARD: Final = 74_994
"""Bytes: what terminals take through OSC 52 at least (100,000 characters of base64)."""
_NOTHING_SELECTED: Final = "nothing is selected: {down} and {up} select"


class Copying:
    """``c`` and the verbs ``copy`` and ``export``."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen

    def ask(self) -> None:
        """Ask what to copy; on a chart its lines are copied at once."""
        if self._content() is None:
            self._to_clipboard(
                "\n".join(plain(line).rstrip() for line in self._screen.view_lines()["left"])
            )
            return
        items = [Item(f"{what} {form}") for what, form in _CHOICES]
        items += [Item(f"cell {name}", printable(text, 60)) for name, text in self._cells()]
        app = self._screen.console_app
        dialog = PickDialog("COPY", items, self._picked, place=app.place, is_live=app.is_live)
        self._screen.open_dialog(dialog)

    def _picked(self, name: str) -> str:
        what, _, form = name.partition(" ")
        return self.copy_cell(form) if what == "cell" else self.copy(what, form)

    def copy_cell(self, heading: str) -> str:
        """Copy one cell of the selected row, by its heading; return what the message line says."""
        cells = dict(self._cells())
        if not cells:
            return self._screen.console_app.key_names(_NOTHING_SELECTED)
        known = {name.lower(): name for name in cells}
        found = known.get(heading.lower())
        if found is None:
            return f"there is no column {printable(heading, 30)}: {', '.join(cells)}"
        return self._to_clipboard(cells[found])

    def _cells(self) -> list[tuple[str, str]]:
        """Return heading and text of each cell of the selected row; none without one."""
        content, chosen = self._content(), self._selected()
        row = next((one for one in content.rows if one.key == chosen), None) if content else None
        if content is None or row is None:
            return []
        headed = zip(content.columns, row.cells, strict=True)
        return [(column.heading, cell.text) for column, cell in headed if column.heading]

    def copy(self, what: str, form: str) -> str:
        """Copy the selected row, or the whole table; return what the message line says."""
        text, problem = self._text(what, form)
        if problem:
            return problem
        return self._to_clipboard(text)

    def export(self, path: Path, form: str) -> str:
        """Write the whole table into a new file; return what the message line says."""
        text, problem = self._text("table", form)
        if problem:
            return problem
        try:
            with path.expanduser().open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            return f"{printable(str(path), 80)} exists; it was not touched"
        except OSError as error:
            return f"{printable(str(path), 80)} cannot be written: {error.strerror}"
        content = self._content()
        rows = counted(0 if content is None else len(content.rows), "row")
        tab = self._screen.state.focused_tab()
        kind = "JSON lines" if form == "json" else form
        return f"wrote {tab}, {rows}, as {kind} to {printable(str(path), 80)}"

    def _text(self, what: str, form: str) -> tuple[str, str]:
        """Return the text, or why there is none."""
        content = self._content()
        if content is None:
            return "", self._screen.console_app.key_names(
                "a chart is no table: {next_pane} goes to a list"
            )
        rows = content.rows
        if what == "row":
            chosen = self._selected()
            rows = tuple(row for row in content.rows if row.key == chosen)
        if not content.rows:
            return "", "the list is empty: nothing to copy"
        if not rows:
            return "", self._screen.console_app.key_names(_NOTHING_SELECTED)
        return table_text(content, rows, form), ""

    def _content(self) -> ListContent | None:
        """Return the focused list, the instances table as one; None on a chart or a form."""
        screen = self._screen
        tab = screen.state.focused_tab()
        if tab == "Instances":
            return self._instances()
        if tab in TEXT_TABS:
            return None
        owner = screen.state.table.selected if screen.state.focus == "upper" else None
        return screen.painter.content(tab, owner)

    def _selected(self) -> str | None:
        state = self._screen.state
        if state.focused_tab() == "Instances":
            return state.table.selected
        return state.list_state(state.focus, state.focused_tab()).selected

    def _instances(self) -> ListContent:
        painter = self._screen.painter
        replica = painter.replica
        masked = self._screen.state.masked
        rows = []
        for row in painter.rows:
            context = RowContext(
                replica.header.now, replica.instrument_of(row.instrument_id), masked, True
            )
            cells = tuple(column.write(row, context) for column in COLUMNS)
            rows.append(ListRow(row.strategy_id, row.strategy_id, cells))
        headings = [column.heading.format(unit="").strip() for column in COLUMNS]
        columns = tuple(ListColumn(heading, 1) for heading in headings)
        return ListContent(columns, tuple(rows), "no instances")

    def _to_clipboard(self, text: str) -> str:
        data = text.encode()
        if len(data) > MAX_CLIPBOARD:
            message = (
                f"{len(data):,} bytes are more than terminals take ({MAX_CLIPBOARD:,}): "
                ":export csv FILE writes them"
            )
        else:
            self._screen.console_app.copy_to_clipboard(text)
            size = len(base64.b64encode(data))
            first = printable(text.replace("\t", " ").split("\n", 1)[-1], 40)
            message = f"copied through the terminal ({size:,} bytes): {first}"
        self._screen.say(message)
        return message
