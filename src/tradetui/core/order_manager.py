"""The order manager: makes, replaces and cancels orders, and does what follows in their lives.

``orders`` moves one order by the table; ``held`` says what the kernel's held orders ask for; here
both are done, in the order given. Every end of an order passes through ``after_end``, so that
children, twins and waiting versions hear of it.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core import held
from tradetui.core.changes import Changes
from tradetui.core.halting import HELD_BACK, halting_switch, say_held_back
from tradetui.core.held_quantities import is_dust
from tradetui.core.held_records import HeldAction, HeldActions, HeldVerb
from tradetui.core.in_flight import is_kept_here, reducible
from tradetui.core.orders import (
    admit,
    close_unsent,
    fault_of,
    move,
    open_orders_of,
    refuse,
    release,
    request_cancel,
    send_alone,
)
from tradetui.core.orders import send as send_order
from tradetui.core.relations import IS_OPEN, children_of, parent_of
from tradetui.core.risk.kill_switches import described
from tradetui.core.state import KernelState
from tradetui.core.versions import after_old_ended, request_replace
from tradetui.core.working import store
from tradetui.domain.enums import HeldBy, OrderRole, OrderState, TimeInForce
from tradetui.domain.orders import Order, OrderTerms

_KERNEL: Final = HeldBy.KERNEL
_VENUE: Final = HeldBy.VENUE
_ENTRY: Final = OrderRole.ENTRY
_STOP_LOSS: Final = OrderRole.STOP_LOSS
_CANCELLED: Final = OrderState.CANCELLED
_CREATED: Final = OrderState.CREATED
_EXPIRED: Final = OrderState.EXPIRED
_FILLED: Final = OrderState.FILLED
_SUBMITTED: Final = OrderState.SUBMITTED
_GTC: Final = TimeInForce.GTC
_IOC: Final = TimeInForce.IOC


def create(
    state: KernelState, changes: Changes, terms: OrderTerms, *, is_single: bool = False
) -> bool:
    """Make an order from terms that passed every gate; send it, or hold it where the route cannot.
    ``is_single``: the gates have found already that it stands alone.

    Returns False, with an incident, where the terms should never have come so far: an id that is
    taken, or numbers off the instrument's grid (they are quantised before submission).
    """
    fault = fault_of(state, terms)
    if fault:
        refuse(state, changes, terms, fault)
        return False
    if (is_single or _stands_alone(terms)) and terms.client_order_id not in state.children:
        send_alone(state, changes, terms)
        return True
    if held.holds(state.routes[terms.route_id].capabilities, terms):
        order = admit(state, changes, terms, _CREATED, _KERNEL, "PlaceOrder")
    else:
        order = admit(state, changes, terms, _SUBMITTED, _VENUE, "PlaceOrder")
        send_order(state, changes, order)
    perform(state, changes, held.on_created(state, order))
    return True


def _stands_alone(terms: OrderTerms) -> bool:
    """Tell whether no route can need the kernel's help with an order, so that it is sent as is, and
    it hangs together with no other.
    """
    in_force = terms.time_in_force
    return (
        terms.trigger_price is None
        and terms.trail_offset is None
        and terms.parent_order_id is None
        and terms.oco_group is None
        and terms.replaces is None
        and terms.role is not _STOP_LOSS
        and not terms.reduce_only
        and (in_force is _GTC or in_force is _IOC)
    )


def replace_order(state: KernelState, changes: Changes, old: Order, terms: OrderTerms) -> bool:
    """Ask for a new version of an order, held or sent as the route needs it."""
    is_held = _is_version_held(state, old, terms)
    if not request_replace(state, changes, old, terms, is_held=is_held):
        return False
    new = state.open_orders.get(terms.client_order_id)
    if new is not None and (new.state is not _CREATED or new.held_by is _KERNEL):
        perform(state, changes, held.on_created(state, new))
    return True


def _is_version_held(state: KernelState, old: Order, terms: OrderTerms) -> bool:
    """Tell whether the kernel holds a new version: a child whose old version is at the venue has
    waited for its parent already, so only its own condition counts.
    """
    if old.state is not _CREATED and terms.parent_order_id is not None:
        terms = replace(terms, parent_order_id=None)
    return held.holds(state.routes[terms.route_id].capabilities, terms)


def cancel(
    state: KernelState, changes: Changes, order: Order, reason: str, cause: str = "cancel"
) -> None:
    """Ask for an order's end, and see to what follows when it ends at once."""
    ended = request_cancel(state, changes, order, reason, cause)
    if not IS_OPEN[ended.state] and IS_OPEN[order.state]:
        after_end(state, changes, ended)


def cancel_entries(state: KernelState, changes: Changes, orders: list[Order], reason: str) -> None:
    """Ask for the end of those of some orders that are entries; what guards or reduces stays."""
    for order in orders:
        if order.terms.role is _ENTRY:
            current = state.open_orders.get(order.terms.client_order_id)
            if current is not None:
                cancel(state, changes, current, reason)


def after_accepted(state: KernelState, changes: Changes, order: Order) -> None:
    """See to what an acceptance asks for."""
    if order.terms.parent_order_id is not None:
        perform(state, changes, held.on_accepted(state, order))


def after_triggered(state: KernelState, changes: Changes, order: Order) -> None:
    """See to what the trigger of a stop at the venue asks for."""
    if order.terms.parent_order_id is not None or order.terms.oco_group is not None:
        perform(state, changes, held.on_triggered(state, order))


def after_fill(state: KernelState, changes: Changes, order: Order) -> None:
    """See to what a booked fill of an order asks for."""
    perform(state, changes, held.on_fill(state, order))


def after_end(state: KernelState, changes: Changes, order: Order) -> None:
    """See to what the end of an order asks for: its waiting version, its children, its twins."""
    assert not IS_OPEN[order.state]
    terms = order.terms
    if (
        order.pending_replace is None
        and terms.oco_group is None
        and terms.parent_order_id is None
        and terms.client_order_id not in state.children
        and terms.client_order_id not in state.held_deadlines
    ):
        return
    version = after_old_ended(state, changes, order)
    if version is not None:
        _go_on_with(state, changes, order, version)
        return
    if terms.client_order_id in state.children:
        _finish_children(state, changes, order)
    perform(state, changes, held.on_terminal(state, order))


def _go_on_with(state: KernelState, changes: Changes, old: Order, version: Order) -> None:
    """Send (or begin to hold) the version that waited for its old one's end.

    Under HALTED it ends instead: only cancels pass.
    """
    switch = halting_switch(state, version.terms)
    if switch is not None:
        _hold_back(state, changes, version, described(switch))
        waiting = state.open_orders[version.terms.client_order_id]
        ended = close_unsent(state, changes, waiting, _CANCELLED, waiting.reason, "replace refused")
        after_end(state, changes, ended)
        return
    if _is_version_held(state, old, version.terms):
        order = replace(version, held_by=_KERNEL, updated_seq=state.seq_id)
        store(state, version, order)
    else:
        order = release(state, changes, version)
    perform(state, changes, held.on_created(state, order))


def _finish_children(state: KernelState, changes: Changes, parent: Order) -> None:
    """Close the children that had filled all there was to fill, now that no more can come."""
    for child in children_of(state, parent.terms.client_order_id):
        if child.filled_quantity and child.leaves_quantity == 0:
            done = replace(
                child,
                state=_FILLED,
                updated_time=state.now,
                updated_seq=state.seq_id,
            )
            move(state, changes, child, done, "parent done")
            after_end(state, changes, done)


def may_grow(state: KernelState, order: Order) -> bool:
    """Tell whether an order that has filled its effective quantity may get more to fill: a child
    whose parent is still open.
    """
    if order.quantity >= order.terms.quantity:
        return False
    parent = parent_of(state, order)
    return parent is not None and IS_OPEN[parent.state]


def perform(state: KernelState, changes: Changes, actions: HeldActions) -> None:
    """Do what the held orders ask for; what has ended meanwhile is passed over."""
    for action in actions:
        if action.verb is HeldVerb.RENEW:
            _renew(state, changes, state.orders[action.client_order_id], action)
            continue
        order = state.open_orders.get(action.client_order_id)
        if order is not None:
            _perform(state, changes, order, action)


def _perform(state: KernelState, changes: Changes, order: Order, action: HeldAction) -> None:
    if action.verb is HeldVerb.UPDATE:
        _update(state, order, action)
    elif action.verb is HeldVerb.RELEASE:
        _release(state, changes, _update(state, order, action), action.reason)
    elif action.verb is HeldVerb.CANCEL:
        cancel(state, changes, order, action.reason, "held")
    elif action.verb is HeldVerb.EXPIRE:
        expired = close_unsent(state, changes, order, _EXPIRED, action.reason, "held")
        after_end(state, changes, expired)
    else:
        assert action.verb is HeldVerb.REPLACE
        switch = halting_switch(state, order.terms)
        if switch is None:
            replace_order(state, changes, order, _next_terms(state, order, action))
        else:
            what = f"should become {action.quantity} now and is {HELD_BACK}{described(switch)}"
            say_held_back(changes, order.terms, what)


def _update(state: KernelState, order: Order, action: HeldAction) -> Order:
    trigger = order.trigger_price if action.trigger_price is None else action.trigger_price
    new = replace(
        order,
        quantity=order.quantity if action.quantity is None else action.quantity,
        trigger_price=trigger,
        is_triggered=order.is_triggered or action.is_triggered,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    store(state, order, new)
    return new


def _release(state: KernelState, changes: Changes, order: Order, reason: str) -> None:
    switch = halting_switch(state, order.terms)
    if switch is not None:
        _hold_back(state, changes, order, described(switch))
        return
    if is_kept_here(state, order):
        left = order.filled_quantity + reducible(state, order)
        if left < order.quantity:
            if is_dust(state, order, left):
                _wait_for_others(state, order)
                return
            order = _update(
                state,
                order,
                HeldAction(HeldVerb.UPDATE, order.terms.client_order_id, quantity=left),
            )
    released = release(state, changes, order, reason)
    held.on_released(state, released)


def _wait_for_others(state: KernelState, order: Order) -> None:
    """Keep a stop from selling what other orders sell already: it waits, untriggered, and the next
    price lets it go if they have not.
    """
    waiting = replace(
        order, is_triggered=False, reason="others close the position", updated_seq=state.seq_id
    )
    store(state, order, waiting)
    held.on_held_back(state, waiting)


def _hold_back(state: KernelState, changes: Changes, order: Order, switch: str) -> None:
    """Keep an order that should go out now from going: under HALTED only cancels pass.

    It is said once, but waits untriggered every time, so that the next price can let it go;
    ``resume_held`` looks again when the switch is loosened.
    """
    reason = f"{HELD_BACK}{switch}"
    is_news = order.reason != reason
    if is_news or order.is_triggered:
        waiting = replace(order, is_triggered=False, reason=reason, updated_seq=state.seq_id)
        store(state, order, waiting)
        held.on_held_back(state, waiting)
    if is_news:
        say_held_back(changes, order.terms, f"should be sent now and is {reason}")


def resume_held(state: KernelState, changes: Changes) -> None:
    """Look again at what a kill-switch may have kept from going out: children that wait here, and
    those at the venue whose quantity could not be changed. Stops go out with the next price.
    """
    for order in open_orders_of(state, None, with_shadow=False):
        current = state.open_orders.get(order.terms.client_order_id)
        if current is None or current.terms.parent_order_id is None:
            continue
        if current.state is _CREATED and current.held_by is _KERNEL:
            perform(state, changes, held.on_created(state, current))
        else:
            perform(state, changes, held.on_accepted(state, current))


def _renew(state: KernelState, changes: Changes, order: Order, action: HeldAction) -> None:
    """Make another order like one of which nothing is left, for what there is to guard again."""
    assert action.new_client_order_id not in state.orders
    create(state, changes, _next_terms(state, order, action))


def _next_terms(state: KernelState, order: Order, action: HeldAction) -> OrderTerms:
    assert action.new_client_order_id is not None
    assert action.quantity is not None
    return replace(
        order.terms,
        client_order_id=action.new_client_order_id,
        quantity=action.quantity,
        trigger_price=order.trigger_price,
        replaces=order.terms.client_order_id,
        created_time=state.now,
    )
