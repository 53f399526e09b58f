"""The single lines between the panes: alerts, tab bars, the message line, the footer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.replica import AlertView
from tradetui.domain.text import printable
from tradetui.tui.keymap import BINDINGS, Binding
from tradetui.tui.lines import (
    Line,
    Span,
    crop,
    ellipsis,
    folded,
    padded,
    plain,
    sides,
    text_line,
    width_of,
)
from tradetui.tui.widgets.alerts import alert_words, short_alerts

_NARROW: Final = 80
"""Below this width an alert line goes without all that is not the alert."""
_CORNER: Final = 4
"""Cells of what stands around the panel's title."""


class Tab(NamedTuple):
    """A tab's word and, where it makes sense, how many rows are behind it."""

    label: str
    rows: int | None = None
    is_last: bool = False
    """They are the newest of more."""
    unit: str = ""
    """Which rows these are, where others are listed too."""


def alert_lines(
    alerts: Sequence[AlertView], width: int, room: int, bindings: Sequence[Binding] = BINDINGS
) -> list[Line]:
    """Return up to ``room`` lines for the alerts that are open, the worst first.

    ``bindings``: the keys that the lines name.
    """
    if not alerts or room < 1:
        return []
    shown = alerts[:room]
    keys = {binding.id: binding.shown for binding in bindings}
    longest = max((len(alert.strategy_id or "") for alert in shown), default=0)
    lines: list[Line] = []
    for index, alert in enumerate(shown):
        look = "alert_seen" if alert.is_acknowledged or alert.is_over else "alert"
        number = f"{index + 1}/{len(alerts)} " if room == 1 and len(alerts) > 1 else ""
        who = f"{alert.strategy_id:<{longest}} " if alert.strategy_id else ""
        hint = _hint(index, alerts, room, keys)
        frames = [(f"! {number}{formatting.clock(alert.time)} {who}", hint)]
        if width < _NARROW:
            frames += [(frames[0][0], ""), (f"! {number}{who}", ""), (f"! {who}", "")]
        text, hint = _alert_text(alert_words(alert, bindings), frames, width)
        lines.append(sides(text_line(text, look), text_line(hint, look), width, look))
    return lines


def _alert_text(words: str, frames: Sequence[tuple[str, str]], width: int) -> tuple[str, str]:
    """Return an alert with what stands around it: less of that where its first clause has no room.

    What is wrong is worth more than when it began, which the list of alerts says too.
    """
    least = len((words, *short_alerts(words))[-1])
    head, hint = next(
        (frame for frame in frames if len(frame[0]) + least + len(frame[1]) <= width), frames[-1]
    )
    return head + _said_in(words, width - len(head) - len(hint)), hint


def _hint(index: int, alerts: Sequence[AlertView], room: int, keys: Mapping[str, str]) -> str:
    """Return which key an alert line names: the one that acts, or the one that has seen it."""
    if room == 1:
        is_over = alerts[index].is_over
        return f"  {keys['acknowledge']} seen" if is_over else f"  {keys['stop']} acts"
    still = sum(not alert.is_over for alert in alerts)
    count = f"{still} open" if still else f"{len(alerts)} over"
    return "" if index else f"  {count}, {keys['acknowledge']} acknowledge"


def _said_in(words: str, room: int) -> str:
    """Return an alert in as many of its clauses as there is room for."""
    forms = (words, *short_alerts(words))
    return next((form for form in forms if len(form) <= room), ellipsis(forms[-1], room))


def tab_bar(
    title: str,
    tabs: Sequence[Tab],
    active: int,
    width: int,
    *,
    ascii_only: bool,
    is_focused: bool,
    right_title: str = "",
    right_at: int = 0,
) -> Line:
    """Draw ``-- btc-mr --[Chart]-- Orders 2 ----``; ``right_title`` starts at a column."""
    dash = "-" if ascii_only else "─"
    head: Line = ((dash * 2, "rule"),)
    if title:
        head += ((f" {title} ", "title"), (dash * 2, "rule"))
    room = (right_at if right_title and right_at else width) - width_of(head)
    on = "tab_on+focus" if is_focused else "tab_on"
    words = [_tab_word(tab, is_on=index == active) for index, tab in enumerate(tabs)]
    first, last = _tabs_in_sight([len(word) + 2 for word in words], active, room)
    spans: list[Span] = [*head]
    if first:
        spans.append((f"<{dash}", "rule"))
    for index in range(first, last):
        spans += [(words[index], on if index == active else "tab_off"), (dash * 2, "rule")]
    if last < len(words):
        spans.append((">", "rule"))
    line = tuple(spans)
    if right_title and right_at:
        left = crop(line, right_at)
        left = (*left, (dash * max(right_at - width_of(left), 0), "rule"))
        corner = "+" if ascii_only else "┬"
        title = ellipsis(right_title, max(width - right_at - _CORNER, 0))
        line = (*left, (f"{corner}{dash} ", "rule"), (f"{title} ", "title"))
    return padded((*line, (dash * max(width - width_of(line), 0), "rule")), width)


def _tab_word(tab: Tab, *, is_on: bool) -> str:
    word = tab.label
    if tab.rows is not None:
        last = "last " if tab.is_last else ""
        word += f" {last}{formatting.count(tab.rows)}{tab.unit}"
    return f"[{word}]" if is_on else f" {word} "


def _tabs_in_sight(widths: Sequence[int], active: int, room: int) -> tuple[int, int]:
    """Return the first tab shown and the one behind the last: whole ones, the active among them.

    Where some are not shown there is room for the two marks that say so.
    """
    if sum(widths) <= room:
        return 0, len(widths)
    room -= len("<-") + len(">")
    first, last = 0, min(active + 1, len(widths))
    while first < active and sum(widths[first:last]) > room:
        first += 1
    while last < len(widths) and sum(widths[first : last + 1]) <= room:
        last += 1
    return first, last


def message_lines(
    text: str, width: int, room: int = 1, *, look: str = "message", said_at: int = 0
) -> list[Line]:
    """Return what was said, behind the clock of when that was (ns UTC, 0: not known) where both fit
    into one line; what is longer goes on in up to ``room`` lines, the last one cut if it must.
    """
    text = printable(text)
    stamped = f"{formatting.clock(said_at)} {text}" if said_at and text else text
    if len(stamped) <= width:
        return [padded(text_line(stamped, look), width)]
    parts = [plain(line) for line in folded(text_line(text, look), width)]
    if len(parts) > room:
        parts = [*parts[: room - 1], ellipsis(" ".join(parts[room - 1 :]), width)]
    return [padded(text_line(part, look), width) for part in parts]


def footer_line(word: str, look: str, hints: Sequence[tuple[str, str]], width: int) -> Line:
    """Return the run mode's word and the (key, word) hints; ``?`` shows the rest."""
    spans: list[Span] = [(word, look)]
    for key, label in hints:
        spans += [("  ", "base"), (key, "key"), (f" {label}", "base")]
    return padded(tuple(spans), width)
