"""A recorded run under the same rules is the same; under others the difference is told.

Also the tests of ``backtest/figures.py``, ``backtest/inputs.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, ETH, START, Steps, quote, trade
from tests.support.recorded import Classes, RecordedSource, header_of
from tests.unit.backtest.conftest import Random, Trader, candles, carry
from tests.unit.backtest.test_strategy_rerun import with_hash

from tradetui.backtest.bar_opens import BarOpens
from tradetui.backtest.errors import ReplayError
from tradetui.backtest.figures import Figures, total_equity
from tradetui.backtest.opening_equity import opening_equity
from tradetui.backtest.recorded import recorded_run
from tradetui.backtest.strategy_files import StrategyFiles
from tradetui.backtest.what_if import Changes, left_to_say, what_if, what_if_apart
from tradetui.core.venue.funds import INSUFFICIENT_FUNDS
from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.codec import encode
from tradetui.domain.control import InstanceLoaded, OperatorNoted
from tradetui.domain.enums import InstanceMode, RunMode
from tradetui.domain.ids import Currency, RunId, StrategyId
from tradetui.domain.risk import ProfileBinding, RiskProfile, Scope
from tradetui.domain.units import NANOS_PER_MINUTE as MINUTE
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.engine.assembly import RunPlan
from tradetui.engine.errors import LoadError
from tradetui.engine.recovery import Rebuild, open_next
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.strategy import Strategy, bars, quotes, seconds

Record = Callable[..., Any]
A = StrategyId("a")


@pytest.mark.parametrize(
    "venue",
    [
        VenueConfig(),
        VenueConfig(slippage_ppm=300, taker_fee_ppm=700, maker_fee_ppm=-50),
        VenueConfig(fill_model=FillModel.VOLUME_CAP, volume_share_ppm=2_000),
        VenueConfig(latency_ns=70 * SECOND),
        VenueConfig(latency_bars=1),
    ],
)
def test_without_a_change_every_step_is_the_same(record: Record, venue: VenueConfig) -> None:
    recorded = record(venue=venue)
    report = what_if(recorded.run, recorded.classes, Changes())
    assert report.first is None
    assert report.recorded == report.replayed
    assert report.recorded.steps == len(recorded.steps.records)
    assert report.recorded.state_hash == recorded.session.loop.kernel.state_hash()
    assert report.notes == ()


def test_an_end_within_a_run_parts_nothing(record: Record) -> None:
    """What time brought before the end is made with the price behind it, and nothing more is."""
    recorded = record(venue=VenueConfig(latency_ns=70 * SECOND))
    count = len(recorded.steps.records)
    for last in (3, *range(99, count, 30)):
        report = what_if(recorded.run, recorded.classes, Changes(), last=last)
        assert report.first is None, last
        assert report.recorded == report.replayed, last
        assert report.recorded.steps == last


def test_money_without_a_rate_is_valued_at_the_first_prices(record: Record) -> None:
    recorded = record(with_acts=False)
    (run_id,) = recorded.source.headers
    header = recorded.source.headers[run_id]
    config = replace(header.kernel_config, reporting_currency=Currency("BTC"))
    recorded.source.headers[run_id] = replace(header, kernel_config=config)
    run = recorded.run
    figures = Figures((rerun := run.rerun()).kernel)
    for step in run.steps():
        rerun.apply(step)
        figures.add(step)
    after = total_equity(rerun.kernel.state)
    before = opening_equity(run, 1)
    assert total_equity(run.rerun().kernel.state) is None
    assert after is not None and before is not None
    assert figures.outcome().equity_change == after - before


def test_an_older_record_does_not_say_which_bars_are_taken(record: Record) -> None:
    recorded = record(8, with_acts=False)
    (run_id,) = recorded.source.headers
    rows = recorded.source.rows[run_id]
    older = 0
    for place, step in enumerate(recorded.source.steps(run_id)):
        if isinstance(step.event.payload, InstanceLoaded):
            payload = replace(step.event.payload, timeframes=(), tick_steps=0)
            rows[place] = encode(replace(step, event=replace(step.event, payload=payload)))
            older += 1
    assert older
    assert what_if(recorded.run, recorded.classes, Changes()).first is None


class AllIn(Strategy):
    """Puts nearly all of its cash into a market order, then sells what it got."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        if self.position:
            self.close()
        elif not self.orders:
            free = self.context.get_account_info()["budget_free"]
            self.context.place_order("buy", 0.98 * free / bar.close)


def test_what_could_not_be_paid_for_is_the_same_again(record: Record) -> None:
    dear = VenueConfig(slippage_ppm=50_000)
    recorded = record(20, trader=AllIn, venue=dear, with_acts=False)
    reasons = [payload.reason for payload in payloads(recorded, "OrderCancelled")]
    assert reasons.count(INSUFFICIENT_FUNDS) > 1
    assert what_if(recorded.run, recorded.classes, Changes()).first is None
    cheap = what_if(recorded.run, recorded.classes, Changes(venue=VenueConfig()))
    assert cheap.first is not None
    assert cheap.first.field.startswith("event.payload")


def payloads(recorded: Any, kind: str) -> list[Any]:
    return [step.event.payload for step in recorded.steps.of(kind)]


def test_an_act_within_a_bar_finds_its_place_among_the_opens(record: Record) -> None:
    recorded = record()
    marked = [step for step in recorded.steps.records if step.result.opens]
    opens = BarOpens(recorded.run.steps())
    assert marked
    assert [item.payload.open for item in opens.take_count(3)] == [9_900, 1_900, 9_937]


def test_other_fees_change_fees_and_profit_and_nothing_else(record: Record) -> None:
    recorded = record(with_acts=False)
    changes = Changes(venue=VenueConfig(taker_fee_ppm=5_000, maker_fee_ppm=5_000), texts=("fees",))
    report = what_if(recorded.run, recorded.classes, changes)
    assert report.changes == ("fees",)
    assert report.first is not None
    assert report.first.field.startswith("event.payload.commission")
    was, now = report.recorded.instances[0], report.replayed.instances[0]
    assert was.strategy_id == now.strategy_id == "a"
    assert was.pnl is not None
    assert now.pnl is not None
    assert now.pnl < was.pnl
    before, after = report.recorded.equity_change, report.replayed.equity_change
    assert before is not None
    assert after is not None
    total = sum((new.pnl or 0) - (old.pnl or 0) for old, new in pairs(report))
    assert after - before == total


def pairs(report: Any) -> list[tuple[Any, Any]]:
    return list(zip(report.recorded.instances, report.replayed.instances, strict=True))


def test_a_tighter_profile_refuses_what_was_allowed(record: Record) -> None:
    recorded = record(with_acts=False)
    config = recorded.run.header.kernel_config
    profile = RiskProfile("tight", max_order_quantity=10**7, may_reduce=False)
    tight = replace(config, profiles=(profile,), bindings=(ProfileBinding("tight", Scope.GLOBAL),))
    report = what_if(recorded.run, recorded.classes, Changes(kernel_config=tight))
    was, now = pairs(report)[0]
    assert sum(n for _, n in now.refused) > sum(n for _, n in was.refused)
    assert now.fills == 0 < was.fills


def test_another_config_value_is_used_and_checked(record: Record) -> None:
    recorded = record(with_acts=False)
    report = what_if(recorded.run, recorded.classes, Changes(configs={A: {"size": 2.0}}))
    was, now = pairs(report)[0]
    assert now.traded > was.traded
    with pytest.raises(ReplayError, match="'width' is not a key of this strategy"):
        what_if(recorded.run, recorded.classes, Changes(configs={A: {"width": 2.0}}))
    with pytest.raises(ReplayError, match="the run has no instance zz; it has a, b, o"):
        what_if(recorded.run, recorded.classes, Changes(configs={StrategyId("zz"): {}}))


def test_other_limits_of_instances_are_used(record: Record) -> None:
    recorded = record(with_acts=False)
    report = what_if(recorded.run, recorded.classes, Changes(limits={"budget": 10**8}))
    assert pairs(report)[0][1].fills == 0


def test_acts_of_people_are_made_again_where_they_still_fit(record: Record) -> None:
    recorded = record()
    assert recorded.steps.of("CloseRequested")
    changes = Changes(limits={"budget": 10**8})
    report = what_if(recorded.run, recorded.classes, changes)
    assert any("the close of b was left out" in note for note in report.notes)


def test_what_did_not_come_from_a_simulated_venue_is_a_sentence(record: Record) -> None:
    recorded = record(3, with_acts=False)
    (run_id,) = recorded.source.headers
    header = recorded.source.headers[run_id]
    recorded.source.headers[run_id] = replace(header, venue="")
    with pytest.raises(ReplayError, match="does not say how its simulated venue was set"):
        what_if(recorded.run, recorded.classes, Changes())
    recorded.source.headers[run_id] = replace(header, run_mode=RunMode.LIVE)
    with pytest.raises(ReplayError, match="traded at a real venue"):
        what_if(recorded.run, recorded.classes, Changes())


def test_a_record_that_was_altered_is_a_sentence(record: Record) -> None:
    recorded = record(5, with_acts=False)
    (run_id,) = recorded.source.headers
    del recorded.source.rows[run_id][15]
    with pytest.raises(ReplayError, match=r"cannot be made again .* see `replay --verify`"):
        what_if(recorded.run, recorded.classes, Changes())


class Quoting(Strategy):
    """Buys and sells on ticks and bars made of trades and quotes."""

    TICK_MINUTES = 0.5
    DATA = {"bars": bars("1m")}

    def on_tick(self, tick: Any) -> None:
        if not self.position and not self.orders:
            self.enter("long", amount=0.5, stop=tick.price * 0.9)

    def on_bar(self, bar: Any) -> None:
        if self.position:
            self.close()


@pytest.mark.parametrize("latency", [0, 700_000_000])
def test_a_run_in_wall_time_is_the_same_too(latency: int) -> None:
    steps = Steps()
    settings = SessionSettings(
        is_virtual=False, run_mode=RunMode.PAPER, venue=VenueConfig(latency_ns=latency)
    )
    session = Session(settings, sink=steps)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("a", Quoting, [BTC.instrument_id], "acc")
    session.start(at=START)
    loop = session.loop
    for n in range(1_200):
        now = START + n * SECOND // 4
        price = 10_000 + (n * 13) % 97
        item = quote(n * SECOND // 4, price - 5, price + 5)
        if n % 3 == 1:
            item = trade(n * SECOND // 4, price)
        loop.ingest(item, now + 3_000_000)
        if n == 600:
            loop.control(OperatorNoted("me", "hm"), now + 4_000_000)
        if n % 2:
            loop.advance(now + 40_000_000)
    session.close()
    source = RecordedSource().add(header_of(session), steps.records)
    report = what_if(recorded_run(source), Classes(Quoting=Quoting), Changes())
    assert report.recorded.instances[0].fills > 3
    assert report.first is None
    assert report.recorded == report.replayed
    changed = what_if(
        recorded_run(source),
        Classes(Quoting=Quoting),
        Changes(venue=VenueConfig(taker_fee_ppm=9_000)),
    )
    assert changed.replayed.instances[0].fills > 3


def test_a_run_that_ended_within_a_bar_says_what_it_cannot_know(record: Record) -> None:
    recorded = record(10, with_acts=False)
    steps = [s for s in recorded.steps.records if s.event.event_type != "InstanceUnloaded"]
    cut = next(s.event.seq_id for s in reversed(steps) if s.event.event_type == "Bar")
    (run_id,) = recorded.source.headers
    rows = recorded.source.rows[run_id]
    step = recorded.steps.records[cut]
    assert step.event.event_type == "InstanceUnloaded"
    late = replace(step, result=replace(step.result, opens=21))
    rows[cut:] = [encode(late)]
    report = what_if(recorded.run, recorded.classes, Changes())
    assert any("ended within a bar" in note for note in report.notes)
    assert report.first is None


@pytest.mark.parametrize("latency", [0, 70 * SECOND])
@pytest.mark.parametrize("is_lost", [False, True])
def test_a_run_that_went_on_from_another_is_the_same(
    record: Record, carry_on: Record, is_lost: bool, latency: int
) -> None:
    """With what it carried: positions, orders, kept values, and what the venue had to say."""
    recorded = record(28, with_acts=False, venue=VenueConfig(latency_ns=latency))
    first = recorded.run
    run = carry_on(recorded, after=28, is_lost=is_lost)
    assert run.header.continues == first.header.run_id
    assert run.first == first.last + 1
    report = what_if(run, recorded.classes, Changes())
    assert report.first is None
    assert report.recorded == report.replayed
    assert report.recorded.steps == run.last - first.last
    assert bool(left_to_say(run)) is (is_lost and latency > 0)


class Waiting(Strategy):
    """Rests an entry far from the market that expires while nobody is there."""

    DATA = {"quotes": quotes()}

    def on_quote(self, quote: Any) -> None:
        if not self.orders:
            levels = {"limit": quote.bid * 0.9, "stop": quote.bid * 0.8, "target": quote.bid * 1.2}
            expire = self.now + seconds(20)
            self.enter("long", amount=0.5, **levels, tif="gtd", expire=expire, reason="waits")


def test_what_expired_between_two_runs_is_not_said_twice() -> None:
    """The first step of the second run is the expiry itself, and its children's ends come next."""
    steps, later = Steps(), Steps()
    settings = SessionSettings(is_virtual=False, run_mode=RunMode.PAPER)
    session = Session(settings, sink=steps)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
    session.add_execution_context("acc", ["main"])
    observe = InstanceMode.OBSERVE
    session.add_strategy("o", Waiting, [BTC.instrument_id], "acc", mode=observe)
    session.start(at=START).ingest(quote(SECOND, 9_995, 10_005), START + SECOND)
    source = RecordedSource().add(header_of(session), steps.records)
    classes = Classes(Waiting=Waiting)
    before = recorded_run(source)
    rebuild = Rebuild(before.header, None, VenueConfig())
    assert rebuild.run(before.steps()) is None
    config = replace(before.header.kernel_config, run_id=RunId("second"))
    opening, carried, _ = open_next(rebuild, config)
    plan = RunPlan(config, "x2", seed=before.header.seed, venue=VenueConfig(), opening=opening)
    session = Session.of(plan, is_virtual=False, sink=later)
    loop = session.start()
    loop.advance(START + 60 * SECOND)
    session.add_instrument(BTC)
    load = steps.of("InstanceLoaded")[0].event.payload
    loop.load_instance(*StrategyFiles(classes).load(load, ""))
    loop.ingest(quote(61 * SECOND, 9_995, 10_005), START + 61 * SECOND)
    assert later.records[0].event.event_type == "OrderExpired"
    assert later.records[1].event.event_type == "OrderCancelled"
    carry(source, before, config, opening, carried, later.records)
    run = recorded_run(source, "second")
    assert left_to_say(run) == []
    assert what_if(run, classes, Changes()).first is None


def test_what_was_carried_is_put_under_other_rules(record: Record, carry_on: Record) -> None:
    recorded = record(28, with_acts=False)
    run = carry_on(recorded, after=28)
    config = run.header.kernel_config
    profile = RiskProfile("tight", max_order_quantity=10**7, may_reduce=False)
    tight = replace(config, profiles=(profile,), bindings=(ProfileBinding("tight", Scope.GLOBAL),))
    report = what_if(run, recorded.classes, Changes(kernel_config=tight))
    was, now = pairs(report)[0]
    assert sum(n for _, n in now.refused) > sum(n for _, n in was.refused)
    without = replace(config, routes=())
    with pytest.raises(ReplayError, match="main"):
        what_if(run, recorded.classes, Changes(kernel_config=without))


def test_other_fees_hold_also_where_an_earlier_venue_is_carried_on(
    record: Record, carry_on: Record
) -> None:
    """The venue's checkpoint says how it was set: what is asked for wins over it."""
    recorded = record(28, with_acts=False)
    run = carry_on(recorded, 40, after=28)
    report = what_if(run, recorded.classes, Changes(venue=VenueConfig(taker_fee_ppm=5_000)))
    assert report.first is not None
    assert report.first.field.startswith("event.payload.commission")


def test_an_act_in_a_gap_of_the_data_finds_its_place_among_the_timers() -> None:
    """A driver lets time pass in parts, so that people are heard between two timers."""
    steps = Steps()
    session = Session(SessionSettings(seed=7, run_code="x1"), sink=steps)
    session.add_instrument(BTC)
    session.add_instrument(ETH)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("b", Random, [ETH.instrument_id], "acc")
    loop = session.start(at=START)
    for item in candles(5):
        loop.ingest(item)
    for number in range(4):
        loop.pass_time(START + 20 * MINUTE, 3)
        loop.control(OperatorNoted("me", f"looked, {number}"))
    for item in candles(5, 20):
        loop.ingest(item)
    session.close()
    types = [step.event.event_type for step in steps.records]
    first = types.index("OperatorNoted")
    assert {"Heartbeat", "StrategyTimer"} & set(types[first + 1 : first + 4])
    source = RecordedSource().add(header_of(session), steps.records)
    report = what_if(recorded_run(source), Classes(Random=Random), Changes())
    assert report.first is None
    assert report.recorded == report.replayed


class Smaller(Trader):
    """The same trader after an edit: half of the size."""

    def enter(self, side: str, **how: Any) -> Any:
        return super().enter(side, **{**how, "amount": how["amount"] / 2})


def edited(record: Record) -> Any:
    """A run whose trader's file has been edited since."""
    recorded = record(40, with_acts=False)
    with_hash(recorded, "old")
    recorded.classes.hashes = {"Trader": "new", "Random": "old"}
    recorded.classes.classes = {**recorded.classes.classes, "Trader": Smaller}
    return recorded


def test_an_edited_file_and_other_fees_are_told_apart(record: Record) -> None:
    recorded = edited(record)
    fees = VenueConfig(taker_fee_ppm=5_000, maker_fee_ppm=5_000)
    changes = Changes(venue=fees, texts=("fees",), force=True)
    report, before = what_if_apart(recorded.run, recorded.classes, changes)
    only_file = what_if(recorded.run, recorded.classes, Changes(force=True))
    assert before == only_file.recorded
    assert report.recorded == only_file.replayed != before
    assert report.replayed == what_if(recorded.run, recorded.classes, changes).replayed
    assert report.first is not None and report.first.field.startswith("event.payload.commission")
    assert [note for note in report.notes if "has changed" in note] == [
        "the file of strategy Trader has changed since the run (recorded old, now new)"
    ]


def test_one_cause_alone_is_against_the_record(record: Record) -> None:
    recorded = edited(record)
    report, before = what_if_apart(recorded.run, recorded.classes, Changes(force=True))
    assert before is None
    assert report.first is not None
    fees = Changes(venue=VenueConfig(taker_fee_ppm=5_000), texts=("fees",), force=True)
    recorded = record(20, with_acts=False)
    report, before = what_if_apart(recorded.run, recorded.classes, fees)
    assert before is None
    assert report.recorded.state_hash == recorded.session.loop.kernel.state_hash()


def test_a_file_that_cannot_be_loaded_is_said_by_the_run_itself(record: Record) -> None:
    recorded = edited(record)

    def load(name: str) -> Any:
        raise LoadError(f"strategy {name}: gone")

    recorded.classes.load = load
    fees = Changes(venue=VenueConfig(taker_fee_ppm=5_000), texts=("fees",), force=True)
    with pytest.raises(ReplayError, match="instance a: strategy Trader: gone"):
        what_if_apart(recorded.run, recorded.classes, fees)
