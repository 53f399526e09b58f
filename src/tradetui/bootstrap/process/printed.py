"""What strategies print: it must not act on the terminal, fill it, or get between our own lines."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from tradetui.domain.text import visible

MAX_PRINTED: Final = 10_000
"""Characters; the rest is dropped, and that is said once."""
DROPPED: Final = (
    "... more was printed and is dropped; a strategy says what it has to say by self.log"
)


class Printed(io.TextIOBase):
    """A stream that passes on to another what is printed: harmless, line by line, not without
    end.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._room = MAX_PRINTED

    def write(self, text: str) -> int:
        """Take a text; returns its length, as a file does."""
        if self._stream is not None and self._room > 0:
            part = text[: self._room]
            self._room -= len(text)
            self._stream.write("\n".join(visible(line) for line in part.split("\n")))
            if self._room <= 0:
                self._stream.write(f"\n{DROPPED}\n")
        return len(text)

    def flush(self) -> None:
        """Pass on what waits."""
        if self._stream is not None:
            self._stream.flush()


class Aside:
    """Where the program's own talk goes while strategies' prints are kept apart."""

    def __init__(self, streams: tuple[Any, Any], printed: Printed) -> None:
        self._own = streams
        self._printed = printed

    def say(self, say: Callable[[str], None], text: str) -> None:
        """Say something of our own."""
        sys.stdout, sys.stderr = self._own
        try:
            say(text)
        finally:
            _to(self._printed)


@contextmanager
def printed_aside() -> Iterator[Aside]:
    """Send everything that is printed meanwhile to standard error, harmless and bounded."""
    own = sys.stdout, sys.stderr
    printed = Printed(own[1])
    _to(printed)
    try:
        yield Aside(own, printed)
    finally:
        sys.stdout, sys.stderr = own


def _to(printed: Any) -> None:
    sys.stdout = sys.stderr = printed
