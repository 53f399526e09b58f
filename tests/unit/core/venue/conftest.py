"""A desk at the simulated venue: commands in, reports out as short lines of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.enums import InstrumentClass, OrderSide, OrderType
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import ClientOrderId, ExecutionId, RouteId, StrategyId, instrument_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, BarOpen, MarketItem, Quote, Trade
from tradetui.domain.orders import OrderTerms
from tradetui.domain.steps import CancelCommand, ReplaceCommand, SubmitCommand

BAR = 60_000_000_000
"""A bar of the desk's market lasts a minute."""

WORDS = {
    "OrderAccepted": "accept",
    "OrderRejected": "reject",
    "OrderFilled": "fill",
    "OrderTriggered": "trigger",
    "OrderCancelled": "cancel",
    "OrderExpired": "expire",
    "CancelRejected": "cancel-refused",
    "OrderReplaced": "replace",
    "ReplaceRejected": "replace-refused",
    "OrderAmended": "amend",
}


def line(event: Unsequenced) -> str:
    """Write a report as one line."""
    report: Any = event.payload
    words = [WORDS[type(report).__name__], report.client_order_id]
    for field in ("new_client_order_id", "reason", "message"):
        if getattr(report, field, ""):
            words.append(getattr(report, field))
    if words[0] == "fill":
        words.append(f"{report.last_quantity}@{report.last_price}")
        words.append(report.liquidity)
    if words[0] == "amend":
        words.append(str(report.quantity))
        if report.trigger_price is not None:
            words.append(f"^{report.trigger_price}")
    return " ".join(words)


class Desk:
    """One venue with one spot market; quantities in lots of 1, prices in ticks of 1."""

    def __init__(self, config: VenueConfig | None = None, **fields: Any) -> None:
        self.venue = SimulatedVenue(config)
        plain: dict[str, Any] = {
            "instrument_class": InstrumentClass.SPOT,
            "price_scale": 0,
            "size_scale": 0,
            "price_increment": 1,
            "size_increment": 1,
        }
        self.instrument = Instrument(
            instrument_id("AAA/USD", "SIM"), "AAA/USD", "SIM", base="AAA", quote="USD",
            **{**plain, **fields},
        )  # fmt: skip
        self.venue.on_instrument(self.instrument)
        self.now = 0
        self.bars = 0
        self.last: list[Unsequenced] = []

    def is_busy(self) -> bool:
        """Tell whether any order or command waits for the items of the market."""
        return self.instrument.instrument_id in self.venue._state.busy

    def terms(self, order_id: str, side: str, kind: str, quantity: int, **rest: Any) -> OrderTerms:
        """Build terms: ``kind`` is an order type's value."""
        base: dict[str, Any] = {
            "strategy_id": StrategyId("s"),
            "execution_id": ExecutionId("main"),
            "route_id": RouteId("r"),
            "instrument_id": self.instrument.instrument_id,
        }
        return OrderTerms(
            client_order_id=ClientOrderId(order_id),
            side=OrderSide(side),
            order_type=OrderType(kind),
            quantity=quantity,
            **{**base, **rest},
        )

    def place(self, order_id: str, side: str, kind: str, quantity: int, **rest: Any) -> list[str]:
        """Submit an order now."""
        terms = self.terms(order_id, side, kind, quantity, **rest)
        return self.lines(self.venue.submit(SubmitCommand(terms), self.now))

    def cancel(self, order_id: str, route: str = "r") -> list[str]:
        """Cancel an order now."""
        command = CancelCommand(
            RouteId(route), self.instrument.instrument_id, ClientOrderId(order_id)
        )
        return self.lines(self.venue.cancel(command, self.now))

    def replace(
        self, old: str, order_id: str, side: str, kind: str, quantity: int, **rest: Any
    ) -> list[str]:
        """Replace an order now."""
        terms = self.terms(order_id, side, kind, quantity, replaces=ClientOrderId(old), **rest)
        return self.lines(self.venue.replace(ReplaceCommand(ClientOrderId(old), terms), self.now))

    def show(self, payload: Any, time: int | None = None) -> list[str]:
        """Show one item, by default now."""
        self.now = self.now if time is None else time
        item = MarketItem(self.now, "SIM", self.instrument.instrument_id, payload)
        return self.lines(self.venue.show(item))

    def open(self, price: int) -> list[str]:
        """Show the open of the bar that begins now."""
        return self.show(BarOpen(self.now, price))

    def bar(
        self, open_: int, high: int, low: int, close: int, volume: int = 1000, minutes: int = 1
    ) -> list[str]:
        """Show the bar that begins now; then it is its close."""
        start = self.now
        end = start + minutes * BAR
        return self.show(Bar(start, end, open_, high, low, close, volume), end)

    def quote(self, bid: int, ask: int, size: int = 100, after: int = 1) -> list[str]:
        """Show a quote a little later."""
        return self.show(Quote(bid, size, ask, size), self.now + after)

    def trade(self, price: int, quantity: int = 100, after: int = 1) -> list[str]:
        """Show a trade a little later."""
        return self.show(Trade(price, quantity), self.now + after)

    def on_time(self, time: int) -> list[str]:
        """Let time pass."""
        self.now = time
        return self.lines(self.venue.on_time(time))

    def lines(self, events: list[Unsequenced]) -> list[str]:
        """Keep the reports and return them as lines."""
        self.last = events
        return [line(event) for event in events]


@pytest.fixture
def make_desk() -> Callable[..., Desk]:
    """Return the class, so that a test makes the desk it needs."""
    return Desk


@pytest.fixture
def desk() -> Desk:
    """A desk with the default settings, after one bar that ended at 100."""
    desk = Desk()
    desk.bar(100, 100, 100, 100)
    return desk
