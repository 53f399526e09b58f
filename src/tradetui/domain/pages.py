"""What a full screen asks for when it is looked at: figures that nobody pays for otherwise.

The replica carries what every screen needs all the time; these are pulled, about twice a second,
only while their screen is open. Money at CASH_SCALE; ``None`` is not known.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import InstanceMode, InstanceState, RunMode, Scope, Source
from tradetui.domain.ids import Currency, InstrumentId, RunId, StrategyId
from tradetui.domain.record import Record
from tradetui.domain.replica import DecisionView, FillView, KillView, OrderView


class LimitLine(Record, frozen=True):
    """One limit that is set, and how much of it is used.

    ``scope`` and ``key`` say what it binds, ``profile`` which one sets it (empty: the instance's
    own). ``value`` and ``limit`` are integers with ``scale`` decimals in ``unit``: a currency,
    ``orders``, ``base`` or ``share`` (of 1).
    """

    scope: Scope
    key: str
    profile: str
    control: str
    value: int | None
    limit: int
    scale: int
    unit: str


class ExposureLine(Record, frozen=True):
    """What is held and may still be, summed by one dimension, in the reporting currency.

    ``by`` is ``route``, ``execution``, ``strategy`` or ``symbol``; ``long`` and ``short`` are the
    positions at the mark, ``worst`` with every order filled that still may be.
    """

    by: str
    key: str
    long: int | None
    short: int | None
    worst: int | None
    orders: int

    @property
    def net(self) -> int | None:
        """Long less short."""
        return None if self.long is None or self.short is None else self.long - self.short

    @property
    def gross(self) -> int | None:
        """Long and short together."""
        return None if self.long is None or self.short is None else self.long + self.short


class RouteLine(Record, frozen=True):
    """A route: is it sound, and what is it good for. ``halted`` is the reason, empty if sound."""

    route_id: str
    execution_id: str
    venue: str
    halted: str
    equity: int | None
    cash: tuple[tuple[Currency, int], ...]


class RiskPage(Record, frozen=True):
    """Risk and exposure, now."""

    now: int
    run_mode: RunMode
    currency: Currency
    kills: tuple[KillView, ...]
    limits: tuple[LimitLine, ...]
    exposures: tuple[ExposureLine, ...]
    routes: tuple[RouteLine, ...]


class MarketLine(Record, frozen=True):
    """One market: the top of its book, its last price, and what its price has been.

    ``spark`` are closes of the newest minutes, oldest first; ``day_open`` the first price of the
    UTC day that is known. ``users`` run on it.
    """

    instrument_id: InstrumentId
    venue: str
    bid: int | None
    bid_quantity: int | None
    ask: int | None
    ask_quantity: int | None
    last: int | None
    time: int | None
    is_stale: bool
    day_open: int | None
    volume: int
    spark: tuple[int, ...]
    users: tuple[StrategyId, ...]


class MarketsPage(Record, frozen=True):
    """All markets, by id."""

    now: int
    markets: tuple[MarketLine, ...]


class EventLine(Record, frozen=True):
    """One step of the journal in a line; ``made`` counts what it led to."""

    seq_id: int
    event_time: int
    source: Source
    event_type: str
    instrument_id: InstrumentId
    strategy_id: StrategyId | None
    text: str
    decisions: int
    transitions: int
    fills: int


class EventFilter(Record, frozen=True):
    """Which events are wanted; empty or None: all."""

    sources: tuple[Source, ...] = ()
    instrument_id: InstrumentId | None = None
    strategy_id: StrategyId | None = None
    text: str = ""


class EventsPage(Record, frozen=True):
    """The newest events that fit a filter, oldest first."""

    events: tuple[EventLine, ...]


class FillsPage(Record, frozen=True):
    """Some recorded fills, of this run and earlier ones, oldest first, and how many there are in
    all. ``mark`` says where these begin: asked with it one gets those before; None: these are all.
    """

    fills: tuple[FillView, ...]
    total: int
    mark: tuple[int, int] | None = None


class DecisionsPage(Record, frozen=True):
    """Some recorded decisions, of this run and those that it carries on, oldest first.

    ``mark`` is the step before which older ones are: asked with it one gets those; None: there are
    none.
    """

    decisions: tuple[DecisionView, ...]
    mark: int | None = None


class OrdersPage(Record, frozen=True):
    """Some closed orders, of this run and those that it carries on, in the order in which they were
    closed.

    ``mark`` is the step before which older ones were closed: asked with it one gets those; None:
    there are none.
    """

    orders: tuple[OrderView, ...]
    mark: int | None = None


RUNNING: Final = "running"
"""How a run has ended that has not."""


class RunLine(Record, frozen=True):
    """One run of the journal and what came of it.

    ``ended_how`` is ``running``, ``clean`` or ``crashed``; times are ns UTC of the wall. ``steps``,
    ``fills`` and ``orders`` (that went to their venues; None: not counted yet) are its own, those
    of shadow books left out. ``changes`` is by how much the equity of its accounts moved, by
    currency, at CASH_SCALE, from what it began with to its last step. ``is_virtual``: its time was
    that of recorded or made-up data.
    """

    run_id: RunId
    run_mode: RunMode
    is_virtual: bool
    started_time: int
    ended_time: int | None
    ended_how: str
    steps: int
    fills: int
    changes: tuple[tuple[Currency, int], ...]
    continues: str
    program: str
    orders: int | None = None


class RunsPage(Record, frozen=True):
    """The newest runs of the journal at ``path``, the newest first, of ``total``.

    ``verified_at`` is when the whole journal was verified last since the start (ns UTC, None: not
    yet), ``faults`` how many it then had.
    """

    path: str
    runs: tuple[RunLine, ...]
    total: int
    verified_at: int | None = None
    faults: int = 0


class CallbackLine(Record, frozen=True):
    """How long the callbacks of one instance take (ns)."""

    strategy_id: StrategyId
    mode: InstanceMode
    state: InstanceState
    callbacks: int
    p50: int
    p95: int
    p99: int
    highest: int
    errors: int


class DiagnosticsPage(Record, frozen=True):
    """The engine's own figures. Durations ns."""

    now: int
    steps: int
    steps_per_second: int | None
    event_lag: int
    queue_depth: int
    queue_capacity: int
    queue_deepest: int
    queue_policy: str
    drops: int
    conflated: int
    transition_failures: int
    invalid_attempts: int
    slow_callbacks: int
    timeouts: int
    commit_p50: int
    commit_p99: int
    journal_waits: int
    memory: int | None
    """Resident memory of the process, bytes."""
    callbacks: tuple[CallbackLine, ...]
    journal_size: int | None = None
    """Bytes of the journal with its segments; None before it was measured."""
    disk_free: int | None = None
    journal_growth: int | None = None
    """Bytes in a day of running."""
    days_to_cap: int | None = None
    days_to_full: int | None = None
    reordered: int = 0
    """Market items that came out of order and were put in their place before the engine."""
    late: int = 0
    """Items dropped there: later ones of their market had been handed on already."""
    malformed: int = 0
    """Items dropped there because they cannot be: no price, or a high below the low."""
    verified_at: int | None = None
    """When the whole journal was verified last, beside the engine (ns UTC); None: not yet."""
    verified_steps: int = 0
    journal_faults: int = 0
    """What was found not to be as it was written."""
