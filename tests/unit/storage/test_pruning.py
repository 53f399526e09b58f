"""Only a step that nothing came of may lose its body, and a span says what it stood for."""

from __future__ import annotations

import hashlib
import typing

import msgspec
import pytest
from msgspec.structs import replace
from tests.support.records import record_of

from tradetui.domain.codec import encode
from tradetui.domain.enums import CallbackOutcome
from tradetui.domain.envelope import SOURCE_OF, Envelope, Payload
from tradetui.domain.intents import AttributedIntent, CancelOrder
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.orders import Diagnostic, Fill, Transition
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import CallbackResult, CancelCommand, Signal, StepRecord, StepResult
from tradetui.domain.timers import Heartbeat, StrategyTimer
from tradetui.storage.pruning import is_market_only, may_go, pruned
from tradetui.storage.segment_file import Entry, KeptRow, PrunedSpan

PAYLOADS = typing.get_args(Payload)
PRUNABLE = (Bar, Trade, Quote, Heartbeat, StrategyTimer)


def step(kind: type = Trade, seq_id: int = 1) -> StepRecord:
    event = Envelope(
        seq_id, 1, 2, SOURCE_OF[kind], "SIM", "BTC.SIM", kind.__name__,
        record_of(kind, is_full=True), "key",
    )  # fmt: skip
    return StepRecord(event, (), (), (), StepResult())


def row(number: int, record: StepRecord) -> KeptRow:
    return KeptRow(number, record.event.seq_id, encode(record), bytes([number]) * 32)


@pytest.mark.parametrize("kind", PAYLOADS, ids=lambda kind: kind.__name__)
def test_only_prices_and_ticks_of_the_clock_are_prunable(kind: type) -> None:
    assert is_market_only(step(kind)) is (kind in PRUNABLE)
    assert may_go(encode(step(kind))) is (kind in PRUNABLE)


@pytest.mark.parametrize(
    "more",
    [
        {"intents": (AttributedIntent("a", 0, record_of(CancelOrder, is_full=True)),)},
        {"decisions": (record_of(RiskDecision, is_full=True),)},
        {"transitions": (record_of(Transition, is_full=True),)},
        {"result": StepResult(fills=(record_of(Fill, is_full=True),))},
        {"result": StepResult(commands=(record_of(CancelCommand, is_full=True),))},
        {"result": StepResult(signals=(record_of(Signal, is_full=True),))},
        {"result": StepResult(diagnostics=(record_of(Diagnostic, is_full=True),))},
        {"result": StepResult(is_duplicate=True)},
    ],
    ids=lambda more: next(iter(more)),
)
def test_whatever_came_of_a_price_keeps_it(more: dict[str, object]) -> None:
    assert not is_market_only(replace(step(), **more))
    assert not may_go(encode(replace(step(), **more)))


def test_bytes_of_no_step_may_not_go() -> None:
    with pytest.raises(msgspec.MsgspecError):
        may_go(b"no step")


def test_a_failed_callback_keeps_its_step_and_one_that_went_well_does_not() -> None:
    made = record_of(CallbackResult, is_full=True)
    for outcome in CallbackOutcome:
        result = StepResult(callbacks=(replace(made, outcome=outcome),))
        kept = not is_market_only(replace(step(), result=result))
        assert kept is (outcome is not CallbackOutcome.OK)


def test_neighbours_become_one_span_with_the_last_hash_and_a_digest_of_all() -> None:
    kept = row(3, replace(step(seq_id=3), result=StepResult(is_duplicate=True)))
    rows = [row(1, step(seq_id=1)), row(2, step(seq_id=2)), kept, row(4, step(seq_id=4))]
    digest = hashlib.sha256(rows[0].hash + rows[1].hash).digest()
    assert list(pruned(rows)) == [
        PrunedSpan(1, 2, 1, rows[1].hash, digest),
        kept,
        PrunedSpan(4, 4, 4, rows[3].hash, hashlib.sha256(rows[3].hash).digest()),
    ]


def test_a_span_ends_where_another_run_begins() -> None:
    rows = [row(1, step(seq_id=8)), row(2, step(seq_id=9)), row(3, step(seq_id=1))]
    spans = [(one.row, one.last_row, one.seq_id) for one in pruned(rows)]
    assert spans == [(1, 2, 8), (3, 3, 1)]


def test_what_is_a_span_already_stays_as_it_is() -> None:
    span = PrunedSpan(1, 5, 1, b"h" * 32, b"d" * 32)
    entries: list[Entry] = [span, row(6, step(seq_id=6))]
    assert next(pruned(entries)) is span
    assert list(pruned([])) == []
