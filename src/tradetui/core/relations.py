"""How orders hang together: sub-positions, parents and children, OCO groups, versions."""

from __future__ import annotations

from typing import Final

from tradetui.core.state import KernelState, PositionKey
from tradetui.domain.enums import OrderState
from tradetui.domain.ids import ClientOrderId, RouteId, StrategyId
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.orders import Order, OrderTerms

IS_OPEN: Final[dict[OrderState, bool]] = {state: state not in TERMINAL for state in OrderState}
"""Whether an order in a state may still change."""


def is_alone(state: KernelState, order: Order) -> bool:
    """Tell whether an order hangs together with no other: no child and no parent, in no group, no
    version of another and without one that shall replace it.
    """
    terms = order.terms
    return (
        terms.parent_order_id is None
        and terms.oco_group is None
        and terms.replaces is None
        and order.pending_replace is None
        and terms.client_order_id not in state.children
    )


def key_of(terms: OrderTerms) -> PositionKey:
    """Return the sub-position that an order works for."""
    return (terms.strategy_id, terms.route_id, terms.instrument_id)


def group_key(terms: OrderTerms) -> str:
    """Return the key of an order's OCO group: the names that instances choose are their own, on
    each route.
    """
    assert terms.oco_group is not None
    return key_of_group(terms.route_id, terms.strategy_id, terms.oco_group)


def key_of_group(route_id: RouteId, strategy_id: StrategyId, name: str) -> str:
    """Return the key of the OCO group that an instance names so on a route."""
    return f"{route_id}/{strategy_id}/{name}"


def parent_of(state: KernelState, order: Order) -> Order | None:
    """Return the order whose fills a child follows (its newest version); None for an order that is
    no child, or whose parent is long closed.
    """
    terms = order.terms
    if terms.parent_order_id is None:
        return None
    parent_id = state.parents.get(terms.client_order_id, terms.parent_order_id)
    return state.orders.get(parent_id)


def is_waiting(state: KernelState, order: Order) -> bool:
    """Tell whether an order is a child whose parent is open and has no fill yet."""
    parent = parent_of(state, order)
    return parent is not None and IS_OPEN[parent.state] and filled_by_all(state, parent) == 0


def filled_by_all(state: KernelState, order: Order) -> int:
    """Return what an order and the versions that it took the place of have filled together."""
    return order.filled_quantity + state.carried_fills.get(order.terms.client_order_id, 0)


def siblings(state: KernelState, order: Order) -> list[Order]:
    """Return the other open orders of an order's OCO group, in the order in which they joined."""
    terms = order.terms
    if terms.oco_group is None:
        return []
    members = state.oco_groups.get(group_key(terms), ())
    found = [state.open_orders.get(member) for member in members]
    return [o for o in found if o is not None and o.terms.client_order_id != terms.client_order_id]


def children_of(state: KernelState, order_id: ClientOrderId) -> list[Order]:
    """Return the open children of an order, in the order in which they joined."""
    found = [state.open_orders.get(child) for child in state.children.get(order_id, ())]
    return [order for order in found if order is not None]


def creation_key(order: Order) -> tuple[int, int, str]:
    """Sort key that puts orders in order of creation: time, then the counter of the id."""
    terms = order.terms
    return (terms.created_time, len(terms.client_order_id), terms.client_order_id)
