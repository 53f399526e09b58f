"""A small world for the risk engine: one account, four markets, two instances."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tradetui.core.risk import profiles
from tradetui.core.risk.engine import decide
from tradetui.core.risk.verdict import Verdict
from tradetui.core.state import Instance, KernelState, Mark
from tradetui.core.working import store
from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.enums import (
    InstanceMode,
    InstrumentClass,
    KillState,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    RunMode,
    Scope,
)
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.intents import AttributedIntent, PlaceOrder
from tradetui.domain.orders import Order, OrderTerms, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate, InstanceLimits, KillSwitch, ProfileBinding, RiskProfile
from tradetui.domain.steps import ExecutionContextConfig, KernelConfig, RouteConfig
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_SECOND

UNIT = 10**8
NOW = 20_000 * NANOS_PER_DAY + 3_600 * NANOS_PER_SECOND

BTC, ETH, PERP, YES = "BTC/USD.SIM", "ETH/BTC.SIM", "BTC-PERP.SIM", "RAIN-YES.SIM"

INSTRUMENTS = (
    Instrument(
        BTC, "BTC/USD", "SIM", InstrumentClass.SPOT, "BTC", "USD", 2, 8, 1, 10_000,
        min_quantity=10_000, min_notional=10 * UNIT, taker_fee_ppm=1_000,
    ),
    Instrument(
        ETH, "ETH/BTC", "SIM", InstrumentClass.SPOT, "ETH", "BTC", 6, 8, 1, 10_000,
    ),
    Instrument(
        PERP, "BTC-PERP", "SIM", InstrumentClass.FUTURE, "BTC", "USD", 2, 3, 1, 1,
        margin_ppm=100_000, max_quantity=50_000,
    ),
    Instrument(
        YES, "RAIN-YES", "SIM", InstrumentClass.PREDICTION, "YES", "USD", 2, 0, 1, 1,
    ),
)  # fmt: skip
PRICES = {BTC: 10_000_00, ETH: 50_000, PERP: 10_000_00, YES: 40}


class World:
    """A kernel state that tests shape freely; quantities of BTC are at scale 8, prices in cents."""

    def __init__(self, capabilities: Capabilities = SIMULATED) -> None:
        route = RouteConfig("main", "acct", "sim", "a1", "SIM", capabilities)
        self.state = KernelState(
            KernelConfig(
                "run", RunMode.PAPER, "USD", (route,), (ExecutionContextConfig("acct", ("main",)),)
            )
        )
        self.state.now = NOW
        for instrument in INSTRUMENTS:
            self.state.instruments[instrument.instrument_id] = instrument
            self.mark(instrument.instrument_id, PRICES[instrument.instrument_id])
        self.state.cash["main", "USD"] = 1_000_000 * UNIT
        self.state.cash["main", "BTC"] = 100 * UNIT
        for name in ("one", "two"):
            self.load(name)
        self.orders_made = 0

    def load(self, name: str, **changes: Any) -> None:
        """Load an instance that trades BTC and has subscribed to every market."""
        self.state.instances[name] = Instance(
            name, "t", "acct", BTC, InstanceMode.ACTIVE, InstanceLimits(1_000_000 * UNIT),
            "exit-only", (BTC, ETH, PERP, YES),
        )  # fmt: skip
        self.change(name, **changes)

    def change(self, name: str = "one", **changes: Any) -> None:
        """Change an instance."""
        old = self.state.instances[name]
        self.state.instances[name] = msgspec.structs.replace(old, **changes)

    def limit(self, **limits: Any) -> None:
        """Set limits of an instance."""
        old = self.state.instances["one"].limits
        self.change(limits=msgspec.structs.replace(old, **limits))

    def instrument(self, instrument_id: str = BTC, **changes: Any) -> None:
        """Change an instrument."""
        old = self.state.instruments[instrument_id]
        self.state.instruments[instrument_id] = msgspec.structs.replace(old, **changes)
        self.state.totals = None

    def observe(self) -> None:
        """Let the instance observe, with its shadow book."""
        self.change(mode=InstanceMode.OBSERVE)
        route = msgspec.structs.replace(self.state.routes["main"], route_id="shadow:one")
        self.state.routes["shadow:one"] = route
        self.state.cash["shadow:one", "USD"] = 2_000 * UNIT

    def profile(
        self, scope: Scope = Scope.EXECUTION, key: str = "acct", name: str = "p", **limits: Any
    ) -> None:
        """Bind a profile with these limits; the self-cross gate only if asked for."""
        limits.setdefault("prevent_self_cross", False)
        bindings = (ProfileBinding(name, scope, key),)
        profiles.set_profile(self.state, RiskProfile(name, **limits), bindings)

    def mark(self, instrument_id: str, price: int, **rest: int) -> None:
        """Set what an instrument is worth."""
        rest.setdefault("event_time", NOW)
        rest.setdefault("ingest_time", NOW)
        self.state.marks[instrument_id] = Mark(price, **rest)

    def hold(
        self,
        quantity: int,
        price: int | None = None,
        *,
        instrument_id: str = BTC,
        owner: str = "one",
        route: str = "main",
        **rest: int,
    ) -> Position:
        """Give an instance a position, bought at ``price``."""
        instrument = self.state.instruments[instrument_id]
        cost = notional(instrument, PRICES[instrument_id] if price is None else price, quantity)
        position = Position(owner, route, instrument_id, quantity, cost, **rest)
        self.state.positions[owner, route, instrument_id] = position
        self.state.totals = None
        return position

    def work(
        self,
        side: OrderSide = OrderSide.BUY,
        quantity: int = UNIT,
        price: int | None = 9_000_00,
        *,
        instrument_id: str = BTC,
        owner: str = "one",
        route: str = "main",
        state: OrderState = OrderState.ACCEPTED,
        filled: int = 0,
        order: dict[str, Any] | None = None,
        **terms: Any,
    ) -> str:
        """Let an order work; return its id."""
        self.orders_made += 1
        order_id = f"tt-w{self.orders_made}"
        kind = OrderType.LIMIT if price is not None else OrderType.MARKET
        terms.setdefault("order_type", kind)
        new = Order(
            OrderTerms(order_id, owner, "acct", route, instrument_id, side, quantity=quantity,
                       price=price, **terms),
            state, quantity, filled, **(order or {}),
        )  # fmt: skip
        store(self.state, None, new)
        return order_id

    def kill(self, state: KillState, scope: Scope = Scope.GLOBAL, key: str = "") -> None:
        """Engage a kill-switch."""
        switch = KillSwitch(scope, key, state, "op", "test", NOW)
        self.state.kill_switches[scope, key] = switch

    def intent(self, **fields: Any) -> PlaceOrder:
        """Return an order: by default buy 1 BTC at a limit of 9,900."""
        kind = fields.setdefault("order_type", OrderType.LIMIT)
        if kind is OrderType.LIMIT:
            fields.setdefault("price", 9_900_00)
        fields.setdefault("side", OrderSide.BUY)
        fields.setdefault("quantity", UNIT)
        return PlaceOrder(
            fields.pop("order_id", "tt-1"), fields.pop("instrument_id", BTC), **fields
        )

    def place(self, owner: str = "one", **fields: Any) -> Verdict:
        """Judge a new order."""
        return self.judge(self.intent(**fields), owner)

    def exit(self, quantity: int = UNIT, **fields: Any) -> Verdict:
        """Judge an order that exits at market."""
        fields.setdefault("order_type", OrderType.MARKET)
        fields.setdefault("side", OrderSide.SELL)
        fields.setdefault("role", OrderRole.EXIT)
        return self.place(quantity=quantity, **fields)

    def judge(self, intent: Any, owner: str = "one") -> Verdict:
        """Judge any intent."""
        return decide(self.state, AttributedIntent(owner, 0, intent))

    @staticmethod
    def codes(verdict: Verdict) -> list[Reason]:
        """Return the gates of a decision, by code."""
        return [gate.code for gate in verdict.decision.gates]

    @staticmethod
    def gate(verdict: Verdict, code: Reason) -> Gate:
        """Return the one gate of a decision with this code."""
        (found,) = (gate for gate in verdict.decision.gates if gate.code is code)
        return found


@pytest.fixture
def world() -> World:
    """The world as it is when all is well."""
    return World()


@pytest.fixture
def make_world() -> type[World]:
    """How to make a world with other capabilities."""
    return World
