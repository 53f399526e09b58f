"""The order manager's own moves: making orders, sending them, asking for their end.

Each function writes the order's next record, notes the transition and, where the venue must hear
of it, the command. What venues say back is in ``order_reports``; new versions are in ``versions``.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.held import wire_terms
from tradetui.core.invariants import check_order, halt_route
from tradetui.core.relations import IS_OPEN, creation_key, key_of
from tradetui.core.state import RECORD, KernelState
from tradetui.core.working import close_alone, open_alone, store
from tradetui.domain.enums import HeldBy, OrderRole, OrderState, Refusal
from tradetui.domain.ids import ClientOrderId, StrategyId, is_shadow
from tradetui.domain.order_table import is_legal
from tradetui.domain.orders import Order, OrderTerms, Transition
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import CancelCommand, SubmitCommand

_VENUE: Final = HeldBy.VENUE
_NO_REFUSAL: Final = Refusal.NONE
_STOP_LOSS: Final = OrderRole.STOP_LOSS
_CANCELLED: Final = OrderState.CANCELLED
_CANCEL_PENDING: Final = OrderState.CANCEL_PENDING
_CREATED: Final = OrderState.CREATED
_SUBMITTED: Final = OrderState.SUBMITTED

_CAN_CANCEL: Final = {
    state: state is not _CANCEL_PENDING and is_legal(state, _CANCEL_PENDING) for state in OrderState
}
"""Whether a venue may be asked to cancel an order in a state, and was not yet."""

_COUNTER_DIGITS: Final = 12
"""A longer number at the end of an order id is no counter of ours."""


def admit(
    state: KernelState,
    changes: Changes,
    terms: OrderTerms,
    start: OrderState,
    held_by: HeldBy,
    cause: str,
) -> Order:
    """Write the first record of an order."""
    order_id = terms.client_order_id
    order = Order(
        terms,
        start,
        terms.quantity,
        trigger_price=terms.trigger_price,
        held_by=held_by,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    store(state, None, order)
    counter = _counter_of(order_id)
    if counter > state.max_order_counter:
        state.undo.append((None, "max_order_counter", state.max_order_counter))
        state.max_order_counter = counter
    if terms.role is _STOP_LOSS:
        state.put(state.stop_wanted, key_of(terms), None)
    changes.transitions.append(
        Transition(order_id, terms.strategy_id, _CREATED, start, cause, 0, "")
    )
    return order


def send_alone(state: KernelState, changes: Changes, terms: OrderTerms) -> None:
    """Make an order that stands alone and needs nothing of the kernel's, and send it: what
    ``admit`` and ``send`` would do.
    """
    order_id, quantity, now = terms.client_order_id, terms.quantity, state.now
    order = Order(
        terms,
        _SUBMITTED,
        quantity,
        0,
        0,
        None,
        None,
        _VENUE,
        False,
        False,
        False,
        None,
        _NO_REFUSAL,
        "",
        now,
        state.seq_id,
    )
    open_alone(state, order)
    counter = _counter_of(order_id)
    if counter > state.max_order_counter:
        state.undo.append((None, "max_order_counter", state.max_order_counter))
        state.max_order_counter = counter
    changes.transitions.append(
        Transition(order_id, terms.strategy_id, _CREATED, _SUBMITTED, "PlaceOrder", 0, "")
    )
    changes.commands.append(SubmitCommand(terms))


def fault_of(state: KernelState, terms: OrderTerms) -> str:
    """Say why terms cannot become an order, in words; empty when they can."""
    instrument = state.instruments.get(terms.instrument_id)
    if instrument is None:
        return f"its instrument {terms.instrument_id} is not known"
    if terms.route_id not in state.routes:
        return f"its route {terms.route_id} is not known"
    if terms.client_order_id in state.orders:
        return "its id is taken"
    if terms.quantity <= 0 or terms.quantity % instrument.size_increment:
        return f"its quantity {terms.quantity} is not a positive multiple of the lot"
    price, trigger, tick = terms.price, terms.trigger_price, instrument.price_increment
    if price is not None and price % tick:
        return f"its price {price} is not a multiple of the tick"
    if trigger is not None and trigger % tick:
        return f"its trigger price {trigger} is not a multiple of the tick"
    return ""


def refuse(state: KernelState, changes: Changes, terms: OrderTerms, fault: str) -> None:
    """Keep an order from being made that risk should have stopped: an incident, and a halt."""
    message = f"order {terms.client_order_id} was not made: {fault}"
    if terms.route_id in state.routes:
        halt_route(state, changes, terms.route_id, message)
        return
    changes.diagnose(
        Reason.INVARIANT,
        message,
        client_order_id=terms.client_order_id,
        strategy_id=terms.strategy_id,
        is_incident=True,
    )


def _counter_of(order_id: ClientOrderId) -> int:
    """Return the counter of an id that our engine made, 0 for any other.

    A strategy may choose ids itself: a number that no counter comes to is none, so that ids can go
    on from the largest.
    """
    digits = order_id[order_id.rfind("-") + 1 :]
    return int(digits) if len(digits) <= _COUNTER_DIGITS and digits.isdecimal() else 0


def move(
    state: KernelState, changes: Changes, old: Order, new: Order, cause: str, reason: str = ""
) -> Order:
    """Write an order's next record, checked, and note the transition.

    The caller has looked the move up in the order table.
    """
    check_order(state, changes, old, new)
    if IS_OPEN[new.state] or not IS_OPEN[old.state] or not close_alone(state, old, new):
        store(state, old, new)
    terms = new.terms
    changes.transitions.append(
        Transition(
            terms.client_order_id,
            terms.strategy_id,
            old.state,
            new.state,
            cause,
            new.filled_quantity,
            reason,
        )
    )
    return new


def advance(
    state: KernelState, changes: Changes, old: Order, new: Order, cause: str, reason: str = ""
) -> None:
    """Write a next record that differs in state alone: still open, and standing for the same.

    The caller has looked the move up in the order table.
    """
    terms, filled = new.terms, new.filled_quantity
    order_id, orders = terms.client_order_id, state.orders
    assert filled == old.filled_quantity
    assert orders[order_id] is old
    state.undo.append((RECORD, order_id, old))
    orders[order_id] = state.open_orders[order_id] = new
    changes.transitions.append(
        Transition(order_id, terms.strategy_id, old.state, new.state, cause, filled, reason)
    )


def finish(
    state: KernelState,
    changes: Changes,
    old: Order,
    end: OrderState,
    cause: str,
    reason: str,
    refusal: Refusal,
) -> Order | None:
    """Write the last record of an open order, which differs from the one before in nothing that an
    invariant is about but the state. Return it, or None when nothing can follow from that end.

    The caller has looked the move up in the order table.
    """
    new = replace(
        old,
        state=end,
        is_unknown=False,
        refusal=refusal,
        reason=reason,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    terms = new.terms
    is_alone = close_alone(state, old, new)
    if not is_alone:
        store(state, old, new)
    changes.transitions.append(
        Transition(
            terms.client_order_id,
            terms.strategy_id,
            old.state,
            end,
            cause,
            new.filled_quantity,
            reason,
        )
    )
    return None if is_alone else new


def illegal(changes: Changes, order: Order, what: str) -> None:
    """Answer a move that the order table does not have: nothing changes, and it is said."""
    terms = order.terms
    changes.diagnose(
        Reason.ILLEGAL_TRANSITION,
        f"{what} does not fit order {terms.client_order_id}, which is {order.state}",
        client_order_id=terms.client_order_id,
        strategy_id=terms.strategy_id,
        route_id=terms.route_id,
    )


def send(state: KernelState, changes: Changes, order: Order) -> None:
    """Send an order as its venue gets it: without what the kernel does in the venue's place."""
    capabilities = state.routes[order.terms.route_id].capabilities
    changes.commands.append(SubmitCommand(wire_terms(capabilities, order)))


def release(state: KernelState, changes: Changes, order: Order, reason: str = "") -> Order:
    """Send an order that was kept back: Created -> Submitted."""
    assert order.state is _CREATED
    new = replace(
        order,
        state=_SUBMITTED,
        held_by=_VENUE,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    move(state, changes, order, new, "release", reason)
    send(state, changes, new)
    return new


def request_cancel(
    state: KernelState, changes: Changes, order: Order, reason: str, cause: str = "cancel"
) -> Order:
    """Ask for an order's end.

    One that never left the house ends at once; at a venue it becomes CancelPending and the venue is
    asked. An order that is already closed or cancelling stays as it is.
    """
    was = order.state
    if was is _CREATED:
        return close_unsent(state, changes, order, _CANCELLED, reason, cause)
    if not _CAN_CANCEL[was]:
        return order
    new = replace(
        order,
        state=_CANCEL_PENDING,
        reason=reason,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    advance(state, changes, order, new, cause, reason)
    terms = new.terms
    changes.commands.append(
        CancelCommand(
            terms.route_id, terms.instrument_id, terms.client_order_id, new.venue_order_id
        )
    )
    return new


def send_cancel(changes: Changes, order: Order) -> None:
    """Ask the venue to cancel (again: a cancel may be repeated)."""
    terms = order.terms
    changes.commands.append(
        CancelCommand(
            terms.route_id, terms.instrument_id, terms.client_order_id, order.venue_order_id
        )
    )


def close_unsent(
    state: KernelState,
    changes: Changes,
    order: Order,
    end: OrderState,
    reason: str,
    cause: str,
) -> Order:
    """End an order that never left the house: Created -> Cancelled, Expired or Rejected."""
    assert order.state is _CREATED
    assert is_legal(_CREATED, end)
    new = replace(order, state=end, reason=reason, updated_time=state.now, updated_seq=state.seq_id)
    return move(state, changes, order, new, cause, reason)


def amend(
    state: KernelState,
    changes: Changes,
    order: Order,
    quantity: int,
    trigger_price: int | None,
    cause: str = "amend",
) -> Order:
    """Give an open order another effective quantity (its total, filled included) or trigger price
    (None: as it was); the state stays.
    """
    assert IS_OPEN[order.state]
    assert quantity >= order.filled_quantity
    trigger = order.trigger_price if trigger_price is None else trigger_price
    if quantity == order.quantity and trigger == order.trigger_price:
        return order
    new = replace(
        order,
        quantity=quantity,
        trigger_price=trigger,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    return move(state, changes, order, new, cause)


def open_orders_of(
    state: KernelState, strategy_id: StrategyId | None, *, with_shadow: bool
) -> list[Order]:
    """Return open orders (of one instance, or of all) in order of creation."""
    found = [
        order
        for order in state.open_orders.values()
        if (strategy_id is None or order.terms.strategy_id == strategy_id)
        and (with_shadow or not is_shadow(order.terms.route_id))
    ]
    return sorted(found, key=creation_key)
