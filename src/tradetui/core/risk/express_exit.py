"""The short way of a common exit through its few gates.

Most exits are alike: a limit or market order that stands alone, to sell no more than what its
sub-position holds and has not for sale yet, on a spot market, by an active instance. ``judge_exit``
makes the very decision that ``judgement.judge_order`` would make by the short list of an order that
reduces (``reduce_gates``, said again here). As ``express`` it never refuses and never changes an
order; None leaves it to the long way, which owns the rules, with nothing written.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.bounds import FAR
from tradetui.core.risk.kill_switches import strictest
from tradetui.core.risk.plan import Plan
from tradetui.core.risk.rates import note_order
from tradetui.core.risk.schema_gates import is_plain
from tradetui.core.risk.verdict import Verdict, passed
from tradetui.core.risk.worth import NO_WORKING
from tradetui.core.state import KernelState
from tradetui.domain.enums import (
    InstanceMode,
    InstrumentClass,
    OrderRole,
    OrderSide,
    OrderType,
    Outcome,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import AttributedIntent, PlaceOrder
from tradetui.domain.orders import OrderTerms
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate, RiskDecision
from tradetui.domain.units import CASH_SCALE, I64_MAX

_ALLOW: Final = Outcome.ALLOW
_ENTRY: Final = OrderRole.ENTRY
_GTC: Final = TimeInForce.GTC
_HELD: Final = Support.HELD
_NONE: Final = Reason.NONE
_REDUCE_ONLY: Final = Reason.REDUCE_ONLY
_SELL: Final = OrderSide.SELL

_BEFORE: Final = (Reason.SCHEMA, Reason.UNKNOWN_INSTRUMENT, Reason.NO_ROUTE, Reason.CAPABILITY)
_PRICED: Final = (Reason.PRICE_TICK, Reason.PRICE_BOUNDS)
_DUPLICATE_ID: Final = passed(Reason.DUPLICATE_ID)
_KILL_SWITCH: Final = passed(Reason.KILL_SWITCH)


class Bound(msgspec.Struct, frozen=True, gc=False):
    """A bound of the venue on the quantity or the notional of an order."""

    code: Reason
    least: int
    most: int
    limit: int
    scale: int
    is_of_value: bool


class ExitLane(msgspec.Struct, frozen=True):
    """What is the same for all common exits of one plan and order type: the steps and bounds of the
    market's numbers, and the gates up to the lot.
    """

    order_type: OrderType
    lot: int
    tick: int
    lowest: int
    highest: int
    head: tuple[Gate, ...]
    bounds: tuple[Bound, ...]
    scale: int


def exit_lanes_of(plan: Plan) -> tuple[ExitLane | None, ...]:
    """Return the lanes of a plan's exits: of limit orders, of market orders; None where they are no
    common ones (of market orders, where the kernel has to keep two of them from selling the same).
    """
    route = plan.route
    is_plain_plan = (
        route is not None
        and plan.times_in_force[_GTC]
        and plan.instance.mode is InstanceMode.ACTIVE
        and plan.instrument.instrument_class is InstrumentClass.SPOT
        and plan.unit > 0
    )
    kinds = {
        OrderType.LIMIT: is_plain_plan,
        OrderType.MARKET: is_plain_plan
        and route is not None
        and route.capabilities.reduce_only is not _HELD,
    }
    return tuple(
        _lane(plan, kind) if is_common and plan.order_types[kind] else None
        for kind, is_common in kinds.items()
    )


def _lane(plan: Plan, kind: OrderType) -> ExitLane:
    instrument = plan.instrument
    lowest, highest = plan.lowest_price, plan.highest_price
    codes = (*_BEFORE, *(_PRICED if kind is OrderType.LIMIT else ()), Reason.QUANTITY_LOT)
    return ExitLane(
        kind,
        instrument.size_increment,
        instrument.price_increment,
        -I64_MAX if lowest is None else lowest,
        I64_MAX if highest is None else highest,
        tuple(passed(code) for code in codes),
        _bounds(plan),
        instrument.size_scale,
    )


def _bounds(plan: Plan) -> tuple[Bound, ...]:
    """Return the venue's least and largest quantity and least notional, where it has them."""
    instrument = plan.instrument
    scale, largest = instrument.size_scale, instrument.max_quantity
    found: list[Bound] = []
    if instrument.min_quantity:
        least = instrument.min_quantity
        found.append(Bound(Reason.MIN_QUANTITY, least, I64_MAX, least, scale, False))
    if largest is not None:
        found.append(Bound(Reason.MAX_QUANTITY, 0, largest, largest, scale, False))
    if instrument.min_notional:
        least = instrument.min_notional
        found.append(Bound(Reason.MIN_NOTIONAL, least, I64_MAX, least, CASH_SCALE, True))
    return tuple(found)


def judge_exit(
    state: KernelState, attributed: AttributedIntent, intent: PlaceOrder, plan: Plan
) -> Verdict | None:
    """Allow an order that sells what is held, if it is common and passes all.

    None: judge it the long way.
    """
    lanes, key, quantity, price = plan.exits, plan.key, intent.quantity, intent.price
    if not lanes:
        lanes.extend(exit_lanes_of(plan))
    lane: ExitLane | None = lanes[price is None]
    held, mark = state.positions.get(key), state.marks.get(key[2])
    if lane is None or held is None or mark is None or not _is_common(intent, lane):
        return None
    size, working = held.quantity, state.working.get(key, NO_WORKING)
    value = plan.value(price if price is not None else mark.bid or mark.price, quantity)
    if (
        quantity > size - working.sell_quantity
        or intent.client_order_id in state.orders
        or (state.kill_switches and strictest(state, plan.kill_keys) is not None)
        or not 0 <= value + working.sell_notional < FAR
        or not -FAR < held.cost < FAR
    ):
        return None
    gates = list(lane.head)
    for bound in lane.bounds:
        measured = value if bound.is_of_value else quantity
        if not bound.least <= measured <= bound.most:
            return None
        gates.append(Gate(bound.code, measured, bound.limit, True, bound.scale))
    gates += (_KILL_SWITCH, Gate(_REDUCE_ONLY, quantity, size, True, lane.scale), _DUPLICATE_ID)
    if plan.rates:
        note_order(state, plan.rates)
    return _allow(state, attributed, intent, plan, tuple(gates))


def _is_common(intent: PlaceOrder, lane: ExitLane) -> bool:
    """Tell whether an order to sell says nothing of its role, and its numbers are on the grid of
    its market.
    """
    price = intent.price
    return (
        intent.side is _SELL
        and is_plain(intent)
        and intent.role is _ENTRY
        and not (intent.post_only or intent.reduce_only)
        and intent.order_type is lane.order_type
        and not intent.quantity % lane.lot
        and (price is None or (lane.lowest <= price <= lane.highest and not price % lane.tick))
    )


def _allow(
    state: KernelState,
    attributed: AttributedIntent,
    intent: PlaceOrder,
    plan: Plan,
    gates: tuple[Gate, ...],
) -> Verdict:
    strategy_id, order_id = attributed.strategy_id, intent.client_order_id
    quantity, price = intent.quantity, intent.price
    _, route_id, instrument_id = plan.key
    return Verdict(
        RiskDecision(
            strategy_id,
            attributed.index,
            "PlaceOrder",
            _ALLOW,
            _NONE,
            gates,
            order_id,
            route_id,
            instrument_id,
            plan.profile,
            is_reducing=True,
            quantity=quantity,
            price=price,
            approved_quantity=quantity,
            approved_price=price,
        ),
        OrderTerms(
            order_id,
            strategy_id,
            plan.instance.execution_id,
            route_id,
            instrument_id,
            _SELL,
            intent.order_type,
            quantity,
            price,
            created_time=state.now,
        ),
        is_single=True,
    )
