"""New versions of orders: what a replace does before the venue answers, and after.

A new version has its own id and its own fills, from 0; ``terms.replaces`` names the old one, whose
``pending_replace`` names it while the question is open. Where the route can replace, both are at
the venue until it answers. Where it cannot, the old one is cancelled first and the new one waits
here, Created, until the old one has ended; what the old one fills meanwhile comes off it.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.held import wire_terms
from tradetui.core.orders import (
    admit,
    amend,
    close_unsent,
    fault_of,
    illegal,
    move,
    refuse,
    release,
    request_cancel,
)
from tradetui.core.relations import IS_OPEN, filled_by_all
from tradetui.core.state import KernelState
from tradetui.core.working import recount
from tradetui.domain.enums import HeldBy, OrderState, Support
from tradetui.domain.orders import Order, OrderTerms
from tradetui.domain.steps import ReplaceCommand

_KERNEL: Final = HeldBy.KERNEL
_VENUE: Final = HeldBy.VENUE
_CANCELLED: Final = OrderState.CANCELLED
_CANCEL_PENDING: Final = OrderState.CANCEL_PENDING
_CREATED: Final = OrderState.CREATED
_SUBMITTED: Final = OrderState.SUBMITTED
_NATIVE: Final = Support.NATIVE


def request_replace(
    state: KernelState, changes: Changes, old: Order, terms: OrderTerms, *, is_held: bool
) -> bool:
    """Ask for a new version of an order; ``is_held``: the kernel watches the new one's condition.

    Returns False, with a diagnostic, where the old one cannot be replaced (any more).
    """
    if not IS_OPEN[old.state] or old.state is _CANCEL_PENDING or old.pending_replace is not None:
        illegal(changes, old, "a replace")
        return False
    fault = fault_of(state, terms)
    if fault:
        refuse(state, changes, terms, fault)
        return False
    route = state.routes[terms.route_id]
    if old.state is _CREATED:
        holder = _KERNEL if is_held else _VENUE
        new = admit(state, changes, terms, _CREATED, holder, "ReplaceOrder")
        _hand_over(state, changes, old, new)
        if not is_held:
            release(state, changes, new)
    elif route.capabilities.replace is _NATIVE and not is_held:
        new = admit(state, changes, terms, _SUBMITTED, _VENUE, "ReplaceOrder")
        _await_answer(state, changes, old, terms)
        wired = wire_terms(route.capabilities, new)
        changes.commands.append(
            ReplaceCommand(old.terms.client_order_id, wired, old.venue_order_id)
        )
    else:
        admit(state, changes, terms, _CREATED, _VENUE, "ReplaceOrder")
        waiting = _await_answer(state, changes, old, terms)
        request_cancel(state, changes, waiting, "replaced", "ReplaceOrder")
    return True


def _await_answer(state: KernelState, changes: Changes, old: Order, terms: OrderTerms) -> Order:
    new = replace(
        old,
        pending_replace=terms.client_order_id,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    return move(state, changes, old, new, "ReplaceOrder")


def _hand_over(state: KernelState, changes: Changes, old: Order, new: Order) -> None:
    """End an old version that never left the house in favour of the new one."""
    relink_children(state, old, new)
    close_unsent(state, changes, old, _CANCELLED, "replaced", "ReplaceOrder")


def relink_children(state: KernelState, old: Order, new: Order) -> None:
    """Make the children of an old version those of the new one.

    They wait for its fills now, so that what they stand for may change with it.
    """
    old_id, new_id = old.terms.client_order_id, new.terms.client_order_id
    children = state.children.get(old_id)
    if children is None:
        return

    def relink() -> None:
        filled = filled_by_all(state, old)
        if filled:
            state.put(state.carried_fills, new_id, filled)
        for child in children:
            state.put(state.parents, child, new_id)
        state.put(state.children, new_id, (*state.children.get(new_id, ()), *children))
        state.drop(state.children, old_id)

    recount(state, children, relink)


def pending_version(state: KernelState, order: Order) -> Order | None:
    """Return the open version that an order waits to be replaced by, if any."""
    if order.pending_replace is None:
        return None
    return state.open_orders.get(order.pending_replace)


def shrink_pending(state: KernelState, changes: Changes, old: Order, filled: int) -> None:
    """Take what an old version has filled meanwhile off the new one that waits for it."""
    new = pending_version(state, old)
    if new is not None:
        left = max(new.quantity - filled, new.filled_quantity)
        amend(state, changes, new, left, None, "fill of the old version")


def refuse_pending(state: KernelState, changes: Changes, old: Order, reason: str) -> Order:
    """Give up the version that an order waited for; the order lives on as it is."""
    new = pending_version(state, old)
    if new is not None and new.state is _CREATED:
        close_unsent(state, changes, new, _CANCELLED, reason, "replace refused")
    settled = replace(old, pending_replace=None, updated_time=state.now, updated_seq=state.seq_id)
    return move(state, changes, old, settled, "replace refused", reason)


def after_old_ended(state: KernelState, changes: Changes, old: Order) -> Order | None:
    """Let the version that waited for an old one's end go on, or end with it.

    Returns the version that may be sent now; the caller decides whether the kernel holds it.
    """
    new = pending_version(state, old)
    if new is None or new.state is not _CREATED:
        return None
    if old.state is not _CANCELLED:
        reason = f"the old version is {old.state}"
        close_unsent(state, changes, new, _CANCELLED, reason, "replace refused")
        return None
    if new.leaves_quantity == 0:
        close_unsent(state, changes, new, _CANCELLED, "nothing left to replace", "replace refused")
        return None
    relink_children(state, old, new)
    return new
