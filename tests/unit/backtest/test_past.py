"""Prices looked up backwards are those that the kernel had."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from tests.engine_kit import BTC, ETH, START
from tests.support.recorded import RecordedSource, header_of

from tradetui.backtest.past import Past
from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.domain.envelope import SOURCE_OF, Envelope
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote, Trade
from tradetui.domain.steps import StepRecord, StepResult

S = 10**9
NOBODY = StrategyId("nobody")
BOTH = (BTC.instrument_id, ETH.instrument_id)


def payload_of(chance: random.Random, time: int) -> Any:
    price = chance.randrange(9_000, 11_000)
    match chance.randrange(8):
        case 0:
            return Bar(time - 60 * S, time, price, price, price, price, 1)
        case 1:
            return Bar(time - 60 * S, time, price, price, price, price, 1, NOBODY)
        case 2 | 3:
            return Trade(price, 1)
        case 4:
            return Quote(price, 1, 0, 0)
        case 5:
            return Quote(0, 0, price, 1)
        case _:
            return Quote(price, 1, price + chance.randrange(1, 30), 1)


def run_of(record: Callable[..., Any], seed: int, count: int) -> RecordedRun:
    """A run whose items come late, in any order of their own times, never before these."""
    chance = random.Random(seed)
    session = record(1, with_acts=False).session
    steps: list[StepRecord] = []

    def add(instrument_id: InstrumentId, time: int, late: int, payload: Any) -> None:
        kind = type(payload)
        event = Envelope(
            len(steps) + 1, time, time + late, SOURCE_OF[kind], "SIM", instrument_id,
            kind.__name__, payload,
        )  # fmt: skip
        steps.append(StepRecord(event, (), (), (), StepResult()))

    for instrument in (BTC, ETH):
        add(instrument.instrument_id, START, 0, InstrumentUpdated(instrument))
    arrival = START
    for _ in range(count):
        arrival += chance.randrange(3) * S // 10
        late = chance.choice((0, 0, 0, S // 10, S, 5 * S))
        time = max(arrival - late, START)
        market = chance.choice(BOTH)
        add(market, time, arrival - time, payload_of(chance, time))
    return recorded_run(RecordedSource().add(header_of(session), steps))


@pytest.mark.parametrize("seed", range(12))
def test_the_prices_are_those_of_the_kernel(record: Callable[..., Any], seed: int) -> None:
    run = run_of(record, seed, 150)
    chance = random.Random(seed)
    past = Past(run, 3 + seed)
    rerun = run.rerun()
    for step in run.steps():
        rerun.apply(step)
        if rerun.seq_id < 3 + seed or chance.random() < 0.9:
            continue
        wanted = chance.choice((BOTH[:1], BOTH[1:], BOTH))
        past.lead(wanted, rerun.seq_id)
        for key in wanted:
            was, now = rerun.kernel.state.marks.get(key), past.state.marks.get(key)
            assert (was and was.price) == (now and now.price), (rerun.seq_id, key)


def test_few_steps_are_read_for_a_price(
    record: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(record, 5, 400)
    past = Past(run, 3)
    read: list[int] = []
    backwards = RecordedRun.backwards

    def counted(self: RecordedRun, last: int, first: int) -> Any:
        for step in backwards(self, last, first):
            read.append(step.event.seq_id)
            yield step

    monkeypatch.setattr(RecordedRun, "backwards", counted)
    past.lead(BOTH, 390)
    assert 0 < len(read) < 200
    count = len(read)
    past.lead(BOTH, 390)
    assert len(read) == count


def test_who_runs_and_what_is_traded_is_followed(record: Callable[..., Any]) -> None:
    recorded = record()
    run = recorded.run
    past = Past(run, 1)
    assert past.markets == {}
    rerun = run.rerun()
    for step in run.eventful():
        past.take(step)
    for step in run.steps():
        rerun.apply(step)
    state = rerun.kernel.state
    assert past.markets == {key: one.instrument_id for key, one in state.instances.items()}
    assert past.state.instruments == state.instruments
