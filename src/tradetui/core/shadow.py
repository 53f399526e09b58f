"""The shadow book of an observing instance: a route of its own that never leaves the house."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.conversion import convert
from tradetui.core.orders import open_orders_of, send_cancel
from tradetui.core.risk.resolve import select_route
from tradetui.core.state import Instance, KernelState, PositionKey
from tradetui.core.working import forget_noted
from tradetui.domain.enums import OrderState
from tradetui.domain.ids import RouteId, StrategyId, shadow_route
from tradetui.domain.reasons import Reason


def open_shadow(state: KernelState, changes: Changes, instance: Instance) -> None:
    """Give an observing instance a shadow book, unless it has one: a copy of its real route with
    the budget as opening cash in the quote currency.

    Without a rate to that currency the budget's number is taken as it is, and that is said: it is
    no money.
    """
    route_id = shadow_route(instance.strategy_id)
    if route_id in state.routes:
        return
    instrument = state.instruments[instance.instrument_id]
    real = select_route(state, instance.execution_id, instrument)
    if real is None:
        changes.diagnose(
            Reason.NO_ROUTE,
            f"instance {instance.strategy_id} has no shadow book: account "
            f"{instance.execution_id} has no route for {instance.instrument_id}",
            strategy_id=instance.strategy_id,
        )
        return
    budget = instance.limits.budget
    cash = convert(state, state.config.reporting_currency, instrument.quote, budget)
    if cash is None:
        changes.diagnose(
            Reason.RATE_UNKNOWN,
            f"no rate from {state.config.reporting_currency} to {instrument.quote}: the shadow "
            f"book of {instance.strategy_id} opens with the budget's number in "
            f"{instrument.quote}",
            strategy_id=instance.strategy_id,
        )
        cash = budget
    opening = ((instrument.quote, cash),)
    state.put(
        state.routes,
        route_id,
        replace(real, route_id=route_id, opening_cash=opening, instruments=()),
    )
    state.put(state.cash, (route_id, instrument.quote), cash)
    state.put(state.cash_flows, (route_id, instrument.quote), cash)


def drop_shadow(state: KernelState, changes: Changes, strategy_id: StrategyId) -> None:
    """Drop an instance's shadow book: its orders, positions and cash.

    Its simulated venue is asked to cancel what rests there; what it still says is ignored.
    """
    route_id = shadow_route(strategy_id)
    if route_id not in state.routes:
        return
    for order in open_orders_of(state, strategy_id, with_shadow=True):
        if order.terms.route_id == route_id and order.state is not OrderState.CREATED:
            send_cancel(changes, order)
    for order in [o for o in state.orders.values() if o.terms.route_id == route_id]:
        forget_noted(state, order)
    _drop_books(state, route_id)
    state.drop(state.halted_routes, route_id)
    state.drop(state.routes, route_id)


def _drop_books(state: KernelState, route_id: RouteId) -> None:
    """Drop every entry of a route's positions, money and trades."""
    state.totals = None
    by_position: tuple[dict[PositionKey, Any], ...] = (
        state.positions,
        state.working,
        state.days,
        state.stop_wanted,
    )
    for table in by_position:
        for key in [key for key in table if key[1] == route_id]:
            state.drop(table, key)
    by_route: tuple[dict[Any, int], ...] = (state.cash, state.cash_flows, state.route_quantities)
    for amounts in by_route:
        for route_key in [key for key in amounts if key[0] == route_id]:
            state.drop(amounts, route_key)
    for trade_key in [key for key in state.trade_ids if key[0].startswith(f"{route_id}:")]:
        state.drop(state.trade_ids, trade_key)
