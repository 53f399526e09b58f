"""Bars of longer timeframes from base bars, trades and quotes."""

from __future__ import annotations

import pytest

from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, instrument_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.units import NANOS_PER_MINUTE as MINUTE
from tradetui.engine.bars import BarBuilder, BarSeries

DAY = 1440 * MINUTE


@pytest.fixture
def instrument() -> Instrument:
    return Instrument(
        instrument_id("BTC/USD", "SIM"),
        "BTC/USD",
        "SIM",
        InstrumentClass.SPOT,
        Currency("BTC"),
        Currency("USD"),
        2,
        8,
        1,
        1,
    )


def minute(n: int, price: int = 100, volume: int = 1) -> Bar:
    return Bar(
        DAY + n * MINUTE,
        DAY + (n + 1) * MINUTE,
        price,
        price + 2,
        price - 3,
        price + 1,
        volume,
    )


def bars_from(builder: BarBuilder, *items: Bar) -> list[Bar]:
    found = []
    for item in items:
        for closed in (builder.add_bar(item), builder.take_second()):
            if closed is not None:
                found.append(closed)
    return found


def test_five_minutes_from_one(instrument: Instrument) -> None:
    builder = BarBuilder(instrument, 5 * MINUTE)
    found = bars_from(builder, *(minute(n, 100 + n, n) for n in range(10)))
    assert found == [
        Bar(DAY, DAY + 5 * MINUTE, 100, 106, 97, 105, 10),
        Bar(DAY + 5 * MINUTE, DAY + 10 * MINUTE, 105, 111, 102, 110, 35),
    ]


def test_a_bucket_closes_with_its_last_base_bar(instrument: Instrument) -> None:
    builder = BarBuilder(instrument, 2 * MINUTE)
    assert builder.add_bar(minute(0)) is None
    assert builder.open_end == DAY + 2 * MINUTE
    assert builder.add_bar(minute(1)) is not None
    assert builder.open_end is None


def test_a_gap_closes_the_bucket_and_empty_intervals_give_no_bar(instrument: Instrument) -> None:
    builder = BarBuilder(instrument, 5 * MINUTE)
    found = bars_from(builder, minute(0), minute(1), minute(22), minute(24))
    assert [(bar.open_time - DAY, bar.volume) for bar in found] == [(0, 2), (20 * MINUTE, 2)]


def test_one_base_bar_can_close_two_buckets(instrument: Instrument) -> None:
    builder = BarBuilder(instrument, 2 * MINUTE)
    found = bars_from(builder, minute(0), minute(5))
    assert [bar.open_time - DAY for bar in found] == [0, 4 * MINUTE]
    assert builder.take_second() is None


def test_a_bucket_whose_beginning_was_not_seen_is_not_given_out(instrument: Instrument) -> None:
    builder = BarBuilder(instrument, 5 * MINUTE)
    found = bars_from(builder, *(minute(n) for n in range(3, 10)))
    assert [bar.open_time - DAY for bar in found] == [5 * MINUTE]


def test_time_alone_closes_a_bucket(instrument: Instrument) -> None:
    builder = BarBuilder(instrument, 5 * MINUTE)
    builder.add_bar(minute(0))
    assert builder.pass_time(DAY + 5 * MINUTE - 1) is None
    closed = builder.pass_time(DAY + 5 * MINUTE)
    assert closed is not None
    assert closed.close_time == DAY + 5 * MINUTE
    assert builder.pass_time(DAY + 6 * MINUTE) is None


def test_bars_from_trades(instrument: Instrument) -> None:
    builder = BarBuilder(instrument, MINUTE)
    assert builder.add_trade(DAY + 1, Trade(50, 1)) is None
    assert builder.add_trade(DAY + MINUTE, Trade(100, 2)) is None, "the first minute was not whole"
    builder.add_trade(DAY + MINUTE + 5, Trade(90, 3))
    builder.add_trade(DAY + MINUTE + 6, Trade(120, 4))
    closed = builder.add_trade(DAY + 2 * MINUTE, Trade(80, 9))
    assert closed == Bar(DAY + MINUTE, DAY + 2 * MINUTE, 100, 120, 90, 120, 9)


def test_a_price_between_the_extremes_moves_neither(instrument: Instrument) -> None:
    builder = BarBuilder(instrument, MINUTE)
    builder.add_trade(DAY + 1, Trade(50, 1))
    for second, price in enumerate((100, 90, 95, 110, 105)):
        builder.add_trade(DAY + MINUTE + second, Trade(price, 1))
    closed = builder.pass_time(DAY + 2 * MINUTE)
    assert closed == Bar(DAY + MINUTE, DAY + 2 * MINUTE, 100, 110, 90, 105, 5)


def at(seconds: float) -> int:
    return DAY + int(seconds * 1_000_000_000)


@pytest.mark.parametrize("is_closed_by_time", [True, False])
@pytest.mark.parametrize("late", [1, 59.9])
def test_what_comes_late_for_a_bar_that_was_given_out_is_in_none(
    instrument: Instrument, is_closed_by_time: bool, late: float
) -> None:
    """A heartbeat closes a minute before its last trades have arrived."""
    builder = BarBuilder(instrument, MINUTE)
    builder.add_trade(at(-30), Trade(1, 1))
    for seconds, price in ((0.1, 100), (59, 105)):
        builder.add_trade(at(seconds), Trade(price, 1))
    if is_closed_by_time:
        closed = builder.pass_time(at(60))
    else:
        closed = builder.add_trade(at(60.01), Trade(106, 1))
    assert closed == Bar(at(0), at(60), 100, 105, 100, 105, 2)
    assert builder.add_trade(at(late), Trade(999, 7)) is None
    assert builder.add_quote(at(late), Quote(1, 1, 3, 1)) is None
    assert builder.add_trade(at(60.19), Trade(107, 1)) is None
    count = 1 if is_closed_by_time else 2
    first = 107 if is_closed_by_time else 106
    assert builder.pass_time(at(120)) == Bar(at(60), at(120), first, 107, first, 107, count)


def test_late_is_late_after_a_restart_too(instrument: Instrument) -> None:
    before = BarBuilder(instrument, MINUTE)
    for seconds in (-30, 1):
        before.add_trade(at(seconds), Trade(100, 1))
    assert before.pass_time(at(60)) is not None
    builder = BarBuilder(instrument, MINUTE)
    builder.resume(before.bucket())
    assert builder.add_trade(at(59.9), Trade(100, 1)) is None
    assert builder.open_end is None


def test_bars_from_quotes_take_the_middle_and_leave_out_one_sided_ones(
    instrument: Instrument,
) -> None:
    builder = BarBuilder(instrument, MINUTE)
    builder.add_quote(DAY, Quote(100, 1, 102, 1))
    builder.add_quote(DAY + MINUTE, Quote(100, 1, 103, 1))
    builder.add_quote(DAY + MINUTE + 1, Quote(0, 0, 103, 1))
    closed = builder.add_quote(DAY + 2 * MINUTE, Quote(100, 1, 0, 0))
    assert closed == Bar(DAY + MINUTE, DAY + 2 * MINUTE, 101, 101, 101, 101, 0)


def test_a_series_keeps_the_newest(instrument: Instrument) -> None:
    series = BarSeries(instrument, MINUTE, 3)
    assert series.last() is None
    for n in range(5):
        series.append(minute(n))
    assert series.last() == minute(4)
    assert len(series) == 3
    assert series.newest(2) == (minute(3), minute(4))
    assert series.newest(9) == (minute(2), minute(3), minute(4))
    assert series.newest(0) == ()
