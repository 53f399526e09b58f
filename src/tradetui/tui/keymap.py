"""The one table of keys: dispatch, footer, ``?`` and the reference page all come from here.

A key is written as the terminal sends it: a printable character stands for itself, others
have Textual's names. What a binding does is in ``screens``; here is what it is called and where
it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOVE, LOOK, VIEW, ACT, PLAY = "moving", "looking", "screens", "acting", "replay"
TRAVEL: Final = "time travel"
GROUPS: Final = (MOVE, LOOK, VIEW, ACT, PLAY, TRAVEL)

ANY, TABLE, PANE, ORDERS, CHART = "everywhere", "instances", "pane", "orders", "chart"


@dataclass(frozen=True, slots=True)
class Binding:
    """One act or motion.

    ``shown`` and ``also`` are how the keys are written for people; ``grade`` what it asks for on
    paper and live (``-`` for what only looks). ``acts``: goes through the guard against bursts and
    repeats.
    """

    id: str
    keys: tuple[str, ...]
    shown: str
    label: str
    text: str
    group: str
    also: str = ""
    grade: str = "-"
    context: str = ANY
    acts: bool = False


def _b(
    name: str, keys: str, shown: str, label: str, text: str, group: str, **more: object
) -> Binding:
    return Binding(name, tuple(keys.split()), shown, label, text, group, **more)  # type: ignore[arg-type]


BINDINGS: Final[tuple[Binding, ...]] = (
    _b("down", "j down", "j", "down", "down", MOVE, also="down arrow"),
    _b("up", "k up", "k", "up", "up", MOVE, also="up arrow"),
    _b("first", "g home", "g", "first", "first; oldest candle of a chart", MOVE, also="Home"),
    _b("last", "G end", "G", "last", "last; newest candle of a chart", MOVE, also="End"),
    _b(
        "half_down",
        "ctrl+d pagedown",
        "^d",
        "half page down",
        "half a page down",
        MOVE,
        also="PgDn",
    ),
    _b("half_up", "ctrl+u pageup", "^u", "half page up", "half a page up", MOVE, also="PgUp"),
    _b(
        "left",
        "h left",
        "h",
        "left",
        "pan chart or columns to the left, or move the crosshair",
        MOVE,
        also="left arrow",
    ),
    _b(
        "right",
        "l right",
        "l",
        "right",
        "pan chart or columns to the right, or move the crosshair",
        MOVE,
        also="right arrow",
    ),
    _b("next_pane", "tab", "Tab", "pane", "next pane", MOVE),
    _b("previous_pane", "shift+tab", "Shift-Tab", "pane", "previous pane", MOVE),
    _b(
        "next_tab",
        "] .",
        "]",
        "tab",
        "next tab (brackets need AltGr on many layouts)",
        MOVE,
        also=".",
    ),
    _b(
        "previous_tab",
        "[ ,",
        "[",
        "tabs",
        "previous tab (brackets need AltGr on many layouts)",
        MOVE,
        also=",",
    ),
    _b(
        "open",
        "enter",
        "Enter",
        "open",
        "open: instance, order, decision, traceback; on a chart the crosshair",
        LOOK,
    ),
    _b(
        "back",
        "q escape backspace",
        "q",
        "back",
        "back one level; at the top the quit dialog, never in a run of this key",
        LOOK,
        also="Esc, Backspace",
    ),
    _b(
        "command",
        ": ctrl+p",
        ":",
        "command",
        "command line: the verbs, with completion and history; the name of anything jumps to it",
        LOOK,
        also="^p",
    ),
    _b(
        "filter", "/", "/", "filter", "filter: plain, ! not, ~ regular expression; Esc clears", LOOK
    ),
    _b("help", "? f1", "?", "help", "keys of what is focused, then all", LOOK, also="F1"),
    _b("why", "w", "w", "why", "why: the chain of this row; on an instance, why no trade", LOOK),
    _b("fills", "f", "f", "fills", "fills of this instance, or of the row's", LOOK),
    _b("decisions", "d", "d", "decisions", "decisions of this instance, or of the row's", LOOK),
    _b("timeframe_up", "t", "t", "timeframe", "longer timeframe of the chart", LOOK),
    _b("timeframe_down", "T", "T", "timeframe", "shorter timeframe of the chart", LOOK),
    _b("zoom_in", "+ =", "+", "nearer", "chart nearer", LOOK, also="="),
    _b("zoom_out", "-", "-", "further", "chart further", LOOK),
    _b("log_scale", "%", "%", "log", "price scale of the chart logarithmic, or linear again", LOOK),
    _b("zoom", "z", "z", "zoom", "pane to full screen and back", LOOK),
    _b("sort", "s", "s", "sort", "sort the focused list by any of its columns", LOOK),
    _b("columns", "v", "v", "columns", "choose the columns of the focused list", LOOK),
    _b(
        "copy",
        "c",
        "c",
        "copy",
        "copy a cell, the chosen row or the whole list: plain, CSV, JSON",
        LOOK,
    ),
    _b("mask", "$", "$", "mask money", "mask money", LOOK),
    _b(
        "acknowledge",
        "ctrl+g",
        "^g",
        "acknowledge",
        "acknowledge the shown alert; in the alerts the chosen one",
        LOOK,
    ),
    _b("repaint", "ctrl+l", "^l", "repaint", "repaint all, from a fresh snapshot", LOOK),
    _b(
        "mark",
        "space m",
        "Space",
        "mark",
        "mark row; pause, resume and modes, by key or typed, then mean the marked ones",
        LOOK,
        also="m",
        context=TABLE,
    ),
    _b(
        "mark_all",
        "*",
        "*",
        "mark all",
        "mark all that the filter shows, or none",
        LOOK,
        context=TABLE,
    ),
    _b("screen_main", "1", "1", "main", "main screen", VIEW),
    _b("screen_instance", "2", "2", "instance", "instance: chart and panel", VIEW),
    _b("screen_orders", "3", "3", "orders", "orders of all", VIEW),
    _b("screen_fills", "4", "4", "fills", "fills of all", VIEW),
    _b("screen_decisions", "5", "5", "decisions", "decisions of all", VIEW),
    _b("screen_risk", "6", "6", "risk", "risk: kill-switches, limits, budgets", VIEW),
    _b("screen_markets", "7", "7", "markets", "markets", VIEW),
    _b(
        "screen_journal",
        "8",
        "8",
        "journal",
        "journal: every step as it is written, and the log of all",
        VIEW,
    ),
    _b("screen_diagnostics", "9", "9", "diagnostics", "diagnostics of the engine", VIEW),
    _b("screen_alerts", "0", "0", "alerts", "alerts", VIEW),
    _b("screen_runs", "b", "b", "runs", "runs of this journal, and what came of each", VIEW),
    _b("screen_settings", "S", "S", "settings", "settings: each value, and where it is set", VIEW),
    _b(
        "stop",
        "!",
        "!",
        "STOP",
        "STOP dialog; the same key again: exit-only for all",
        ACT,
        grade="by rung",
        acts=True,
    ),
    _b(
        "power",
        "o",
        "o",
        "power",
        "power: off <-> observe; from active: leave, then off",
        ACT,
        grade="at once; from active y",
        acts=True,
    ),
    _b(
        "activate",
        "a",
        "a",
        "activate",
        "activation: observe <-> active",
        ACT,
        grade="on: y / live: typed id; off: y",
        acts=True,
    ),
    _b(
        "pause",
        "p",
        "p",
        "pause",
        "pause; with a position or orders it offers exit-only first",
        ACT,
        grade="at once, or choose",
        acts=True,
    ),
    _b(
        "resume",
        "r",
        "r",
        "resume",
        "resume, release a hold or a kill-switch",
        ACT,
        grade="at once / live: y; kill-switch: y / live: typed and reason",
        acts=True,
    ),
    _b(
        "edit",
        "e",
        "e",
        "edit",
        "edit config: form, then the difference, its check and the new worst case",
        ACT,
        grade="y",
        acts=True,
    ),
    _b(
        "new",
        "n",
        "n",
        "new",
        "new instance, empty or from the selected one; always off",
        ACT,
        grade="form",
        acts=True,
    ),
    _b(
        "cancel",
        "x",
        "x",
        "cancel",
        "cancel the selected order (orders pane only)",
        ACT,
        grade="y; a protective stop: typed",
        context=ORDERS,
        acts=True,
    ),
    _b(
        "undo",
        "u",
        "u",
        "undo",
        "undo the last act that can be undone, naming it",
        ACT,
        grade="as the act",
        acts=True,
    ),
    _b("slower", "<", "<", "slower", "replay slower", PLAY, grade="at once", acts=True),
    _b("faster", ">", ">", "faster", "replay faster", PLAY, grade="at once", acts=True),
    _b(
        "play",
        ";",
        ";",
        "play or hold",
        "hold the replay or let it go on",
        PLAY,
        grade="at once",
        acts=True,
    ),
    _b(
        "step",
        "i",
        "i",
        "step",
        "one item on, while the replay is held",
        PLAY,
        grade="at once",
        acts=True,
    ),
    _b("step_back", "I", "I", "back", "one step back in a recorded run", TRAVEL),
    _b("next_act", ")", ")", "next act", "to the next step in which something was done", TRAVEL),
    _b("previous_act", "(", "(", "last act", "back to the step before in which it was", TRAVEL),
    _b("changed", "D", "D", "changed", "what this step changed in the state", TRAVEL),
)

IGNORED_KEYS: Final = frozenset(
    ("ctrl+q", "ctrl+s", "ctrl+a", "ctrl+b", "ctrl+w", "ctrl+t", "ctrl+n")
)
"""Keys that do nothing here: they do not arrive everywhere, or end the program elsewhere."""


def by_key(bindings: Iterable[Binding] = BINDINGS) -> dict[str, Binding]:
    """Return the binding of each key.

    Raises ValueError when two bindings claim one key.
    """
    table: dict[str, Binding] = {}
    for binding in bindings:
        for key in binding.keys:
            if key in table:
                raise ValueError(f"key {key!r} is bound to {table[key].id} and to {binding.id}")
            table[key] = binding
    return table


FOOTER: Final = (
    ("help", "?", "help", 1),
    ("command", ":", "command", 2),
    ("filter", "/", "filter", 12),
    ("stop", "!", "STOP", 3),
    ("power", "o", "power", 4),
    ("activate", "a", "activate", 5),
    ("pause", "p", "pause", 6),
    ("resume", "r", "resume", 10),
    ("edit", "e", "edit", 13),
    ("new", "n", "new", 14),
    ("cancel", "x", "cancel", 15),
    ("step_back", "i I", "step", 2),
    ("next_act", "( )", "acts", 3),
    ("changed", "D", "changed", 4),
    ("slower", "< >", "speed", 8),
    ("play", ";", "hold", 9),
    ("step", "i", "step", 11),
    ("why", "w", "why", 7),
    ("fills", "f", "fills", 16),
    ("decisions", "d", "decisions", 17),
    ("timeframe_up", "t", "timeframe", 18),
    ("zoom", "z", "zoom", 19),
    ("previous_tab", "[ ]", "tabs", 20),
    ("next_pane", "Tab", "pane", 21),
    ("screen_main", "1-9", "screens", 22),
    ("back", "q", "back", 0),
)
"""The footer in its order: binding, key and word as shown, and its rank when there is no room."""


def footer_hints(
    width: int,
    *,
    is_replay: bool,
    is_travel: bool = False,
    bindings: Iterable[Binding] = BINDINGS,
) -> list[tuple[str, str]]:
    """Return the (key, word) pairs of the footer that fit into ``width`` cells, in order.

    In time travel nothing acts, so that no act is named.
    """
    table = {binding.id: binding for binding in bindings}
    hidden = {TRAVEL} if not is_travel else {ACT}
    hidden |= set() if is_replay else {PLAY}
    wanted = [
        (id_, _footer_key(table[id_], key), label, rank)
        for id_, key, label, rank in FOOTER
        if table[id_].group not in hidden and not (is_travel and id_ == "step")
    ]
    chosen: set[str] = set()
    room = width
    for id_, key, label, _ in sorted(wanted, key=lambda row: row[3]):
        length = len(key) + len(label) + 3
        if length <= room:
            chosen.add(id_)
            room -= length
    return [(key, label) for id_, key, label, _ in wanted if id_ in chosen]


_STANDARD: Final = {binding.id: binding.keys for binding in BINDINGS}


def _footer_key(binding: Binding, key: str) -> str:
    """Return what the footer shows for a binding: a pair such as ``[ ]`` only while it is true."""
    return key if binding.keys == _STANDARD[binding.id] else binding.shown


def reference_page() -> str:
    """Return ``docs/reference/keys.md``."""
    lines = [
        "# Keys",
        "",
        "Generated from the binding table (`src/tradetui/tui/keymap.py`); `?` shows the same.",
        "Lower-case letters look or move; the few that act reduce risk at once or open a dialog.",
        "Enter and Space never act. Every key here also has a verb on the `:` line where it acts.",
        "",
    ]
    for group in GROUPS:
        lines += [
            f"## {group.capitalize()}",
            "",
            "| key | also | does | where | asks (paper / live) |",
            "|---|---|---|---|---|",
        ]
        for binding in BINDINGS:
            if binding.group == group:
                also = f"`{binding.also}`" if binding.also else ""
                cells = (f"`{binding.shown}`", also, binding.text, binding.context, binding.grade)
                lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)
