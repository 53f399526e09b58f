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
    Facts,
    Replace,
    Result,
    Run,
    Stay,
    answered,
    is_cancel,
    labelled,
    moved,
)
from tradetui.tui.dialogs.seen import Shown
from tradetui.tui.lines import Line, text_line


class QuitFacts(NamedTuple):
    """What is at stake: active instances, entry orders, exits and stops that are open, and
    positions in words.
    """

    active: int
    entries: int
    stops: int
    positions: tuple[str, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is at stake."""
        return not any(self)

    def change(self, now: QuitFacts) -> str:
        """Name what is otherwise now, empty if nothing is."""
        pairs = (
            ("active instances", self.active, now.active),
            ("entry orders", self.entries, now.entries),
            ("exits and stops", self.stops, now.stops),
            ("positions", ", ".join(self.positions), ", ".join(now.positions)),
        )
        moved = (
            f"{name} {'none' if old == '' else old} -> {'none' if new == '' else new}"
            for name, old, new in pairs
            if old != new
        )
        return ", ".join(moved)


class QuitDialog(Dialog):
    """``c`` cancels the entry orders, ``l`` leaves them; then ``y``, which is enough when there is
    nothing. No one key ends what trades: ``l`` and ``c`` mean something on the screen below, and
    one Esc too many opens this. The facts are as of now whenever it is drawn.
    """

    title = "QUIT"

    def __init__(
        self,
        look: Callable[[], QuitFacts],
        leave: Callable[[bool], None],
        *,
        place: str,
        is_live: bool,
    ) -> None:
        super().__init__(place=place, is_live=is_live)
        self._look = look
        self._shown = Shown(look, QuitFacts.change)
        self._leave = leave
        self._is_astray = False

    def heard(self) -> None:
        self._shown.heard()

    def body(self, width: int) -> list[Line]:
        facts = self._shown.again()
        if facts.is_quiet:
            lines = labelled("running", "no instance is active, no order is open", width)
            return [
                *lines,
                text_line("", "dialog"),
                (
                    ("y", "key"),
                    (" quit   ", "dialog"),
                    ("Esc", "key"),
                    (" stay, as q does", "dialog"),
                ),
            ]
        held = ", ".join(facts.positions) or "none"
        lines = labelled(
            "instances", f"{facts.active} active: nothing is decided while this does not run", width
        )
        lines += labelled("positions", held, width)
        lines += labelled("orders", _orders_words(facts), width)
        if facts.stops:
            lines += labelled(
                "",
                "exits and stops stay; those that we hold guard nothing while nothing runs",
                width,
            )
        lines += moved(self._shown, width)
        lines.append(text_line("", "dialog"))
        cancel = ("c", f"cancel {counted(facts.entries, 'entry order')}, then quit")
        leave = ("l", "leave all orders as they are, and quit")
        for key, text in (*((cancel,) if facts.entries else ()), leave, ("Esc", "stay, as q does")):
            lines += answered(key, text, width)
        return lines

    def key(self, key: str) -> Result:
        if is_cancel(key, typing=False):
            return Close(STAYED)
        if self._is_astray:
            return Stay()
        facts = self._shown.answered
        if facts.is_quiet and key == "y":
            self.note = self._shown.problem()
            return Stay() if self.note else Act(self._left(False))
        if not facts.is_quiet and (key == "l" or (key == "c" and facts.entries)):
            return Replace(self._sure(cancel_entries=key == "c"))
        if len(key) == 1 and key not in "jky" and not facts.is_quiet:
            self._is_astray = True
            self.note = f"{key} is no answer: what is typed now is not heard, Esc stays"
        return Stay()

    def _sure(self, *, cancel_entries: bool) -> Dialog:
        """Return the question that ``y`` answers."""
        run, shown = self._left(cancel_entries), Shown(self._look, QuitFacts.change)

        def facts() -> Facts:
            now = shown.again()
            then = (
                f"cancel {counted(now.entries, 'entry order')}, then quit"
                if cancel_entries
                else "leave all orders as they are, and quit"
            )
            return (
                ("positions", ", ".join(now.positions) or "none"),
                ("orders", _orders_words(now)),
                ("then", then),
            )

        return ConfirmDialog(
            "QUIT", facts, "quit?", lambda _: run(),
            place=self.place, is_live=self.is_live, seen=shown,
        )  # fmt: skip

    def _left(self, cancel_entries: bool) -> Run:
        leave = self._leave

        async def left() -> CommandReply:
            leave(cancel_entries)
            return CommandReply(True, "leaving ...")

        return left


def _orders_words(facts: QuitFacts) -> str:
    stops = counted(facts.stops, "exit or stop", "exits and stops")
    return f"{counted(facts.entries, 'entry order')}, {stops}"
