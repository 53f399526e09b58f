"""The quit dialog: what is still running, and what shall become of the entry orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tradetui.domain.commands import CommandReply
from tradetui.domain.formatting import counted
from tradetui.tui.dialogs.base import (
    STAYED,
    Act,
    Close,
    Dialog,
    Result,
    Stay,
    answered,
    is_cancel,
    labelled,
)
from tradetui.tui.lines import Line, text_line


class QuitFacts(NamedTuple):
    """What is at stake."""

    active: int
    entries: int
    stops: int
    positions: tuple[str, ...]


class QuitDialog(Dialog):
    """``c`` cancels the entry orders and leaves, ``l`` leaves them; ``y`` when there is nothing."""

    title = "QUIT"

    def __init__(
        self, facts: QuitFacts, leave: Callable[[bool], None], *, place: str, is_live: bool
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self._facts = facts
        self._leave = leave

    @property
    def _is_quiet(self) -> bool:
        facts = self._facts
        return not (facts.active or facts.entries or facts.stops or facts.positions)

    def body(self, width: int) -> list[Line]:
        facts = self._facts
        if self._is_quiet:
            lines = labelled("running", "no instance is active, no order is open", width)
            return [
                *lines,
                text_line("", "dialog"),
                (("y", "key"), (" quit   ", "dialog"), ("Esc", "key"), (" stay", "dialog")),
            ]
        held = ", ".join(facts.positions) or "none"
        lines = labelled(
            "instances", f"{facts.active} active: nothing is decided while this does not run", width
        )
        lines += labelled("positions", held, width)
        stops = counted(facts.stops, "exit or stop", "exits and stops")
        orders = f"{counted(facts.entries, 'entry order')}, {stops}"
        lines += labelled("orders", orders, width)
        if facts.stops:
            lines += labelled(
                "",
                "exits and stops stay; those that we hold guard nothing while nothing runs",
                width,
            )
        lines.append(text_line("", "dialog"))
        cancel = ("c", f"cancel {counted(facts.entries, 'entry order')}, then quit")
        leave = ("l", "leave all orders as they are, and quit")
        for key, text in (*((cancel,) if facts.entries else ()), leave, ("Esc", "stay")):
            lines += answered(key, text, width)
        return lines

    def key(self, key: str) -> Result:
        if is_cancel(key, typing=False):
            return Close(STAYED)
        if self._is_quiet:
            return self._go(False) if key == "y" else Stay()
        if key == "l" or (key == "c" and self._facts.entries):
            return self._go(key == "c")
        return Stay()

    def _go(self, cancel_entries: bool) -> Result:
        leave = self._leave

        async def left() -> CommandReply:
            leave(cancel_entries)
            return CommandReply(True, "leaving ...")

        return Act(left)
