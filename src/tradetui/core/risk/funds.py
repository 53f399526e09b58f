"""Gates on money: shorting, the available balance, margin, the budget."""

from __future__ import annotations

from typing import Final

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.case import Case
from tradetui.core.risk.exposure import is_alone, worst_value
from tradetui.core.risk.totals import futures_of, keys_of, taken_cash
from tradetui.core.risk.verdict import passed
from tradetui.core.risk.worth import NO_WORKING, highest_price, margin
from tradetui.core.state import KernelState
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, RouteId, is_shadow
from tradetui.domain.instruments import Instrument, fee, notional
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE, PPM, div_ceil

MARKET_CUSHION_PPM: Final = 10_000
"""What an order without a price of its own must have above its value: it trades at the next price,
not at this one."""

_SHORTING: Final = passed(Reason.SHORTING)
_FUTURE: Final = InstrumentClass.FUTURE
_PREDICTION: Final = InstrumentClass.PREDICTION
_SPOT: Final = InstrumentClass.SPOT
_AVAILABLE_BALANCE: Final = Reason.AVAILABLE_BALANCE
_BUDGET: Final = Reason.BUDGET
_MARGIN: Final = Reason.MARGIN
_RATE_UNKNOWN: Final = Reason.RATE_UNKNOWN
_CODE_SHORTING: Final = Reason.SHORTING


def check_funds(case: Case) -> Gate | None:
    """Check that the order can be paid for, or sold from what is there; None: all pass."""
    plan = case.plan
    refusal: Gate | None
    if case.is_buy:
        refusal = _check_margin(case) if plan.is_future else _check_balance(case, _cost(case))
    else:
        refusal = _check_short(case)
        if refusal is None and plan.is_future:
            refusal = _check_margin(case)
        elif refusal is None and plan.instrument.instrument_class is _PREDICTION:
            refusal = _check_balance(case, _collateral(case))
    if refusal is not None:
        return refusal
    return _check_budget(case)


def _check_short(case: Case) -> Gate | None:
    """A sale beyond the position, all working sales counted, is short: never on a spot market."""
    added = max(case.quantity - case.replaced_quantity, 0)
    short = case.working.sell_quantity + added - case.position
    if short > 0:
        plan = case.plan
        assert plan.route is not None
        is_spot = plan.instrument.instrument_class is _SPOT
        if is_spot or not plan.route.capabilities.shorting:
            note = (
                "nothing to sell" if case.position <= 0 else "more than held and not yet for sale"
            )
            return case.refuse(_CODE_SHORTING, short, 0, plan.instrument.size_scale, note)
    case.gates.append(_SHORTING)
    return None


def _check_balance(case: Case, need: int) -> Gate | None:
    route_id, currency = case.plan.key[1], case.plan.instrument.quote
    need -= case.replaced_notional
    free = free_cash(case.state, route_id, currency)
    if need > free:
        note = f"{currency} free on {route_id}"
        return case.refuse(_AVAILABLE_BALANCE, need, free, CASH_SCALE, note)
    case.gates.append(Gate(_AVAILABLE_BALANCE, need, free, True, CASH_SCALE))
    return None


def free_cash(state: KernelState, route_id: RouteId, currency: Currency) -> int:
    """Return a route's cash in a currency minus what its working orders and short predictions may
    take, fees included.
    """
    return state.cash.get((route_id, currency), 0) - taken_cash(state, route_id, currency)


def _cost(case: Case) -> int:
    """Return what a purchase may cost, fee included, with a cushion where no price bounds it."""
    value = case.value if case.value >= 0 else case.worth()
    if case.price is None:
        value += div_ceil(value * MARKET_CUSHION_PPM, PPM)
    rate = case.plan.fee_ppm
    return value + fee(value, rate) if rate else value


def _collateral(case: Case) -> int:
    """Return what a prediction sold beyond the position may lose, fee included."""
    instrument = case.plan.instrument
    price = case.value_price
    assert price is not None
    charge = fee(case.worth(), case.plan.fee_ppm)
    covered = max(case.position - case.working.sell_quantity, 0)
    uncovered = max(case.quantity - covered, 0)
    return notional(instrument, max(highest_price(instrument) - price, 0), uncovered) + charge


def _check_margin(case: Case) -> Gate | None:
    """Check that the route's equity in the currency covers the margin of every future on it."""
    state, plan = case.state, case.plan
    route_id, currency = plan.key[1], plan.instrument.quote
    added = max(case.quantity - case.replaced_quantity, 0)
    needed, profit = futures_of(state, route_id, currency)
    equity = state.cash.get((route_id, currency), 0) + profit
    without = worst_value(state, plan.key, case.is_buy, 0, None)
    own = worst_value(state, plan.key, case.is_buy, added, case.value_price)
    needed += margin(plan.instrument, own) - margin(plan.instrument, without)
    if needed > equity:
        note = f"{currency} equity on {route_id}"
        return case.refuse(_MARGIN, needed, equity, CASH_SCALE, note)
    case.gates.append(Gate(_MARGIN, needed, equity, True, CASH_SCALE))
    return None


def _check_budget(case: Case) -> Gate | None:
    """Check that the instance keeps within its budget; an order over it is refused, not cut."""
    added = (case.value if case.value >= 0 else case.worth()) - case.replaced_notional
    used = committed(case, added if added > 0 else 0)
    if used is None:
        return case.refuse(_RATE_UNKNOWN, 0, 1, 0, "no rate for a currency used")
    budget = case.plan.instance.limits.budget
    if used > budget:
        return case.refuse(_BUDGET, used, budget, CASH_SCALE)
    case.gates.append(Gate(_BUDGET, used, budget, True, CASH_SCALE))
    return None


def committed(case: Case, value: int) -> int | None:
    """Return what of its budget the instance uses once an order of notional ``value`` works: the
    cost of its positions and the notional of its orders, on the worse side, futures at their
    margin. In the reporting currency; None where a rate lacks.
    """
    state, own = case.state, case.plan.key
    working = case.working
    bought = case.cost + working.buy_notional
    sold = working.sell_notional - case.cost
    if case.is_buy:
        bought += value
    else:
        sold += value
    total: int | None = bought if bought > sold else sold
    if not case.plan.is_reporting or case.plan.is_future:
        total = commitment(state, case.plan.instrument, total or 0)
    if total is None:
        return None
    if is_alone(state, own):
        return total
    is_shadow_book = is_shadow(own[1])
    for key in keys_of(state, own[0]):
        if key != own and is_shadow(key[1]) is is_shadow_book:
            held = state.positions.get(key)
            orders = state.working.get(key, NO_WORKING)
            cost = 0 if held is None else held.cost
            more = commitment(
                state,
                state.instruments[key[2]],
                max(cost + orders.buy_notional, orders.sell_notional - cost),
            )
            if more is None:
                return None
            total += more
    return total


def commitment(state: KernelState, instrument: Instrument, used: int) -> int | None:
    """Return what one sub-position ties up of the budget, in the reporting currency."""
    if used <= 0:
        return 0
    if instrument.instrument_class is _FUTURE:
        used = margin(instrument, used)
    if instrument.quote == state.config.reporting_currency:
        return used
    return to_reporting(state, instrument.quote, used)
