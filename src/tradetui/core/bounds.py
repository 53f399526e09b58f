"""What the sums of the core can hold: every encoded amount fits into 64 bits.

Money is at CASH_SCALE, so that 64 bits hold 92,233,720,368 units of a currency. An order that could
lead a sub-position beyond half of that (MONEY_BOUND) is refused by the gate NUMBER_RANGE; what a
venue says that no sum can hold is not booked: an incident says so, its route halts, and the engine
goes on. Products on the way are not bounded.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.conversion import convert
from tradetui.core.ledger import base_units, settlement
from tradetui.core.risk.case import Case
from tradetui.core.state import CashKey, KernelState, PositionKey
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import RouteId, StrategyId
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Order, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import CashAdjusted, OrderFilled
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE, I64_MAX, MONEY_BOUND

FAR: Final = 2**56
"""Sums below this are far enough from what 64 bits hold that those of a hundred instances fit."""


def check_range(case: Case) -> Gate | None:
    """Refuse an order with which the worst that its sub-position can come to would not fit.

    None: it fits, and no gate is listed.
    """
    price = case.value_price
    if price is None:
        return None
    working, cost = case.working, case.cost
    bought, sold = cost + working.buy_notional, working.sell_notional - cost
    added = abs(case.plan.value(price, case.quantity)) - case.replaced_notional
    if case.is_buy:
        bought += added
    else:
        sold += added
    worst = max(bought, sold)
    if worst <= MONEY_BOUND:
        return None
    note = "more money than the sums can hold"
    return case.refuse(Reason.NUMBER_RANGE, worst, MONEY_BOUND, CASH_SCALE, note)


def fill_fault(
    state: KernelState,
    strategy_id: StrategyId,
    instrument: Instrument,
    report: OrderFilled,
    order: Order | None,
) -> str:
    """Say which sum could not hold a fill, judged by the most that each can grow; empty when all
    can.
    """
    route_id, quantity = report.route_id, report.last_quantity
    key: PositionKey = (strategy_id, route_id, instrument.instrument_id)
    worth = notional(instrument, report.last_price, quantity)
    position, day = state.positions.get(key), state.days.get(key)
    if (
        -FAR < worth < FAR
        and quantity < FAR
        and report.commission_currency == instrument.quote
        and -FAR < report.commission < FAR
        and -FAR < state.cash.get((route_id, instrument.quote), 0) < FAR
        and (day is None or -FAR < day.realised < FAR)
        and (order is None or -FAR < order.filled_cost < FAR)
        and (
            position is None
            or (
                -FAR < position.cost < FAR
                and -FAR < position.realised_pnl < FAR
                and -FAR < position.quantity < FAR
                and -FAR < position.fees < FAR
            )
        )
    ):
        return ""
    return _money_fault(state, key, instrument, report, order) or _quantity_fault(
        state, key, instrument, report, order
    )


def _money_fault(
    state: KernelState,
    key: PositionKey,
    instrument: Instrument,
    report: OrderFilled,
    order: Order | None,
) -> str:
    commission, currency = report.commission, report.commission_currency
    stake = abs(notional(instrument, report.last_price, report.last_quantity))
    if currency == instrument.quote:
        stake += abs(commission)
    elif currency == instrument.base:
        stake += abs(notional(instrument, report.last_price, _fee_units(instrument, report)))
    else:
        stake += abs(convert(state, currency, instrument.quote, commission) or 0)
    position = state.positions.get(key) or Position(*key)
    day = state.days.get(key)
    stake += abs(position.cost)
    most = max(
        abs(state.cash.get((key[1], instrument.quote), 0)),
        abs(position.realised_pnl),
        abs(position.fees),
        0 if day is None else abs(day.realised),
        0 if order is None else abs(order.filled_cost),
    )
    if stake > MONEY_BOUND or most + stake > I64_MAX:
        return f"with it, money of {instrument.quote} would not fit into 64 bits"
    if abs(state.cash.get((key[1], currency), 0)) + abs(commission) > I64_MAX:
        return f"with its fee, money of {currency} would not fit into 64 bits"
    return ""


def _quantity_fault(
    state: KernelState,
    key: PositionKey,
    instrument: Instrument,
    report: OrderFilled,
    order: Order | None,
) -> str:
    position = state.positions.get(key)
    most = max(
        0 if position is None else abs(position.quantity),
        0 if order is None else order.filled_quantity,
        abs(state.route_quantities.get((key[1], key[2]), 0)),
    )
    if most + report.last_quantity + abs(_fee_units(instrument, report)) > I64_MAX:
        return f"with it, a quantity of {instrument.base} would not fit into 64 bits"
    return ""


def _fee_units(instrument: Instrument, report: OrderFilled) -> int:
    """Return the units of the position that a fee in the base coin takes."""
    is_base = report.commission_currency == instrument.base
    if not is_base or instrument.instrument_class is not InstrumentClass.SPOT:
        return 0
    return base_units(instrument, report.commission)[0]


def cash_fault(state: KernelState, report: CashAdjusted, key: PositionKey | None) -> str:
    """Say which sum could not hold money that moved, booked to a position too if there is a
    ``key``; empty when all can.
    """
    cash: CashKey = (report.route_id, report.currency)
    sums = [abs(state.cash.get(cash, 0))]
    position = None if key is None else state.positions.get(key)
    day = None if key is None else state.days.get(key)
    if position is not None:
        sums.append(abs(position.realised_pnl))
    if day is not None:
        sums.append(abs(day.realised))
    if max(sums) + abs(report.amount) > I64_MAX:
        return f"with it, money of {report.currency} would not fit into 64 bits"
    return ""


def settlement_fault(
    state: KernelState, route_id: RouteId, instrument: Instrument, price: int
) -> str:
    """Say why the positions of a route cannot be settled at a price; empty when they can."""
    for key, report in settlement(state, route_id, instrument, price):
        fault = fill_fault(state, key[0], instrument, report, None)
        if fault:
            return fault
    return ""
