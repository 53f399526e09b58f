"""The mouse, for those who want it: a click selects, the wheel moves. It never acts."""

from __future__ import annotations

from typing import Final

from tradetui.tui.lines import plain, width_of
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.moves import Moves
from tradetui.tui.screens.state import TEXT_TABS

WHEEL: Final = 3
"""Rows that one notch of the wheel moves."""
_FOCUS: Final = {
    "table": "table",
    "upper_bar": "upper",
    "left": "upper",
    "lower_bar": "lower",
    "lower": "lower",
}
"""Which focus a pane belongs to."""


class Pointing:
    """Turns clicks and the wheel into what keys do."""

    def __init__(self, screen: Desk, moves: Moves) -> None:
        self._screen = screen
        self._moves = moves

    def wheel(self, pane: str, step: int) -> None:
        """Move the selection of the pane under the pointer."""
        focus = _FOCUS.get(pane)
        if focus is None or self._screen.dialog is not None:
            return
        self._focus(focus)
        self._moves.move(step * WHEEL)
        self._screen.draw()

    def click(self, pane: str, x: int, y: int) -> None:
        """Give a pane the focus; choose the tab or the row under the pointer."""
        focus = _FOCUS.get(pane)
        if focus is None or self._screen.dialog is not None:
            return
        self._focus(focus)
        if pane.endswith("_bar"):
            self._choose_tab(pane, focus, x)
        else:
            self._choose_row(pane, focus, y)
        self._screen.draw()

    def _focus(self, focus: str) -> None:
        self._screen.state.focus = focus
        self._screen.redraw("upper_bar", "lower_bar")

    def _choose_tab(self, pane: str, focus: str, x: int) -> None:
        """Choose the tab whose word stands at a column of the bar."""
        screen = self._screen
        lines = screen.view_lines()[pane]
        end = 0
        for text, look in lines[0] if lines else ():
            end += width_of(((text, look),))
            if x < end:
                if look.startswith("tab_"):
                    word = text.strip(" []").split(",")[0].rstrip("0123456789,").strip()
                    self._moves.choose_tab(focus, word)
                return

    def _choose_row(self, pane: str, focus: str, y: int) -> None:
        """Choose the row that is drawn on a line."""
        screen = self._screen
        if focus == "table":
            line = plain(screen.view_lines()["table"][y]) if y < self._height(pane) else ""
            words = line[2:].split()
            is_row = bool(words) and any(words[0] == one for one in screen.replica.instances)
            if is_row and not screen.state.table.pan:
                screen.select(words[0])
            return
        tab = screen.state.focused_tab()
        if tab in TEXT_TABS:
            return
        listed = screen.state.list_state(focus, tab)
        key = listed.drawn[y] if y < len(listed.drawn) else None
        if key is not None:
            listed.selected = key
            screen.redraw("left", "lower")

    def _height(self, pane: str) -> int:
        return len(self._screen.view_lines()[pane])
