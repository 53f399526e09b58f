"""A dialog with a few answers, each its own key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tradetui.tui.dialogs.base import (
    Act,
    Close,
    Dialog,
    Result,
    Run,
    Stay,
    answered,
    is_cancel,
    labelled,
)
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.lines import Line, text_line


class Answer(NamedTuple):
    """A key, what it does in words, and the act."""

    key: str
    text: str
    run: Run


class ChooseDialog(Dialog):
    """Facts, then answers."""

    def __init__(
        self,
        title: str,
        facts: Sequence[tuple[str, str]],
        answers: Sequence[Answer],
        *,
        place: str,
        is_live: bool,
        seen: Seen | None = None,
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self.title = title
        self._facts = tuple(facts)
        self._answers = tuple(answers)
        self._seen = seen

    def body(self, width: int) -> list[Line]:
        lines: list[Line] = []
        for label, text in self._facts:
            lines += labelled(label, text, width)
        lines.append(text_line("", "dialog"))
        for answer in self._answers:
            lines += answered(answer.key, answer.text, width)
        return [*lines, *answered("Esc", "cancel", width)]

    def key(self, key: str) -> Result:
        if is_cancel(key, typing=False):
            return Close()
        for answer in self._answers:
            if answer.key == key:
                problem = self._seen.problem() if self._seen else ""
                return Close(problem) if problem else Act(answer.run)
        return Stay()
