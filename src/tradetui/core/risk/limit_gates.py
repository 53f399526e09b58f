"""Gates on size: of the order, of the position, of the exposure, and the number of open orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tradetui.core.risk.case import Case
from tradetui.core.risk.exposure import worst_exposure
from tradetui.core.risk.plan import Limit
from tradetui.core.risk.sizing import largest_quantity
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE

_MAX_EXPOSURE: Final = Reason.MAX_EXPOSURE
_MAX_OPEN_ORDERS: Final = Reason.MAX_OPEN_ORDERS
_MAX_ORDER_NOTIONAL: Final = Reason.MAX_ORDER_NOTIONAL
_MAX_ORDER_QUANTITY: Final = Reason.MAX_ORDER_QUANTITY
_MAX_POSITION_NOTIONAL: Final = Reason.MAX_POSITION_NOTIONAL
_MAX_POSITION_QUANTITY: Final = Reason.MAX_POSITION_QUANTITY
_RATE_UNKNOWN: Final = Reason.RATE_UNKNOWN


def check_limits(case: Case) -> Gate | None:
    """Check every limit on size that is set; None: all pass (the quantity may be smaller now)."""
    plan = case.plan
    scale = plan.instrument.size_scale
    for limit in plan.order_quantity[:1]:
        value = case.quantity
        if value <= limit.value:
            case.gates.append(Gate(_MAX_ORDER_QUANTITY, value, limit.value, True, scale))
        elif _is_refused(case, _MAX_ORDER_QUANTITY, value, plan.order_quantity, scale, _quantity):
            return case.gates[-1]
    for limit in plan.position_quantity:
        value = _position(case, limit, case.quantity)
        if value <= limit.value:
            case.gates.append(Gate(_MAX_POSITION_QUANTITY, value, limit.value, True, scale))
        elif _is_refused(case, _MAX_POSITION_QUANTITY, value, (limit,), scale, _position):
            return case.gates[-1]
    if plan.order_notional or plan.position_notional:
        refusal = _check_notionals(case)
        if refusal is not None:
            return refusal
    return _check_scopes(case)


def _check_notionals(case: Case) -> Gate | None:
    """Check the limits in money: of the order at its own price, of the position at the mark."""
    plan = case.plan
    value = case.in_reporting(case.worth())
    if value is None:
        note = f"no rate for {plan.instrument.quote}"
        return case.refuse(_RATE_UNKNOWN, 0, 1, 0, note)
    for limit in plan.order_notional[:1]:
        if value <= limit.value:
            case.gates.append(Gate(_MAX_ORDER_NOTIONAL, value, limit.value, True, CASH_SCALE))
        elif _is_refused(
            case, _MAX_ORDER_NOTIONAL, value, plan.order_notional, CASH_SCALE, _order_value
        ):
            return case.gates[-1]
    for limit in plan.position_notional:
        value = _position_value(case, limit, case.quantity)
        if value <= limit.value:
            case.gates.append(Gate(_MAX_POSITION_NOTIONAL, value, limit.value, True, CASH_SCALE))
        elif _is_refused(
            case, _MAX_POSITION_NOTIONAL, value, (limit,), CASH_SCALE, _position_value
        ):
            return case.gates[-1]
    return None


def _check_scopes(case: Case) -> Gate | None:
    """Check the limits on a whole scope: its exposure, its open orders. They never cut."""
    state, plan = case.state, case.plan
    for limit in plan.exposure:
        price = case.value_price
        assert price is not None
        added = _added(case, case.quantity)
        worst = worst_exposure(state, plan.scopes[limit.scope], plan.key, case.is_buy, added, price)
        if worst is None:
            return case.refuse(_RATE_UNKNOWN, 0, 1, 0, "no rate for a currency held")
        if worst > limit.value:
            return case.refuse(_MAX_EXPOSURE, worst, limit.value, CASH_SCALE, "", limit.profile)
        case.gates.append(Gate(_MAX_EXPOSURE, worst, limit.value, True, CASH_SCALE))
    for limit in plan.open_orders:
        count = case.sums_of(limit.scope).open_orders
        if case.replaced is None:
            count += 1
        if count > limit.value:
            return case.refuse(_MAX_OPEN_ORDERS, count, limit.value, 0, "", limit.profile)
        case.gates.append(Gate(_MAX_OPEN_ORDERS, count, limit.value, True))
    return None


def _is_refused(
    case: Case,
    code: Reason,
    value: int,
    limits: tuple[Limit, ...],
    scale: int,
    measure: Callable[[Case, Limit, int], int],
) -> bool:
    """Cut an order that is over the tightest of ``limits``; tell whether it is refused instead.

    ``measure`` gives what a quantity amounts to. Where several profiles are exceeded, one that does
    not cut refuses.
    """
    limit = limits[0]
    strict = next((one for one in limits if value > one.value and not one.may_reduce), None)
    if strict is not None:
        case.refuse(code, value, strict.value, scale, "", strict.profile)
        return True
    quantity = largest_quantity(case, lambda q: measure(case, limit, q), limit.value)
    if quantity <= 0:
        note = "what is left is below the smallest legal order"
        case.refuse(code, value, limit.value, scale, note, limit.profile)
        return True
    case.modify(code, value, limit.value, scale, "quantity cut to it", limit.profile)
    case.quantity = quantity
    case.value = -1
    return False


def _quantity(case: Case, limit: Limit, quantity: int) -> int:
    return quantity


def _position(case: Case, limit: Limit, quantity: int) -> int:
    """Return how far the scope's position may go on the order's side."""
    sums = case.sums
    if sums is None or case.sums_scope != limit.scope:
        sums = case.sums_of(limit.scope)
    added = quantity - case.replaced_quantity
    if added < 0:
        added = 0
    if case.is_buy:
        return sums.position + sums.buys + added
    return sums.sells + added - sums.position


def _order_value(case: Case, limit: Limit, quantity: int) -> int:
    price = case.value_price
    assert price is not None
    value = case.in_reporting(abs(case.plan.value(price, quantity)))
    assert value is not None
    return value


def _position_value(case: Case, limit: Limit, quantity: int) -> int:
    """Return the worst-case notional of the scope's position, at the mark where there is one."""
    worst = _position(case, limit, quantity)
    if worst <= 0:
        return 0
    price = case.value_price if case.mark is None else case.mark.price
    assert price is not None
    value = case.in_reporting(abs(case.plan.value(price, worst)))
    assert value is not None
    return value


def _added(case: Case, quantity: int) -> int:
    """Return what an order adds to the working sums: a new version only what is above the old."""
    return max(quantity - case.replaced_quantity, 0)
