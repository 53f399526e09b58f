"""What an event did to orders, as the views that the strategies which own them are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tradetui.core.changes import NOTHING
from tradetui.core.state import KernelState
from tradetui.domain import reports
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import ClientOrderId, ExecutionId, RouteId, StrategyId
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.reports import OrderDenied, OrderModified
from tradetui.domain.steps import Applied
from tradetui.engine.runner import Runner
from tradetui.strategy.events import FillView, OrderView, denied_order

News = list[tuple[StrategyId, Any]]
"""(instance, view) in the order in which things happened."""

_NOTE_FIELDS: Final[dict[type, str | None]] = {
    reports.OrderAccepted: None,
    reports.OrderRejected: "message",
    reports.OrderFilled: None,
    reports.OrderTriggered: None,
    reports.OrderCancelled: "reason",
    reports.OrderExpired: "reason",
    reports.CancelRejected: "message",
    reports.OrderReplaced: None,
    reports.ReplaceRejected: "message",
    reports.OrderAmended: None,
    reports.OutcomeUnknown: "message",
}
"""The reports that name an order, and the field with the words that came with each."""


def order_news(
    state: KernelState, runners: Mapping[StrategyId, Runner], envelope: Envelope, applied: Applied
) -> News:
    """Return an OrderView for each order that an event touched, and a FillView for each fill, for
    the running strategies that want them.

    An order that moved twice in one event is told of once, as it is now.
    """
    news: News = []
    if applied.is_duplicate:
        return news
    named: ClientOrderId | None = None
    kind = envelope.payload.__class__
    if kind in _NOTE_FIELDS:
        payload: Any = envelope.payload
        named = payload.client_order_id
        field = _NOTE_FIELDS[kind]
        note = "" if field is None else getattr(payload, field)
        _add(news, state, runners, payload.client_order_id, envelope.event_type, note)
    if applied is NOTHING:
        return news
    told = {named: None}
    for move in applied.transitions:
        if move.client_order_id not in told:
            told[move.client_order_id] = None
            _add(news, state, runners, move.client_order_id, move.cause, move.reason)
    for fill in applied.fills:
        runner = runners.get(fill.strategy_id)
        if runner is not None and runner.wants_fills:
            view = FillView(fill, state.instruments[fill.instrument_id])
            news.append((fill.strategy_id, view))
    return news


def _add(
    news: News,
    state: KernelState,
    runners: Mapping[StrategyId, Runner],
    client_order_id: ClientOrderId,
    cause: str,
    note: str,
) -> None:
    order = state.orders.get(client_order_id)
    if order is None:
        return
    terms = order.terms
    runner = runners.get(terms.strategy_id)
    if runner is not None and runner.wants_orders:
        instrument = state.instruments[terms.instrument_id]
        news.append((terms.strategy_id, OrderView(order, instrument, cause, note)))


def verdict_news(
    state: KernelState,
    runners: Mapping[StrategyId, Runner],
    envelope: Envelope,
    asked: PlaceOrder | None,
) -> News:
    """Return what a strategy is told of an intent that our own gate refused or made smaller.

    ``asked`` is the refused PlaceOrder; None for a refused cancel or replace, which is told as news
    of the order itself.
    """
    payload = envelope.payload
    assert isinstance(payload, OrderDenied | OrderModified)
    runner = runners.get(payload.strategy_id)
    if runner is None or not runner.wants_orders:
        return []
    order = state.orders.get(payload.client_order_id)
    if order is None and asked is not None:
        instance = state.instances.get(payload.strategy_id)
        order = denied_order(
            asked,
            payload.strategy_id,
            payload.reason.value,
            execution_id=ExecutionId("") if instance is None else instance.execution_id,
            route_id=RouteId(""),
            time=envelope.event_time,
        )
    if order is None or order.terms.instrument_id not in state.instruments:
        return []
    instrument = state.instruments[order.terms.instrument_id]
    view = OrderView(order, instrument, envelope.event_type, payload.reason.value)
    return [(payload.strategy_id, view)]
