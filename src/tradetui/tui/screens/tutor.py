"""What to press next: the demo shows a newcomer around, a line at a time."""

from __future__ import annotations

from typing import Final, NamedTuple

from tradetui.tui.key_names import SHIPPED, KeyNames


class Tip(NamedTuple):
    """A line, and the bindings that show that it was understood."""

    text: str
    done_by: tuple[str, ...]


TIPS: Final = (
    Tip("{down} and {up} choose an instance; everything is a key", ("down", "up")),
    Tip("{open} opens the selected one; {back} comes back", ("open", "screen_instance")),
    Tip(
        "{timeframe_up} changes the chart's timeframe, {zoom_in} and {zoom_out} its zoom",
        ("timeframe_up", "zoom_in"),
    ),
    Tip("{decisions} shows its decisions: each gate, value and limit", ("decisions",)),
    Tip("{why} says why it traded, or what kept it from that", ("why",)),
    Tip("{power} switches it off, or to observe: nothing is sent", ("power",)),
    Tip("{activate} lets it trade, after y (here with play money)", ("activate",)),
    Tip(
        "{screen_risk} shows how far off each limit is; {screen_main} comes back", ("screen_risk",)
    ),
    Tip("{stop} stops one or all: exit-only, cancel, close, halt", ("stop",)),
    Tip("{help} shows the keys; {command} takes each command by name", ("help", "command")),
    Tip("that is all; {back} at the top asks whether to leave", ("back",)),
)
"""Short enough for the narrowest screen, with the shipped keys."""


OFF: Final = "   (:tips off)"
"""How to have no more tips."""


class Tutor:
    """Walks through TIPS as their keys are pressed; any key may be pressed at any time."""

    def __init__(self) -> None:
        self._at = 0
        self._known: dict[str, None] = {}

    def line(self, width: int, names: KeyNames = SHIPPED) -> str:
        """Return what to say now, in one line of so many cells; empty at the end.

        How to have no more of them is said where there is room for all of it.
        """
        if self._at >= len(TIPS):
            return ""
        text = f"tip {self._at + 1}/{len(TIPS)}: {names(TIPS[self._at].text)}"
        return f"{text}{OFF}" if len(text) + len(OFF) <= width else text

    def pressed(self, binding_id: str) -> bool:
        """Note a key; True when that led to the next tip."""
        self._known[binding_id] = None
        before = self._at
        while self._at < len(TIPS) and any(one in self._known for one in TIPS[self._at].done_by):
            self._at += 1
        return self._at != before

    def stop(self) -> None:
        """Say no more."""
        self._at = len(TIPS)
