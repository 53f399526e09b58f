"""What the message line says only for a moment: the next key takes it away, or some seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tradetui.tui.screens.main import MainScreen

HINT_SECONDS: Final = 5.0


class Hints:
    """Remembers the last hint; whatever else is said in its place is left alone."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._text = ""
        self._left = 0.0

    def say(self, text: str) -> None:
        """Put a hint on the message line."""
        self._screen.say(text)
        self._text, self._left = text, HINT_SECONDS

    def pass_time(self, seconds: float) -> None:
        """Let time go by; the hint goes when its own is over."""
        self._left -= seconds
        if self._left <= 0:
            self.drop()

    def drop(self) -> None:
        """Clear the message line if it still says the hint."""
        if self._text and self._screen.message == self._text:
            self._screen.say("")
        self._text = ""
