"""What a strategy may read: its filtered view of the step, as floats."""

from __future__ import annotations

from typing import Any, NoReturn

from tradetui.domain.ids import ClientOrderId, InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import Intent, PlaceOrder, Signal
from tradetui.domain.orders import Order, Position
from tradetui.strategy.errors import InvalidOrder, UnknownSymbol
from tradetui.strategy.events import CASH_DIVISOR, POWERS, OrderView, TickView
from tradetui.strategy.numbers import shown
from tradetui.strategy.orders import side_of
from tradetui.strategy.port import ContextPort
from tradetui.strategy.positions import PositionView, position_view
from tradetui.strategy.sizing import affordable, at_risk, whole_lots

LOADING, RUNNING, RENDERING = "loading", "running", "rendering"


class Memory:
    """What the context remembers between calls; apart, because the context itself is read-only."""

    __slots__ = (
        "pending",
        "pending_time",
        "phase",
        "recorded",
        "refusal",
        "seen_orders",
        "seen_views",
        "signal",
        "signal_index",
    )

    def __init__(self) -> None:
        self.phase = LOADING
        self.recorded: list[Intent] = []
        self.pending: dict[ClientOrderId, PlaceOrder] = {}
        self.pending_time = 0
        self.signal: Signal | None = None
        self.signal_index: int | None = None
        self.refusal: Signal | None = None
        self.seen_orders: tuple[Order, ...] = ()
        self.seen_views: tuple[OrderView, ...] = ()
        """The orders that were looked at last, and their views: the same until one changes."""


class ReadingContext:
    """The part of the context that asks for nothing; read-only."""

    __slots__ = ("_memory", "_port")

    _memory: Memory
    _port: ContextPort

    def __init__(self, port: ContextPort) -> None:
        object.__setattr__(self, "_port", port)
        object.__setattr__(self, "_memory", Memory())

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"the context is read-only: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"the context is read-only: {name} cannot be deleted")

    @property
    def strategy_id(self) -> str:
        return self._port.strategy_id

    @property
    def account_id(self) -> str:
        """The account that the instance trades on."""
        return self._port.account_id

    @property
    def client_id(self) -> str:
        """The client that the instance's execution context trades as."""
        return self._port.client_id

    @property
    def run_id(self) -> str:
        """The run: one from each start to the next; a replay of it has the same."""
        return self._port.run_id

    @property
    def symbol(self) -> str:
        """The instance's own market."""
        return self._port.instrument().symbol

    @property
    def mode(self) -> str:
        """``"observe"`` or ``"active"``."""
        return self._port.mode.value

    @property
    def can_trade(self) -> bool:
        """True while entries may leave the house: mode active, and nothing holds it back."""
        return self._port.can_trade

    @property
    def now(self) -> int:
        """The moment of the event being handled, ns UTC."""
        return self._port.now()

    @property
    def seed(self) -> str:
        """Seed of ``self.rng``: of the run and the instance, the same in every replay."""
        return f"{self._port.run_seed}:{self._port.strategy_id}"

    def ledger_position(self, symbol: str | None = None) -> Position:
        """Return the position's record, in integers."""
        return self._port.position(self.instrument(symbol).instrument_id)

    def instrument(self, symbol: str | None = None) -> Instrument:
        """Return the market's description: scales, tick, lot, minimums, fees.

        Raises UnknownSymbol for one that the strategy does not subscribe to.
        """
        try:
            return self._port.instrument(symbol)
        except (KeyError, TypeError):
            raise UnknownSymbol(
                f"{shown(symbol)} is not a market of this strategy: "
                'declare it in DATA, for example bars("1m", market="BTC/USDT")'
            ) from None

    def get_price(self, symbol: str | None = None) -> float | None:
        """Return the last or mid price; None before the first."""
        instrument = self.instrument(symbol)
        mark = self._port.mark(instrument.instrument_id)
        return None if mark is None else float(mark / POWERS[instrument.price_scale])

    def price_age(self, symbol: str | None = None) -> float | None:
        """Return the seconds since that price was made; None before the first."""
        time = self._port.mark_time(self.instrument(symbol).instrument_id)
        return None if time is None else (self._port.now() - time) / 1e9

    def get_open_orders(self, symbol: str | None = None) -> list[OrderView]:
        """Return the instance's orders that are not finished, in order of creation."""
        memory, orders = self._memory, self._port.orders()
        if orders is not memory.seen_orders:
            memory.seen_views = tuple(
                [OrderView(order, self._by_id(order.terms.instrument_id)) for order in orders]
            )
            memory.seen_orders = orders
        if symbol is None:
            return list(memory.seen_views)
        wanted = self.instrument(symbol).instrument_id
        return [v for v in memory.seen_views if v._order.terms.instrument_id == wanted]

    def get_orders(self, symbol: str | None = None) -> list[OrderView]:
        """The same as ``get_open_orders``: a strategy is given what can still change."""
        return self.get_open_orders(symbol)

    def get_order(self, client_order_id: str) -> OrderView | None:
        """Return one order, finished or not; None when the engine no longer knows it."""
        order = self._port.order(ClientOrderId(client_order_id))
        if order is None:
            return None
        return OrderView(order, self._by_id(order.terms.instrument_id))

    def get_position(self, symbol: str | None = None) -> PositionView:
        """Return the position in a market (default: the instance's own); false when flat."""
        port = self._port
        if symbol is None:
            return port.own_position()
        instrument = self.instrument(symbol)
        key = instrument.instrument_id
        return position_view(port.position(key), instrument, port.mark(key), port)

    def get_account_info(self) -> dict[str, Any]:
        """Return account, client, mode, budget (all, used, free) and free cash by currency."""
        port = self._port
        instrument = port.instrument()
        budget, used = port.budget() / CASH_DIVISOR, port.budget_used() / CASH_DIVISOR
        return {
            "strategy_id": port.strategy_id,
            "account_id": port.account_id,
            "client_id": port.client_id,
            "mode": port.mode.value,
            "can_trade": port.can_trade,
            "budget": budget,
            "budget_used": used,
            "budget_free": max(budget - used, 0.0),
            "cash": {
                currency: port.cash(currency) / CASH_DIVISOR
                for currency in (instrument.quote, instrument.base)
            },
        }

    def suggest_order_amount(
        self,
        side: str = "buy",
        *,
        price: float | None = None,
        fraction: float = 1.0,
        risk: float | None = None,
        stop: float | None = None,
        value: float | None = None,
        symbol: str | None = None,
    ) -> float:
        """Return an amount in whole lots that the free budget and cash allow; 0.0 when none is.

        ``risk`` (a part of the budget, lost at ``stop``) or ``value`` (in the quote currency) asks
        for less; ``fraction`` scales what results. ``price`` defaults to the last one.
        """
        instrument = self.instrument(symbol)
        reference = self.get_price(symbol) if price is None else price
        if reference is None or not reference > 0:
            return 0.0
        amount = affordable(self._port, instrument, side_of(side), reference)
        if risk is not None:
            if stop is None or not abs(reference - stop) > 0:
                raise InvalidOrder("risk= needs stop=, a price other than the entry's")
            amount = min(amount, at_risk(self._port, instrument, risk, abs(reference - stop)))
        if value is not None:
            amount = min(amount, value / reference)
        wanted = amount * fraction
        return whole_lots(instrument, wanted) if 0 < wanted < 1e15 else 0.0

    def explain(self) -> list[str]:
        """Return, line by line, what was decided last and why nothing may be happening."""
        memory = self._memory
        state = "may trade" if self._port.can_trade else "may not enter now"
        lines = [f"mode {self._port.mode.value}: {state}"]
        for title, signal in (("signal", memory.signal), ("refused", memory.refusal)):
            if signal is not None:
                lines.append(f"{title} {signal.name}: {'yes' if signal.passed else 'no'}")
                lines += [
                    f"  {g.name} {g.value} {g.comparison} {g.limit} {'ok' if g.passed else 'FAIL'}"
                    for g in signal.gates
                ]
        return lines

    def tick(self, number: int) -> TickView:
        """Build the view that ``on_tick`` is given at heartbeat ``number``."""
        port = self._port
        instrument = port.instrument()
        quote, factor = port.quote(instrument.instrument_id), POWERS[instrument.price_scale]
        return TickView(
            port.now(),
            self.get_price(),
            instrument.symbol,
            None if quote is None or not quote.bid else quote.bid / factor,
            None if quote is None or not quote.ask else quote.ask / factor,
            number,
        )

    def _by_id(self, instrument_id: InstrumentId) -> Instrument:
        """Return an instrument by its id; the port knows it by its symbol."""
        own = self._port.instrument()
        if own.instrument_id == instrument_id:
            return own
        return self._port.instrument(instrument_id.rpartition(".")[0])
