"""Gates on size: of the order, of the position, of the exposure, and the number of open orders."""

from __future__ import annotations

from collections.abc import Callable

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.case import Case
from tradetui.core.risk.exposure import InstrumentSums, instrument_sums, open_orders, worst_exposure
from tradetui.core.risk.plan import Limit
from tradetui.core.risk.sizing import largest_quantity, proportion
from tradetui.domain.instruments import notional
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE

Measure = Callable[[int], int]


def check_limits(case: Case) -> Gate | None:
    """Check every limit on size that is set; None: all pass (the quantity may be smaller now)."""
    plan = case.plan
    if plan.order_quantity:
        refusal = _keep(
            case,
            Reason.MAX_ORDER_QUANTITY,
            plan.order_quantity,
            case.quantity,
            plan.instrument.size_scale,
            _identity,
        )
        if refusal is not None:
            return refusal
    for limit in plan.position_quantity:
        refusal = _check_position_quantity(case, limit)
        if refusal is not None:
            return refusal
    if plan.order_notional or plan.position_notional:
        refusal = _check_notionals(case)
        if refusal is not None:
            return refusal
    return _check_scopes(case)


def _identity(quantity: int) -> int:
    return quantity


def _keep(
    case: Case,
    code: Reason,
    limits: tuple[Limit, ...],
    value: int,
    scale: int,
    measure: Measure,
) -> Gate | None:
    """Keep a measure to its tightest limit: pass, cut the order, or refuse.

    Where several profiles are exceeded, one that does not cut refuses.
    """
    tightest = limits[0]
    if value <= tightest.value:
        case.gates.append(Gate(code, value, tightest.value, True, scale))
        return None
    strict = next((one for one in limits if value > one.value and not one.may_reduce), None)
    if strict is not None:
        return case.refuse(code, value, strict.value, scale, "", strict.profile)
    asked = case.quantity
    start = min(asked, proportion(asked, tightest.value, value))
    quantity = largest_quantity(case, measure, tightest.value, start)
    return _cut(case, code, value, tightest, scale, quantity)


def _cut(
    case: Case, code: Reason, value: int, limit: Limit, scale: int, quantity: int
) -> Gate | None:
    if quantity <= 0:
        note = "what is left is below the smallest legal order"
        return case.refuse(code, value, limit.value, scale, note, limit.profile)
    case.modify(code, value, limit.value, scale, "quantity cut to it", limit.profile)
    case.quantity = quantity
    return None


def _check_position_quantity(case: Case, limit: Limit) -> Gate | None:
    sums = _sums(case, limit)
    added = _added(case, case.quantity)
    value = sums.worst_after(case.is_buy, added)
    scale = case.plan.instrument.size_scale
    code = Reason.MAX_POSITION_QUANTITY
    if value <= limit.value:
        case.gates.append(Gate(code, value, limit.value, True, scale))
        return None
    if not limit.may_reduce:
        return case.refuse(code, value, limit.value, scale, "", limit.profile)
    room = limit.value - sums.worst_after(case.is_buy, 0)
    quantity = largest_quantity(
        case,
        lambda q: sums.worst_after(case.is_buy, _added(case, q)),
        limit.value,
        min(case.quantity, room + case.replaced_quantity),
    )
    return _cut(case, code, value, limit, scale, quantity)


def _check_notionals(case: Case) -> Gate | None:
    """Check the limits in money, at what the order is valued at."""
    plan, instrument, price = case.plan, case.plan.instrument, case.value_price
    assert price is not None
    value = _in_reporting(case, abs(notional(instrument, price, case.quantity)))
    if value is None:
        return case.refuse(Reason.RATE_UNKNOWN, 0, 1, 0, f"no rate for {instrument.quote}")
    if plan.order_notional:
        refusal = _keep(
            case,
            Reason.MAX_ORDER_NOTIONAL,
            plan.order_notional,
            value,
            CASH_SCALE,
            lambda quantity: _value(case, price, quantity),
        )
        if refusal is not None:
            return refusal
    for limit in plan.position_notional:
        refusal = _check_position_notional(case, limit)
        if refusal is not None:
            return refusal
    return None


def _check_position_notional(case: Case, limit: Limit) -> Gate | None:
    price = case.value_price if case.mark is None else case.mark.price
    assert price is not None
    sums = _sums(case, limit)
    worst = sums.worst_after(case.is_buy, _added(case, case.quantity))
    value = _value(case, price, max(worst, 0))
    code = Reason.MAX_POSITION_NOTIONAL
    if value <= limit.value:
        case.gates.append(Gate(code, value, limit.value, True, CASH_SCALE))
        return None
    if not limit.may_reduce:
        return case.refuse(code, value, limit.value, CASH_SCALE, "", limit.profile)
    before = sums.worst_after(case.is_buy, 0)
    room = proportion(worst, limit.value, value) - before
    quantity = largest_quantity(
        case,
        lambda q: _value(case, price, max(sums.worst_after(case.is_buy, _added(case, q)), 0)),
        limit.value,
        min(case.quantity, room + case.replaced_quantity),
    )
    return _cut(case, code, value, limit, CASH_SCALE, quantity)


def _check_scopes(case: Case) -> Gate | None:
    """Check the limits on a whole scope: its exposure, its open orders. They never cut."""
    state, plan = case.state, case.plan
    for limit in plan.exposure:
        price = case.value_price
        assert price is not None
        added = _added(case, case.quantity)
        value = worst_exposure(state, plan.scopes[limit.scope], plan.key, case.is_buy, added, price)
        if value is None:
            return case.refuse(Reason.RATE_UNKNOWN, 0, 1, 0, "no rate for a currency held")
        if value > limit.value:
            return case.refuse(
                Reason.MAX_EXPOSURE, value, limit.value, CASH_SCALE, "", limit.profile
            )
        case.gates.append(Gate(Reason.MAX_EXPOSURE, value, limit.value, True, CASH_SCALE))
    for limit in plan.open_orders:
        count = open_orders(state, plan.scopes[limit.scope]) + (case.replaced is None)
        if count > limit.value:
            return case.refuse(Reason.MAX_OPEN_ORDERS, count, limit.value, 0, "", limit.profile)
        case.gates.append(Gate(Reason.MAX_OPEN_ORDERS, count, limit.value, True))
    return None


def _sums(case: Case, limit: Limit) -> InstrumentSums:
    return instrument_sums(case.state, case.plan.scopes[limit.scope], case.plan.key[2])


def _added(case: Case, quantity: int) -> int:
    """Return what an order adds to the working sums: a new version only what is above the old."""
    return max(quantity - case.replaced_quantity, 0)


def _value(case: Case, price: int, quantity: int) -> int:
    """Return a notional in the reporting currency, whose rate is known."""
    value = _in_reporting(case, abs(notional(case.plan.instrument, price, quantity)))
    assert value is not None
    return value


def _in_reporting(case: Case, amount: int) -> int | None:
    if case.plan.is_reporting:
        return amount
    return to_reporting(case.state, case.plan.instrument.quote, amount)
