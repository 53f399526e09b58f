"""Gates on money: shorting, the available balance, margin, the budget."""

from __future__ import annotations

from typing import Final

from tradetui.core.risk.case import Case
from tradetui.core.risk.exposure import committed, margin, worst_value
from tradetui.core.risk.performance import open_pnl
from tradetui.core.risk.verdict import passed
from tradetui.core.state import KernelState, Working
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, RouteId
from tradetui.domain.instruments import Instrument, fee, notional
from tradetui.domain.orders import Position
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE, PPM, div_ceil

MARKET_CUSHION_PPM: Final = 10_000
"""What an order without a price of its own must have above its value: it trades at the next price,
not at this one."""

_SHORTING: Final = passed(Reason.SHORTING)


def check_funds(case: Case) -> Gate | None:
    """Check that the order can be paid for, or sold from what is there; None: all pass."""
    price = case.value_price
    assert price is not None
    refusal = None if case.is_buy else _check_short(case)
    if refusal is not None:
        return refusal
    instrument = case.plan.instrument
    if instrument.instrument_class is InstrumentClass.FUTURE:
        refusal = _check_margin(case, price)
    elif case.is_buy:
        refusal = _check_balance(case, _cost(case, price))
    elif instrument.instrument_class is InstrumentClass.PREDICTION:
        refusal = _check_balance(case, _collateral(case, price))
    if refusal is not None:
        return refusal
    return _check_budget(case, price)


def _check_short(case: Case) -> Gate | None:
    """A sale beyond the position, all working sales counted, is short: never on a spot market."""
    added = max(case.quantity - case.replaced_quantity, 0)
    short = case.working.sell_quantity + added - case.position
    if short > 0:
        plan = case.plan
        assert plan.route is not None
        is_spot = plan.instrument.instrument_class is InstrumentClass.SPOT
        if is_spot or not plan.route.capabilities.shorting:
            note = (
                "nothing to sell" if case.position <= 0 else "more than held and not yet for sale"
            )
            return case.refuse(Reason.SHORTING, short, 0, plan.instrument.size_scale, note)
    case.gates.append(_SHORTING)
    return None


def _check_balance(case: Case, need: int) -> Gate | None:
    route_id, currency = case.plan.key[1], case.plan.instrument.quote
    need -= case.replaced_notional
    free = free_cash(case.state, route_id, currency)
    if need > free:
        note = f"{currency} free on {route_id}"
        return case.refuse(Reason.AVAILABLE_BALANCE, need, free, CASH_SCALE, note)
    case.gates.append(Gate(Reason.AVAILABLE_BALANCE, need, free, True, CASH_SCALE))
    return None


def free_cash(state: KernelState, route_id: RouteId, currency: Currency) -> int:
    """Return a route's cash in a currency minus what its working orders and short predictions may
    take, fees included.
    """
    free = state.cash.get((route_id, currency), 0)
    for key, working in state.working.items():
        if key[1] == route_id and (working.buy_notional or working.sell_notional):
            instrument = state.instruments[key[2]]
            if instrument.quote == currency:
                free -= _reserved(instrument, working)
    for key, held in state.positions.items():
        if held.quantity < 0 and key[1] == route_id:
            instrument = state.instruments[key[2]]
            if instrument.quote == currency:
                free -= _owed(instrument, held)
    return free


def _reserved(instrument: Instrument, working: Working) -> int:
    """Return what the working orders on one sub-position may take from the cash."""
    if instrument.instrument_class is InstrumentClass.FUTURE:
        return 0
    rate = max(instrument.maker_fee_ppm, instrument.taker_fee_ppm, 0)
    reserved = working.buy_notional + fee(working.buy_notional, rate)
    if instrument.instrument_class is InstrumentClass.PREDICTION and working.sell_quantity:
        one = _highest(instrument)
        reserved += max(notional(instrument, one, working.sell_quantity) - working.sell_notional, 0)
    return reserved


def _owed(instrument: Instrument, held: Position) -> int:
    """Return what a short prediction may have to pay; its cash is already in the balance."""
    if instrument.instrument_class is not InstrumentClass.PREDICTION:
        return 0
    return notional(instrument, _highest(instrument), -held.quantity)


def _highest(instrument: Instrument) -> int:
    if instrument.price_max is not None:
        return instrument.price_max
    one: int = 10**instrument.price_scale
    return one


def _cost(case: Case, price: int) -> int:
    """Return what a purchase may cost, fee included, with a cushion where no price bounds it."""
    instrument = case.plan.instrument
    value = notional(instrument, price, case.quantity)
    if case.price is None:
        value += div_ceil(value * MARKET_CUSHION_PPM, PPM)
    return value + fee(value, max(instrument.maker_fee_ppm, instrument.taker_fee_ppm, 0))


def _collateral(case: Case, price: int) -> int:
    """Return what a prediction sold beyond the position may lose, fee included."""
    instrument = case.plan.instrument
    rate = max(instrument.maker_fee_ppm, instrument.taker_fee_ppm, 0)
    charge = fee(notional(instrument, price, case.quantity), rate)
    covered = max(case.position - case.working.sell_quantity, 0)
    uncovered = max(case.quantity - covered, 0)
    return notional(instrument, max(_highest(instrument) - price, 0), uncovered) + charge


def _check_margin(case: Case, price: int) -> Gate | None:
    """Check that the route's equity in the currency covers the margin of every future on it."""
    state, plan = case.state, case.plan
    route_id, currency = plan.key[1], plan.instrument.quote
    added = max(case.quantity - case.replaced_quantity, 0)
    equity = state.cash.get((route_id, currency), 0)
    needed = 0
    keys = {plan.key: None, **dict.fromkeys((*state.positions, *state.working))}
    for key in sorted(keys):
        instrument = state.instruments[key[2]]
        if (
            key[1] == route_id
            and instrument.quote == currency
            and instrument.instrument_class is InstrumentClass.FUTURE
        ):
            is_own = key == plan.key
            value = worst_value(
                state, key, case.is_buy, added if is_own else 0, price if is_own else None
            )
            needed += margin(instrument, value)
            equity += open_pnl(state, instrument, state.positions.get(key))
    if needed > equity:
        note = f"{currency} equity on {route_id}"
        return case.refuse(Reason.MARGIN, needed, equity, CASH_SCALE, note)
    case.gates.append(Gate(Reason.MARGIN, needed, equity, True, CASH_SCALE))
    return None


def _check_budget(case: Case, price: int) -> Gate | None:
    """Check that the instance keeps within its budget; an order over it is refused, not cut."""
    plan = case.plan
    value = abs(notional(plan.instrument, price, case.quantity))
    added = max(value - case.replaced_notional, 0)
    used = committed(case.state, plan.key[0], plan.key, case.is_buy, added)
    if used is None:
        return case.refuse(Reason.RATE_UNKNOWN, 0, 1, 0, "no rate for a currency used")
    budget = plan.instance.limits.budget
    if used > budget:
        return case.refuse(Reason.BUDGET, used, budget, CASH_SCALE)
    case.gates.append(Gate(Reason.BUDGET, used, budget, True, CASH_SCALE))
    return None
