"""A fill is money, not a state: whatever else is true, it reaches the ledger, once.

A fill of an order that is closed, or of none that we know, or that contradicts the order, is booked
all the same; an incident says so, and entries on its route halt. Only what cannot be booked at all
(no route, no instrument, no quantity, more money than the sums hold) is refused, as an incident.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.bounds import fill_fault
from tradetui.core.changes import Changes
from tradetui.core.express_fills import fill_whole
from tradetui.core.guards import cancel_idle_guards, forget_wanted_stop
from tradetui.core.invariants import breach, halt_route
from tradetui.core.ledger import book_fill
from tradetui.core.order_manager import after_end, after_fill, may_grow
from tradetui.core.order_reports import infer_accepted
from tradetui.core.orders import move
from tradetui.core.relations import IS_OPEN
from tradetui.core.state import KernelState, PositionKey
from tradetui.core.versions import shrink_pending
from tradetui.domain.enums import OrderState
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import EXTERNAL, StrategyId, is_shadow
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import OrderFilled

_PENDING: Final = OrderState.CANCEL_PENDING
_CREATED: Final = OrderState.CREATED
_FILLED: Final = OrderState.FILLED
_PARTIALLY_FILLED: Final = OrderState.PARTIALLY_FILLED


def on_filled(
    state: KernelState, changes: Changes, envelope: Envelope, report: OrderFilled
) -> None:
    """Apply one execution, once per (route and side, instrument, trade id).

    The side is part of the key because a trade of the account with itself has one id.
    """
    if fill_whole(state, changes, report):
        return
    order = state.orders.get(report.client_order_id)
    instrument_id = envelope.instrument if order is None else order.terms.instrument_id
    trade_key = (f"{report.route_id}:{report.side}", instrument_id, report.trade_id)
    if trade_key in state.trade_ids:
        changes.is_duplicate = True
        return
    fault = _fault_of(state, report)
    instrument = state.instruments.get(instrument_id)
    if instrument is None:
        fault = fault or f"its instrument {instrument_id} is not known"
    if fault or instrument is None:
        _refuse(state, changes, report, fault)
        return
    owner = EXTERNAL if order is None else order.terms.strategy_id
    fault = fill_fault(state, owner, instrument, report, order)
    if fault:
        _refuse(state, changes, report, fault, Reason.NUMBER_RANGE)
        return
    state.put(state.trade_ids, trade_key, state.seq_id)
    if order is None:
        _book(state, changes, EXTERNAL, instrument, report, None)
        changes.diagnose(
            Reason.UNKNOWN_ORDER,
            f"trade {report.trade_id} is of order {report.client_order_id}, which is not known: "
            "it is booked as external",
            client_order_id=report.client_order_id,
            route_id=report.route_id,
            is_incident=True,
        )
        return
    what = _contradiction(order, report)
    if what:
        _book_stray(state, changes, order, instrument, report, what)
        return
    _fill_order(state, changes, order, instrument, report)


def _fault_of(state: KernelState, report: OrderFilled) -> str:
    if report.route_id not in state.routes:
        return f"its route {report.route_id} is not known"
    if report.last_quantity <= 0:
        return f"its quantity is {report.last_quantity}"
    return ""


def _refuse(
    state: KernelState,
    changes: Changes,
    report: OrderFilled,
    fault: str,
    code: Reason = Reason.ROUTE_HALTED,
) -> None:
    if is_shadow(report.route_id) and report.route_id not in state.routes:
        return
    message = f"trade {report.trade_id} cannot be booked: {fault}"
    if report.route_id in state.routes:
        halt_route(state, changes, report.route_id, message, code)
        return
    changes.diagnose(
        Reason.NO_ROUTE,
        message,
        client_order_id=report.client_order_id,
        route_id=report.route_id,
        is_incident=True,
    )


def _contradiction(order: Order, report: OrderFilled) -> str:
    """Say what keeps a fill from being a fill of its order as we know it; empty when nothing."""
    terms = order.terms
    if report.route_id != terms.route_id:
        return f"on route {report.route_id} instead of {terms.route_id}"
    if report.side is not terms.side:
        return f"on the side {report.side} instead of {terms.side}"
    if order.state is _CREATED:
        return "though it was never sent"
    if not IS_OPEN[order.state]:
        return f"though it is {order.state}"
    return ""


def _book_stray(
    state: KernelState,
    changes: Changes,
    order: Order,
    instrument: Instrument,
    report: OrderFilled,
    what: str,
) -> None:
    """Book a fill that its order could not have: the state stays, entries halt.

    A closed order still keeps count of it; one that is on another side or route does not.
    """
    terms = order.terms
    if not IS_OPEN[order.state] and report.side is terms.side and report.route_id == terms.route_id:
        order = _grow(state, changes, order, order.state, instrument, report)
    _book(state, changes, terms.strategy_id, instrument, report, order)
    halt_route(
        state,
        changes,
        report.route_id,
        f"order {terms.client_order_id} was filled {what} (trade {report.trade_id})",
    )


def _fill_order(
    state: KernelState,
    changes: Changes,
    order: Order,
    instrument: Instrument,
    report: OrderFilled,
) -> None:
    if not order.is_accepted:
        order = infer_accepted(state, changes, order, report.venue_order_id)
    excess = order.filled_quantity + report.last_quantity - order.quantity
    if excess > 0:
        breach(
            state,
            changes,
            report.route_id,
            f"order {order.terms.client_order_id} was filled {excess} beyond its quantity "
            f"{order.quantity}",
        )
    if excess >= 0 and not may_grow(state, order):
        end = _FILLED
    else:
        end = _PENDING if order.state is _PENDING else _PARTIALLY_FILLED
    filled = _grow(state, changes, order, end, instrument, report)
    if filled.pending_replace is not None:
        shrink_pending(state, changes, filled, report.last_quantity)
    _book(state, changes, order.terms.strategy_id, instrument, report, filled)
    after_fill(state, changes, filled)
    if end is _FILLED:
        after_end(state, changes, filled)


def _grow(
    state: KernelState,
    changes: Changes,
    order: Order,
    end: OrderState,
    instrument: Instrument,
    report: OrderFilled,
) -> Order:
    """Write the order's record with one more fill.

    Its quantity follows when the venue filled more than there was: the terms keep what was asked.
    """
    filled = order.filled_quantity + report.last_quantity
    grown = replace(
        order,
        state=end,
        quantity=max(order.quantity, filled),
        filled_quantity=filled,
        filled_cost=order.filled_cost
        + notional(instrument, report.last_price, report.last_quantity),
        venue_order_id=order.venue_order_id or report.venue_order_id,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    return move(state, changes, order, grown, "OrderFilled")


def _book(
    state: KernelState,
    changes: Changes,
    strategy_id: StrategyId,
    instrument: Instrument,
    report: OrderFilled,
    order: Order | None,
) -> None:
    """Book the fill, and take back the guards of a position that it closed or turned."""
    key: PositionKey = (strategy_id, report.route_id, instrument.instrument_id)
    before = state.positions.get(key)
    was = 0 if before is None else before.quantity
    fill = book_fill(state, changes, strategy_id, instrument, report)
    if was and (fill.position_after == 0 or (fill.position_after > 0) is not (was > 0)):
        cancel_idle_guards(state, changes, key, order)
        forget_wanted_stop(state, key)
