"""What screens see: a snapshot, then changes, each with a sequence number.

All serialisable, nothing computed twice. Money is at CASH_SCALE, prices and quantities at the
scales of the instrument, whose view says how many decimals to show. ``None`` is "not known" (``?``
on the screen); what does not apply is ``-``.
"""

from __future__ import annotations

from tradetui.domain.enums import (
    Guard,
    InstanceMode,
    InstanceState,
    InstrumentClass,
    KillState,
    LiquiditySide,
    Mend,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Outcome,
    RunMode,
    Scope,
    Severity,
    TimeInForce,
)
from tradetui.domain.ids import ClientOrderId, Currency, InstrumentId, RouteId, StrategyId, TradeId
from tradetui.domain.intents import Signal
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record
from tradetui.domain.risk import Gate


class InstrumentView(Record, frozen=True):
    """How to write an instrument's numbers."""

    instrument_id: InstrumentId
    symbol: str
    base: Currency
    quote: Currency
    price_scale: int
    size_scale: int
    price_decimals: int
    size_decimals: int
    size_increment: int = 1
    price_increment: int = 1


class KillView(Record, frozen=True):
    """One kill-switch that is not NORMAL."""

    scope: Scope
    key: str
    state: KillState
    actor: str
    reason: str
    time: int


class HeaderView(Record, frozen=True):
    """The two header lines.

    Times are ns UTC, durations ns. ``feed`` says where prices come from (``binance, real-time``,
    ``btcusd 1m``, ``simulated``); ``speed`` is the replay factor, None when the feed is real time;
    ``playing`` is PLAYING, PAUSED or ENDED for a replay, else empty. ``trouble`` is the one thing
    wrong that line 2 must say, empty when nothing is.
    """

    run_mode: RunMode
    account: str
    feed: str
    now: int
    reporting_currency: Currency
    equity: int | None
    day_pnl: int | None
    day_loss_limit: int | None
    exposure: int | None
    exposure_limit: int | None
    kills: tuple[KillView, ...]
    count_off: int
    count_observe: int
    count_active: int
    count_limited: int
    orders_open: int
    orders_unknown: int
    data_age: int | None
    data_worst: str
    event_lag: int
    queue_depth: int
    drops: int
    seq_id: int
    journal_latency: int | None
    engine: str = "python"
    speed: int | None = None
    playing: str = ""
    trouble: str = ""
    instrument_classes: tuple[InstrumentClass, ...] = ()
    """The classes of the instruments that there are, ascending."""
    is_venue_simulated: bool = False
    """Orders go to the simulated venue: it has no request budget, and its latency is a setting."""
    venue_latency: int | None = None
    """How long a command is on its way to the venue: as set for a simulated one, else measured."""
    venue_items: int = 0
    """The same as a number of items of the market, where the simulated venue is set so; else 0."""
    venue_weight: int | None = None
    """How much of the venue's request budget is used, in whole per cent; None: not known, or it has
    none.
    """


class HoldingView(Record, frozen=True):
    """What is known of a position beside its size; money in the row's currency.

    ``worth`` is its value at the mark, without a sign. ``risk`` is what is lost when the stop fills
    at its price, below 0 when that keeps a profit. ``open_bps`` is the open profit in hundredths of
    a per cent of the cost, ``open_r`` in hundredths of R, what was risked with the first stop.
    ``best`` and ``worst`` are the open profit of the size held now at the extreme prices since it
    was opened, ``fills`` and ``fees`` those since then; or since ``followed_since``, when the
    position is older than the run. None: not known, or there is no stop.
    """

    worth: int | None = None
    risk: int | None = None
    open_bps: int | None = None
    open_r: int | None = None
    best: int | None = None
    worst: int | None = None
    fills: int = 0
    fees: int | None = None
    followed_since: int | None = None


class InstanceView(Record, frozen=True):
    """One row of the instances table, and what the panel says of the instance.

    ``currency`` is that of the money in the row: the instrument's quote (or settlement) currency.
    ``stop_price`` is the nearest protective stop's. ``last_decision_would`` marks an observing
    instance's would-be order.
    """

    strategy_id: StrategyId
    strategy_type: str
    label: str
    account: str
    symbol: str
    instrument_id: InstrumentId
    currency: Currency
    mode: InstanceMode
    state: InstanceState
    state_reason: str
    price: int | None
    price_time: int | None
    is_stale: bool
    position: int
    entry_price: int | None
    stop_price: int | None
    target_price: int | None
    guard: Guard
    orders_open: int
    orders_unknown: int
    open_pnl: int | None
    day_pnl: int | None
    fees_day: int
    last_tick: int | None
    next_tick: int | None
    last_decision: Outcome | None
    last_decision_would: bool
    last_decision_time: int | None
    config_json: str
    config_version: int
    config_time: int
    """When the config was set, 0 where that is not known."""
    config_by: str
    revision: int
    file_hash: str
    file_changed: bool = False
    is_loaded: bool = False
    error: str = ""
    traceback: str = ""
    budget: int | None = None
    budget_used: int | None = None
    max_loss_per_day: int | None = None
    warm: tuple[tuple[str, int, int], ...] = ()
    """(feed name, bars seen, bars needed)."""

    shadow_position: int = 0
    shadow_pnl: int | None = None
    shadow_orders: int = 0
    observed_since: int | None = None
    opened_time: int | None = None
    missed_ticks: int = 0
    holding: HoldingView | None = None
    """None while flat."""
    course: tuple[int, ...] = ()
    """Profit after fees at even steps since the run began, the newest last: of the shadow book
    while observing."""
    tick_steps: int | None = None
    """Heartbeats (of 6 s) from one tick to the next; None while it does not run."""
    callback_p99: int | None = None
    """What 99 of 100 of its callbacks did not exceed (ns); None before the first, and where nobody
    measures: in a recorded run."""
    external_position: int = 0
    """What the account holds of the market and no instance of ours bought."""
    broken_limit: Reason = Reason.NONE
    """The limit of its own that made it exit-only; none where a person did."""
    lacks: str = ""
    """Bars that it declares and that cannot be made of what its markets bring; empty: none."""


class OrderView(Record, frozen=True):
    """One order.

    ``is_shadow`` marks a would-be order of an observing instance.
    """

    client_order_id: ClientOrderId
    strategy_id: StrategyId
    route_id: RouteId
    instrument_id: InstrumentId
    side: OrderSide
    order_type: OrderType
    quantity: int
    filled_quantity: int
    price: int | None
    trigger_price: int | None
    average_price: int | None
    time_in_force: TimeInForce
    role: OrderRole
    state: OrderState
    is_unknown: bool
    is_open: bool
    is_shadow: bool
    reason: str
    created_time: int
    updated_time: int
    parent_order_id: ClientOrderId | None = None
    oco_group: str | None = None
    post_only: bool = False
    reduce_only: bool = False
    updated_seq: int = 0
    """The step of the last change: of the end, for a closed order."""


class FillView(Record, frozen=True):
    """One fill.

    ``run_id`` tells fills of earlier runs (history) from this run's.
    """

    seq_id: int
    event_time: int
    strategy_id: StrategyId
    route_id: RouteId
    instrument_id: InstrumentId
    client_order_id: ClientOrderId
    trade_id: TradeId
    side: OrderSide
    quantity: int
    price: int
    commission: int
    commission_currency: Currency
    liquidity: LiquiditySide
    realised_pnl: int
    position_after: int
    is_shadow: bool = False
    run_id: str = ""


class DecisionView(Record, frozen=True):
    """One risk decision with its gates; or, with ``intent`` empty, a signal that became no
    order.
    """

    seq_id: int
    event_time: int
    strategy_id: StrategyId
    instrument_id: InstrumentId | None
    route_id: RouteId | None
    client_order_id: ClientOrderId | None
    intent: str
    """One line, as a person reads it: ``BUY 0.5000 ETH limit 3,181.20 post-only``."""

    outcome: Outcome | None
    would: bool
    reason: Reason
    gates: tuple[Gate, ...]
    profile: str
    quantity: int | None
    price: int | None
    approved_quantity: int | None
    approved_price: int | None
    note: str
    signal: Signal | None = None
    currency: Currency = Currency("")
    """The account's, in which limits on money are."""


class AlertView(Record, frozen=True):
    """Something that needs a person.

    Shown until it is over and acknowledged; the worst first.
    """

    alert_id: str
    time: int
    severity: Severity
    strategy_id: StrategyId | None
    text: str
    is_acknowledged: bool = False
    mends: tuple[Mend, ...] = ()
    """What a person can do about it; a screen adds the keys."""
    is_over: bool = False
    """Its reason is gone: it only waits for a person to have seen it."""


class LogView(Record, frozen=True):
    """One line of the log."""

    time: int
    severity: Severity
    strategy_id: StrategyId | None
    text: str


class InstanceGone(Record, frozen=True):
    """A record was deleted."""

    strategy_id: StrategyId


class AlertGone(Record, frozen=True):
    """An alert is over."""

    alert_id: str


class UiChanged(Record, frozen=True):
    """The widgets or the chart of an instance have new content: ask for them when they are on the
    screen.
    """

    strategy_id: StrategyId


Change = (
    HeaderView
    | InstrumentView
    | InstanceView
    | OrderView
    | FillView
    | DecisionView
    | AlertView
    | LogView
    | InstanceGone
    | AlertGone
    | UiChanged
)


class ReplicaChange(Record, frozen=True):
    """One numbered change: the record itself, to be put in the place of its predecessor (or
    appended).
    """

    number: int
    change: Change


class ReplicaSnapshot(Record, frozen=True):
    """Everything, as of change ``number``.

    Lists are bounded: the newest, oldest first; tables in order of id.
    """

    number: int
    header: HeaderView
    instruments: tuple[InstrumentView, ...]
    instances: tuple[InstanceView, ...]
    orders: tuple[OrderView, ...]
    fills: tuple[FillView, ...]
    decisions: tuple[DecisionView, ...]
    alerts: tuple[AlertView, ...]
    log: tuple[LogView, ...]


class ChartBar(Record, frozen=True):
    """One candle of a chart, at the instrument's price scale."""

    open_time: int
    open: int
    high: int
    low: int
    close: int
    volume: int


class ChartFill(Record, frozen=True):
    """A fill to mark on a chart."""

    time: int
    side: OrderSide
    price: int
    quantity: int = 0


class ChartLevel(Record, frozen=True):
    """A horizontal level: a resting order (``kind`` is its role), or the position's entry price."""

    kind: str
    side: OrderSide
    price: int


class ChartSeries(Record, frozen=True):
    """A named line over the bars, as (time ns, value) pairs; values as the strategy plots them."""

    name: str
    points: tuple[tuple[int, float], ...]


class ChartView(Record, frozen=True):
    """What is drawn for one instance: candles with the strategy's lines, its fills and levels."""

    strategy_id: StrategyId
    instrument_id: InstrumentId
    timeframe_ns: int
    bars: tuple[ChartBar, ...]
    fills: tuple[ChartFill, ...]
    levels: tuple[ChartLevel, ...]
    lines: tuple[ChartSeries, ...]


class UiView(Record, frozen=True):
    """The answer of ``get_ui(instance_id)``: the strategy's widgets as plain data, or why there are
    none.
    """

    strategy_id: StrategyId
    time: int
    widgets_json: bytes
    error: str = ""
