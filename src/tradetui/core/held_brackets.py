"""Quantities of brackets and OCO groups that the kernel holds together.

The rules are those of the simulated venue (``venue.brackets``), on the kernel's own records. A
child may trade what its parent has bought (net of a fee taken in the base coin), in proportion
where it was ordered for a part of it. The exits of one parent never sell more than that together,
those of one OCO group never more than the largest of them. Once an exit fires or fills, its parent
enters no more: the rest of it is cancelled. What is left too small to be an order when the parent
has ended is cancelled with the reason ``dust``.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.held_quantities import (
    held_quantity,
    is_dust,
    known,
    left_for,
    next_version_id,
)
from tradetui.core.held_records import HeldAction, HeldActions, HeldVerb
from tradetui.core.relations import (
    IS_OPEN,
    children_of,
    filled_by_all,
    is_waiting,
    key_of,
    parent_of,
    siblings,
)
from tradetui.core.state import KernelState
from tradetui.core.venue.triggers import is_stop
from tradetui.domain.capabilities import ORDER_TYPE_KEY, Capabilities
from tradetui.domain.enums import HeldBy, OrderState, Support
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.orders import Order

_HELD: Final = Support.HELD
_CREATED: Final = OrderState.CREATED
_KERNEL: Final = HeldBy.KERNEL
_PENDING: Final = OrderState.CANCEL_PENDING
_FILLED: Final = OrderState.FILLED
_CANCELLED: Final = OrderState.CANCELLED
_ACCEPTED: Final = OrderState.ACCEPTED
_PARTIAL: Final = OrderState.PARTIALLY_FILLED
_VENUE: Final = HeldBy.VENUE

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
    is_final = not IS_OPEN[parent.state]
    gone = "oco" if filled_by_all(state, parent) else "parent"
    return _resize(state, child, left_for(state, child), gone, is_final=is_final)


def release(state: KernelState, order: Order, reason: str) -> HeldActions:
    """Let a triggered order out with the quantity that is left for it; as dust it ends."""
    quantity = left_for(state, order)
    if is_dust(state, order, quantity):
        return _cancel(order, DUST)
    order_id = order.terms.client_order_id
    return (
        HeldAction(HeldVerb.RELEASE, order_id, quantity=quantity, is_triggered=True, reason=reason),
    )


def stop_parent(state: KernelState, child: Order) -> HeldActions:
    """Cancel what a child's parent has not filled yet, where the kernel holds the bracket."""
    if state.routes[child.terms.route_id].capabilities.bracket is not _HELD:
        return ()
    parent = parent_of(state, child)
    if parent is None or not IS_OPEN[parent.state] or parent.terms.side is child.terms.side:
        return ()
    return _cancel(parent, "bracket")


def cancel_twins(state: KernelState, order: Order) -> HeldActions:
    """Cancel the twins of a stop that is out in the market now, those at the venue."""
    actions: HeldActions = ()
    for twin in twins(state, order):
        if twin.held_by is _VENUE and twin.leaves_quantity:
            actions += _cancel(twin, "oco")
    return actions


def follow_fill(state: KernelState, capabilities: Capabilities, order: Order) -> HeldActions:
    """Return what follows from a fill; see ``held.on_fill``. Each order appears once."""
    actions: HeldActions = ()
    if capabilities.bracket is _HELD:
        actions += settle_children(state, order) + _renew_children(state, order)
        if order.terms.parent_order_id is not None:
            actions += _follow_exit(state, order)
    for twin in siblings(state, order):
        if capabilities.oco is _HELD or twin.held_by is _KERNEL:
            actions += _settle_twin(state, twin)
    if capabilities.reduce_only is _HELD:
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
    for child in known(state, state.children.get(parent.terms.client_order_id, ())):
        order_id = child.terms.client_order_id
        new_id = next_version_id(order_id)
        if new_id in state.orders or not _is_done(child):
            continue
        left = left_for(state, child) - child.filled_quantity
        if left > 0:
            actions += (
                HeldAction(HeldVerb.RENEW, order_id, quantity=left, new_client_order_id=new_id),
            )
    return actions


def _is_done(child: Order) -> bool:
    """Tell whether a child has traded all that it had, or was ended in favour of a twin."""
    if child.state is _FILLED:
        return True
    if child.state in (_CANCELLED, _PENDING):
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


def _settle_twin(state: KernelState, twin: Order) -> HeldActions:
    if not _is_exit(twin):
        return _cancel(twin, "oco")
    return _resize(state, twin, left_for(state, twin), "oco", is_final=True)


def _resize(
    state: KernelState, order: Order, quantity: int, gone: str, *, is_final: bool
) -> HeldActions:
    """Move an order to a quantity; ``gone`` is the reason when nothing is left for it.

    ``is_final``: nothing more will come, so dust is an end.
    """
    terms = order.terms
    order_id = terms.client_order_id
    if order.state is _CREATED and order.held_by is _KERNEL:
        if is_dust(state, order, quantity):
            return _cancel(order, DUST if quantity > 0 else gone) if is_final else ()
        capabilities = state.routes[terms.route_id].capabilities
        waits = is_stop(terms) and (
            getattr(capabilities, ORDER_TYPE_KEY[terms.order_type]) is _HELD
        )
        if not waits:
            return (HeldAction(HeldVerb.RELEASE, order_id, quantity=quantity, reason="parent"),)
        if quantity == order.quantity:
            return ()
        return (HeldAction(HeldVerb.UPDATE, order_id, quantity=quantity),)
    if order.leaves_quantity == 0:
        return ()  # The venue has nothing more of it: it ends with its parent, or is renewed.
    if quantity <= order.filled_quantity:
        return _cancel(order, gone)
    is_busy = order.pending_replace is not None or order.state not in (
        _ACCEPTED,
        _PARTIAL,
    )
    if is_busy or quantity == order.quantity:
        return ()
    new_id = next_version_id(order_id)
    left = quantity - order.filled_quantity
    return (HeldAction(HeldVerb.REPLACE, order_id, quantity=left, new_client_order_id=new_id),)


def _end_reducers(state: KernelState, order: Order) -> HeldActions:
    """Cancel what could only reduce a position that is gone."""
    terms = order.terms
    if held_quantity(state, order):
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


def _cancel(order: Order, reason: str) -> HeldActions:
    """Ask for an order's end, once."""
    if order.state is _PENDING:
        return ()
    return (HeldAction(HeldVerb.CANCEL, order.terms.client_order_id, reason=reason),)
