"""What a terminal pastes: text and nothing else, and not without end.

Textual reads escape sequences inside a pasted text as keys that somebody pressed, and takes minutes
and hundreds of megabytes for a large one. So pasted text is cleaned before it is parsed. A terminal
that does not mark what it pastes sends it as keys, and a megabyte of keys keeps the engine, which
shares the loop, from the market for minutes: of such a flood only the beginning is let through.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual._xterm_parser import XTermParser
from textual.message import Message

START: Final = "\x1b[200~"
END: Final = "\x1b[201~"
MAX_PASTE: Final = 10_000
"""Characters; no field takes as many, and what is beyond is dropped."""
MAX_TYPED: Final = 512
"""Characters of one reading outside of a paste; hands and terminals send fewer at a time."""

MAX_SEQUENCE: Final = 32
"""Characters; what a key or an answer of a terminal is at most."""


class PasteFilter:
    """Cleans the stream of what comes from the terminal, in pieces of any size."""

    def __init__(self) -> None:
        self._is_pasting = False
        self._room = 0
        self._typed_room = MAX_TYPED
        self._passed = ""
        """The end of what went through outside of a paste: the start mark may come in pieces."""
        self._waiting = ""
        """The end of pasted text that may be the beginning of the end mark."""

    def take(self, data: str) -> str:
        """Return what may be parsed of the next piece; empty if that is nothing."""
        parts: list[str] = []
        while data:
            part, data = self._pasted(data) if self._is_pasting else self._typed(data)
            parts.append(part)
        return "".join(parts)

    def _typed(self, data: str) -> tuple[str, str]:
        """Return what is not pasted, with the start mark if one came, and what follows it."""
        before = len(self._passed)
        seen = self._passed + data
        at = seen.find(START)
        if at < 0:
            self._passed = seen[1 - len(START) :]
            return self._thinned(data, _begun(data, START)), ""
        self._is_pasting, self._room, self._passed = True, MAX_PASTE, ""
        cut = at + len(START) - before
        return self._thinned(data[:cut], min(len(START), cut)), data[cut:]

    def _thinned(self, text: str, kept: int) -> str:
        """Return the beginning of a flood of keys, and its last ``kept`` characters, which are of
        the start mark; what is no flood as it is.

        One flood comes in many readings: it is over when one is short. No escape sequence is cut.
        """
        if len(text) <= MAX_TYPED:
            self._typed_room = MAX_TYPED
            return text
        room, self._typed_room = self._typed_room, 0
        escape = text.rfind("\x1b", 0, room)
        if escape >= 0 and room - escape < MAX_SEQUENCE:
            room = escape
        return text[:room] + text[max(room, len(text) - kept) :]

    def _pasted(self, data: str) -> tuple[str, str]:
        """Return clean pasted text, with the end mark if one came, and what follows it."""
        data = self._waiting + data
        self._waiting = ""
        text, mark, rest = data.partition(END)
        if mark:
            self._is_pasting = False
        else:
            kept = _begun(text, END)
            if kept:
                text, self._waiting = text[:-kept], text[-kept:]
        clean = text[: self._room].replace("\x1b", "?")
        self._room -= len(clean)
        return clean + mark, rest


def _begun(text: str, mark: str) -> int:
    """Return how many characters at the end of a text may be the beginning of a mark."""
    return next(n for n in range(len(mark) - 1, -1, -1) if text.endswith(mark[:n]))


class PasteParser(XTermParser):
    """Textual's parser behind the filter."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._filter = PasteFilter()

    def feed(self, data: str) -> Iterable[Message]:
        """Parse the next piece; an empty one is the end of the input."""
        clean = self._filter.take(data)
        if clean or not data:
            yield from super().feed(clean)
