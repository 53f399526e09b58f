"""Quantities of brackets and OCO groups that the kernel holds together.

A child may trade what its parent has bought (net of a fee taken in the base coin), in proportion
where it was ordered for a part of it; what a twin of its OCO group has filled is off its quantity.
Once a child fires or fills, its parent enters no more: the rest of it is cancelled. What is left
too small to be an order when the parent has ended is cancelled with the reason ``dust``.
"""

from __future__ import annotations

from tradetui.core.held_records import HeldAction, HeldActions, HeldVerb
from tradetui.core.relations import (
    IS_OPEN,
    children_of,
    filled_by_all,
    group_key,
    is_waiting,
    key_of,
    parent_of,
    siblings,
)
from tradetui.core.state import KernelState
from tradetui.core.venue.triggers import is_stop
from tradetui.domain.capabilities import ORDER_TYPE_KEY, Capabilities
from tradetui.domain.enums import HeldBy, InstrumentClass, OrderState, Support
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import floor_quantity, notional
from tradetui.domain.orders import Order
from tradetui.domain.units import div_floor

DUST = "dust"
"""Reason of an order that ends because what is left for it is below the venue's minimum."""


def settle_children(state: KernelState, parent: Order) -> HeldActions:
    """Bring every open child of an order to the quantity that its fills give it."""
    actions: HeldActions = ()
    for child in children_of(state, parent.terms.client_order_id):
        actions += settle_child(state, child)
    return actions


def settle_child(state: KernelState, child: Order) -> HeldActions:
    """Bring one child to the quantity that its parent's fills and its twins' fills leave it."""
    parent = parent_of(state, child)
    if parent is None:
        return _cancel(child, "parent")
    return _resize(state, child, _share(state, parent, child), is_final=not IS_OPEN[parent.state])


def release(state: KernelState, order: Order, reason: str) -> HeldActions:
    """Let a triggered order out with the quantity that is left for it; as dust it ends."""
    quantity = _left_for(state, order)
    if _is_dust(state, order, quantity):
        return _cancel(order, DUST)
    order_id = order.terms.client_order_id
    return (
        HeldAction(HeldVerb.RELEASE, order_id, quantity=quantity, is_triggered=True, reason=reason),
    )


def stop_parent(state: KernelState, child: Order) -> HeldActions:
    """Cancel what a child's parent has not filled yet, where the kernel holds the bracket."""
    if state.routes[child.terms.route_id].capabilities.bracket is not Support.HELD:
        return ()
    parent = parent_of(state, child)
    if parent is None or not IS_OPEN[parent.state]:
        return ()
    return _cancel(parent, "bracket")


def follow_fill(state: KernelState, capabilities: Capabilities, order: Order) -> HeldActions:
    """Return what follows from a fill; see ``held.on_fill``. Each order appears once."""
    actions: HeldActions = ()
    if capabilities.bracket is Support.HELD:
        actions += settle_children(state, order)
    actions += stop_parent(state, order)
    if capabilities.oco is Support.HELD:
        for twin in siblings(state, order):
            actions += _settle_twin(state, twin)
    if capabilities.reduce_only is Support.HELD:
        actions += _end_reducers(state, order)
    first: dict[ClientOrderId, HeldAction] = {}
    for action in actions:
        first.setdefault(action.client_order_id, action)
    return tuple(first.values())


def next_version_id(order_id: ClientOrderId) -> ClientOrderId:
    """Return the id of a version that the kernel makes itself: ``...-0007r2``, then ``r3``."""
    head, mark, tail = order_id.rpartition("r")
    if mark and tail.isdigit() and head[-1:].isdigit():
        return ClientOrderId(f"{head}r{int(tail) + 1}")
    return ClientOrderId(f"{order_id}r2")


def _settle_twin(state: KernelState, twin: Order) -> HeldActions:
    if not _is_exit(twin):
        return _cancel(twin, "oco")
    return _resize(state, twin, _left_for(state, twin), is_final=True)


def _resize(state: KernelState, order: Order, quantity: int, *, is_final: bool) -> HeldActions:
    """Move an order to a quantity. ``is_final``: nothing more will come, so dust is an end."""
    terms = order.terms
    order_id = terms.client_order_id
    if order.state is OrderState.CREATED and order.held_by is HeldBy.KERNEL:
        if _is_dust(state, order, quantity):
            return _cancel(order, DUST if quantity > 0 else "parent") if is_final else ()
        capabilities = state.routes[terms.route_id].capabilities
        waits = is_stop(terms) and (
            getattr(capabilities, ORDER_TYPE_KEY[terms.order_type]) is Support.HELD
        )
        if not waits:
            return (HeldAction(HeldVerb.RELEASE, order_id, quantity=quantity, reason="parent"),)
        if quantity == order.quantity:
            return ()
        return (HeldAction(HeldVerb.UPDATE, order_id, quantity=quantity),)
    if quantity <= order.filled_quantity:
        return _cancel(order, "oco")
    is_busy = order.pending_replace is not None or order.state not in (
        OrderState.ACCEPTED,
        OrderState.PARTIALLY_FILLED,
    )
    if is_busy or quantity == order.quantity:
        return ()
    new_id = next_version_id(order_id)
    left = quantity - order.filled_quantity
    return (HeldAction(HeldVerb.REPLACE, order_id, quantity=left, new_client_order_id=new_id),)


def _left_for(state: KernelState, order: Order) -> int:
    """Return an order's quantity (its own fills included) beside its parent's and twins' fills."""
    parent = parent_of(state, order)
    if parent is not None:
        return _share(state, parent, order)
    root = _first_version(state, order)
    return _less_twins(state, order, root, root.terms.quantity)


def _share(state: KernelState, parent: Order, child: Order) -> int:
    """Return a child's part of what its parent holds now, its own fills included."""
    parent_id = parent.terms.client_order_id
    filled = filled_by_all(state, parent)
    instrument = state.instruments[child.terms.instrument_id]
    if instrument.instrument_class is InstrumentClass.SPOT:
        sold = sum(_filled_of(state, one) for one in state.children.get(parent_id, ()))
        filled = min(filled, _held_quantity(state, child) + sold)
    whole = parent.terms.quantity + state.carried_fills.get(parent_id, 0)
    root = _first_version(state, child)
    wanted = min(root.terms.quantity, whole)
    share = floor_quantity(instrument, div_floor(wanted * filled, whole))
    return _less_twins(state, child, root, share)


def _less_twins(state: KernelState, order: Order, root: Order, quantity: int) -> int:
    """Take off a quantity what the other orders of its group, and the versions before it, filled.

    A version that the strategy made itself begins anew: it is bounded by the position instead.
    """
    if root.terms.replaces is not None:
        return min(quantity, order.filled_quantity + _held_quantity(state, order))
    terms = order.terms
    if terms.oco_group is None:
        others = _chain(state, order)
    else:
        others = state.oco_groups.get(group_key(terms), ())
    taken = sum(_filled_of(state, one) for one in others if one != terms.client_order_id)
    return max(quantity - taken, 0)


def _chain(state: KernelState, order: Order) -> tuple[ClientOrderId, ...]:
    """Return the ids of the versions that the kernel replaced to get to this one."""
    ids: tuple[ClientOrderId, ...] = ()
    root = _first_version(state, order)
    while order is not root:
        assert order.terms.replaces is not None
        order = state.orders[order.terms.replaces]
        ids = (*ids, order.terms.client_order_id)
    return ids


def _first_version(state: KernelState, order: Order) -> Order:
    """Return the version that the strategy asked for, behind those that the kernel made of it."""
    while order.terms.replaces is not None:
        before = state.orders.get(order.terms.replaces)
        if before is None or next_version_id(order.terms.replaces) != order.terms.client_order_id:
            break
        order = before
    return order


def _end_reducers(state: KernelState, order: Order) -> HeldActions:
    """Cancel what could only reduce a position that is gone."""
    terms = order.terms
    if _held_quantity(state, order):
        return ()
    actions: HeldActions = ()
    for order_id in state.open_by_instrument.get(terms.instrument_id, {}):
        other = state.open_orders[order_id]
        if order_id == terms.client_order_id or key_of(other.terms) != key_of(terms):
            continue
        if other.terms.reduce_only and not is_waiting(state, other):
            actions += _cancel(other, "position closed")
    return actions


def _is_exit(order: Order) -> bool:
    terms = order.terms
    return terms.reduce_only or terms.is_protective or terms.parent_order_id is not None


def _is_dust(state: KernelState, order: Order, quantity: int) -> bool:
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


def _held_quantity(state: KernelState, order: Order) -> int:
    position = state.positions.get(key_of(order.terms))
    return 0 if position is None else abs(position.quantity)


def _filled_of(state: KernelState, order_id: ClientOrderId) -> int:
    order = state.orders.get(order_id)
    return 0 if order is None else order.filled_quantity


def _cancel(order: Order, reason: str) -> HeldActions:
    """Ask for an order's end, once."""
    if order.state is OrderState.CANCEL_PENDING:
        return ()
    return (HeldAction(HeldVerb.CANCEL, order.terms.client_order_id, reason=reason),)
