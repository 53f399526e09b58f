"""What a person asks of orders, positions, routes and kill-switches, applied."""

from __future__ import annotations

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.closing import close_positions
from tradetui.core.invariants import halt_route
from tradetui.core.order_manager import cancel, cancel_entries, resume_held
from tradetui.core.orders import open_orders_of, send_cancel
from tradetui.core.relations import IS_OPEN
from tradetui.core.risk.profiles import ProfileError, set_profile
from tradetui.core.state import KernelState
from tradetui.domain.control import (
    EDGE_HALT,
    CancelEntriesRequested,
    CancelRequested,
    CloseRequested,
    KillSwitchChanged,
    RiskProfileSet,
    RouteHealthChanged,
)
from tradetui.domain.enums import KillState, OrderState, Scope
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import RouteId
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import KillSwitch


def on_kill_switch_changed(
    state: KernelState, changes: Changes, envelope: Envelope, event: KillSwitchChanged
) -> None:
    """Engage or release a kill-switch."""
    switch = KillSwitch(event.scope, event.key, event.state, event.actor, event.reason, state.now)
    set_kill_switch(state, changes, switch, cancels_entries=event.cancel_entries)


def set_kill_switch(
    state: KernelState, changes: Changes, switch: KillSwitch, *, cancels_entries: bool
) -> None:
    """Put a kill-switch to work; a released one is forgotten, and what it kept back goes on.

    Engaging cancels the entry orders in its scope, if wanted, but never what protects; the books of
    observing instances, which never leave the house, are not touched.
    """
    key = (switch.scope, switch.key)
    if switch.state is KillState.NORMAL:
        state.drop(state.kill_switches, key)
    else:
        state.put(state.kill_switches, key, switch)
        if cancels_entries:
            orders = [
                order
                for order in open_orders_of(state, None, with_shadow=False)
                if _is_in_scope(order, switch.scope, switch.key)
            ]
            cancel_entries(state, changes, orders, f"kill-switch {switch.state}")
    if switch.state is not KillState.HALTED:
        resume_held(state, changes)


def _is_in_scope(order: Order, scope: Scope, key: str) -> bool:
    terms = order.terms
    own: dict[Scope, str] = {
        Scope.GLOBAL: key,
        Scope.EXECUTION: terms.execution_id,
        Scope.ROUTE: terms.route_id,
        Scope.STRATEGY: terms.strategy_id,
        Scope.INSTRUMENT: terms.instrument_id,
    }
    return own[scope] == key


def on_cancel_requested(
    state: KernelState, changes: Changes, envelope: Envelope, event: CancelRequested
) -> None:
    """Cancel one order, whatever its role: a person asked.

    A cancel that is under way already is sent once more.
    """
    order = state.orders.get(event.client_order_id)
    if order is None or not IS_OPEN[order.state]:
        what = "not known" if order is None else str(order.state)
        changes.diagnose(
            Reason.UNKNOWN_ORDER if order is None else Reason.ILLEGAL_TRANSITION,
            f"order {event.client_order_id} cannot be cancelled: it is {what}",
            client_order_id=event.client_order_id,
        )
        return
    if order.state is OrderState.CANCEL_PENDING:
        send_cancel(changes, order)
        return
    cancel(state, changes, order, event.reason or f"cancelled by {event.actor}")


def on_cancel_entries_requested(
    state: KernelState, changes: Changes, envelope: Envelope, event: CancelEntriesRequested
) -> None:
    """Cancel the entry orders of one instance, or all real ones."""
    orders = open_orders_of(state, event.strategy_id, with_shadow=event.strategy_id is not None)
    reason = event.reason or f"cancelled by {event.actor}"
    cancel_entries(state, changes, orders, reason)


def on_close_requested(
    state: KernelState, changes: Changes, envelope: Envelope, event: CloseRequested
) -> None:
    """Close an instance's positions at market: exit-only, no entries, one reducing order each."""
    reason = event.reason or f"closed by {event.actor}"
    instance = state.instances.get(event.strategy_id)
    if instance is not None:
        state.put(
            state.instances,
            event.strategy_id,
            replace(instance, exit_only=instance.exit_only or reason),
        )
    close_positions(state, changes, event.strategy_id, event.order_ids, reason)


def on_route_health_changed(
    state: KernelState, changes: Changes, envelope: Envelope, event: RouteHealthChanged
) -> None:
    """Halt a route (entries refused), or declare it sound again."""
    if event.route_id not in state.routes:
        changes.diagnose(
            Reason.NO_ROUTE,
            f"route {event.route_id} is not known",
            route_id=event.route_id,
        )
    elif event.halted:
        halt_route(state, changes, event.route_id, event.reason)
    elif not event.reason.startswith(EDGE_HALT) or _is_halted_by_edge(state, event.route_id):
        state.drop(state.halted_routes, event.route_id)


def _is_halted_by_edge(state: KernelState, route_id: RouteId) -> bool:
    return state.halted_routes.get(route_id, "").startswith(EDGE_HALT)


def on_risk_profile_set(
    state: KernelState, changes: Changes, envelope: Envelope, event: RiskProfileSet
) -> None:
    """Put a new or changed risk profile to work; one that cannot be bound changes nothing."""
    notes = len(state.undo)
    try:
        set_profile(state, event.profile, event.bindings)
    except ProfileError as error:
        state.rollback(notes)
        changes.diagnose(Reason.SCHEMA, str(error), is_incident=True)
