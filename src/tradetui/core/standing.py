"""What open orders stand for: the quantity and the notional that may still trade.

Orders that exclude one another (one OCO group; an order and the version that shall replace it) are
counted together, with the largest of each side. A child counts once its parent has filled.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.relations import children_of, group_key, is_waiting, key_of, siblings
from tradetui.core.state import KernelState, PositionKey, Working
from tradetui.domain.enums import OrderRole, OrderSide
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import notional
from tradetui.domain.orders import Order, OrderTerms

_BUY: Final = OrderSide.BUY
_ENTRY: Final = OrderRole.ENTRY

Sums = tuple[int, int, int, int]
"""Buy quantity, sell quantity, buy notional, sell notional."""

NO_SUMS: Final[Sums] = (0, 0, 0, 0)
"""Of orders that stand for nothing."""


def standing(state: KernelState, order: Order) -> tuple[int, int]:
    """Return the quantity and the notional that an open order stands for on its own."""
    terms = order.terms
    left = order.quantity - order.filled_quantity
    if left <= 0 or (terms.parent_order_id is not None and is_waiting(state, order)):
        return 0, 0
    price = terms.price
    if price is None:
        price = order.trigger_price
        if price is None:
            price = state.working_prices.get(terms.client_order_id, 0)
    return left, notional(state.instruments[terms.instrument_id], price, left)


def counted(
    now: Working, terms: OrderTerms, quantity: int, value: int, opened: int, unknown: int
) -> Working:
    """Return the sums of a sub-position with what an order stands for added."""
    entries = opened if terms.role is _ENTRY else 0
    if terms.side is _BUY:
        return Working(
            now.buy_quantity + quantity,
            now.sell_quantity,
            now.buy_notional + value,
            now.sell_notional,
            now.open_orders + opened,
            now.entries + entries,
            now.unknown + unknown,
        )
    return Working(
        now.buy_quantity,
        now.sell_quantity + quantity,
        now.buy_notional,
        now.sell_notional + value,
        now.open_orders + opened,
        now.entries + entries,
        now.unknown + unknown,
    )


def affected(state: KernelState, order: Order) -> dict[ClientOrderId, None]:
    """Return the ids of the orders whose standing may change with this one, itself included."""
    order_id = order.terms.client_order_id
    found = [order, *children_of(state, order_id)]
    ids: dict[ClientOrderId, None] = {}
    for one in found:
        ids[one.terms.client_order_id] = None
        as_stored = state.open_orders.get(one.terms.client_order_id, one)
        for partner in _partners(state, as_stored)[1] + _partners(state, one)[1]:
            ids[partner.terms.client_order_id] = None
    return ids


def group_sums(state: KernelState, ids: dict[ClientOrderId, None]) -> dict[PositionKey, Sums]:
    """Add up what some orders stand for, each group of partners once, by sub-position."""
    largest: dict[tuple[PositionKey, str], Sums] = {}
    for order_id in ids:
        order = state.open_orders.get(order_id)
        if order is None:
            continue
        group, _ = _partners(state, order)
        place = (key_of(order.terms), group)
        bq, sq, bn, sn = largest.get(place, NO_SUMS)
        own = _sums(state, order)
        largest[place] = (max(bq, own[0]), max(sq, own[1]), max(bn, own[2]), max(sn, own[3]))
    totals: dict[PositionKey, Sums] = {}
    for (key, _), one in largest.items():
        so_far = totals.get(key, NO_SUMS)
        totals[key] = (
            so_far[0] + one[0],
            so_far[1] + one[1],
            so_far[2] + one[2],
            so_far[3] + one[3],
        )
    return totals


def sums_of(state: KernelState, orders: list[Order]) -> Working:
    """Add up what some orders of one sub-position stand for, from nothing: what ``working`` must
    equal.
    """
    ids = dict.fromkeys(order.terms.client_order_id for order in orders)
    every = list(group_sums(state, ids).values())
    return Working(
        sum(one[0] for one in every),
        sum(one[1] for one in every),
        sum(one[2] for one in every),
        sum(one[3] for one in every),
        len(orders),
        len([o for o in orders if o.terms.role is _ENTRY]),
        len([o for o in orders if o.is_unknown]),
    )


def _partners(state: KernelState, order: Order) -> tuple[str, list[Order]]:
    """Return the orders that count together with an open one (itself too), and a key for them."""
    terms = order.terms
    if terms.oco_group is not None:
        return group_key(terms), [*siblings(state, order), order]
    if order.pending_replace is not None:
        new = state.open_orders.get(order.pending_replace)
        return f"={terms.client_order_id}", [order] if new is None else [order, new]
    if terms.replaces is not None:
        old = state.open_orders.get(terms.replaces)
        if old is not None and old.pending_replace == terms.client_order_id:
            return f"={terms.replaces}", [old, order]
    return f"={terms.client_order_id}", [order]


def _sums(state: KernelState, order: Order) -> Sums:
    left, worth = standing(state, order)
    return (left, 0, worth, 0) if order.terms.side is _BUY else (0, left, 0, worth)
