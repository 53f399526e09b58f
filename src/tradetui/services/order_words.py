"""What the console and the shell say of an order: what it is for, why it cannot be cancelled."""

from __future__ import annotations

from tradetui.domain.enums import OrderRole
from tradetui.domain.replica import OrderView
from tradetui.domain.text import printable


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
