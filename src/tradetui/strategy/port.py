"""What the engine must give a strategy's context.

Only the context calls this; strategies never see it.
"""

from __future__ import annotations

from typing import Protocol

from tradetui.domain.enums import Guard, InstanceMode, Severity
from tradetui.domain.ids import ClientOrderId, Currency, InstrumentId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import CancelOrder, NoOp, PlaceOrder, ReplaceOrder, SetRiskFlag, Signal
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.orders import Order, Position
from tradetui.strategy.positions import PositionView


class ContextPort(Protocol):
    """Reads come from the instance's filtered view of the step's snapshot; writes are recorded,
    never done.

    Integers at the instrument's scales, money at CASH_SCALE, times in ns UTC. In observe,
    positions, orders and budget are those of the instance's shadow book.
    """

    @property
    def strategy_id(self) -> StrategyId: ...
    @property
    def account_id(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def run_id(self) -> str: ...
    @property
    def mode(self) -> InstanceMode: ...
    @property
    def can_trade(self) -> bool:
        """True in state ACTIVE (and for the would-be orders of observe: False)."""
        ...

    @property
    def market(self) -> InstrumentId:
        """The instance's own market."""
        ...

    @property
    def run_seed(self) -> int:
        """Seed of ``self.rng``: a function of the run's seed and the instance's id."""
        ...

    def now(self) -> int:
        """Event time of the step."""
        ...

    def instrument(self, symbol: str | None = None) -> Instrument:
        """Return an instrument the instance subscribes to (default: its own).

        Raises KeyError for any other.
        """
        ...

    def mark(self, instrument_id: InstrumentId) -> int | None:
        """Return the last or mid price, None before the first."""
        ...

    def mark_time(self, instrument_id: InstrumentId) -> int | None: ...
    def quote(self, instrument_id: InstrumentId) -> Quote | None: ...
    def position(self, instrument_id: InstrumentId) -> Position: ...
    def own_position(self) -> PositionView:
        """Return the position in the instance's own market, as a strategy sees it."""
        ...

    def guard(self, instrument_id: InstrumentId) -> Guard: ...
    def orders(self) -> tuple[Order, ...]:
        """Return the instance's orders that are not terminal, in order of creation."""
        ...

    def order(self, client_order_id: ClientOrderId) -> Order | None: ...
    def cash(self, currency: Currency) -> int:
        """Return what is free for this instance to use on its route."""
        ...

    def budget(self) -> int: ...
    def budget_used(self) -> int: ...
    def next_order_id(self) -> ClientOrderId: ...
    def emit(self, intent: PlaceOrder | CancelOrder | ReplaceOrder | SetRiskFlag | NoOp) -> None:
        """Record an intent of this step."""
        ...

    def record_signal(self, signal: Signal) -> int:
        """Record a signal and return its index within the step."""
        ...

    def log(self, severity: Severity, text: str) -> None: ...
    def schedule(self, name: str, *, at: int, every: int | None = None) -> None:
        """Ask for ``on_timer(name)`` at a moment, and every so many ns after it.

        The same name replaces.
        """
        ...

    def unschedule(self, name: str) -> None: ...
    def subscribe(self, instrument_id: InstrumentId) -> None:
        """Add a market to the instance's view; only while it is being loaded."""
        ...

    def recent_bars(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int
    ) -> tuple[Bar, ...]:
        """Return closed bars the engine has kept, oldest first."""
        ...
