"""The samples on the real engine: a made-up market, the simulated venue, the demo's risk limits."""

from __future__ import annotations

import importlib.util
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tradetui.domain.enums import CallbackOutcome, InstanceMode, InstrumentClass, Outcome, RunMode
from tradetui.domain.ids import Currency, InstrumentId, StrategyId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, BarOpen, MarketItem, Quote
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import InstanceLimits, RiskProfile
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import CASH_SCALE, NANOS_PER_MINUTE, NANOS_PER_SECOND
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.strategy import Strategy
from tradetui.strategy.widgets import Placeholder

FOLDER = Path(__file__).parents[2] / "strategies"
START = 1_700_000_000_000_000_000 // NANOS_PER_MINUTE * NANOS_PER_MINUTE
MONEY = 10**CASH_SCALE
ME = StrategyId("me")

BTC = Instrument(
    InstrumentId("BTC/USD.SIM"),
    "BTC/USD",
    "SIM",
    InstrumentClass.SPOT,
    Currency("BTC"),
    Currency("USD"),
    2,
    8,
    1,
    1_000,
    maker_fee_ppm=500,
    taker_fee_ppm=1_000,
)

DEMO = RiskProfile(
    "demo",
    max_order_notional=1_000 * MONEY,
    max_position_notional=4_000 * MONEY,
    max_exposure=40_000 * MONEY,
    max_open_orders=100,
    price_collar_ppm=20_000,
)


class Steps:
    """Keeps what the journal would."""

    def __init__(self) -> None:
        self.records: list[StepRecord] = []

    def append(self, record: StepRecord) -> None:
        self.records.append(record)

    def outcomes(self) -> Counter[tuple[Outcome, bool]]:
        return Counter((d.outcome, d.would) for r in self.records for d in r.decisions)

    def fills(self) -> int:
        return sum(len(r.result.fills) for r in self.records)

    def failures(self) -> list[str]:
        return [
            result.message
            for record in self.records
            for result in record.result.callbacks
            if result.outcome is not CallbackOutcome.OK
        ]


def kind_of(name: str) -> type[Strategy]:
    spec = importlib.util.spec_from_file_location(f"sample_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
    )


def market(bars: int, *, has_quotes: bool) -> Iterator[MarketItem]:
    """Bars that swing fast and slowly, rise, and fall sharply now and then; with quotes within."""

    def price(minute: float) -> int:
        swing = 0.004 * math.sin(minute / 7) + 0.01 * math.sin(minute / 90) + minute / 20_000
        jitter = 0.0015 * math.sin(minute * 37)
        fall = -0.02 if minute % 53 < 1 else 0.0
        return round(1_000_000 * (1 + swing + jitter + fall))

    for number in range(bars):
        opened = START + number * NANOS_PER_MINUTE
        inside = [price(number + part / 6) for part in range(7)]
        first = Bar(
            opened,
            opened + NANOS_PER_MINUTE,
            inside[0],
            max(inside),
            min(inside),
            inside[-1],
            MONEY,
        )
        yield item(opened, BarOpen(opened, first.open))
        for part, middle in enumerate(inside[1:-1] if has_quotes else []):
            quote = Quote(middle - 50, MONEY, middle + 50, MONEY)
            yield item(opened + (part + 1) * 10 * NANOS_PER_SECOND, quote)
        yield item(first.close_time, first)


def item(time: int, payload: Any) -> MarketItem:
    return MarketItem(time, "SIM", BTC.instrument_id, payload)


def play(
    name: str, mode: InstanceMode, bars: int, run_mode: RunMode = RunMode.BACKTEST
) -> tuple[Session, Steps]:
    steps = Steps()
    session = Session(SessionSettings(run_mode=run_mode), sink=steps)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "5000"})
    session.add_execution_context("paper/main", ["main"])
    session.add_risk_profile("demo", DEMO, ["*"])
    session.add_strategy(
        "me",
        kind_of(name),
        [BTC.instrument_id],
        "paper/main",
        mode=mode,
        limits=InstanceLimits(5_000 * MONEY, 600, 100 * MONEY, 200 * MONEY),
    )
    session.run(market(bars, has_quotes=name == "market_maker"))
    return session, steps


@pytest.mark.parametrize(
    "name", ["ma_cross", "bollinger_reversion", "grid", "market_maker", "gallery"]
)
def test_a_sample_trades_by_the_rules(name: str) -> None:
    session, steps = play(name, InstanceMode.ACTIVE, 600)
    assert steps.failures() == []
    assert steps.fills() > 0
    assert steps.outcomes()[Outcome.ALLOW, False] > 0
    view = session.loop.host.get_ui(ME)
    assert view.error == ""
    assert not [widget for widget in view.widgets if isinstance(widget, Placeholder)]


@pytest.mark.parametrize("name", ["bollinger_reversion", "grid", "market_maker", "gallery"])
def test_a_sample_thinks_alike_in_observe(name: str) -> None:
    _, acted = play(name, InstanceMode.ACTIVE, 600)
    _, thought = play(name, InstanceMode.OBSERVE, 600)
    assert thought.failures() == []
    assert thought.outcomes()[Outcome.REJECT, True] > 0
    assert intents(thought) == intents(acted)


@pytest.mark.parametrize("name", ["grid", "market_maker", "gallery"])
def test_a_strategy_steps_alike_in_every_offline_mode(name: str) -> None:
    _, backtest = play(name, InstanceMode.ACTIVE, 200)
    _, paper = play(name, InstanceMode.ACTIVE, 200, RunMode.PAPER)
    assert backtest.fills() > 0
    assert paper.records == backtest.records


def intents(steps: Steps) -> list[Any]:
    return [each.intent for record in steps.records for each in record.intents]


def test_the_gallery_shows_all_three_outcomes_within_minutes() -> None:
    _, steps = play("gallery", InstanceMode.ACTIVE, 5)
    found = {d.outcome: d for r in steps.records for d in r.decisions}
    assert set(found) == set(Outcome)
    assert found[Outcome.MODIFY].reason is Reason.MAX_ORDER_NOTIONAL
    assert found[Outcome.REJECT].reason is Reason.REDUCE_ONLY
