"""What screens showed comes back as it was, whether it was noted live or read from the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from tradetui.core.kernel import Kernel
from tradetui.domain.control import InstanceLoaded, InstanceUnloaded, ModeChanged
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import ExecutionId, InstrumentId, StrategyId
from tradetui.domain.market_data import Bar
from tradetui.domain.memory import (
    CourseMemory,
    EngineMemory,
    InstanceMemory,
    MarketMemory,
    ScreenMemory,
)
from tradetui.domain.risk import InstanceLimits
from tradetui.engine.rerun import batch_of
from tradetui.runtime.instance_view import InstanceNotes
from tradetui.runtime.remembered import ScreenFollower, base_bars, note_mode, notes_from
from tradetui.runtime.replica import LIST_LENGTH

RigMaker = Callable[..., Any]
A = StrategyId("a")


def loaded(mode: InstanceMode) -> InstanceLoaded:
    market, limits = InstrumentId("BTC/USDT.SIM"), InstanceLimits(1)
    return InstanceLoaded(A, "quiet", ExecutionId("acc"), market, mode, limits, "", "", "me")


async def test_the_journal_leads_to_what_was_shown(rig: RigMaker) -> None:
    one = rig(["buyer", "failing", "quiet"])
    await one.driver.start()
    await one.ticks(12)
    shown = one.driver.publisher.remember()
    assert shown.decisions
    assert shown.trips
    kernel = Kernel(one.driver.plan.config)
    follower = ScreenFollower(ScreenMemory(), kernel.state, LIST_LENGTH)
    for step in one.journal.rows:
        kernel.apply_event(step.event)
        batch = batch_of(step)
        if batch is not None:
            kernel.process_intents(batch)
        follower.take(step, kernel.state)
    found = follower.memory()
    assert found.decisions == shown.decisions
    assert found.trips == shown.trips
    assert found.charts == shown.charts
    assert found.invalid_attempts == shown.invalid_attempts
    assert [replace(i, course=None) for i in found.instances] == [
        replace(i, course=None) for i in shown.instances
    ]


async def test_a_publisher_begins_with_it(rig: RigMaker) -> None:
    one = rig(["buyer"])
    await one.driver.start()
    await one.ticks(6)
    shown = one.driver.publisher.remember()
    other = rig([])
    other.driver.publisher.recall(shown, {})
    again = other.driver.publisher.remember()
    assert (again.decisions, again.log, again.instances) == (
        shown.decisions,
        shown.log,
        shown.instances,
    )
    assert again.charts == shown.charts
    assert other.driver.client.snapshot().decisions == shown.decisions


def test_an_instance_that_observed_before_goes_on_observing() -> None:
    course = CourseMemory(60, 1, (1, 2), is_shadow=True)
    notes = notes_from(ScreenMemory(instances=(InstanceMemory(A, None, 5, 3, course),)))[A]
    assert notes.goes_on
    assert notes.course.values == (1, 2)
    note_mode(notes, loaded(InstanceMode.OBSERVE), 99)
    assert (notes.observed_since, notes.would_orders, notes.goes_on) == (5, 3, False)
    note_mode(notes, ModeChanged(A, InstanceMode.OBSERVE, "me"), 100)
    assert (notes.observed_since, notes.would_orders) == (100, 0)


def test_any_other_load_begins_anew() -> None:
    notes = InstanceNotes(observed_since=5, would_orders=3, goes_on=True, load_error="x")
    note_mode(notes, loaded(InstanceMode.ACTIVE), 99)
    assert (notes.observed_since, notes.would_orders, notes.load_error) == (None, 0, "")
    fresh = InstanceNotes()
    note_mode(fresh, loaded(InstanceMode.OBSERVE), 7)
    assert fresh.observed_since == 7
    note_mode(fresh, InstanceUnloaded(A, "me", ""), 8)
    assert fresh.observed_since is None


def test_the_bars_that_came_in_are_those_of_the_base() -> None:
    market, other = InstrumentId("BTC/USDT.SIM"), InstrumentId("ETH/USDT.SIM")
    bars = (Bar(0, 60, 1, 2, 1, 2, 3),)
    memory = EngineMemory(
        (
            MarketMemory(market, 3, 60, 60, ((60, bars), (300, ())), ()),
            MarketMemory(other, 1, 0, 0, ((60, bars),), ()),
        )
    )
    assert base_bars(memory) == {market: bars}
