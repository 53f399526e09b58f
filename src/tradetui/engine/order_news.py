"""What an event did to orders, as the views that the strategies which own them are given."""

from __future__ import annotations

from typing import Any

from tradetui.core.state import KernelState
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import ClientOrderId, RouteId, StrategyId
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.reports import OrderDenied, OrderModified
from tradetui.domain.steps import Applied
from tradetui.strategy.events import FillView, OrderView, denied_order

News = list[tuple[StrategyId, Any]]
"""(instance, view) in the order in which things happened."""


def order_news(state: KernelState, envelope: Envelope, applied: Applied) -> News:
    """Return an OrderView for each order that an event touched, and a FillView for each fill.

    An order that moved twice in one event is told of once, as it is now.
    """
    causes: dict[ClientOrderId, tuple[str, str]] = {}
    named = getattr(envelope.payload, "client_order_id", None)
    if named is not None and not applied.is_duplicate:
        note = getattr(envelope.payload, "message", "") or getattr(envelope.payload, "reason", "")
        causes[named] = (envelope.event_type, str(note))
    for move in applied.transitions:
        causes.setdefault(move.client_order_id, (move.cause, move.reason))
    news: News = []
    for client_order_id, (cause, note) in causes.items():
        order = state.orders.get(client_order_id)
        if order is not None:
            instrument = state.instruments[order.terms.instrument_id]
            news.append((order.terms.strategy_id, OrderView(order, instrument, cause, note)))
    for fill in applied.fills:
        view = FillView(fill, state.instruments[fill.instrument_id])
        news.append((fill.strategy_id, view))
    return news


def verdict_news(
    state: KernelState,
    envelope: Envelope,
    payload: OrderDenied | OrderModified,
    asked: PlaceOrder | None,
) -> News:
    """Return what a strategy is told of an intent that our own gate refused or made smaller.

    ``asked`` is the refused PlaceOrder; None for a refused cancel or replace, which is told as news
    of the order itself.
    """
    order = state.orders.get(payload.client_order_id)
    if order is None and asked is not None:
        instance = state.instances.get(payload.strategy_id)
        order = denied_order(
            asked,
            payload.strategy_id,
            payload.reason.value,
            execution_id=instance.execution_id if instance is not None else "",  # type: ignore[arg-type]
            route_id=RouteId(""),
            time=envelope.event_time,
        )
    if order is None or order.terms.instrument_id not in state.instruments:
        return []
    instrument = state.instruments[order.terms.instrument_id]
    view = OrderView(order, instrument, envelope.event_type, payload.reason.value)
    return [(payload.strategy_id, view)]
