"""Forms: fields with a sentence of help each, and a sentence for what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tradetui.domain.text import printable
from tradetui.tui.dialogs.base import Ask, Close, Dialog, Result, Stay, is_cancel, wrap
from tradetui.tui.field import TextField
from tradetui.tui.lines import Line, fit, text_line

FIELD_WIDTH: Final = 22


@dataclass(slots=True)
class FormField:
    """One field.

    ``choices`` makes it one of a list, walked with the arrow keys; ``hint`` stands behind it (unit,
    range), ``help`` under it while it has the cursor.
    """

    key: str
    label: str
    text: TextField
    hint: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()
    problem: str = ""

    def step(self, by: int) -> None:
        """Take the next choice."""
        if not self.choices:
            return
        current = self.text.text
        at = self.choices.index(current) if current in self.choices else -1
        self.text.set(self.choices[(at + by) % len(self.choices)])


Submit = Callable[[dict[str, str]], Awaitable[Result]]
Check = Callable[[FormField], str]


class FormDialog(Dialog):
    """Up, down and Tab walk the fields; ``^y`` goes on; Enter goes to the next field."""

    has_text_input = True
    is_masked = False

    def __init__(
        self,
        title: str,
        fields: Sequence[FormField],
        submit: Submit,
        check: Check,
        *,
        place: str,
        is_live: bool,
        verb: str = "goes on",
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self.title = title
        self.fields = list(fields)
        self._submit = submit
        self._check = check
        self._verb = verb
        self._on = 0
        self._top = 0
        self._room = 10
        self._busy = False

    def lines(self, width: int, height: int, *, ascii_only: bool) -> list[Line]:
        self._room = max(height - 8, 3)
        return super().lines(width, height, ascii_only=ascii_only)

    def body(self, width: int) -> list[Line]:
        self._top = min(max(self._top, self._on - self._room + 1), self._on)
        shown = self.fields[self._top : self._top + self._room]
        label = max((len(field.label) for field in self.fields), default=0) + 2
        lines = [self._field_line(field, label, width) for field in shown]
        if len(self.fields) > len(shown):
            lines.append(text_line(f"field {self._on + 1} of {len(self.fields)}", "dim"))
        lines.append(text_line("", "dialog"))
        current = self.fields[self._on] if self.fields else None
        if current is not None:
            look = "problem" if current.problem else "dialog"
            text = "  ".join(filter(None, (current.help, self._hidden_hint(current, width))))
            lines += [*wrap(current.problem or text, width, look), text_line("", "dialog")][:3]
        else:
            lines.append(text_line("this strategy has no settings", "dim"))
        keys = f"^y {self._verb}   Tab next   Esc cancel"
        if current is not None and current.choices:
            keys = "left right choose   " + keys
        lines.append(text_line("checking ..." if self._busy else keys, "key"))
        return lines

    def _rest(self, width: int) -> int:
        """Return the cells that are left beside the fields for their hints."""
        label = max((len(field.label) for field in self.fields), default=0) + 2
        return max(width - label - max(min(FIELD_WIDTH, width - label - 4), 8) - 4, 0)

    def _hidden_hint(self, field: FormField, width: int) -> str:
        """Return what a field's hint has no room to say beside it."""
        hint = printable(field.hint)
        return "" if hint == _shortened(hint, self._rest(width)) else hint

    def _field_line(self, field: FormField, label: int, width: int) -> Line:
        is_on = self.fields[self._on] is field
        size = max(min(FIELD_WIDTH, width - label - 4), 8)
        rest = self._rest(width)
        mark = ("! ", "problem") if field.problem else ("> " if is_on else "  ", "key")
        return (
            mark,
            (fit(printable(field.label), label), "label"),
            *field.text.line(size, is_on=is_on),
            (fit(f" {_shortened(printable(field.hint), rest)}", rest), "dim"),
        )

    def key(self, key: str) -> Result:
        if is_cancel(key, typing=True):
            return Close()
        if self._busy:
            return Stay()
        if key == "ctrl+y":
            return self._submitted()
        if not self.fields:
            return Stay()
        field = self.fields[self._on]
        if key in ("tab", "down", "enter"):
            self._leave(1)
        elif key in ("shift+tab", "up"):
            self._leave(-1)
        elif field.choices and key in ("left", "right", "space"):
            field.step(-1 if key == "left" else 1)
            field.problem = self._check(field)
        elif field.text.key(key):
            field.problem = ""
        self.note = ""
        return Stay()

    def paste(self, text: str) -> None:
        if self.fields:
            self.fields[self._on].text.insert(text)

    def _leave(self, step: int) -> None:
        field = self.fields[self._on]
        field.problem = self._check(field)
        self._on = (self._on + step) % len(self.fields)

    def _submitted(self) -> Result:
        for index, field in enumerate(self.fields):
            field.problem = self._check(field)
            if field.problem:
                self._on = index
                return Stay()
        self._busy = True
        values = {field.key: field.text.text.strip() for field in self.fields}

        async def asked() -> Result:
            try:
                return await self._submit(values)
            finally:
                self._busy = False

        return Ask(asked)


def _shortened(hint: str, room: int) -> str:
    """Return the parts of a hint that fit behind a blank: no number is cut."""
    parts = hint.split("  ")
    while parts and len("  ".join(parts)) + 1 > room:
        parts.pop()
    return "  ".join(parts)
