"""Why: the chain of an order, a fill, a decision; why not: what stopped an instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START, Steps, bar
from tests.support.recorded import RecordedSource, header_of
from tests.tui.fixtures import instances

from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.backtest.state_at import seen_at, state_at
from tradetui.domain.control import CancelRequested
from tradetui.domain.enums import InstanceMode, InstanceState, OrderSide, OrderType, Outcome
from tradetui.domain.explain import GateLine, SeenState, Why
from tradetui.domain.ids import StrategyId
from tradetui.domain.intents import AttributedIntent, CancelOrder, PlaceOrder, ReplaceOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import CASH_SCALE
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.services.errors import UserError
from tradetui.services.narrate import Narrator, gate_line
from tradetui.services.why import MAX_LINKS, explain, ids_made_by
from tradetui.services.why_lines import gate_lines, may_enter, state_lines, why_lines, why_not_lines
from tradetui.services.why_not import why_not
from tradetui.strategy import Strategy, bars

A = StrategyId("a")


class Careful(Strategy):
    """Enters with a bracket on the second bar, rests a limit, asks for too much, weighs signals."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        n = self.bars.count
        if self.signal("dip", z=(float(n), "<", 3.0), close=(bar.close, ">", 50.0)) and n == 2:
            self.enter("long", amount=1.0, stop=90.0, target=200.0, reason="a dip")
        if n == 4:
            self.context.place_order("buy", 1.0, "limit", 70.0)
        if n == 5:
            self.context.place_order("buy", 1e6)
        if n == 7:
            self.move_stop(95.0)
        if n == 8:
            raise ValueError("a bug")
        if n == 9:
            self.close(reason="enough")


class Reading:
    """A recorded run, as explanations read it."""

    def __init__(self, run: RecordedRun) -> None:
        self.run = run
        self.run_id = str(run.header.run_id)
        self.first, self.last = run.first, run.last

    def steps(self, first: int, last: int | None = None) -> Iterator[StepRecord]:
        return self.run.steps(first, last)

    def eventful(self, first: int, last: int | None = None) -> Iterator[StepRecord]:
        return self.run.eventful(first, last)

    def seen(self, seq_id: int, strategy_id: StrategyId) -> SeenState | None:
        return seen_at(self.run, seq_id, strategy_id)

    def narrator(self, seq_id: int) -> Narrator:
        state = state_at(self.run, seq_id).kernel.state
        orders = ((key, one.terms.instrument_id) for key, one in state.orders.items())
        reporting = state.config.reporting_currency
        return Narrator(state.instruments.values(), orders, reporting=reporting)


def on_paper() -> tuple[Session, Steps]:
    """Return a session with one market and one account, and what keeps its steps."""
    steps = Steps()
    session = Session(SessionSettings(), sink=steps)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
    session.add_execution_context("acc", ["main"])
    return session, steps


@pytest.fixture(scope="module")
def world() -> tuple[Reading, list[StepRecord]]:
    session, steps = on_paper()
    session.add_strategy("a", Careful, [BTC.instrument_id], "acc")
    session.add_strategy("o", Careful, [BTC.instrument_id], "acc", mode=InstanceMode.OBSERVE)
    session.start(at=START)
    for n in range(12):
        session.run([bar(n)])
        if n == 5:
            resting = [
                order.terms.client_order_id
                for order in session.loop.kernel.state.open_orders.values()
                if order.terms.price == 7_000 and order.terms.strategy_id == A
            ]
            session.loop.control(CancelRequested(resting[0], "me", "changed my mind"))
    source = RecordedSource().add(header_of(session), steps.records)
    return Reading(recorded_run(source)), steps.records


World = tuple[Reading, list[StepRecord]]


def orders_of(steps: list[StepRecord], find: Callable[[Any], bool]) -> list[Any]:
    return [
        one
        for step in steps
        for one in step.intents
        if one.strategy_id == A and hasattr(one.intent, "order_type") and find(one.intent)
    ]


def texts(why: Why, kind: str) -> list[str]:
    return [link.text for link in why.links if link.kind == kind]


def test_the_chain_of_an_entry_goes_from_the_bar_to_what_became_of_its_children(
    world: World,
) -> None:
    run, steps = world
    (entry,) = orders_of(steps, lambda intent: intent.reason == "a dip")
    why = explain(run, entry.intent.client_order_id)
    assert why.title == "a: BUY 1.00000000 BTC market: filled"
    kinds = [link.kind for link in why.links]
    assert kinds[:5] == ["event", "seen", "signal", "intent", "decision"]
    assert texts(why, "event")[0].startswith("Bar BTC/USD.SIM: ")
    assert texts(why, "seen") == ["a saw: ACTIVE, flat"]
    (signal,) = [link for link in why.links if link.kind == "signal"]
    assert [(g.name, g.value, g.limit, g.passed) for g in signal.gates] == [
        ("z", "2", "< 3", True),
        ("close", "100", "> 50", True),
    ]
    (decision,) = [link for link in why.links if link.kind == "decision" if link.gates]
    assert "available balance" in [gate.name for gate in decision.gates]
    assert len(texts(why, "fill")) == 1
    assert any("child of" in detail for link in why.links for detail in link.details)
    assert any("REPLACE" in text for text in texts(why, "act"))
    assert any("Cancelled" in text for text in texts(why, "order"))


def test_a_fill_leads_to_its_order_and_a_report_s_step_too(world: World) -> None:
    run, steps = world
    step = next(s for s in steps if s.result.fills and s.result.fills[0].strategy_id == A)
    fill = step.result.fills[0]
    by_trade = explain(run, fill.trade_id)
    by_step = explain(run, str(step.event.seq_id))
    assert by_trade.title == by_step.title == "a: BUY 1.00000000 BTC market: filled"


def test_the_title_is_of_the_size_that_risk_let_pass(world: World) -> None:
    run, steps = world
    (entry,) = orders_of(steps, lambda intent: intent.reason == "a dip")
    order_id = entry.intent.client_order_id
    smaller = []
    for step in steps:
        decisions = tuple(
            replace(one, outcome=Outcome.MODIFY, approved_quantity=10**8 // 4)
            if one.client_order_id == order_id
            else one
            for one in step.decisions
        )
        smaller.append(replace(step, decisions=decisions))
    source = RecordedSource().add(run.run.header, smaller)
    why = explain(Reading(recorded_run(source)), order_id)
    assert why.title == "a: BUY 0.25000000 BTC market: filled"
    (asked,) = [text for text in texts(why, "intent") if "market" in text]
    assert "BUY 1.00000000 BTC market" in asked


def test_a_cancel_says_by_whom(world: World) -> None:
    run, steps = world
    (resting,) = orders_of(steps, lambda intent: intent.price == 7_000)
    why = explain(run, resting.intent.client_order_id)
    assert why.title.endswith("cancelled")
    details = [detail for link in why.links for detail in link.details]
    assert "CancelRequested by me: changed my mind" in details


def test_a_refusal_shows_each_gate_up_to_the_one_that_refused(world: World) -> None:
    run, steps = world
    (large,) = orders_of(steps, lambda intent: intent.quantity == 10**14)
    step = next(s for s in steps if large in s.intents)
    why = explain(run, f"{step.event.seq_id}:{place_of(step, large)}")
    (decision,) = [link for link in why.links if link.kind == "decision" and link.gates]
    assert "reject" in decision.text
    assert [gate.passed for gate in decision.gates][-1] is False
    assert all(gate.passed for gate in decision.gates[:-1])
    lines = why_lines(why)
    assert lines[0].startswith("a: BUY 1,000,000.00000000 BTC market")
    assert any(line.endswith("FAIL") or "  FAIL  " in line for line in lines)


def place_of(step: StepRecord, asked: Any) -> int:
    ids = [one.client_order_id for one in step.decisions]
    return ids.index(asked.intent.client_order_id)


def test_a_step_with_several_decisions_shows_them_all(world: World) -> None:
    run, steps = world
    step = next(s for s in steps if len(s.decisions) > 2)
    why = explain(run, str(step.event.seq_id))
    assert len(texts(why, "decision")) == len(step.decisions)
    assert why.title.startswith(f"step {step.event.seq_id}: ")


def test_a_step_whose_signal_became_no_order_shows_its_gates(world: World) -> None:
    run, steps = world
    step = next(s for s in steps if s.result.signals and not s.decisions)
    why = explain(run, str(step.event.seq_id))
    assert why.title == f"step {step.event.seq_id}: no order was asked for"
    assert len(texts(why, "signal")) == len(step.result.signals)
    assert [link.gates for link in why.links if link.kind == "signal"]


def test_of_a_step_of_several_instances_one_is_told(world: World) -> None:
    run, steps = world
    step = next(s for s in steps if len({d.strategy_id for d in s.decisions}) == 2)
    seq_id = step.event.seq_id
    for who in ("a", "o"):
        why = explain(run, f"{seq_id}@{who}")
        told = " ".join(link.text for link in why.links)
        other = "o" if who == "a" else "a"
        assert f"{who} saw: " in told and f"{other} saw: " not in told
        mine = [one for one in step.decisions if one.strategy_id == who]
        assert len(texts(why, "decision")) == len(mine)
        ids = {one.client_order_id for one in step.decisions if one.strategy_id == other}
        assert not any(str(one) in told for one in ids)


def test_a_signal_beside_the_order_of_another_shows_its_own_gates() -> None:
    class Buys(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            self.context.place_order("buy", 1.0)

    class Weighs(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            self.signal("up", close=(bar.close, ">", 1e6))

    session, steps = on_paper()
    session.add_strategy("buys", Buys, [BTC.instrument_id], "acc")
    session.add_strategy("weighs", Weighs, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run([bar(0)])
    run = Reading(recorded_run(RecordedSource().add(header_of(session), steps.records)))
    step = next(s for s in steps.records if s.result.signals)
    assert [one.strategy_id for one in step.decisions] == ["buys"]
    seq_id = step.event.seq_id
    why = explain(run, f"{seq_id}@weighs")
    assert why.title == f"step {seq_id}: weighs asked for no order"
    assert [link.kind for link in why.links] == ["event", "seen", "signal"]
    assert "weighs up" in texts(why, "signal")[0]
    assert "buys" not in " ".join(link.text for link in why.links)
    bought = explain(run, f"{seq_id}@buys")
    assert bought.title.startswith("buys: BUY 1.00000000 BTC market")
    assert texts(bought, "order")


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("1@a", "in step 1 a weighed nothing and asked for nothing"),
        ("99999@a", "has no step 99999: 1 to"),
        ("tt9-0001", "has no order and no trade 'tt9-0001'"),
        ("99999", "has no step 99999: 1 to"),
        ("1:0", "step 1 has no decision 0; it has none"),
    ],
)
def test_what_is_not_there_is_a_sentence(world: World, subject: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        explain(world[0], subject)


def test_a_long_chain_is_cut_and_says_so() -> None:
    class Restless(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 1:
                self.context.place_order("buy", 1.0, "limit", 60.0)
            elif self.orders:
                self.context.replace_order(self.orders[0].id, price=60.0 + self.bars.count / 100)

    session, steps = on_paper()
    session.add_strategy("a", Restless, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run(bar(n) for n in range(80))
    run = Reading(recorded_run(RecordedSource().add(header_of(session), steps.records)))
    (first,) = orders_of(steps.records, lambda intent: True)[:1]
    why = explain(run, first.intent.client_order_id)
    assert why.is_cut
    assert len(why.links) == MAX_LINKS
    assert why_lines(why)[-1] == "more followed than is told here"


def test_why_not_counts_gates_and_says_how_near_they_came(world: World) -> None:
    run, steps = world
    report = why_not(run.run_id, A, steps)
    (dip,) = report.signals
    assert (dip.name, dip.weighed, dip.passed, dip.ordered, dip.idle) == ("dip", 12, 2, 1, 1)
    (gate,) = dip.gates
    assert (gate.name, gate.failed, gate.alone) == ("z", 10, 10)
    assert gate.nearest is not None
    assert (gate.nearest.distance, gate.nearest.value) == ("0", "3")
    stopped = {stop.reason.value: stop for stop in report.stops}
    assert stopped["available_balance"].count == 1
    assert stopped["available_balance"].last is not None
    assert report.orders == 6
    assert report.notes == (
        "1 callback failed: their intents were lost; the last on_bar: ValueError: a bug (step 27)",
    )
    text = "\n".join(why_not_lines(report))
    assert "signal dip: weighed 12, passed 2, became an order 1" in text
    assert "nearest by 0: 3 not < 3" in text


def test_why_not_counts_what_only_the_mode_stopped(world: World) -> None:
    run, steps = world
    report = why_not(run.run_id, StrategyId("o"), steps)
    assert {stop.reason.value: stop.would for stop in report.stops}["instance_mode"] > 0


def test_why_not_says_what_was_wrong_with_an_order_that_was_never_sent() -> None:
    class Hasty(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            self.signal("calm", calm=self.bars.count > 90)
            self.enter("long", amount=1.0, tif="GTD")

    session, steps = on_paper()
    session.add_strategy("a", Hasty, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run(bar(n) for n in range(3))
    text = why_not_lines(why_not("r", A, steps.records))
    at = next(n for n, line in enumerate(text) if line.startswith("  order ") and "failed" in line)
    assert text[at + 1].startswith('    the last: tif="gtd" needs expire=, a moment in the future')
    assert text[at + 1].endswith("got None: not legal")
    assert "(step " in text[at + 2]
    assert not any("calm" in line and "the last" in line for line in text)
    assert sum("the last" in line for line in text) == 1


def test_why_not_of_nobody_is_a_sentence(world: World) -> None:
    run, steps = world
    with pytest.raises(UserError, match="instance zz is in none of these steps"):
        why_not(run.run_id, StrategyId("zz"), steps)


def test_the_narrator_tells_each_thing_that_happened(world: World) -> None:
    steps = world[1]
    narrator = Narrator()
    told = [line for step in steps for line in narrator.lines(step)]
    kinds = {line.what for line in told}
    assert {"signal", "decision", "order", "fill", "error", "Bar", "OrderFilled"} <= kinds
    quiet = sum(len(narrator.lines(step, also_quiet=True)) for step in steps)
    assert quiet >= len(told)
    fill = next(line for line in told if line.what == "fill")
    assert fill.text.startswith("BUY 1.00000000 at 100.00 (taker), fee 0.10")
    (bar, *_) = (line for line in told if line.what == "Bar")
    assert "100.50" in bar.text
    error = next(line for line in told if line.what == "error")
    assert error.text == "error: on_bar: ValueError: a bug"


def test_what_keeps_an_instance_from_entering_is_no_lack_of_signals(world: World) -> None:
    run, steps = world
    free = why_not(run.run_id, StrategyId("zz"), steps, now=("now ACTIVE",))
    assert "no bar or tick that it decides on has come yet, or" in free.notes[-1]
    assert "does not call self.signal(name, gate=...)" in free.notes[-1]
    stopped = why_not(run.run_id, StrategyId("zz"), steps, now=("now off",), may_enter=False)
    assert stopped.notes == ("zz has weighed no signal in these steps",)
    assert why_not_lines(stopped)[:2] == ["now off", ""]
    assert why_not_lines(stopped)[-2:] == ["", *stopped.notes]


@pytest.mark.parametrize(
    ("state", "reason", "warm", "free"),
    [
        (InstanceState.ACTIVE, "", (), True),
        (InstanceState.OBSERVE, "", (("slow", 5, 5),), True),
        (InstanceState.OBSERVE, "warm-up", (), False),
        (InstanceState.ACTIVE, "", (("slow", 4, 5),), False),
        (InstanceState.HELD, "", (), False),
        (InstanceState.OFF, "", (), False),
        (InstanceState.ERROR, "boom", (), False),
    ],
)
def test_which_instances_may_enter(
    state: InstanceState, reason: str, warm: tuple[tuple[str, int, int], ...], free: bool
) -> None:
    (row,) = (one for one in instances() if one.strategy_id == "btc-mr")
    shown = replace(row, state=state, state_reason=reason, warm=warm)
    assert may_enter(shown) is free
    assert state_lines(shown)[0] == f"now {state}" + (f": {reason}" if reason else "")


def test_gates_stand_in_columns_as_wide_as_they_need() -> None:
    gates = (
        GateLine("self cross", "no", "-", True),
        GateLine("an order's outcome is unknown", "1", "0", False, "btc order t-1"),
    )
    assert gate_lines(gates) == [
        "self cross                     no  -  ok",
        "an order's outcome is unknown   1  0  FAIL  btc order t-1",
    ]
    assert gate_lines(()) == []


def test_an_intent_makes_the_order_that_it_names() -> None:
    def made(intent: Any) -> tuple[str, ...]:
        return ids_made_by(AttributedIntent(A, 0, intent))

    place = PlaceOrder("tt-1", BTC.instrument_id, OrderSide.BUY, OrderType.MARKET, 5)
    assert made(place) == ("tt-1",)
    assert made(ReplaceOrder("tt-1", "tt-2", price=7)) == ("tt-2",)
    assert made(CancelOrder("tt-1")) == ()


def test_what_has_no_limit_has_no_currency_there() -> None:
    known = gate_line(Gate(Reason.BUDGET, 10**8, 2 * 10**8, True, CASH_SCALE), reporting="USD")
    free = gate_line(Gate(Reason.BUDGET, 10**8, None, True, CASH_SCALE), reporting="USD")
    assert (known.value, known.limit) == ("1.00 USD", "2.00 USD")
    assert (free.value, free.limit) == ("1.00 USD", "-")
