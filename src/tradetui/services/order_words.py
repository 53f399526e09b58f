"""What the console and the shell say of an order: the one word for its state, what it is for."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import OrderRole, OrderState
from tradetui.domain.replica import OrderView
from tradetui.domain.text import printable

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


def order_state_word(
    state: OrderState, *, is_unknown: bool = False, is_shadow: bool = False
) -> str:
    """Return the word for an order's state; one of unknown outcome is UNKNOWN.

    ``is_shadow``: it never left the house, and only ``would`` be what the word says.
    """
    if is_unknown:
        return UNKNOWN
    return f"would {ORDER_WORDS[state]}" if is_shadow else ORDER_WORDS[state]


def not_cancellable(order: OrderView | None, client_order_id: str) -> str:
    """Return why an order cannot be cancelled, empty where it can be."""
    name = printable(client_order_id, 40)
    if order is None or not order.is_open:
        return f"order {name} is not open"
    if order.is_shadow:
        return f"{name} is a shadow order of {order.strategy_id}, which observes: nothing to cancel"
    return ""


def is_entry(order: OrderView) -> bool:
    """Tell whether an order opens or adds to a position; all others only reduce one."""
    return order.role is OrderRole.ENTRY and not order.reduce_only
