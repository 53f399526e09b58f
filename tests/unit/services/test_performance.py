"""Round trips, wins and drawdown, from fills and prices alone."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
)
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Fill
from tradetui.domain.units import CASH_SCALE
from tradetui.services import performance
from tradetui.services.performance import Performance

KEY = InstrumentId("BTC/USDT.SIM")
BTC, USDT = Currency("BTC"), Currency("USDT")
MARKET = Instrument(KEY, "BTC/USDT", "SIM", InstrumentClass.SPOT, BTC, USDT, 2, 8, 1, 1)
COIN, UNIT = 10**8, 10**CASH_SCALE


def fill(
    side: OrderSide, price: int, after: int, *, pnl: int = 0, fee: int = 0, coin: Currency = USDT
) -> Fill:
    """A fill of one coin at a price in whole USDT; money in whole units."""
    return Fill(
        TradeId("t"), ClientOrderId("o"), StrategyId("a"), ExecutionId("paper/main"),
        RouteId("paper-main"), KEY, side, COIN, price * 100, price * UNIT, fee * UNIT, coin,
        LiquiditySide.TAKER, pnl * UNIT, after, 0, 1,
    )  # fmt: skip


BUY, SELL = OrderSide.BUY, OrderSide.SELL


def test_a_trip_wins_by_more_than_its_commissions() -> None:
    one = Performance()
    for price, pnl, fee in ((110, 10, 4), (110, 10, 5), (90, -10, 0)):
        one.fill(fill(BUY, 100, COIN, fee=fee), MARKET)
        one.fill(fill(SELL, price, 0, pnl=pnl, fee=fee), MARKET)
    assert (one.round_trips, one.wins, one.win_rate_ppm) == (3, 1, 333_333)


def test_before_the_first_trip_there_is_no_rate() -> None:
    one = Performance()
    one.fill(fill(BUY, 100, COIN), MARKET)
    assert (one.round_trips, one.win_rate_ppm) == (0, None)


def test_through_flat_is_the_end_of_one_trip_and_the_begin_of_the_next() -> None:
    one = Performance()
    one.fill(fill(BUY, 100, COIN), MARKET)
    two = replace(fill(SELL, 120, -COIN, pnl=20), quantity=2 * COIN)
    one.fill(two, MARKET)
    one.fill(fill(BUY, 130, 0, pnl=-10), MARKET)
    assert (one.round_trips, one.wins) == (2, 1)


def test_a_position_of_an_earlier_run_ends_a_trip_too() -> None:
    one = Performance()
    one.fill(fill(SELL, 120, 0, pnl=20), MARKET)
    assert (one.round_trips, one.wins) == (1, 1)
    assert one.drawdown[USDT] == 0


def test_a_commission_in_the_coin_that_is_bought_is_in_the_position() -> None:
    one = Performance()
    bought = replace(fill(BUY, 100, COIN // 2), commission=UNIT // 2, commission_currency=BTC)
    one.fill(bought, MARKET)
    assert one.drawdown[USDT] == 50 * UNIT


def test_a_commission_in_a_third_coin_is_in_no_figure() -> None:
    one, third = Performance(), Currency("BNB")
    one.fill(fill(BUY, 100, COIN), MARKET)
    sold = replace(fill(SELL, 101, 0, pnl=1), commission=9 * UNIT, commission_currency=third)
    one.fill(sold, MARKET)
    assert (one.round_trips, one.wins) == (1, 1)
    assert one.drawdown == {USDT: 0}


def test_the_fall_is_from_the_best_so_far_the_start_being_the_first() -> None:
    one = Performance()
    one.price(MARKET, 50)
    one.fill(fill(BUY, 100, COIN, fee=1), MARKET)
    assert one.drawdown[USDT] == UNIT
    for price, fall in ((99, 2), (130, 2), (120, 10), (125, 10), (118, 12), (140, 12)):
        one.price(MARKET, price * 100)
        assert one.drawdown[USDT] == fall * UNIT
    one.fill(fill(SELL, 120, 0, pnl=20, fee=1), MARKET)
    assert one.drawdown[USDT] == 21 * UNIT
    one.price(MARKET, 1)
    assert one.drawdown[USDT] == 21 * UNIT


def test_a_value_heeds_the_multiplier() -> None:
    future = replace(MARKET, multiplier=5, multiplier_scale=1)
    one = Performance()
    one.fill(fill(BUY, 100, COIN), future)
    one.price(future, 9_000)
    assert one.drawdown[USDT] == 5 * UNIT


def test_a_price_that_comes_again_is_not_valued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one, valued = Performance(), []

    def counted(instrument: Instrument, price: int, quantity: int) -> int:
        valued.append(price)
        return notional(instrument, price, quantity)

    one.fill(fill(BUY, 100, COIN), MARKET)
    monkeypatch.setattr(performance, "notional", counted)
    for price in (100, 90, 90, 90, 95):
        one.price(MARKET, price * 100)
    assert valued == [9_000, 9_500]
    assert one.drawdown == {USDT: 10 * UNIT}
