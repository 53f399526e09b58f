"""An in-memory engine for tests of strategies: a fake of what gives a context its answers."""

from __future__ import annotations

from typing import Any, TypeVar

from tradetui.domain.enums import (
    Guard,
    InstanceMode,
    InstrumentClass,
    LiquiditySide,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Severity,
)
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
)
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.intents import Intent, PlaceOrder, Signal
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.orders import Fill, Order, OrderTerms, Position
from tradetui.strategy import Context, Strategy
from tradetui.strategy.events import StartView
from tradetui.strategy.positions import PositionView, position_view

MINUTE = 60_000_000_000
START = 1_700_000_000_000_000_000 // MINUTE * MINUTE
CASH = 10**8
ROUTE = RouteId("sim")
ME = StrategyId("me")

BTC = Instrument(
    InstrumentId("BTC/USD.SIM"),
    "BTC/USD",
    "SIM",
    InstrumentClass.SPOT,
    Currency("BTC"),
    Currency("USD"),
    2,
    8,
    1,
    10_000,
)
ETH = Instrument(
    InstrumentId("ETH/USD.SIM"),
    "ETH/USD",
    "SIM",
    InstrumentClass.SPOT,
    Currency("ETH"),
    Currency("USD"),
    2,
    4,
    5,
    1,
)


class FakePort:
    """Implements ContextPort from plain attributes that tests set."""

    def __init__(self, *instruments: Instrument) -> None:
        self.instruments = {i.symbol: i for i in instruments or (BTC, ETH)}
        self.own = next(iter(self.instruments.values()))
        self.strategy_id = ME
        self.account_id = "paper/main"
        self.client_id = "tradetui"
        self.mode = InstanceMode.ACTIVE
        self.can_trade = True
        self.run_seed = 7
        self.run_id = "run-1"
        self.time = START
        self.marks: dict[str, int] = {}
        self.mark_times: dict[str, int] = {}
        self.quotes: dict[str, Quote] = {}
        self.positions: dict[str, Position] = {}
        self.guards: dict[str, Guard] = {}
        self.open: dict[str, Order] = {}
        self.closed: dict[str, Order] = {}
        self.money = {"USD": 10_000 * CASH, "BTC": 0}
        self.budget_total = 10_000 * CASH
        self.budget_spent = 0
        self.counter = 0
        self.emitted: list[Intent] = []
        self.signals: list[Signal] = []
        self.logs: list[tuple[Severity, str]] = []
        self.timers: dict[str, tuple[int, int | None]] = {}

    @property
    def market(self) -> InstrumentId:
        return self.own.instrument_id

    def now(self) -> int:
        return self.time

    def instrument(self, symbol: str | None = None) -> Instrument:
        return self.own if symbol is None else self.instruments[symbol]

    def mark(self, instrument_id: InstrumentId) -> int | None:
        return self.marks.get(instrument_id)

    def mark_time(self, instrument_id: InstrumentId) -> int | None:
        return self.mark_times.get(instrument_id)

    def quote(self, instrument_id: InstrumentId) -> Quote | None:
        return self.quotes.get(instrument_id)

    def position(self, instrument_id: InstrumentId) -> Position:
        return self.positions.get(instrument_id, Position(ME, ROUTE, instrument_id))

    def own_position(self) -> PositionView:
        key = self.own.instrument_id
        return position_view(self.position(key), self.own, self.mark(key), self)

    def guard(self, instrument_id: InstrumentId) -> Guard:
        return self.guards.get(instrument_id, Guard.FLAT)

    def orders(self) -> tuple[Order, ...]:
        return tuple(self.open.values())

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        return self.open.get(client_order_id) or self.closed.get(client_order_id)

    def cash(self, currency: Currency) -> int:
        return self.money.get(currency, 0)

    def budget(self) -> int:
        return self.budget_total

    def budget_used(self) -> int:
        return self.budget_spent

    def next_order_id(self) -> ClientOrderId:
        self.counter += 1
        return ClientOrderId(f"tt1-{self.counter:04d}")

    def emit(self, intent: Intent) -> None:
        self.emitted.append(intent)

    def record_signal(self, signal: Signal) -> int:
        self.signals.append(signal)
        return len(self.signals) - 1

    def log(self, severity: Severity, text: str) -> None:
        self.logs.append((severity, text))

    def schedule(self, name: str, *, at: int, every: int | None = None) -> None:
        self.timers[name] = (at, every)

    def unschedule(self, name: str) -> None:
        self.timers.pop(name, None)

    def subscribe(self, instrument_id: InstrumentId) -> None:
        raise AssertionError("the engine subscribes, from DATA")

    def recent_bars(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int
    ) -> tuple[Bar, ...]:
        return ()

    # What tests do with it.

    def price(self, price: float, instrument: Instrument | None = None) -> None:
        instrument = instrument or self.own
        self.marks[instrument.instrument_id] = round(price * 10**instrument.price_scale)
        self.mark_times[instrument.instrument_id] = self.time

    def hold(self, amount: float, entry: float, instrument: Instrument | None = None) -> Position:
        instrument = instrument or self.own
        quantity = round(amount * 10**instrument.size_scale)
        cost = notional(instrument, round(entry * 10**instrument.price_scale), quantity)
        position = Position(
            ME, ROUTE, instrument.instrument_id, quantity, cost, opened_time=self.time
        )
        self.positions[instrument.instrument_id] = position
        return position

    def accept(self, **changes: Any) -> None:
        """Make open orders of the intents recorded so far."""
        for intent in self.emitted:
            if isinstance(intent, PlaceOrder):
                self.open[intent.client_order_id] = order_of(intent, **changes)
        self.emitted.clear()

    def take(self) -> list[Intent]:
        """Return the intents recorded since the last take."""
        emitted, self.emitted = self.emitted, []
        return emitted


def order_of(intent: PlaceOrder, state: OrderState = OrderState.ACCEPTED, **changes: Any) -> Order:
    """The order that an intent becomes."""
    terms = OrderTerms(
        intent.client_order_id,
        ME,
        ExecutionId("paper/main"),
        ROUTE,
        intent.instrument_id,
        intent.side,
        intent.order_type,
        intent.quantity,
        intent.price,
        intent.trigger_price,
        intent.trail_offset,
        intent.time_in_force,
        intent.expire_time,
        intent.post_only,
        intent.reduce_only,
        intent.role,
        intent.parent_order_id,
        intent.oco_group,
        None,
        START,
    )
    return Order(terms, state, intent.quantity, updated_time=START, **changes)


def make_order(
    key: str = "tt1-9000",
    *,
    side: OrderSide = OrderSide.BUY,
    kind: OrderType = OrderType.LIMIT,
    quantity: int = 10**8,
    price: int | None = 10_000,
    role: OrderRole = OrderRole.ENTRY,
    instrument: Instrument = BTC,
    state: OrderState = OrderState.ACCEPTED,
    trigger: int | None = None,
    **changes: Any,
) -> Order:
    """An order of this instance."""
    intent = PlaceOrder(
        ClientOrderId(key),
        instrument.instrument_id,
        side,
        kind,
        quantity,
        price,
        trigger,
        role=role,
    )
    return order_of(intent, state, **changes)


def make_fill(
    side: OrderSide,
    amount: float,
    price: float,
    after: float,
    *,
    pnl: float = 0.0,
    fee: float = 0.0,
    currency: str = "USD",
    instrument: Instrument = BTC,
    time: int = START,
) -> Fill:
    """A fill of this instance."""
    quantity, raw = (
        round(amount * 10**instrument.size_scale),
        round(price * 10**instrument.price_scale),
    )
    return Fill(
        TradeId("t"),
        ClientOrderId("tt1-9000"),
        ME,
        ExecutionId("paper/main"),
        ROUTE,
        instrument.instrument_id,
        side,
        quantity,
        raw,
        notional(instrument, raw, quantity),
        round(fee * CASH),
        Currency(currency),
        LiquiditySide.TAKER,
        round(pnl * CASH),
        round(after * 10**instrument.size_scale),
        time,
        1,
    )


def make_bar(
    close: float,
    *,
    index: int = 0,
    high: float | None = None,
    low: float | None = None,
    volume: float = 1.0,
    warmup: bool = False,
    instrument: Instrument = BTC,
) -> Bar:
    """A one-minute bar."""
    factor = 10**instrument.price_scale
    high, low = high if high is not None else close, low if low is not None else close
    opened = START + index * MINUTE
    return Bar(
        opened,
        opened + MINUTE,
        round(close * factor),
        round(high * factor),
        round(low * factor),
        round(close * factor),
        round(volume * 10**instrument.size_scale),
        ME if warmup else None,
    )


AnyStrategy = TypeVar("AnyStrategy", bound=Strategy)


def started(
    kind: type[AnyStrategy], port: FakePort, config: dict[str, Any] | None = None
) -> AnyStrategy:
    """A strategy as the engine starts it."""
    strategy = kind(Context(port), config or {})
    strategy.begin()
    send(strategy, StartView(port.time))
    return strategy


def send(strategy: Strategy, event: Any) -> list[Intent]:
    """Hand over one event as the engine does; return the intents."""
    ctx = strategy.context
    returned = strategy.on_event(ctx, event)
    ctx.absorb(returned)
    return returned


def feed_bar(strategy: Strategy, port: FakePort, bar: Bar, name: str = "bars") -> list[Intent]:
    """Push one bar into a feed and hand it over."""
    port.time = bar.close_time
    port.marks[port.own.instrument_id] = bar.close
    port.mark_times[port.own.instrument_id] = bar.close_time
    return send(strategy, getattr(strategy, name).push(bar))
