"""Gates on size: of the order, of the position, of the exposure, and the number of open orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tradetui.core.risk.case import Case
from tradetui.core.risk.exposure import other_exposure
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
    plan, gates = case.plan, case.gates
    scale = plan.instrument.size_scale
    if plan.order_quantity:
        value, limit = case.quantity, plan.order_quantity[0]
        if value <= limit.value:
            gates.append(Gate(_MAX_ORDER_QUANTITY, value, limit.value, True, scale))
        elif _is_refused(case, _MAX_ORDER_QUANTITY, value, plan.order_quantity, scale, _quantity):
            return gates[-1]
    for limit in plan.position_quantity:
        value = _position(case, limit, case.quantity)
        if value <= limit.value:
            gates.append(Gate(_MAX_POSITION_QUANTITY, value, limit.value, True, scale))
        elif _is_refused(case, _MAX_POSITION_QUANTITY, value, (limit,), scale, _position):
            return gates[-1]
    if plan.order_notional or plan.position_notional:
        refusal = _check_notionals(case)
        if refusal is not None:
            return refusal
    return _check_scopes(case) if plan.exposure or plan.open_orders else None


def _check_notionals(case: Case) -> Gate | None:
    """Check the limits in money: of the order at its own price, of the position at the mark."""
    plan, gates = case.plan, case.gates
    value: int | None = case.value if case.value >= 0 else case.worth()
    if not plan.is_reporting:
        value = case.in_reporting(case.value)
        if value is None:
            note = f"no rate for {plan.instrument.quote}"
            return case.refuse(_RATE_UNKNOWN, 0, 1, 0, note)
    assert value is not None
    limits = plan.order_notional
    if limits:
        limit = limits[0]
        if value <= limit.value:
            gates.append(Gate(_MAX_ORDER_NOTIONAL, value, limit.value, True, CASH_SCALE))
        elif _is_refused(case, _MAX_ORDER_NOTIONAL, value, limits, CASH_SCALE, _order_value):
            return gates[-1]
    for limit in plan.position_notional:
        value = _position_value(case, limit, case.quantity)
        if value <= limit.value:
            gates.append(Gate(_MAX_POSITION_NOTIONAL, value, limit.value, True, CASH_SCALE))
        elif _is_refused(
            case, _MAX_POSITION_NOTIONAL, value, (limit,), CASH_SCALE, _position_value
        ):
            return gates[-1]
    return None


def _check_scopes(case: Case) -> Gate | None:
    """Check the limits on a whole scope: its exposure, its open orders. They never cut."""
    plan, gates = case.plan, case.gates
    for limit in plan.exposure:
        others = other_exposure(case.state, plan.scopes[limit.scope], plan.key)
        own: int | None = _own_exposure(case)
        if not plan.is_reporting:
            own = case.in_reporting(own or 0)
        if others is None or own is None:
            return case.refuse(_RATE_UNKNOWN, 0, 1, 0, "no rate for a currency held")
        worst = others + own
        if worst > limit.value:
            return case.refuse(_MAX_EXPOSURE, worst, limit.value, CASH_SCALE, "", limit.profile)
        gates.append(Gate(_MAX_EXPOSURE, worst, limit.value, True, CASH_SCALE))
    is_new = case.replaced is None
    for limit in plan.open_orders:
        sums = case.sums
        if sums is None or case.sums_scope != limit.scope:
            sums = case.sums_of(limit.scope)
        count = sums.open_orders + is_new
        if count > limit.value:
            return case.refuse(_MAX_OPEN_ORDERS, count, limit.value, 0, "", limit.profile)
        gates.append(Gate(_MAX_OPEN_ORDERS, count, limit.value, True))
    return None


def _own_exposure(case: Case) -> int:
    """Return the worst-case notional of the sub-position that the order works for."""
    working = case.working
    long = case.position + working.buy_quantity
    short = working.sell_quantity - case.position
    added = case.quantity - case.replaced_quantity
    if added > 0:
        if case.is_buy:
            long += added
        else:
            short += added
    worst = long if long > short else short
    price = case.value_price if case.mark is None else case.mark.price
    assert price is not None
    return abs(case.plan.value(price, worst if worst > 0 else 0))


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
    so_far = sums.long if case.is_buy else sums.short
    return so_far + added if added > 0 else so_far


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
    value = case.plan.value(price, worst)
    if value < 0:
        value = -value
    if case.plan.is_reporting:
        return value
    converted = case.in_reporting(value)
    assert converted is not None
    return converted
