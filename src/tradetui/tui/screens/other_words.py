"""Words that people know from other bots, on the ``:`` line: what each is called here.

The tables feed the verbs, their completion, and the page of the keys.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tradetui.tui.keymap import BINDINGS


class OtherWord(NamedTuple):
    """A word that has no verb of its own: where it leads, and what is said there."""

    word: str
    text: str
    """One sentence; keys in it stand as ``{id of the binding}``."""
    screen: str = ""
    """The id of the binding of the screen that is opened; empty to say the sentence alone."""
    tab: str = ""


SAME_AS: Final = {
    "exit": "quit",
    "health": "diagnostics",
    "logs": "log",
    "reload_config": "reload",
    "trades": "fills",
}
"""Words that mean a verb, with all that may stand behind it."""
OTHER_WORDS: Final = (
    OtherWord(
        "balance", "balance: cash and equity of each account stand here", "screen_risk", "Routes"
    ),
    OtherWord(
        "locks", "locks: what may not enter stands here, with why", "screen_risk", "Kill-switches"
    ),
    OtherWord(
        "profit",
        "profit: OPEN and DAY of each instance; `since` takes the change of equity apart",
        "screen_main",
    ),
    OtherWord(
        "daily", "daily: DAY is the profit since 00:00 UTC, and what the limit is of", "screen_main"
    ),
    OtherWord(
        "performance",
        "performance: what came of each run; `sort day` ranks the instances",
        "screen_runs",
    ),
    OtherWord(
        "start",
        "start: `observe NAME` switches an instance on ({power}), `active NAME` lets it trade "
        "({activate}), `resume NAME` ends a pause ({resume})",
    ),
)
"""Words of which none acts: who types ``start`` may mean one of three things."""


def reference_lines() -> list[str]:
    """Return the part of the page of the keys on these words, as Markdown."""
    keys = {binding.id: f"`{binding.shown}`" for binding in BINDINGS}
    rows = [f"| `{word}` | `{verb}` |" for word, verb in SAME_AS.items()]
    for one in OTHER_WORDS:
        text = one.text.format_map(keys).partition(": ")[2]
        rows.append(f"| `{one.word}` | {text} |")
    return [
        "## Words of other bots",
        "",
        "On the `:` line these lead to what is called otherwise here.",
        "",
        "| word | here |",
        "|---|---|",
        *sorted(rows),
    ]
