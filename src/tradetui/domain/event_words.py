"""What an event was, in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tradetui.domain import control, market_data, reports, timers
from tradetui.domain.formatting import clock, grouped
from tradetui.domain.instruments import Instrument
from tradetui.domain.text import printable
from tradetui.domain.units import CASH_SCALE
from tradetui.domain.words import kill_word, price_text, reason_words, scope_text, size_text

MAX_TEXT: Final = 160

Words = Callable[[Any, Instrument | None], str]


def payload_text(payload: Any, instrument: Instrument | None) -> str:
    """Say what an event was, printable and bounded; numbers of an unknown market are ``?``."""
    return printable(_WORDS[type(payload)](payload, instrument), MAX_TEXT)


def _price(value: int | None, instrument: Instrument | None) -> str:
    if value is None:
        return "-"
    return "?" if instrument is None else price_text(instrument, value)


def _size(value: int, instrument: Instrument | None) -> str:
    return "?" if instrument is None else size_text(instrument, value)


def _bar(bar: market_data.Bar, instrument: Instrument | None) -> str:
    prices = " ".join(_price(one, instrument) for one in (bar.open, bar.high, bar.low, bar.close))
    warm = f", warm-up of {bar.warmup_for}" if bar.warmup_for else ""
    return f"{clock(bar.open_time)} {prices} volume {_size(bar.volume, instrument)}{warm}"


def _trade(trade: market_data.Trade, instrument: Instrument | None) -> str:
    side = f" {trade.aggressor}" if trade.aggressor else ""
    return f"{_size(trade.quantity, instrument)} at {_price(trade.price, instrument)}{side}"


def _quote(quote: market_data.Quote, instrument: Instrument | None) -> str:
    bid, ask = _price(quote.bid or None, instrument), _price(quote.ask or None, instrument)
    return (
        f"{_size(quote.bid_quantity, instrument)} {bid} | "
        f"{ask} {_size(quote.ask_quantity, instrument)}"
    )


def _fill(fill: reports.OrderFilled, instrument: Instrument | None) -> str:
    amount = f"{fill.side} {_size(fill.last_quantity, instrument)}"
    fee = grouped(fill.commission, CASH_SCALE, 4)
    return (
        f"{fill.client_order_id} {amount} at {_price(fill.last_price, instrument)}, "
        f"fee {fee} {fill.commission_currency}"
    )


def _order(report: Any, _: Instrument | None) -> str:
    """Say a report that names an order and perhaps why."""
    why = getattr(report, "message", "") or getattr(report, "reason", "")
    return f"{report.client_order_id}{f': {why}' if why else ''}"


def _replaced(report: Any, _: Instrument | None) -> str:
    return f"{report.client_order_id} -> {report.new_client_order_id}"


def _amended(report: reports.OrderAmended, instrument: Instrument | None) -> str:
    return (
        f"{report.client_order_id} {_size(report.quantity, instrument)} "
        f"trigger {_price(report.trigger_price, instrument)}"
    )


def _verdict(report: Any, _: Instrument | None) -> str:
    return f"{report.client_order_id}: {reason_words(report.reason)}"


def _cash(report: reports.CashAdjusted, _: Instrument | None) -> str:
    amount = grouped(report.amount, CASH_SCALE, 2, signed=True)
    return f"{report.route_id} {amount} {report.currency}: {report.reason}"


def _loaded(event: control.InstanceLoaded, _: Instrument | None) -> str:
    held = ", held" if event.held else ""
    return f"{event.strategy_type} {event.file_hash[:8]} {event.mode}{held} by {event.actor}"


def _left(event: control.InstanceUnloaded | control.ModeChanged, what: str) -> str:
    return f"{what} by {event.actor}{', entry orders kept' if event.keep_orders else ''}"


def _kill(event: control.KillSwitchChanged, _: Instrument | None) -> str:
    place = scope_text(event.scope, event.key)
    return f"{kill_word(event.state)} ({place}) by {event.actor}: {event.reason}"


def _updated(event: market_data.InstrumentUpdated, _: Instrument | None) -> str:
    one = event.instrument
    tick = price_text(one, one.price_increment)
    return f"{one.symbol} {one.venue} tick {tick} lot {size_text(one, one.size_increment)}"


_WORDS: Final[dict[type, Words]] = {
    market_data.Bar: _bar,
    market_data.Trade: _trade,
    market_data.Quote: _quote,
    market_data.DataGap: lambda e, _: f"{clock(e.from_time)} to {clock(e.to_time)}: {e.reason}",
    market_data.InstrumentUpdated: _updated,
    timers.Heartbeat: lambda e, _: f"due {', '.join(e.due)}" if e.due else "nothing due",
    timers.StrategyTimer: lambda e, _: e.name,
    reports.OrderAccepted: lambda e, _: (
        f"{e.client_order_id} as {e.venue_order_id}{' (inferred)' if e.inferred else ''}"
    ),
    reports.OrderRejected: _order,
    reports.OrderFilled: _fill,
    reports.OrderTriggered: _order,
    reports.OrderCancelled: _order,
    reports.OrderExpired: _order,
    reports.CancelRejected: _order,
    reports.OrderReplaced: _replaced,
    reports.ReplaceRejected: _replaced,
    reports.OrderAmended: _amended,
    reports.OutcomeUnknown: _order,
    reports.OrderDenied: _verdict,
    reports.OrderModified: _verdict,
    reports.CashAdjusted: _cash,
    reports.PositionSettled: lambda e, i: f"{e.route_id} at {_price(e.price, i)}",
    control.InstanceLoaded: _loaded,
    control.InstanceUnloaded: lambda e, _: _left(e, e.reason or "stopped"),
    control.ModeChanged: lambda e, _: _left(e, e.mode.value),
    control.PauseChanged: lambda e, _: f"{'paused' if e.paused else 'resumed'} by {e.actor}",
    control.HoldReleased: lambda e, _: f"released by {e.actor}",
    control.ExitOnlyChanged: lambda e, _: (
        f"{'exits only' if e.exit_only else 'may enter'} by {e.actor}: {e.reason}"
    ),
    control.ErrorCleared: lambda e, _: f"error cleared by {e.actor}",
    control.WarmupChanged: lambda e, _: "warm" if e.is_warm else "warming up",
    control.KillSwitchChanged: _kill,
    control.CancelRequested: lambda e, _: f"{e.client_order_id} by {e.actor}",
    control.CancelEntriesRequested: lambda e, _: f"entries of {e.strategy_id or 'all'}",
    control.CloseRequested: lambda e, _: f"close by {e.actor}: {e.reason}",
    control.RouteHealthChanged: lambda e, _: (
        f"{e.route_id} {'halted' if e.halted else 'sound'}: {e.reason}"
    ),
    control.RiskProfileSet: lambda e, _: f"profile {e.profile.name} by {e.actor}",
    control.OperatorNoted: lambda e, _: f"{e.actor}: {e.text}",
    control.EngineStopping: lambda e, _: f"the engine stops ({e.reason or e.actor})",
    control.InstanceFailed: lambda e, _: e.reason,
}
