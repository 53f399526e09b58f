"""The runtime event log: what entered the core, as readers outside the process page through it."""

from __future__ import annotations

from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import BrokerId, ExecutionId, RouteId, StrategyId
from tradetui.domain.record import Record


class RuntimeEventEnvelope(Record, frozen=True):
    """One event of the log.

    ``sequence`` is the step that it was, gap-free over the runs that carry each other on but for
    market data that is no longer kept; ``event_id`` is ``RUN:SEQUENCE``; ``published_at`` when the
    engine took it in (ns UTC, virtual in a replay).
    """

    sequence: int
    event_id: str
    published_at: int
    event: Envelope


class RuntimeEventsPage(Record, frozen=True):
    """Some events, oldest first.

    Asked again with ``next_after_sequence`` one gets what follows; ``has_more``: more that fit are
    there already. ``gone_to``: up to this sequence market data is no longer kept that would have
    been among them (the journal's size cap); 0: nothing is missing.
    """

    events: tuple[RuntimeEventEnvelope, ...]
    next_after_sequence: int
    has_more: bool
    gone_to: int = 0


class EventQuery(Record, frozen=True):
    """Which events are wanted: at most ``limit`` with a sequence above ``after``; empty: any.

    ``family`` is the source of an event, ``name`` its type. The others are whose it is: by the
    event itself, or by what it led to (a bar on which an instance ordered is that instance's too).
    """

    after: int = 0
    limit: int = 100
    family: Source | None = None
    name: str = ""
    strategy_id: StrategyId | None = None
    execution_id: ExecutionId | None = None
    route_id: RouteId | None = None
    broker_id: BrokerId | None = None
