"""What is being sold (or bought back) this moment, on routes that do not know reduce-only.

A market order and a stop that has triggered trade at any price, so that what they leave of the
position is all that another of them may take: where the kernel keeps reduce-only, two of them could
otherwise sell one position twice within one item of the market. Orders whose outcome is unknown do
not count: exits go on while they are looked up. A limit order that rests may still cross them.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.relations import IS_OPEN, key_of
from tradetui.core.state import KernelState, PositionKey
from tradetui.domain.enums import OrderRole, OrderSide, OrderState, OrderType, Support
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.orders import Order

_BUY: Final = OrderSide.BUY
_CREATED: Final = OrderState.CREATED
_ENTRY: Final = OrderRole.ENTRY
_HELD: Final = Support.HELD
_MARKET: Final = OrderType.MARKET


def is_kept_here(state: KernelState, order: Order) -> bool:
    """Tell whether the kernel must see to it that an order that executes now only reduces."""
    terms = order.terms
    return (
        state.routes[terms.route_id].capabilities.reduce_only is _HELD
        and (terms.reduce_only or terms.role is not _ENTRY)
        and _executes(order)
    )


def reducible(state: KernelState, order: Order) -> int:
    """Return what is left of an order's position for it, beside what is in flight."""
    terms = order.terms
    key = key_of(terms)
    position = state.positions.get(key)
    held = 0 if position is None else position.quantity
    size = -held if terms.side is _BUY else held
    return size - in_flight(state, key, terms.side, terms.client_order_id)


def in_flight(
    state: KernelState, key: PositionKey, side: OrderSide, but: ClientOrderId | None
) -> int:
    """Return what the orders at the venue that execute at once will still trade on a side of a
    sub-position, one order left out.
    """
    total = 0
    for order_id in state.open_by_instrument.get(key[2], ()):
        order = state.open_orders[order_id]
        if (
            order.terms.side is side
            and order_id != but
            and order.state is not _CREATED
            and not order.is_unknown
            and _executes(order)
            and key_of(order.terms) == key
        ):
            total += max(order.leaves_quantity, 0)
    return total


def _executes(order: Order) -> bool:
    """Tell whether an order trades at any price once it is at the venue."""
    assert IS_OPEN[order.state]
    return order.terms.order_type is _MARKET or (order.is_triggered and order.terms.price is None)
