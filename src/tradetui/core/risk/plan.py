"""What can be worked out once for an (instance, instrument), and read by every decision after.

A plan holds while its instance, its instrument and the profiles are the very same records; it is
made anew when one of them changes. It is derived from the state and never part of it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tradetui.core.risk.profiles import BoundProfile, bound_profiles
from tradetui.core.risk.resolve import routes_of, select_route
from tradetui.core.risk.verdict import passed, refused
from tradetui.core.state import Instance, KernelState, PositionKey
from tradetui.domain.capabilities import ORDER_TYPE_KEY, TIME_IN_FORCE_KEY
from tradetui.domain.enums import (
    InstanceMode,
    InstrumentClass,
    OrderType,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.ids import (
    EXTERNAL,
    ExecutionId,
    RouteId,
    StrategyId,
    is_shadow,
    shadow_route,
)
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Position
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate, InstanceLimits
from tradetui.domain.steps import RouteConfig
from tradetui.domain.units import CASH_SCALE, I64_MAX, NANOS_PER_HOUR, div_floor, div_half_even


class ScopeFilter(msgspec.Struct, frozen=True, gc=False):
    """What a profile's sums run over: some routes, and there one instance or all."""

    name: str
    routes: tuple[RouteId, ...]
    strategy_id: StrategyId | None = None


def is_in(scope: ScopeFilter, key: PositionKey) -> bool:
    """Tell whether a sub-position is in a scope; what is not ours is in none."""
    if key[1] not in scope.routes:
        return False
    strategy_id = scope.strategy_id
    return key[0] != EXTERNAL if strategy_id is None else key[0] == strategy_id


class Limit(msgspec.Struct, frozen=True, gc=False):
    """One limit of one profile, in the unit of its gate; ``scope`` is its place in the plan's
    scopes.
    """

    value: int
    profile: str
    scope: int
    may_reduce: bool


class RateLimit(msgspec.Struct, frozen=True, gc=False):
    """At most ``limit`` orders within ``window`` ns.

    ``head`` and ``tail`` are the keys of its counters.
    """

    code: Reason
    head: str
    tail: str
    limit: int
    window: int
    profile: str


class Plan(msgspec.Struct, frozen=True):
    """All that is constant for the orders of one instance on one instrument.

    ``key`` is the sub-position that its orders work for: on the real route, or in observe on the
    shadow one. ``blocks`` are the gates of the instance's own state: all pass, or the last refuses.
    Limits of a kind stand with the tightest first.
    """

    instance: Instance
    instrument: Instrument
    route: RouteConfig | None
    key: PositionKey
    kill_keys: tuple[tuple[Scope, str], ...]
    order_types: dict[OrderType, bool]
    times_in_force: dict[TimeInForce, bool]
    lowest_price: int | None
    highest_price: int | None
    blocks: tuple[Gate, ...]
    symbols: tuple[Gate, ...]
    is_reporting: bool
    is_future: bool
    unit: int
    """Divides price x quantity x multiplier into money at CASH_SCALE; 0 where it multiplies."""
    fee_ppm: int
    """The higher of the fees, never a rebate."""
    own_scope: ScopeFilter
    scopes: tuple[ScopeFilter, ...] = ()
    order_quantity: tuple[Limit, ...] = ()
    order_notional: tuple[Limit, ...] = ()
    position_quantity: tuple[Limit, ...] = ()
    position_notional: tuple[Limit, ...] = ()
    exposure: tuple[Limit, ...] = ()
    open_orders: tuple[Limit, ...] = ()
    collar: tuple[Limit, ...] = ()
    data_age: tuple[Limit, ...] = ()
    clock_skew: tuple[Limit, ...] = ()
    daily_loss: tuple[Limit, ...] = ()
    drawdown: tuple[Limit, ...] = ()
    limits_losses: bool = False
    prevent_self_cross: bool = False
    profile: str = ""
    rates: tuple[RateLimit, ...] = ()
    lanes: list[Any] = msgspec.field(default_factory=list)
    """What ``lanes`` has laid out for the plan; empty until its first order."""
    exits: list[Any] = msgspec.field(default_factory=list)
    """The same of ``express_exit``."""

    def value(self, price: int, quantity: int) -> int:
        """Return the notional, as ``instruments.notional`` does, in the quote currency."""
        if self.unit:
            return div_half_even(price * quantity * self.instrument.multiplier, self.unit)
        return notional(self.instrument, price, quantity)


def plan_for(state: KernelState, instance: Instance, instrument: Instrument) -> Plan:
    """Return the plan that holds now, made if there is none."""
    place = (instance.strategy_id, instrument.instrument_id)
    plan: Plan | None = state.risk_plans.get(place)
    if plan is None or plan.instance is not instance or plan.instrument is not instrument:
        plan = _make(state, instance, instrument)
        state.put(state.risk_plans, place, plan)
    return plan


def plan_of_close(state: KernelState, position: Position, instrument: Instrument) -> Plan:
    """Return the plan for closing a position where it is, as if its instance were active."""
    instance = state.instances.get(position.strategy_id)
    route = state.routes[position.route_id]
    if instance is None:
        instance = Instance(
            position.strategy_id,
            "",
            route.execution_id,
            instrument.instrument_id,
            InstanceMode.ACTIVE,
            InstanceLimits(0),
            "",
            (instrument.instrument_id,),
        )
    instance = msgspec.structs.replace(instance, mode=InstanceMode.ACTIVE)
    plan = _make(state, instance, instrument)
    return msgspec.structs.replace(
        plan,
        route=route,
        key=(position.strategy_id, position.route_id, instrument.instrument_id),
        order_types=_order_types(route),
        times_in_force=_times_in_force(route),
    )


def scope_filter(
    state: KernelState, scope: Scope, key: str, own: tuple[RouteId, ...] = ()
) -> ScopeFilter:
    """Return what a scope's sums run over.

    Shadow routes are in no sum but ``own``: those of the instance that is judged.
    """
    real = tuple(route_id for route_id in state.routes if not is_shadow(route_id))
    if scope is Scope.STRATEGY:
        return ScopeFilter(f"strategy:{key}", own or real, StrategyId(key))
    if scope is Scope.ROUTE:
        return ScopeFilter(f"route:{key}", (RouteId(key), *own))
    if scope is Scope.EXECUTION:
        return ScopeFilter(f"execution:{key}", (*routes_of(state, ExecutionId(key)), *own))
    return ScopeFilter("global", (*real, *own))


def _make(state: KernelState, instance: Instance, instrument: Instrument) -> Plan:
    route = select_route(state, instance.execution_id, instrument)
    strategy_id, instrument_id = instance.strategy_id, instrument.instrument_id
    route_id = RouteId("") if route is None else route.route_id
    is_observing = instance.mode is InstanceMode.OBSERVE
    own = (shadow_route(strategy_id),) if is_observing else ()
    bound = bound_profiles(state, strategy_id, route_id, instance.execution_id)
    lowest, highest = _price_bounds(instrument)
    exponent = (
        instrument.price_scale + instrument.size_scale + instrument.multiplier_scale - CASH_SCALE
    )
    return Plan(
        instance=instance,
        instrument=instrument,
        route=route,
        key=(strategy_id, own[0] if own else route_id, instrument_id),
        kill_keys=(
            (Scope.GLOBAL, ""),
            (Scope.EXECUTION, instance.execution_id),
            (Scope.ROUTE, route_id),
            (Scope.STRATEGY, strategy_id),
            (Scope.INSTRUMENT, instrument_id),
        ),
        order_types=_order_types(route),
        times_in_force=_times_in_force(route),
        lowest_price=lowest,
        highest_price=highest,
        blocks=_blocks(instance),
        symbols=_symbols(bound, instrument),
        is_reporting=instrument.quote == state.config.reporting_currency,
        is_future=instrument.instrument_class is InstrumentClass.FUTURE,
        unit=10**exponent if exponent >= 0 else 0,
        fee_ppm=max(instrument.maker_fee_ppm, instrument.taker_fee_ppm, 0),
        own_scope=scope_filter(state, Scope.STRATEGY, strategy_id, own),
        scopes=tuple(scope_filter(state, scope, key, own) for scope, key, _ in bound),
        order_quantity=_quantity_limits(bound, "max_order_quantity", instrument),
        order_notional=_limits(bound, "max_order_notional"),
        position_quantity=_quantity_limits(bound, "max_position_quantity", instrument),
        position_notional=_limits(bound, "max_position_notional"),
        exposure=_limits(bound, "max_exposure"),
        open_orders=_limits(bound, "max_open_orders"),
        collar=_limits(bound, "price_collar_ppm"),
        data_age=_limits(bound, "max_data_age_ns")[:1],
        clock_skew=_limits(bound, "max_clock_skew_ns")[:1],
        daily_loss=_limits(bound, "max_daily_loss"),
        drawdown=_limits(bound, "max_drawdown_ppm"),
        limits_losses=instance.limits.max_fees_per_day is not None
        or instance.limits.max_loss_per_day is not None
        or any(p.max_daily_loss is not None or p.max_drawdown_ppm is not None for _, _, p in bound),
        prevent_self_cross=any(p.prevent_self_cross for _, _, p in bound),
        profile=", ".join(p.name for _, _, p in bound),
        rates=_rates(bound, instance),
    )


def _order_types(route: RouteConfig | None) -> dict[OrderType, bool]:
    if route is None:
        return {}
    return {
        kind: getattr(route.capabilities, key) is not Support.NONE
        for kind, key in ORDER_TYPE_KEY.items()
    }


def _times_in_force(route: RouteConfig | None) -> dict[TimeInForce, bool]:
    if route is None:
        return {}
    return {
        kind: getattr(route.capabilities, key) is not Support.NONE
        for kind, key in TIME_IN_FORCE_KEY.items()
    }


def _price_bounds(instrument: Instrument) -> tuple[int | None, int | None]:
    """Return the lowest and the highest legal price.

    A spot price is above zero, a prediction's is a probability; a future may be worth less than
    nothing.
    """
    lowest, highest = instrument.price_min, instrument.price_max
    if instrument.instrument_class is InstrumentClass.FUTURE:
        return lowest, highest
    floor = 1 if instrument.instrument_class is InstrumentClass.SPOT else 0
    lowest = floor if lowest is None else max(lowest, floor)
    if instrument.instrument_class is InstrumentClass.PREDICTION:
        one: int = 10**instrument.price_scale
        highest = one if highest is None else min(highest, one)
    return lowest, highest


def _blocks(instance: Instance) -> tuple[Gate, ...]:
    """Return the gates of the instance's own state, up to the first that refuses an entry."""
    faults = (
        (Reason.INSTANCE_ERROR, instance.has_error, "stopped by its errors"),
        (Reason.INSTANCE_PAUSED, instance.paused, "paused by a person"),
        (Reason.INSTANCE_HELD, instance.held, "held until a person releases it"),
        (Reason.EXIT_ONLY, bool(instance.exit_only), instance.exit_only),
        (Reason.WARM_UP, not instance.is_warm, "its feeds still need bars"),
    )
    gates: list[Gate] = []
    for code, is_fault, note in faults:
        if is_fault:
            gates.append(refused(code, 1, 0, 0, note))
            break
        gates.append(passed(code))
    return tuple(gates)


def _symbols(bound: tuple[BoundProfile, ...], instrument: Instrument) -> tuple[Gate, ...]:
    """Return the gates of the block and allow lists, up to the first that refuses."""
    gates: list[Gate] = []
    symbol = instrument.symbol
    blockers = [p for _, _, p in bound if p.block]
    if blockers:
        blocked = [p.name for p in blockers if symbol in p.block]
        if blocked:
            return (refused(Reason.SYMBOL_BLOCKED, 1, 0, 0, f"{symbol} by {blocked[0]}"),)
        gates.append(passed(Reason.SYMBOL_BLOCKED))
    allowers = [p for _, _, p in bound if p.allow]
    if allowers:
        refusing = [p.name for p in allowers if symbol not in p.allow]
        if refusing:
            note = f"{symbol} by {refusing[0]}"
            gates.append(refused(Reason.SYMBOL_NOT_ALLOWED, 1, 0, 0, note))
        else:
            gates.append(passed(Reason.SYMBOL_NOT_ALLOWED))
    return tuple(gates)


def _limits(bound: tuple[BoundProfile, ...], field: str) -> tuple[Limit, ...]:
    """Return the limits that the bound profiles set in one field, the tightest first."""
    found = [
        Limit(getattr(profile, field), profile.name, place, profile.may_reduce)
        for place, (_, _, profile) in enumerate(bound)
        if getattr(profile, field) is not None
    ]
    return tuple(sorted(found, key=lambda limit: limit.value))


def _quantity_limits(
    bound: tuple[BoundProfile, ...], field: str, instrument: Instrument
) -> tuple[Limit, ...]:
    """Return limits on quantities, brought from scale 8 to the instrument's own, rounded down."""
    shift = instrument.size_scale - CASH_SCALE
    return tuple(
        msgspec.structs.replace(
            limit,
            value=div_floor(limit.value, 10**-shift)
            if shift < 0
            else min(limit.value * 10**shift, I64_MAX),
        )
        for limit in _limits(bound, field)
    )


def _rates(bound: tuple[BoundProfile, ...], instance: Instance) -> tuple[RateLimit, ...]:
    """Return the limits on orders per time; first the instance's own, per hour."""
    found: list[RateLimit] = []
    per_hour = instance.limits.max_orders_per_hour
    if per_hour is not None:
        key = f"hour:{instance.strategy_id}:{per_hour}"
        found.append(
            RateLimit(Reason.ORDERS_PER_HOUR, key, f"{key}:tail", per_hour, NANOS_PER_HOUR, "")
        )
    for scope, bound_key, profile in bound:
        if profile.max_orders is not None:
            key = f"rate:{scope}:{bound_key}:{profile.name}:{profile.max_orders}"
            found.append(
                RateLimit(
                    Reason.ORDER_RATE,
                    key,
                    f"{key}:tail",
                    profile.max_orders,
                    profile.order_window_ns,
                    profile.name,
                )
            )
    return tuple(found)
