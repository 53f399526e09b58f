"""The list of what is set: what a person chose in the console, then the config key by key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tradetui.domain.text import printable
from tradetui.tui.actions import SettingLine, Shell
from tradetui.tui.key_names import SHIPPED, KeyNames
from tradetui.tui.preferences import LIMITS, Preferences
from tradetui.tui.widgets.instance_columns import Cell
from tradetui.tui.widgets.lists import ListColumn, ListContent, ListRow

_COLUMNS: Final = (
    ListColumn("KEY", 20, starts=22),
    ListColumn("VALUE", 20, starts=30),
    ListColumn("FROM", 0, leaves=9, wants=16),
)
_DEFAULT: Final = "default"


def chosen_lines(
    theme: str, wanted: Preferences, names: KeyNames = SHIPPED
) -> tuple[SettingLine, ...]:
    """Return what holds in this console now: theme, layout, sizes, locks; each with its verb."""
    shape = wanted.shape
    sizes = ", ".join(f"{pane} {getattr(shape, pane) or 'auto'}" for pane in LIMITS)
    return (
        SettingLine("theme", theme, ":theme NAME, remembered" if wanted.theme else "config"),
        SettingLine("layout", sizes, ":size, :layout NAME"),
        SettingLine("sorted by", wanted.sort, names("{sort} on the instances")),
        SettingLine("locked", ", ".join(wanted.locked) or "none", ":lock, :unlock"),
    )


def all_lines(
    theme: str, wanted: Preferences, shell: Shell | None, names: KeyNames = SHIPPED
) -> tuple[SettingLine, ...]:
    """Return what holds in this console, and what the engine runs with where one does."""
    return (*chosen_lines(theme, wanted, names), *(shell.settings if shell is not None else ()))


def settings_content(lines: Iterable[SettingLine]) -> ListContent:
    """Return the settings as a list; a default is dim, what a file says is not."""
    rows = tuple(_row(at, line) for at, line in enumerate(lines))
    return ListContent(_COLUMNS, rows, "no settings: a recorded run has none of its own")


def _row(at: int, line: SettingLine) -> ListRow:
    look = "dim" if line.origin == _DEFAULT else "base"
    cells = (
        Cell(printable(line.key, 80), "label"),
        Cell(printable(line.value, 200), look),
        Cell(printable(line.origin, 200), "dim"),
    )
    return ListRow(f"{at} {line.key}", "", cells)
