"""Whether the route can do what an order asks, and whether its numbers are legal there."""

from __future__ import annotations

from typing import Final

from tradetui.core.risk.case import Case
from tradetui.core.risk.verdict import passed
from tradetui.domain.capabilities import Capabilities
from tradetui.domain.enums import OrderType, Support
from tradetui.domain.instruments import notional
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE

_NO_ROUTE: Final = passed(Reason.NO_ROUTE)
_CAPABILITY: Final = passed(Reason.CAPABILITY)
_PRICE_TICK: Final = passed(Reason.PRICE_TICK)
_PRICE_BOUNDS: Final = passed(Reason.PRICE_BOUNDS)
_QUANTITY_LOT: Final = passed(Reason.QUANTITY_LOT)

_WITHOUT_PRICE: Final = (_NO_ROUTE, _CAPABILITY, _QUANTITY_LOT)
_WITH_PRICE: Final = (_NO_ROUTE, _CAPABILITY, _PRICE_TICK, _PRICE_BOUNDS, _QUANTITY_LOT)
_MARKET: Final = OrderType.MARKET
_CODE_CAPABILITY: Final = Reason.CAPABILITY
_MAX_QUANTITY: Final = Reason.MAX_QUANTITY
_MIN_NOTIONAL: Final = Reason.MIN_NOTIONAL
_MIN_QUANTITY: Final = Reason.MIN_QUANTITY
_CODE_NO_ROUTE: Final = Reason.NO_ROUTE
_CODE_PRICE_BOUNDS: Final = Reason.PRICE_BOUNDS
_CODE_PRICE_TICK: Final = Reason.PRICE_TICK
_CODE_QUANTITY_LOT: Final = Reason.QUANTITY_LOT
_NO_SUPPORT: Final = Support.NONE


def check_capability(case: Case) -> Gate | None:
    """Check route, capabilities, tick, bounds, lot and the venue's minimums; None: all pass."""
    plan, intent, gates = case.plan, case.intent, case.gates
    route = plan.route
    if route is None:
        instance = plan.instance
        note = f"{instance.execution_id} has no route for {plan.instrument.instrument_id}"
        return case.refuse(_CODE_NO_ROUTE, 1, 0, 0, note)
    if not (
        plan.order_types[intent.order_type]
        and plan.times_in_force[intent.time_in_force]
        and (case.replaced is None or _can_replace(route.capabilities))
        and (_is_plain(intent) or not missing_capability(route.capabilities, intent))
    ):
        gates.append(_NO_ROUTE)
        note = _missing(case, route.capabilities)
        return case.refuse(_CODE_CAPABILITY, 1, 0, 0, note)
    instrument = plan.instrument
    price = case.price
    if intent.order_type is _MARKET:
        if intent.quantity % instrument.size_increment:
            gates.extend((_NO_ROUTE, _CAPABILITY))
            return _lot(case)
        gates.extend(_WITHOUT_PRICE)
    else:
        if (
            (price is not None and price % instrument.price_increment)
            or intent.trigger_price is not None
            or intent.trail_offset is not None
            or intent.quantity % instrument.size_increment
            or not _is_within(plan.lowest_price, price, plan.highest_price)
        ):
            refusal = _numbers(case)
            if refusal is not None:
                return refusal
        else:
            gates.extend(_WITH_PRICE)
    return _minimums(case)


def missing_capability(capabilities: Capabilities, intent: PlaceOrder) -> str:
    """Return the key of a capability that an order's flags need and the route lacks; or empty."""
    none = _NO_SUPPORT
    if intent.post_only and capabilities.post_only is none:
        return "post_only"
    if intent.reduce_only and capabilities.reduce_only is none:
        return "reduce_only"
    if intent.oco_group is not None and capabilities.oco is none:
        return "oco"
    if intent.parent_order_id is not None and capabilities.bracket is none:
        return "bracket"
    return ""


def _can_replace(capabilities: Capabilities) -> bool:
    return capabilities.replace is not _NO_SUPPORT or capabilities.amend is not _NO_SUPPORT


def _is_plain(intent: PlaceOrder) -> bool:
    return not (
        intent.post_only
        or intent.reduce_only
        or intent.oco_group is not None
        or intent.parent_order_id is not None
    )


def _missing(case: Case, capabilities: Capabilities) -> str:
    intent, plan = case.intent, case.plan
    if not plan.order_types[intent.order_type]:
        return str(intent.order_type)
    if not plan.times_in_force[intent.time_in_force]:
        return str(intent.time_in_force)
    return missing_capability(capabilities, intent) or "replace"


def _is_within(lowest: int | None, price: int | None, highest: int | None) -> bool:
    return price is None or (
        (lowest is None or price >= lowest) and (highest is None or price <= highest)
    )


def _numbers(case: Case) -> Gate | None:
    """Check tick, bounds and lot one by one: for orders with a trigger, and to name a fault."""
    plan, intent, gates = case.plan, case.intent, case.gates
    tick = plan.instrument.price_increment
    scale = plan.instrument.price_scale
    gates.extend((_NO_ROUTE, _CAPABILITY))
    for price in (case.price, intent.trigger_price, intent.trail_offset):
        if price is not None and price % tick:
            note = f"not a multiple of {tick}"
            return case.refuse(_CODE_PRICE_TICK, price % tick, 0, scale, note)
    gates.append(_PRICE_TICK)
    for price in (case.price, intent.trigger_price):
        if price is not None and not _is_within(plan.lowest_price, price, plan.highest_price):
            lowest, highest = plan.lowest_price, plan.highest_price
            below = lowest is not None and price < lowest
            limit, note = (lowest, "below the lowest") if below else (highest, "above the highest")
            return case.refuse(_CODE_PRICE_BOUNDS, price, limit, scale, note)
    gates.append(_PRICE_BOUNDS)
    if intent.quantity % plan.instrument.size_increment:
        return _lot(case)
    gates.append(_QUANTITY_LOT)
    return None


def _lot(case: Case) -> Gate:
    instrument = case.plan.instrument
    lot = instrument.size_increment
    note = f"not a multiple of {lot}"
    return case.refuse(
        _CODE_QUANTITY_LOT, case.intent.quantity % lot, 0, instrument.size_scale, note
    )


def _minimums(case: Case) -> Gate | None:
    """Check the venue's least and largest quantity and least notional, where it has them."""
    instrument, quantity = case.plan.instrument, case.quantity
    scale = instrument.size_scale
    if instrument.min_quantity:
        if quantity < instrument.min_quantity:
            return case.refuse(_MIN_QUANTITY, quantity, instrument.min_quantity, scale)
        case.gates.append(Gate(_MIN_QUANTITY, quantity, instrument.min_quantity, True, scale))
    largest = instrument.max_quantity
    if largest is not None:
        if quantity > largest:
            return case.refuse(_MAX_QUANTITY, quantity, largest, scale)
        case.gates.append(Gate(_MAX_QUANTITY, quantity, largest, True, scale))
    if instrument.min_notional and case.value_price is not None:
        value = abs(notional(instrument, case.value_price, quantity))
        if value < instrument.min_notional:
            return case.refuse(_MIN_NOTIONAL, value, instrument.min_notional, CASH_SCALE)
        case.gates.append(Gate(_MIN_NOTIONAL, value, instrument.min_notional, True, CASH_SCALE))
    return None
