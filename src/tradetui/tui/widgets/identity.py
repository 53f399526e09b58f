"""All that is known of one instance beside its orders and its money: who it is and how it does."""

from __future__ import annotations

import textwrap
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.tui.lines import Line, text_line
from tradetui.tui.money import money_text
from tradetui.tui.widgets.reports import config_set, traceback_lines

_LABEL: Final = 14


def state_lines(row: InstanceView, now: int, width: int, *, masked: bool) -> list[Line]:
    """Return identity, mode and state with its reason, cadence, warmth, budget, and the error."""
    lines: list[Line] = []
    for label, text, look in _facts(row, now, masked=masked):
        parts = textwrap.wrap(text, max(width - _LABEL - 2, 20)) or [""]
        lines.append(((f" {label.ljust(_LABEL)}", "label"), (parts[0], look)))
        lines += [((" " * (_LABEL + 1), "label"), (part, look)) for part in parts[1:]]
    if row.error or row.traceback:
        lines += [text_line(""), *traceback_lines(row)]
    return lines


def _facts(row: InstanceView, now: int, *, masked: bool) -> list[tuple[str, str, str]]:
    """Return (label, text, look) of everything that is known."""
    file = f"{row.strategy_type}.py {row.file_hash[:12] or '-'}"
    changed = ", changed on disk: :reload loads it" if row.file_changed else ""
    facts = [
        ("instance", f"{row.strategy_id}  {printable(row.label, 60)}".rstrip(), "bold"),
        ("strategy", f"{printable(file, 80)}{changed}", "refused" if changed else "base"),
        ("account", printable(row.account, 60), "base"),
        ("market", f"{printable(row.symbol, 40)}  {printable(row.instrument_id, 60)}", "base"),
        ("mode", f"{row.mode.value}, revision {row.revision}", "base"),
        ("state", _state(row), f"state_{row.state.value}"),
        ("config", _config(row), "base"),
        ("last tick", _moment(row.last_tick, now), "base"),
        ("next tick", "-" if row.next_tick is None else formatting.clock(row.next_tick), "base"),
    ]
    if row.missed_ticks:
        facts.append(("missed ticks", formatting.count(row.missed_ticks), "refused"))
    for name, seen, needed in row.warm:
        if not needed:
            continue
        look = "base" if seen >= needed else "state_blocked"
        facts.append(("warm", f"{printable(name, 40)} {seen} of {needed} bars", look))
    facts += _money(row, masked=masked)
    if row.observed_since is not None:
        since = formatting.age(now - row.observed_since)
        facts.append(("observed", f"{since}: {row.shadow_orders} would-be orders", "would"))
    return facts


def _state(row: InstanceView) -> str:
    reason = f": {printable(row.state_reason, 200)}" if row.state_reason else ""
    loaded = "" if row.is_loaded else ", not loaded"
    return f"{row.state.value}{reason}{loaded}"


def _config(row: InstanceView) -> str:
    return f"version {row.config_version}, {config_set(row)}"


def _moment(time: int | None, now: int) -> str:
    if time is None:
        return "-"
    return f"{formatting.clock(time)}, {formatting.age(now - time)} ago"


def _money(row: InstanceView, *, masked: bool) -> list[tuple[str, str, str]]:
    def amount(value: int | None) -> str:
        return "?" if value is None else money_text(value, row.currency, masked=masked)

    facts = []
    unit = printable(row.currency, 12)
    if row.budget is not None:
        text = f"{amount(row.budget_used)} of {amount(row.budget)} {unit} used"
        facts.append(("budget", text, "base"))
    if row.max_loss_per_day is not None:
        facts.append(("may lose", f"{amount(row.max_loss_per_day)} {unit} a day", "base"))
    return facts
