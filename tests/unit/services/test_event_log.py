"""Pages of the runtime event log: each event once, in order, whose it is."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START, Steps, bar
from tests.support.recorded import RecordedSource, header_of

from tradetui.domain.enums import Source
from tradetui.domain.event_log import EventQuery
from tradetui.domain.ids import BrokerId, ExecutionId, RouteId, RunId, StrategyId
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.services import event_log
from tradetui.services.event_log import events_page, owners_of
from tradetui.strategy import Strategy, bars


class Trader(Strategy):
    """In, and out again."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        if self.bars.count == 3:
            self.enter("long", amount=1.0, stop=bar.close * 0.9)
        elif self.bars.count == 8 and self.position:
            self.close()


@pytest.fixture(scope="module")
def source() -> RecordedSource:
    """A run of twenty bars in two runs of one journal."""
    steps = Steps()
    session = Session(SessionSettings(run_code="x1"), sink=steps)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("a", Trader, [BTC.instrument_id], "acc")
    session.start(at=START)
    for number in range(20):
        session.loop.ingest(bar(number))
    header = header_of(session)
    cut = len(steps.records) // 2
    found = RecordedSource()
    found.add(header, steps.records[:cut])
    later = replace(
        header,
        run_id=RunId("run-2"),
        continues=header.run_id,
        opening_seq=cut,
        opening_hash="x",
    )
    found.add(later, steps.records[cut:])
    return found


def names(source: RecordedSource, **wanted: Any) -> list[str]:
    query = EventQuery(limit=1_000, **wanted)
    return [one.event.event_type for one in events_page(source, query).events]


def test_pages_follow_each_other_over_the_runs(source: RecordedSource) -> None:
    seen: list[int] = []
    ids: list[str] = []
    after, has_more = 0, True
    while has_more:
        page = events_page(source, EventQuery(after, 7))
        assert len(page.events) <= 7
        seen += [one.sequence for one in page.events]
        ids += [one.event_id for one in page.events]
        after, has_more = page.next_after_sequence, page.has_more
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > 20
    first, second = source.headers
    assert (ids[0], ids[-1]) == (f"{first}:1", f"{second}:{seen[-1]}")
    again = events_page(source, EventQuery(after))
    assert (again.events, again.next_after_sequence, again.has_more) == ((), after, False)


def test_what_does_not_fit_is_not_looked_at_twice(source: RecordedSource) -> None:
    page = events_page(source, EventQuery(name="OrderFilled", limit=1))
    (one,) = page.events
    assert page.has_more
    assert one.published_at == one.event.ingest_time
    rest = events_page(source, EventQuery(page.next_after_sequence, name="OrderFilled"))
    assert [e.event.event_type for e in rest.events] == ["OrderFilled"]
    assert rest.next_after_sequence == source.runs()[-1].steps


def test_a_run_may_be_named_and_nothing_is_nothing(source: RecordedSource) -> None:
    first = next(iter(source.headers))
    page = events_page(source, EventQuery(limit=10_000), first)
    assert page.next_after_sequence == source.headers[RunId("run-2")].opening_seq
    empty = events_page(RecordedSource(), EventQuery(5))
    assert (empty.events, empty.next_after_sequence, empty.has_more) == ((), 5, False)


def test_families_and_names(source: RecordedSource) -> None:
    assert set(names(source, family=Source.MARKET_DATA)) == {"Bar", "InstrumentUpdated"}
    assert len(names(source, family=Source.MARKET_DATA, name="Bar")) == 20
    assert "InstanceLoaded" in names(source, family=Source.CONTROL)
    assert set(names(source, family=Source.BROKER_REPORT)) >= {"OrderAccepted", "OrderFilled"}


@pytest.mark.parametrize(
    "wanted",
    [
        {"strategy_id": StrategyId("a")},
        {"route_id": RouteId("main")},
        {"execution_id": ExecutionId("acc")},
        {"broker_id": BrokerId("paper")},
    ],
)
def test_whose_an_event_is(source: RecordedSource, wanted: dict[str, str]) -> None:
    found = names(source, **wanted)
    assert found.count("OrderFilled") == 2
    assert 0 < found.count("Bar") < 20
    assert names(source, **wanted, name="OrderFilled") == ["OrderFilled"] * 2
    ((key, _),) = wanted.items()
    assert names(source, **{key: "other"}) == []


def test_an_account_is_named_by_what_is_loaded_for_it(source: RecordedSource) -> None:
    assert "InstanceLoaded" in names(source, execution_id=ExecutionId("acc"))


def test_a_page_is_bounded(source: RecordedSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "MAX_EVENTS", 3)
    assert len(events_page(source, EventQuery(limit=100)).events) == 3
    assert len(events_page(source, EventQuery(limit=0)).events) == 1


def test_prices_that_are_gone_are_passed_over_and_named(source: RecordedSource) -> None:
    first = next(iter(source.headers))
    whole = events_page(source, EventQuery(limit=1_000))
    assert whole.gone_to == 0
    source.pruned[first] = 12
    try:
        page = events_page(source, EventQuery(limit=1_000))
        fills = events_page(source, EventQuery(limit=1_000, name="OrderFilled"))
        timers = events_page(source, EventQuery(family=Source.TIMER))
        later = events_page(source, EventQuery(after=12, limit=1_000))
        one = events_page(source, EventQuery(limit=1))
    finally:
        source.pruned.clear()
    seen = [event.sequence for event in page.events]
    assert set(seen) < {event.sequence for event in whole.events}
    assert (page.gone_to, page.next_after_sequence) == (12, whole.next_after_sequence)
    assert timers.gone_to == min(12, timers.next_after_sequence)
    assert (fills.gone_to, later.gone_to, one.gone_to) == (0, 0, 0)
    assert [event.sequence for event in later.events] == [n for n in seen if n > 12]


def test_whom_a_step_concerns(source: RecordedSource) -> None:
    steps = [step for run_id in source.headers for step in source.steps(run_id)]
    found = {step.event.event_type: list(owners_of(step)) for step in steps}
    assert found["InstrumentUpdated"] == []
    assert found["InstanceLoaded"] == ["a"]
    assert found["OrderFilled"] == ["a"]
