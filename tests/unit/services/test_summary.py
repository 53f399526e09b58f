"""The summary of a run: counts, money by currency, refusals by reason, thinned curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.domain.enums import (
    Guard,
    InstanceState,
    InstrumentClass,
    LiquiditySide,
    OrderSide,
    Outcome,
)
from tradetui.domain.envelope import SOURCE_OF, Envelope
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, InstrumentUpdated, Quote, Trade
from tradetui.domain.orders import Diagnostic, Fill
from tradetui.domain.reasons import Reason
from tradetui.domain.replica import InstanceView
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.domain.units import CASH_SCALE, NANOS_PER_MINUTE
from tradetui.ports.history import EquityPoint
from tradetui.ports.market_data import EdgeCounts
from tradetui.services.summary import MAX_POINTS, RunSummary

BTC = InstrumentId("BTC/USDT.SIM")
INSTRUMENT = Instrument(
    BTC,
    "BTC/USDT",
    "SIM",
    InstrumentClass.SPOT,
    Currency("BTC"),
    Currency("USDT"),
    2,
    8,
    1,
    1_000,
)
OTHER, THIRD = InstrumentId("ETH/USDT.SIM"), InstrumentId("SOL/USDT.SIM")
USDT = Currency("USDT")
DAY = 17_532 * 86_400 * 10**9
UNIT = 10**CASH_SCALE


def step(seq_id: int, payload: Any, **parts: Any) -> StepRecord:
    event = Envelope(
        seq_id,
        DAY + seq_id * NANOS_PER_MINUTE,
        0,
        SOURCE_OF[type(payload)],
        "SIM",
        BTC,
        type(payload).__name__,
        payload,
    )
    decisions = parts.pop("decisions", ())
    return StepRecord(event, (), decisions, (), StepResult(**parts))


def of(instrument: InstrumentId, record: StepRecord) -> StepRecord:
    """The same step of another market."""
    return replace(record, event=replace(record.event, instrument=instrument))


def bar(close: int, warmup: str | None = None) -> Bar:
    return Bar(0, 60, close, close, close, close, 1, StrategyId(warmup) if warmup else None)


def fill(
    owner: str, pnl: int, *, route: str = "paper-main", side: OrderSide = OrderSide.BUY
) -> Fill:
    return Fill(
        TradeId("t"),
        ClientOrderId("o"),
        StrategyId(owner),
        ExecutionId("paper/main"),
        RouteId(route),
        BTC,
        side,
        100,
        6_741_230,
        1,
        25_000_000,
        Currency("USDT"),
        LiquiditySide.MAKER,
        pnl,
        100,
        DAY,
        2,
    )


def decision(
    outcome: Outcome, reason: Reason = Reason.NONE, *, would: bool = False
) -> RiskDecision:
    return RiskDecision(StrategyId("a"), 0, "PlaceOrder", outcome, reason, (), would=would)


def test_an_empty_run() -> None:
    report = RunSummary().report()
    assert report["steps"] == report["trades"] == 0
    assert (report["from"], report["to"]) == ("-", "-")
    assert report["plots"] == report["equity"] == report["labels"] == report["instances"] == []


def test_trades_fees_and_pnl_by_currency() -> None:
    summary = RunSummary()
    summary.add(step(1, InstrumentUpdated(INSTRUMENT)))
    summary.add(step(2, bar(6_741_230), fills=(fill("a", 0), fill("b", 0))))
    summary.add(step(3, bar(6_750_000), fills=(fill("a", -150_000_001, side=OrderSide.SELL),)))
    summary.add(step(4, bar(6_750_000), fills=(fill("a", 9, route="shadow:a"),)))
    report = summary.report()
    assert report["steps"] == 4
    assert report["from"] == "2018-01-01 00:01:00"
    assert report["to"] == "2018-01-01 00:04:00"
    assert report["trades"] == 3
    assert report["fees"] == {"USDT": "0.75"}
    assert report["realised_pnl"] == {"USDT": "-1.50000001"}
    rows = report["instances"]
    assert rows == [
        {
            "instance": "a",
            "trades": 2,
            "would": 0,
            "realised_pnl": {"USDT": "-1.50000001"},
            "fees": {"USDT": "0.50"},
            "round_trips": 0,
            "win_rate": None,
            "max_drawdown": rows[0]["max_drawdown"],
        },
        {
            "instance": "b",
            "trades": 1,
            "would": 0,
            "realised_pnl": {"USDT": "0.00"},
            "fees": {"USDT": "0.25"},
            "round_trips": 0,
            "win_rate": None,
            "max_drawdown": rows[1]["max_drawdown"],
        },
    ]


def test_round_trips_and_the_fall_of_the_money_by_instance_and_in_all() -> None:
    summary = RunSummary()
    summary.add(step(1, InstrumentUpdated(INSTRUMENT)))
    whole = {"quantity": 10**8, "commission": 0}
    bought = replace(fill("a", 0), **whole, position_after=10**8)
    sold = replace(fill("a", 10**8, side=OrderSide.SELL), **whole, position_after=0)
    summary.add(step(2, bar(6_741_230), fills=(bought,)))
    summary.add(step(3, bar(6_731_230)))
    summary.add(step(4, bar(6_751_230), fills=(sold,)))
    report = summary.report()
    for one in (report, report["instances"][0]):
        assert (one["round_trips"], one["win_rate"]) == (1, "100.0 %")
        assert one["max_drawdown"] == {"USDT": "100.00"}


def test_decisions_and_refusals_by_reason() -> None:
    summary = RunSummary()
    decisions = (
        decision(Outcome.ALLOW),
        decision(Outcome.MODIFY, Reason.MAX_ORDER_NOTIONAL),
        decision(Outcome.REJECT, Reason.EXIT_ONLY),
        decision(Outcome.REJECT, Reason.KILL_SWITCH),
        decision(Outcome.REJECT, Reason.KILL_SWITCH),
        decision(Outcome.REJECT, Reason.INSTANCE_MODE, would=True),
    )
    incident = Diagnostic(Reason.UNKNOWN_ORDER, "a fill on a terminal order", is_incident=True)
    summary.add(step(1, bar(1), decisions=decisions, diagnostics=(incident,)))
    report = summary.report()
    assert report["decisions"] == {"allow": 1, "modify": 1, "reject": 3}
    assert list(report["refusals"].items()) == [("kill_switch", 2), ("exit_only", 1)]
    assert report["instances"][0]["would"] == 1
    assert report["incidents"] == 1


def test_what_became_of_items_before_they_were_steps() -> None:
    summary = RunSummary()
    assert summary.report()["edge"] == {"reordered": 0, "late": 0, "malformed": 0}
    summary.end((), (), (EdgeCounts(1, 2, 3), EdgeCounts(late=5)))
    assert summary.report()["edge"] == {"reordered": 1, "late": 7, "malformed": 3}


def worth(equity: int | None) -> EquityPoint | None:
    """A point of the money, None while it has no value."""
    return None if equity is None else EquityPoint(0, DAY, "main", USDT, equity * UNIT, 0)


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ([7], "2.00"),  # known before the first step
        ([None, 6], "3.00"),  # at the first price
        ([None, None, 5], "4.00"),  # at the first price of the second market
        ([None, None, None], "-"),  # never before the first fill
    ],
)
def test_what_a_run_begins_with_is_valued_before_it_or_at_the_first_prices(
    values: list[int | None], change: str
) -> None:
    summary, asked = RunSummary(), iter(values)
    summary.begin(lambda: worth(next(asked)))
    summary.add(step(1, InstrumentUpdated(INSTRUMENT)))
    summary.add(step(2, bar(100)))
    summary.add(step(3, bar(101)))
    summary.add(of(OTHER, step(4, bar(7))))
    summary.add(step(5, bar(102), fills=(fill("a", 0),)))
    summary.add(of(THIRD, step(6, bar(7))))
    assert list(asked) == []
    point = worth(9)
    assert point is not None
    summary.add_equity(point)
    assert summary.report()["equity_change"] == {"main USDT": change}


def test_the_curves_of_a_plot() -> None:
    summary = RunSummary()
    summary.begin(lambda: EquityPoint(0, DAY, "main", USDT, 10**8, 0))
    summary.add(step(1, InstrumentUpdated(INSTRUMENT)))
    summary.add(step(2, bar(100, warmup="a")))
    summary.add(step(3, bar(6_741_230), fills=(fill("a", 0),)))
    summary.add(step(4, Trade(6_741_330, 1)))
    summary.add(step(5, Quote(100, 1, 0, 0)))
    summary.add(step(6, Quote(6_741_000, 1, 6_741_100, 1)))
    for seq_id, equity in ((3, 10**8), (6, 3 * 10**8)):
        moment = DAY + seq_id * NANOS_PER_MINUTE
        summary.add_equity(EquityPoint(seq_id, moment, "main", Currency("USDT"), equity, 0))
    report = summary.report()
    (plot,) = report["plots"]
    assert plot["title"] == "BTC/USDT with 1 fills"
    assert [price for _, price in plot["price"]] == [67_412.30, 67_413.30, 67_410.50]
    assert plot["fills"] == [[DAY / 10**9, 67_412.30, "BUY"]]
    assert plot["labels"][0] == "2018-01-01 00:03:00"
    assert plot["labels"][-1] == "2018-01-01 00:06:00"
    assert [value for _, value in report["equity"]] == [1.0, 3.0]
    assert report["equity_change"] == {"main USDT": "2.00"}
    assert report["equity_title"] == "equity of main, USDT"


def test_memory_does_not_grow_with_the_run() -> None:
    summary = RunSummary()
    summary.add(step(1, InstrumentUpdated(INSTRUMENT)))
    for seq_id in range(2, 3 * MAX_POINTS):
        summary.add(step(seq_id, bar(seq_id), fills=(fill("a", 0),)))
    (plot,) = summary.report()["plots"]
    times = [time for time, _ in plot["price"]]
    assert MAX_POINTS // 2 <= len(times) <= MAX_POINTS
    assert times == sorted(times)
    assert len(plot["fills"]) == MAX_POINTS
    assert summary.report()["trades"] == 3 * MAX_POINTS - 2


def test_how_every_instance_stands_at_the_end(
    make_view: Callable[..., InstanceView], make_engine: Callable[..., Any]
) -> None:
    summary = RunSummary()
    summary.add(step(1, InstrumentUpdated(INSTRUMENT)))
    summary.add(step(2, bar(6_741_230), fills=(fill("held", 0),)))
    long = replace(make_view("held", position=12_300), open_pnl=-500_000_001, guard=Guard.MISSING)
    short = replace(make_view("short", position=-200), orders_open=2)
    waits = replace(make_view("waits", InstanceState.OBSERVE), orders_open=1)
    broken = replace(make_view("broken", InstanceState.ERROR), error="line 1: invalid syntax")
    views = (long, short, waits, broken)
    summary.end(views, make_engine(views).snapshot().instruments)
    report = summary.report()
    assert report["unrealised_pnl"] == {"USDT": "-"}
    assert report["still_open"] == [
        "held: LONG 0.000123 BTC/USDT, open PnL -5.00 USDT, guard NONE, 0 orders",
        "short: SHORT 0.000002 BTC/USDT, open PnL -, guard -, 2 orders",
        "waits: no position in BTC/USDT, 1 order",
    ]
    rows = {row["instance"]: row for row in report["instances"]}
    assert list(rows) == ["broken", "held", "short", "waits"]
    assert (rows["held"]["position"], rows["held"]["trades"]) == ("0.000123", 1)
    assert (rows["broken"]["state"], rows["broken"]["error"]) == (
        "ERROR",
        "line 1: invalid syntax",
    )
    assert rows["waits"]["position"] is None
    summary.end((long,), make_engine(views).snapshot().instruments)
    assert summary.report()["unrealised_pnl"] == {"USDT": "-5.00000001"}


def test_a_limit_that_was_reached_names_its_key_in_the_config(
    make_view: Callable[..., InstanceView], make_engine: Callable[..., Any]
) -> None:
    summary = RunSummary()
    reached = replace(
        make_view("held", InstanceState.EXIT_ONLY),
        state_reason="fees in a day 104.17 USD, max_fees_per_day 100.00",
        broken_limit=Reason.FEES_PER_DAY,
    )
    by_hand = replace(make_view("calm", InstanceState.EXIT_ONLY), state_reason="by key p")
    views = (reached, by_hand)
    summary.end(views, make_engine(views).snapshot().instruments)
    (said,) = summary.report()["limits_reached"]
    assert said == (
        "held: fees in a day 104.17 USD, max_fees_per_day 100.00, so it enters nothing more: raise "
        "max_fees_per_day in [limits.held] of the config, in [limits.default] where it has none of "
        "its own"
    )
