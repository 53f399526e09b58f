"""Sorting, columns, sizes, layouts, looks: what a person chooses and the console remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tradetui.domain.text import printable
from tradetui.tui.dialogs.pick import Item, PickDialog
from tradetui.tui.preferences import LIMITS, Preferences, Shape, as_body, from_body
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.state import SORTS, TEXT_TABS
from tradetui.tui.screens.target import Targets
from tradetui.tui.theme import ThemeError, load_theme
from tradetui.tui.widgets.instance_columns import COLUMNS
from tradetui.tui.widgets.instances_table import LEAST, columns_of

MAX_NAME: Final = 40
COLUMN_TEXTS: Final = {
    "strategy": "the strategy that it runs",
    "account": "the execution context it trades on",
    "mode": "what is recorded: off, observe or active",
    "price": "mid, or last",
    "age": "of the price",
    "entry": "average entry of the position",
    "stop": "price of the nearest protective stop",
    "fees": "paid since 00:00 UTC",
    "curve": "how its profit went; shown only when chosen",
    "last_tick": "when it was called last",
    "next": "until it is called next",
    "last": "its last decision",
}
"""What each column of the instances that may leave shows."""
SORT_TEXTS: Final = {
    "open": "open profit, the largest first",
    "day": "profit of the day, the largest first",
    "fees": "fees of the day, the largest first",
    "orders": "open orders, most first",
    "last": "last decision, the newest first",
}
"""How the instances are sorted by what is not a word."""


class Arrangements:
    """``s``, ``v`` and the verbs ``sort``, ``size``, ``layout``, ``theme``, ``lock``."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen
        self._state = screen.state

    @property
    def _wanted(self) -> Preferences:
        return self._state.preferences

    def keep(self, preferences: Preferences) -> None:
        """Take preferences over, draw by them, and remember them."""
        self._state.take(preferences)
        self._screen.painter.forget_lists()
        self._screen.layout_now = None
        self._screen.redraw_all()
        self._screen.console_app.keep(self._remember("", preferences))

    def note_line(self, text: str) -> None:
        """Remember what was typed on the ``:`` line; nothing else changes by that."""
        self._state.preferences = self._wanted.with_line(text)
        self._screen.console_app.keep(self._remember("", self._wanted))

    def mask(self) -> bool:
        """Hide money, or show it again, and remember that; return whether it is hidden."""
        masked = self._state.masked = not self._state.masked
        self._state.preferences = replace(self._wanted, masked=masked)
        self._screen.console_app.keep(self._remember("", self._wanted))
        return masked

    async def _remember(self, name: str, preferences: Preferences) -> None:
        """Keep preferences under a name; say so when that fails."""
        problem = await self._screen.console_app.actions.remember(name, as_body(preferences))
        if problem:
            self._screen.say(f"not remembered: {printable(problem, 160)}", refused=True)
            self._screen.draw()

    def _say_no_list(self, what: str) -> None:
        names = self._screen.console_app.key_names
        self._screen.say(f"{what}: {names('{next_pane} goes to one')}")

    # -- sorting and columns ---------------------------------------------------------------------

    def sort(self) -> None:
        """Ask by which column to sort the focused list."""
        headings = self._headings()
        if headings is None:
            self._say_no_list("there is no list here to sort")
            return
        tab = self._state.focused_tab()
        now = self._wanted.sort if tab == "Instances" else self._wanted.arrangement(tab).sort
        self._pick(
            f"SORT {tab}",
            [Item(heading, self._sort_text(tab, heading)) for heading in headings],
            self.sort_by,
            lambda name: name == now,
        )

    @staticmethod
    def _sort_text(tab: str, heading: str) -> str:
        return SORT_TEXTS.get(heading, "") if tab == "Instances" else ""

    def sort_by(self, heading: str) -> str:
        """Sort the focused list by a column; the same again turns it round, then ends it."""
        tab = self._state.focused_tab()
        known = self._headings() or []
        found = next((one for one in known if one.lower() == heading.lower()), None)
        if found is None:
            return f"{tab} has no column {printable(heading, 30)}: {', '.join(known)}"
        if tab == "Instances":
            self.keep(replace(self._wanted, sort=found))
            self._state.resort()
            return f"sorted by {found}"
        wanted = self._wanted.arrangement(tab).sorted_by(found)
        self.keep(self._wanted.with_list(tab, wanted))
        if not wanted.sort:
            return f"{tab} as it comes"
        return f"{tab} sorted by {found}{', the largest first' if wanted.descending else ''}"

    def columns(self) -> None:
        """Ask which columns of the focused list to show."""
        tab = self._state.focused_tab()
        if tab == "Instances":
            items = [Item(one.key, COLUMN_TEXTS[one.key]) for one in COLUMNS if one.joins]
            self._pick("COLUMNS", items, self._toggle_table, self._is_shown, stays=True)
            return
        headings = self._headings()
        if headings is None:
            self._say_no_list("there is no list here")
            return
        self._pick(
            f"COLUMNS {tab}",
            [Item(heading) for heading in headings],
            lambda name: self._toggle_list(tab, name),
            lambda name: name not in self._wanted.arrangement(tab).hidden,
            stays=True,
        )

    def _is_shown(self, key: str) -> bool:
        if key != LEAST:
            return key not in self._wanted.hidden
        rows, width = self._screen.painter.rows, self._screen.size.width
        return any(column.key == key for column, _ in columns_of(rows, width, self._state.table))

    def _toggle_table(self, key: str) -> str:
        """Show or hide a column; the one that joins last is pinned where it has no room else."""
        hidden, pinned = set(self._wanted.hidden), set(self._wanted.pinned)
        if key == LEAST:
            is_shown = self._is_shown(key)
            hidden = hidden | {key} if is_shown else hidden - {key}
            pinned = pinned - {key} if is_shown else pinned | {key}
        else:
            hidden ^= {key}
        self.keep(replace(self._wanted, hidden=tuple(sorted(hidden)), pinned=tuple(sorted(pinned))))
        return ""

    def _toggle_list(self, tab: str, heading: str) -> str:
        self.keep(self._wanted.with_list(tab, self._wanted.arrangement(tab).toggled(heading)))
        return ""

    def _headings(self) -> list[str] | None:
        tab = self._state.focused_tab()
        if tab == "Instances":
            return list(SORTS)
        if tab in TEXT_TABS:
            return None
        owner = self._state.table.selected if self._state.focus == "upper" else None
        columns = self._screen.painter.whole(tab, owner).columns
        return [column.heading for column in columns if column.heading]

    def _pick(
        self,
        title: str,
        items: list[Item],
        pick: Callable[[str], str],
        is_on: Callable[[str], bool],
        *,
        stays: bool = False,
    ) -> None:
        app = self._screen.console_app
        self._screen.open_dialog(
            PickDialog(
                title, items, pick, place=app.place, is_live=app.is_live, is_on=is_on, stays=stays
            )
        )

    # -- sizes and layouts -----------------------------------------------------------------------

    def size(self, text: str) -> str:
        """``table 8``, ``panel 40``, ``lower auto``, ``auto``: give panes a size."""
        if text == "auto":
            self.keep(replace(self._wanted, shape=Shape()))
            return "all panes by the size of the terminal"
        pane, _, size = text.partition(" ")
        if pane not in LIMITS or not (size == "auto" or (size.isascii() and size.isdigit())):
            panes = ", ".join(f"{name} {low}-{high}" for name, (low, high) in LIMITS.items())
            return f"size wants a pane and a number or auto: {panes}"
        shape = self._wanted.shape.changed(pane, None if size == "auto" else int(size[:6]))
        self.keep(replace(self._wanted, shape=shape))
        return f"{pane} {getattr(shape, pane) or 'by the size of the terminal'}"

    async def layout(self, text: str) -> str:
        """``NAME``, ``save NAME``, ``remove NAME``, or nothing: named layouts."""
        actions = self._screen.console_app.actions
        verb, _, name = text.partition(" ")
        known = await actions.layouts()
        if not text:
            return f"layouts: {', '.join(known) or 'none yet, :layout save NAME makes one'}"
        if verb == "save" and name:
            if len(name) > MAX_NAME or not name.isprintable():
                return f"a layout's name has at most {MAX_NAME} characters"
            problem = await actions.remember(name, as_body(replace(self._wanted, history=())))
            return f"not saved: {problem}" if problem else f'saved layout "{name}"'
        if verb == "remove" and name:
            gone = await actions.forget_layout(name)
            return f'removed layout "{name}"' if gone else self._no_layout(name, known)
        body = await actions.recall(text)
        if body is None:
            return self._no_layout(text, known)
        preferences, problem = from_body(body)
        kept = self._wanted
        self.keep(
            replace(preferences, locked=kept.locked, history=kept.history, masked=kept.masked)
        )
        self.show_theme(preferences.theme)
        return problem or f'layout "{printable(text, MAX_NAME)}"'

    def _no_layout(self, name: str, known: tuple[str, ...]) -> str:
        there = ", ".join(known) or "none"
        return f'there is no layout "{printable(name, MAX_NAME)}"; there are: {there}'

    # -- looks and locks -------------------------------------------------------------------------

    def theme(self, name: str) -> str:
        """Choose a theme; it is remembered."""
        problem = self.show_theme(name)
        if problem:
            return problem
        self.keep(replace(self._wanted, theme=name))
        return f"theme {self._screen.console_app.looks.name}"

    def show_theme(self, name: str) -> str:
        """Paint in a theme; return why not, empty if it is done. No name changes nothing."""
        if not name:
            return ""
        app = self._screen.console_app
        try:
            app.looks = load_theme(name, app.theme_folders, mono=app.looks.is_mono)
        except ThemeError as error:
            return str(error)
        self._screen.use_theme()
        return ""

    def lock(self, name: str, *, locked: bool) -> str:
        """Make the keys of one instance only look, or let them act again."""
        pointed = Targets(self._screen).pointed()
        if not name and pointed.row is None:
            return pointed.why
        chosen = name or (pointed.row.strategy_id if pointed.row else "")
        row = next((one for one in self._screen.replica.instances if one == chosen), None)
        if row is None:
            return f"no instance is called {printable(chosen, 32)}"
        kept = {*self._wanted.locked} - {row} | ({row} if locked else set())
        self.keep(replace(self._wanted, locked=tuple(sorted(kept))))
        return f"{row}: keys only look; :unlock {row}" if locked else f"{row}: keys act again"
