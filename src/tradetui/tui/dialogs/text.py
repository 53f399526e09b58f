"""Dialogs that only show: help, why, traceback, a row in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tradetui.tui.dialogs.base import Close, Dialog, Result, Stay, is_cancel
from tradetui.tui.keymap import CHART, GROUPS, Binding
from tradetui.tui.lines import Line, folded, text_line, width_of
from tradetui.tui.widgets.chart_legend import MARKS

_MAX_WIDTH: Final = 140


class TextDialog(Dialog):
    """Lines that can be scrolled."""

    hint = "Esc closes"

    def __init__(self, title: str, lines: Sequence[Line], *, place: str, is_live: bool) -> None:
        super().__init__(place=place, is_live=is_live)
        self.title = title
        self._lines = list(lines)
        self._top = 0
        self._count = len(self._lines)
        self._room = 10

    def preferred_width(self) -> int:
        widest = max((width_of(line) for line in self._lines), default=0)
        return max(min(widest + 4, _MAX_WIDTH), 40, len(self.title) + len(self.place) + 11)

    def lines(self, width: int, height: int, *, ascii_only: bool) -> list[Line]:
        self._room = max(height - 3, 1)
        return super().lines(width, height, ascii_only=ascii_only)

    def body(self, width: int) -> list[Line]:
        lines = [piece for line in self._lines for piece in folded(line, width)]
        self._count = len(lines)
        last = max(len(lines) - self._room, 0)
        self._top = min(max(self._top, 0), last)
        shown = lines[self._top : self._top + self._room]
        hint = f"j k scroll   {self.hint}" if last else self.hint
        return [*shown, text_line(hint.rjust(width), "key")]

    def key(self, key: str) -> Result:
        steps = {
            "j": 1, "down": 1, "k": -1, "up": -1, "ctrl+d": self._room, "pagedown": self._room,
            "ctrl+u": -self._room, "pageup": -self._room, "g": -(10**6), "home": -(10**6),
            "G": 10**6, "end": 10**6,
        }  # fmt: skip
        if key in steps:
            last = max(self._count - self._room, 0)
            self._top = min(max(self._top + steps[key], 0), last)
            return Stay()
        if is_cancel(key, typing=False) or key in ("?", "enter", "f1"):
            return Close("")
        return Stay()


def help_lines(context: str, bindings: Sequence[Binding], *, with_ids: bool = False) -> list[Line]:
    """Return the keys of what is focused first, then all others, from the binding table; on a chart
    what its marks mean before them. ``with_ids``: what each is called in a keys file, too.
    """

    def row(binding: Binding) -> Line:
        name = binding.id if with_ids else ""
        return _row(binding.shown, binding.also, binding.text, binding.grade, name)

    lines: list[Line] = []
    if context == CHART:
        lines.append(text_line("marks of the chart", "head"))
        lines += [_row(mark, "", text, "-") for mark, text in MARKS]
    first = [binding for binding in bindings if binding.context == context]
    if first:
        lines.append(text_line(f"in {context}", "head"))
        lines += map(row, first)
    for group in GROUPS:
        lines.append(text_line(group, "head"))
        for binding in bindings:
            if binding.group == group and binding not in first:
                lines.append(row(binding))
    return lines


def _row(shown: str, also: str, text: str, grade: str, name: str = "") -> Line:
    keys = f"{shown} {also}".strip()
    asks = "" if grade == "-" else f"  [{grade}]"
    if name:
        keys = f"{keys:<18} {name:<17}"
    return ((f"  {keys:<18} ", "key"), (text, "base"), (asks, "dim"))
