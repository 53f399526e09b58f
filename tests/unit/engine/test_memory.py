"""What an engine remembers of its markets is what one that was never stopped knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, ETH, START, Steps, bar

from tradetui.domain.ids import StrategyId
from tradetui.domain.market_data import Bar, MarketItem, Quote, Trade
from tradetui.domain.memory import EngineMemory, MarketMemory, TickMemory
from tradetui.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND
from tradetui.engine.heartbeat import HeartbeatSchedule
from tradetui.engine.market import BARS_KEPT, Market
from tradetui.engine.memory import MemoryFollower, after_tick, recall, unwatched
from tradetui.strategy import Strategy, bars


class Watcher(Strategy):
    """Wants three timeframes and ticks every half minute."""

    TICK_MINUTES = 0.5
    DATA = {"one": bars("1m"), "five": bars("5m"), "hour": bars("1h")}

    def on_tick(self, tick: Any) -> None:
        self.state["ticks"] = tick.number


def tick_item(number: int, payload: Any) -> MarketItem:
    time = START + number * 7 * NANOS_PER_SECOND
    return MarketItem(time, BTC.venue, BTC.instrument_id, payload)


def quote(number: int) -> MarketItem:
    return tick_item(number, Quote(10_000 + 13 * (number % 17), 5, 10_010 + 13 * (number % 17), 5))


def trade(number: int) -> MarketItem:
    return tick_item(number, Trade(10_000 + 13 * (number % 17), 3))


Items = Callable[[int], MarketItem]


def watched(make_session: Any, items: Items, count: int) -> Any:
    session = make_session(check_every_step=False)
    session.add_strategy("a", Watcher, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run(items(number) for number in range(count))
    return session.loop


@pytest.mark.parametrize("items", [bar, quote, trade])
@pytest.mark.parametrize("cut", [0, 1, 38, 151, 199])
def test_a_memory_brought_through_the_steps_is_that_of_the_engine(
    make_session: Any, steps: Steps, items: Items, cut: int
) -> None:
    loop = watched(make_session, items, 200)
    whole = loop.host.remember()
    recorded = list(steps.records)
    begun = watched(make_session, items, cut)
    done = len(steps.records) - len(recorded)
    assert dict(whole.markets[0].series), "no bars were made"
    instruments = loop.kernel.state.instruments
    follower = MemoryFollower(begun.host.remember(), instruments)
    for step in recorded[done:]:
        follower.take(step)
    assert follower.memory() == whole


class Hourly(Strategy):
    """Wants bars that nobody else does, of two markets; does not tick."""

    DATA = {"own": bars("15m"), "other": bars("2m", market="ETH/USD")}

    def on_bar(self, bar: Any) -> None:
        self.state["last"] = bar.close_time


def on_both(items: Items, first: int, last: int) -> Iterator[MarketItem]:
    """The items of two markets, one after the other."""
    for number in range(first, last):
        yield items(number)
        found = items(number)
        yield MarketItem(found.event_time, ETH.venue, ETH.instrument_id, found.payload)


def coming_and_going(make_session: Any, items: Items) -> Any:
    """Run two markets while instances come, go and come again."""
    session = make_session(check_every_step=False)
    session.start(at=START)
    session.run(on_both(items, 0, 20))
    session.add_strategy("a", Watcher, [BTC.instrument_id], "acc")
    session.run(on_both(items, 20, 70))
    session.add_strategy("b", Hourly, [BTC.instrument_id, ETH.instrument_id], "acc")
    session.run(on_both(items, 70, 90))
    session.loop.unload_instance(StrategyId("a"), "me")
    session.run(on_both(items, 90, 103))
    session.add_strategy("a", Watcher, [BTC.instrument_id], "acc")
    session.run(on_both(items, 103, 200))
    return session.loop


def assert_holds(found: EngineMemory, wanted: EngineMemory) -> None:
    """All that is wanted is there; bars that nobody wants any more may be there beside it."""
    assert found.ticks == wanted.ticks
    by_market = {one.instrument_id: one for one in found.markets}
    assert len(by_market) == len(wanted.markets)
    for one in wanted.markets:
        there = by_market[one.instrument_id]
        assert place(there) == place(one)
        assert dict(one.series).items() <= dict(there.series).items()
        assert {b.timeframe_ns: b for b in one.buckets}.items() <= {
            b.timeframe_ns: b for b in there.buckets
        }.items()


def place(market: MarketMemory) -> tuple[int, int, int]:
    return market.source, market.base_ns, market.last_close


@pytest.mark.parametrize("items", [bar, quote, trade])
def test_without_a_checkpoint_all_comes_back_from_the_steps(
    make_session: Any, steps: Steps, items: Items
) -> None:
    loop = coming_and_going(make_session, items)
    whole = loop.host.remember()
    made = {key: len(found) for one in whole.markets for key, found in one.series}
    assert made[5 * NANOS_PER_MINUTE] > 1
    assert made[2 * NANOS_PER_MINUTE] > 1
    follower = MemoryFollower(EngineMemory(), {})
    for step in steps.records:
        follower.take(step)
    assert_holds(follower.memory(), whole)


@pytest.mark.parametrize("items", [bar, quote, trade])
@pytest.mark.parametrize("cut", [30, 170, 260])
def test_what_is_loaded_after_a_checkpoint_comes_back_too(
    make_session: Any, steps: Steps, items: Items, cut: int
) -> None:
    whole = coming_and_going(make_session, items).host.remember()
    before = MemoryFollower(EngineMemory(), {})
    instruments = {one.instrument_id: one for one in (BTC, ETH)}
    for step in steps.records[:cut]:
        before.take(step)
    after = MemoryFollower(before.memory(), instruments)
    for step in steps.records[cut:]:
        after.take(step)
    assert_holds(after.memory(), whole)


def test_a_load_that_the_kernel_refuses_gets_no_cadence(make_session: Any, steps: Steps) -> None:
    loop = watched(make_session, bar, 3)
    (loaded,) = steps.of("InstanceLoaded")
    refused = replace(loaded.event.payload, strategy_id=StrategyId("b"), execution_id="nobody")
    loop.control(refused)
    assert steps.records[-1].result.diagnostics
    follower = MemoryFollower(EngineMemory(), {})
    for step in steps.records:
        follower.take(step)
    assert [tick.strategy_id for tick in follower.memory().ticks] == ["a"]


def test_what_an_instance_is_fed_with_is_on_the_record(make_session: Any, steps: Steps) -> None:
    coming_and_going(make_session, bar)
    ticking, quiet, _ = (step.event.payload for step in steps.of("InstanceLoaded"))
    minute = NANOS_PER_MINUTE
    assert ticking.timeframes == tuple((BTC.instrument_id, n * minute) for n in (1, 5, 60))
    assert ticking.tick_steps == 5
    assert quiet.timeframes == (
        (BTC.instrument_id, 15 * minute),
        (ETH.instrument_id, 2 * minute),
    )
    assert quiet.tick_steps == 0


def test_what_is_recalled_is_remembered_again(make_session: Any) -> None:
    loop = watched(make_session, quote, 170)
    memory = loop.host.remember()
    market, schedule = Market(BARS_KEPT), HeartbeatSchedule(is_virtual=True)
    recall(memory, loop.kernel.state.instruments, market, schedule)
    again = MemoryFollower(memory, loop.kernel.state.instruments).memory()
    assert again == memory
    desk = market.desks[BTC.instrument_id]
    assert schedule.next_due == desk.next_end() == desk.woken_for


def test_a_market_that_is_gone_is_forgotten(make_session: Any) -> None:
    memory = watched(make_session, bar, 30).host.remember()
    market = Market(BARS_KEPT)
    recall(memory, {}, market, HeartbeatSchedule(is_virtual=True))
    assert market.desks == {}


def test_after_a_time_without_an_engine_no_bar_is_taken_for_whole(make_session: Any) -> None:
    loop = watched(make_session, bar, 33)
    memory = loop.host.remember()
    assert any(one.buckets for one in memory.markets)
    left = unwatched(memory)
    assert not any(one.buckets for one in left.markets)
    assert [one.series for one in left.markets] == [one.series for one in memory.markets]


def test_a_loaded_instance_goes_on_with_its_cadence_and_its_bars(make_session: Any) -> None:
    memory = watched(make_session, bar, 100).host.remember()
    session = make_session(check_every_step=False)
    session.start()
    host = session.loop.host
    host.recall(memory)
    session.loop.advance(START + 100 * 60 * NANOS_PER_SECOND)
    session.add_strategy("a", Watcher, [BTC.instrument_id], "acc")
    assert host.schedule.cadences() == memory.ticks
    found = host.remembered_bars(StrategyId("a"))
    lengths = [one.close_time - one.open_time for _, one in found]
    assert lengths == sorted(lengths)
    assert [one for key, one in found if key == BTC.instrument_id] == [
        one for _, series in memory.markets[0].series for one in series
    ]
    host.unload_instance(StrategyId("a"))


@pytest.mark.parametrize(
    ("number", "after"),
    [(10, (15, 10, 0)), (14, (15, 14, 0)), (15, (20, 15, 1)), (31, (35, 31, 4))],
)
def test_ticks_that_were_slept_through_are_counted(
    number: int, after: tuple[int, int, int]
) -> None:
    known = TickMemory(StrategyId("a"), 5, 10, 5, 0)
    found = after_tick(known, number)
    assert (found.due, found.last, found.missed) == after


def test_nothing_is_remembered_of_nothing() -> None:
    assert MemoryFollower(EngineMemory(), {}).memory() == EngineMemory()


def test_bars_of_a_warm_up_are_nobodys(make_session: Any) -> None:
    loop = watched(make_session, bar, 12)
    before = loop.host.remember()
    seen = bar(3).payload
    assert isinstance(seen, Bar)
    loop.warm_up(
        [
            (
                BTC.instrument_id,
                Bar(*[getattr(seen, n) for n in Bar.__struct_fields__[:7]], StrategyId("a")),
            )
        ]
    )
    assert loop.host.remember() == before
