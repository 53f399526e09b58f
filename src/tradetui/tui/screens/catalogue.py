"""The full screens: which lists each has, where they read from, and what is said of each."""

from __future__ import annotations

from typing import Final, NamedTuple

MAIN: Final = "screen_main"


class FullScreen(NamedTuple):
    """One full screen; its ``tabs`` are lists over all instances."""

    title: str
    tabs: tuple[str, ...]
    text: str


SCREENS: Final[dict[str, FullScreen]] = {
    "screen_orders": FullScreen("orders", ("Orders",), "every order; below: its fills, its links"),
    "screen_fills": FullScreen("fills", ("Fills",), "every fill, also of earlier runs"),
    "screen_decisions": FullScreen(
        "decisions", ("Decisions",), "each signal and intent; below: every gate"
    ),
    "screen_risk": FullScreen(
        "risk",
        ("Limits", "Exposure", "Kill-switches", "Routes"),
        "how far from each limit, and what is at stake",
    ),
    "screen_markets": FullScreen("markets", ("Markets",), "top of the book, age, the last hour"),
    "screen_journal": FullScreen("journal", ("Journal", "Log"), "every step as it is written"),
    "screen_diagnostics": FullScreen(
        "diagnostics", ("Figures", "Callbacks"), "queues, lag, latencies, callbacks"
    ),
    "screen_alerts": FullScreen("alerts", ("Alerts",), "what needs a person"),
    "screen_runs": FullScreen(
        "runs",
        ("Runs",),
        "every run of this journal, and the command that shows one in time travel",
    ),
    "screen_settings": FullScreen(
        "settings", ("Settings",), "what is set, and the file and line that say so"
    ),
}
"""By the id of the binding that opens it."""

PAGES: Final[dict[str, str]] = {
    "Limits": "risk",
    "Exposure": "risk",
    "Kill-switches": "risk",
    "Routes": "risk",
    "Markets": "markets",
    "Journal": "events",
    "Figures": "diagnostics",
    "Callbacks": "diagnostics",
    "Runs": "runs",
}
"""Which page of the engine a list is made of; other lists are in the replica."""

COUNTED: Final = {"Orders": " open"}
"""What the number at a tab counts, where the list holds more than that."""
