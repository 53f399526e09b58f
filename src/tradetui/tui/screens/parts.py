"""The panes of the main screen, and what is drawn anew when a part of the replica changed."""

from __future__ import annotations

from typing import Final

PARTS: Final = (
    "header", "alerts", "table", "upper_bar", "left", "panel", "lower_bar", "lower", "message",
    "footer",
)  # fmt: skip
BIG: Final = frozenset(("left", "panel", "lower"))
DEPENDS: Final = {
    "header": ("header", "footer", "table", "upper_bar", "panel"),
    "instruments": PARTS,
    "instances": ("table", "upper_bar", "panel"),
    "orders": ("upper_bar", "panel", "lower_bar", "left", "lower"),
    "fills": ("upper_bar", "lower_bar", "left", "lower"),
    "decisions": ("upper_bar", "panel", "left", "lower"),
    "alerts": ("alerts", "lower", "left"),
    "log": ("left", "lower", "message"),
}
"""What is drawn anew when a part of the replica changed."""


def depending_on(part: str, upper_tab: str) -> tuple[str, ...]:
    """Return the panes that change with a part of the replica: a chart only with its instrument,
    because it shows what was fetched for it.
    """
    panes = DEPENDS[part]
    if upper_tab == "Chart" and part != "instruments":
        return tuple(pane for pane in panes if pane != "left")
    return panes
