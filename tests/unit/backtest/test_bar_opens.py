"""The opens of recorded bars come out in the order in which they were shown."""

from __future__ import annotations

import heapq

import pytest
from tests.engine_kit import BTC, ETH, START, bar

from tradetui.backtest.bar_opens import BarOpens
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, MarketItem
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.domain.units import NANOS_PER_MINUTE as MINUTE


def steps_of(items: list[MarketItem]) -> list[StepRecord]:
    found = []
    for number, item in enumerate(items, start=1):
        times = (item.event_time, item.event_time)
        place = (item.venue, item.instrument_id, "Bar")
        envelope = Envelope(number, *times, Source.MARKET_DATA, *place, item.payload)
        found.append(StepRecord(envelope, (), (), (), StepResult()))
    return found


def files(*streams: tuple[Instrument, int]) -> tuple[list[MarketItem], list[tuple[int, str, int]]]:
    """Return the bars of several files (market, minutes a bar) as they close, and the opens as a
    replay of those files shows them: by time, then by file.
    """
    bars, opens = [], []
    for place, (market, length) in enumerate(streams):
        for n in range(0, 60, length):
            item = bar(n, 1_000 + n, market, length)
            bars.append((item.event_time, place, item))
            opens.append((START + n * MINUTE, place, market.instrument_id, length))
    closed = [item for _, _, item in heapq.merge(sorted(bars, key=lambda one: one[:2]))]
    shown = [(time, key, length) for time, _, key, length in sorted(opens)]
    return closed, shown


@pytest.mark.parametrize(
    "streams",
    [
        ((BTC, 1),),
        ((BTC, 1), (ETH, 1)),
        ((ETH, 1), (BTC, 1)),
        ((BTC, 5), (BTC, 1)),
        ((BTC, 1), (BTC, 5), (ETH, 15)),
        ((ETH, 15), (BTC, 5), (ETH, 1), (BTC, 1)),
    ],
)
def test_files_are_told_apart_by_the_bars_that_close_together(
    streams: tuple[tuple[Instrument, int], ...],
) -> None:
    closed, shown = files(*streams)
    opens = BarOpens(steps_of(closed))
    got = list(opens.take_count(10**6))
    assert [(item.event_time, item.instrument_id) for item in got] == [
        (time, key) for time, key, _ in shown
    ]
    assert opens.shown == len(shown)


def test_an_open_comes_behind_a_close_and_before_a_tick_of_its_moment() -> None:
    opens = BarOpens(steps_of([bar(0), bar(1), bar(2)]))
    assert list(opens.take_before(START, is_tick=False)) == []
    assert [item.event_time for item in opens.take_before(START, is_tick=True)] == [START]
    until = START + 2 * MINUTE
    assert [one.event_time for one in opens.take_before(until, is_tick=False)] == [START + MINUTE]
    assert len(list(opens.take_count(3))) == 1
    assert list(opens.take_count(9)) == []


def test_history_has_no_open() -> None:
    item = bar(0)
    payload = item.payload
    assert isinstance(payload, Bar)
    warm = MarketItem(
        item.event_time,
        item.venue,
        item.instrument_id,
        Bar(*(getattr(payload, name) for name in Bar.__struct_fields__[:7]), StrategyId("a")),
    )
    assert list(BarOpens(steps_of([warm])).take_count(5)) == []
