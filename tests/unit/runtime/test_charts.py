from __future__ import annotations

from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, InstrumentId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.runtime.charts import ChartKeeper

M = NANOS_PER_MINUTE
A = InstrumentId("A.V")
INSTRUMENT = Instrument(A, "A", "V", InstrumentClass.SPOT, Currency("A"), Currency("B"), 2, 0, 1, 1)


def keeper(history: tuple[Bar, ...] = ()) -> ChartKeeper:
    def recall(key: InstrumentId, timeframe: int, count: int, before: int) -> tuple[Bar, ...]:
        return tuple(
            b for b in history if b.close_time <= before and b.close_time - b.open_time == timeframe
        )[-count:]

    charts = ChartKeeper(recall)
    charts.add_instrument(INSTRUMENT)
    return charts


def bar(minute: int, price: int, warmup: str | None = None) -> Bar:
    owner = None if warmup is None else StrategyId(warmup)
    return Bar(minute * M, (minute + 1) * M, price, price + 2, price - 2, price + 1, 5, owner)


def test_bars_are_shown_as_they_came() -> None:
    charts = keeper()
    for minute in range(4):
        charts.add(A, (minute + 1) * M, bar(minute, 100 + minute))
    candles = charts.candles(A, M, 3, 4 * M)
    assert [(c.open_time // M, c.open, c.close) for c in candles] == [
        (1, 101, 102),
        (2, 102, 103),
        (3, 103, 104),
    ]


def test_longer_candles_join_them_the_last_one_under_way() -> None:
    charts = keeper()
    for minute in range(7):
        charts.add(A, (minute + 1) * M, bar(minute, 100 + minute))
    first, second = charts.candles(A, 5 * M, 9, 7 * M)
    assert (first.open, first.high, first.low, first.close, first.volume) == (100, 106, 98, 105, 25)
    assert (second.open_time, second.close, second.volume) == (5 * M, 107, 10)


def test_bars_of_a_warm_up_are_not_for_charts() -> None:
    charts = keeper()
    charts.add(A, M, bar(0, 100, warmup="s"))
    assert charts.candles(A, M, 3, M) == ()


def test_trades_make_minutes_and_quotes_are_ignored_beside_them() -> None:
    charts = keeper()
    charts.add(A, 5, Trade(100, 1))
    charts.add(A, 6, Quote(1, 1, 3, 1))
    charts.add(A, 7, Trade(90, 2))
    charts.add(A, M + 1, Trade(95, 3))
    first, second = charts.candles(A, M, 9, M + 2)
    assert (first.open, first.high, first.low, first.close, first.volume) == (100, 100, 90, 90, 3)
    assert (second.open_time, second.open, second.volume) == (M, 95, 3)


def test_quotes_alone_make_minutes_of_their_middle() -> None:
    charts = keeper()
    charts.add(A, 5, Quote(10, 1, 14, 1))
    charts.add(A, 6, Quote(0, 0, 14, 1))
    (candle,) = charts.candles(A, M, 9, 7)
    assert (candle.open, candle.volume) == (12, 0)


def test_the_feeds_history_comes_before() -> None:
    history = tuple(bar(minute, 50 + minute) for minute in range(10))
    charts = keeper(history)
    charts.add(A, 11 * M, bar(10, 100))
    candles = charts.candles(A, M, 4, 11 * M)
    assert [c.open for c in candles] == [57, 58, 59, 100]


def test_a_candle_that_was_joined_midway_is_taken_from_history() -> None:
    history = (Bar(0, 5 * M, 1, 9, 1, 5, 50),)
    charts = keeper(history)
    charts.add(A, 4 * M, bar(3, 4))
    charts.add(A, 5 * M, bar(4, 5))
    (candle,) = charts.candles(A, 5 * M, 4, 5 * M)
    assert (candle.open, candle.high, candle.volume) == (1, 9, 50)


def test_unknown_markets_and_no_candles() -> None:
    charts = keeper()
    charts.add(InstrumentId("X.V"), 1, Trade(1, 1))
    assert charts.candles(InstrumentId("X.V"), M, 5, 1) == ()
    assert charts.candles(A, M, 0, 1) == ()
    assert charts.candles(A, 0, 5, 1) == ()
