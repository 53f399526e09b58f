"""Taking a state over into another configuration: a new run that goes on where one ended."""

from __future__ import annotations

from dataclasses import dataclass

from tradetui.core.risk.profiles import bind_all
from tradetui.core.state import KernelState
from tradetui.domain.ids import RouteId, is_shadow
from tradetui.domain.steps import KernelConfig, RouteConfig


class CarryError(ValueError):
    """The state cannot live under the new configuration; the message is one sentence."""


@dataclass(frozen=True)
class Carried:
    """A state under its new configuration, and what a person should know of the change."""

    state: KernelState
    notes: tuple[str, ...]


def carry(state: KernelState, config: KernelConfig) -> Carried:
    """Return the state under another configuration; what it was is not usable any more.

    Money, positions, orders and switches stay. Profiles and bindings are the new configuration's
    when that changed them, else as they are now. Raises CarryError when a route or an account that
    still holds something is gone, or is another venue's now.
    """
    old = state.config
    if old.run_mode is not config.run_mode:
        raise CarryError(f"a run in {old.run_mode} is not gone on with in {config.run_mode}")
    notes: list[str] = []
    _check_routes(state, config)
    _carry_routes(state, config, notes)
    _carry_accounts(state, config, notes)
    if (old.profiles, old.bindings) != (config.profiles, config.bindings):
        state.profiles = {profile.name: profile for profile in config.profiles}
        state.bindings = {}
        state.config = config
        bind_all(state)
        notes.append("the risk profiles are those of the config, which has changed")
    if old.reporting_currency != config.reporting_currency:
        state.peak_equity = {}
        state.day_start_equity = {}
        notes.append(
            f"the reporting currency is {config.reporting_currency} now, was "
            f"{old.reporting_currency}: the equity of the day and its peak begin anew"
        )
    state.config = config
    state.max_closed_orders = config.max_closed_orders
    state.risk_plans = {}
    state.totals = None
    state.begin()
    return Carried(state, tuple(notes))


def held_on(state: KernelState, route_id: RouteId) -> str:
    """Say what a route still holds; empty when it holds neither a position nor an open order."""
    parts = [
        f"a position of {key[0]} in {key[2]}"
        for key, position in sorted(state.positions.items())
        if key[1] == route_id and position.quantity
    ]
    count = sum(order.terms.route_id == route_id for order in state.open_orders.values())
    if count:
        parts.append(f"{count} open order{'s' if count > 1 else ''}")
    return " and ".join(parts)


def _check_routes(state: KernelState, config: KernelConfig) -> None:
    """Refuse before anything is changed."""
    fresh = {route.route_id: route for route in config.routes}
    for route_id, before in state.routes.items():
        if is_shadow(route_id):
            continue
        now = fresh.get(route_id)
        what = held_on(state, route_id)
        if not what or (now is not None and now.venue == before.venue):
            continue
        gone = "is not in the config any more" if now is None else f"leads to {now.venue} now"
        raise CarryError(
            f"route {route_id} {gone} and still holds {what} at {before.venue}: put it back, close "
            "what it holds, then take it out"
        )


def _carry_routes(state: KernelState, config: KernelConfig, notes: list[str]) -> None:
    fresh = {route.route_id: route for route in config.routes}
    for route_id in [key for key in state.routes if not is_shadow(key)]:
        before, now = state.routes[route_id], fresh.get(route_id)
        if now is None or now.venue != before.venue:
            _forget_route(state, route_id)
            notes.append(f"route {route_id} at {before.venue} is gone; it held only cash")
    routes_before = state.routes
    shadows = {key: route for key, route in state.routes.items() if is_shadow(key)}
    state.routes = {**fresh, **shadows}
    for route in config.routes:
        _open_cash(state, route, routes_before.get(route.route_id), notes)


def _open_cash(
    state: KernelState, route: RouteConfig, before: RouteConfig | None, notes: list[str]
) -> None:
    """Give a route its opening cash in the currencies that it never had; say what else the config
    wants otherwise than ``before``, and that it changes nothing.
    """
    known = dict(route.opening_cash if before is None else before.opening_cash)
    for currency, amount in route.opening_cash:
        key = (route.route_id, currency)
        if key not in state.cash:
            state.cash[key] = state.cash_flows[key] = amount
            if before is not None:
                notes.append(f"route {route.route_id} gets its opening cash in {currency}")
        elif known.get(currency) != amount:
            notes.append(
                f"the config has another opening cash of route {route.route_id} in {currency} now: "
                "it counts where a run begins flat, the route keeps what it has"
            )


def _carry_accounts(state: KernelState, config: KernelConfig, notes: list[str]) -> None:
    state.contexts = {context.execution_id: context for context in config.contexts}
    for strategy_id, instance in sorted(state.instances.items()):
        if instance.execution_id in state.contexts:
            continue
        is_busy = any(
            order.terms.strategy_id == strategy_id for order in state.open_orders.values()
        )
        is_busy = is_busy or any(
            key[0] == strategy_id and position.quantity for key, position in state.positions.items()
        )
        if is_busy:
            raise CarryError(
                f"account {instance.execution_id} is not in the config any more and instance "
                f"{strategy_id} still has a position or open orders: put it back, close them, then "
                "take it out"
            )
        del state.instances[strategy_id]
        notes.append(f"instance {strategy_id} does not run: its account is gone")


def _forget_route(state: KernelState, route_id: RouteId) -> None:
    """Drop every entry of a route that holds nothing."""
    by_position = (state.positions, state.working, state.days, state.stop_wanted)
    for table in by_position:
        for key in [key for key in table if key[1] == route_id]:
            del table[key]
    by_route = (state.cash, state.cash_flows, state.route_quantities)
    for amounts in by_route:
        for place in [key for key in amounts if key[0] == route_id]:
            del amounts[place]  # type: ignore[arg-type]
    for order_id in [k for k, o in state.orders.items() if o.terms.route_id == route_id]:
        del state.orders[order_id]
        state.closed_order_ids.pop(order_id, None)
    for trade in [key for key in state.trade_ids if key[0].startswith(f"{route_id}:")]:
        del state.trade_ids[trade]
    state.halted_routes.pop(route_id, None)
