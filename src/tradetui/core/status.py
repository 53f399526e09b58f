"""What is true of a running instance: the facts from which its state word is derived."""

from __future__ import annotations

from collections.abc import Iterator

from tradetui.core.risk.kill_switches import strictest
from tradetui.core.risk.loss_gates import limits_loss, profile_losses
from tradetui.core.risk.plan import scope_filter
from tradetui.core.risk.profiles import bound_profiles
from tradetui.core.risk.resolve import select_route
from tradetui.core.state import Instance, KernelState, Mark
from tradetui.domain.enums import InstanceMode, KillState, Scope
from tradetui.domain.ids import RouteId, StrategyId, shadow_route
from tradetui.domain.instances import InstanceStatus
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import KillSwitch
from tradetui.domain.words import kill_word, scope_text


def status_of(state: KernelState, strategy_id: StrategyId) -> InstanceStatus:
    """Return the status of an instance; mode off when it does not run."""
    instance = state.instances.get(strategy_id)
    if instance is None:
        return InstanceStatus(InstanceMode.OFF)
    route_id = _route_of(state, instance)
    switch = _switch_over(state, instance, route_id)
    exit_only = instance.exit_only
    if not exit_only and switch is not None and switch.state is KillState.REDUCING:
        place = scope_text(switch.scope, switch.key)
        who = f"{switch.actor}: {switch.reason}"
        exit_only = f"kill {kill_word(switch.state)} ({place}) by {who}"
    return InstanceStatus(
        instance.mode,
        instance.has_error,
        instance.paused,
        instance.held,
        exit_only,
        _blocks(state, instance, route_id, is_killed=switch is not None),
    )


def _blocks(
    state: KernelState, instance: Instance, route_id: RouteId, *, is_killed: bool
) -> tuple[Reason, ...]:
    """Return why an instance could not enter its own market now, worst first: kill-switch, no
    route, halted route, an order of unknown outcome, no price, what its profiles forbid, warm-up.
    """
    mark = state.marks.get(instance.instrument_id)
    faults = (
        (Reason.KILL_SWITCH, is_killed),
        (Reason.NO_ROUTE, not route_id),
        (Reason.ROUTE_HALTED, route_id in state.halted_routes),
        (Reason.ORDER_UNKNOWN, _has_unknown(state, instance, route_id)),
        (Reason.NO_PRICE, mark is None),
        *_forbidden(state, instance, route_id, mark),
        (Reason.WARM_UP, not instance.is_warm),
    )
    return tuple({reason: None for reason, is_fault in faults if is_fault})


def _forbidden(
    state: KernelState, instance: Instance, route_id: RouteId, mark: Mark | None
) -> Iterator[tuple[Reason, bool]]:
    """Yield what the profiles over an instance forbid it whatever it asks for: stale data, clocks
    apart, its market, a limit on loss that is reached, or one that lacks a rate.
    """
    bound = bound_profiles(state, instance.strategy_id, route_id, instance.execution_id)
    profiles = [profile for _, _, profile in bound]
    if mark is not None:
        age, skew = state.now - mark.event_time, abs(mark.ingest_time - mark.event_time)
        yield Reason.DATA_AGE, _is_over(age, [p.max_data_age_ns for p in profiles])
        yield Reason.CLOCK_SKEW, _is_over(skew, [p.max_clock_skew_ns for p in profiles])
    symbol = state.instruments[instance.instrument_id].symbol
    yield Reason.SYMBOL_BLOCKED, any(symbol in p.block for p in profiles)
    yield Reason.SYMBOL_NOT_ALLOWED, any(p.allow and symbol not in p.allow for p in profiles)
    is_observing = instance.mode is InstanceMode.OBSERVE
    own = (shadow_route(instance.strategy_id),) if is_observing else ()
    for scope, key, profile in bound:
        if not limits_loss(profile):
            continue
        for code, value, limit in profile_losses(
            state, scope_filter(state, scope, key, own), profile
        ):
            yield Reason.RATE_UNKNOWN, value is None
            yield code, value is not None and value >= limit


def _is_over(value: int, limits: list[int | None]) -> bool:
    return any(limit is not None and value > limit for limit in limits)


def _route_of(state: KernelState, instance: Instance) -> RouteId:
    """Return the route to the instance's own market, empty when there is none."""
    route = select_route(state, instance.execution_id, state.instruments[instance.instrument_id])
    return RouteId("") if route is None else route.route_id


def _switch_over(state: KernelState, instance: Instance, route_id: RouteId) -> KillSwitch | None:
    """Return the strictest kill-switch over what the instance would enter."""
    return strictest(
        state,
        (
            (Scope.GLOBAL, ""),
            (Scope.EXECUTION, str(instance.execution_id)),
            (Scope.ROUTE, str(route_id)),
            (Scope.STRATEGY, str(instance.strategy_id)),
            (Scope.INSTRUMENT, str(instance.instrument_id)),
        ),
    )


def _has_unknown(state: KernelState, instance: Instance, route_id: RouteId) -> bool:
    """Tell whether any order on the instrument and route, whosever, has no proven outcome."""
    orders = state.open_orders
    for order_id in state.open_by_instrument.get(instance.instrument_id, {}):
        if orders[order_id].is_unknown and orders[order_id].terms.route_id == route_id:
            return True
    return False
