"""The journal as it grows: the newest steps, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from tradetui.core.state import KernelState
from tradetui.domain.ids import ClientOrderId, StrategyId
from tradetui.domain.pages import EventFilter, EventLine, EventsPage
from tradetui.domain.steps import StepRecord
from tradetui.runtime.step_words import event_text

MAX_EVENTS: Final = 1_000


def events_page(
    state: KernelState, newest_first: Iterable[StepRecord], wanted: EventFilter, count: int
) -> EventsPage:
    """Return the newest ``count`` events that fit, oldest first."""
    lines = list(islice(_fitting(state, newest_first, wanted), min(max(count, 0), MAX_EVENTS)))
    return EventsPage(tuple(reversed(lines)))


def _fitting(
    state: KernelState, steps: Iterable[StepRecord], wanted: EventFilter
) -> Iterator[EventLine]:
    needle = wanted.text.lower()
    for step in steps:
        event = step.event
        if wanted.sources and event.source not in wanted.sources:
            continue
        if wanted.instrument_id is not None and event.instrument != wanted.instrument_id:
            continue
        owner = owner_of(state, step)
        if wanted.strategy_id is not None and owner != wanted.strategy_id:
            continue
        line = event_line(state, step, owner)
        if needle and needle not in f"{line.event_type} {line.text} {owner or ''}".lower():
            continue
        yield line


def event_line(state: KernelState, step: StepRecord, owner: StrategyId | None) -> EventLine:
    """Return a step as a line."""
    event = step.event
    return EventLine(
        seq_id=event.seq_id,
        event_time=event.event_time,
        source=event.source,
        event_type=event.event_type,
        instrument_id=event.instrument,
        strategy_id=owner,
        text=event_text(state, step),
        decisions=len(step.decisions),
        transitions=len(step.transitions),
        fills=len(step.result.fills),
    )


def owner_of(state: KernelState, step: StepRecord) -> StrategyId | None:
    """Return the instance that a step concerns: by its event, its order, or what it led to."""
    payload = step.event.payload
    named: StrategyId | None = getattr(payload, "strategy_id", None)
    if named is None:
        named = getattr(payload, "warmup_for", None)
    if named is not None:
        return named
    order_id: ClientOrderId | None = getattr(payload, "client_order_id", None)
    order = None if order_id is None else state.orders.get(order_id)
    if order is not None:
        return order.terms.strategy_id
    for decision in step.decisions:
        return decision.strategy_id
    for transition in step.transitions:
        return transition.strategy_id
    return None
