"""What shows from the first moment until the engine is there: one page, drawn from nothing.

It imports next to nothing, so that it is on the screen before the engine's modules are read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual import events
from textual.app import ComposeResult

from tradetui.tui.lines import BLANK, Line, padded, text_line
from tradetui.tui.theme import Theme
from tradetui.tui.widgets.line_view import LineView, ViewScreen, paint

LEAVE: Final = ("q", "ctrl+c", "ctrl+q")
HELP: Final = ("question_mark", "f1")
_HELP: Final = (
    "The config is being read, the state folder locked, its journal checked,",
    "and the instances brought up as they were. Nothing trades yet.",
    "",
    "q  leave at once: what was recorded stays as it was",
    "?  show or hide these lines",
    "",
    "All other keys work as soon as the console shows.",
)


class StartScreen(ViewScreen, inherit_bindings=False):
    """The page at a start; ``on_shown`` is told once, when it has been drawn."""

    AUTO_FOCUS = None

    def __init__(
        self, theme: Theme, on_shown: Callable[[], None], on_leave: Callable[[], None]
    ) -> None:
        super().__init__()
        self._view = LineView(theme, id="start")
        self._on_shown = on_shown
        self._leave = on_leave
        self._step = "starting ..."
        self._has_help = False

    def compose(self) -> ComposeResult:
        yield self._view

    def on_mount(self) -> None:
        """Draw, then say so."""
        self.draw()
        self.call_after_refresh(self._on_shown)

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new size."""
        self.draw()

    def say(self, text: str) -> None:
        """Say what is being done."""
        self._step = text
        self.draw()

    def draw(self) -> None:
        """Draw the page."""
        width, height = self.size
        if width == 0:
            return
        self._view.place(0, 0, width, height)
        self._view.show(self._lines(width, height))
        paint(self, (self._view,))

    def _lines(self, width: int, height: int) -> list[Line]:
        helped = [text_line(f"  {line}") for line in _HELP] if self._has_help else []
        body = [BLANK, text_line(f"  {self._step}"), BLANK, *helped]
        keys = (("q", "key"), (" leave  ", "dim"), ("?", "key"), (" what happens", "dim"))
        room = max(height - 2, 0)
        body = (body + [BLANK] * room)[:room]
        return [padded(text_line("tradetui", "bold"), width), *body, padded(keys, width)][:height]

    def on_key(self, event: events.Key) -> None:
        """Take the keys that mean something already."""
        event.stop()
        event.prevent_default()
        if event.key in LEAVE:
            self._leave()
        elif event.key in HELP:
            self._has_help = not self._has_help
            self.draw()
