"""Each trade is given out once, to whom it belongs, and a cursor is kept when the kernel has it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace
from tests.support.courier_house import SETTINGS
from tests.support.kernel_world import BTC, UNIT

from tradetui.domain.enums import LiquiditySide, OrderSide
from tradetui.domain.ids import ClientOrderId, Currency, TradeId, VenueOrderId
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.engine.courier.edge import Edge
from tradetui.engine.courier.records import Cursor
from tradetui.engine.courier.trades import TradeDesk
from tradetui.ports.execution import (
    Failed,
    LookupRequest,
    OrderFound,
    OrderNotFound,
    TradesPage,
    TradesRequest,
    VenueOrder,
    VenueStatus,
    VenueTrade,
)
from tradetui.ports.faults import FaultKind

OURS, THEIRS = VenueOrderId("V1"), VenueOrderId("V9")
MINE = ClientOrderId("tt-1")
EVERY = 10 * SECOND


class Desk(TradeDesk):
    """A desk beside a kernel that holds no more than the trades it is given."""

    def __init__(self, cursor: str = "") -> None:
        self.kernel = SimpleNamespace(state=SimpleNamespace(trade_ids={}))
        self.edge = Edge(self.kernel, SETTINGS)  # type: ignore[arg-type]
        self.edge.now = SECOND
        super().__init__(self.edge, (Cursor(BTC, cursor),) if cursor else ())
        self.given: list[tuple[str, str]] = []
        self.on_own = lambda order_id, trade: self.given.append((order_id, trade.trade_id))

    @property
    def market(self) -> Any:
        return self.markets[BTC]

    def page(self, *trades: VenueTrade, cursor: str = "c1", last: bool = True) -> None:
        self.on_page(self.market, TradesPage(trades, cursor, last), 500, EVERY)

    def kernel_has(self, *trade_ids: str) -> None:
        for trade_id in trade_ids:
            self.kernel.state.trade_ids[f"main:{OrderSide.BUY}", BTC, trade_id] = None


def trade(trade_id: str, order: VenueOrderId = OURS, side: OrderSide = OrderSide.BUY) -> VenueTrade:
    return VenueTrade(
        TradeId(trade_id), order, BTC, side, UNIT, 10_000, 0, Currency("USD"),
        LiquiditySide.TAKER, 5,
    )  # fmt: skip


def order(venue_order_id: VenueOrderId = THEIRS) -> VenueOrder:
    return VenueOrder("x", venue_order_id, BTC, OrderSide.BUY, UNIT, UNIT, VenueStatus.FILLED)


def test_a_trade_is_given_out_once_though_it_is_read_often() -> None:
    desk = Desk()
    desk.own(OURS, MINE)
    desk.page(trade("1"), trade("1"))
    desk.page(trade("1"), trade("2"))
    assert desk.given == [(MINE, "1"), (MINE, "2")]
    desk.kernel_has("3")
    desk.page(trade("3"))
    assert desk.given_out == 2


def test_both_sides_of_a_trade_with_oneself_are_two() -> None:
    desk = Desk()
    desk.own(OURS, MINE)
    desk.page(trade("1"), trade("1", side=OrderSide.SELL))
    assert len(desk.given) == 2


def test_a_cursor_is_kept_when_the_kernel_has_its_whole_page_and_those_before() -> None:
    desk = Desk("c0")
    desk.own(OURS, MINE)
    ((_, request),) = desk.reads()
    assert request == TradesRequest(BTC, "c0", 0)
    desk.page(trade("1"), trade("2"), cursor="c1", last=False)
    desk.page(trade("3"), cursor="c2")
    desk.kernel_has("1", "3")
    assert desk.cursors() == (Cursor(BTC, "c0"),)
    assert not desk.is_settled
    desk.kernel_has("2")
    assert desk.cursors() == (Cursor(BTC, "c2"),)
    assert desk.is_settled


def test_reads_go_on_at_once_until_the_end_then_at_intervals() -> None:
    desk = Desk()
    desk.page(cursor="c1", last=False)
    assert (desk.market.due, desk.market.is_urgent, desk.market.reads) == (SECOND, True, 0)
    assert not desk.is_read_since(BTC, 499)
    desk.page(cursor="c2")
    assert (desk.market.due, desk.market.is_urgent, desk.market.reads) == (11 * SECOND, False, 1)
    assert desk.is_read_since(BTC, 499)
    assert not desk.is_read_since(BTC, 500)
    assert list(desk.reads()) == []
    desk.read_soon(BTC, 5 * SECOND)
    assert (desk.market.due, desk.market.is_urgent) == (5 * SECOND, True)
    desk.read_now(BTC)
    assert len(list(desk.reads())) == 1
    desk.market.is_out = True
    assert list(desk.reads()) == []


def test_a_read_that_fails_is_made_again_a_little_later() -> None:
    desk = Desk()
    desk.market.is_out = True
    desk.on_page(desk.market, Failed(FaultKind.CONNECTION), 500, EVERY)
    assert not desk.market.is_out
    assert desk.market.due == SECOND + SETTINGS.lookup_after
    assert desk.market.reads == 0


def test_to_read_again_begins_at_the_beginning_and_forgets_no_fill() -> None:
    desk = Desk("c7")
    desk.own(OURS, MINE)
    desk.market.due = 9 * SECOND
    desk.read_again(BTC)
    assert desk.market.due == SECOND
    desk.page(trade("1"), cursor="c8")
    assert (desk.market.cursor, desk.market.again, desk.market.due) == ("", False, SECOND)
    desk.page(trade("1"), cursor="c1")
    assert desk.given == [(MINE, "1")]


def test_what_was_read_before_a_read_anew_moves_no_kept_cursor() -> None:
    desk = Desk("c0")
    desk.own(OURS, MINE)
    desk.page(trade("2"), cursor="c2")
    desk.read_again(BTC)
    desk.page(cursor="c2")
    desk.kernel_has("2")
    assert desk.cursors() == (Cursor(BTC, "c0"),)
    desk.page(trade("1"), cursor="c1", last=False)
    desk.page(trade("2"), cursor="c2")
    assert desk.cursors() == (Cursor(BTC, "c0"),)
    desk.kernel_has("1")
    assert desk.cursors() == (Cursor(BTC, "c2"),)
    assert desk.given == [(MINE, "2"), (MINE, "1")]


def test_a_trade_of_an_order_that_nobody_knows_waits_for_its_lookup() -> None:
    desk = Desk()
    desk.page(trade("1", THEIRS), trade("2", THEIRS))
    assert desk.given == []
    assert not desk.is_settled
    assert not desk.is_read_since(BTC, 0)
    ((stray, request),) = desk.lookups()
    assert request == LookupRequest(BTC, venue_order_id=THEIRS)
    stray.is_out = True
    assert list(desk.lookups()) == []
    for answer in (OrderNotFound(0), OrderFound(order(OURS)), Failed(FaultKind.TIMEOUT)):
        desk.on_stray(stray, answer)
        assert (stray.is_out, stray.due) == (False, SECOND + SETTINGS.lookup_after)
        assert desk.given == []
    desk.on_stray(stray, OrderFound(order()))
    assert desk.given == [(f"venue:{THEIRS}", "1"), (f"venue:{THEIRS}", "2")]
    assert desk.external == 2
    desk.on_stray(stray, OrderFound(order()))
    assert desk.external == 2


def test_a_lookup_may_show_that_it_is_ours() -> None:
    desk = Desk()
    desk.page(trade("1"))
    (stray,) = desk.strays.values()
    desk.owner_of = lambda found: MINE
    desk.on_stray(stray, OrderFound(order(OURS)))
    assert desk.given == [(MINE, "1")]
    assert desk.external == 0


def test_whoever_learns_it_meanwhile_gives_the_trades_out() -> None:
    desk = Desk()
    desk.page(trade("1"))
    (stray,) = desk.strays.values()

    def learn(found: VenueOrder) -> ClientOrderId | None:
        desk.own(found.venue_order_id, MINE)
        return None

    desk.owner_of = learn
    desk.on_stray(stray, OrderFound(order(OURS)))
    assert desk.given == [(MINE, "1")]


def test_a_market_without_a_kept_cursor_begins_at_the_accounts_beginning() -> None:
    desk = Desk()
    desk.edge.settings = replace(SETTINGS, since=77)
    ((_, request),) = desk.reads()
    assert request == TradesRequest(BTC, "", 77)
