from __future__ import annotations

import msgspec
import pytest
from strategy_testing import BTC, CASH, ETH, ME, ROUTE, START, make_fill

from tradetui.domain.enums import OrderSide
from tradetui.domain.orders import Position
from tradetui.strategy.roundtrips import RoundTrips

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def test_a_long_trip_in_parts() -> None:
    trips = RoundTrips()
    assert trips.take(make_fill(BUY, 1.0, 100.0, 1.0, fee=0.1), BTC) is None
    assert trips.take(make_fill(BUY, 1.0, 110.0, 2.0, fee=0.11), BTC) is None
    assert trips.take(make_fill(SELL, 0.5, 120.0, 1.5, pnl=7.5, fee=0.06), BTC) is None
    trip = trips.take(make_fill(SELL, 1.5, 100.0, 0.0, pnl=-7.5, fee=0.15, time=START + 9), BTC)
    assert (trip.symbol, trip.side, trip.amount) == ("BTC/USD", "long", 2.0)
    assert (trip.entry_price, trip.exit_price) == (105.0, 105.0)
    assert (trip.gross_pnl, trip.fees, trip.net_pnl) == (0.0, 0.42, -0.42)
    assert (trip.opened_time, trip.time, trip.duration) == (START, START + 9, 9)
    assert not trip.is_partial
    assert trip.other_fees == ()


def test_a_short_trip() -> None:
    trips = RoundTrips()
    trips.take(make_fill(SELL, 1.0, 100.0, -1.0), BTC)
    trip = trips.take(make_fill(BUY, 1.0, 90.0, 0.0, pnl=10.0, fee=-0.01), BTC)
    assert (trip.side, trip.entry_price, trip.exit_price, trip.net_pnl) == (
        "short",
        100.0,
        90.0,
        10.01,
    )


def test_trips_follow_one_another() -> None:
    trips = RoundTrips()
    for _ in range(2):
        assert trips.take(make_fill(BUY, 1.0, 100.0, 1.0), BTC) is None
        trip = trips.take(make_fill(SELL, 1.0, 101.0, 0.0, pnl=1.0), BTC)
        assert trip.gross_pnl == 1.0


def test_a_turn_ends_one_trip_and_begins_the_next() -> None:
    trips = RoundTrips()
    trips.take(make_fill(BUY, 1.0, 100.0, 1.0), BTC)
    first = trips.take(make_fill(SELL, 3.0, 110.0, -2.0, pnl=10.0, fee=0.3), BTC)
    assert (first.side, first.amount, first.net_pnl, first.exit_price) == ("long", 1.0, 9.7, 110.0)
    second = trips.take(make_fill(BUY, 2.0, 100.0, 0.0, pnl=20.0), BTC)
    assert (second.side, second.amount, second.entry_price) == ("short", 2.0, 110.0)
    assert second.net_pnl == 20.0


def test_a_commission_in_the_base_coin_is_dust_at_the_end() -> None:
    trips = RoundTrips()
    # The coin paid as a commission leaves the position too: 0.99995 is held, 0.9999 can be sold.
    trips.take(make_fill(BUY, 1.0, 100.0, 0.99995, fee=0.00005, currency="BTC"), BTC)
    trip = trips.take(make_fill(SELL, 0.9999, 100.0, 0.00005), BTC)
    assert trip.fees == pytest.approx(0.005)
    assert trips.take(make_fill(BUY, 1.0, 100.0, 1.00005), BTC) is None
    again = trips.take(make_fill(SELL, 1.0, 101.0, 0.00005, pnl=1.0), BTC)
    assert (again.side, again.is_partial, again.net_pnl) == ("long", False, 1.0)


def test_other_commissions_stand_apart() -> None:
    trips = RoundTrips()
    trips.take(make_fill(BUY, 1.0, 100.0, 1.0, fee=0.2, currency="BNB"), BTC)
    trip = trips.take(make_fill(SELL, 1.0, 100.0, 0.0, fee=0.3, currency="BNB"), BTC)
    assert trip.other_fees == (("BNB", 0.5),)
    assert trip.fees == 0.0


def test_a_position_from_before() -> None:
    trips = RoundTrips()
    trips.resume(Position(ME, ROUTE, BTC.instrument_id, 10**8, 90 * CASH, opened_time=START - 5))
    trips.resume(Position(ME, ROUTE, ETH.instrument_id))
    trip = trips.take(make_fill(SELL, 1.0, 100.0, 0.0, pnl=10.0), BTC)
    assert (trip.entry_price, trip.is_partial, trip.duration) == (90.0, True, 5)


def test_a_position_never_seen() -> None:
    trip = RoundTrips().take(make_fill(BUY, 1.0, 100.0, 0.0, pnl=3.0), BTC)
    assert (trip.side, trip.is_partial, trip.gross_pnl) == ("short", True, 3.0)
    assert trip.entry_price == 0.0


def test_markets_are_apart() -> None:
    trips = RoundTrips()
    trips.take(make_fill(BUY, 1.0, 100.0, 1.0), BTC)
    trips.take(make_fill(BUY, 1.0, 10.0, 1.0, instrument=ETH), ETH)
    trip = trips.take(make_fill(SELL, 1.0, 11.0, 0.0, pnl=1.0, instrument=ETH), ETH)
    assert trip.symbol == "ETH/USD"


def test_a_multiplier_counts_in_prices() -> None:
    future = msgspec.structs.replace(BTC, multiplier=10)
    trips = RoundTrips()
    trips.take(make_fill(BUY, 1.0, 100.0, 1.0, instrument=future), future)
    trip = trips.take(make_fill(SELL, 1.0, 101.0, 0.0, pnl=10.0, instrument=future), future)
    assert (trip.entry_price, trip.exit_price) == (100.0, 101.0)


def test_no_commission_in_another_currency_is_nothing() -> None:
    trips = RoundTrips()
    trips.take(make_fill(BUY, 1.0, 100.0, 1.0, currency="BNB"), BTC)
    assert trips.take(make_fill(SELL, 1.0, 100.0, 0.0), BTC).other_fees == ()
