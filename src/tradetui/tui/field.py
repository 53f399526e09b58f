"""A one-line text field: what is typed, where the cursor is, and what it may hold."""

from __future__ import annotations

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
        match key:
            case "space":
                self.insert(" ")
            case "backspace":
                if self.cursor:
                    self.text = self.text[: self.cursor - 1] + self.text[self.cursor :]
                    self.cursor -= 1
            case "delete":
                self.text = self.text[: self.cursor] + self.text[self.cursor + 1 :]
            case "left":
                self.cursor = max(self.cursor - 1, 0)
            case "right":
                self.cursor = min(self.cursor + 1, len(self.text))
            case "home" | "ctrl+a":
                self.cursor = 0
            case "end" | "ctrl+e":
                self.cursor = len(self.text)
            case "ctrl+u":
                self.text, self.cursor = self.text[self.cursor :], 0
            case _:
                return False
        return True

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
