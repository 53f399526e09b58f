"""What the activation dialog says: numbers of the row as it is now, and the limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tradetui.domain import formatting
from tradetui.domain.replica import HeaderView, InstanceView, InstrumentView
from tradetui.domain.text import printable
from tradetui.tui.money import money_text

_LIMITS: Final = ("may use", "may lose")


def activation_facts(
    row: InstanceView,
    instrument: InstrumentView | None,
    limits: Sequence[str],
    header: HeaderView,
) -> list[tuple[str, str]]:
    """Return (label, text) pairs: what, observed how, may use and lose, what is ours, ready."""
    file_state = "changed on disk" if row.file_changed else "as on disk"
    what = (
        f"{row.account}  {row.symbol}  {row.strategy_type} {row.file_hash[:8]} ({file_state})  "
        f"config {row.config_version}"
    )
    facts = [("instance", printable(what))]
    if row.observed_since is not None:
        age, unit = formatting.age(header.now - row.observed_since), printable(row.currency, 12)
        known = row.shadow_pnl
        pnl = "?" if known is None else money_text(known, row.currency, signed=True)
        facts.append(
            (
                "observed",
                f"{age}: {row.shadow_orders} would-be orders, would-be PnL {pnl} {unit} after fees",
            )
        )
    facts += [_labelled(text) for text in limits]
    if instrument is not None:
        size = formatting.grouped(
            row.position, instrument.size_scale, instrument.size_decimals, signed=True
        )
        base, orders = printable(instrument.base, 12), formatting.counted(row.orders_open, "order")
        other = formatting.grouped(
            row.external_position, instrument.size_scale, instrument.size_decimals, signed=True
        )
        text = f"{size} {base} ours, {other} {base} not ours (never touched); {orders}"
        facts.append(("account", text))
    facts.append(("ready", ", ".join(_ready(row, header))))
    return facts


def _ready(row: InstanceView, header: HeaderView) -> list[str]:
    """Return what must be right before it acts; ``-`` for what a simulated venue has not."""
    ready = []
    if row.price_time is not None and not row.is_stale:
        ready.append(f"data {formatting.age(header.now - row.price_time)}")
    else:
        ready.append("NO fresh data: it starts blocked")
    unknown = "-" if header.is_venue_simulated else "?"
    ready += [f"clock {unknown}", f"key {unknown}"]
    if row.warm:
        bars = ", ".join(f"{seen}/{needed}" for _, seen, needed in row.warm)
        ready.append(f"warm {bars}")
    if header.is_venue_simulated:
        ready.append("simulated venue")
    return ready


def _labelled(text: str) -> tuple[str, str]:
    """Take the words that a limit begins with as its label: ``may use``, ``may lose``."""
    for label in _LIMITS:
        if text.startswith(label):
            return label, printable(text.removeprefix(label).lstrip(), 200)
    return "", printable(text, 200)
