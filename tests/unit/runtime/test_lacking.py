"""Bars that never come are said, as soon as the first bar tells."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.engine_kit import BTC

from tradetui.domain.units import NANOS_PER_MINUTE as MINUTE
from tradetui.engine.market import BarSource, Desk
from tradetui.runtime.lacking import lacking
from tradetui.strategy.feeds import bars, build_feed, quotes


def seen(length: int, *timeframes: str) -> tuple[Any, Any]:
    """Return a market whose bars are of a length (minutes), and a runner that wants others."""
    desk = Desk(BTC, 10)
    feeds = [build_feed(f"f{at}", bars(one), BTC) for at, one in enumerate(timeframes)]
    for feed in feeds:
        desk.want(feed.timeframe_ns)
    if length:
        desk.see(BarSource.BARS, length * MINUTE)
    market = SimpleNamespace(desks={BTC.instrument_id: desk})
    return market, SimpleNamespace(feeds=(*feeds, build_feed("q", quotes(), BTC)))


def test_bars_that_are_too_short_or_do_not_add_up() -> None:
    assert lacking(*seen(5, "1m")) == f"needs bars of 1m, {BTC.symbol} comes in 5m"
    assert lacking(*seen(7, "15m", "1h")) == (
        f"needs bars of 15m, {BTC.symbol} comes in 7m; needs bars of 1h, {BTC.symbol} comes in 7m"
    )


def test_what_can_be_made_is_not_lacking() -> None:
    assert lacking(*seen(5, "5m", "15m")) == ""
    assert lacking(*seen(0, "1m")) == "", "no bar has told yet"
    market, _ = seen(5, "1m")
    assert lacking(market, None) == ""


def test_a_market_that_nobody_knows_yet() -> None:
    _, runner = seen(5, "1m")
    nothing: Any = SimpleNamespace(desks={})
    assert lacking(nothing, runner) == ""
