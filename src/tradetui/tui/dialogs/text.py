"""Dialogs that only show: help, why, traceback, a row in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tradetui.tui.dialogs.base import Close, Dialog, Result, Stay, is_cancel
from tradetui.tui.field import TextField
from tradetui.tui.keymap import CHART, GROUPS, Binding
from tradetui.tui.lines import BLANK, Line, folded, plain, sides, text_line, width_of
from tradetui.tui.widgets.chart_legend import MARKS
from tradetui.tui.widgets.lists import matcher

_MAX_WIDTH: Final = 140


class TextDialog(Dialog):
    """Lines that can be scrolled, and filtered as lists are; a head stays with what is under it."""

    hints: tuple[str, ...] = ("Esc or q closes",)
    """What the foot says, the least important first."""

    def __init__(self, title: str, lines: Sequence[Line], *, place: str, is_live: bool) -> None:
        super().__init__(place=place, is_live=is_live)
        self.title = title
        self._lines = list(lines)
        self._top = 0
        self._count = len(self._lines)
        self._room = 10
        self._field = TextField(limit=60)

    def preferred_width(self) -> int:
        widest = max((width_of(line) for line in self._lines), default=0)
        return max(min(widest + 4, _MAX_WIDTH), 40, len(self.title) + len(self.place) + 11)

    def lines(self, width: int, height: int, *, ascii_only: bool) -> list[Line]:
        self._room = max(height - 3, 1)
        return super().lines(width, height, ascii_only=ascii_only)

    def body(self, width: int) -> list[Line]:
        found = self._found()
        lines = [piece for line in found for piece in folded(line, width)]
        self._count = len(lines)
        last = max(len(lines) - self._room, 0)
        self._top = min(max(self._top, 0), last)
        shown = lines[self._top : self._top + self._room]
        if not found:
            shown = [text_line("nothing here matches", "dim")]
        if self._field.text:
            whole = sum(len(folded(line, width)) for line in self._lines)
            shown += [BLANK] * (min(whole, self._room) - len(shown))
        return [*shown, self._foot(width, is_long=last > 0)]

    def _found(self) -> list[Line]:
        """Return the lines that the filter shows, each with the head that it stands under."""
        if not self._field.text:
            return self._lines
        matches = matcher(self._field.text)
        seen = self.masker.lines(self._lines) if self.masker is not None else self._lines
        found: list[Line] = []
        head: list[Line] = []
        for line in seen:
            if line and all(look == "head" for _, look in line):
                head = [line]
            elif matches(plain(line)):
                found += [*head, line]
                head = []
        return found

    def _foot(self, width: int, *, is_long: bool) -> Line:
        """Return the last line: the filter left, the keys right, those that there is room for."""
        hints = list(self.hints)
        left: Line = BLANK
        if self.has_text_input:
            left = (("/", "key"), *self._field.line(min(24, width - 1), is_on=True))
            hints = ["Enter keeps it", "Esc clears it"]
        elif self._field.text:
            left = text_line(f"filter {self._field.text}", "bold")
            hints = ["j k scroll", "/ changes it", "Esc or q clears it"]
        elif is_long:
            hints = ["/ filters", "j k scroll", *hints]
        room = width - width_of(left) - 1
        while len(hints) > 1 and len("   ".join(hints)) > room:
            del hints[0]
        return sides(left, text_line("   ".join(hints), "key"), width, "dialog")

    def key(self, key: str) -> Result:
        if self.has_text_input:
            self._type(key)
            return Stay()
        if key == "/":
            self.has_text_input = True
            return Stay()
        steps = {
            "j": 1, "down": 1, "k": -1, "up": -1, "ctrl+d": self._room, "pagedown": self._room,
            "ctrl+u": -self._room, "pageup": -self._room, "g": -(10**6), "home": -(10**6),
            "G": 10**6, "end": 10**6,
        }  # fmt: skip
        if key in steps:
            last = max(self._count - self._room, 0)
            self._top = min(max(self._top + steps[key], 0), last)
            return Stay()
        if self._field.text and is_cancel(key, typing=False):
            self._field.set("")
        elif is_cancel(key, typing=False) or key in ("?", "enter", "f1"):
            return Close("")
        return Stay()

    def _type(self, key: str) -> None:
        """Take a key for the filter; it is left by Enter, by Esc, and by Backspace once empty."""
        if key == "escape":
            self._field.set("")
        if key in ("escape", "enter") or (key == "backspace" and not self._field.text):
            self.has_text_input = False
        else:
            self._field.key(key)
            self._top = 0

    def paste(self, text: str) -> None:
        """What is pasted while the filter is typed belongs to it."""
        self._field.insert(text)


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
