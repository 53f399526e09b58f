"""What people read: one line for an intent, a phrase for a reason."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import (
    InstanceState,
    KillState,
    OrderState,
    OrderType,
    Scope,
    TimeInForce,
)
from tradetui.domain.formatting import grouped
from tradetui.domain.instances import InstanceStatus, state_of
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import (
    CancelOrder,
    Intent,
    NoOp,
    PlaceOrder,
    ReplaceOrder,
    SetRiskFlag,
)
from tradetui.domain.reasons import Reason

_BLOCK_WORDS: Final[dict[Reason, str]] = {
    Reason.KILL_SWITCH: "kill-switch",
    Reason.NO_ROUTE: "no route for its market",
    Reason.ROUTE_HALTED: "its route is halted",
    Reason.ORDER_UNKNOWN: "an order's outcome is unknown",
    Reason.NO_PRICE: "no price yet",
    Reason.DATA_AGE: "stale prices",
    Reason.WARM_UP: "warm-up",
    Reason.CLOCK_SKEW: "clock skew",
}
_LIMIT_WORDS: Final[dict[Reason, str]] = {
    Reason.DAILY_LOSS: "daily loss at its limit",
    Reason.DRAWDOWN: "drawdown at its limit",
    Reason.RATE_UNKNOWN: "no rate to judge its loss by",
    Reason.SYMBOL_BLOCKED: "its market is on a block list",
    Reason.SYMBOL_NOT_ALLOWED: "its market is not on the allow list",
}
"""What is said of these where they stop an instance; beside a value their plain names do."""
_KILL_WORDS: Final[dict[KillState, str]] = {
    KillState.NORMAL: "NORMAL",
    KillState.REDUCING: "EXIT-ONLY",
    KillState.HALTED: "HALTED",
}
SCOPE_WORDS: Final[dict[Scope, str]] = {
    Scope.GLOBAL: "global",
    Scope.EXECUTION: "account",
    Scope.ROUTE: "route",
    Scope.STRATEGY: "instance",
    Scope.INSTRUMENT: "market",
}
"""What people call that which a kill-switch is over."""
UNKNOWN: Final = "UNKNOWN"
"""The outcome of a request is not known: it needs a person's eye, whatever the state was."""

ORDER_WORDS: Final = {
    OrderState.CREATED: "new",
    OrderState.SUBMITTED: "sent",
    OrderState.ACCEPTED: "open",
    OrderState.PARTIALLY_FILLED: "part",
    OrderState.FILLED: "filled",
    OrderState.CANCEL_PENDING: "cancelling",
    OrderState.CANCELLED: "cancelled",
    OrderState.REJECTED: "refused",
    OrderState.EXPIRED: "expired",
}
"""The one word for each state of an order, wherever it is shown."""


def reason_words(reason: Reason) -> str:
    """Say a reason in words."""
    return _BLOCK_WORDS.get(reason) or reason.value.replace("_", " ")


def kill_word(state: KillState) -> str:
    """Return the screen's word for the state of a kill-switch."""
    return _KILL_WORDS[state]


def order_state_word(
    state: OrderState, *, is_unknown: bool = False, is_shadow: bool = False
) -> str:
    """Return the word for an order's state; one of unknown outcome is UNKNOWN.

    ``is_shadow``: it never left the house, and only ``would`` be what the word says.
    """
    if is_unknown:
        return UNKNOWN
    return f"would {ORDER_WORDS[state]}" if is_shadow else ORDER_WORDS[state]


def scope_text(scope: Scope, key: str) -> str:
    """Name what a kill-switch is over: ``global``, ``instance btc-mr``."""
    return f"{SCOPE_WORDS[scope]} {key}".rstrip()


def limit_key(code: str) -> str:
    """Name the key of an instance's own limit in the config, by the code of its gate."""
    return f"max_{code}"


def state_words(status: InstanceStatus) -> str:
    """Say why an instance is in the state that it is in; empty where the state says it all."""
    state = state_of(status)
    if state is InstanceState.BLOCKED:
        return ", ".join(_LIMIT_WORDS.get(one) or reason_words(one) for one in status.blocks)
    if state is InstanceState.EXIT_ONLY:
        return status.exit_only
    if state is InstanceState.OBSERVE and Reason.WARM_UP in status.blocks:
        return reason_words(Reason.WARM_UP)
    return ""


def price_text(instrument: Instrument, price: int) -> str:
    """Write a price as the screen does."""
    return grouped(price, instrument.price_scale, instrument.price_decimals)


def size_text(instrument: Instrument, quantity: int) -> str:
    """Write a quantity as the screen does."""
    return grouped(quantity, instrument.size_scale, instrument.size_decimals)


def intent_line(intent: Intent, instrument: Instrument | None, approved: int | None = None) -> str:
    """Say an intent in one line: ``BUY 0.5000 ETH limit 3,181.20 post-only``.

    ``instrument`` None: an unknown market, or an intent that names none. ``approved`` is the
    quantity of an order that risk let pass, where that is not the one asked for.
    """
    if isinstance(intent, PlaceOrder):
        quantity = intent.quantity if approved is None else approved
        return _place_line(intent, instrument, quantity)
    if isinstance(intent, ReplaceOrder):
        return _replace_line(intent, instrument)
    if isinstance(intent, CancelOrder):
        return f"CANCEL {intent.client_order_id}"
    if isinstance(intent, SetRiskFlag):
        return f"{kill_word(intent.state)} for itself"
    assert isinstance(intent, NoOp)
    return f"nothing: {intent.reason}" if intent.reason else "nothing"


def _place_line(intent: PlaceOrder, instrument: Instrument | None, quantity: int) -> str:
    if instrument is None:
        return f"{intent.side} {intent.instrument_id}"
    parts = [str(intent.side), size_text(instrument, quantity), str(instrument.base)]
    parts.append(_type_words(intent, instrument))
    if intent.time_in_force is not TimeInForce.GTC:
        parts.append(str(intent.time_in_force))
    if intent.post_only:
        parts.append("post-only")
    if intent.reduce_only:
        parts.append("reduce-only")
    return " ".join(parts)


def _type_words(intent: PlaceOrder, instrument: Instrument) -> str:
    prices = {
        "limit": intent.price,
        "stop": intent.trigger_price,
        "trail": intent.trail_offset,
    }
    shown = {
        name: price_text(instrument, price) for name, price in prices.items() if price is not None
    }
    limit = f"limit {shown['limit']}" if "limit" in shown else "limit"
    stop = f"stop {shown['stop']}" if "stop" in shown else "stop"
    words = {
        OrderType.MARKET: "market",
        OrderType.LIMIT: limit,
        OrderType.STOP: stop,
        OrderType.STOP_LIMIT: f"{stop} {limit}",
        OrderType.TRAILING_STOP: f"trailing stop {shown.get('trail', '')}".rstrip(),
    }
    return words[intent.order_type]


def _replace_line(intent: ReplaceOrder, instrument: Instrument | None) -> str:
    parts = [f"REPLACE {intent.client_order_id}"]
    if instrument is not None:
        if intent.quantity is not None:
            parts.append(f"{size_text(instrument, intent.quantity)} {instrument.base}")
        if intent.price is not None:
            parts.append(f"limit {price_text(instrument, intent.price)}")
        if intent.trigger_price is not None:
            parts.append(f"stop {price_text(instrument, intent.trigger_price)}")
    return " ".join(parts)
