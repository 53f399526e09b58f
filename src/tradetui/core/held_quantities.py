"""How much of an order there is left to trade, beside what its parent bought and its twins sold."""

from __future__ import annotations

from tradetui.core.relations import (
    filled_by_all,
    group_key,
    key_of,
    parent_of,
)
from tradetui.core.state import KernelState
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import floor_quantity, notional
from tradetui.domain.orders import Order
from tradetui.domain.units import div_floor


def left_for(state: KernelState, order: Order) -> int:
    """Return the quantity (its own fills included) that parent and twins leave an order."""
    terms = order.terms
    root = _first_version(state, order)
    carried = sum(version.filled_quantity for version in _versions_before(state, order))
    parent = parent_of(state, order)
    if parent is not None:
        total = _share(state, parent, order, root, carried)
    elif terms.parent_order_id is None:
        total = root.terms.quantity - carried
    else:
        total = order.quantity
    if terms.oco_group is None:
        return total
    members = known(state, state.oco_groups[group_key(terms)])
    size = max(one.terms.quantity for one in members)
    filled = sum(one.filled_quantity for one in members)
    return min(total, order.filled_quantity + size - filled)


def _share(state: KernelState, parent: Order, child: Order, root: Order, carried: int) -> int:
    """Return a child's part of what its parent holds now, its own fills included."""
    parent_id = parent.terms.client_order_id
    instrument = state.instruments[child.terms.instrument_id]
    bought = filled_by_all(state, parent)
    is_exit = child.terms.side is not parent.terms.side
    sold = sum(
        one.filled_quantity
        for one in known(state, state.children[parent_id])
        if one.terms.side is not parent.terms.side
    )
    if instrument.instrument_class is InstrumentClass.SPOT and is_exit:
        bought = min(bought, held_quantity(state, child) + sold)
    part = _part(state, parent, root.terms.quantity, bought)
    total = floor_quantity(instrument, part) - carried
    if not is_exit:
        return total
    room = max(floor_quantity(instrument, bought - sold), 0)
    return min(total, child.filled_quantity + room)


def _part(state: KernelState, parent: Order, quantity: int, bought: int) -> int:
    """Return the part of what a parent bought that an order for ``quantity`` may trade, in
    proportion to what the parent's first version was ordered for.

    Where that is long forgotten, all of it: a guard is never made smaller by forgetting.
    """
    while parent.terms.replaces is not None:
        before = state.orders.get(parent.terms.replaces)
        if before is None:
            return min(quantity, bought)
        parent = before
    return min(quantity, div_floor(quantity * bought, parent.terms.quantity))


def _versions_before(state: KernelState, order: Order) -> list[Order]:
    """Return the versions that the kernel replaced to get to this one, newest first."""
    found: list[Order] = []
    root = _first_version(state, order)
    while order is not root:
        assert order.terms.replaces is not None
        order = state.orders[order.terms.replaces]
        found.append(order)
    return found


def _first_version(state: KernelState, order: Order) -> Order:
    """Return the version that the strategy asked for, behind those that the kernel made of it."""
    while order.terms.replaces is not None:
        before = state.orders.get(order.terms.replaces)
        if before is None or next_version_id(order.terms.replaces) != order.terms.client_order_id:
            break
        order = before
    return order


def is_dust(state: KernelState, order: Order, quantity: int) -> bool:
    """Tell whether what is left of an order is below the venue's minimum."""
    terms = order.terms
    instrument = state.instruments[terms.instrument_id]
    left = quantity - order.filled_quantity
    if left <= 0 or left < instrument.min_quantity:
        return True
    price = _reference_price(state, order)
    return price is not None and notional(instrument, price, left) < instrument.min_notional


def _reference_price(state: KernelState, order: Order) -> int | None:
    if order.terms.price is not None:
        return order.terms.price
    if order.trigger_price is not None:
        return order.trigger_price
    mark = state.marks.get(order.terms.instrument_id)
    return None if mark is None else mark.price


def held_quantity(state: KernelState, order: Order) -> int:
    """Return the size of the position that an order works for."""
    position = state.positions.get(key_of(order.terms))
    return 0 if position is None else abs(position.quantity)


def known(state: KernelState, order_ids: tuple[ClientOrderId, ...]) -> list[Order]:
    """Return those of some orders that the kernel still remembers."""
    found = [state.orders.get(order_id) for order_id in order_ids]
    return [order for order in found if order is not None]


def next_version_id(order_id: ClientOrderId) -> ClientOrderId:
    """Return the id of a version that the kernel makes itself: ``...-0007r2``, then ``r3``."""
    head, mark, tail = order_id.rpartition("r")
    if mark and tail.isdigit() and head[-1:].isdigit():
        return ClientOrderId(f"{head}r{int(tail) + 1}")
    return ClientOrderId(f"{order_id}r2")
