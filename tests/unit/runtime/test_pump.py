"""How long steps wait for the disk, and what ends the wait."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.runtime.conftest import FILES, START, bars, quote

from tradetui.domain.control import KillSwitchChanged, OperatorNoted, RouteHealthChanged
from tradetui.domain.enums import KillState, Scope, Source
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import ClientOrderId, Currency, InstrumentId, RouteId
from tradetui.domain.reports import CashAdjusted
from tradetui.domain.steps import CancelCommand
from tradetui.runtime.options import DriverOptions
from tradetui.runtime.pump import GROUP_NS, GROUP_STEPS, HurriedOutbox
from tradetui.runtime.replica import ROWS_EVERY_NS

S = 10**9
M = 60 * S
BROKER_REPORT, MARKET_DATA = Source.BROKER_REPORT, Source.MARKET_DATA
NO_MARKET = InstrumentId("")
GROUPED = DriverOptions("paper/main", group_ns=GROUP_NS)


def waiting(one: Any) -> int:
    """How many steps are applied and not durable."""
    return int(one.driver.loop.kernel.state.seq_id - one.journal.watermark)


async def test_steps_wait_in_a_group_and_are_let_out_together(rig: Any) -> None:
    one = rig(["buyer"], options=GROUPED)
    await one.driver.start()
    await one.clock.move(S)
    await one.quote()
    assert waiting(one) == 0, "after a quiet while nothing waits"
    commits, number = len(one.committed), one.driver.client.snapshot().number
    for _ in range(3):
        await one.quote()
    assert waiting(one) >= 3
    assert len(one.committed) == commits
    assert one.driver.client.snapshot().number == number
    await one.clock.move(GROUP_NS)
    assert waiting(one) == 0
    assert len(one.committed) == commits + 1
    await one.clock.move(ROWS_EVERY_NS)
    assert one.driver.client.snapshot().number > number


async def test_without_groups_every_slice_is_durable_at_once(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    for _ in range(3):
        await one.quote()
        assert waiting(one) == 0


async def test_a_full_group_does_not_wait(rig: Any) -> None:
    one = rig(["quiet"], options=GROUPED)
    await one.driver.start()
    await one.clock.move(S)
    for _ in range(GROUP_STEPS + 1):
        await one.quote()
    assert waiting(one) < GROUP_STEPS
    assert one.journal.watermark >= GROUP_STEPS


async def test_an_act_ends_the_group_and_is_seen_at_once(rig: Any) -> None:
    one = rig(["quiet"], options=GROUPED)
    await one.driver.start()
    await one.clock.move(S)
    await one.quote()
    await one.quote(price=12_345_00)
    assert waiting(one)
    event = OperatorNoted("op", "looked at it")
    await one.driver.pump.act(lambda: one.driver.loop.control(event))
    assert waiting(one) == 0
    assert one.driver.client.snapshot().instances[0].price == 12_345_00


async def test_what_is_not_market_data_ends_the_group(rig: Any) -> None:
    one = rig(["quiet"], options=GROUPED)
    await one.driver.start()
    await one.clock.move(S)
    await one.quote()
    await one.quote()
    assert waiting(one)
    seq = one.journal.watermark
    one.driver.inbox.put_report(RouteHealthChanged(RouteId("main"), False, ""))
    await one.clock.move(0)
    assert waiting(one) == 0
    assert one.journal.watermark > seq


async def test_a_command_that_leaves_the_house_ends_the_group(rig: Any) -> None:
    one = rig(["quiet"], options=GROUPED)
    await one.driver.start()
    await one.clock.move(S)
    taken = []

    class Taker:
        def put(self, seq_id: int, command: object) -> None:
            taken.append((seq_id, command))

    await one.quote()
    await one.quote()
    assert waiting(one)
    outbox = HurriedOutbox(Taker(), one.driver.pump.hurry)
    command = CancelCommand(RouteId("real"), InstrumentId("BTC/USDT.X"), ClientOrderId("tt-1"))
    outbox.put(7, command)
    assert taken == [(7, command)]
    await one.quote()
    assert waiting(one) == 0


async def test_a_group_that_cannot_be_written_stops_the_engine(rig: Any) -> None:
    one = rig(["quiet"], options=GROUPED)
    await one.driver.start()
    await one.clock.move(S)
    one.journal.is_full = True
    await one.quote()
    await one.clock.move(GROUP_NS)
    seq = one.driver.loop.kernel.state.seq_id
    await one.quote()
    await one.clock.move(20 * S)
    assert one.driver.loop.kernel.state.seq_id == seq
    assert one.driver.client.snapshot().header.trouble.startswith("JOURNAL STALLED since")
    one.journal.is_full = False
    await one.clock.move(S)
    assert waiting(one) == 0


async def test_a_stop_leaves_nothing_in_a_group(rig: Any) -> None:
    one = rig(["buyer"], options=GROUPED)
    await one.driver.start()
    await one.clock.move(S)
    await one.quote()
    await one.driver.stop("enough")
    assert one.journal.is_closed
    assert one.journal.watermark == one.journal.rows[-1].event.seq_id


async def test_a_quiet_engine_shows_the_time_and_writes_nothing(rig: Any) -> None:
    one = rig(["quiet"], options=GROUPED)
    await one.driver.start()
    await one.clock.move(S)
    await one.clock.move(S)
    commits = len(one.committed)
    before = one.driver.client.snapshot().header.now
    await one.clock.move(S)
    assert len(one.committed) == commits
    assert one.driver.client.snapshot().header.now >= before + S // 2


def put_all(one: Any) -> None:
    """Put an item of another market, one of ours, a report and an act into the inbox, in this
    order, before anybody can take any.
    """
    now = one.clock.time
    item = quote(now)
    one.driver.inbox.offer_market(replace(item, instrument_id=InstrumentId("ETH/USDT.SIM")))
    one.driver.inbox.offer_market(item)
    cash = CashAdjusted(RouteId("main"), Currency("USDT"), 5, "deposit")
    one.driver.inbox.put_report(Unsequenced(now, now, BROKER_REPORT, "SIM", NO_MARKET, cash))
    one.driver.inbox.put_report(OperatorNoted("op", "looked at it"))


def order_of(one: Any, count: int) -> list[tuple[str, str]]:
    return [(row.event.event_type, row.event.instrument) for row in one.journal.rows[-count:]]


async def test_what_is_drained_together_is_put_in_order(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    put_all(one)
    await one.clock.move(0)
    assert order_of(one, 4) == [
        ("OperatorNoted", ""),
        ("CashAdjusted", ""),
        ("Quote", "BTC/USDT.SIM"),
        ("Quote", "ETH/USDT.SIM"),
    ]


async def test_the_order_of_the_sources_is_the_configured_one(rig: Any) -> None:
    one = rig([], source_priority=(MARKET_DATA, BROKER_REPORT, Source.TIMER, Source.CONTROL))
    await one.driver.start()
    put_all(one)
    await one.clock.move(0)
    assert [kind for kind, _ in order_of(one, 4)] == [
        "Quote",
        "Quote",
        "CashAdjusted",
        "OperatorNoted",
    ]


async def test_what_ties_in_everything_stays_in_the_order_of_arrival(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    prices = [10_000_00 + number * 7 % 5 for number in range(12)]
    for price in prices:
        one.driver.inbox.offer_market(quote(one.clock.time, price))
    await one.clock.move(0)
    assert [row.event.payload.bid + 1 for row in one.journal.rows[-12:]] == prices


async def test_a_recorded_feed_keeps_its_own_order(rig: Any, stub_feed: Any) -> None:
    btc, eth = (quote(START + n) for n in (1, 2))
    items = [replace(btc, instrument_id=InstrumentId("ETH/USDT.SIM"), venue="Z"), eth]
    one = rig([], feed=stub_feed(items, is_virtual=True))
    await one.driver.start()
    await one.driver.run_until_end()
    quotes = [row.event for row in one.journal.rows if row.event.event_type == "Quote"]
    assert [event.venue for event in quotes] == ["Z", "SIM"]


TIMED = """
from tradetui.strategy import Strategy

class Timed(Strategy):
    def on_start(self):
        self.every("1s")

    def on_timer(self, name):
        pass
"""


@pytest.fixture
def gap(rig: Any, stub_feed: Any, monkeypatch: Any) -> Any:
    """A replay with two days between two bars, in which a strategy's timer is due each second, and
    slices that are over at once.
    """
    monkeypatch.setitem(FILES, "timed", TIMED)
    monkeypatch.setattr("tradetui.runtime.pump.SLICE_NS", 0)
    start = 1_500_000_000 * S // M * M
    feed = stub_feed(bars(1, start) + bars(1, start + 48 * 3_600 * S), is_virtual=True)
    return rig(["timed"], feed=feed, options=DriverOptions("paper/main", start_time=start))


async def in_the_gap(one: Any) -> None:
    """Wait until the timer has begun to beat between the two bars."""
    await one.driver.start()
    while one.driver.loop.kernel.state.seq_id < 500:
        await asyncio.sleep(0)


async def test_a_kill_switch_is_taken_in_the_middle_of_a_gap(gap: Any) -> None:
    await in_the_gap(gap)
    kill = KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "op", "stop")
    await gap.driver.pump.act(lambda: gap.driver.loop.control(kill))
    seen = gap.journal.watermark
    assert seen == gap.driver.loop.kernel.state.seq_id, "it is durable"
    assert seen < 50_000, "and has not waited for the gap to end"
    timers = [step.event.event_type for step in gap.journal.rows]
    assert timers.index("KillSwitchChanged") > timers.index("StrategyTimer")


async def test_a_stop_in_the_middle_of_a_gap_leaves_the_item_behind_it(gap: Any) -> None:
    await in_the_gap(gap)
    await gap.driver.stop("enough")
    types = [step.event.event_type for step in gap.journal.rows]
    assert types.count("Bar") == 1
    assert len(types) < 50_000
    assert types[-1] == "EngineStopping"


async def test_a_gap_that_is_waited_out_has_all_its_moments(rig: Any, stub_feed: Any) -> None:
    start = 1_500_000_000 * S // M * M
    feed = stub_feed(bars(1, start) + bars(1, start + 600 * S), is_virtual=True)
    one = rig(["quiet"], feed=feed, options=DriverOptions("paper/main", start_time=start))
    await one.driver.start()
    await one.driver.run_until_end()
    times = [step.event.event_time for step in one.journal.rows]
    assert times == sorted(times)
    beats = sum(step.event.event_type == "Heartbeat" for step in one.journal.rows)
    assert beats == 660 // 6 - 1, "the last is due with the last bar, and follows it"
