"""A one-line text field: what is typed, where the cursor is, and what it may hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tradetui.domain.text import printable
from tradetui.tui.lines import Line

MAX_TEXT: Final = 500


class TextField:
    """Holds the text; knows the usual editing keys."""

    def __init__(self, text: str = "", *, limit: int = MAX_TEXT) -> None:
        self.text = text
        self.limit = limit
        self.cursor = len(text)
        self._edits: dict[str, Callable[[], None]] = {
            "space": lambda: self.insert(" "),
            "backspace": self._backspace,
            "delete": self._delete,
            "left": lambda: self._go(self.cursor - 1),
            "right": lambda: self._go(self.cursor + 1),
            "home": lambda: self._go(0),
            "ctrl+a": lambda: self._go(0),
            "end": lambda: self._go(len(self.text)),
            "ctrl+e": lambda: self._go(len(self.text)),
            "ctrl+u": self._clear_left,
        }

    def set(self, text: str) -> None:
        """Replace the text; the cursor goes to its end."""
        self.text = text[: self.limit]
        self.cursor = len(self.text)

    def insert(self, text: str) -> None:
        """Type or paste at the cursor; what cannot be printed is replaced."""
        clean = printable(text, self.limit)[: max(self.limit - len(self.text), 0)]
        self.text = self.text[: self.cursor] + clean + self.text[self.cursor :]
        self.cursor += len(clean)

    def key(self, key: str) -> bool:
        """Edit by a key; False if it means nothing here."""
        if len(key) == 1:
            self.insert(key)
            return True
        edit = self._edits.get(key)
        if edit is None:
            return False
        edit()
        return True

    def _backspace(self) -> None:
        if self.cursor:
            self.text = self.text[: self.cursor - 1] + self.text[self.cursor :]
            self.cursor -= 1

    def _delete(self) -> None:
        self.text = self.text[: self.cursor] + self.text[self.cursor + 1 :]

    def _go(self, to: int) -> None:
        self.cursor = min(max(to, 0), len(self.text))

    def _clear_left(self) -> None:
        self.text, self.cursor = self.text[self.cursor :], 0

    def line(self, width: int, *, is_on: bool) -> Line:
        """Draw the field, scrolled so that the cursor is seen."""
        look = "field_on" if is_on else "field"
        if not is_on:
            return ((self.text[:width].ljust(width), look),)
        start = max(self.cursor - width + 1, 0)
        shown = self.text[start : start + width].ljust(width)
        at = self.cursor - start
        return (
            (shown[:at], "field"),
            (shown[at : at + 1] or " ", look),
            (shown[at + 1 :], "field"),
        )
