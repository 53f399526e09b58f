"""Orders that guard a position: what becomes of them when it closes, and who holds them."""

from __future__ import annotations

from typing import Final

from tradetui.core.changes import Changes
from tradetui.core.order_manager import cancel
from tradetui.core.relations import IS_OPEN, creation_key, key_of, parent_of
from tradetui.core.state import KernelState, PositionKey
from tradetui.domain.enums import Guard, HeldBy, OrderRole, OrderSide, OrderState, Support
from tradetui.domain.orders import Order, Position

_KERNEL: Final = HeldBy.KERNEL
_VENUE: Final = HeldBy.VENUE
_STOP_LOSS: Final = OrderRole.STOP_LOSS
_BUY: Final = OrderSide.BUY
_SELL: Final = OrderSide.SELL
_CANCEL_PENDING: Final = OrderState.CANCEL_PENDING
_CREATED: Final = OrderState.CREATED
_NATIVE: Final = Support.NATIVE


def cancel_idle_guards(
    state: KernelState, changes: Changes, key: PositionKey, filled: Order | None
) -> None:
    """Cancel what can reduce a sub-position no more, after a fill that closed or turned it.

    Left alone is what ends by itself: reduce-only orders and OCO twins of the order that filled,
    where the venue sees to them; and the children of an order that is still open, which guard what
    it will still fill.
    """
    quantity = state.positions[key].quantity
    reducing = _SELL if quantity > 0 else _BUY
    group = None if filled is None else filled.terms.oco_group
    capabilities = state.routes[key[1]].capabilities
    ends_twins = capabilities.oco is _NATIVE
    ends_reducers = capabilities.reduce_only is _NATIVE
    for order in _orders_on(state, key):
        terms = order.terms
        if quantity and terms.side is reducing:
            continue
        is_twin = group is not None and terms.oco_group == group
        if (ends_twins and is_twin) or (ends_reducers and terms.reduce_only):
            continue
        if (terms.is_protective or terms.reduce_only) and not _has_open_parent(state, order):
            cancel(state, changes, order, "its position is closed")


def _orders_on(state: KernelState, key: PositionKey) -> list[Order]:
    """Return the open orders of a sub-position, in order of creation."""
    found = [state.open_orders[i] for i in state.open_by_instrument.get(key[2], {})]
    return sorted((order for order in found if key_of(order.terms) == key), key=creation_key)


def _has_open_parent(state: KernelState, order: Order) -> bool:
    parent = parent_of(state, order)
    return parent is not None and IS_OPEN[parent.state]


def forget_wanted_stop(state: KernelState, key: PositionKey) -> None:
    """Begin anew for a sub-position that closed or turned: no stop is missed until one is given.

    One whose parent is still open is for the position to come.
    """
    for order_id in state.open_by_instrument.get(key[2], {}):
        order = state.open_orders[order_id]
        is_stop = order.terms.role is _STOP_LOSS and key_of(order.terms) == key
        if is_stop and _has_open_parent(state, order):
            return
    state.drop(state.stop_wanted, key)


def guard_of(state: KernelState, key: PositionKey) -> Guard:
    """Return who holds the stop that protects a sub-position.

    MISSING where it was given a stop since it was last flat and none covers it whole now. A new
    version that waits for its old one's end is nowhere yet, and guards nothing.
    """
    position = state.positions.get(key)
    if position is None or position.quantity == 0:
        return Guard.FLAT
    side = _reducing(position)
    covered = {_VENUE: 0, _KERNEL: 0}
    for order_id in state.open_by_instrument.get(key[2], {}):
        order = state.open_orders[order_id]
        if order.terms.role is _STOP_LOSS and _is_stop_of(order, key, side):
            covered[order.held_by] += order.leaves_quantity
    if sum(covered.values()) >= abs(position.quantity):
        return Guard.OURS if covered[_KERNEL] else Guard.VENUE
    return Guard.MISSING if key in state.stop_wanted else Guard.NONE_BY_DESIGN


def unguarded(state: KernelState) -> list[PositionKey]:
    """Return the sub-positions whose guard is MISSING (``guard_of``), in ascending order; each open
    order is looked at once.
    """
    held = {key: p for key, p in state.positions.items() if p.quantity and key in state.stop_wanted}
    covered = dict.fromkeys(held, 0)
    for instrument_id in dict.fromkeys(key[2] for key in held):
        for order_id in state.open_by_instrument.get(instrument_id, {}):
            order = state.open_orders[order_id]
            if order.terms.role is not _STOP_LOSS:
                continue
            key = key_of(order.terms)
            position = held.get(key)
            if position is not None and _is_stop_of(order, key, _reducing(position)):
                covered[key] += order.leaves_quantity
    return sorted(key for key, quantity in covered.items() if quantity < abs(held[key].quantity))


def _reducing(position: Position) -> OrderSide:
    return _SELL if position.quantity > 0 else _BUY


def _is_stop_of(order: Order, key: PositionKey, side: OrderSide) -> bool:
    """Tell whether a stop-loss order guards a position that ``side`` reduces."""
    terms = order.terms
    return (
        key_of(terms) == key
        and terms.side is side
        and order.state is not _CANCEL_PENDING
        and (order.state is not _CREATED or order.held_by is _KERNEL)
        and not order.is_unknown
    )
