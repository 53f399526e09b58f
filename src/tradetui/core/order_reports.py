"""What a venue says of an order, applied: one function for each kind of report.

A report that the order table has no move for changes nothing and is answered by a diagnostic. What
proves that an order was accepted before any word of it came (a fill, a cancel, an expiry, a
trigger) brings an explicit ``inferred`` acceptance first. Fills are in ``fills``.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.order_manager import after_accepted, after_end, after_triggered
from tradetui.core.orders import advance, amend, finish, illegal, move
from tradetui.core.relations import IS_OPEN
from tradetui.core.state import KernelState
from tradetui.core.versions import pending_version, refuse_pending, relink_children
from tradetui.domain.enums import HeldBy, OrderState, Refusal
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import ClientOrderId, RouteId, VenueOrderId, is_shadow
from tradetui.domain.order_table import is_legal
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import (
    CancelRejected,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderRejected,
    OrderReplaced,
    OrderTriggered,
    OutcomeUnknown,
    ReplaceRejected,
)

_VENUE: Final = HeldBy.VENUE
_ACCEPTED: Final = OrderState.ACCEPTED
_CANCELLED: Final = OrderState.CANCELLED
_PENDING: Final = OrderState.CANCEL_PENDING
_CREATED: Final = OrderState.CREATED
_EXPIRED: Final = OrderState.EXPIRED
_PARTIAL: Final = OrderState.PARTIALLY_FILLED
_REJECTED: Final = OrderState.REJECTED
_SUBMITTED: Final = OrderState.SUBMITTED
_NO_REFUSAL: Final = Refusal.NONE
_BY_VENUE: Final = Refusal.REJECTED


def find(
    state: KernelState,
    changes: Changes,
    route_id: RouteId,
    order_id: ClientOrderId,
    what: str,
) -> Order | None:
    """Return the order that a report is about, or None after saying that there is none."""
    order = state.orders.get(order_id)
    if order is not None and order.terms.route_id == route_id:
        return order
    if is_shadow(route_id) and route_id not in state.routes:
        return None
    if order is None:
        message = f"{what} for order {order_id}, which is not known"
    else:
        message = f"{what} for order {order_id} by route {route_id}, which does not have it"
    changes.diagnose(Reason.UNKNOWN_ORDER, message, client_order_id=order_id, route_id=route_id)
    return None


def infer_accepted(
    state: KernelState, changes: Changes, order: Order, venue_order_id: VenueOrderId | None
) -> Order:
    """Accept an order that a later report proves the venue has: Submitted -> Accepted."""
    new = replace(
        order,
        state=_ACCEPTED if order.state is _SUBMITTED else order.state,
        venue_order_id=venue_order_id or order.venue_order_id,
        is_accepted=True,
        is_unknown=False,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    return move(state, changes, order, new, "OrderAccepted", "inferred")


def on_accepted(
    state: KernelState, changes: Changes, envelope: Envelope, report: OrderAccepted
) -> None:
    """Apply that the venue took the order."""
    order = state.orders.get(report.client_order_id)
    if order is None or order.terms.route_id != report.route_id:
        find(state, changes, report.route_id, report.client_order_id, "an acceptance")
        return
    was = order.state
    if order.is_accepted or not (was is _SUBMITTED or was is _PENDING):
        illegal(changes, order, "an acceptance")
        return
    new = replace(
        order,
        state=_ACCEPTED if was is _SUBMITTED else _PENDING,
        venue_order_id=report.venue_order_id,
        is_accepted=True,
        is_unknown=False,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    reason = "inferred" if report.inferred else ""
    if order.is_unknown:
        move(state, changes, order, new, "OrderAccepted", reason)
    else:
        advance(state, changes, order, new, "OrderAccepted", reason)
    if new.terms.parent_order_id is not None:
        after_accepted(state, changes, new)


def on_rejected(
    state: KernelState, changes: Changes, envelope: Envelope, report: OrderRejected
) -> None:
    """Apply that the venue refused the order.

    One whose cancel was under way ends Cancelled: the table has no other end for it.
    """
    order = find(state, changes, report.route_id, report.client_order_id, "a rejection")
    if order is None:
        return
    if order.state is _PENDING:
        end, refusal = _CANCELLED, _NO_REFUSAL
    else:
        end, refusal = _REJECTED, _BY_VENUE
    if order.state is _CREATED or not is_legal(order.state, end):
        illegal(changes, order, "a rejection")
        return
    _end(state, changes, order, end, "OrderRejected", report.message, refusal)


def on_triggered(
    state: KernelState, changes: Changes, envelope: Envelope, report: OrderTriggered
) -> None:
    """Apply that a stop's trigger was reached; the state stays."""
    order = find(state, changes, report.route_id, report.client_order_id, "a trigger")
    if order is None:
        return
    if not IS_OPEN[order.state] or order.state is _CREATED:
        illegal(changes, order, "a trigger")
        return
    if not order.is_accepted:
        order = infer_accepted(state, changes, order, None)
    new = replace(order, is_triggered=True, updated_time=state.now, updated_seq=state.seq_id)
    after_triggered(state, changes, move(state, changes, order, new, "OrderTriggered"))


def on_cancelled(
    state: KernelState, changes: Changes, envelope: Envelope, report: OrderCancelled
) -> None:
    """Apply that the order is cancelled, asked or not."""
    order = state.orders.get(report.client_order_id)
    if order is None or order.terms.route_id != report.route_id:
        find(state, changes, report.route_id, report.client_order_id, "a cancellation")
        return
    _end_at_venue(state, changes, order, _CANCELLED, "OrderCancelled", report.reason)


def on_expired(
    state: KernelState, changes: Changes, envelope: Envelope, report: OrderExpired
) -> None:
    """Apply that the order's time in force ran out."""
    order = find(state, changes, report.route_id, report.client_order_id, "an expiry")
    if order is not None:
        _end_at_venue(state, changes, order, _EXPIRED, "OrderExpired", report.reason)


def _end_at_venue(
    state: KernelState,
    changes: Changes,
    order: Order,
    end: OrderState,
    cause: str,
    reason: str,
) -> None:
    was = order.state
    if was is _CREATED or not IS_OPEN[was]:
        illegal(changes, order, f"{cause} by the venue")
        return
    if not order.is_accepted:
        order = infer_accepted(state, changes, order, None)
    assert is_legal(order.state, end)
    _end(state, changes, order, end, cause, reason or order.reason, _NO_REFUSAL)


def _end(
    state: KernelState,
    changes: Changes,
    order: Order,
    end: OrderState,
    cause: str,
    reason: str,
    refusal: Refusal,
) -> None:
    ended = finish(state, changes, order, end, cause, reason, refusal)
    if ended is not None:
        after_end(state, changes, ended)


def on_cancel_rejected(
    state: KernelState, changes: Changes, envelope: Envelope, report: CancelRejected
) -> None:
    """Apply that the venue refused a cancel: the order lives on.

    One that the venue never took is not proven by that: it stays CancelPending, its outcome
    unknown.
    """
    order = find(state, changes, report.route_id, report.client_order_id, "a refused cancel")
    if order is None:
        return
    if order.state is not _PENDING:
        illegal(changes, order, "a refused cancel")
        return
    back = _PENDING
    if order.is_accepted:
        back = _PARTIAL if order.filled_quantity else _ACCEPTED
    new = replace(
        order,
        state=back,
        is_unknown=not order.is_accepted,
        reason="",
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    new = move(state, changes, order, new, "CancelRejected", report.message)
    if pending_version(state, new) is not None:
        refuse_pending(state, changes, new, report.message)


def on_replaced(
    state: KernelState, changes: Changes, envelope: Envelope, report: OrderReplaced
) -> None:
    """Apply that the venue put the new version in the place of the old one."""
    old = find(state, changes, report.route_id, report.client_order_id, "a replace")
    new = find(state, changes, report.route_id, report.new_client_order_id, "a replace")
    if old is None or new is None:
        return
    if new.terms.replaces != report.client_order_id or new.state is _CREATED:
        illegal(changes, new, "a replace")
        return
    if not IS_OPEN[new.state] or new.venue_order_id is not None:
        illegal(changes, new, "a replace")
        return
    accepted = replace(
        new,
        state=_ACCEPTED if new.state is _SUBMITTED else new.state,
        venue_order_id=report.venue_order_id,
        is_accepted=True,
        is_unknown=False,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    relink_children(state, old, accepted)
    move(state, changes, new, accepted, "OrderReplaced")
    if IS_OPEN[old.state]:
        _close_replaced(state, changes, old)
    after_accepted(state, changes, accepted)


def _close_replaced(state: KernelState, changes: Changes, old: Order) -> None:
    assert old.is_accepted
    closed = replace(
        old,
        state=_CANCELLED,
        pending_replace=None,
        reason="replaced",
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    move(state, changes, old, closed, "OrderReplaced", "replaced")


def on_replace_rejected(
    state: KernelState, changes: Changes, envelope: Envelope, report: ReplaceRejected
) -> None:
    """Apply that the venue refused the new version: it ends Rejected, the old one lives on.

    A new version whose cancel was under way ends Cancelled, as ``on_rejected`` has it: it never was
    at the venue, so that no answer to that cancel can end it.
    """
    old = find(state, changes, report.route_id, report.client_order_id, "a refused replace")
    new = find(state, changes, report.route_id, report.new_client_order_id, "a refused replace")
    if old is None or new is None:
        return
    is_cancelling = new.state is _PENDING and not new.is_accepted
    if new.terms.replaces != report.client_order_id or not (
        is_cancelling or new.state is _SUBMITTED
    ):
        illegal(changes, new, "a refused replace")
        return
    if is_cancelling:
        end, refusal = _CANCELLED, _NO_REFUSAL
    else:
        end, refusal = _REJECTED, _BY_VENUE
    _end(state, changes, new, end, "ReplaceRejected", report.message, refusal)
    if IS_OPEN[old.state]:
        after_accepted(state, changes, refuse_pending(state, changes, old, report.message))


def on_amended(
    state: KernelState, changes: Changes, envelope: Envelope, report: OrderAmended
) -> None:
    """Apply that the venue itself changed an order's effective quantity or trigger price."""
    order = find(state, changes, report.route_id, report.client_order_id, "an amendment")
    if order is None:
        return
    if (
        not IS_OPEN[order.state]
        or order.state is _CREATED
        or report.quantity < order.filled_quantity
    ):
        illegal(changes, order, f"an amendment to {report.quantity}")
        return
    amend(state, changes, order, report.quantity, report.trigger_price, "OrderAmended")


def on_outcome_unknown(
    state: KernelState, changes: Changes, envelope: Envelope, report: OutcomeUnknown
) -> None:
    """Apply that a submission has no proven outcome: it counts as exposure until evidence comes."""
    order = find(state, changes, report.route_id, report.client_order_id, "an unknown outcome")
    if order is None:
        return
    if order.state not in (_SUBMITTED, _PENDING) or order.is_accepted:
        illegal(changes, order, "an unknown outcome")
        return
    assert order.held_by is _VENUE
    new = replace(order, is_unknown=True, updated_time=state.now, updated_seq=state.seq_id)
    move(state, changes, order, new, "OutcomeUnknown", report.message)
