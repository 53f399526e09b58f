"""The short way of the commonest fill: all that is left of an order that stands alone, on spot.

A sub-position that has traded today buys, or sells no more than it holds, and pays its fee in the
quote currency. Then ``fills`` and ``ledger`` come down to a few sums, made here with the same
records; what is to be written is made whole first, checked as they check it, and written and noted
in one go. It owns no rule: False leaves a fill to the long way, with nothing written.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.guards import cancel_idle_guards, forget_wanted_stop
from tradetui.core.relations import is_alone
from tradetui.core.state import ABSENT, RECORD, DayStats, KernelState, PositionKey
from tradetui.core.working import counted
from tradetui.domain.enums import InstrumentClass, OrderSide, OrderState, Support
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Fill, Order, Position, Transition
from tradetui.domain.record import Record
from tradetui.domain.reports import OrderFilled
from tradetui.domain.units import NANOS_PER_DAY, div_floor

_ACCEPTED: Final = OrderState.ACCEPTED
_BUY: Final = OrderSide.BUY
_FILLED: Final = OrderState.FILLED
_HELD: Final = Support.HELD
_SPOT: Final = InstrumentClass.SPOT

_FAR: Final = 2**56
"""Sums below this are far enough from what 64 bits hold, as ``bounds.fill_fault`` has it."""


class _Books(Record, frozen=True):
    """What a fill makes of the money and the position, and what was there before it."""

    position: Position
    day: DayStats
    cash: int
    realised: int
    position_before: Position
    day_before: DayStats
    cash_before: int


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
    books = _booked(state, key, instrument, report, worth)
    if books is None or order.filled_cost + worth > _FAR:
        return False
    _write_order(state, changes, order, report, worth)
    _write_books(state, changes, key, report, books, worth)
    state.undo.append((state.trade_ids, trade_key, ABSENT))
    state.trade_ids[trade_key] = state.seq_id
    if not books.position.quantity and (
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
        and not order.is_unknown
        and 0 < report.last_quantity < _FAR
        and report.last_quantity == order.quantity - order.filled_quantity
        and report.side is terms.side
        and report.route_id == terms.route_id
        and terms.client_order_id not in state.held_deadlines
        and state.routes[terms.route_id].capabilities.reduce_only is not _HELD
        and is_alone(state, order)
    )


def _booked(
    state: KernelState, key: PositionKey, instrument: Instrument, report: OrderFilled, worth: int
) -> _Books | None:
    """Work out what a fill makes of the books, twice over as ``ledger`` does; None where it is not
    common: no account of today, a short position, a fee in another currency, sums that do not agree
    or come near to what they can hold.
    """
    before, day = state.positions.get(key), state.days.get(key)
    place = (key[1], instrument.quote)
    cash, flows = state.cash.get(place), state.cash_flows.get(place)
    quantity, commission = report.last_quantity, report.commission
    if (
        before is None
        or day is None
        or cash is None
        or (key[1], key[2]) not in state.route_quantities
        or cash != flows
        or report.commission_currency != instrument.quote
        or day.day != div_floor(state.now, NANOS_PER_DAY)
    ):
        return None
    held, cost, earned, fees = before.quantity, before.cost, before.realised_pnl, before.fees
    if (
        max(worth, held, cost, earned, fees, cash, commission, day.realised) >= _FAR
        or min(held, worth) < 0
        or min(cost, earned, fees, commission, day.realised) <= -_FAR
    ):
        return None
    realised = 0
    if report.side is _BUY:
        now, cost_after, opened = held + quantity, cost + worth, before.opened_time
        if not held:
            opened = state.now
        flow = -worth
    else:
        now, opened = held - quantity, before.opened_time
        if now < 0:
            return None
        taken = cost
        if now:
            taken = div_floor(cost * quantity, held)
        else:
            opened = 0
        cost_after, realised, flow = cost - taken, worth - taken, worth
    moved = realised - (cost_after - cost)
    left = cash + moved - commission
    if moved != flow or left < 0:
        return None
    return _Books(
        Position(*key, now, cost_after, earned + realised, fees + commission, opened),
        DayStats(day.day, day.realised + realised, day.fees + commission, day.open_pnl_start),
        left,
        realised,
        before,
        day,
        cash,
    )


def _write_order(
    state: KernelState, changes: Changes, order: Order, report: OrderFilled, worth: int
) -> None:
    """Write the order's end, and take out of the sums what it stood for."""
    terms, left = order.terms, report.last_quantity
    order_id, instrument_id = terms.client_order_id, terms.instrument_id
    key = (terms.strategy_id, terms.route_id, instrument_id)
    price = terms.price
    if price is None:
        price = order.trigger_price
        if price is None:
            price = state.working_prices.get(order_id, 0)
    working = state.working[key]
    stood = notional(state.instruments[instrument_id], price, left)
    state.undo += ((RECORD, order_id, order), (state.working, key, working))
    state.working[key] = counted(working, terms, -left, -stood, -1, 0)
    state.orders[order_id] = replace(
        order,
        state=_FILLED,
        filled_quantity=order.quantity,
        filled_cost=order.filled_cost + worth,
        venue_order_id=order.venue_order_id or report.venue_order_id,
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


def _write_books(
    state: KernelState,
    changes: Changes,
    key: PositionKey,
    report: OrderFilled,
    books: _Books,
    worth: int,
) -> None:
    """Write the position, the day's account, the cash and the route's quantity; note the fill."""
    strategy_id, route_id, instrument_id = key
    cash_key, route_key = (route_id, report.commission_currency), (route_id, instrument_id)
    after, quantities = books.position, state.route_quantities
    on_route = quantities[route_key]
    state.undo += (
        (state.positions, key, books.position_before),
        (state.days, key, books.day_before),
        (state.cash, cash_key, books.cash_before),
        (state.cash_flows, cash_key, books.cash_before),
        (quantities, route_key, on_route),
    )
    state.positions[key] = after
    state.days[key] = books.day
    state.cash[cash_key] = state.cash_flows[cash_key] = books.cash
    quantities[route_key] = on_route + after.quantity - books.position_before.quantity
    changes.fills.append(
        Fill(
            report.trade_id,
            report.client_order_id,
            strategy_id,
            state.routes[route_id].execution_id,
            route_id,
            instrument_id,
            report.side,
            report.last_quantity,
            report.last_price,
            worth,
            report.commission,
            report.commission_currency,
            report.liquidity,
            books.realised,
            after.quantity,
            state.now,
            state.seq_id,
        )
    )
