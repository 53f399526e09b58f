"""The demo's config bent to replayed files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.adapters.ordered import OrderedFeed
from tradetui.adapters.reorder import Ordering
from tradetui.bootstrap.run import feeds
from tradetui.bootstrap.run.feeds import (
    Opened,
    check_venue,
    open_feeds,
    open_replay,
    open_synthetic,
    replay_config,
    resume_synthetic,
    scaled_limits,
)
from tradetui.cli.wiring import Place, RunOptions
from tradetui.config.domain_records import kernel_config
from tradetui.config.feeds import ReplayFeed, SyntheticFeed
from tradetui.config.finding import Found
from tradetui.config.loading import load_config
from tradetui.config.models import Config
from tradetui.config.resources import shipped_config
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, InstrumentId, RunId, instrument_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.units import CASH_SCALE
from tradetui.ports.market_data import EdgeCounts, FeedError
from tradetui.runtime.clock import SystemClock
from tradetui.services.errors import UserError

UNIT = 10**CASH_SCALE


def market(symbol: str, venue: str = "BITFINEX") -> Instrument:
    base, quote = symbol.split("/")
    return Instrument(
        instrument_id=instrument_id(symbol, venue),
        symbol=symbol,
        venue=venue,
        instrument_class=InstrumentClass.SPOT,
        base=Currency(base),
        quote=Currency(quote),
        price_scale=8,
        size_scale=8,
        price_increment=1,
        size_increment=1,
    )


def demo():
    loaded = load_config(Found(shipped_config("demo"), "shipped"))
    return kernel_config(loaded.config, RunId("run-1"))


def test_the_route_leads_to_the_files_venue_in_their_money() -> None:
    bent = replay_config(demo(), (market("BTC/USD"),))
    assert bent.reporting_currency == "USD"
    assert [route.venue for route in bent.routes] == ["BITFINEX"]
    assert bent.routes[0].opening_cash == (("USD", 100_000 * UNIT),)
    assert bent.profiles[0].max_order_notional == 1_000 * UNIT
    assert bent.profiles[0].max_data_age_ns is None


def test_limits_are_to_scale_where_the_money_is_a_coin() -> None:
    bent = replay_config(demo(), (market("ETH/BTC"),))
    assert bent.routes[0].opening_cash == (("BTC", 2 * UNIT),)
    assert bent.profiles[0].max_order_notional == UNIT // 50
    limits = scaled_limits(InstanceLimits(5_000 * UNIT, 10, None, 200 * UNIT), Currency("BTC"))
    assert limits.budget == UNIT // 10
    assert limits.max_fees_per_day is None


def test_two_venues_at_once_are_refused() -> None:
    with pytest.raises(UserError, match="one venue at a time"):
        replay_config(demo(), (market("BTC/USD"), market("BTC/USD", "BINANCE")))


class OneMarket:
    def instruments(self) -> tuple[Instrument, ...]:
        return (market("BTC/USD"),)


def test_a_feed_whose_files_are_of_another_venue_is_refused() -> None:
    opened = Opened((OneMarket(),))
    check_venue(opened, "BITFINEX")
    with pytest.raises(
        UserError, match=r"feeds.venue is REPLAY, and the files are of BTC/USD at B"
    ):
        check_venue(opened, "REPLAY")


def config_with(*feeds: ReplayFeed | SyntheticFeed) -> Config:
    """A config of which only the feeds are read."""
    return Config.model_construct(feeds=feeds)


MADE_UP = SyntheticFeed(kind="synthetic", markets=("BTC/USDT", "ETH/USDT"))
FILES = ReplayFeed(kind="replay", files=("one.csv",), venue="BITFINEX", instrument="BTC/USD")


async def test_the_feeds_of_the_config_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[Path], str, str]] = []
    orderings: list[Ordering] = []

    async def read(paths: list[Path], instrument: str, venue: str, ordering: Ordering) -> Opened:
        asked.append((list(paths), instrument, venue))
        orderings.append(ordering)
        return Opened((OneMarket(),), start=5)

    monkeypatch.setattr(feeds, "open_replay", read)
    clock = SystemClock()
    options = RunOptions(Place())
    recorded = await open_feeds(options, config_with(FILES), clock, 1)
    assert (recorded.start, recorded.speed) == (5, 1)
    quicker = config_with(FILES.model_copy(update={"speed": 60}))
    assert (await open_feeds(options, quicker, clock, 1)).speed == 60
    assert asked.pop()
    assert asked == [([Path("one.csv")], "BTC/USD", "BITFINEX")]
    held = FILES.model_copy(update={"reorder_buffer_size": 7, "reorder_buffer_timeout": 9})
    await open_feeds(options, config_with(held), clock, 1)
    assert [one.size for one in orderings] == [0, 0, 7]
    assert orderings[-1].timeout == 9
    with pytest.raises(UserError, match=r"^feeds\.venue is REPLAY, and the files are of BTC/USD"):
        other = FILES.model_copy(update={"venue": "REPLAY"})
        await open_feeds(options, config_with(other), clock, 1)
    with pytest.raises(UserError, match=r"^a replay feed stands alone: take the other"):
        await open_feeds(options, config_with(FILES, MADE_UP), clock, 1)
    made_up = await open_feeds(options, config_with(MADE_UP), clock, 1)
    assert (made_up.start, made_up.speed) == (None, None)
    assert [one.symbol for one in made_up.instruments] == ["BTC/USDT", "ETH/USDT"]
    assert len(made_up.counts) == 1


async def test_what_cannot_be_opened_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> Opened:
        raise FeedError("one.csv, line 3: no time")

    monkeypatch.setattr(feeds, "open_replay", broken)
    clock = SystemClock()
    with pytest.raises(UserError, match=r"^one\.csv, line 3: no time$"):
        await open_feeds(RunOptions(Place(), replay=(Path("x"),)), config_with(), clock, 1)
    with pytest.raises(UserError, match=r"^--instrument goes with --replay$"):
        await open_feeds(RunOptions(Place(), instrument="BTC/USD"), config_with(), clock, 1)
    with pytest.raises(UserError, match=r"^--until-end goes with --replay: a made-up market has"):
        await open_feeds(RunOptions(Place(), until_end=True), config_with(MADE_UP), clock, 1)


def test_made_up_prices_go_on_from_those_last_seen() -> None:
    client = open_synthetic(MADE_UP, SystemClock(), 1)
    key = client.instruments()[0].instrument_id
    seen: list[dict[InstrumentId, int]] = []
    client.resume = lambda prices: seen.append(dict(prices))  # type: ignore[method-assign]
    resume_synthetic(Opened((OneMarket(), client)), {key: 77})
    resume_synthetic(Opened((OrderedFeed(client, clock=SystemClock()),)), {key: 78})
    assert seen == [{key: 77}, {key: 78}]


async def test_files_that_are_not_in_order_are_put_in_order(tmp_path: Path) -> None:
    path = tmp_path / "bitfinex_btcusd_1m.csv"
    minutes = [0, 1, 3, 2, 4, 5]
    rows = (f"{1_514_764_800_000 + one * 60_000},10,11,9,10,1" for one in minutes)
    path.write_text("\n".join(["ts_ms,open,high,low,close,volume", *rows, ""]))
    with pytest.raises(FeedError, match="set reorder_buffer_size in its"):
        await open_replay([path], "")
    opened = await open_replay([path], "", ordering=Ordering(4, 60_000_000_000))
    assert opened.counts == (EdgeCounts(reordered=1),)
    assert any("1 rows out of order were put in their place" in note for note in opened.notes)
    assert opened.replay is not None
    bars = [item for item in opened.replay.iter_items() if isinstance(item.payload, Bar)]
    assert [bar.event_time for bar in bars] == sorted(bar.event_time for bar in bars)
    assert len(bars) == 6
