"""A run of the journal, and how it is looked at: not here, where the run of now is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tradetui.tui.dialogs.base import Close, Result
from tradetui.tui.dialogs.text import TextDialog
from tradetui.tui.lines import BLANK, Line, text_line

WHY_NOT_HERE: Final = (
    "It opens in another terminal, with the command above: this one keeps the run of now in sight, "
    "with its alerts, and STOP at hand."
)


class RunDialog(TextDialog):
    """The row of a run, whole; ``copy`` copies its command and says so."""

    hints = ("c copies the command", "Esc or q closes")

    def __init__(
        self, lines: Sequence[Line], copy: Callable[[], str], *, place: str, is_live: bool
    ) -> None:
        told = [*lines, BLANK, text_line(WHY_NOT_HERE)]
        super().__init__("RUN", told, place=place, is_live=is_live)
        self._copy = copy

    def key(self, key: str) -> Result:
        is_copy = key == "c" and not self.has_text_input
        return Close(self._copy()) if is_copy else super().key(key)
