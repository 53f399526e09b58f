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
    ConfirmDialog,
    Dialog,
    Replace,
    Result,
    Run,
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
    """``c`` cancels the entry orders, ``l`` leaves them; then ``y``, which is enough when there is
    nothing. No one key ends what trades: ``l`` and ``c`` mean something on the screen below, and
    one Esc too many opens this.
    """

    title = "QUIT"

    def __init__(
        self, facts: QuitFacts, leave: Callable[[bool], None], *, place: str, is_live: bool
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self._facts = facts
        self._leave = leave
        self._is_astray = False

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
        if self._is_astray:
            return Stay()
        if self._is_quiet and key == "y":
            return Act(self._left(False))
        if not self._is_quiet and (key == "l" or (key == "c" and self._facts.entries)):
            return Replace(self._sure(cancel_entries=key == "c"))
        if len(key) == 1 and key not in "jky" and not self._is_quiet:
            self._is_astray = True
            self.note = f"{key} is no answer: what is typed now is not heard, Esc stays"
        return Stay()

    def _sure(self, *, cancel_entries: bool) -> Dialog:
        """Return the question that ``y`` answers."""
        facts, run = self._facts, self._left(cancel_entries)
        then = (
            f"cancel {counted(facts.entries, 'entry order')}, then quit"
            if cancel_entries
            else "leave all orders as they are, and quit"
        )
        held = [("positions", ", ".join(facts.positions) or "none"), ("then", then)]
        return ConfirmDialog(
            "QUIT", held, "quit?", lambda _: run(), place=self.place, is_live=self.is_live
        )

    def _left(self, cancel_entries: bool) -> Run:
        leave = self._leave

        async def left() -> CommandReply:
            leave(cancel_entries)
            return CommandReply(True, "leaving ...")

        return left
