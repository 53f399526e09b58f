"""A small world around a real kernel: one account, four markets, every step checked whole."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.kernel import Kernel
from tradetui.core.order_manager import create
from tradetui.core.sequencer import Sequencer
from tradetui.core.state import KernelState
from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.control import CancelRequested, InstanceLoaded
from tradetui.domain.enums import (
    InstanceMode,
    InstrumentClass,
    InvariantPolicy,
    LiquiditySide,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    RunMode,
    Support,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import AttributedIntent, CancelOrder, PlaceOrder, ReplaceOrder
from tradetui.domain.market_data import Bar, InstrumentUpdated, Trade
from tradetui.domain.orders import Order, OrderTerms, Position
from tradetui.domain.reports import (
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
)
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import (
    Applied,
    ExecutionContextConfig,
    IntentBatch,
    KernelConfig,
    RouteConfig,
)
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_SECOND

UNIT = 10**8
"""One of any money, and one coin of a market of size scale 8."""

START = 20_000 * NANOS_PER_DAY + NANOS_PER_HOUR
BTC, PERP, YES, BNB = "BTC/USD.SIM", "BTC-PERP.SIM", "RAIN-YES.SIM", "BNB/USD.SIM"
INSTRUMENTS = (
    Instrument(BTC, "BTC/USD", "SIM", InstrumentClass.SPOT, "BTC", "USD", 2, 8, 1, 1_000),
    Instrument(
        PERP,
        "BTC-PERP",
        "SIM",
        InstrumentClass.FUTURE,
        "BTC",
        "USD",
        2,
        0,
        5,
        1,
        multiplier=5,
        multiplier_scale=1,
        margin_ppm=100_000,
    ),
    Instrument(YES, "RAIN-YES", "SIM", InstrumentClass.PREDICTION, "YES", "USD", 4, 0, 1, 1),
    Instrument(BNB, "BNB/USD", "SIM", InstrumentClass.SPOT, "BNB", "USD", 2, 4, 1, 1),
)
PRICES = {BTC: 10_000, PERP: 10_000, YES: 4_000, BNB: 50_000}
CASH = 1_000_000 * UNIT

HELD = replace(
    SIMULATED,
    stop=Support.HELD,
    stop_limit=Support.HELD,
    trailing_stop=Support.HELD,
    day=Support.HELD,
    gtd=Support.HELD,
    oco=Support.HELD,
    bracket=Support.HELD,
    reduce_only=Support.HELD,
    replace=Support.NONE,
)
"""A venue that knows market and limit orders, and no more."""


def config(
    capabilities: Capabilities = SIMULATED,
    policy: InvariantPolicy = InvariantPolicy.STRICT,
    **changes: Any,
) -> KernelConfig:
    """Return the configuration of the world: account ``acct`` with one route ``main``."""
    route = RouteConfig("main", "acct", "sim", "a1", "SIM", capabilities, (("USD", CASH),))
    made = KernelConfig(
        "run",
        RunMode.PAPER,
        "USD",
        (route,),
        (ExecutionContextConfig("acct", ("main",)),),
        invariant_policy=policy,
    )
    return replace(made, **changes)


class World:
    """A kernel with four marked markets and two active instances on BTC, ``one`` and ``two``.

    Every step is followed by the whole check of the invariants.
    """

    kernel_class: type[Kernel] = Kernel

    def __init__(
        self,
        capabilities: Capabilities = SIMULATED,
        policy: InvariantPolicy = InvariantPolicy.STRICT,
        *,
        is_checked: bool = True,
        **changes: Any,
    ) -> None:
        self.kernel = self.kernel_class(config(capabilities, policy, **changes))
        self.sequencer = Sequencer()
        self.now = START
        self.orders_made = 0
        self.trades_made = 0
        self.is_checked = is_checked
        for instrument in INSTRUMENTS:
            self.event(InstrumentUpdated(instrument), instrument.instrument_id)
        for instrument_id, price in PRICES.items():
            self.trade(price, instrument_id)
        for name in ("one", "two"):
            self.load(name)

    @property
    def state(self) -> KernelState:
        return self.kernel.state

    def event(
        self,
        payload: Any,
        instrument_id: str = "",
        *,
        after: int = NANOS_PER_SECOND,
        key: Any = None,
    ) -> Applied:
        """Apply the next event, ``after`` ns later."""
        self.now += after
        venue = "SIM" if instrument_id else ""
        envelope = self.sequencer.stamp_payload(
            self.now, self.now, venue, instrument_id, payload, key
        )
        applied = self.kernel.apply_event(envelope)
        self.check()
        return applied

    def check(self) -> None:
        if self.is_checked:
            self.kernel.check_all()

    def load(self, name: str, mode: InstanceMode = InstanceMode.ACTIVE, **changes: Any) -> Applied:
        event = InstanceLoaded(
            name,
            "test",
            "acct",
            BTC,
            mode,
            InstanceLimits(CASH),
            "",
            "",
            "me",
            instruments=(BTC, PERP, YES, BNB),
        )
        return self.event(replace(event, **changes))

    def trade(self, price: int, instrument_id: str = BTC, **more: Any) -> Applied:
        return self.event(Trade(price, 1), instrument_id, **more)

    def bar(self, high: int, low: int, close: int, instrument_id: str = BTC) -> Applied:
        return self.event(Bar(self.now, self.now + 1, close, high, low, close, 1), instrument_id)

    def intents(self, *intents: Any, name: str = "one") -> Applied:
        batch = IntentBatch(
            tuple(AttributedIntent(name, index, intent) for index, intent in enumerate(intents))
        )
        applied = self.kernel.process_intents(batch)
        self.check()
        return applied

    def next_id(self) -> str:
        self.orders_made += 1
        return f"ttx-{self.orders_made:04d}"

    def intent(self, quantity: int = UNIT, price: int | None = 9_000, **more: Any) -> PlaceOrder:
        """Return a limit (without a price: market) order; a negative quantity sells."""
        fields: dict[str, Any] = {
            "client_order_id": self.next_id(),
            "instrument_id": BTC,
            "side": OrderSide.BUY if quantity > 0 else OrderSide.SELL,
            "order_type": OrderType.MARKET if price is None else OrderType.LIMIT,
            "quantity": abs(quantity),
            "price": price,
        }
        return PlaceOrder(**(fields | more))

    def place(self, quantity: int = UNIT, price: int | None = 9_000, **more: Any) -> str:
        """Place an order for ``one`` (or ``name``), which must be allowed; return its id."""
        name = more.pop("name", "one")
        intent = self.intent(quantity, price, **more)
        applied = self.intents(intent, name=name)
        assert applied.decisions[0].reason == "" or applied.decisions[0].would, applied.decisions[0]
        return intent.client_order_id

    def replace(self, order_id: str, **changes: Any) -> str:
        """Ask for a new version of an order; return its id."""
        new_id = self.next_id()
        name = self.order(order_id).terms.strategy_id
        applied = self.intents(ReplaceOrder(order_id, new_id, **changes), name=name)
        assert applied.decisions[0].reason == "", applied.decisions[0]
        return new_id

    def accept(self, order_id: str) -> Applied:
        return self.event(OrderAccepted(self.route_of(order_id), order_id, f"v{order_id}"), BTC)

    def fill(
        self,
        order_id: str,
        quantity: int = UNIT,
        price: int = 9_000,
        fee: int = 0,
        *,
        key: str | None = None,
        after: int = NANOS_PER_SECOND,
        **changes: Any,
    ) -> Applied:
        """Report a fill of an order at the venue."""
        self.trades_made += 1
        order = self.state.orders.get(order_id)
        report = OrderFilled(
            self.route_of(order_id),
            order_id,
            f"v{order_id}",
            f"t{self.trades_made}",
            OrderSide.BUY if order is None else order.terms.side,
            quantity,
            price,
            fee,
            "USD",
            LiquiditySide.TAKER,
        )
        instrument_id = BTC if order is None else order.terms.instrument_id
        return self.event(replace(report, **changes), instrument_id, key=key, after=after)

    def route_of(self, order_id: str) -> str:
        order = self.state.orders.get(order_id)
        return "main" if order is None else order.terms.route_id

    def cancelled(self, order_id: str) -> Applied:
        return self.event(OrderCancelled(self.route_of(order_id), order_id), BTC)

    def order(self, order_id: str) -> Order:
        return self.state.orders[order_id]

    def position(
        self, instrument_id: str = BTC, name: str = "one", route: str = "main"
    ) -> Position:
        return self.state.positions[name, route, instrument_id]

    def hold(self, quantity: int = UNIT, price: int = 10_000, instrument_id: str = BTC) -> None:
        """Give ``one`` a position by an order of its own."""
        order_id = self.place(quantity, None, instrument_id=instrument_id)
        self.accept(order_id)
        self.fill(order_id, abs(quantity), price)

    def close(self, quantity: int = UNIT, price: int = 10_000, instrument_id: str = BTC) -> Applied:
        """Sell so much of the position of ``one`` by a reducing order, filled at once."""
        order_id = self.place(
            -quantity, None, instrument_id=instrument_id, role=OrderRole.EXIT, reduce_only=True
        )
        return self.fill(order_id, quantity, price)

    def force(self, terms: OrderTerms) -> str:
        """Make an order past the risk engine, as the kernel itself would; return its id."""
        self.state.begin()
        assert create(self.state, Changes(), terms)
        self.check()
        return terms.client_order_id

    def order_in(self, wanted: OrderState) -> str:
        """Bring a new buy order for one coin into a state; Created needs HELD capabilities."""
        if wanted is OrderState.CREATED:
            return self.place(UNIT, None, order_type=OrderType.STOP, trigger_price=11_000)
        order_id = self.place()
        if wanted is OrderState.REJECTED:
            self.event(OrderRejected("main", order_id, "no"), BTC)
        elif wanted is not OrderState.SUBMITTED:
            self.accept(order_id)
        if wanted is OrderState.PARTIALLY_FILLED:
            self.fill(order_id, UNIT // 2)
        elif wanted is OrderState.FILLED:
            self.fill(order_id)
        elif wanted is OrderState.CANCEL_PENDING:
            self.intents(CancelOrder(order_id))
        elif wanted is OrderState.CANCELLED:
            self.event(CancelRequested(order_id, "me"))
            self.cancelled(order_id)
        elif wanted is OrderState.EXPIRED:
            self.event(OrderExpired("main", order_id, "IOC"), BTC)
        assert self.order(order_id).state is wanted
        return order_id


def states(applied: Applied) -> list[tuple[str, str, str]]:
    """Return the transitions of a step as (from, to, cause)."""
    return [(t.from_state.value, t.to_state.value, t.cause) for t in applied.transitions]


def codes(applied: Applied) -> list[str]:
    """Return the codes of a step's diagnostics; an incident's is followed by ``!``."""
    return [d.code.value + "!" * d.is_incident for d in applied.diagnostics]
