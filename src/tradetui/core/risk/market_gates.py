"""Gates on the market: a price at all, its age, the clocks, the collar, our own resting orders."""

from __future__ import annotations

from typing import Final

from tradetui.core.risk.case import Case
from tradetui.core.risk.plan import Limit
from tradetui.core.risk.sizing import is_legal_size
from tradetui.core.risk.verdict import passed
from tradetui.core.state import Mark
from tradetui.domain.enums import OrderSide, OrderState, OrderType
from tradetui.domain.instruments import passive_price
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import PPM, div_ceil, div_floor

_SELF_CROSS = passed(Reason.SELF_CROSS)
_NANO_SCALE = 9
_PPM_SCALE = 6
_BUY: Final = OrderSide.BUY
_CREATED: Final = OrderState.CREATED
_LIMIT: Final = OrderType.LIMIT
_MARKET: Final = OrderType.MARKET
_STOP_LIMIT: Final = OrderType.STOP_LIMIT
_CLOCK_SKEW: Final = Reason.CLOCK_SKEW
_DATA_AGE: Final = Reason.DATA_AGE
_NO_PRICE: Final = Reason.NO_PRICE
_PRICE_COLLAR: Final = Reason.PRICE_COLLAR
_REASON_SELF_CROSS: Final = Reason.SELF_CROSS


def check_market(case: Case) -> Gate | None:
    """Check all gates on the market that are set; None: all pass (the price may be less aggressive
    now).
    """
    plan, mark = case.plan, case.mark
    if mark is None:
        if case.value_price is None or plan.data_age or plan.clock_skew or plan.collar:
            return case.refuse(_NO_PRICE, 0, 1, 0, "no price of the market yet")
    else:
        if plan.data_age or plan.clock_skew:
            refusal = _check_times(case, mark)
            if refusal is not None:
                return refusal
        if plan.collar and case.price is not None:
            refusal = _check_collar(case, mark, plan.collar, case.price)
            if refusal is not None:
                return refusal
    if plan.prevent_self_cross:
        crossed = _crossed_order(case)
        if crossed is not None:
            note = f"own {crossed.terms.side} {crossed.terms.client_order_id} rests there"
            return case.refuse(_REASON_SELF_CROSS, 1, 0, 0, note)
        case.gates.append(_SELF_CROSS)
    return None


def _check_times(case: Case, mark: Mark) -> Gate | None:
    """Check how old the market's last item is, and how far its clock is from ours."""
    for limit in case.plan.data_age:
        age = case.state.now - mark.event_time
        if age > limit.value:
            return case.refuse(_DATA_AGE, age, limit.value, _NANO_SCALE, "", limit.profile)
        case.gates.append(Gate(_DATA_AGE, age, limit.value, True, _NANO_SCALE))
    for limit in case.plan.clock_skew:
        skew = abs(mark.ingest_time - mark.event_time)
        if skew > limit.value:
            return case.refuse(_CLOCK_SKEW, skew, limit.value, _NANO_SCALE, "", limit.profile)
        case.gates.append(Gate(_CLOCK_SKEW, skew, limit.value, True, _NANO_SCALE))
    return None


def _check_collar(case: Case, mark: Mark, limits: tuple[Limit, ...], price: int) -> Gate | None:
    """Check how far a limit price is beyond the mark, or, for a stop-limit, beyond its trigger.

    Where several profiles are exceeded, one that does not modify refuses.
    """
    trigger = case.intent.trigger_price
    reference = mark.price if trigger is None else trigger
    if reference <= 0:
        note = "no collar around a price that is not above zero"
        return case.refuse(_NO_PRICE, reference, 1, case.plan.instrument.price_scale, note)
    distance = price - reference if case.is_buy else reference - price
    beyond = div_ceil(distance * PPM, reference) if distance > 0 else 0
    limit = limits[0]
    if beyond <= limit.value:
        case.gates.append(Gate(_PRICE_COLLAR, beyond, limit.value, True, _PPM_SCALE))
        return None
    strict = next((one for one in limits if beyond > one.value and not one.may_reduce), None)
    collared = _collared_price(case, reference, limit.value)
    if strict is not None or collared is None:
        limit = strict or limit
        return case.refuse(_PRICE_COLLAR, beyond, limit.value, _PPM_SCALE, "", limit.profile)
    case.modify(_PRICE_COLLAR, beyond, limit.value, _PPM_SCALE, "price moved to it", limit.profile)
    case.price = case.value_price = collared
    case.value = -1
    return None


def _collared_price(case: Case, reference: int, limit_ppm: int) -> int | None:
    """Return the most aggressive legal price within the collar, or None where there is none."""
    instrument, side = case.plan.instrument, case.intent.side
    if case.is_buy:
        edge = reference + div_floor(reference * limit_ppm, PPM)
    else:
        edge = reference - div_floor(reference * limit_ppm, PPM)
    price = passive_price(instrument, side, edge)
    lowest = case.plan.lowest_price
    if lowest is not None and price < lowest:
        return None
    before = case.value_price
    case.value_price = price
    is_legal = is_legal_size(case, case.quantity)
    case.value_price = before
    return price if is_legal else None


def _crossed_order(case: Case) -> Order | None:
    """Return an own order (of any instance on the route) that the new one could trade with."""
    intent, state = case.intent, case.state
    if intent.order_type is _LIMIT:
        price = case.price
    elif intent.order_type is _MARKET:
        price = case.value_price
    else:
        return None
    assert price is not None
    side = intent.side
    route_id, instrument_id = case.plan.key[1], case.plan.key[2]
    for order_id in state.open_by_instrument.get(instrument_id, ()):
        order = state.open_orders[order_id]
        terms = order.terms
        if terms.side is not side and terms.route_id == route_id and _rests(order):
            resting = terms.price
            assert resting is not None
            if (resting <= price) if side is _BUY else (resting >= price):
                return order
    return None


def _rests(order: Order) -> bool:
    """Tell whether an order may stand in the book: a limit, or a stop-limit once triggered."""
    order_type = order.terms.order_type
    if order.state is _CREATED:
        return False
    return order_type is _LIMIT or (order_type is _STOP_LIMIT and order.is_triggered)
