"""The band in which nothing happens: where it ends, and what has none."""

from __future__ import annotations

from typing import Any

import pytest

from tradetui.core.venue.band import NEVER_QUIET, Band, band_of, is_quiet
from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.enums import TimeInForce
from tradetui.domain.market_data import Bar, BarOpen, DataGap, MarketItem, Quote, Trade
from tradetui.domain.units import I64_MAX

INSTRUMENT: Any = "AAA/USD.SIM"
BAND = Band(95, 105, 110, 90, 95, 105, 1_000)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (Bar(0, 1, 100, 104, 96, 100, 1), True),
        (Bar(0, 1, 100, 105, 96, 100, 1), False),
        (Bar(0, 1, 100, 104, 95, 100, 1), False),
        (BarOpen(0, 96), True),
        (BarOpen(0, 95), False),
        (BarOpen(0, 105), False),
        (Trade(95, 1), True),
        (Trade(94, 1), False),
        (Trade(105, 1), True),
        (Trade(106, 1), False),
        (Quote(91, 1, 96, 1), True),
        (Quote(90, 1, 96, 1), False),
        (Quote(91, 1, 95, 1), False),
        (Quote(104, 1, 109, 1), True),
        (Quote(105, 1, 109, 1), False),
        (Quote(104, 1, 110, 1), False),
        (Quote(0, 0, 100, 1), False),
        (Quote(100, 1, 0, 0), False),
        (DataGap(0, 1, ""), False),
    ],
)
def test_is_quiet(payload: Any, expected: bool) -> None:
    assert is_quiet(BAND, MarketItem(1, "SIM", INSTRUMENT, payload)) is expected


@pytest.mark.parametrize(
    ("price", "expected"), [(90, False), (91, True), (109, True), (110, False)]
)
def test_a_trade_at_a_trigger_is_not_quiet(price: int, expected: bool) -> None:
    stops = Band(buy_stop=110, sell_stop=90, bar_low=90, bar_high=110)
    assert is_quiet(stops, MarketItem(1, "SIM", INSTRUMENT, Trade(price, 1))) is expected


def test_an_expiry_ends_the_quiet() -> None:
    assert is_quiet(BAND, MarketItem(999, "SIM", INSTRUMENT, Trade(100, 1)))
    assert not is_quiet(BAND, MarketItem(1_000, "SIM", INSTRUMENT, Trade(100, 1)))


def test_the_band_of_resting_orders(desk: Any) -> None:
    day = TimeInForce.GTD
    desk.place("1", "BUY", "limit", 5, price=95)
    desk.place("2", "BUY", "limit", 5, price=94, time_in_force=day, expire_time=desk.now + 9)
    desk.place("3", "SELL", "limit", 5, price=105)
    desk.place("4", "BUY", "stop", 5, trigger_price=110)
    desk.place("5", "SELL", "stop", 5, trigger_price=90)
    desk.place("6", "SELL", "stop", 5, trigger_price=99, parent_order_id="1")
    books = desk.venue._state.books[desk.instrument.instrument_id].values()
    assert band_of(books) == Band(95, 105, 110, 90, 95, 105, desk.now + 9)
    desk.place("7", "SELL", "limit", 5, price=103, time_in_force=day, expire_time=desk.now + 8)
    desk.place("8", "BUY", "limit", 5, price=97, time_in_force=day, expire_time=desk.now + 7)
    desk.place("9", "SELL", "limit", 5, price=104, time_in_force=day, expire_time=desk.now + 9)
    assert band_of(books) == Band(97, 103, 110, 90, 97, 103, desk.now + 7)


def test_a_stop_before_a_limit_bounds_the_bars(desk: Any) -> None:
    desk.place("1", "BUY", "stop", 5, trigger_price=102)
    desk.place("2", "SELL", "stop", 5, trigger_price=97)
    desk.place("3", "SELL", "limit", 5, price=105)
    desk.place("4", "BUY", "limit", 5, price=95)
    books = desk.venue._state.books[desk.instrument.instrument_id].values()
    assert band_of(books) == Band(95, 105, 102, 97, 97, 102, I64_MAX)


def test_a_limit_behind_another_leaves_the_band_as_it_is(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 5, price=95)
    desk.place("2", "SELL", "limit", 5, price=105)
    books = desk.venue._state.books[desk.instrument.instrument_id].values()
    band = band_of(books)
    desk.place("3", "BUY", "limit", 5, price=94)
    desk.place("4", "SELL", "limit", 5, price=106)
    desk.place("5", "SELL", "limit", 5, price=105)
    assert band_of(books) == band == Band(95, 105, bar_low=95, bar_high=105)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("market", {}),
        ("limit", {"price": 101}),
        ("limit", {"price": 95, "time_in_force": TimeInForce.IOC}),
        ("limit", {"price": 95, "time_in_force": TimeInForce.FOK}),
        ("trailing_stop", {"trail_offset": 5}),
    ],
)
def test_what_acts_on_anything_is_never_quiet(desk: Any, kind: str, fields: dict[str, Any]) -> None:
    desk.place("1", "BUY", kind, 5, **fields)
    books = desk.venue._state.books[desk.instrument.instrument_id].values()
    assert band_of(books) is NEVER_QUIET
    assert not is_quiet(NEVER_QUIET, MarketItem(0, "SIM", INSTRUMENT, Trade(100, 1)))


def test_a_book_that_traded_at_the_open_is_looked_at_until_its_bar_is_over(make_desk: Any) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=1_000_000))
    instrument_id, state = desk.instrument.instrument_id, desk.venue._state
    desk.bar(100, 100, 100, 100, 50)
    desk.place("1", "BUY", "market", 10)
    assert desk.open(100) == ["fill 1 10@100 taker"]
    desk.place("2", "BUY", "limit", 5, price=90)
    assert desk.venue._bands.get(instrument_id) is None
    assert band_of(state.books[instrument_id].values()) is NEVER_QUIET
    assert desk.bar(100, 101, 95, 100, 50) == []
    assert band_of(state.books[instrument_id].values()).buy_limit == 90


def test_an_empty_book_is_always_quiet() -> None:
    assert band_of([]) == Band()
    assert is_quiet(Band(), MarketItem(I64_MAX - 1, "SIM", INSTRUMENT, Trade(100, 1)))
