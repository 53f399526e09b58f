"""A feed put in order: in data time and in real time, with what was lost told of and counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress

import pytest
from tests.support.kernel_world import INSTRUMENTS
from tests.unit.runtime.conftest import ManualClock, settle

from tradetui.adapters.ordered import MOST_READY, WAKE_NS, OrderedFeed
from tradetui.adapters.reorder import Ordering
from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, DataGap, MarketItem, Quote, Trade
from tradetui.domain.units import I64_MAX, NANOS_PER_SECOND
from tradetui.ports.market_data import EdgeCounts, FeedError

S = NANOS_PER_SECOND
ONE, OTHER = INSTRUMENTS[0], INSTRUMENTS[1]
HALF = Ordering(10, S // 2)


def trade(time: int, price: int = 10, instrument: Instrument = ONE) -> MarketItem:
    return MarketItem(time, instrument.venue, instrument.instrument_id, Trade(price, 1))


def quote(time: int, bid: int = 10) -> MarketItem:
    return MarketItem(time, ONE.venue, ONE.instrument_id, Quote(bid, 1, bid + 1, 1))


class Source:
    """Gives items, each when it is put in (real time) or as asked (data time)."""

    def __init__(self, given: Sequence[MarketItem | FeedError] = (), *, is_virtual: bool) -> None:
        self.name = "source"
        self.is_virtual = is_virtual
        self.taken = 0
        self._queue: asyncio.Queue[MarketItem | FeedError | None] = asyncio.Queue()
        for one in given:
            self.put(one)

    def put(self, item: MarketItem | FeedError | None) -> None:
        self._queue.put_nowait(item)

    def instruments(self) -> tuple[Instrument, ...]:
        return (ONE, OTHER)

    def history(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int, before: int
    ) -> tuple[Bar, ...]:
        return (Bar(before - timeframe_ns, before, count, count, count, count, 0),)

    async def items(self) -> AsyncIterator[MarketItem]:
        while True:
            item = await self._queue.get()
            if item is None:
                return
            if isinstance(item, FeedError):
                raise item
            self.taken += 1
            yield item


async def in_data_time(
    given: Sequence[MarketItem], ordering: Ordering = HALF
) -> tuple[list[MarketItem], EdgeCounts]:
    source = Source(given, is_virtual=True)
    source.put(None)
    feed = OrderedFeed(source, ordering)
    return [item async for item in feed.items()], feed.counts


class Running:
    """A feed in real time whose items are collected."""

    def __init__(self, ordering: Ordering = HALF) -> None:
        self.clock = ManualClock()
        self.source = Source(is_virtual=False)
        self.feed = OrderedFeed(self.source, ordering, clock=self.clock)
        self.out: list[MarketItem] = []
        self.may_take = asyncio.Event()
        self.may_take.set()
        self.task = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        async for item in self.feed.items():
            await self.may_take.wait()
            self.out.append(item)

    async def end(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
        await settle()


def test_it_is_its_source_but_for_the_items() -> None:
    feed = OrderedFeed(Source(is_virtual=True))
    assert (feed.name, feed.is_virtual) == ("source", True)
    assert feed.instruments() == (ONE, OTHER)
    assert feed.history(ONE.instrument_id, 60, 3, 120)[0].close == 3


async def test_without_a_buffer_items_pass_as_they_come() -> None:
    given = [trade(3), trade(1), quote(2)]
    out, counts = await in_data_time(given, Ordering())
    assert out == given
    assert counts == EdgeCounts()


async def test_items_of_recorded_time_are_put_in_order() -> None:
    given = [trade(1 * S), trade(3 * S), trade(3 * S - 1), trade(9 * S), trade(2 * S), trade(8 * S)]
    out, counts = await in_data_time(given)
    times = [item.event_time for item in out if isinstance(item.payload, Trade)]
    assert times == [1 * S, 3 * S - 1, 3 * S, 8 * S, 9 * S]
    assert counts == EdgeCounts(reordered=2, late=1)


async def test_a_trade_that_is_lost_is_told_of_before_the_next_item() -> None:
    given = [trade(1 * S), trade(9 * S), trade(7 * S), trade(10 * S), trade(2 * S), trade(3 * S)]
    out, counts = await in_data_time(given, Ordering(1, S))
    gap = next(item for item in out if isinstance(item.payload, DataGap))
    assert gap.payload == DataGap(2 * S, 3 * S, "came too late")
    behind = out[out.index(gap) + 1]
    assert (gap.event_time, gap.instrument_id) == (behind.event_time, behind.instrument_id)
    assert counts.late == 2


async def test_a_late_quote_is_only_counted() -> None:
    out, counts = await in_data_time([quote(1 * S), quote(9 * S), quote(11 * S), quote(2 * S)])
    assert [item.event_time for item in out] == [1 * S, 9 * S, 11 * S]
    assert counts.late == 1


async def test_what_cannot_be_is_dropped_counted_and_told_of() -> None:
    bad = trade(I64_MAX + 1)
    unknown = MarketItem(5, "SIM", InstrumentId("NO/NO.SIM"), Trade(1, 1))
    given = [trade(1), bad, unknown, quote(2, bid=-3), trade(3, price=0), trade(4)]
    one = Trade(10, 1)
    out, counts = await in_data_time(given, Ordering())
    assert [item.payload for item in out] == [one, DataGap(3, 3, "could not be used"), one]
    assert counts == EdgeCounts(malformed=4)
    out, counts = await in_data_time(given)
    assert [item.payload for item in out] == [DataGap(1, 3, "could not be used"), one, one]
    assert counts == EdgeCounts(malformed=4)
    out, _ = await in_data_time([bad, trade(7)])
    assert out[0].payload == DataGap(7, 7, "could not be used")


async def test_in_real_time_items_go_on_when_their_time_is_over() -> None:
    running = Running()
    running.source.put(trade(20))
    await settle()
    running.source.put(trade(10))
    await running.clock.move(S // 2 - 1)
    assert running.out == []
    await running.clock.move(WAKE_NS)
    assert [item.event_time for item in running.out] == [10, 20]
    assert running.feed.counts == EdgeCounts(reordered=1)
    running.source.put(trade(15))
    running.source.put(trade(30))
    await running.clock.move(S)
    assert [item.event_time for item in running.out] == [10, 20, 30, 30]
    assert running.feed.counts.late == 1
    await running.end()


async def test_in_real_time_a_full_market_goes_on_without_waiting() -> None:
    running = Running(Ordering(2, 60 * S))
    for time in (50, 40, 30, 20):
        running.source.put(trade(time))
    await running.clock.move(WAKE_NS)
    assert [item.payload for item in running.out] == [
        DataGap(20, 20, "came too late"),
        Trade(10, 1),
    ]
    assert running.feed.counts == EdgeCounts(reordered=2, late=1)
    await running.end()


async def test_the_source_waits_while_nobody_takes() -> None:
    running = Running(Ordering(1, 60 * S))
    running.may_take.clear()
    for time in range(1, 3 * MOST_READY):
        running.source.put(trade(time))
    for _ in range(20):
        await running.clock.move(WAKE_NS)
    assert running.source.taken < 2 * MOST_READY + 10
    running.may_take.set()
    for _ in range(20):
        await running.clock.move(WAKE_NS)
    assert [item.event_time for item in running.out] == list(range(1, 3 * MOST_READY - 1))
    await running.end()


async def test_nothing_is_held_back_at_the_end_of_a_feed() -> None:
    running = Running(Ordering(10, 60 * S))
    for time in (20, 10, 30):
        running.source.put(trade(time))
    running.source.put(None)
    await settle()
    assert [item.event_time for item in running.out] == [10, 20, 30]
    assert running.task.done()


async def test_a_source_that_fails_hands_on_what_is_held_first() -> None:
    running = Running(Ordering(10, 60 * S))
    running.source.put(trade(10))
    running.source.put(FeedError("the line is down"))
    await settle()
    assert [item.event_time for item in running.out] == [10]
    with pytest.raises(FeedError, match="the line is down"):
        await running.task


async def test_a_feed_that_is_given_up_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    running = Running()
    running.source.put(trade(10))
    await settle()
    assert len(asyncio.all_tasks()) > len(before)
    await running.end()
    assert asyncio.all_tasks() == before


class Batching(Source):
    """Gives all it has at once."""

    async def batches(self) -> AsyncGenerator[Sequence[MarketItem], None]:
        items = [item async for item in self.items()]
        yield items


async def test_what_comes_together_goes_on_together() -> None:
    source = Batching([trade(1), quote(2), trade(2)], is_virtual=True)
    source.put(None)
    feed = OrderedFeed(source)
    assert [len(batch) async for batch in feed.batches()] == [3]


async def test_the_gap_of_what_was_lost_stands_in_its_place_within_a_batch() -> None:
    given = [trade(1), trade(2, price=0), trade(3), trade(4), trade(5, price=0)]
    source = Batching(given, is_virtual=True)
    source.put(None)
    feed = OrderedFeed(source)
    [batch] = [list(batch) async for batch in feed.batches()]
    one, gap = Trade(10, 1), DataGap(2, 2, "could not be used")
    assert [item.payload for item in batch] == [one, gap, one, one]
    assert [item.event_time for item in batch] == [1, 3, 3, 4]


async def test_a_batch_of_which_nothing_is_left_is_none() -> None:
    source = Batching([trade(1, price=0)], is_virtual=True)
    source.put(None)
    assert [batch async for batch in OrderedFeed(source).batches()] == []
