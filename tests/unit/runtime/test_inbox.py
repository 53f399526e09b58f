from __future__ import annotations

import asyncio
import random
import tracemalloc

import pytest

from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import QueuePolicy, RunMode
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import BarOpen, DataGap, MarketItem, Quote, Trade
from tradetui.runtime.inbox import Inbox, InboxFullError, QueuePolicies, policies_of

A, B = InstrumentId("A.V"), InstrumentId("B.V")


def quote(time: int, instrument: InstrumentId = A) -> MarketItem:
    return MarketItem(time, "V", instrument, Quote(1, 1, 2, 1))


def trade(time: int, instrument: InstrumentId = A) -> MarketItem:
    return MarketItem(time, "V", instrument, Trade(1, 1))


def inbox(policy: QueuePolicy, capacity: int = 3) -> Inbox:
    return Inbox(QueuePolicies(policy), capacity=capacity)


def times(box: Inbox) -> list[int]:
    return [entry.event_time for entry in box.take(99) if isinstance(entry, MarketItem)]


@pytest.mark.parametrize(
    ("mode", "is_virtual", "policy"),
    [
        (RunMode.BACKTEST, False, QueuePolicy.BLOCK),
        (RunMode.PAPER, True, QueuePolicy.BLOCK),
        (RunMode.PAPER, False, QueuePolicy.BOUNDED_DROP),
        (RunMode.SANDBOX, False, QueuePolicy.BOUNDED_DROP),
        (RunMode.LIVE, False, QueuePolicy.BOUNDED_DROP),
    ],
)
def test_the_policy_follows_from_the_mode(
    mode: RunMode, is_virtual: bool, policy: QueuePolicy
) -> None:
    policies = policies_of(mode, is_virtual=is_virtual)
    assert policies.market is policy
    assert policies.reports is QueuePolicy.FAIL_FAST
    assert str(policies) == str(policy)


@pytest.mark.parametrize("wanted", list(QueuePolicy))
def test_a_config_chooses_the_policy_of_real_time(wanted: QueuePolicy) -> None:
    chosen = policies_of(RunMode.PAPER, is_virtual=False, wanted=wanted)
    assert chosen == QueuePolicies(wanted)
    replay = policies_of(RunMode.PAPER, is_virtual=True, wanted=wanted)
    assert replay == QueuePolicies(QueuePolicy.BLOCK), "nothing is late in a replay"


async def test_block_makes_the_producer_wait_for_room() -> None:
    box = inbox(QueuePolicy.BLOCK, 2)
    await box.put_market(trade(1))
    await box.put_market(trade(2))
    assert box.must_wait
    third = asyncio.create_task(box.put_market(trade(3)))
    await asyncio.sleep(0)
    assert not third.done()
    assert len(box.take(1)) == 1
    await third
    assert times(box) == [2, 3]
    assert box.drops == 0


async def test_a_closed_inbox_lets_the_producer_go() -> None:
    box = inbox(QueuePolicy.BLOCK, 1)
    await box.put_market(trade(1))
    waiting = asyncio.create_task(box.put_market(trade(2)))
    await asyncio.sleep(0)
    box.close()
    await waiting
    assert times(box) == [1]


async def test_fail_fast_refuses_market_data() -> None:
    box = inbox(QueuePolicy.FAIL_FAST, 1)
    await box.put_market(trade(1))
    with pytest.raises(
        InboxFullError, match=r"the queue is full \(1 market items wait; fail_fast\)"
    ):
        await box.put_market(trade(2))


async def test_the_oldest_quote_of_the_same_instrument_goes_first() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP)
    for item in (quote(1, B), quote(2), trade(3), quote(4)):
        await box.put_market(item)
    assert times(box) == [1, 3, 4]
    assert box.conflated == 1
    assert box.drops == 0


async def test_else_one_of_the_instrument_with_most_quotes() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP)
    for item in (quote(1), quote(2), quote(3, B), trade(4, InstrumentId("C.V"))):
        await box.put_market(item)
    assert times(box) == [2, 3, 4]


async def test_a_quote_without_room_is_dropped_and_counted() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 1)
    await box.put_market(trade(1))
    await box.put_market(quote(2))
    assert times(box) == [1]
    assert (box.conflated, box.drops) == (1, 0)


async def test_lost_trades_become_one_gap_before_the_next_item() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 1)
    for time in (1, 2, 3):
        await box.put_market(trade(time))
    assert box.drops == 2
    box.take(9)
    await box.put_market(trade(9))
    gap, item = box.take(9)
    assert isinstance(gap, MarketItem)
    assert gap.payload == DataGap(2, 3, "the queue was full")
    assert isinstance(item, MarketItem)
    assert item.event_time == 9


async def test_a_lost_bar_open_is_no_gap() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 1)
    await box.put_market(trade(1))
    await box.put_market(MarketItem(2, "V", A, BarOpen(2, 1)))
    box.take(9)
    await box.put_market(trade(3))
    assert times(box) == [3]


async def test_reports_and_acts_are_never_dropped_and_fullness_is_told() -> None:
    told: list[int] = []
    box = Inbox(
        QueuePolicies(QueuePolicy.BOUNDED_DROP),
        report_capacity=2,
        on_full=lambda depth, entry: told.append(depth),
    )
    for n in range(4):
        box.put_report(OperatorNoted("op", str(n)))
    assert told == [3, 4]
    assert len(box.take(9)) == 4


async def test_order_of_arrival_is_kept_and_depth_measured() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 9)
    await box.put_market(trade(1))
    box.put_report(OperatorNoted("op", "x"))
    await box.put_market(quote(2))
    assert len(box) == 3
    kinds = [type(entry).__name__ for entry in box.take(2)]
    assert kinds == ["MarketItem", "OperatorNoted"]
    assert len(box) == 1
    assert box.deepest == 3


async def test_wait_returns_when_something_came_in() -> None:
    box = inbox(QueuePolicy.BLOCK)
    waiting = asyncio.create_task(box.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    await box.put_market(trade(1))
    await waiting
    box.take(9)
    again = asyncio.create_task(box.wait())
    await asyncio.sleep(0)
    assert not again.done()
    box.close()
    await again
    assert box.is_closed


def test_who_may_drop_never_makes_the_producer_wait() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 1)
    box.offer_market(trade(1))
    assert not box.must_wait


def test_the_deepest_queue_counts_reports_and_market_items() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 5)
    box.offer_market(quote(1))
    box.put_report(OperatorNoted("me", "a"))
    box.offer_market(trade(2))
    assert (box.deepest, len(box)) == (3, 3)
    box.take(2)
    box.put_report(OperatorNoted("me", "b"))
    assert (box.deepest, len(box)) == (3, 2)


async def test_market_items_can_be_left_while_reports_and_acts_stay() -> None:
    box = inbox(QueuePolicy.BLOCK, 3)
    box.offer_market(quote(1))
    box.put_report(OperatorNoted("me", "one"))
    box.offer_market(trade(2))
    box.offer_market(quote(3, B))
    waiting = asyncio.create_task(box.put_market(trade(4)))
    await asyncio.sleep(0)
    box.close()
    box.leave_market()
    await waiting
    assert box.take(99) == [OperatorNoted("me", "one")]
    assert len(box) == 0


def test_what_is_given_back_is_taken_next_in_its_order() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 4)
    noted = OperatorNoted("op", "look")
    box.offer_market(quote(1))
    box.put_report(noted)
    for item in (trade(2), quote(3), quote(4, B)):
        box.offer_market(item)
    taken = box.take(4)
    box.put_back(taken[1:])
    assert len(box) == 4
    box.offer_market(trade(5))
    box.offer_market(trade(6))
    assert box.conflated == 1, "a quote that was given back makes room as before"
    assert box.take(9) == [noted, trade(2), quote(4, B), trade(5), trade(6)]
    assert len(box) == 0


async def test_what_is_given_back_is_waited_for_no_longer() -> None:
    box = inbox(QueuePolicy.BLOCK)
    box.offer_market(trade(1))
    taken = box.take(9)
    box.put_back(taken)
    await asyncio.wait_for(box.wait(), 60)
    box.leave_market()
    assert len(box) == 0


def test_what_comes_together_is_taken_together_where_there_is_room() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 3)
    assert box.offer_all([quote(1), trade(2)])
    assert (len(box), box.deepest) == (2, 2)
    assert not box.offer_all([quote(3), quote(4)])
    assert box.offer_all([quote(3)])
    assert not box.must_wait
    assert times(box) == [1, 2, 3]


def test_what_comes_together_goes_one_by_one_while_room_is_lacking_or_a_gap_is_to_be_told() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 2)
    assert box.offer_all([trade(1), quote(2)])
    box.offer_market(quote(3))
    assert len(box.take(1)) == 1
    assert not box.offer_all([quote(4)]), "a quote was conflated and others still wait"
    box.offer_market(quote(4))
    box.offer_market(quote(5))
    assert times(box) == [4, 5]
    assert box.conflated == 2
    for time in (6, 7, 8):
        box.offer_market(trade(time))
    assert len(box.take(9)) == 2
    assert not box.offer_all([trade(9)]), "a gap goes before it"
    box.close()
    assert not box.offer_all([trade(9)])


def test_quotes_given_back_can_still_be_conflated() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 3)
    assert box.offer_all([quote(1), quote(2, B), quote(3)])
    box.offer_market(quote(4))
    box.put_report(OperatorNoted("me", "one"))
    taken = box.take(1)
    box.put_back(taken)
    box.offer_market(quote(5, B))
    assert times(box) == [3, 4, 5]


def test_a_queue_that_nobody_empties_stays_as_small_as_what_waits_in_it() -> None:
    box = inbox(QueuePolicy.BOUNDED_DROP, 64)
    quotes = [quote(time, B if time % 3 else A) for time in range(64)]
    for time in range(8):
        box.put_report(OperatorNoted("me", str(time)))
    tracemalloc.start()
    try:
        for item in quotes * 2:
            box.offer_market(item)
        before = tracemalloc.get_traced_memory()[0]
        for item in quotes * 300:
            box.offer_market(item)
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 20_000, "an empty slot takes 80 bytes, and 19,200 quotes were conflated"
    assert box.conflated == 301 * 64
    assert len(box) == 64 + 8


class PlainQueue:
    """What the inbox does while room is lacking, looked for anew each time."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.waiting: list[object] = []
        self.conflated = 0

    def quotes(self, instrument: InstrumentId) -> list[MarketItem]:
        found = [one for one in self.waiting if isinstance(one, MarketItem)]
        return [q for q in found if isinstance(q.payload, Quote) and q.instrument_id == instrument]

    def offer(self, item: MarketItem) -> None:
        if sum(isinstance(one, MarketItem) for one in self.waiting) == self.capacity:
            dropped = self.quotes(item.instrument_id) or max(
                self.quotes(A), self.quotes(B), key=len
            )
            self.conflated += 1
            if not dropped:
                return
            self.waiting = [one for one in self.waiting if one is not dropped[0]]
        self.waiting.append(item)


@pytest.mark.parametrize("seed", range(20))
def test_an_overloaded_queue_keeps_order_and_counts(seed: int) -> None:
    dice = random.Random(seed)
    box, plain = inbox(QueuePolicy.BOUNDED_DROP, 5), PlainQueue(5)
    for time in range(2_000):
        act = dice.choices(("quote", "trade", "note", "take"), (8, 1, 1, dice.choice((0, 2))))[0]
        if act == "quote":
            item = quote(time, dice.choice((A, A, B)))
            box.offer_market(item)
            plain.offer(item)
        elif act == "trade" and len(plain.quotes(A)) != len(plain.quotes(B)):
            item = trade(time, InstrumentId("C.V"))
            box.offer_market(item)
            plain.offer(item)
        elif act == "note":
            note = OperatorNoted("me", str(time))
            box.put_report(note)
            plain.waiting.append(note)
        elif act == "take":
            limit = dice.randrange(4)
            taken = box.take(limit)
            assert taken == plain.waiting[:limit]
            if dice.random() < 0.3:
                box.put_back(taken)
            else:
                del plain.waiting[:limit]
        assert (len(box), box.conflated, box.drops) == (len(plain.waiting), plain.conflated, 0)
    assert plain.conflated > 500
    assert box.take(99_999) == plain.waiting


async def test_offering_together_wakes_who_waits() -> None:
    box = inbox(QueuePolicy.BLOCK)
    waiting = asyncio.create_task(box.wait())
    await asyncio.sleep(0)
    assert box.offer_all((trade(1),))
    await waiting
