"""A list to pick from: nothing here acts, so Enter picks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tradetui.tui.dialogs.base import Close, Dialog, Replace, Result, Stay, cancel_words, is_cancel
from tradetui.tui.lines import Line, text_line


class Item(NamedTuple):
    """What can be picked: its name, and a word about it."""

    name: str
    note: str = ""


class PickDialog(Dialog):
    """Items with a cursor. ``pick`` is told what was picked and returns what the message says, or
    the dialog that comes next.

    ``is_on`` says which items are on. With ``stays`` the dialog goes on: a set is being chosen.
    """

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        pick: Callable[[str], str | Dialog],
        *,
        place: str,
        is_live: bool,
        is_on: Callable[[str], bool] = lambda _: False,
        stays: bool = False,
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self.title = title
        self._items = tuple(items)
        self._pick = pick
        self._is_on = is_on
        self._stays = stays
        self._at = 0
        self._room = 10

    def lines(self, width: int, height: int, *, ascii_only: bool) -> list[Line]:
        self._room = max(height - 4, 1)
        return super().lines(width, height, ascii_only=ascii_only)

    def body(self, width: int) -> list[Line]:
        first = max(min(self._at - self._room // 2, len(self._items) - self._room), 0)
        has_marks = self._stays or any(self._is_on(item.name) for item in self._items)
        lines: list[Line] = []
        for index, item in enumerate(self._items[first : first + self._room], start=first):
            cursor = ">" if index == self._at else " "
            mark = f"[{'x' if self._is_on(item.name) else ' '}]" if has_marks else ""
            look = "selected" if index == self._at else "dialog"
            lines.append(
                ((f"{cursor}{mark} ", "key"), (f"{item.name:<20} ", look), (item.note, "dim"))
            )
        verb = "Space on or off   Enter done" if self._stays else "Enter picks"
        leave = cancel_words("leaves", typing=False)
        return [*lines, text_line(f"j k move   {verb}   {leave}".rjust(width), "key")]

    def key(self, key: str) -> Result:
        steps = {"j": 1, "down": 1, "k": -1, "up": -1, "g": -len(self._items), "home": -99}
        steps |= {"G": len(self._items), "end": 99}
        if key in steps:
            self._at = min(max(self._at + steps[key], 0), len(self._items) - 1)
            return Stay()
        if is_cancel(key, typing=False):
            return Close("")
        if key == "enter" and self._stays:
            return Close("")
        if key in ("enter", "space", "m"):
            found = self._pick(self._items[self._at].name)
            if isinstance(found, Dialog):
                return Replace(found)
            return Stay() if self._stays else Close(found)
        return Stay()
