from __future__ import annotations

import pytest
from msgspec.structs import replace
from strategy_testing import BTC, CASH, ME, ROUTE, START, make_fill, make_order

from tradetui.domain.enums import (
    Guard,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Refusal,
)
from tradetui.domain.ids import ClientOrderId, ExecutionId, RouteId
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.orders import Position
from tradetui.strategy.events import FillView, OrderView, TickView, denied_order
from tradetui.strategy.positions import PositionView


def test_a_tick_is_a_mapping_too() -> None:
    tick = TickView(START, 100.5, "BTC/USD")
    assert tick["price"] == tick.price == 100.5
    assert dict(tick)["symbol"] == "BTC/USD"
    assert "keys" not in dict(tick)
    for key in ("nothing", "_private", "__class__", 5):
        with pytest.raises(KeyError):
            tick[key]
    with pytest.raises(AttributeError):
        tick.price = 1.0


def test_an_order_that_rests() -> None:
    order = make_order(price=10_050, quantity=2 * 10**8, filled_quantity=5 * 10**7,
                       filled_cost=50 * CASH, venue_order_id=None)  # fmt: skip
    view = OrderView(order, BTC, "OrderAccepted")
    assert view.id == view.client_order_id == "tt1-9000"
    assert (view.symbol, view.side, view.type, view.status) == (
        "BTC/USD",
        "buy",
        "limit",
        "Accepted",
    )
    assert (view.amount, view.filled, view.remaining) == (2.0, 0.5, 1.5)
    assert (view.price, view.stop, view.trail, view.average) == (100.5, None, None, 100.0)
    assert (view.role, view.is_entry, view.is_protective) == ("entry", True, False)
    assert (view.is_open, view.is_unknown, view.is_replacing) == (True, False, False)
    assert (view.refused_by, view.reason, view.parent) == ("", "", None)
    assert (view.cause, view.created_time, view.time) == ("OrderAccepted", START, START)


def test_an_order_that_is_over() -> None:
    order = make_order(state=OrderState.REJECTED, refusal=Refusal.REJECTED, reason="no funds")
    view = OrderView(order, BTC)
    assert not view.is_open
    assert (view.refused_by, view.reason, view.average) == ("rejected", "no funds", None)
    assert OrderView(order, BTC, note="code").reason == "code"


def test_a_stop_shows_where_its_trigger_is_now() -> None:
    order = make_order(kind=OrderType.STOP, price=None, trigger=9_900, role=OrderRole.STOP_LOSS)
    assert OrderView(order, BTC).stop == 99.0
    assert OrderView(order, BTC).is_protective
    trailed = make_order(
        kind=OrderType.TRAILING_STOP, price=None, trigger=9_900, trigger_price=9_950
    )
    assert OrderView(trailed, BTC).stop == 99.5
    replacing = make_order(pending_replace=ClientOrderId("x"), is_unknown=True)
    assert OrderView(replacing, BTC).is_replacing
    assert OrderView(replacing, BTC).is_unknown


def test_a_denied_intent_looks_like_an_order() -> None:
    intent = PlaceOrder(
        ClientOrderId("tt1-1"), BTC.instrument_id, OrderSide.SELL, OrderType.LIMIT, 10**8, 10_000
    )
    order = denied_order(
        intent, ME, "max_exposure", execution_id=ExecutionId("e"), route_id=ROUTE, time=START
    )
    view = OrderView(order, BTC, "OrderDenied")
    assert (view.status, view.refused_by, view.reason) == ("Rejected", "denied", "max_exposure")
    assert (view.amount, view.price, view.side) == (1.0, 100.0, "sell")


def test_a_fill() -> None:
    view = FillView(make_fill(OrderSide.SELL, 0.5, 101.0, 1.5, pnl=0.5, fee=0.05), BTC)
    assert (view.side, view.amount, view.price, view.notional) == ("sell", 0.5, 101.0, 50.5)
    assert (view.fee, view.fee_currency, view.realised_pnl, view.position) == (
        0.05,
        "USD",
        0.5,
        1.5,
    )
    assert (view.order_id, view.trade_id, view.symbol) == ("tt1-9000", "t", "BTC/USD")
    assert not view.is_maker
    assert view.time == START


def test_a_flat_position_is_false() -> None:
    view = PositionView(Position(ME, ROUTE, BTC.instrument_id), BTC, None, Guard.FLAT)
    assert not view
    assert (view.quantity, view.amount, view.side) == (0.0, 0.0, "flat")
    assert (view.entry_price, view.open_pnl, view.guard) == (None, 0.0, "-")
    assert (view.is_long, view.is_short, view.symbol) == (False, False, "BTC/USD")


def test_a_position_that_is_held() -> None:
    record = Position(ME, ROUTE, BTC.instrument_id, -2 * 10**8, -200 * CASH, 3 * CASH, CASH, START)
    view = PositionView(record, BTC, 9_900, Guard.VENUE)
    assert view
    assert (view.quantity, view.amount, view.side) == (-2.0, 2.0, "short")
    assert (view.entry_price, view.open_pnl) == (100.0, 2.0)
    assert (view.is_long, view.is_short, view.guard) == (False, True, "venue")
    assert (view.realised_pnl, view.fees, view.opened_time) == (3.0, 1.0, START)
    assert PositionView(record, BTC, None, Guard.VENUE).open_pnl is None
    long = PositionView(Position(ME, ROUTE, BTC.instrument_id, 1, 1), BTC, 9_900, Guard.VENUE)
    assert (long.side, long.is_long) == ("long", True)


def test_an_order_has_the_word_that_the_console_has() -> None:
    assert OrderView(make_order(), BTC).word == "open"
    assert OrderView(make_order(state=OrderState.CANCEL_PENDING), BTC).word == "cancelling"
    shadow = make_order()
    shadow = replace(shadow, terms=replace(shadow.terms, route_id=RouteId("shadow:me")))
    assert OrderView(shadow, BTC).word == "would open"
    assert OrderView(make_order(is_unknown=True), BTC).word == "UNKNOWN"
