"""The keys of time travel; on a running engine they say that this is the present."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tradetui.tui.actions import Travel
from tradetui.tui.dialogs.text import TextDialog
from tradetui.tui.lines import text_line
from tradetui.tui.screens.desk import Desk

IDS: Final = frozenset(("step", "step_back", "next_act", "previous_act", "changed"))
PRESENT: Final = "this is the present: {screen_runs} lists recorded runs, with the command for each"
ON_THE_WAY: Final = "on the way: steps are taken anew"


class Travelling:
    """One method per key; moves come one after the other, never two at a time."""

    def __init__(self, screen: Desk) -> None:
        self._screen = screen
        self._is_moving = False

    @property
    def travel(self) -> Travel | None:
        """The door to the recorded run, None on a running engine."""
        return self._screen.console_app.travel

    def run(self, binding_id: str) -> None:
        """Do what a key says; a key that comes while one moves is dropped, the next may come."""
        travel = self.travel
        if travel is None:
            self._screen.say(self._screen.console_app.key_names(PRESENT), refused=True)
        elif binding_id == "changed":
            # What is shown meanwhile is of a step on the way, which nobody asked about.
            if self._is_moving:
                self._screen.say(ON_THE_WAY, refused=True)
            else:
                self._show_changed(travel)
        else:
            moves: dict[str, Callable[[], Awaitable[str]]] = {
                "step": lambda: travel.move(1),
                "step_back": lambda: travel.move(-1),
                "next_act": travel.next_act,
                "previous_act": travel.previous_act,
            }
            self._go(moves[binding_id])

    def go_to(self, text: str) -> None:
        """Go to a step or a time that was typed."""
        travel = self.travel
        if travel is None:
            self._screen.say(self._screen.console_app.key_names(PRESENT), refused=True)
            return
        self._go(lambda: travel.go_to(text))

    def _go(self, move: Callable[[], Awaitable[str]]) -> None:
        if self._is_moving:
            return
        self._is_moving = True
        self._screen.say(ON_THE_WAY)

        async def moved() -> None:
            try:
                text = await move()
            finally:
                self._is_moving = False
            self._screen.say(text)
            self._screen.poll()
            self._screen.draw()

        self._screen.console_app.keep(moved())

    def _show_changed(self, travel: Travel) -> None:
        app = self._screen.console_app
        lines = [text_line(line) for line in travel.changed()] or [text_line("nothing", "dim")]
        seq_id = self._screen.replica.header.seq_id
        dialog = TextDialog(f"STEP {seq_id:,}", lines, place=app.place, is_live=app.is_live)
        self._screen.open_dialog(dialog)
