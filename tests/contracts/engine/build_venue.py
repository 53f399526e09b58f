"""Traces of the simulated venue: commands and market items in, reports out."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, plain, trace

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.enums import (
    InstrumentClass,
    OrderRole,
    OrderSide,
    OrderType,
    TimeInForce,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import (
    Bar,
    BarOpen,
    DataGap,
    InstrumentUpdated,
    MarketItem,
    Quote,
    Trade,
)
from tradetui.domain.orders import OrderTerms
from tradetui.domain.steps import CancelCommand, ReplaceCommand, SubmitCommand
from tradetui.domain.units import CASH_SCALE, NANOS_PER_DAY, NANOS_PER_MINUTE, NANOS_PER_SECOND

AAA, FUT = "AAA/USD.SIM", "FUT.SIM"
MARKETS = (
    Instrument(AAA, "AAA/USD", "SIM", InstrumentClass.SPOT, "AAA", "USD", 0, 0, 1, 1,
               maker_fee_ppm=1_000, taker_fee_ppm=2_000),
    Instrument(FUT, "FUT", "SIM", InstrumentClass.FUTURE, "BTC", "USD", 1, 2, 5, 10,
               multiplier=5, multiplier_scale=1, taker_fee_ppm=500, maker_fee_ppm=-100),
)  # fmt: skip
START = 20_000 * NANOS_PER_DAY
BUY, SELL = OrderSide.BUY, OrderSide.SELL


class RecordedVenue:
    """A venue with two markets, on the record; it is run too, so that a fault shows here."""

    def __init__(self, config: VenueConfig | None = None) -> None:
        config = VenueConfig() if config is None else config
        self.venue = SimulatedVenue(config)
        self.lines: list[Line] = [{"op": "venue", "config": plain(config)}]
        self.now = START
        self.made = 0
        self.said = ""
        self.cash: dict[str, int] = {}
        for market in MARKETS:
            self.lines.append({"op": "instrument", "instrument": plain(market)})
            self.venue.on_instrument(market)

    def terms(self, kind: str, quantity: int, **more: Any) -> OrderTerms:
        """Build terms of the next order; a negative quantity sells."""
        self.made += 1
        base: dict[str, Any] = {
            "client_order_id": f"c{self.made}",
            "strategy_id": "s",
            "execution_id": "acct",
            "route_id": "main",
            "instrument_id": AAA,
            "side": BUY if quantity > 0 else SELL,
            "order_type": OrderType(kind),
            "quantity": abs(quantity),
            "created_time": self.now,
        }
        return OrderTerms(**(base | more))

    def place(self, kind: str, quantity: int, **more: Any) -> str:
        """Submit an order; return its id."""
        command = SubmitCommand(self.terms(kind, quantity, **more))
        self.write({"op": "submit", "command": plain(command), "now": self.now})
        self.venue.submit(command, self.now)
        return command.terms.client_order_id

    def cancel(self, order_id: str, route: str = "main", market: str = AAA) -> None:
        """Cancel an order."""
        command = CancelCommand(route, market, order_id)
        self.write({"op": "cancel", "command": plain(command), "now": self.now})
        self.venue.cancel(command, self.now)

    def replace(self, old: str, kind: str, quantity: int, **more: Any) -> str:
        """Replace an order; return the new id."""
        command = ReplaceCommand(old, self.terms(kind, quantity, replaces=old, **more))
        self.write({"op": "replace", "command": plain(command), "now": self.now})
        self.venue.replace(command, self.now)
        return command.terms.client_order_id

    def show(self, payload: Any, market: str = AAA, after: int = NANOS_PER_SECOND) -> None:
        """Show an item, a second later by default."""
        self.now += after
        item = MarketItem(self.now, "SIM", market, payload)
        self.write({"op": "show", "item": plain(item)})
        self.venue.show(item)

    def trade(self, price: int, quantity: int = 100, market: str = AAA) -> None:
        """Show a trade."""
        self.show(Trade(price, quantity), market)

    def quote(self, bid: int, ask: int, size: int = 100, market: str = AAA) -> None:
        """Show a quote."""
        self.show(Quote(bid, size, ask, size), market)

    def bar(
        self, open_: int, high: int, low: int, close: int, volume: int = 1_000,
        *, with_open: bool = True,
    ) -> None:  # fmt: skip
        """Show the bar of the next minute, its open first."""
        start = self.now
        if with_open:
            self.show(BarOpen(start, open_), after=0)
        bar = Bar(start, start + NANOS_PER_MINUTE, open_, high, low, close, volume)
        self.show(bar, after=NANOS_PER_MINUTE)

    def time(self, after: int) -> None:
        """Let time pass."""
        self.now += after
        self.write({"op": "time", "now": self.now})
        self.venue.on_time(self.now)

    def has(self, amount: int, route: str = "main") -> None:
        """Say what a route has, in whole dollars."""
        self.cash[route] = amount * 10**CASH_SCALE
        self.write({"op": "cash", "route_id": route, "currency": "USD", "amount": self.cash[route]})
        self.venue.fund(lambda route_id, currency: self.cash.get(route_id, 0))

    def restart(self) -> None:
        """Checkpoint and restore."""
        self.write({"op": "venue_checkpoint"})

    def note(self, text: str) -> None:
        """Say what the next lines are about."""
        self.said = text

    def write(self, line: Line) -> None:
        """Add a line, with what was to be said about it."""
        if self.said:
            line["note"] = self.said
            self.said = ""
        self.lines.append(line)


@trace("venue-market-limit", "Market and limit orders on bars, trades and quotes.")
def market_limit() -> list[Line]:
    desk = RecordedVenue()
    desk.note("before any price, and after one")
    desk.place("market", 10)
    desk.bar(100, 105, 95, 102)
    desk.place("market", 10)
    desk.bar(103, 108, 101, 107)
    desk.place("limit", 10, price=104)
    desk.place("limit", -10, price=112)
    desk.note("touched, gapped through, and not touched")
    desk.bar(106, 112, 104, 110)
    desk.place("limit", 10, price=105)
    desk.bar(100, 103, 99, 101)
    desk.place("limit", 10, price=98)
    desk.bar(101, 103, 99, 100)
    desk.note("by trades and quotes")
    desk.trade(98)
    desk.place("limit", 10, price=97)
    desk.quote(95, 97)
    desk.place("limit", -10, price=99)
    desk.quote(99, 101)
    desk.place("market", 250)
    desk.place("market", -250)
    desk.quote(99, 101)
    desk.quote(98, 102)
    return desk.lines


@trace("venue-volume", "Orders filled in parts by what an item has to give.")
def volume() -> list[Line]:
    desk = RecordedVenue(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=500_000))
    desk.trade(100)
    desk.place("limit", 100, price=100)
    desk.place("limit", 40, price=101)
    desk.trade(100, 60)
    desk.trade(99, 60)
    desk.restart()
    desk.trade(99, 1)
    desk.bar(99, 101, 98, 100, 80)
    desk.place("market", -500)
    for _ in range(3):
        desk.bar(100, 102, 98, 101, 300)
    desk.quote(100, 101, 50)
    desk.quote(100, 101, 500)
    return desk.lines


@trace("venue-stops", "Stops, stop-limits and trailing stops; a bar's own extremes move nothing.")
def stops() -> list[Line]:
    desk = RecordedVenue(VenueConfig(slippage_ppm=10_000))
    desk.bar(100, 105, 95, 100)
    desk.place("market", 100)
    desk.bar(100, 101, 99, 100)
    desk.place("stop", -10, trigger_price=96, role=OrderRole.STOP_LOSS)
    desk.place("stop", 10, trigger_price=104)
    desk.place("stop_limit", -10, trigger_price=96, price=95)
    desk.place("trailing_stop", -10, trail_offset=5)
    desk.place("trailing_stop", 10, trail_offset=5, trigger_price=120)
    desk.note("up, then down: the trail follows the extremes of earlier items only")
    desk.bar(100, 103, 99, 102)
    desk.bar(102, 110, 101, 109)
    desk.restart()
    desk.bar(109, 110, 103, 104)
    desk.note("opened beyond the trigger: filled at the open, with slippage")
    desk.bar(94, 95, 90, 91)
    desk.bar(91, 96, 90, 95)
    desk.note("by trades and quotes")
    desk.place("stop", -10, trigger_price=90)
    desk.place("trailing_stop", -10, trail_offset=3)
    desk.trade(97)
    desk.trade(94)
    desk.quote(89, 91)
    return desk.lines


@trace("venue-times", "IOC, FOK, DAY and GTD; post-only; reduce-only.")
def times() -> list[Line]:
    desk = RecordedVenue(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=1_000_000))
    desk.quote(99, 101, 10)
    for kind in (TimeInForce.IOC, TimeInForce.FOK):
        desk.place("limit", 25, price=101, time_in_force=kind)
        desk.place("limit", 5, price=101, time_in_force=kind)
        desk.place("limit", 5, price=90, time_in_force=kind)
        desk.quote(99, 101, 10)
        desk.quote(99, 101, 10)
    desk.place("limit", 5, price=90, time_in_force=TimeInForce.DAY)
    end = desk.now + 60 * NANOS_PER_SECOND
    desk.place("limit", 5, price=91, time_in_force=TimeInForce.GTD, expire_time=end)
    desk.note("post-only that would take, and that may rest")
    desk.place("limit", 5, price=101, post_only=True)
    desk.place("limit", 5, price=98, post_only=True)
    desk.note("reduce-only without a position, beyond it, and in its place")
    desk.place("limit", -5, price=99, reduce_only=True)
    desk.quote(99, 101, 10)
    desk.place("market", 20)
    desk.quote(99, 101, 50)
    desk.place("market", -50, reduce_only=True)
    desk.quote(99, 101, 50)
    desk.time(61 * NANOS_PER_SECOND)
    desk.time(NANOS_PER_DAY)
    return desk.lines


@trace("venue-brackets", "Brackets and OCO groups: children follow what is filled.")
def brackets() -> list[Line]:
    desk = RecordedVenue(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=1_000_000))

    def bracket(target: int = 110, stop: int = 95) -> None:
        entry = desk.place("limit", 100, price=100)
        common: dict[str, Any] = {"parent_order_id": entry, "oco_group": f"g{entry}"}
        desk.place("stop", -100, trigger_price=stop, role=OrderRole.STOP_LOSS, **common)
        desk.place("limit", -100, price=target, role=OrderRole.TAKE_PROFIT, **common)

    desk.trade(105)
    bracket()
    desk.trade(100, 30)
    desk.trade(99, 30)
    desk.note("the target in part, then the stop takes the rest")
    desk.trade(111, 20)
    desk.restart()
    desk.trade(94, 500)
    desk.trade(94, 500)
    desk.note("both in one bar: the stop, which is the worse, is taken")
    bracket()
    desk.bar(105, 112, 90, 100)
    desk.bar(100, 101, 99, 100)
    desk.note("an OCO of two entries")
    desk.place("limit", 10, price=95, oco_group="in")
    desk.place("stop", 10, trigger_price=110, oco_group="in")
    desk.trade(111, 4)
    desk.trade(111, 400)
    desk.note("a cancelled entry takes its children, a filled one does not")
    bracket()
    desk.cancel(f"c{desk.made - 2}")
    bracket()
    desk.trade(100, 50)
    desk.cancel(f"c{desk.made - 2}")
    desk.trade(94, 500)
    desk.trade(94, 500)
    return desk.lines


@trace("venue-cancel-replace", "Cancels and replaces, of what is there and what is not.")
def cancel_replace() -> list[Line]:
    desk = RecordedVenue()
    desk.trade(100)
    order = desk.place("limit", 10, price=95)
    desk.cancel(order)
    desk.cancel(order)
    desk.cancel("ghost")
    order = desk.place("limit", 10, price=95)
    desk.cancel(order, route="other")
    desk.cancel(order, market=FUT)
    new = desk.replace(order, "limit", 20, price=96)
    desk.replace(order, "limit", 20, price=97)
    desk.trade(96, 5)
    desk.replace(new, "limit", 5, price=90)
    desk.replace("ghost", "limit", 5, price=90)
    desk.note("a replace that would take with post-only; ids that are taken")
    resting = desk.place("limit", 10, price=95, post_only=True)
    desk.replace(resting, "limit", 10, price=101, post_only=True)
    desk.place("limit", 10, price=90, client_order_id=resting)
    desk.note("what the venue refuses: an unknown market, off the grid")
    desk.place("limit", 10, price=90, instrument_id="NO.SIM")
    desk.place("limit", 15, price=1_003, instrument_id=FUT)
    desk.place("limit", 10, price=-5)
    return desk.lines


@trace("venue-latency", "Commands that take time to arrive.")
def latency() -> list[Line]:
    desk = RecordedVenue(VenueConfig(latency_ns=3 * NANOS_PER_SECOND))
    desk.trade(100)
    order = desk.place("limit", 10, price=99)
    desk.trade(98)
    desk.cancel(order)
    desk.restart()
    desk.trade(98)
    desk.trade(98)
    desk.trade(98)
    desk.trade(98)
    desk.place("market", 10)
    desk.time(NANOS_PER_SECOND)
    desk.time(5 * NANOS_PER_SECOND)
    desk.trade(97)
    return desk.lines


@trace("venue-latency-bars", "Commands that arrive so many items later.")
def latency_bars() -> list[Line]:
    desk = RecordedVenue(VenueConfig(latency_bars=2))
    desk.bar(100, 101, 99, 100)
    order = desk.place("market", 10)
    for price in (101, 102, 103):
        desk.bar(price, price + 1, price - 1, price)
    desk.cancel(order)
    desk.replace(order, "limit", 5, price=90)
    for price in (101, 102, 103):
        desk.bar(price, price + 1, price - 1, price, with_open=False)
    return desk.lines


@trace("venue-fees", "Fees of the market, of the settings, in the base coin, and a rebate.")
def fees() -> list[Line]:
    desk = RecordedVenue(VenueConfig(fee_in_base=True, taker_fee_ppm=1_500))
    desk.trade(100)
    desk.place("market", 1_000)
    desk.place("limit", 1_000, price=90)
    desk.trade(89, 5_000)
    desk.place("market", -500)
    desk.trade(89, 5_000)
    desk.trade(10_000, 100, FUT)
    desk.place("market", 130, instrument_id=FUT)
    desk.place("limit", -130, price=10_005, instrument_id=FUT)
    desk.trade(10_005, 1_000, FUT)
    desk.trade(10_010, 1_000, FUT)
    return desk.lines


@trace("venue-funds", "No more is bought than the route can pay for; the rest is cancelled.")
def funds() -> list[Line]:
    desk = RecordedVenue()
    desk.bar(100, 101, 99, 100)
    desk.note("a gap: ten were to cost 1,000, and 8 of them do with the fee")
    desk.has(1_000)
    desk.place("market", 10)
    desk.bar(120, 125, 118, 121)
    desk.has(38)
    desk.note("not even one; and a sale needs no money")
    desk.place("market", 1)
    desk.place("market", -2)
    desk.bar(120, 125, 118, 121)
    desk.note("two in one item: what the first spends the second does not have")
    desk.has(500)
    desk.restart()
    desk.place("limit", 3, price=100)
    desk.place("limit", 3, price=99)
    desk.place("limit", 4, price=100, time_in_force=TimeInForce.FOK, route_id="other")
    desk.trade(98, 500)
    desk.note("the children of what was paid for in part")
    desk.has(1_000)
    entry = desk.place("market", 10)
    desk.place("stop", -10, trigger_price=90, parent_order_id=entry, role=OrderRole.STOP_LOSS)
    desk.trade(130, 500)
    desk.trade(85, 500)
    desk.note("a future has margin instead")
    desk.trade(10_000, 100, FUT)
    desk.place("market", 100_000, instrument_id=FUT)
    desk.trade(10_000, 100, FUT)
    return desk.lines


@trace("venue-no-touch", "A limit that is merely touched by a bar is not filled, if so set.")
def no_touch() -> list[Line]:
    desk = RecordedVenue(VenueConfig(touch_fills=False))
    desk.bar(100, 101, 99, 100)
    desk.place("limit", 10, price=95)
    desk.bar(100, 101, 95, 96)
    desk.bar(96, 97, 94, 96)
    return desk.lines


@trace("venue-routes", "Two routes and shadow books on one venue; one is dropped.")
def routes() -> list[Line]:
    desk = RecordedVenue()
    desk.trade(100)
    desk.place("limit", 10, price=99)
    desk.place("limit", 10, price=99, route_id="shadow:eye")
    desk.place("limit", 10, price=98, route_id="shadow:eye", parent_order_id="c2")
    desk.trade(99)
    desk.place("limit", 10, price=97, route_id="shadow:eye")
    desk.write({"op": "drop_route", "route_id": "shadow:eye"})
    desk.trade(96)
    desk.cancel("c4", route="shadow:eye")
    return desk.lines


@trace("venue-items", "What is no price: gaps, history, changes of the market; quiet items.")
def items() -> list[Line]:
    desk = RecordedVenue()
    desk.bar(100, 101, 99, 100)
    desk.place("limit", 10, price=90)
    desk.show(DataGap(desk.now, desk.now + 1, "lost"))
    history = Bar(desk.now, desk.now + 1, 80, 80, 80, 80, 1, "one")
    desk.show(history)
    cheaper = replace(MARKETS[0], taker_fee_ppm=100, maker_fee_ppm=0, price_increment=2)
    desk.show(InstrumentUpdated(cheaper))
    desk.note("far from the order: quiet; then through it")
    for price in (100, 99, 91):
        desk.trade(price)
    desk.bar(95, 96, 91, 92)
    desk.quote(91, 92)
    desk.trade(90, 3)
    return desk.lines
