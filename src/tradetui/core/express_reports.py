"""The short way of the commonest words of a venue: an order that stands alone is taken, or ended.

Most acceptances and cancellations change one order and nothing else. What is to be written is made
whole first; then it is written, in place of entries that stand there, so that nothing can fail on
the way and nothing need be noted for an undo. None leaves a report to ``order_reports``, with
nothing written; the kernel has seen to the event's place in the sequence and to time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from tradetui.core.relations import is_alone
from tradetui.core.standing import counted
from tradetui.core.state import KernelState
from tradetui.domain.enums import OrderState
from tradetui.domain.instruments import notional
from tradetui.domain.orders import Transition
from tradetui.domain.reports import OrderAccepted, OrderCancelled
from tradetui.domain.steps import Applied

_ACCEPTED: Final = OrderState.ACCEPTED
_CANCELLED: Final = OrderState.CANCELLED
_PENDING: Final = OrderState.CANCEL_PENDING
_SUBMITTED: Final = OrderState.SUBMITTED

ShortReport = Callable[[KernelState, Any, int, int], Applied | None]
"""Applies a report at a time (ns UTC), as the event of a ``seq_id``; None: it is not for it."""


def accept(state: KernelState, report: OrderAccepted, now: int, seq_id: int) -> Applied | None:
    """Apply that the venue took an order that is no child: Submitted -> Accepted."""
    order_id = report.client_order_id
    order = state.open_orders.get(order_id)
    if order is None or order.state is not _SUBMITTED or order.is_unknown or order.is_accepted:
        return None
    terms = order.terms
    if terms.route_id != report.route_id or terms.parent_order_id is not None or report.inferred:
        return None
    new = replace(
        order,
        state=_ACCEPTED,
        venue_order_id=report.venue_order_id,
        is_accepted=True,
        updated_time=now,
        updated_seq=seq_id,
    )
    filled, owner = order.filled_quantity, terms.strategy_id
    moved = Transition(order_id, owner, _SUBMITTED, _ACCEPTED, "OrderAccepted", filled, "")
    state.orders[order_id] = state.open_orders[order_id] = new
    return Applied((moved,))


def cancel(state: KernelState, report: OrderCancelled, now: int, seq_id: int) -> Applied | None:
    """Apply that the venue ended a priced order as it was asked: CancelPending -> Cancelled."""
    order_id = report.client_order_id
    order = state.open_orders.get(order_id)
    if order is None or order.state is not _PENDING or not order.is_accepted or order.is_unknown:
        return None
    terms = order.terms
    price, filled = terms.price, order.filled_quantity
    left = order.quantity - filled
    if price is None or left <= 0 or terms.route_id != report.route_id:
        return None
    if not is_alone(state, order):
        return None
    instrument_id, owner = terms.instrument_id, terms.strategy_id
    key = (owner, terms.route_id, instrument_id)
    worth = notional(state.instruments[instrument_id], price, left)
    working = counted(state.working[key], terms, -left, -worth, -1, 0)
    reason = report.reason or order.reason
    new = replace(order, state=_CANCELLED, reason=reason, updated_time=now, updated_seq=seq_id)
    moved = Transition(order_id, owner, _PENDING, _CANCELLED, "OrderCancelled", filled, reason)
    state.working[key] = working
    state.moved[key] = None
    state.orders[order_id] = new
    del state.open_orders[order_id]
    del state.open_by_instrument[instrument_id][order_id]
    state.closed_order_ids[order_id] = None
    return Applied((moved,))


SHORT_REPORTS: Final[dict[type, ShortReport]] = {OrderAccepted: accept, OrderCancelled: cancel}
"""What has a short way, by class of payload."""
