"""The panel beside the chart: position and guard, budget, then the strategy's widgets."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tradetui.domain import formatting
from tradetui.domain.currencies import money_decimals
from tradetui.domain.enums import Guard, InstanceMode, InstanceState, OrderRole, OrderState
from tradetui.domain.replica import DecisionView, InstanceView, InstrumentView, OrderView, UiView
from tradetui.domain.text import printable
from tradetui.domain.timers import HEARTBEAT_NS
from tradetui.domain.units import CASH_SCALE, NANOS_PER_MINUTE, div_half_even
from tradetui.tui.key_names import SHIPPED, KeyNames
from tradetui.tui.lines import Line, Span, ellipsis, text_line
from tradetui.tui.money import money_text, sign_look
from tradetui.tui.widgets.fitting import fitted
from tradetui.tui.widgets.instance_columns import (
    countdown,
)
from tradetui.tui.widgets.reports import config_set, config_words
from tradetui.tui.widgets.strategy_widgets import ui_lines

ROOMY: Final = 50
"""From this width on the panel says what the narrow form leaves out."""


_REASONS: Final = {
    InstanceState.HELD: "exits only until {resume} releases",
    InstanceState.PAUSED: "no ticks until {resume} resumes",
}
LOW: Final = 12
"""A narrow panel lower than this leaves the budget out."""


class PanelInput(NamedTuple):
    """What the panel is drawn from."""

    row: InstanceView
    instrument: InstrumentView | None
    orders: Sequence[OrderView]
    ui: UiView | None
    why: DecisionView | None
    now: int
    masked: bool
    ascii_only: bool
    is_whole: bool = False
    """It has the full screen: what the strategy drew comes before what it weighed and its config.
    """
    names: KeyNames = SHIPPED


def rule(title: str, width: int, *, ascii_only: bool) -> Line:
    """Return a titled rule: ``-- strategy ----------``."""
    dash = "-" if ascii_only else "─"
    head = f"{dash * 2} {title} "
    return text_line(head + dash * max(width - len(head), 0), "rule")


def position_title(data: PanelInput) -> str:
    """Return the one line that says what is held.

    ``LONG 0.02350 BTC = 1,584.19 USDT  since 11:30:01 (3h02m)``
    """
    row, instrument = data.row, data.instrument
    if row.position == 0:
        return "flat"
    side = "LONG" if row.position > 0 else "SHORT"
    if instrument is None:
        return f"{side} ?"
    text = f"{side} {_size(abs(row.position), data)} {printable(instrument.base, 12)}"
    if row.holding is not None and row.holding.worth is not None:
        text += f" = {_money(row.holding.worth, data)} {printable(row.currency, 12)}"
    if row.opened_time is not None:
        held = formatting.age(data.now - row.opened_time)
        text += f"  since {formatting.clock(row.opened_time)} ({held})"
    return text


def _size(quantity: int, data: PanelInput) -> str:
    if data.instrument is None:
        return "?"
    if data.masked:
        return "***"
    return formatting.grouped(quantity, data.instrument.size_scale, data.instrument.size_decimals)


def _price(
    price: int | None,
    data: PanelInput,
    write: Callable[[int, int, int], str] = formatting.grouped,
) -> str:
    if price is None:
        return "-"
    if data.instrument is None:
        return "?"
    return write(price, data.instrument.price_scale, data.instrument.price_decimals)


def _money(amount: int | None, data: PanelInput, *, signed: bool = False) -> str:
    if amount is None:
        return "?"
    return money_text(amount, data.row.currency, signed=signed, masked=data.masked)


def panel_lines(data: PanelInput, width: int, height: int) -> list[Line]:
    """Return the panel's lines for a panel ``width`` x ``height`` cells."""
    roomy = width >= ROOMY
    lines = _state_lines(data, width, roomy=roomy)
    lines += _position_lines(data, roomy=roomy)
    if roomy or height >= LOW:
        lines += _budget_lines(data, roomy=roomy)
    lines = fitted(lines, width)
    lines.append(rule("strategy", width, ascii_only=data.ascii_only))
    tail = fitted(_tail_lines(data, width, roomy=roomy), width)
    room = height - len(lines) - len(tail)
    if data.is_whole:
        lines += _drawn_lines(data, width, height - len(lines))
        return _cut(lines + tail, height)
    if roomy:
        room = max(room, 3)  # the end of the tail has less to say than what the strategy drew
    if room > 0:
        lines += _drawn_lines(data, width, room)
    return lines[: max(height - len(tail), 0)] + tail if not roomy else _cut(lines + tail, height)


def _cut(lines: list[Line], height: int) -> list[Line]:
    """Return the lines there is room for; a title with nothing left under it goes, too."""
    kept = lines[:height]
    is_bare = len(lines) > height and bool(kept) and kept[-1][0][1] == "rule"
    return kept[:-1] if is_bare else kept


def _drawn_lines(data: PanelInput, width: int, room: int) -> list[Line]:
    """Return what the strategy drew; of one that does not run, how to start it."""
    row = data.row
    if row.is_loaded:
        hint = "" if data.is_whole else data.names(": {zoom}")
        return ui_lines(data.ui, width, room, ascii_only=data.ascii_only, hint=hint)
    if row.mode is InstanceMode.OFF:
        text = data.names(
            "off, so it draws nothing: {power} starts it as observer, then {activate} lets it trade"
        )
    elif row.error:
        text = data.names("not running: its file could not be loaded; {open} shows why")
    else:
        text = "not running yet: it is being loaded"
    return [text_line(line, "dim") for line in textwrap.wrap(text, max(width, 8))][:room]


def _labelled(label: str, text: str, look: str = "base") -> Line:
    return ((label.ljust(8), "label"), (text, look))


def _state_lines(data: PanelInput, width: int, *, roomy: bool) -> list[Line]:
    """Say why the state is not the plain one, and what went wrong."""
    row = data.row
    lines: list[Line] = []
    if row.error:
        lines.append(text_line(ellipsis(printable(row.error), width), "state_ERROR"))
    elif row.state is not InstanceState.ACTIVE:
        reason = row.state_reason or data.names(_REASONS.get(row.state, ""))
        if reason:
            text = printable(f"{row.state.value}: {reason}")
            said = textwrap.wrap(
                text,
                max(width, 8),
                break_on_hyphens=False,
                max_lines=3 if roomy or not row.position else 2,
                placeholder=" ...",
            )
            lines += [text_line(line, f"state_{row.state.value}") for line in said]
    if row.file_changed:
        told = "the strategy's file has changed on disk: reload to use it"
        lines.append(text_line(told if roomy else "file changed: :reload", "refused"))
    return lines


def _position_lines(data: PanelInput, *, roomy: bool) -> list[Line]:
    row, instrument = data.row, data.instrument
    if instrument is None:
        return [text_line("market not known yet", "dim")]
    base, currency = printable(instrument.base, 12), printable(row.currency, 12)
    if row.mode is InstanceMode.OBSERVE:
        # What was bought while it was active is still held, and shown before what would be.
        held = _held_lines(data, base, currency, roomy=roomy) if row.position else []
        return [*held, *_shadow_lines(data, base, currency)]
    return _held_lines(data, base, currency, roomy=roomy)


def _held_lines(data: PanelInput, base: str, currency: str, *, roomy: bool) -> list[Line]:
    row = data.row
    is_titled = roomy and not data.is_whole  # the title over it says what is held
    if row.position == 0:
        return [] if is_titled else [_labelled("flat", f"{_size(0, data)} {base}")]
    side = "LONG" if row.position > 0 else "SHORT"
    lines = [] if is_titled else [_labelled(side, f"{_size(abs(row.position), data)} {base}")]
    entry = _price(row.entry_price, data, formatting.average) + (_entry_more(data) if roomy else "")
    ratios, extremes = _open_more(data) if roomy else ("", "")
    opened = f"{_money(row.open_pnl, data, signed=True)} {currency}{ratios}"
    lines.append(_labelled("entry", entry))
    open_line: Line = _labelled("open", opened, sign_look(opened))
    stop = _guarded("stop", row.stop_price, OrderRole.STOP_LOSS, data, roomy=roomy)
    target = _guarded("target", row.target_price, OrderRole.TAKE_PROFIT, data, roomy=roomy)
    if roomy:
        return [*lines, (*open_line, (extremes, "base")), stop, target]
    risk = _risk(data)
    return [*lines, stop, target, open_line, *([_labelled(*risk)] if risk else [])]


def _entry_more(data: PanelInput) -> str:
    """Say in how many fills, and for what fees, a position was opened; nothing if not known."""
    row, holding = data.row, data.row.holding
    if holding is None or not holding.fills or holding.followed_since is not None:
        return ""
    fills = formatting.counted(holding.fills, "fill")
    fee = f"{_money(holding.fees, data)} {printable(row.currency, 12)}"
    return f"   {_size(abs(row.position), data)} in {fills}, fee {fee}"


def _open_more(data: PanelInput) -> tuple[str, str]:
    """Return the open profit in per cent of the cost and in R; and how well and how badly it stood,
    and since when that is known.
    """
    holding = data.row.holding
    if holding is None:
        return "", ""
    ratios = ((holding.open_bps, "%"), (holding.open_r, "R"))
    found = [(one, unit) for one, unit in ratios if one is not None]
    text = "".join(f"  {formatting.grouped(one, 2, 2, signed=True)} {unit}" for one, unit in found)
    if holding.best is None or holding.worst is None:
        return text, ""
    best, worst = (_money(one, data, signed=True) for one in (holding.best, holding.worst))
    since = holding.followed_since
    known = "" if since is None else f" since {formatting.clock(since)[:5]}"
    return text, f"   best {best}  worst {worst}{known}"


def _risk(data: PanelInput) -> tuple[str, str] | None:
    """Say what is lost when the stop fills at its price, or what profit it keeps."""
    holding = data.row.holding
    if holding is None or holding.risk is None:
        return None
    is_risk = holding.risk >= 0
    text = _money(abs(holding.risk), data, signed=not is_risk)
    return "risk" if is_risk else "locked", f"{text} {printable(data.row.currency, 12)}"


def _guarded(
    label: str, price: int | None, role: OrderRole, data: PanelInput, *, roomy: bool
) -> Line:
    """Say where a resting stop or target is and who holds it."""
    row = data.row
    if price is None:
        missing = role is OrderRole.STOP_LOSS and row.guard is Guard.MISSING
        return _labelled(
            label, "NONE, wanted" if missing else "-", "missing" if missing else "base"
        )
    text = _price(price, data)
    order = next((order for order in data.orders if order.role is role and order.is_open), None)
    if role is OrderRole.STOP_LOSS:
        text += f" {row.guard.value}"
    elif order is not None:
        # An order that the kernel watches has not been sent: it dies with the engine.
        text += " ours" if order.state is OrderState.CREATED else " venue"
    if roomy and order is not None:
        text += f"  {printable(order.client_order_id, 32)}  {_size(order.quantity, data)}"
        text += _guard_more(order, data)
    return _labelled(label, text)


def _guard_more(order: OrderView, data: PanelInput) -> str:
    """Say what a stop risks, and that a target ends with the stop."""
    if order.role is OrderRole.STOP_LOSS:
        risk = _risk(data)
        return "" if risk is None else f"   {' '.join(risk)}"
    has_twin = order.oco_group is not None and any(
        other.oco_group == order.oco_group and other.role is OrderRole.STOP_LOSS and other.is_open
        for other in data.orders
    )
    return "   linked to stop" if has_twin else ""


def _shadow_lines(data: PanelInput, base: str, currency: str) -> list[Line]:
    """Say what would be held: apart from the real numbers, and never added to them."""
    row = data.row
    size = "***" if data.masked else ""
    if data.instrument is not None and not data.masked:
        size = formatting.grouped(
            row.shadow_position,
            data.instrument.size_scale,
            data.instrument.size_decimals,
            signed=True,
        )
    return [
        _labelled("would", f"{size} {base}", "would"),
        _labelled("pnl", f"{_money(row.shadow_pnl, data, signed=True)} {currency}", "would"),
        _labelled("orders", formatting.count(row.shadow_orders), "would"),
    ]


def _budget_lines(data: PanelInput, *, roomy: bool) -> list[Line]:
    row = data.row
    if row.budget is None:
        return []
    currency = printable(row.currency, 12)
    if not roomy:
        used = "?" if row.budget_used is None else _whole(row.budget_used, data)
        return [_labelled("budget", f"{used}/{_whole(row.budget, data)}")]
    text = f"{_money(row.budget_used, data)} of {_money(row.budget, data)} {currency} used"
    if row.max_loss_per_day is not None:
        loss = None if row.day_pnl is None else max(-row.day_pnl, 0)
        text += f"   day loss {_money(loss, data)} of {_money(row.max_loss_per_day, data)}"
    return [_labelled("budget", text)]


def _whole(amount: int, data: PanelInput) -> str:
    """Write money without cents where the narrow panel has no room; coins keep their decimals."""
    if money_decimals(data.row.currency) > 2:
        return money_text(amount, data.row.currency, masked=data.masked)
    return "***" if data.masked else formatting.count(div_half_even(amount, 10**CASH_SCALE))


def _tail_lines(data: PanelInput, width: int, *, roomy: bool) -> list[Line]:
    row = data.row
    warm = ", ".join(f"{seen}/{needed}" for _, seen, needed in row.warm if seen < needed)
    lines: list[Line] = [text_line(f"warm-up {warm}", "state_blocked")] if warm else []
    if roomy:
        lines += _why_lines(data, width)
        lines += _config_lines(data, width)
    if row.next_tick is not None:
        lines.append(text_line(f"next tick in {countdown(row, data.now)}"))
    return lines


def _why_lines(data: PanelInput, width: int) -> list[Line]:
    """Show the newest signal that became no order, gate by gate."""
    why = data.why
    if why is None or why.signal is None:
        return []
    signal = why.signal
    when = formatting.clock(why.event_time)
    title = f"why no {printable(signal.name, 20)} at {when}"
    lines = [rule(title, width, ascii_only=data.ascii_only)]
    lines.append(text_line(f"{'gate':<16}{'value':<13}{'needs':<13}result", "head"))
    for gate in signal.gates[:6]:
        needs = f"{gate.comparison} {formatting.separated(gate.limit)}"
        value = ellipsis(printable(formatting.separated(gate.value)), 12)
        needs = ellipsis(printable(needs), 12)
        text = f"{printable(gate.name, 15):<16}{value:<13}{needs:<13}"
        result: Span = ("ok", "allow") if gate.passed else ("FAIL", "REJECT")
        lines.append(((text, "base"), result))
    return lines


def _config_lines(data: PanelInput, width: int) -> list[Line]:
    row = data.row
    title = f"config {row.config_version}, {config_set(row, length=16)}"
    lines = [rule(title, width, ascii_only=data.ascii_only)]
    lines.append(text_line(ellipsis(config_words(row), width)))
    file_state = "changed on disk" if row.file_changed else "same as on disk"
    name = printable(f"{row.strategy_type}.py {row.file_hash[:8]}, {file_state}", width)
    pace = _pace(row)
    if not pace or len(name) + len(pace) + 3 <= width:
        lines.append(text_line(f"{name}   {pace}".rstrip(), "dim"))
    else:
        lines += [text_line(name, "dim"), text_line(pace, "dim")]
    return lines


def _pace(row: InstanceView) -> str:
    """Say how often an instance ticks and how long its callbacks take; empty while it is off."""
    found = []
    if row.tick_steps is not None:
        tenths = row.tick_steps * HEARTBEAT_NS * 10 // NANOS_PER_MINUTE
        found.append(f"tick {tenths // 10}.{tenths % 10} min")
    if row.callback_p99 is not None:
        found.append(f"p99 {_short(row.callback_p99)}")
    return "   ".join(found)


def _short(nanos: int) -> str:
    """Write a duration in whole milliseconds, below one in microseconds."""
    whole, unit = (nanos // 1_000_000, "ms") if nanos >= 1_000_000 else (nanos // 1_000, "us")
    return f"{formatting.count(whole)} {unit}"
