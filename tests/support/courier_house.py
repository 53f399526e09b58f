"""A kernel with one route at a venue, its courier, and a hand that plays the venue."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.support.kernel_world import BTC, UNIT, World

from tradetui.domain.capabilities import Capabilities
from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide, Support
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.engine.courier.courier import Courier
from tradetui.engine.courier.records import CourierSettings, Cursor
from tradetui.ports.execution import (
    Accepted,
    Balances,
    OpenOrders,
    OrderFound,
    StreamHint,
    TradesPage,
    VenueOrder,
    VenueStatus,
    VenueTime,
    VenueTrade,
    VenueTraits,
)

TRAITS = VenueTraits(proven_refusals=("BALANCE",), final_cancel_refusals=("LOCKED",))
SETTINGS = CourierSettings("main", "SIM", TRAITS, (BTC,))
AHEAD = 1_000 * SECOND
"""How far the venue's clock is ahead of the courier's."""


class House:
    """``say`` answers the newest request of a class; reports reach the kernel at once."""

    def __init__(
        self, *, is_ready: bool = True, native_replace: bool = False, **changes: Any
    ) -> None:
        capabilities = Capabilities(
            (InstrumentClass.SPOT,), replace=Support.NATIVE if native_replace else Support.NONE
        )
        self.world = World(capabilities)
        self.settings = replace(SETTINGS, **changes)
        self.now = 10 * SECOND
        self.reported: list[Any] = []
        self.open: dict[str, tuple[int, Any]] = {}
        self.sent: list[Any] = []
        self.trades: list[VenueTrade] = []
        self.money = {"USD": 1_000_000 * UNIT}
        self.restart()
        if is_ready:
            self.make_ready()

    def restart(self, cursors: tuple[Cursor, ...] = ()) -> None:
        self.open.clear()
        self.courier = Courier(self.world.kernel, self.settings, self.now, cursors)

    def make_ready(self) -> None:
        for _ in range(60):
            if self.courier.is_ready:
                return
            self.routine()
            self.after(1)
        raise AssertionError("the courier did not become ready")

    def make_ready_with(self, order_id: str) -> None:
        """Become ready while the venue shows an order of ours as filled."""
        filled = self.shown(
            order_id, filled_quantity=self.world.order(order_id).quantity, status=VenueStatus.FILLED
        )
        for _ in range(60):
            if "LookupRequest" in self.open:
                self.say("LookupRequest", OrderFound(filled, self.now + AHEAD))
            if self.courier.is_ready:
                return
            self.routine()
            self.after(1)
        raise AssertionError("the courier did not become ready")

    def after(self, seconds: float) -> None:
        """Let time pass; ask for what is due."""
        self.now += int(seconds * SECOND)
        self.courier.advance(self.now)
        self.collect()
        self.pull()

    def pull(self) -> list[Any]:
        """Take the requests that go out now."""
        out = self.courier.requests(self.now)
        for one in out:
            self.open.setdefault(type(one.request).__name__, (0, None))
            self.open[type(one.request).__name__] = (one.number, one.request)
            self.sent.append(one.request)
        self.collect()
        return [one.request for one in out]

    def collect(self) -> None:
        for report in self.courier.reports():
            self.reported.append(report.payload)
            self.world.event(report.payload, report.instrument, after=1)

    def say(self, name: str, answer: Any) -> None:
        """Answer the newest request of a class."""
        number, _ = self.open.pop(name)
        self.courier.answer(number, answer, self.now)
        self.collect()

    def asked(self, name: str) -> Any:
        """Return the newest request of a class that has no answer."""
        return self.open[name][1]

    def routine(self) -> None:
        """Answer what is read of the account, and say that the stream lives."""
        self.courier.hint(StreamHint("orders"), self.now)
        self.pull()
        venue_now = self.now + AHEAD
        for name, answer in (
            ("TimeRequest", VenueTime(venue_now)),
            ("OpenOrdersRequest", OpenOrders((), venue_now)),
            ("BalancesRequest", Balances(tuple(self.money.items()), venue_now)),
        ):
            if name in self.open:
                self.say(name, answer)
        self.read_trades()

    def read_trades(self) -> None:
        """Answer a read of trades with all behind its cursor."""
        if "TradesRequest" in self.open:
            first = int(self.asked("TradesRequest").cursor or 0)
            page = tuple(self.trades[first:])
            end = str(len(self.trades))
            self.say("TradesRequest", TradesPage(page, end, True, self.now + AHEAD))

    def place(self, quantity: int = UNIT, price: int | None = 9_000, **more: Any) -> str:
        """Have the kernel make an order and the courier take it; return its id."""
        intent = self.world.intent(quantity, price, **more)
        self.take(self.world.intents(intent))
        return intent.client_order_id

    def take(self, applied: Any) -> None:
        for command in applied.commands:
            self.courier.take(command, self.now)

    def replace(self, order_id: str, **changes: Any) -> str:
        from tradetui.domain.intents import ReplaceOrder

        new_id = self.world.next_id()
        self.take(self.world.intents(ReplaceOrder(order_id, new_id, **changes)))
        return new_id

    def cancel(self, order_id: str) -> None:
        from tradetui.domain.control import CancelRequested

        self.take(self.world.event(CancelRequested(order_id, "me")))

    def shown(self, order_id: str, **changes: Any) -> VenueOrder:
        """Return the order as the venue would show it: open, and as it was asked for."""
        terms = self.world.order(order_id).terms
        order = VenueOrder(
            order_id, f"V{order_id}", BTC, terms.side, terms.quantity, 0, VenueStatus.OPEN
        )
        return replace(order, **changes)

    def rest(self, **more: Any) -> str:
        """Bring an order to rest at the venue; return its id."""
        order_id = self.place(**more)
        self.pull()
        self.say("SubmitRequest", Accepted(self.shown(order_id)))
        return order_id

    def execute(self, order_id: str, quantity: int, **changes: Any) -> VenueTrade:
        """Let the venue trade."""
        trade = VenueTrade(
            f"T{len(self.trades) + 1}", f"V{order_id}", BTC, OrderSide.BUY, quantity, 9_000, 0,
            "USD", LiquiditySide.MAKER, self.world.now,
        )  # fmt: skip
        self.trades.append(replace(trade, **changes))
        self.money["USD"] -= quantity * 90
        self.money["BTC"] = self.money.get("BTC", 0) + quantity
        return self.trades[-1]

    def state(self, order_id: str) -> str:
        return str(self.world.order(order_id).state)

    def heard(self, kind: type) -> list[Any]:
        return [payload for payload in self.reported if isinstance(payload, kind)]
