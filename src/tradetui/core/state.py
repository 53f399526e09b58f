"""The state of the kernel: immutable records in ordered maps, and the undo log of the current call.

Only this package writes here, and every write notes what was there, as ``put`` and ``drop`` do, so
that a call that fails leaves the state of before. (What cannot fail notes nothing: a market-data
step that only moves a mark, a report that only changes one order, and the pruning of closed orders
and old keys after a step is committed.) Iteration order of a map is insertion order; where order
matters to an outcome, keys are sorted.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from tradetui.domain.enums import InstanceMode, Scope
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.orders import Order, Position
from tradetui.domain.record import Record
from tradetui.domain.risk import InstanceLimits, KillSwitch, ProfileBinding, RiskProfile
from tradetui.domain.steps import ExecutionContextConfig, KernelConfig, RouteConfig

K = TypeVar("K")
V = TypeVar("V")

ABSENT: Final = object()
"""In the undo log: there was no entry."""

RECORD: Final[dict[Any, Any]] = {}
"""In the undo log, in the place of a map: the record of an order, which stands in several maps."""

PositionKey = tuple[StrategyId, RouteId, InstrumentId]
RouteKey = tuple[RouteId, InstrumentId]
CashKey = tuple[RouteId, Currency]


class Mark(Record, frozen=True):
    """What an instrument is worth now: last trade or bar close, or the middle of the quote.

    ``bid`` and ``ask`` are 0 where unknown; times are those of the item.
    """

    price: int
    event_time: int
    ingest_time: int
    bid: int = 0
    ask: int = 0
    bid_quantity: int = 0
    ask_quantity: int = 0


class Instance(Record, frozen=True):
    """What the kernel knows of a running instance.

    ``exit_only`` is the reason, empty when entries are allowed.
    """

    strategy_id: StrategyId
    strategy_type: str
    execution_id: ExecutionId
    instrument_id: InstrumentId
    mode: InstanceMode
    limits: InstanceLimits
    on_error: str
    instruments: tuple[InstrumentId, ...]
    held: bool = False
    paused: bool = False
    exit_only: str = ""
    has_error: bool = False
    is_warm: bool = True
    consecutive_errors: int = 0


class Working(Record, frozen=True):
    """Sums over the orders of one (strategy, route, instrument) that may still trade: open,
    unknown, cancelling.

    Children that wait for their parent are not in the quantities and notionals; siblings of one OCO
    group, and an order with the version that shall replace it, count once, with the largest. Money
    at CASH_SCALE in the quote currency, at each order's own price (or, when it has none, at the
    mark when it was made).
    """

    buy_quantity: int = 0
    sell_quantity: int = 0
    buy_notional: int = 0
    sell_notional: int = 0
    open_orders: int = 0
    entries: int = 0
    unknown: int = 0


class DayStats(Record, frozen=True):
    """An account of one UTC day for one (strategy, route, instrument), in the quote currency at
    CASH_SCALE.

    ``open_pnl_start`` is the unrealised profit when the day began (or the instance first traded).
    """

    day: int
    realised: int = 0
    fees: int = 0
    open_pnl_start: int = 0


class KernelState:
    """All state of one run. See the module's text for who may write, and how."""

    __slots__ = (
        "bar_times",
        "bindings",
        "carried_fills",
        "cash",
        "cash_flows",
        "children",
        "closed_order_ids",
        "config",
        "contexts",
        "day_start_equity",
        "days",
        "halted_routes",
        "held_by_instrument",
        "held_deadlines",
        "idempotency_keys",
        "instances",
        "instruments",
        "kept_exit_only",
        "kill_switches",
        "marks",
        "max_closed_orders",
        "max_order_counter",
        "moved",
        "now",
        "oco_groups",
        "open_by_instrument",
        "open_orders",
        "order_counts",
        "order_times",
        "orders",
        "parents",
        "peak_equity",
        "positions",
        "profiles",
        "quote_times",
        "risk_plans",
        "route_quantities",
        "routes",
        "seq_id",
        "stop_wanted",
        "totals",
        "trade_ids",
        "trade_times",
        "undo",
        "working",
        "working_prices",
    )

    def __init__(self, config: KernelConfig) -> None:
        self.config = config
        self.max_closed_orders = config.max_closed_orders
        self.seq_id = 0
        self.now = 0
        """Event time of the current step, ns UTC; never goes back."""
        self.instruments: dict[InstrumentId, Instrument] = {}
        self.routes: dict[RouteId, RouteConfig] = {r.route_id: r for r in config.routes}
        self.contexts: dict[ExecutionId, ExecutionContextConfig] = {
            c.execution_id: c for c in config.contexts
        }
        self.profiles: dict[str, RiskProfile] = {p.name: p for p in config.profiles}
        self.bindings: dict[tuple[Scope, str], tuple[ProfileBinding, ...]] = {}
        self.marks: dict[InstrumentId, Mark] = {}
        self.instances: dict[StrategyId, Instance] = {}
        self.undo: list[tuple[dict[Any, Any] | None, Any, Any]] = []
        """The notes of the current call: (map, key, what was there); (None, name, value) for a
        field; (RECORD, id, record) for an order, in all maps that its state puts it in. Hot paths
        append here themselves what ``put`` and ``drop`` would."""
        self._start_orders()
        self._start_books()

    def _start_orders(self) -> None:
        """Make the maps of orders."""
        self.orders: dict[ClientOrderId, Order] = {}
        """Every order that is not terminal, and the newest ``max_closed_orders`` that are."""
        self.open_orders: dict[ClientOrderId, Order] = {}
        """The orders that are not terminal, in order of creation."""
        self.open_by_instrument: dict[InstrumentId, dict[ClientOrderId, None]] = {}
        self.children: dict[ClientOrderId, tuple[ClientOrderId, ...]] = {}
        self.oco_groups: dict[str, tuple[ClientOrderId, ...]] = {}
        self.closed_order_ids: dict[ClientOrderId, None] = {}
        self.held_deadlines: dict[ClientOrderId, int] = {}
        """When (ns UTC) the kernel must act on an order: its time in force, or a late release."""
        self.max_order_counter = 0
        self.held_by_instrument: dict[InstrumentId, dict[ClientOrderId, None]] = {}
        """Open orders whose condition the kernel watches; an instrument without any has no
        entry."""
        self.parents: dict[ClientOrderId, ClientOrderId] = {}
        """Child -> parent, where a replace put another parent in the place of the one in its
        terms."""
        self.carried_fills: dict[ClientOrderId, int] = {}
        """Of a parent that took another version's place: what the older versions had filled."""
        self.working_prices: dict[ClientOrderId, int] = {}
        """The mark at which an open order without a price of its own is counted in ``working``."""

    def _start_books(self) -> None:
        """Make the maps of positions, money, switches, and what is remembered of the past."""
        self.positions: dict[PositionKey, Position] = {}
        self.route_quantities: dict[RouteKey, int] = {}
        """The route's own position per instrument: the sum of its sub-positions, kept apart to be
        checked."""
        self.cash: dict[CashKey, int] = {}
        self.cash_flows: dict[CashKey, int] = {}
        """Opening cash plus every flow, added up apart from ``cash``: the two must agree."""
        self.working: dict[PositionKey, Working] = {}
        self.days: dict[PositionKey, DayStats] = {}
        self.kill_switches: dict[tuple[Scope, str], KillSwitch] = {}
        self.halted_routes: dict[RouteId, str] = {}
        self.trade_ids: dict[tuple[str, InstrumentId, TradeId], int] = {}
        self.idempotency_keys: dict[str, int] = {}
        self.order_times: dict[tuple[str, int], int] = {}
        """Ring of submission times per rate-limit key, for the order-rate gates."""
        self.order_counts: dict[str, int] = {}
        self.peak_equity: dict[str, int] = {}
        self.day_start_equity: dict[str, tuple[int, int]] = {}
        """Per scope key: (day number, equity when the day began)."""
        self.stop_wanted: dict[PositionKey, None] = {}
        """Positions that were given a stop since they were last flat."""
        self.kept_exit_only: dict[StrategyId, str] = {}
        """Why an unloaded instance was exit-only: it comes back so."""
        self.bar_times: dict[InstrumentId, int] = {}
        self.trade_times: dict[InstrumentId, int] = {}
        self.quote_times: dict[InstrumentId, int] = {}
        """Event time of the newest item of each stream."""
        self.risk_plans: dict[tuple[StrategyId, InstrumentId], Any] = {}
        """What ``risk.plan`` has worked out from instances, instruments and profiles: derived, made
        anew when absent, so neither in a checkpoint nor in the state hash."""
        self.totals: Any = None
        """What ``risk.totals`` has added up: derived too, made anew when None. Who writes a
        position, a day's account or working sums says so in ``moved``; who does more drops it."""
        self.moved: dict[PositionKey, None] = {}
        """Sub-positions that have changed since they were added up."""

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Write one entry, noting what was there."""
        self.undo.append((table, key, table.get(key, ABSENT)))
        table[key] = value

    def drop(self, table: dict[K, V], key: K) -> None:
        """Remove one entry if it is there, noting what it was.

        After a rollback a removed entry stands at the end of its map: no outcome may depend on the
        place.
        """
        old = table.pop(key, ABSENT)
        if old is not ABSENT:
            self.undo.append((table, key, old))

    def begin(self) -> None:
        """Forget the notes: what happened so far is kept."""
        self.undo.clear()

    def rollback(self, to: int = 0) -> None:
        """Take back every write since ``begin`` (or since there were ``to`` notes), the newest
        first.
        """
        self.totals = None
        while len(self.undo) > to:
            table, key, old = self.undo.pop()
            if table is None:
                setattr(self, key, old)
            elif table is RECORD:
                self._rewrite(key, None if old is ABSENT else old)
            elif old is ABSENT:
                table.pop(key, None)
            else:
                table[key] = old

    def _rewrite(self, order_id: ClientOrderId, old: Order | None) -> None:
        """Put an order's earlier record (None: it was not there) back into the maps of orders."""
        new = self.orders[order_id]
        ids = self.open_by_instrument[new.terms.instrument_id]
        if new.state in TERMINAL and (old is None or old.state not in TERMINAL):
            self.closed_order_ids.pop(order_id, None)
        if old is None:
            del self.orders[order_id]
        else:
            self.orders[order_id] = old
        if old is None or old.state in TERMINAL:
            self.open_orders.pop(order_id, None)
            ids.pop(order_id, None)
        else:
            self.open_orders[order_id] = old
            ids[order_id] = None

    def copy(self) -> KernelState:
        """Return a state with maps of its own (the records are shared, for they never change)."""
        other = object.__new__(KernelState)
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(other, name, dict(value) if isinstance(value, dict) else value)
        for table in (other.open_by_instrument, other.held_by_instrument):
            for key in table:
                table[key] = dict(table[key])
        other.undo, other.totals = [], None
        return other
