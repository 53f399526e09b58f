"""Quantities of brackets and OCO groups that the kernel holds together.

The rules are those of the simulated venue (``venue.brackets``), on the kernel's own records. A
child may trade what its parent has bought (net of a fee taken in the base coin), in proportion
where it was ordered for a part of it. The exits of one parent never sell more than that together,
those of one OCO group never more than the largest of them. Once an exit fires or fills, its parent
enters no more: the rest of it is cancelled. What is left too small to be an order when the parent
has ended is cancelled with the reason ``dust``.
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


def twins(state: KernelState, order: Order) -> list[Order]:
    """Return the open orders of which only one may trade: those of the OCO group, and the other
    exits of the same parent, named a group or not.
    """
    found = {twin.terms.client_order_id: twin for twin in siblings(state, order)}
    parent = parent_of(state, order)
    if parent is not None and parent.terms.side is not order.terms.side:
        for brother in children_of(state, parent.terms.client_order_id):
            if brother.terms.side is order.terms.side:
                found.setdefault(brother.terms.client_order_id, brother)
    found.pop(order.terms.client_order_id, None)
    return list(found.values())


def settle_children(state: KernelState, parent: Order) -> HeldActions:
    """Bring every open child of an order to the quantity that its fills give it."""
    actions: HeldActions = ()
    for child in children_of(state, parent.terms.client_order_id):
        actions += settle_child(state, child)
    return actions


def begin_child(state: KernelState, child: Order) -> HeldActions:
    """Give a new child the quantity that its parent has filled so far; without a parent it ends."""
    if parent_of(state, child) is None:
        return _cancel(child, "parent")
    return settle_child(state, child)


def settle_child(state: KernelState, child: Order) -> HeldActions:
    """Bring one child to the quantity that its parent's fills and its twins' fills leave it.

    A child that has outlived what the kernel remembers of its parent stays as it is.
    """
    parent = parent_of(state, child)
    if parent is None:
        return ()
    return _resize(state, child, _left_for(state, child), is_final=not IS_OPEN[parent.state])


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
    if parent is None or not IS_OPEN[parent.state] or parent.terms.side is child.terms.side:
        return ()
    return _cancel(parent, "bracket")


def cancel_twins(state: KernelState, order: Order) -> HeldActions:
    """Cancel the twins of a stop that is out in the market now, those at the venue."""
    actions: HeldActions = ()
    for twin in twins(state, order):
        if twin.held_by is HeldBy.VENUE:
            actions += _cancel(twin, "oco")
    return actions


def follow_fill(state: KernelState, capabilities: Capabilities, order: Order) -> HeldActions:
    """Return what follows from a fill; see ``held.on_fill``. Each order appears once."""
    actions: HeldActions = ()
    if capabilities.bracket is Support.HELD:
        actions += settle_children(state, order) + _renew_children(state, order)
        if order.terms.parent_order_id is not None:
            actions += _follow_exit(state, order)
    for twin in siblings(state, order):
        if capabilities.oco is Support.HELD or twin.held_by is HeldBy.KERNEL:
            actions += _settle_twin(state, twin)
    if capabilities.reduce_only is Support.HELD:
        actions += _end_reducers(state, order)
    first: dict[ClientOrderId, HeldAction] = {}
    for action in actions:
        first.setdefault(action.client_order_id, action)
    return tuple(first.values())


def _renew_children(state: KernelState, parent: Order) -> HeldActions:
    """Make exits anew that are done with all there was, now that their parent bought more.

    It happens when a fill crosses the cancel of a parent whose exit has fired.
    """
    actions: HeldActions = ()
    for child in _known(state, state.children.get(parent.terms.client_order_id, ())):
        order_id = child.terms.client_order_id
        new_id = next_version_id(order_id)
        if new_id in state.orders or not _is_done(child):
            continue
        left = _left_for(state, child) - child.filled_quantity
        if left > 0:
            actions += (
                HeldAction(HeldVerb.RENEW, order_id, quantity=left, new_client_order_id=new_id),
            )
    return actions


def _is_done(child: Order) -> bool:
    """Tell whether a child has traded all that it had, or was ended in favour of a twin."""
    if child.state is OrderState.FILLED:
        return True
    if child.state in (OrderState.CANCELLED, OrderState.CANCEL_PENDING):
        return child.reason == "oco"
    return IS_OPEN[child.state] and child.leaves_quantity == 0 < child.filled_quantity


def _follow_exit(state: KernelState, child: Order) -> HeldActions:
    """Return what the fill of a child means for its parent and its brothers."""
    parent = parent_of(state, child)
    if parent is None or parent.terms.side is child.terms.side:
        return ()
    actions = stop_parent(state, child)
    for brother in children_of(state, parent.terms.client_order_id):
        if brother is not child:
            actions += settle_child(state, brother)
    return actions


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
    is_used = order.leaves_quantity == 0
    is_busy = (
        is_used
        or order.pending_replace is not None
        or order.state
        not in (
            OrderState.ACCEPTED,
            OrderState.PARTIALLY_FILLED,
        )
    )
    if is_busy or quantity == order.quantity:
        return ()
    new_id = next_version_id(order_id)
    left = quantity - order.filled_quantity
    return (HeldAction(HeldVerb.REPLACE, order_id, quantity=left, new_client_order_id=new_id),)


def _left_for(state: KernelState, order: Order) -> int:
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
    known = _known(state, state.oco_groups[group_key(terms)])
    size = max(one.terms.quantity for one in known)
    filled = sum(one.filled_quantity for one in known)
    return min(total, order.filled_quantity + size - filled)


def _share(state: KernelState, parent: Order, child: Order, root: Order, carried: int) -> int:
    """Return a child's part of what its parent holds now, its own fills included."""
    parent_id = parent.terms.client_order_id
    instrument = state.instruments[child.terms.instrument_id]
    bought = filled_by_all(state, parent)
    is_exit = child.terms.side is not parent.terms.side
    sold = sum(
        one.filled_quantity
        for one in _known(state, state.children[parent_id])
        if one.terms.side is not parent.terms.side
    )
    if instrument.instrument_class is InstrumentClass.SPOT and is_exit:
        bought = min(bought, _held_quantity(state, child) + sold)
    whole = parent.terms.quantity + state.carried_fills.get(parent_id, 0)
    wanted = min(root.terms.quantity, whole)
    total = floor_quantity(instrument, div_floor(wanted * bought, whole)) - carried
    if not is_exit:
        return total
    room = max(floor_quantity(instrument, bought - sold), 0)
    return min(total, child.filled_quantity + room)


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


def _known(state: KernelState, order_ids: tuple[ClientOrderId, ...]) -> list[Order]:
    """Return those of some orders that the kernel still remembers."""
    found = [state.orders.get(order_id) for order_id in order_ids]
    return [order for order in found if order is not None]


def _cancel(order: Order, reason: str) -> HeldActions:
    """Ask for an order's end, once."""
    if order.state is OrderState.CANCEL_PENDING:
        return ()
    return (HeldAction(HeldVerb.CANCEL, order.terms.client_order_id, reason=reason),)
