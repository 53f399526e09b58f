"""What one instance's context reads and writes through: its filtered view, and the step's batch."""

from __future__ import annotations

from typing import Final, Protocol

from tradetui.core.kernel import Kernel
from tradetui.core.state import PositionKey
from tradetui.core.view import FilteredView, OpenOrders, Snapshot
from tradetui.domain.enums import Guard, InstanceMode, Severity
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    InstrumentId,
    RouteId,
    StrategyId,
    is_shadow,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import (
    AttributedIntent,
    CancelOrder,
    NoOp,
    PlaceOrder,
    ReplaceOrder,
    SetRiskFlag,
    Signal,
)
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.orders import Order, Position
from tradetui.domain.replica import LogView
from tradetui.domain.text import printable
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.instance_spec import InstanceSpec
from tradetui.engine.order_ids import OrderIds
from tradetui.engine.reference_data import ReferenceData
from tradetui.strategy.positions import PositionView, position_view

MAX_LOG_LINES: Final = 50
"""Lines that an instance may log in one step; more are dropped, and the last says so."""


class KeptBars(Protocol):
    """The closed bars of the markets."""

    def recent_bars(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int
    ) -> tuple[Bar, ...]:
        """Return the newest closed bars kept, oldest first."""
        ...


class PortOwner(Protocol):
    """What a port reads of the host that keeps its instance, and where it writes."""

    kernel: Kernel
    reference: ReferenceData
    schedule: HeartbeatSchedule
    order_ids: OrderIds
    now: int
    step_seq: int
    intent_limit: int
    """How many intents a callback may ask for now."""
    intents: list[AttributedIntent]
    signals: list[Signal]
    askers: list[InstancePort]
    """Who asked for intents in this step, in the order of their first one."""
    is_asked: bool
    """Whether this step has anything for its batch."""

    @property
    def market(self) -> KeptBars:
        """The markets' bars."""
        ...

    def snapshot(self) -> Snapshot:
        """Return the step's one snapshot."""
        ...

    def log(self, line: LogView) -> None:
        """Pass a log line on."""
        ...


class InstancePort:
    """The engine's side of one context; implements ``strategy.port.ContextPort``.

    Account and client are the instance's own and cannot be chosen by the strategy.
    """

    __slots__ = (
        "_flat",
        "_flat_record",
        "_flat_view",
        "_host",
        "_instruments",
        "_log_lines",
        "_log_seq",
        "_orders",
        "_own",
        "_own_key",
        "_shared",
        "_snapshot",
        "_view",
        "account_id",
        "callback_start",
        "client_id",
        "index",
        "is_loading",
        "is_storming",
        "is_touched",
        "market",
        "mode",
        "next_order_id",
        "refused",
        "run_id",
        "run_seed",
        "strategy_id",
    )

    def __init__(self, host: PortOwner, spec: InstanceSpec, run_seed: int) -> None:
        self._host = host
        self.next_order_id = host.order_ids.next_id
        self._view: FilteredView | None = None
        self._shared: OpenOrders | None = None
        self._orders: tuple[Order, ...] = ()
        """The open orders as they were seen last, and where that was: changed, it is another."""
        self._snapshot: Snapshot | None = None
        self._log_lines = 0
        self._log_seq = -1
        self.callback_start = 0
        self.strategy_id: StrategyId = spec.strategy_id
        self.account_id: str = spec.account_id
        self.client_id: str = spec.client_id
        self.market: InstrumentId = spec.market
        self.mode: InstanceMode = spec.mode
        self.run_seed: int = run_seed
        self.run_id: str = host.kernel.state.config.run_id
        self.is_loading = True
        self.is_storming = False
        self.is_touched = False
        """Whether the callback under way asked for anything: an intent or a signal."""
        self.index = 0
        """Emission index of the next intent within the step."""
        self.refused = 0
        """Intents beyond the limit in the callback under way."""
        self._instruments: dict[str, Instrument] = {}
        self._own = host.reference.instrument(spec.market)
        self._flat: dict[InstrumentId, tuple[PositionKey, Position]] = {}
        """Per market, the key of the position and what it is while there is none."""
        self._own_key: PositionKey | None = None
        """The key of the position in the own market; None until somebody asked."""
        self._flat_record: Position | None = None
        self._flat_view: PositionView | None = None
        """What was shown last while nothing was held there, and of which record."""
        for instrument_id in (spec.market, *spec.instruments):
            self._subscribe(host.reference.instrument(instrument_id))

    # Reads.

    @property
    def view(self) -> FilteredView:
        """The instance's view of the step's one snapshot."""
        snapshot = self._host.snapshot()
        if self._view is None or self._snapshot is not snapshot:
            self._view = FilteredView(snapshot, self.strategy_id)
            self._snapshot = snapshot
        return self._view

    @property
    def can_trade(self) -> bool:
        return self.view.can_trade

    @property
    def instruments(self) -> tuple[InstrumentId, ...]:
        """Every market of the instance, its own first."""
        return tuple(instrument.instrument_id for instrument in self._instruments.values())

    def now(self) -> int:
        return self._host.now

    def instrument(self, symbol: str | None = None) -> Instrument:
        if symbol is None:
            return self._own
        found = self._instruments.get(symbol)
        if found is None:
            if not self.is_loading:
                raise KeyError(symbol)
            found = self._host.reference.find_symbol(symbol, near=self.market)
            self._subscribe(found)
        return found

    def mark(self, instrument_id: InstrumentId) -> int | None:
        mark = self._host.kernel.state.marks.get(instrument_id)
        return None if mark is None else mark.price

    def mark_time(self, instrument_id: InstrumentId) -> int | None:
        return self.view.mark_time(instrument_id)

    def quote(self, instrument_id: InstrumentId) -> Quote | None:
        return self.view.quote(instrument_id)

    def position(self, instrument_id: InstrumentId) -> Position:
        flat = self._flat.get(instrument_id)
        if flat is None:
            return self._find_position(instrument_id)
        return self._host.kernel.state.positions.get(flat[0]) or flat[1]

    def own_position(self) -> PositionView:
        """A strategy asks on every bar, and mostly nothing is held: the view is then the same."""
        key = self._own_key
        if key is None:
            return self._find_own_position()
        state = self._host.kernel.state
        position = state.positions.get(key)
        if position is None or not position.quantity:
            view = self._flat_view
            if view is None or position is not self._flat_record:
                view = position_view(position or Position(*key), self._own, None, self)
                self._flat_view, self._flat_record = view, position
            return view
        mark = state.marks.get(key[2])
        return PositionView(position, self._own, None if mark is None else mark.price, self)

    def guard(self, instrument_id: InstrumentId) -> Guard:
        return self.view.guard(instrument_id)

    def orders(self) -> tuple[Order, ...]:
        """The same as ``view.orders``, which strategies ask for at each quote."""
        shared = self._host.kernel.open_orders
        if shared is not self._shared:
            instance = self._host.kernel.state.instances.get(self.strategy_id)
            is_observing = instance is not None and instance.mode is InstanceMode.OBSERVE
            self._orders = shared.of(self.strategy_id, is_observing=is_observing)
            self._shared = shared
        return self._orders

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        return self.view.order(client_order_id)

    def cash(self, currency: Currency) -> int:
        return self.view.cash(currency)

    def budget(self) -> int:
        return self.view.budget()

    def budget_used(self) -> int:
        return self.view.budget_used()

    def recent_bars(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int
    ) -> tuple[Bar, ...]:
        self._check_market(instrument_id)
        return self._host.market.recent_bars(instrument_id, timeframe_ns, count)

    # Writes: recorded, never done.

    def emit(self, intent: PlaceOrder | CancelOrder | ReplaceOrder | SetRiskFlag | NoOp) -> None:
        self.is_touched = True
        host, index = self._host, self.index
        if index - self.callback_start >= host.intent_limit:
            self.refused += 1
            return
        if not index:
            host.askers.append(self)
        host.is_asked = True
        host.intents.append(AttributedIntent(self.strategy_id, index, intent))
        self.index = index + 1

    def record_signal(self, signal: Signal) -> int:
        self.is_touched = True
        self._host.is_asked = True
        signals = self._host.signals
        signals.append(signal)
        return len(signals) - 1

    def log(self, severity: Severity, text: str) -> None:
        if self._log_seq != self._host.step_seq:
            self._log_seq = self._host.step_seq
            self._log_lines = 0
        self._log_lines += 1
        if self._log_lines < MAX_LOG_LINES:
            self.note(text, severity)
        elif self._log_lines == MAX_LOG_LINES:
            self.note("more lines were logged in this step and are left out", Severity.WARNING)

    def note(self, text: str, severity: Severity = Severity.INFO) -> None:
        """Put a line of the engine's about this instance into the log."""
        self._host.log(LogView(self._host.now, severity, self.strategy_id, printable(text)))

    def schedule(self, name: str, *, at: int, every: int | None = None) -> None:
        self._host.schedule.schedule(self.strategy_id, name, at, every)

    def unschedule(self, name: str) -> None:
        self._host.schedule.unschedule(self.strategy_id, name)

    def subscribe(self, instrument_id: InstrumentId) -> None:
        if not self.is_loading:
            raise KeyError(instrument_id)
        self._subscribe(self._host.reference.instrument(instrument_id))

    # For the host.

    def end_callback(self) -> None:
        """A callback that asked for something is over."""
        self.callback_start = self.index
        self.is_touched = False

    def begin_step(self) -> None:
        """Count emissions from 0 again: the step in which something was asked for is over."""
        self.index = self.callback_start = 0

    def drop_callback(self) -> None:
        """Take back the intents of the callback, which failed."""
        intents = self._host.intents
        count = self.index - self.callback_start
        if count:
            del intents[-count:]
        self.index = self.callback_start
        self.is_touched = False
        self.refused = 0

    def update_instrument(self, instrument: Instrument) -> None:
        """Take in new increments, limits or fees of a market that the instance has."""
        if instrument.instrument_id in self.instruments:
            self._instruments[instrument.symbol] = instrument
            if instrument.instrument_id == self.market:
                self._own = instrument
                self._flat_view = None

    def forget_routes(self) -> None:
        """The book may be another from now on: look anew."""
        self._flat = {}
        self._own_key = self._flat_view = None

    def _find_own_position(self) -> PositionView:
        """Return the position in the own market, and remember its key once that is sure."""
        position = self.position(self.market)
        known = self._flat.get(self.market)
        if known is None:
            return position_view(position, self._own, self.mark(self.market), self)
        self._own_key = known[0]
        return self.own_position()

    def _find_position(self, instrument_id: InstrumentId) -> Position:
        """Return a position, and remember the key under which the kernel has it: a strategy asks on
        every bar.
        """
        if self.is_loading:
            return self._kept_position(instrument_id)
        found = self.view.position(instrument_id)
        key = (found.strategy_id, found.route_id, found.instrument_id)
        self._flat[instrument_id] = (key, Position(*key))
        return found

    def _kept_position(self, instrument_id: InstrumentId) -> Position:
        """Return what an instance that is being loaded still holds; the kernel does not know yet
        on which route it will trade.
        """
        for key, position in self._host.kernel.state.positions.items():
            is_own = key[0] == self.strategy_id and key[2] == instrument_id
            if is_own and position.quantity and not is_shadow(key[1]):
                return position
        return Position(self.strategy_id, RouteId(""), instrument_id)

    def _subscribe(self, instrument: Instrument) -> None:
        self._instruments[instrument.symbol] = instrument

    def _check_market(self, instrument_id: InstrumentId) -> None:
        if instrument_id not in self.instruments:
            raise KeyError(instrument_id)
