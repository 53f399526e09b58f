"""After a restart a trader finds what was there before: bars, warmth, decisions, cadences."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support.recovery import CrashError, opened, options_for, run_to_end, write_bars

from tradetui.bootstrap.run.engine import Engine
from tradetui.cli.wiring import RunOptions
from tradetui.domain.enums import InstanceState
from tradetui.domain.market_data import Bar
from tradetui.domain.memory import EngineMemory, InstanceMemory, ScreenMemory
from tradetui.domain.replica import ReplicaSnapshot
from tradetui.runtime.supervisor import cancel_all
from tradetui.strategy.feeds import BarFeed

BARS = 400


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    return write_bars(tmp_path / "BTC_USD-1m.csv", BARS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def cut_off(options: RunOptions, steps: int) -> Engine:
    """Run for so many steps, make them durable and drop dead."""
    try:
        async with opened(options) as running:
            driver = running.driver
            await driver.start()
            first = running.journal.header.opening_seq
            while running.journal.watermark < first + steps:
                await asyncio.sleep(0)
            assert driver.checkpointer is not None
            if driver.checkpointer.is_due() and steps > 100:
                await driver.checkpointer.write(driver.checkpointer.take())
            await cancel_all(driver._feed_tasks)
            while len(driver.inbox):
                await asyncio.sleep(0)
            await driver.pump.commit()
            assert running.journal.watermark == driver.loop.kernel.state.seq_id
            await driver.abandon()
            raise CrashError
    except CrashError:
        return running


def memory_of(engine: Engine) -> EngineMemory:
    return engine.driver.loop.host.remember()


def shown_by(engine: Engine) -> ScreenMemory:
    return engine.driver.publisher.remember()


def noted(memory: ScreenMemory) -> list[InstanceMemory]:
    """Return what is noted of each instance, but for the course: that is noted four times a second
    of the wall's time.
    """
    return [replace(one, course=None) for one in memory.instances]


def snapshot(engine: Engine) -> ReplicaSnapshot:
    engine.driver.publisher.publish(force=True)
    return engine.driver.client.snapshot()


@pytest.mark.parametrize("steps", [60, 450, 1_500])
async def test_bars_and_lists_are_those_of_the_moment_it_ended(
    bars: Path, folder: Path, steps: int
) -> None:
    options = options_for(folder, bars)
    dead = await cut_off(options, steps)
    before, shown = memory_of(dead), shown_by(dead)
    async with opened(options) as running:
        after, now = memory_of(running), shown_by(running)
        by_market = {one.instrument_id: one for one in after.markets}
        for one in before.markets:
            known = by_market[one.instrument_id]
            had = {timeframe: found for timeframe, found in one.series if found}
            assert had.items() <= dict(known.series).items()
            assert (known.source, known.base_ns, known.last_close) == (
                one.source,
                one.base_ns,
                one.last_close,
            )
        assert now.decisions == shown.decisions
        assert now.charts == shown.charts
        assert now.trips == shown.trips
        for had, has in zip(noted(shown), noted(now), strict=True):
            assert had == has
        await running.driver.abandon()


async def test_a_cut_loses_no_longer_bar(bars: Path, folder: Path, tmp_path: Path) -> None:
    whole = await run_to_end(options_for(tmp_path / "whole", bars))
    options = options_for(folder, bars)
    for steps in (301, 77, 402):
        await cut_off(options, steps)
    cut = await run_to_end(options)

    def series(engine: Engine) -> dict[tuple[str, int], tuple[Bar, ...]]:
        return {
            (one.instrument_id, timeframe): found
            for one in memory_of(engine).markets
            for timeframe, found in one.series
        }

    found = series(cut)
    assert len(found) > 1
    assert found == series(whole)


async def test_every_instance_is_as_warm_as_it_was(bars: Path, folder: Path) -> None:
    options = options_for(folder, bars)
    dead = await cut_off(options, 1_500)
    host = dead.driver.loop.host
    before = {
        (key, feed.name): (feed.needed, len(feed), feed.history[-1:])
        for key, runner in host.running_instances.items()
        for feed in runner.feeds
        if isinstance(feed, BarFeed)
    }
    assert before
    rows = {row.strategy_id: row for row in snapshot(dead).instances}
    async with opened(options) as running:
        await running.driver.start()
        after = running.driver.loop.host.running_instances
        for (key, name), (_, count, last) in before.items():
            feed = next(feed for feed in after[key].feeds if feed.name == name)
            assert isinstance(feed, BarFeed)
            assert len(feed) >= count
            assert [bar.close_time for bar in last] <= [bar.close_time for bar in feed.history[-1:]]
        for row in snapshot(running).instances:
            old = rows[row.strategy_id]
            assert row.state is not InstanceState.BLOCKED
            same: tuple[str, ...] = (
                "position",
                "day_pnl",
                "fees_day",
                "guard",
                "orders_open",
                "last_decision",
            )
            same += ("last_decision_time", "shadow_orders", "observed_since")
            same += ("holding",)
            for name in same:
                assert getattr(row, name) == getattr(old, name), (row.strategy_id, name)
        await running.driver.stop()
