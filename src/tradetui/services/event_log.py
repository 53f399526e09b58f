"""Pages of the runtime event log, read from a journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tradetui.domain.enums import Source
from tradetui.domain.event_log import EventQuery, RuntimeEventEnvelope, RuntimeEventsPage
from tradetui.domain.ids import RouteId, RunId, StrategyId
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.steps import CancelCommand, JournalHeader, RouteConfig, StepRecord
from tradetui.domain.timers import Heartbeat, StrategyTimer
from tradetui.ports.journal import JournalSource
from tradetui.ports.kept_steps import first_gone, kept_steps

MAX_EVENTS: Final = 10_000
_MAY_LACK: Final = (None, Source.MARKET_DATA, Source.TIMER)
_MAY_GO: Final = tuple(one.__name__ for one in (Bar, Trade, Quote, Heartbeat, StrategyTimer))
"""Families and names of the events that the size cap may take."""


def events_page(
    source: JournalSource, query: EventQuery, run_id: RunId | None = None
) -> RuntimeEventsPage:
    """Return a page of the newest run (or the one named) and of those that it carries on.

    Market data that is no longer kept is passed over. Raises JournalError.
    """
    limit = min(max(query.limit, 1), MAX_EVENTS)
    found: list[RuntimeEventEnvelope] = []
    last, has_more = query.after, False
    headers = carried(source, run_id)
    for header in headers:
        routes = {route.route_id: route for route in header.kernel_config.routes}
        for step in _steps(source, header, query):
            event = step.event
            is_wanted = fits(step, query, routes)
            if is_wanted and len(found) == limit:
                has_more = True
                break
            last = event.seq_id
            if is_wanted:
                found.append(
                    RuntimeEventEnvelope(
                        event.seq_id, f"{header.run_id}:{event.seq_id}", event.ingest_time, event
                    )
                )
        if has_more:
            break
    gone_to = _gone_to(source, headers, query, last)
    return RuntimeEventsPage(tuple(found), last, has_more, gone_to)


def _gone_to(
    source: JournalSource, headers: list[JournalHeader], query: EventQuery, last: int
) -> int:
    """Return the step up to which a page lacks events that are no longer kept; 0 if it lacks
    none.
    """
    if query.family not in _MAY_LACK or (query.name and query.name not in _MAY_GO):
        return 0
    if query.family is not Source.TIMER and any(_whose(query)):
        return 0
    found = 0
    for header in headers:
        end = min(source.pruned_to(header.run_id), last)
        first = max(query.after, header.opening_seq) + 1
        if first_gone(source, header.run_id, first, end) is not None:
            found = end
    return found


def carried(source: JournalSource, run_id: RunId | None) -> list[JournalHeader]:
    """Return the header of a run after those of the runs that it carries on, oldest first."""
    ids = [info.run_id for info in source.runs()]
    wanted = run_id if run_id is not None else (ids[-1] if ids else None)
    headers: list[JournalHeader] = []
    while wanted:
        headers.insert(0, source.header(wanted))
        before = RunId(headers[0].continues)
        wanted = before if before in ids else None
    return headers


def fits(step: StepRecord, query: EventQuery, routes: dict[RouteId, RouteConfig]) -> bool:
    """Tell whether a step is asked for."""
    event = step.event
    if query.family is not None and event.source is not query.family:
        return False
    if query.name and event.event_type != query.name:
        return False
    if query.strategy_id is not None and query.strategy_id not in owners_of(step):
        return False
    concerned = routes_of(step)
    if query.route_id is not None and query.route_id not in concerned:
        return False
    known = [routes[route_id] for route_id in concerned if route_id in routes]
    if query.broker_id is not None and query.broker_id not in [one.broker_id for one in known]:
        return False
    if query.execution_id is None:
        return True
    named = getattr(event.payload, "execution_id", None)
    return query.execution_id in [named, *(one.execution_id for one in known)]


def owners_of(step: StepRecord) -> dict[StrategyId, None]:
    """Return the instances that a step concerns: by its event, and by what it led to."""
    payload: Any = step.event.payload
    named: StrategyId | None = getattr(payload, "strategy_id", None)
    found: dict[StrategyId, None] = {} if named is None else {named: None}
    parts: tuple[Any, ...] = (
        *step.intents,
        *step.decisions,
        *step.transitions,
        *step.result.fills,
    )
    for part in parts:
        found[part.strategy_id] = None
    return found


def routes_of(step: StepRecord) -> dict[RouteId, None]:
    """Return the routes that a step concerns: by its event, and by what it led to."""
    named = getattr(step.event.payload, "route_id", None)
    found: dict[RouteId, None] = {} if named is None else {named: None}
    for fill in step.result.fills:
        found[fill.route_id] = None
    for command in step.result.commands:
        if isinstance(command, CancelCommand):
            found[command.route_id] = None
        else:
            found[command.terms.route_id] = None
    for decision in step.decisions:
        if decision.route_id is not None:
            found[decision.route_id] = None
    return found


def _steps(source: JournalSource, header: JournalHeader, query: EventQuery) -> Iterator[StepRecord]:
    """Yield the steps that can fit: prices that passed by are of nobody."""
    first = max(query.after, header.opening_seq) + 1
    if query.family in (None, Source.MARKET_DATA) and not any(_whose(query)):
        return kept_steps(source, header.run_id, first)
    return source.eventful(header.run_id, first)


def _whose(query: EventQuery) -> tuple[str | None, ...]:
    """Return whose events are wanted; prices that passed by are of nobody."""
    return (query.strategy_id, query.execution_id, query.route_id, query.broker_id)
