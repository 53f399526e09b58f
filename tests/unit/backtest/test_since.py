"""The change of equity is the sum of its parts, each computed for itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START
from tests.support.recorded import RecordedSource, header_of

from tradetui.backtest.figures import pnl_by_instance, total_equity
from tradetui.backtest.opening_equity import opening_equity
from tradetui.backtest.past import Past
from tradetui.backtest.price_moves import PriceMoves
from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.backtest.since import (
    SinceLog,
    _currency_of,
    _less,
    is_persons,
    last_act_of_a_person,
)
from tradetui.backtest.state_at import seen_at, state_at
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import LiquiditySide, Source
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import Currency, InstrumentId, RouteId, StrategyId, is_shadow
from tradetui.domain.instruments import notional
from tradetui.domain.reports import CashAdjusted

Record = Callable[..., Any]

VENUE = VenueConfig(slippage_ppm=200, taker_fee_ppm=700, maker_fee_ppm=100)


def with_money(recorded: Any) -> Any:
    """Add funding and a deposit, after the end of the run."""
    loop = recorded.session.loop
    for reason, amount in (("funding", -12_345), ("deposit", 10**9)):
        payload = CashAdjusted(RouteId("main"), Currency("USD"), amount, reason)
        loop.report(
            Unsequenced(loop.now, loop.now, Source.BROKER_REPORT, "SIM", InstrumentId(""), payload)
        )
    source = RecordedSource().add(header_of(recorded.session), recorded.steps.records)
    return recorded_run(source)


def test_the_parts_add_up_to_the_change_of_equity(record: Record) -> None:
    recorded = record(venue=VENUE)
    run = with_money(recorded)
    last = recorded.session.loop.kernel.state
    for first in (1, 40, 200, run.last):
        log = SinceLog()
        log.run(run, first)
        split = log.report("then").split
        assert split is not None
        before = total_equity(state_at(run, first - 1).kernel.state)
        after = total_equity(last)
        assert before is not None
        assert after is not None
        assert split.change == after - before
        parts = split.move + split.fees + split.funding + split.slippage + split.transfers
        assert split.change == parts
        assert split.rates == 0


class EveryStep(SinceLog):
    """The same report from every step of a span, made again one after another."""

    def run(self, run: RecordedRun, first: int) -> None:
        past = Past(run, first)
        rerun = state_at(run, first - 1)
        state = past.state = rerun.kernel.state
        past.lead = lambda instruments, seq_id: None  # type: ignore[method-assign]
        self._currency = state.config.reporting_currency
        before, moves, own = opening_equity(run, first), PriceMoves(state), pnl_by_instance(state)
        for step in run.steps(first, run.last):
            self._steps += 1
            time = step.event.event_time
            self._times = [self._times[0] or time, time]
            self._add_fills(past, moves, step)
            rerun.apply(step)
            self._add_step(past, step)
            past.take(step)
        after = self._equity = total_equity(state)
        self._money.add("change", _less(after, before))
        self._money.add("pnl", moves.end(state))
        now = pnl_by_instance(state)
        for key in sorted({*own, *now}):
            mine = self._of(key, _currency_of(state, key))
            mine.pnl = _less(now.get(key, 0), own.get(key, 0))
        self._instruments |= {str(key): one for key, one in state.instruments.items()}


@pytest.mark.parametrize("reporting", ["USD", "BTC"])
def test_it_is_the_same_as_from_every_step(record: Record, reporting: str) -> None:
    """Also where each amount is converted at the prices of its own moment."""
    recorded = record(venue=VENUE)
    run = with_money(recorded)
    config = replace(run.header.kernel_config, reporting_currency=Currency(reporting))
    run = dataclasses.replace(run, header=replace(run.header, kernel_config=config))
    for first in (1, 2, 40, 133, 200, 301, run.last, run.last + 1):
        quick, slow = SinceLog(), EveryStep()
        quick.run(run, first)
        slow.run(run, first)
        assert quick.report("then") == slow.report("then"), first
    assert slow.report("then").steps == 0


def test_each_part_is_what_it_says(record: Record) -> None:
    recorded = record(venue=VENUE)
    run = with_money(recorded)
    log = SinceLog()
    log.run(run, 1)
    report = log.report("the beginning")
    assert report.split is not None
    fills = [
        fill
        for step in recorded.steps.records
        for fill in step.result.fills
        if not is_shadow(fill.route_id)
    ]
    assert report.fill_count == len(fills) > 5
    assert report.split.fees == -sum(fill.commission for fill in fills)
    assert report.split.funding == -12_345
    assert report.split.transfers == 10**9
    assert report.split.slippage < 0
    assert sum(one.slippage for one in report.instances) == report.split.slippage
    assert sum(one.fills for one in report.instances) == len(fills)
    assert report.split.move == moved(recorded, fills)


@pytest.mark.parametrize("reporting", ["USD", "BTC"])
def test_the_fees_of_the_rows_add_up_to_the_total(record: Record, reporting: str) -> None:
    """Also those taken in the coin that was bought, each in its row's currency."""
    recorded = record(venue=replace(VENUE, fee_in_base=True))
    run = recorded.run
    config = replace(run.header.kernel_config, reporting_currency=Currency(reporting))
    run = dataclasses.replace(run, header=replace(run.header, kernel_config=config))
    log = SinceLog()
    log.run(run, 20)
    report = log.report("then")
    assert report.split is not None
    assert any(fill.commission_currency == "BTC" for fill in report.fills)
    paid = sum(one.fees for one in report.instances)
    assert {one.currency for one in report.instances} == {"USD"}
    if reporting == "USD":
        assert paid == -report.split.fees
    else:
        price = recorded.session.loop.kernel.state.marks[BTC.instrument_id].price
        assert paid == pytest.approx(-report.split.fees * price / 10**BTC.price_scale, rel=0.02)


def moved(recorded: Any, fills: list[Any]) -> int:
    """What prices did to what was held, added up step by step from the marks alone."""
    run = recorded_run(RecordedSource().add(header_of(recorded.session), recorded.steps.records))
    rerun = run.rerun()
    total = 0
    for step in run.steps():
        state = rerun.kernel.state
        held = {k: p.quantity for k, p in state.positions.items() if not is_shadow(k[1])}
        marks = dict(state.marks)
        rerun.apply(step)
        for key, quantity in held.items():
            if quantity and key[2] in marks:
                instrument = state.instruments[key[2]]
                now = rerun.kernel.state.marks[key[2]].price
                total += notional(instrument, now, quantity)
                total -= notional(instrument, marks[key[2]].price, quantity)
        for fill in step.result.fills:
            if fill in fills and fill.liquidity is LiquiditySide.MAKER:
                instrument = state.instruments[fill.instrument_id]
                signed = fill.quantity if fill.side.value == "BUY" else -fill.quantity
                total += notional(instrument, marks[fill.instrument_id].price, signed)
                total -= notional(instrument, fill.price, signed)
    return total


def test_what_happened_is_told_by_kind(record: Record) -> None:
    recorded = record()
    log = SinceLog()
    log.restart("run-2 began", START)
    log.run(recorded.run, 1)
    report = log.report("then")
    assert [note.text for note in report.restarts] == ["run-2 began"]
    assert len(report.kills) == 2
    assert any(note.text == "error in on_bar: ValueError: a bug" for note in report.errors)
    assert any("PauseChanged: paused by me" in note.text for note in report.acts)
    assert report.refusals
    assert report.to_time == recorded.steps.records[-1].event.event_time


def test_the_last_act_of_a_person_is_found(record: Record) -> None:
    recorded = record()
    found = last_act_of_a_person(recorded.run.acts_backwards())
    assert found is not None
    assert is_persons(found)
    later = [s for s in recorded.steps.records if s.event.seq_id > found.event.seq_id]
    assert not any(s.event.source is Source.CONTROL and is_persons(s) for s in later)
    assert last_act_of_a_person(record(3, with_acts=False).run.acts_backwards()) is None


def test_what_an_instance_saw_is_the_state_before_its_answer(record: Record) -> None:
    recorded = record()
    step = next(step for step in recorded.steps.records if step.intents)
    seen = seen_at(recorded.run, step.event.seq_id, step.intents[0].strategy_id)
    assert seen is not None
    assert seen.seq_id == step.event.seq_id
    assert seen.orders == ()
    assert seen.markets[0].price is not None
    assert seen_at(recorded.run, step.event.seq_id, StrategyId("nobody")) is None


def test_a_state_is_rebuilt_from_the_nearest_checkpoint(record: Record) -> None:
    recorded = record(20)
    half = state_at(recorded.run, 100)
    body = checkpoint(recorded, half.kernel.checkpoint())
    (run_id,) = recorded.source.headers
    recorded.source.bodies[run_id, 100] = body
    recorded.source.rows[run_id][:90] = [b""] * 90  # not read any more
    run = recorded.run
    assert state_at(run, 100).state_hash() == half.state_hash()
    assert state_at(run, run.last).state_hash() == recorded.session.loop.kernel.state_hash()


def checkpoint(recorded: Any, kernel: bytes) -> bytes:
    from tradetui.domain.recovery import (
        CHECKPOINT_SCHEMA,
        RISK_IN_ENGINE,
        EngineCheckpoint,
        JournalCursor,
        encode_checkpoint,
    )

    header = recorded.run.header
    return encode_checkpoint(
        EngineCheckpoint(
            CHECKPOINT_SCHEMA,
            0,
            header.run_id,
            header.run_mode,
            "",
            "",
            kernel,
            b"",
            (),
            RISK_IN_ENGINE,
            (),
            JournalCursor(100, ""),
        )
    )
