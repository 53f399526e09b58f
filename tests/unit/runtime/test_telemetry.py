from __future__ import annotations

import pytest

from tradetui.domain.enums import Outcome, Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.market_data import Trade
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.ports.market_data import EdgeCounts
from tradetui.runtime.telemetry import Histogram, Telemetry

MS = 1_000_000


def test_an_empty_histogram() -> None:
    assert Histogram().percentile(99) == 0


@pytest.mark.parametrize(("percent", "exact"), [(50, 500), (95, 950), (99, 990)])
def test_percentiles_are_at_most_a_quarter_too_high(percent: int, exact: int) -> None:
    histogram = Histogram()
    for microseconds in range(1, 1_001):
        histogram.add(microseconds * 1_000)
    found = histogram.percentile(percent)
    assert exact * 1_000 <= found <= exact * 1_250 + 1


def test_a_percentile_is_never_above_the_highest() -> None:
    histogram = Histogram()
    histogram.add(3 * MS)
    assert histogram.percentile(99) == 3 * MS
    assert histogram.highest == 3 * MS


def test_extremes_are_counted() -> None:
    histogram = Histogram()
    histogram.add(-5)
    histogram.add(10**15)
    assert histogram.count == 2
    assert histogram.percentile(100) <= 10**15


def test_many_at_once_are_counted_as_one_by_one() -> None:
    durations = [(7**number) % 10**13 for number in range(400)] + [0, 1, 8, 9, 10**16, 2 * 10**16]
    one_by_one, together = Histogram(), Histogram()
    for duration in durations:
        one_by_one.add(duration)
    together.add_all(durations[:200])
    together.add_all(durations[200:])
    assert (together.count, together.highest) == (one_by_one.count, one_by_one.highest)
    for percent in range(0, 101, 5):
        assert together.percentile(percent) == one_by_one.percentile(percent)


def test_steps_count_refused_moves_and_malformed_intents() -> None:
    event = Envelope(1, 1, 1, Source.MARKET_DATA, "V", InstrumentId("A.V"), "Trade", Trade(1, 1))
    decisions = tuple(
        RiskDecision(StrategyId("s"), n, "PlaceOrder", Outcome.REJECT, reason, ())
        for n, reason in enumerate((Reason.SCHEMA, Reason.BUDGET, Reason.NOT_OWNER))
    )
    diagnostics = (
        Diagnostic(Reason.ILLEGAL_TRANSITION, "x"),
        Diagnostic(Reason.RATE_UNKNOWN, "y"),
    )
    telemetry = Telemetry()
    result = StepResult(diagnostics=diagnostics)
    telemetry.note_step(StepRecord(event, (), decisions, (), result))
    found = telemetry.snapshot()
    assert found.transition_failures == 1
    assert found.invalid_attempts == 2
    assert found.steps == 1


def test_what_is_measured_is_shown() -> None:
    telemetry = Telemetry()
    telemetry.queue_policy = "block"
    telemetry.note_drain(lag_ns=-1, depth=4)
    telemetry.note_commit(2 * MS)
    telemetry.note_callback(StrategyId("s"), MS)
    found = telemetry.snapshot()
    assert (found.event_lag, found.queue_depth, found.queue_policy) == (0, 4, "block")
    assert found.journal_latency == 2 * MS
    assert telemetry.by_instance[StrategyId("s")].percentile(99) == MS
    telemetry.forget(StrategyId("s"))
    assert telemetry.by_instance == {}


def test_callbacks_are_counted_however_many_wait() -> None:
    telemetry = Telemetry()
    for number in range(3_000):
        telemetry.note_callback(StrategyId("ab"[number % 2]), number)
    even, odd = (telemetry.by_instance[StrategyId(name)] for name in "ab")
    assert (even.count, odd.count) == (1_500, 1_500)
    assert (even.highest, odd.highest) == (2_998, 2_999)
    alone = Histogram()
    for number in range(0, 3_000, 2):
        alone.add(number)
    assert [even.percentile(p) for p in (50, 95, 99)] == [alone.percentile(p) for p in (50, 95, 99)]


def test_the_tail_of_an_instance_is_recounted_when_there_is_notably_more() -> None:
    telemetry, name = Telemetry(), StrategyId("a")
    assert telemetry.callback_tail(name) is None
    for _ in range(160):
        telemetry.note_callback(name, 1_000)
    first = telemetry.callback_tail(name)
    assert first == telemetry.by_instance[name].percentile(99) >= 1_000
    for _ in range(10):
        telemetry.note_callback(name, 9_000_000)
    assert telemetry.callback_tail(name) == first
    telemetry.note_callback(name, 9_000_000)
    assert telemetry.callback_tail(name) == telemetry.by_instance[name].percentile(99) > first


def test_the_counters_of_all_feeds_are_added_up() -> None:
    telemetry = Telemetry()
    assert (telemetry.snapshot().late, telemetry.snapshot().malformed) == (0, 0)
    telemetry.edges = (EdgeCounts(1, 2, 3), EdgeCounts(10, 20, 30))
    figures = telemetry.snapshot()
    assert (figures.reordered, figures.late, figures.malformed) == (11, 22, 33)
