"""Desks: which source makes the bars, and what cannot be made."""

from __future__ import annotations

from tests.engine_kit import BTC, START

from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.units import NANOS_PER_MINUTE as MINUTE
from tradetui.engine.market import BarSource, Desk, Market


def minute(n: int, length: int = 1) -> Bar:
    opened = START + n * MINUTE
    return Bar(opened, opened + length * MINUTE, 100, 101, 99, 100, 5)


def test_a_better_source_takes_the_place_of_a_worse_one_and_never_the_reverse() -> None:
    desk = Desk(BTC, 10)
    desk.want(MINUTE)
    assert desk.add_quote(START, Quote(99, 1, 101, 1)) == []
    assert desk.source is BarSource.QUOTES
    desk.add_trade(START + 1, Trade(100, 1))
    assert desk.source is BarSource.TRADES
    assert desk.add_quote(START + 2, Quote(1, 1, 3, 1)) == []
    desk.see(BarSource.QUOTES)
    assert desk.source is BarSource.TRADES
    desk.see(BarSource.BARS, MINUTE)
    assert desk.add_trade(START + 5 * MINUTE, Trade(100, 1)) == []
    assert desk.builders == ()
    assert desk.next_end() is None


def test_a_longer_base_never_takes_the_place_of_a_shorter_one() -> None:
    desk = Desk(BTC, 10)
    desk.see(BarSource.BARS, MINUTE)
    desk.see(BarSource.BARS, 5 * MINUTE)
    assert desk.base_ns == MINUTE
    desk.see(BarSource.BARS, 0)
    assert desk.base_ns == MINUTE


def test_what_does_not_fit_the_base_cannot_be_made() -> None:
    desk = Desk(BTC, 10)
    desk.want(MINUTE)
    desk.want(7 * MINUTE)
    assert desk.cannot_make() == ()
    desk.see(BarSource.BARS, 2 * MINUTE)
    assert desk.cannot_make() == (MINUTE, 7 * MINUTE)
    assert desk.builders == ()


def test_a_timeframe_wanted_late_begins_with_the_bars_that_are_kept() -> None:
    desk = Desk(BTC, 10)
    desk.see(BarSource.BARS, MINUTE)
    for n in range(7):
        desk.append(minute(n))
    desk.want(5 * MINUTE)
    assert desk.add_bar(minute(7)) == []
    assert desk.add_bar(minute(8)) == []
    (whole,) = desk.add_bar(minute(9))
    assert (whole.open_time, whole.volume) == (START + 5 * MINUTE, 25)


def test_the_longer_bars_that_kept_bars_give_are_there_at_once() -> None:
    desk = Desk(BTC, 20)
    desk.see(BarSource.BARS, MINUTE)
    for n in range(3, 18):
        desk.append(minute(n))
    desk.want(5 * MINUTE)
    made = desk.series[5 * MINUTE].newest(9)
    assert [(bar.open_time - START) // MINUTE for bar in made] == [5, 10]
    desk.want(5 * MINUTE)
    assert desk.series[5 * MINUTE].newest(9) == made
    for n in (18, 19):
        desk.append(minute(n))
        desk.add_bar(minute(n))
    assert [(bar.open_time - START) // MINUTE for bar in desk.series[5 * MINUTE].newest(9)] == [
        5,
        10,
        15,
    ]


def test_bars_that_were_made_of_worse_data_are_not_made_twice() -> None:
    desk = Desk(BTC, 20)
    desk.want(MINUTE)
    desk.want(2 * MINUTE)
    for n in range(9):
        desk.add_trade(START + n * MINUTE, Trade(100, 1))
    before = desk.series[2 * MINUTE].newest(9)
    assert before
    desk.see(BarSource.BARS, MINUTE)
    assert desk.series[2 * MINUTE].newest(9) == before


def test_before_any_bar_came_nothing_is_kept() -> None:
    desk = Desk(BTC, 10)
    desk.append(minute(0))
    assert desk.series == {}


def test_the_next_end_of_bars_of_trades_and_time_that_closes_them() -> None:
    desk = Desk(BTC, 10)
    desk.want(MINUTE)
    assert desk.next_end() is None
    desk.add_trade(START + 1, Trade(100, 1))
    desk.add_trade(START + MINUTE, Trade(100, 1))
    assert desk.next_end() == START + 2 * MINUTE
    assert len(desk.pass_time(START + 2 * MINUTE)) == 1
    assert desk.pass_time(START + 3 * MINUTE) == []


def test_a_market_keeps_its_desk_when_its_instrument_changes() -> None:
    market = Market(10)
    market.add(BTC)
    desk = market.desks[BTC.instrument_id]
    market.add(BTC)
    assert market.desks[BTC.instrument_id] is desk
    assert market.recent_bars(BTC.instrument_id, MINUTE, 5) == ()
