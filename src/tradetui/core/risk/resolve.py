"""The choice of the route: (execution context, instrument) -> route, at intent time."""

from __future__ import annotations

from tradetui.core.state import KernelState
from tradetui.domain.ids import ExecutionId, RouteId
from tradetui.domain.instruments import Instrument
from tradetui.domain.steps import RouteConfig


def select_route(
    state: KernelState, execution_id: ExecutionId, instrument: Instrument
) -> RouteConfig | None:
    """Return the first route of the context that trades the instrument, or None.

    A route trades an instrument of its venue, of a class it can do, and, where it lists
    instruments, one of the list.
    """
    context = state.contexts.get(execution_id)
    if context is None:
        return None
    for route_id in context.routes:
        route = state.routes.get(route_id)
        if (
            route is not None
            and route.venue == instrument.venue
            and instrument.instrument_class in route.capabilities.instrument_classes
            and (not route.instruments or instrument.instrument_id in route.instruments)
        ):
            return route
    return None


def routes_of(state: KernelState, execution_id: ExecutionId) -> tuple[RouteId, ...]:
    """Return the routes of a context."""
    context = state.contexts.get(execution_id)
    return () if context is None else context.routes
