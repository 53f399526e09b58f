"""Risk and exposure: every limit with what is used of it, and what is held by each dimension."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.exposure import keys_in, scope_sums, worst_value
from tradetui.core.risk.loss_gates import own_losses
from tradetui.core.risk.performance import day_pnl, drawdown_ppm
from tradetui.core.risk.plan import Plan, RateLimit, ScopeFilter, scope_filter
from tradetui.core.state import KernelState, PositionKey
from tradetui.core.valuation import equity
from tradetui.core.view import committed
from tradetui.domain.enums import Scope
from tradetui.domain.ids import InstrumentId, RouteId, is_shadow
from tradetui.domain.instruments import notional
from tradetui.domain.pages import ExposureLine, LimitLine, RiskPage, RouteLine
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskProfile
from tradetui.domain.units import CASH_SCALE
from tradetui.runtime.views import kill_views

DIMENSIONS: Final = ("route", "execution", "strategy", "symbol")
ORDERS: Final = "orders"
FRACTION: Final = "share"
_PPM_SCALE: Final = 6
_NO_INSTRUMENT: Final = InstrumentId("")


def risk_page(state: KernelState, now: int) -> RiskPage:
    """Return the page as of now."""
    return RiskPage(
        now=now,
        run_mode=state.config.run_mode,
        currency=state.config.reporting_currency,
        kills=kill_views(state),
        limits=(*_profile_limits(state), *_instance_limits(state), *_rates(state)),
        exposures=tuple(line for by in DIMENSIONS for line in _exposures(state, by)),
        routes=tuple(_route(state, key) for key in sorted(state.routes) if not is_shadow(key)),
    )


def _profile_limits(state: KernelState) -> Iterator[LimitLine]:
    """Yield the limits on a whole scope, of every profile where it is bound."""
    for scope, key in sorted(state.bindings):
        where = scope_filter(state, scope, key)
        for binding in state.bindings[scope, key]:
            profile = state.profiles[binding.profile]
            for control, value, limit, scale, unit in _measured(state, where, profile):
                yield LimitLine(scope, key, profile.name, control.value, value, limit, scale, unit)


_Measured = tuple[Reason, int | None, int, int, str]


def _measured(state: KernelState, where: ScopeFilter, profile: RiskProfile) -> Iterator[_Measured]:
    money = state.config.reporting_currency
    if profile.max_exposure is not None:
        worst = _total(_worst(state, key) for key in keys_in(state, where))
        yield Reason.MAX_EXPOSURE, worst, profile.max_exposure, CASH_SCALE, money
    if profile.max_daily_loss is not None:
        pnl = day_pnl(state, where)
        loss = None if pnl is None else max(-pnl, 0)
        yield Reason.DAILY_LOSS, loss, profile.max_daily_loss, CASH_SCALE, money
    if profile.max_drawdown_ppm is not None:
        fallen = drawdown_ppm(state, where)
        yield Reason.DRAWDOWN, fallen, profile.max_drawdown_ppm, _PPM_SCALE, FRACTION
    if profile.max_open_orders is not None:
        count = scope_sums(state, where, _NO_INSTRUMENT).open_orders
        yield Reason.MAX_OPEN_ORDERS, count, profile.max_open_orders, 0, ORDERS
    if profile.max_position_notional is not None:
        values = [_worst(state, key) for key in keys_in(state, where)]
        largest = None if None in values else max((v for v in values if v is not None), default=0)
        limit = profile.max_position_notional
        yield Reason.MAX_POSITION_NOTIONAL, largest, limit, CASH_SCALE, money


def _instance_limits(state: KernelState) -> Iterator[LimitLine]:
    """Yield each instance's budget, and its own limits on fees and loss."""
    unit = state.config.reporting_currency
    for strategy_id in sorted(state.instances):
        where = scope_filter(state, Scope.STRATEGY, strategy_id)
        limits = state.instances[strategy_id].limits
        found = own_losses(state, where, limits)
        if limits.budget:
            taken = _total(committed(state, key) for key in keys_in(state, where))
            found = ((Reason.BUDGET, taken, limits.budget), *found)
        for control, value, limit in found:
            spent = None if value is None else max(value, 0)
            yield LimitLine(
                Scope.STRATEGY, strategy_id, "", control.value, spent, limit, CASH_SCALE, unit
            )


def _rates(state: KernelState) -> Iterator[LimitLine]:
    """Yield the limits on the number of orders in a time, as far as orders were asked for."""
    found: dict[str, RateLimit] = {}
    for plan in state.risk_plans.values():
        if isinstance(plan, Plan):
            found |= {rate.head: rate for rate in plan.rates}
    for head in sorted(found):
        rate = found[head]
        scope, key = _place_of(rate)
        count = _recent(state, rate)
        yield LimitLine(scope, key, rate.profile, rate.code.value, count, rate.limit, 0, ORDERS)


def _place_of(rate: RateLimit) -> tuple[Scope, str]:
    """Return what a window counts over: its name is ``hour:<id>:<n>`` or
    ``rate:<scope>:<key>:<profile>:<n>``.
    """
    kind, _, rest = rate.head.partition(":")
    if kind == "hour":
        return Scope.STRATEGY, rest.removesuffix(f":{rate.limit}")
    scope, _, key = rest.partition(":")
    return Scope(scope), key.removesuffix(f"{rate.profile}:{rate.limit}").removesuffix(":")


def _recent(state: KernelState, rate: RateLimit) -> int:
    """Count the orders in the window that ends now; nothing is forgotten by looking."""
    head, tail = state.order_counts.get(rate.head, 0), state.order_counts.get(rate.tail, 0)
    oldest = state.now - rate.window
    times = (state.order_times[rate.head, at % rate.limit] for at in range(tail, head))
    return sum(time > oldest for time in times)


def _exposures(state: KernelState, by: str) -> Iterator[ExposureLine]:
    """Yield what is held and may still be, for each key of a dimension that has any."""
    groups: dict[str, list[PositionKey]] = {}
    for key in keys_in(state, scope_filter(state, Scope.GLOBAL, "")):
        groups.setdefault(_key_of(state, key, by), []).append(key)
    for name in sorted(groups):
        keys = groups[name]
        held = [_value(state, key) for key in keys]
        working = [state.working[key] for key in keys if key in state.working]
        yield ExposureLine(
            by,
            name,
            _total(None if value is None else max(value, 0) for value in held),
            _total(None if value is None else max(-value, 0) for value in held),
            _total(_worst(state, key) for key in keys),
            sum(one.open_orders for one in working),
        )


def _key_of(state: KernelState, key: PositionKey, by: str) -> str:
    strategy_id, route_id, instrument_id = key
    match by:
        case "route":
            return route_id
        case "execution":
            return state.routes[route_id].execution_id
        case "strategy":
            return strategy_id
        case _:
            return state.instruments[instrument_id].symbol


def _value(state: KernelState, key: PositionKey) -> int | None:
    """Return the signed value of a sub-position in the reporting currency; None without a price."""
    held = state.positions.get(key)
    if held is None or not held.quantity:
        return 0
    mark = state.marks.get(key[2])
    if mark is None:
        return None
    instrument = state.instruments[key[2]]
    return to_reporting(state, instrument.quote, notional(instrument, mark.price, held.quantity))


def _worst(state: KernelState, key: PositionKey) -> int | None:
    value = worst_value(state, key, True, 0, None)
    return to_reporting(state, state.instruments[key[2]].quote, value)


def _total(values: Iterator[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _route(state: KernelState, route_id: RouteId) -> RouteLine:
    route = state.routes[route_id]
    cash = tuple(
        (currency, amount)
        for (owner, currency), amount in sorted(state.cash.items())
        if owner == route_id
    )
    return RouteLine(
        route_id,
        route.execution_id,
        route.venue,
        state.halted_routes.get(route_id, ""),
        equity(state, route_id),
        cash,
    )
