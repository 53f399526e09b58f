"""A dialog with a few answers, each its own key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tradetui.tui.dialogs.base import (
    Act,
    Close,
    Dialog,
    LiveFacts,
    Result,
    Run,
    Stay,
    answered,
    fact_lines,
    is_cancel,
)
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.lines import Line, text_line


class Answer(NamedTuple):
    """A key, what it does in words, and the act."""

    key: str
    text: str
    run: Run


class ChooseDialog(Dialog):
    """Facts, then answers; those that a function returns are as of now whenever it is drawn."""

    def __init__(
        self,
        title: str,
        facts: LiveFacts,
        answers: Sequence[Answer] | Callable[[], Sequence[Answer]],
        *,
        place: str,
        is_live: bool,
        seen: Seen | None = None,
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self.title = title
        self._facts = facts
        self._answers = answers
        self._seen = seen

    def body(self, width: int) -> list[Line]:
        lines = [*fact_lines(self._facts, width), text_line("", "dialog")]
        for answer in self._offered():
            lines += answered(answer.key, answer.text, width)
        return [*lines, *answered("Esc", "cancel, as q does", width)]

    def key(self, key: str) -> Result:
        if is_cancel(key, typing=False):
            return Close()
        for answer in self._offered():
            if answer.key == key:
                problem = self._seen.problem() if self._seen else ""
                return Close(problem) if problem else Act(answer.run)
        return Stay()

    def _offered(self) -> Sequence[Answer]:
        return self._answers() if callable(self._answers) else self._answers
