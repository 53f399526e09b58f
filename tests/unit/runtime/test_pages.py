"""What full screens ask for: limits, markets, events and figures of a running engine.

Also the tests of ``runtime/step_words.py``, ``runtime/pages/asked.py``,
``runtime/pages/events.py``, ``runtime/pages/markets.py``.
"""

from __future__ import annotations

from typing import Any

from tests.unit.runtime.conftest import started

from tradetui.domain import commands
from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import KillState, Scope, Source
from tradetui.domain.envelope import SOURCE_OF
from tradetui.domain.event_words import _WORDS
from tradetui.domain.ids import StrategyId
from tradetui.domain.pages import EventFilter
from tradetui.ports.market_data import EdgeCounts
from tradetui.runtime.pages.diagnostics import Rate, resident_memory

S = 10**9


async def test_every_event_has_words() -> None:
    assert set(_WORDS) == set(SOURCE_OF)


async def test_risk_has_limits_and_exposure_by_each_dimension(rig: Any) -> None:
    one = await started(rig, "buyer", ticks=8)
    page = await one.driver.client.risk_page()
    assert page.currency
    lines = {(line.by, line.key): line for line in page.exposures}
    assert {by for by, _ in lines} == {"route", "execution", "strategy", "symbol"}
    held = lines["strategy", "buyer"]
    assert held.long is not None and held.short == 0
    assert held.net == held.gross == held.long
    assert held.worst is not None and held.worst >= held.long > 0
    for by in ("route", "execution", "symbol"):
        (line,) = [one for key, one in lines.items() if key[0] == by]
        assert (line.long, line.worst, line.orders) == (held.long, held.worst, held.orders)
    assert [route.halted for route in page.routes] == [""]
    assert all(line.limit > 0 for line in page.limits)
    own = [line for line in page.limits if line.scope is Scope.STRATEGY and not line.profile]
    assert {line.key for line in own} == {"buyer"}
    (budget,) = [line for line in own if line.control == "budget"]
    instance = one.driver.client.snapshot().instances[0]
    assert (budget.value, budget.limit) == (instance.budget_used, instance.budget)
    assert budget.value is not None and 0 < budget.value < budget.limit
    assert budget.unit == page.currency


async def test_markets_have_the_book_and_who_uses_them(rig: Any) -> None:
    one = await started(rig, "quiet", ticks=8)
    page = await one.driver.client.markets_page()
    line = next(line for line in page.markets if line.users)
    assert line.users == (StrategyId("quiet"),)
    assert line.last is not None and line.time is not None
    assert line.spark


async def test_events_are_the_newest_durable_steps(rig: Any) -> None:
    one = await started(rig, "buyer", ticks=8)
    client = one.driver.client
    page = await client.events_page(EventFilter(), 5)
    newest = one.journal.watermark
    assert [line.seq_id for line in page.events] == list(range(newest - 4, newest + 1))
    control = await client.events_page(EventFilter(sources=(Source.CONTROL,)), 100)
    assert {line.source for line in control.events} == {Source.CONTROL}
    mine = await client.events_page(EventFilter(strategy_id=StrategyId("buyer")), 100)
    assert "InstanceLoaded" in [line.event_type for line in mine.events]
    assert {line.strategy_id for line in mine.events} == {"buyer"}
    found = await client.events_page(EventFilter(text="instanceloaded"), 100)
    assert [line.event_type for line in found.events] == ["InstanceLoaded"]
    market = next(line.instrument_id for line in page.events if line.instrument_id)
    theirs = await client.events_page(EventFilter(instrument_id=market), 100)
    assert {line.instrument_id for line in theirs.events} == {market}
    assert (await client.events_page(EventFilter(), 0)).events == ()


async def test_what_is_not_durable_is_not_an_event(rig: Any) -> None:
    one = await started(rig, "quiet", ticks=8)
    one.journal.is_full = True
    one.driver.loop.control(OperatorNoted("op", "hidden"))
    page = await one.driver.client.events_page(EventFilter(text="hidden"), 10)
    assert page.events == ()


async def test_diagnostics(rig: Any) -> None:
    one = await started(rig, "quiet", ticks=8)
    page = await one.driver.client.diagnostics_page()
    assert page.steps > 0
    assert page.steps_per_second is None
    assert page.queue_capacity > 0
    assert page.journal_waits == 0
    assert (page.reordered, page.late, page.malformed) == (0, 0, 0)
    (line,) = page.callbacks
    assert (line.strategy_id, line.errors) == ("quiet", 0)
    assert line.p50 <= line.p95 <= line.p99 <= line.highest or line.callbacks == 0
    await one.ticks(4)
    one.driver.telemetry.edges = (EdgeCounts(4, 5, 6),)
    again = await one.driver.client.diagnostics_page()
    assert (again.reordered, again.late, again.malformed) == (4, 5, 6)
    assert again.steps_per_second is not None


def test_a_rate_is_between_two_looks() -> None:
    rate = Rate()
    assert rate.of(100, 5 * S) is None
    assert rate.of(300, 6 * S) == 200
    assert rate.of(300, 6 * S) is None


def test_memory_is_known_here() -> None:
    memory = resident_memory()
    assert memory is not None and memory > 1_000_000


async def test_a_kill_switch_is_on_the_page(rig: Any) -> None:
    one = await started(rig, "quiet", ticks=8)
    halt = commands.SetKillSwitch(Scope.GLOBAL, "", KillState.HALTED, None, "op", "enough")
    await one.driver.client.send(halt)
    page = await one.driver.client.risk_page()
    assert [(kill.state, kill.reason) for kill in page.kills] == [(KillState.HALTED, "enough")]
