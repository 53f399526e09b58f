"""Tests of ``strategy/market_views.py``."""

from __future__ import annotations

from typing import Any

import pytest
from strategy_testing import BTC, ETH, MINUTE, START, make_bar

from tradetui.domain.enums import OrderSide
from tradetui.domain.market_data import Quote, Trade
from tradetui.strategy.errors import InvalidParameter
from tradetui.strategy.feeds import (
    BarFeed,
    QuoteFeed,
    TradeFeed,
    bars,
    build_feed,
    quotes,
    trades,
)


def bar_feed(**options: Any) -> BarFeed:
    return BarFeed("fast", bars("1m", **options), BTC)


def test_declarations() -> None:
    spec = bars("5m", warm=200, market="ETH/USD", keep=10)
    assert (spec.timeframe, spec.timeframe_ns, spec.warm) == ("5m", 5 * MINUTE, 200)
    assert (spec.market, spec.keep) == ("ETH/USD", 10)
    assert bars().timeframe == "1m"
    assert bars().warm is None
    assert quotes().market is None
    assert trades(market="X").market == "X"


def test_a_setting_holds_the_timeframe() -> None:
    spec = bars(setting="frame", warm=3)
    assert spec.configured({"frame": "4h"}) == bars("4h", setting="frame", warm=3)
    assert bars("5m").configured({"frame": "4h"}) == bars("5m")
    with pytest.raises(InvalidParameter, match="must divide a day"):
        spec.configured({"frame": "7m"})


def test_build_feed_by_its_declaration() -> None:
    assert isinstance(build_feed("a", bars("1m"), BTC), BarFeed)
    assert isinstance(build_feed("a", quotes(), BTC), QuoteFeed)
    assert isinstance(build_feed("a", trades(), ETH), TradeFeed)


@pytest.mark.parametrize("value", [-1, 1.5, "3", True, 10**6])
def test_counts_are_checked(value: object) -> None:
    with pytest.raises(InvalidParameter, match="warm must be a whole number from 0"):
        bars("1m", warm=value)
    for declare in (bars, quotes, trades):
        with pytest.raises(InvalidParameter, match="keep must be a whole number from 1"):
            declare(keep=value)


def test_markets_and_timeframes_are_checked() -> None:
    for declare in (bars, quotes, trades):
        with pytest.raises(InvalidParameter, match="market must be a symbol"):
            declare(market="")
        with pytest.raises(InvalidParameter, match="market must be a symbol"):
            declare(market=5)
    with pytest.raises(InvalidParameter, match="a timeframe must divide a day"):
        bars("7m")


def test_bars_are_kept_newest_last() -> None:
    feed = bar_feed(keep=2)
    assert feed.last is None
    assert feed.closes == []
    views = [feed.push(make_bar(price, index=n)) for n, price in enumerate((1.0, 2.0, 3.0))]
    assert feed.history == views[1:]
    assert feed.last is views[2]
    assert feed[-1] is views[2]
    assert list(feed) == views[1:]
    assert len(feed) == 2
    assert feed.count == 3
    assert feed.closes == [2.0, 3.0]
    assert feed.candles[-1] == [START + 3 * MINUTE, 3.0, 3.0, 3.0, 3.0]
    assert (feed.name, feed.symbol, feed.instrument_id) == ("fast", "BTC/USD", BTC.instrument_id)
    assert (feed.timeframe, feed.timeframe_ns, feed.kind) == ("1m", MINUTE, "bars")


def test_a_bar_view_divides() -> None:
    view = bar_feed().push(make_bar(100.25, high=101.5, low=99.75, volume=2.5, index=1))
    assert (view.open, view.high, view.low, view.close) == (100.25, 101.5, 99.75, 100.25)
    assert view.volume == 2.5
    assert view.open_time == START + MINUTE
    assert view.time == view.close_time == START + 2 * MINUTE
    assert not view.is_warmup
    assert view.feed == "fast"
    assert view["close"] == 100.25
    assert dict(view)["high"] == 101.5


def test_warm_counts_what_is_declared() -> None:
    feed = bar_feed(warm=2)
    feed.sma(10)
    assert feed.needed == 2
    feed.push(make_bar(1.0))
    assert not feed.is_warm
    feed.push(make_bar(1.0, warmup=True))
    assert feed.is_warm


def test_warm_counts_what_indicators_need() -> None:
    feed = bar_feed()
    assert feed.is_warm
    feed.ema(3)
    feed.rsi(4)
    assert feed.needed == 5


def test_the_history_holds_all_that_is_needed_to_warm() -> None:
    feed = bar_feed(warm=5, keep=1)
    for number in range(9):
        feed.push(make_bar(float(number + 1)))
    assert len(feed) == 5


def test_every_indicator_is_fed() -> None:
    feed = bar_feed()
    of_close = [feed.sma(2), feed.ema(2), feed.rsi(2), feed.macd(1, 2, 1), feed.bollinger(2)]
    of_range = [feed.atr(2), feed.donchian(2)]
    volume = feed.sma(2, source="volume")
    for number in range(4):
        feed.push(make_bar(10.0 + number, high=20.0, low=5.0, volume=number))
    assert all(indicator.is_defined for indicator in of_close + of_range)
    assert of_close[0].value == 12.5
    assert of_range[1].value == 12.5
    assert volume.value == 2.5


def test_an_indicator_attached_later_starts_with_what_is_kept() -> None:
    feed = bar_feed()
    for number in range(3):
        feed.push(make_bar(1.0 + number, high=9.0, low=1.0))
    assert feed.sma(2).value == 2.5
    assert feed.donchian(3).upper == 9.0
    assert feed.sma(2, source="high").value == 9.0


def test_a_source_is_a_part_of_a_bar() -> None:
    with pytest.raises(
        InvalidParameter, match="source must be one of open, high, low, close, volume"
    ):
        bar_feed().sma(2, source="middle")


def test_quotes() -> None:
    feed = QuoteFeed("quotes", quotes(keep=2), BTC)
    assert (feed.last, feed.bid, feed.ask, feed.mid, feed.spread) == (None,) * 5
    view = feed.push(Quote(9_990, 10**8, 10_010, 2 * 10**8), START)
    assert (feed.bid, feed.ask, feed.mid, feed.spread) == (99.9, 100.1, 100.0, pytest.approx(0.2))
    assert (view.bid_amount, view.ask_amount, view.time) == (1.0, 2.0, START)
    assert (view.feed, view.is_warmup) == ("quotes", False)
    empty = feed.push(Quote(0, 0, 10_010, 1), START + 1)
    assert (empty.bid, empty.mid, empty.spread) == (0.0, None, None)
    assert feed.bid is None
    assert feed.history == [view, empty]
    feed.push(Quote(9_990, 1, 0, 0), START + 2)
    assert (feed.ask, feed.mid, feed.spread) == (None, None, None)
    assert len(feed.history) == 2
    assert feed.count == 3
    assert feed.is_warm


def test_a_feed_of_trades_gives_views_and_keeps_them() -> None:
    feed = TradeFeed("trades", trades(), BTC)
    assert feed.last is None
    view = feed.push(Trade(10_000, 5 * 10**7, OrderSide.SELL), START)
    assert (view.price, view.amount, view.side, view.time) == (100.0, 0.5, "sell", START)
    assert feed.push(Trade(10_000, 1), START).side is None
    assert len(feed.history) == 2
    assert feed.count == 2
    assert feed.last is feed.history[-1]
