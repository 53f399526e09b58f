"""The whole driver on a clock that the test moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.unit.runtime.conftest import bars

from tradetui.domain.enums import (
    InstanceMode,
    InstanceState,
    KillState,
    OrderRole,
    RunMode,
    Severity,
)
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import MarketItem, Quote
from tradetui.domain.replica import InstanceView, ReplicaSnapshot
from tradetui.engine.errors import EngineError
from tradetui.engine.loader import strategy_loader
from tradetui.engine.loader.check import CheckLimits, CheckReport, CheckSubject
from tradetui.ports.journal import JournalError, JournalStalledError
from tradetui.ports.market_data import FeedError
from tradetui.runtime.driver import LiveDriver
from tradetui.runtime.options import DriverOptions

S = 10**9
M = 60 * S
BTC = InstrumentId("BTC/USDT.SIM")


def row(snapshot: ReplicaSnapshot, name: str) -> InstanceView:
    return next(one for one in snapshot.instances if one.strategy_id == name)


async def test_an_instance_runs_ticks_and_is_shown(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.ticks(3)
    shown = one.driver.client.snapshot()
    view = row(shown, "quiet")
    assert view.state is InstanceState.ACTIVE
    assert view.price == 10_000_00
    assert view.last_tick == one.clock.time // (6 * S) * 6 * S
    assert view.currency == "USDT"
    assert shown.header.count_active == 1
    assert shown.header.now == one.clock.time
    assert one.driver.telemetry.queue_policy == "bounded_drop"
    assert shown.header.is_venue_simulated and shown.header.venue_latency == 0
    assert shown.header.venue_weight is None  # it has no request budget
    assert shown.header.instrument_classes == ("spot",)
    assert shown.header.equity == 100_000 * 10**8


async def test_a_clock_that_was_set_back_is_shown_and_time_goes_on(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    one.clock.behind = 3_600 * S
    await one.ticks(3)
    shown = one.driver.client.snapshot()
    assert [alert.alert_id for alert in shown.alerts] == ["clock"]
    assert shown.header.now == one.clock.time
    assert row(shown, "quiet").state is InstanceState.ACTIVE


@pytest.fixture
async def being_checked(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once a strategy's file is being tried out, and its child process runs."""
    begun, loop = asyncio.Event(), asyncio.get_running_loop()
    run_check = strategy_loader.run_check

    def told(
        subject: CheckSubject, limits: CheckLimits, is_unwanted: Callable[[], bool]
    ) -> CheckReport:
        def looked() -> bool:
            loop.call_soon_threadsafe(begun.set)
            return is_unwanted()

        return run_check(subject, limits, looked)

    monkeypatch.setattr(strategy_loader, "run_check", told)
    return begun


async def test_a_stop_while_instances_are_loaded_is_clean_and_loads_no_more(
    rig: Any, being_checked: asyncio.Event
) -> None:
    one = rig(["sleepy", "quiet"])
    starting = asyncio.create_task(one.driver.start())
    await being_checked.wait()
    begun = time.monotonic()
    await one.driver.stop("told to")
    await starting
    assert time.monotonic() - begun < 30
    assert one.driver.instances.running_records() == ()
    assert one.driver.publisher.snapshot().alerts == ()
    assert one.journal.is_closed
    await one.driver.run_forever()
    await one.driver.run_until_end()


async def test_a_start_that_is_cancelled_says_so(rig: Any, being_checked: asyncio.Event) -> None:
    one = rig(["sleepy"])
    starting = asyncio.create_task(one.driver.start())
    await being_checked.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting


async def test_an_order_is_decided_filled_and_guarded_in_the_house(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    shown = one.driver.client.snapshot()
    view = row(shown, "buyer")
    assert view.position == 1_000_000
    assert view.entry_price == 10_000_01
    assert view.stop_price is not None
    assert view.guard == "venue"
    assert [fill.side for fill in shown.fills] == ["BUY"]
    assert any(order.role is OrderRole.STOP_LOSS for order in shown.orders if order.is_open)
    decision = next(one for one in shown.decisions if one.outcome is not None)
    assert decision.intent.startswith("BUY 0.01000 BTC market")
    assert decision.signal is not None
    assert shown.header.exposure is not None


async def test_an_observing_instance_has_a_shadow_and_no_position(rig: Any) -> None:
    one = rig(["buyer"], mode=InstanceMode.OBSERVE)
    await one.driver.start()
    await one.ticks(4)
    shown = one.driver.client.snapshot()
    view = row(shown, "buyer")
    assert view.state is InstanceState.OBSERVE
    assert view.position == 0
    assert view.shadow_position == 1_000_000
    assert view.shadow_orders >= 1
    assert view.last_decision_would
    assert view.observed_since is not None
    assert all(fill.is_shadow for fill in shown.fills)
    assert shown.header.equity == 100_000 * 10**8
    assert shown.header.orders_open == 0


async def test_errors_stop_an_instance_and_raise_an_alert(rig: Any) -> None:
    one = rig(["failing", "quiet"])
    await one.driver.start()
    await one.ticks(5)
    shown = one.driver.client.snapshot()
    view = row(shown, "failing")
    assert view.state is InstanceState.ERROR
    assert "it broke" in view.error
    assert "ValueError" in view.traceback
    assert [alert.alert_id for alert in shown.alerts] == ["error:failing"]
    assert row(shown, "quiet").state is InstanceState.ACTIVE
    assert shown.header.trouble.startswith("failing ERROR, not run since")


async def test_a_hook_that_never_works_stops_it_though_ticks_do(rig: Any) -> None:
    one = rig(["lame", "quiet"])
    await one.driver.start()
    await one.ticks(8)
    shown = one.driver.client.snapshot()
    view = row(shown, "lame")
    assert view.state is InstanceState.ERROR
    assert view.error == "on_quote: ValueError: it broke"
    assert [alert.alert_id for alert in shown.alerts] == ["error:lame"]
    assert shown.header.trouble.startswith("lame ERROR, not run since")
    assert row(shown, "quiet").state is InstanceState.ACTIVE


async def test_a_callback_that_never_ends_is_interrupted(rig: Any) -> None:
    options = DriverOptions("paper/main", hard_budget_ns=200_000_000)
    one = rig(["slow"], options=options)
    await one.driver.start()
    await one.ticks(2)
    assert one.driver.telemetry.timeouts >= 1
    assert "interrupted" in row(one.driver.client.snapshot(), "slow").error


async def test_a_slow_callback_is_told(rig: Any) -> None:
    one = rig(["quiet"], options=DriverOptions("paper/main", soft_budget_ns=0))
    await one.driver.start()
    await one.ticks(2)
    log = one.driver.client.snapshot().log
    assert any("the budget is 0 ms" in line.text for line in log)


async def test_a_strategy_that_cannot_be_loaded_is_in_error_and_others_run(rig: Any) -> None:
    one = rig(["missing", "quiet"])
    await one.driver.start()
    await one.ticks(1)
    shown = one.driver.client.snapshot()
    assert row(shown, "missing").state is InstanceState.ERROR
    assert row(shown, "missing").is_loaded is False
    assert "error:missing" in [alert.alert_id for alert in shown.alerts]
    assert row(shown, "quiet").state is InstanceState.ACTIVE


async def test_a_feed_that_dies_is_an_alert_not_an_exit(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    one.feed.error = FeedError("stub: the line is cut; plug it in")
    await one.quote()
    await one.clock.move(S)
    shown = one.driver.client.snapshot()
    assert shown.alerts[0].alert_id == "feed:stub"
    assert "the line is cut" in shown.alerts[0].text


async def test_a_bug_in_a_feed_is_an_alert_too(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    one.feed.error = ZeroDivisionError("oops")
    await one.quote()
    await one.clock.move(S)
    alert = one.driver.client.snapshot().alerts[0]
    assert alert.text == "feed stub has failed: ZeroDivisionError: oops"
    assert alert.severity is Severity.ALERT


async def test_stale_prices_are_shown_and_an_alert(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.ticks(1)
    await one.clock.move(70 * S)
    shown = one.driver.client.snapshot()
    assert row(shown, "quiet").is_stale
    assert shown.header.data_worst == "BTC/USDT"
    assert shown.header.trouble.startswith("DATA STALE")
    await one.quote()
    await one.clock.move(S)
    assert not row(one.driver.client.snapshot(), "quiet").is_stale


async def test_prices_have_an_age_where_no_instance_is(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    await one.clock.move(S)
    assert one.driver.client.snapshot().header.data_age is None
    await one.quote()
    await one.clock.move(2 * S)
    shown = one.driver.client.snapshot().header
    assert (shown.data_worst, shown.data_age) == ("BTC/USDT", 2 * S)


async def test_a_stalled_journal_stops_everything_and_says_so(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.ticks(1)
    one.journal.is_full = True
    await one.quote()
    await one.clock.move(S)
    seq = one.driver.loop.kernel.state.seq_id
    await one.quote()
    await one.clock.move(20 * S)
    assert one.driver.loop.kernel.state.seq_id == seq
    shown = one.driver.client.snapshot()
    assert shown.header.trouble.startswith("JOURNAL STALLED since")
    assert shown.alerts[0].alert_id == "journal"
    assert "make room" in shown.alerts[0].text
    one.journal.is_full = False
    await one.clock.move(S)
    assert one.driver.loop.kernel.state.seq_id > seq
    assert one.driver.client.snapshot().header.trouble == ""


async def test_nothing_is_let_out_before_it_is_durable(rig: Any) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(4)
    assert one.committed == sorted(one.committed)
    assert one.committed[-1] == one.journal.watermark


async def test_the_sequence_has_no_gap(rig: Any) -> None:
    one = rig(["buyer", "quiet"])
    await one.driver.start()
    await one.ticks(5)
    await one.driver.stop("enough")
    seqs = [record.event.seq_id for record in one.journal.rows]
    assert seqs == list(range(1, len(seqs) + 1))
    assert one.journal.is_closed
    assert one.journal.rows[-1].event.event_type == "EngineStopping"
    assert sorted(one.driver.loop.kernel.state.instances) == ["buyer", "quiet"]


async def test_a_stop_with_a_stalled_journal_ends_and_says_why(rig: Any) -> None:
    one = rig(["quiet"], options=DriverOptions("paper/main", stop_seconds=0.05))
    await one.driver.start()
    one.journal.is_full = True
    await one.quote()
    before = asyncio.all_tasks()
    with pytest.raises(JournalStalledError, match="the journal cannot be written"):
        await one.driver.stop()
    assert len(asyncio.all_tasks()) < len(before)
    assert not one.journal.is_closed
    assert one.journal.is_abandoned


async def test_a_stop_that_takes_too_long_says_how_much_was_waiting(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rig(["quiet"], options=DriverOptions("paper/main", stop_seconds=0.05))
    await one.driver.start()

    async def forever(reason: str) -> None:
        await asyncio.sleep(3_600)

    monkeypatch.setattr(one.driver, "_wind_down", forever)
    with pytest.raises(JournalStalledError, match=r"0 entries of the queue were still to be"):
        await one.driver.stop()


async def test_a_stopped_replay_leaves_what_waits_to_the_next_start(rig: Any) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    await one.quote()
    before = len(one.journal.rows)
    for number in range(4_000):
        payload = Quote(9_999_00 - number, 1, 10_001_00, 1)
        one.driver.inbox.offer_market(MarketItem(one.clock.time, "SIM", BTC, payload))
    one.driver.is_virtual = True
    await one.driver.stop("enough")
    assert not len(one.driver.inbox)
    later = [record.event.event_type for record in one.journal.rows[before:]]
    assert later.count("Quote") < 3_000
    assert later[-1] == "EngineStopping"


async def test_a_broken_engine_ends_the_run_and_says_why(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rig(["quiet"])
    await one.driver.start()

    def broken(*args: object) -> None:
        raise EngineError("step 9 failed: it broke")

    monkeypatch.setattr(one.driver.loop, "ingest", broken)
    monkeypatch.setattr(one.driver.loop, "control", broken)
    running = asyncio.create_task(one.driver.run_forever())
    await one.quote()
    with pytest.raises(EngineError, match="step 9 failed"):
        await running
    with pytest.raises(EngineError, match="step 9 failed"):
        await one.driver.stop()
    assert one.journal.is_abandoned


async def test_a_step_that_fails_stops_entries_and_the_run_goes_on(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rig(["quiet"])
    await one.driver.start()
    ingest = one.driver.loop.ingest
    failures = [EngineError("step 9 failed: it broke")]

    def once(*args: object) -> None:
        if failures:
            raise failures.pop()
        ingest(*args)

    monkeypatch.setattr(one.driver.loop, "ingest", once)
    await one.ticks(3)
    shown = one.driver.client.snapshot()
    assert shown.header.kills[0].state is KillState.REDUCING
    assert shown.alerts[0].alert_id == "engine"
    assert row(shown, "quiet").price == 10_000_00


async def test_stop_is_once_and_leaves_no_task(rig: Any) -> None:
    one = rig(["quiet"])
    before = asyncio.all_tasks()
    await one.driver.start()
    await one.driver.stop()
    await one.driver.stop()
    assert asyncio.all_tasks() - before == set()


async def test_records_that_cannot_be_read_are_an_alert_until_they_can(rig: Any) -> None:
    one = rig([])
    await one.driver.start()
    records, one.records = one.records, None
    await one.clock.move(2 * S)
    assert [a.alert_id for a in one.driver.client.snapshot().alerts] == ["records"]
    one.records = records
    await one.clock.move(2 * S)
    assert one.driver.client.snapshot().alerts[0].is_over


async def test_a_mode_that_another_process_wrote_is_taken_up(rig: Any) -> None:
    one = rig(["quiet"], mode=InstanceMode.OBSERVE)
    await one.driver.start()
    await one.ticks(1)
    one.records[0] = replace(one.records[0], mode=InstanceMode.ACTIVE, revision=2)
    await one.clock.move(2 * S)
    assert row(one.driver.client.snapshot(), "quiet").state is InstanceState.ACTIVE
    one.records[0] = replace(one.records[0], mode=InstanceMode.OFF, revision=3)
    await one.clock.move(2 * S)
    view = row(one.driver.client.snapshot(), "quiet")
    assert view.state is InstanceState.OFF
    assert not view.is_loaded
    one.records.clear()
    await one.clock.move(2 * S)
    assert one.driver.client.snapshot().instances == ()


async def test_a_recorded_active_instance_starts_held_in_sandbox(rig: Any) -> None:
    one = rig(["quiet"], run_mode=RunMode.SANDBOX)
    await one.driver.start()
    await one.ticks(1)
    assert row(one.driver.client.snapshot(), "quiet").state is InstanceState.HELD


async def test_a_replay_runs_to_its_end_in_its_own_time(rig: Any, stub_feed: Any) -> None:
    start = 1_500_000_000 * S // M * M
    feed = stub_feed(bars(50, start), is_virtual=True)
    one = rig(["buyer"], feed=feed, options=DriverOptions("paper/main", start_time=start))
    await one.driver.start()
    tally = await one.driver.run_until_end()
    assert tally.fills == 1
    shown = one.driver.client.snapshot()
    assert shown.header.now == start + 50 * M
    assert shown.header.playing == "ENDED"
    assert one.driver.telemetry.queue_policy == "block"
    times = [record.event.event_time for record in one.journal.rows]
    assert times == sorted(times)


async def test_two_replays_at_once_are_refused(rig: Any, stub_feed: Any) -> None:
    one = rig([])
    driver = one.driver
    with pytest.raises(ValueError, match="a replay is one feed"):
        LiveDriver(
            driver.plan,
            [stub_feed(is_virtual=True), stub_feed()],
            one.journal,
            one.clock,
            driver.loader,
            driver.hooks,
            driver.options,
        )
    with pytest.raises(ValueError, match="at least one feed"):
        LiveDriver(
            driver.plan,
            [],
            one.journal,
            one.clock,
            driver.loader,
            driver.hooks,
            driver.options,
        )
    await driver.start()


async def test_a_checkpoint_that_cannot_be_written_leaves_the_stop_clean(
    rig: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def take(self) -> None:
            """Nothing is needed of it."""

        async def write(self, made: None) -> None:
            raise JournalError("journal.db: has no room left (the disk is full)")

    one = rig(["quiet"])
    await one.driver.start()
    one.driver.checkpointer = Full()
    said: list[str] = []
    monkeypatch.setattr(one.driver.publisher, "say", lambda _, text, *__: said.append(text))
    await one.driver.stop("enough")
    assert one.journal.is_closed
    assert any(text.startswith("no checkpoint at the stop: journal.db") for text in said)
