"""The short way of the commonest fill: all that is left of an order that stands alone, on spot.

A sub-position that has traded today buys, or sells no more than it holds, and pays its fee in the
quote currency. Then ``fills`` and ``ledger`` come down to a few sums, made here with the same
records; what is to be written is made whole first, checked as they check it, and written and noted
in one go. False leaves a fill to the long way, with nothing written.

The long way owns the rules; what is said again here is ``ledger.trade`` (``_traded``), what is
written of a fill (``fills``, ``_book``), and the bounds (``_is_far``). Whoever changes one there
changes it here; ``tests/property/differential.py`` runs random worlds both ways.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.bounds import FAR
from tradetui.core.changes import Changes
from tradetui.core.guards import cancel_idle_guards, forget_wanted_stop
from tradetui.core.ledger import note_fill
from tradetui.core.relations import is_alone
from tradetui.core.standing import counted
from tradetui.core.state import ABSENT, RECORD, DayStats, KernelState, PositionKey
from tradetui.domain.enums import InstrumentClass, OrderSide, OrderState, Support
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Order, Position, Transition
from tradetui.domain.reports import OrderFilled
from tradetui.domain.units import NANOS_PER_DAY, div_floor

_ACCEPTED: Final = OrderState.ACCEPTED
_BUY: Final = OrderSide.BUY
_FILLED: Final = OrderState.FILLED
_HELD: Final = Support.HELD
_SPOT: Final = InstrumentClass.SPOT


_Traded = tuple[int, int, int, int, int]
"""Quantity, cost and opening time of a position after a trade, what it realised, what was paid."""


def fill_whole(state: KernelState, changes: Changes, report: OrderFilled) -> bool:
    """Fill the rest of an accepted order that hangs together with no other, if it is that."""
    order = state.open_orders.get(report.client_order_id)
    if order is None or not _is_rest(state, order, report):
        return False
    terms = order.terms
    route_id, instrument_id = terms.route_id, terms.instrument_id
    key: PositionKey = (terms.strategy_id, route_id, instrument_id)
    trade_key = (f"{route_id}:{terms.side}", instrument_id, report.trade_id)
    instrument = state.instruments[instrument_id]
    if trade_key in state.trade_ids or instrument.instrument_class is not _SPOT:
        return False
    worth = notional(instrument, report.last_price, report.last_quantity)
    if order.filled_cost + worth > FAR or not _book(state, changes, key, instrument, report, worth):
        return False
    _write_order(state, changes, order, instrument, worth)
    state.undo.append((state.trade_ids, trade_key, ABSENT))
    state.trade_ids[trade_key] = state.seq_id
    if not state.positions[key].quantity and (
        state.open_by_instrument[instrument_id] or key in state.stop_wanted
    ):
        cancel_idle_guards(state, changes, key, order)
        forget_wanted_stop(state, key)
    return True


def _is_rest(state: KernelState, order: Order, report: OrderFilled) -> bool:
    """Tell whether a fill is all that is left of an accepted order, which nothing follows."""
    terms = order.terms
    return (
        order.state is _ACCEPTED
        and order.is_accepted
        and order.venue_order_id is not None
        and not order.is_unknown
        and 0 < report.last_quantity < FAR
        and report.last_quantity == order.quantity - order.filled_quantity
        and report.side is terms.side
        and report.route_id == terms.route_id
        and terms.client_order_id not in state.held_deadlines
        and state.routes[terms.route_id].capabilities.reduce_only is not _HELD
        and is_alone(state, order)
    )


def _book(
    state: KernelState,
    changes: Changes,
    key: PositionKey,
    instrument: Instrument,
    report: OrderFilled,
    worth: int,
) -> bool:
    """Book a fill: position, day's account, cash twice over, the route's quantity.

    False, and nothing is written, where it is not common: no account of today, a short position, a
    fee in another currency, sums that do not agree or come near to what they can hold.
    """
    strategy_id, route_id, instrument_id = key
    cash_key, route_key = (route_id, instrument.quote), (route_id, instrument_id)
    before, day = state.positions.get(key), state.days.get(key)
    cash, on_route = state.cash.get(cash_key), state.route_quantities.get(route_key)
    commission = report.commission
    if (
        before is None
        or day is None
        or cash is None
        or on_route is None
        or cash != state.cash_flows.get(cash_key)
        or report.commission_currency != instrument.quote
        or day.day != div_floor(state.now, NANOS_PER_DAY)
        or not _is_far(before, day, cash, commission, worth)
    ):
        return False
    traded = _traded(before, report, worth, state.now)
    if traded is None:
        return False
    quantity, cost, opened, realised, flow = traded
    left, signed = cash + flow - commission, report.last_quantity
    if report.side is not _BUY:
        signed = -signed
    if realised - (cost - before.cost) != flow or quantity - before.quantity != signed or left < 0:
        return False
    earned, paid = before.realised_pnl + realised, before.fees + commission
    after = Position(strategy_id, route_id, instrument_id, quantity, cost, earned, paid, opened)
    today = DayStats(day.day, day.realised + realised, day.fees + commission, day.open_pnl_start)
    state.undo += (
        (state.positions, key, before),
        (state.days, key, day),
        (state.cash, cash_key, cash),
        (state.cash_flows, cash_key, cash),
        (state.route_quantities, route_key, on_route),
    )
    state.positions[key] = after
    state.days[key] = today
    state.moved[key] = None
    state.cash[cash_key] = state.cash_flows[cash_key] = left
    state.route_quantities[route_key] = on_route + signed
    note_fill(state, changes, report, after, realised, worth)
    return True


def _is_far(before: Position, day: DayStats, cash: int, commission: int, worth: int) -> bool:
    """Tell whether all sums that a fill moves are far from what they can hold."""
    held, cost, earned, fees = before.quantity, before.cost, before.realised_pnl, before.fees
    realised = day.realised
    return (
        max(worth, held, cost, earned, fees, cash, commission, realised) < FAR
        and min(cost, earned, fees, commission, realised) > -FAR
        and held >= 0
        and worth >= 0
    )


def _traded(before: Position, report: OrderFilled, worth: int, now: int) -> _Traded | None:
    """Return what a trade makes of a position that is not short, as ``ledger.trade`` does; None for
    a sale of more than it holds.
    """
    held, cost, quantity = before.quantity, before.cost, report.last_quantity
    if report.side is _BUY:
        opened = before.opened_time if held else now
        return held + quantity, cost + worth, opened, 0, -worth
    left = held - quantity
    if left < 0:
        return None
    if not left:
        return 0, 0, 0, worth - cost, worth
    taken = div_floor(cost * quantity, held)
    return left, cost - taken, before.opened_time, worth - taken, worth


def _write_order(
    state: KernelState, changes: Changes, order: Order, instrument: Instrument, worth: int
) -> None:
    """Write the order's end, and take out of the sums what it stood for."""
    terms, left = order.terms, order.quantity - order.filled_quantity
    order_id, instrument_id = terms.client_order_id, terms.instrument_id
    key = (terms.strategy_id, terms.route_id, instrument_id)
    price = terms.price
    if price is None:
        price = order.trigger_price
        if price is None:
            price = state.working_prices.get(order_id, 0)
    working = state.working[key]
    stood = notional(instrument, price, left)
    state.undo += ((RECORD, order_id, order), (state.working, key, working))
    state.working[key] = counted(working, terms, -left, -stood, -1, 0)
    state.orders[order_id] = replace(
        order,
        state=_FILLED,
        filled_quantity=order.quantity,
        filled_cost=order.filled_cost + worth,
        updated_time=state.now,
        updated_seq=state.seq_id,
    )
    del state.open_orders[order_id]
    del state.open_by_instrument[instrument_id][order_id]
    state.closed_order_ids[order_id] = None
    if order_id in state.working_prices:
        state.drop(state.working_prices, order_id)
    changes.transitions.append(
        Transition(
            order_id, terms.strategy_id, _ACCEPTED, _FILLED, "OrderFilled", order.quantity, ""
        )
    )
