"""Forms: fields with a sentence of help each, and a sentence for what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tradetui.domain.text import printable
from tradetui.tui.dialogs.base import (
    Ask,
    Close,
    Dialog,
    Result,
    Stay,
    cancel_words,
    is_cancel,
    wrap,
)
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
    typed: str = ""
    """The letters typed since the cursor came, which pick among the choices."""

    def step(self, by: int) -> None:
        """Take the next choice."""
        if not self.choices:
            return
        self.typed = ""
        self.text.set(self.choices[(self._at() + by) % len(self.choices)])

    def choose(self, key: str) -> None:
        """Take a choice by a key: the arrows, Space, a letter; Backspace forgets the letters."""
        if key in ("left", "right", "space"):
            self.step(-1 if key == "left" else 1)
        elif key == "backspace":
            self.typed = ""
        elif len(key) == 1:
            self.pick(key)
            return
        self.problem = ""

    def pick(self, char: str) -> None:
        """Take the choice that begins with what was typed; the next one when a letter repeats."""
        typed = (self.typed + char).lower()
        found = [one for one in self.choices if one.lower().startswith(typed)]
        if not found and set(typed) == {char.lower()}:
            found = [one for one in self._from_next() if one.lower().startswith(char.lower())]
        if found:
            self.typed = typed
            self.text.set(found[0])
            self.problem = ""
        else:
            self.problem = f"no choice begins with {printable(typed, 24)}"

    def offered(self, width: int) -> str:
        """Write the choices, the taken one in brackets, as many around it as there is room for."""
        at = self._at()
        head = f"{at + 1} of {len(self.choices)}: " if len(self.choices) > 1 else ""
        words = [f"[{one}]" if index == at else one for index, one in enumerate(self.choices)]
        first, last = max(at, 0), max(at, 0) + 1
        while first > 0 or last < len(words):
            wider = (max(first - 1, 0), min(last + 1, len(words)))
            if len(head) + len("  ".join(words[slice(*wider)])) + 6 > width:
                break
            first, last = wider
        before, after = ".. " if first else "", " .." if last < len(words) else ""
        return head + before + "  ".join(words[first:last]) + after

    def _at(self) -> int:
        current = self.text.text
        return self.choices.index(current) if current in self.choices else -1

    def _from_next(self) -> tuple[str, ...]:
        at = self._at() + 1
        return self.choices[at:] + self.choices[:at]


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
            if current.choices:
                lines.insert(-1, text_line(current.offered(width), "dim"))
            elif len(self.fields) < self._room and any(field.choices for field in self.fields):
                lines.append(text_line("", "dialog"))  # so high with every field: it stays in place
        else:
            lines.append(text_line("this strategy has no settings", "dim"))
        keys = f"^y {self._verb}   Tab next   "
        if current is not None and current.choices:
            keys = "left right choose   " + keys
        leave = cancel_words("cancel", typing=True)
        keys += leave if len(keys) + len(leave) <= width else "Esc cancel"
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
        elif field.choices:
            field.choose(key)
        elif field.text.key(key):
            field.problem = ""
        self.note = ""
        return Stay()

    def paste(self, text: str) -> None:
        field = self.fields[self._on] if self.fields else None
        if field is not None and field.choices:
            field.typed = ""
            field.text.set(text.strip())
        elif field is not None:
            field.text.insert(text)

    def _leave(self, step: int) -> None:
        field = self.fields[self._on]
        field.problem = self._check(field)
        field.typed = ""
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
