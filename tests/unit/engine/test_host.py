"""StrategyHost: who is called when, what is recorded, and what a broken strategy cannot do.

Also the tests of ``engine/feeding.py``, ``engine/runner.py``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from tests.engine_kit import BTC, ETH, START, Steps, bar, quote, trade

from tradetui.domain.control import ErrorCleared, ModeChanged, PauseChanged
from tradetui.domain.enums import CallbackOutcome, InstanceMode, Severity
from tradetui.domain.ids import StrategyId, TradeId
from tradetui.domain.market_data import Bar, DataGap, MarketItem
from tradetui.domain.replica import LogView
from tradetui.domain.units import NANOS_PER_MINUTE as MINUTE
from tradetui.engine.errors import LoadError
from tradetui.runtime.guard import TimeGuard
from tradetui.runtime.telemetry import Telemetry
from tradetui.strategy import NoOp, Strategy, StrategyTimeout, bars, quotes, trades

A, B, C = StrategyId("a"), StrategyId("b"), StrategyId("c")


class Recorder(Strategy):
    """Writes down every hook that is called."""

    DATA = {"bars": bars("1m")}
    calls: list[Any]

    def init(self) -> dict[str, Any]:
        self.calls = []
        return {}

    def on_start(self) -> None:
        self.calls.append("start")

    def on_bar(self, bar: Any) -> None:
        self.calls.append((bar.feed, bar.close))

    def on_order(self, order: Any) -> None:
        self.calls.append(("order", order.cause, order.status))

    def on_fill(self, fill: Any) -> None:
        self.calls.append(("fill", fill.side, fill.amount))

    def on_exit(self, trip: Any) -> None:
        self.calls.append(("exit", trip.side))

    def on_mode(self, change: Any) -> None:
        self.calls.append(("mode", change.mode.value, change.shadow_dropped))

    def on_gap(self, gap: Any) -> None:
        self.calls.append(("gap", gap.reason))

    def on_timer(self, name: str) -> None:
        self.calls.append(("timer", name, self.now))

    def on_stop(self) -> None:
        self.calls.append("stop")


class Buyer(Recorder):
    """Buys on its first bar and sells on the third."""

    def on_bar(self, bar: Any) -> None:
        super().on_bar(bar)
        if self.bars.count == 1:
            self.context.place_order("buy", 1)
        if self.bars.count == 3:
            self.context.place_order("sell", 1)


def strategy_of(session: Any, strategy_id: str = "a") -> Any:
    return session.loop.host.running_instances[strategy_id].strategy


def load(make_session: Any, kind: type[Strategy], **kwargs: Any) -> Any:
    session = make_session()
    session.add_strategy("a", kind, [BTC.instrument_id], "acc", **kwargs)
    session.start(at=START)
    return session


def test_hooks_of_a_round_trip_come_in_order(make_session: Any) -> None:
    session = load(make_session, Buyer)
    session.run(bar(n) for n in range(5))
    assert strategy_of(session).calls == [
        "start",
        ("bars", 100.0),
        ("order", "OrderAccepted", "Accepted"),
        ("order", "OrderFilled", "Filled"),
        ("fill", "buy", 1.0),
        ("bars", 100.0),
        ("bars", 100.0),
        ("order", "OrderAccepted", "Accepted"),
        ("order", "OrderFilled", "Filled"),
        ("fill", "sell", 1.0),
        ("exit", "long"),
        ("bars", 100.0),
        ("bars", 100.0),
    ]


def test_a_fill_is_told_before_the_bar_that_made_it(make_session: Any) -> None:
    session = load(make_session, Buyer)
    session.run([bar(0), bar(1)])
    calls = strategy_of(session).calls
    assert calls.index(("fill", "buy", 1.0)) < len(calls) - 1
    assert calls[-1] == ("bars", 100.0)


def test_a_closed_session_says_stop(make_session: Any) -> None:
    session = load(make_session, Recorder)
    strategy = strategy_of(session)
    session.close()
    session.close()
    assert strategy.calls == ["start", "stop"]
    assert session.loop.host.running_instances == {}


def test_three_instances_are_called_in_ascending_id_on_one_snapshot(
    make_session: Any, steps: Steps
) -> None:
    order: list[str] = []
    seen: list[int] = []

    class Reader(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            order.append(self.context.strategy_id)
            assert not self.position
            seen.append(self.context._port.view.snapshot_id)

    session = make_session()
    for name in ("c", "a", "b"):
        session.add_strategy(name, Reader, [BTC.instrument_id], "acc")
    session.start(at=START)
    before = session.coordinator.snapshots_materialised
    session.run([bar(0), bar(1)])
    assert order == ["a", "b", "c"] * 2
    assert len(dict.fromkeys(seen)) == 2
    assert session.coordinator.snapshots_materialised == before + 2


def test_intents_of_a_step_are_processed_by_instance_then_emission(
    make_session: Any, steps: Steps
) -> None:
    class Two(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            self.context.place_order("buy", 0.1)
            self.context.place_order("buy", 0.2)

    session = make_session()
    session.add_strategy("b", Two, [BTC.instrument_id], "acc")
    session.add_strategy("a", Two, [BTC.instrument_id], "acc")
    session.run([bar(0)])
    intents = steps.of("Bar")[0].intents
    assert [(one.strategy_id, one.index) for one in intents] == [
        ("a", 0),
        ("a", 1),
        ("b", 0),
        ("b", 1),
    ]
    assert [d.index for d in steps.of("Bar")[0].decisions] == [0, 1, 0, 1]


def test_a_strategy_that_raises_loses_its_intents_and_harms_no_other(
    make_session: Any, steps: Steps
) -> None:
    class Broken(Recorder):
        def on_bar(self, bar: Any) -> None:
            self.context.place_order("buy", 1)
            self.state["seen"] = bar.close
            raise ZeroDivisionError("a \x1b[31mred\x1b[0m\nlie")

    session = make_session()
    session.add_strategy("a", Broken, [BTC.instrument_id], "acc")
    session.add_strategy("b", Buyer, [BTC.instrument_id], "acc")
    session.run([bar(0)])
    record = steps.of("Bar")[0]
    assert [one.strategy_id for one in record.intents] == ["b"]
    (result,) = record.result.callbacks
    assert result.outcome is CallbackOutcome.ERROR
    assert result.hook == "on_bar"
    assert result.message == "ZeroDivisionError: a ?[31mred?[0m lie"
    assert result.text == "on_bar: ZeroDivisionError: a ?[31mred?[0m lie"
    runner = session.loop.host.running_instances[A]
    assert runner.strategy.state["seen"] == 100.0
    assert "in on_bar" in runner.traceback
    assert all(line.isprintable() for line in runner.traceback.splitlines())


def test_three_errors_in_a_row_stop_an_instance_and_a_person_lets_it_go_on(
    make_session: Any, steps: Steps
) -> None:
    class Failing(Strategy):
        DATA = {"bars": bars("1m")}
        calls = 0

        def on_bar(self, bar: Any) -> None:
            self.calls += 1
            raise RuntimeError

    session = load(make_session, Failing)
    session.run(bar(n) for n in range(5))
    assert strategy_of(session).calls == 3
    assert session.control_plane.status().instances == (("a", "ERROR"),)
    session.loop.control(ErrorCleared(A, "me"))
    session.run([bar(6)])
    assert strategy_of(session).calls == 4
    assert session.loop.tally.callback_errors == 4


def test_success_between_errors_begins_the_count_anew(make_session: Any, steps: Steps) -> None:
    class Sometimes(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            if self.bars.count % 3:
                raise RuntimeError

    session = load(make_session, Sometimes)
    session.run(bar(n) for n in range(9))
    outcomes = [r.result.callbacks[0].outcome for r in steps.of("Bar") if r.result.callbacks]
    assert outcomes[:3] == [CallbackOutcome.ERROR, CallbackOutcome.ERROR, CallbackOutcome.OK]
    assert session.control_plane.status().instances == (("a", "ACTIVE"),)


class Lame(Strategy):
    """Its ticks are well, its bars never, and now and then a tick fails beside them."""

    TICK_MINUTES = 0.1
    DATA = {"bars": bars("1m")}
    FLAKY = False
    ticks = 0

    def on_tick(self, tick: Any) -> None:
        self.ticks += 1
        if self.FLAKY and self.ticks % 3 == 0:
            raise ValueError("now and then")

    def on_bar(self, bar: Any) -> None:
        raise RuntimeError("on every bar")


class FlakyLame(Lame):
    FLAKY = True


@pytest.mark.parametrize("kind", [Lame, FlakyLame])
def test_ticks_that_are_well_do_not_save_bars_that_never_are(
    make_session: Any, steps: Steps, kind: type[Strategy]
) -> None:
    session = load(make_session, kind)
    session.run(bar(n) for n in range(2))
    assert session.control_plane.status().instances == (("a", "ACTIVE"),)
    session.run(bar(n) for n in range(2, 4))
    assert strategy_of(session).ticks > 10
    assert session.control_plane.status().instances == (("a", "ERROR"),)
    ticks = strategy_of(session).ticks
    session.run(bar(n) for n in range(4, 6))
    assert strategy_of(session).ticks == ticks
    (said,) = [d for r in steps.records for d in r.result.diagnostics if d.is_incident]
    assert "a is stopped after 3 failed callbacks in a row, the last in on_" in said.message
    session.loop.control(ErrorCleared(A, "me"))
    assert session.control_plane.status().instances == (("a", "ACTIVE"),)
    assert session.loop.host.running_instances[A].failures == 0


@pytest.mark.parametrize(
    ("error", "outcome", "says"),
    [
        (SystemExit(3), CallbackOutcome.ERROR, "sys.exit() was called"),
        (StrategyTimeout("took 2.1 s, at most 2 s"), CallbackOutcome.TIMEOUT, "took 2.1 s"),
        (RecursionError("deep"), CallbackOutcome.ERROR, "RecursionError: deep"),
    ],
)
def test_whatever_a_callback_raises_stays_inside(
    make_session: Any, steps: Steps, error: BaseException, outcome: CallbackOutcome, says: str
) -> None:
    class Raises(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            raise error

    session = load(make_session, Raises)
    session.run([bar(0)])
    (result,) = steps.of("Bar")[0].result.callbacks
    assert result.outcome is outcome
    assert says in result.message


def test_a_message_that_cannot_be_made_is_no_harm(make_session: Any, steps: Steps) -> None:
    class Evil(Exception):
        def __str__(self) -> str:
            raise ValueError

    class Raises(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            raise Evil

    session = load(make_session, Raises)
    session.run([bar(0)])
    assert "cannot be shown" in steps.of("Bar")[0].result.callbacks[0].message


def test_a_long_traceback_is_bounded(make_session: Any) -> None:
    class Deep(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            raise ValueError("x" * 100_000)

    session = load(make_session, Deep)
    session.run([bar(0)])
    assert len(session.loop.host.running_instances[A].traceback) < 10_000


def test_what_on_event_returns_must_be_intents(make_session: Any, steps: Steps) -> None:
    class Returns(Strategy):
        DATA = {"bars": bars("1m")}

        def on_event(self, ctx: Any, event: Any) -> Any:
            if type(event).__name__ != "BarView":
                return []
            return [NoOp("nothing to do")] if event.close == 100.0 else ["buy!"]

    session = load(make_session, Returns)
    session.run([bar(0), bar(1, 20_000)])
    first, second = steps.of("Bar")
    assert [one.intent for one in first.intents] == [NoOp("nothing to do")]
    assert second.intents == ()
    assert "intents" in second.result.callbacks[0].message


def test_ten_thousand_orders_of_one_callback_are_cut(make_session: Any, steps: Steps) -> None:
    class Flood(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            for _ in range(10_000):
                self.context.place_order("buy", 0.001)

    lines: list[LogView] = []
    session = make_session(log=lines.append, check_every_step=False)
    session.add_strategy("a", Flood, [BTC.instrument_id], "acc")
    session.run([bar(0)])
    record = steps.of("Bar")[0]
    assert len(record.intents) == 200
    (diagnostic,) = [d for d in record.result.diagnostics if "beyond" in d.message]
    assert "9800" in diagnostic.message
    assert [line.severity for line in lines] == [Severity.WARNING]


def test_observe_records_the_order_then_raises_and_keeps_the_state(
    make_session: Any, steps: Steps
) -> None:
    class Careless(Recorder):
        def on_bar(self, bar: Any) -> None:
            self.state["before"] = True
            self.context.place_order("buy", 1)
            self.state["after"] = True

    session = load(make_session, Careless, mode=InstanceMode.OBSERVE)
    session.run([bar(0), bar(1)])
    record = steps.of("Bar")[0]
    assert len(record.intents) == 1
    assert record.decisions[0].would
    assert record.result.callbacks == ()
    assert strategy_of(session).state == {"before": True}
    assert session.summary().fills == 0
    assert session.loop.tally.shadow_fills == 1
    assert ("fill", "buy", 1.0) in strategy_of(session).calls


def test_observe_and_active_see_the_same_until_an_order_leaves(make_session: Any) -> None:
    seen = []
    for mode in (InstanceMode.OBSERVE, InstanceMode.ACTIVE):
        session = load(make_session, Recorder, mode=mode)
        session.run(bar(n, 10_000 + n) for n in range(5))
        seen.append(strategy_of(session).calls)
    assert seen[0] == seen[1]


def test_a_change_of_mode_is_told_with_the_shadow_book_that_it_drops(make_session: Any) -> None:
    class Enter(Recorder):
        def on_bar(self, bar: Any) -> None:
            if not self.position:
                self.enter("long", amount=1)

    session = load(make_session, Enter, mode=InstanceMode.OBSERVE)
    session.run([bar(0), bar(1)])
    session.loop.control(ModeChanged(A, InstanceMode.ACTIVE, "me"))
    assert strategy_of(session).calls[-1] == ("mode", "active", True)
    session.loop.control(ModeChanged(A, InstanceMode.ACTIVE, "me"))
    session.loop.control(ModeChanged(A, InstanceMode.OBSERVE, "me"))
    assert strategy_of(session).calls[-1] == ("mode", "observe", False)


def test_a_paused_instance_gets_no_prices_and_no_ticks_but_its_reports(make_session: Any) -> None:
    class Ticking(Buyer):
        def on_tick(self, tick: Any) -> None:
            self.calls.append("tick")

    session = load(make_session, Ticking)
    session.run([bar(0)])
    session.loop.control(PauseChanged(A, True, "me"))
    calls = strategy_of(session).calls
    calls.clear()
    session.run([bar(1), bar(2)])
    assert calls == [("order", "OrderFilled", "Filled"), ("fill", "buy", 1.0)]
    session.loop.control(PauseChanged(A, False, "me"))
    session.run([bar(3)])
    assert "tick" in calls


def test_ticks_follow_the_cadence_and_carry_the_price(make_session: Any) -> None:
    class Ticking(Strategy):
        TICK_MINUTES = 1.0
        DATA = {"bars": bars("1m")}

        def init(self) -> dict[str, Any]:
            return {"ticks": []}

        def on_tick(self, tick: Any) -> None:
            self.state["ticks"].append((tick.number, tick.price))

    session = load(make_session, Ticking)
    session.run(bar(n, 10_000 + 100 * n) for n in range(4))
    ticks = strategy_of(session).state["ticks"]
    numbers = [number for number, _ in ticks]
    assert {b - a for a, b in pairwise(numbers)} == {10}
    assert [price for _, price in ticks] == [100.0, 101.0, 102.0]


def test_timers_come_at_their_moment(make_session: Any) -> None:
    class Timed(Recorder):
        def on_start(self) -> None:
            self.every("90s", "often")
            self.after("2m", "once")
            self.after("1m", "never")
            self.cancel_timer("never")

    session = load(make_session, Timed)
    session.run(bar(n) for n in range(4))
    timers = [call for call in strategy_of(session).calls if call[0] == "timer"]
    assert [(name, (now - START) // 10**9) for _, name, now in timers] == [
        ("often", 90),
        ("once", 120),
        ("often", 180),
    ]


def test_feeds_of_two_timeframes_are_both_filled_before_the_first_hook(make_session: Any) -> None:
    class Both(Strategy):
        DATA = {"fast": bars("1m"), "slow": bars("5m"), "again": bars("1m")}

        def init(self) -> dict[str, Any]:
            return {"seen": []}

        def on_bar(self, bar: Any) -> None:
            self.state["seen"].append(
                (bar.feed, self.fast.count, self.slow.count, self.again.count)
            )

    session = load(make_session, Both)
    session.run(bar(n) for n in range(5))
    seen = strategy_of(session).state["seen"]
    assert seen[:2] == [("fast", 1, 0, 1), ("again", 1, 0, 1)]
    assert seen[-3:] == [("fast", 5, 1, 5), ("slow", 5, 1, 5), ("again", 5, 1, 5)]


def test_quotes_and_trades_reach_who_wants_them_and_make_bars(make_session: Any) -> None:
    class Ticks(Strategy):
        DATA = {"q": quotes(), "t": trades(), "m": bars("1m")}

        def init(self) -> dict[str, Any]:
            return {"seen": []}

        def on_quote(self, quote: Any) -> None:
            self.state["seen"].append(("quote", quote.bid))

        def on_market_trade(self, trade: Any) -> None:
            self.state["seen"].append(("trade", trade.price))

        def on_bar(self, bar: Any) -> None:
            self.state["seen"].append(("bar", bar.close, (self.now - START) // MINUTE))

    session = load(make_session, Ticks)
    session.run(
        [
            quote(1, 9_900, 10_000),
            trade(2, 9_950),
            trade(MINUTE + 1, 10_000),
            trade(MINUTE + 2, 10_100),
            quote(4 * MINUTE, 9_900, 10_000),
        ]
    )
    assert strategy_of(session).state["seen"] == [
        ("quote", 99.0),
        ("trade", 99.5),
        ("trade", 100.0),
        ("trade", 101.0),
        ("bar", 101.0, 2),
        ("quote", 99.0),
    ]


def test_each_instance_sees_quotes_under_the_names_of_its_own_feeds(make_session: Any) -> None:
    class One(Strategy):
        DATA = {"q": quotes(keep=3)}

        def init(self) -> dict[str, Any]:
            return {"seen": []}

        def on_quote(self, quote: Any) -> None:
            self.state["seen"].append((quote.feed, quote.bid, quote.time - START))

    class Other(One):
        DATA = {"top": quotes(), "again": quotes(keep=2)}

    session = make_session()
    for name, kind in (("a", One), ("b", Other), ("c", One)):
        session.add_strategy(name, kind, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run([quote(1, 9_900, 10_000), quote(2, 9_800, 10_000)])
    first, other, third = (strategy_of(session, name) for name in "abc")
    assert first.state["seen"] == [("q", 99.0, 1), ("q", 98.0, 2)]
    assert third.state["seen"] == first.state["seen"]
    assert other.state["seen"] == [
        (feed, bid, time) for bid, time in ((99.0, 1), (98.0, 2)) for feed in ("top", "again")
    ]
    assert [view.bid for view in first.q.history] == [99.0, 98.0]
    assert (first.q.count, other.again.count, len(other.top.history)) == (2, 2, 1)


@pytest.mark.parametrize("is_guarded", [False, True], ids=["without a guard", "with a guard"])
def test_neighbours_share_a_quote_and_fail_each_for_itself(
    make_session: Any, is_guarded: bool
) -> None:
    class One(Strategy):
        DATA = {"q": quotes()}
        STATE_SCHEMA = {"seen": {"type": "int", "default": 0}}

        def on_quote(self, quote: Any) -> None:
            self.state["seen"] += 1
            if self.context.strategy_id == "b":
                raise ValueError("not mine")
            if self.context.strategy_id == "c":
                self.context.place_order("buy", 1)

    class Whole(One):
        def on_event(self, ctx: Any, event: Any) -> Any:
            return super().on_event(ctx, event)

    guard = TimeGuard(Telemetry(), hard_ns=None) if is_guarded else None
    session = make_session(guard=guard)
    for name, kind in (("a", One), ("b", One), ("c", One), ("d", Whole), ("e", One)):
        session.add_strategy(name, kind, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run([quote(n, 9_900, 10_000) for n in (1, 2)])
    assert [strategy_of(session, name).state["seen"] for name in "abcde"] == [2, 2, 2, 2, 2]
    runners = session.loop.host.running_instances
    assert [runner.failures for runner in runners.values()] == [0, 2, 0, 0, 0]
    assert len({id(runners[StrategyId(name)].strategy.q.last) for name in "abc"}) == 1
    assert [order.terms.strategy_id for order in session.loop.kernel.state.orders.values()] == [
        "c",
        "c",
    ]
    assert set(session.loop.host.kept.texts.values()) == {'{"seen":2}'}


def test_bars_of_quotes_alone(make_session: Any) -> None:
    class OnBars(Recorder):
        DATA = {"m": bars("1m")}

    session = load(make_session, OnBars)
    session.run(quote(n * 20 * 10**9, 10_000 + n, 10_002 + n) for n in range(8))
    assert strategy_of(session).calls[1:] == [("m", 100.06)]


def test_history_warms_one_instance_and_nothing_trades_on_it(
    make_session: Any, steps: Steps
) -> None:
    class Needy(Recorder):
        DATA = {"bars": bars("1m", warm=3)}

    session = make_session()
    session.add_strategy("a", Needy, [BTC.instrument_id], "acc")
    session.add_strategy("b", Recorder, [BTC.instrument_id], "acc")
    session.start(at=START)
    loop = session.loop
    (need,) = loop.host.warmup_needs(A)
    assert (need.instrument_id, need.timeframe_ns, need.count) == (BTC.instrument_id, MINUTE, 3)
    assert session.control_plane.status().instances[0] == ("a", "blocked")

    def old(n: int, close: int = 10_000, length: int = MINUTE) -> tuple[Any, Bar]:
        opened = START + n * MINUTE
        return BTC.instrument_id, Bar(opened, opened + length, 1, 1, 1, close, 0, A)

    loop.warm_up([old(-3), old(-2), old(-2), old(-9, length=5 * MINUTE)])
    (feed,) = strategy_of(session).feeds
    assert (feed.count, feed.needed) == (2, 3)
    loop.warm_up([old(-1)])
    assert steps.types()[-1] == "WarmupChanged"
    assert loop.host.warmup_needs(A) == ()
    session.run([bar(0)])
    assert strategy_of(session).calls == ["start", ("bars", 100.0)]
    assert strategy_of(session, "b").calls == ["start", ("bars", 100.0)]


def test_live_bars_also_warm_and_the_next_one_is_the_first_that_a_hook_sees(
    make_session: Any, steps: Steps
) -> None:
    class Needy(Recorder):
        DATA = {"bars": bars("1m", warm=2), "twin": bars("1m", warm=2)}

    session = load(make_session, Needy)
    session.run([bar(0), bar(1), bar(2)])
    assert strategy_of(session).calls == ["start", ("bars", 100.0), ("twin", 100.0)]


def test_history_for_nobody_is_passed_over(make_session: Any) -> None:
    session = load(make_session, Recorder)
    gone = Bar(START - MINUTE, START, 1, 1, 1, 1, 0, StrategyId("gone"))
    session.loop.warm_up([(BTC.instrument_id, gone)])
    assert strategy_of(session).calls == ["start"]


def test_a_bar_that_comes_twice_or_late_reaches_no_feed(make_session: Any) -> None:
    session = load(make_session, Recorder)
    session.run([bar(1), bar(1), bar(0)])
    assert strategy_of(session).bars.count == 1


def test_bars_shorter_than_those_that_come_cannot_be_made_and_that_is_said(
    make_session: Any,
) -> None:
    lines: list[LogView] = []

    class Short(Recorder):
        DATA = {"bars": bars("1m")}

    session = make_session(log=lines.append)
    session.add_strategy("a", Short, [BTC.instrument_id], "acc")
    session.run([bar(0, length=5), bar(5, length=5)])
    assert [line.severity for line in lines] == [Severity.ERROR]
    assert strategy_of(session).calls == ["start"]


def test_lost_data_are_told(make_session: Any) -> None:
    session = load(make_session, Recorder)
    gap = MarketItem(START + 5, "SIM", BTC.instrument_id, DataGap(START, START + 5, "queue full"))
    session.run([gap])
    assert strategy_of(session).calls[-1] == ("gap", "queue full")


def test_items_of_a_market_that_nobody_has_reach_nobody(make_session: Any, steps: Steps) -> None:
    session = load(make_session, Recorder)
    session.run([bar(0, instrument=ETH), trade(1, instrument=ETH), quote(2, 1, 2, ETH)])
    assert strategy_of(session).calls == ["start"]


def test_an_instrument_that_changes_is_seen_changed(make_session: Any) -> None:
    import msgspec

    session = load(make_session, Recorder)
    changed = msgspec.structs.replace(BTC, size_increment=1_000)
    session.add_instrument(changed)
    assert strategy_of(session).context.instrument().size_increment == 1_000
    assert session.reference.constraints(BTC.instrument_id).size_increment == 1_000


def test_a_market_that_is_not_subscribed_to_is_out_of_reach(make_session: Any) -> None:
    class Nosy(Recorder):
        def on_bar(self, bar: Any) -> None:
            self.calls.append(self.context.get_price("ETH/USD"))

    session = load(make_session, Nosy)
    session.run([bar(0, instrument=ETH), bar(0)])
    runner = session.loop.host.running_instances[A]
    assert "ETH/USD" in runner.error
    assert runner.strategy.calls == ["start"]


def test_data_names_another_market(make_session: Any) -> None:
    class Two(Recorder):
        DATA = {"own": bars("1m"), "other": bars("1m", market="ETH/USD")}

    session = load(make_session, Two)
    session.run([bar(0, 10_000), bar(0, 5_000, ETH)])
    assert strategy_of(session).calls[1:] == [("own", 100.0), ("other", 50.0)]


def test_account_and_client_are_the_instance_s_own(make_session: Any) -> None:
    session = load(make_session, Recorder)
    context = strategy_of(session).context
    info = context.get_account_info()
    assert (info["account_id"], info["client_id"]) == ("acc", "tt-a")
    with pytest.raises(AttributeError, match="read-only"):
        context.account_id = "other"


def test_the_view_cannot_be_written_to(make_session: Any) -> None:
    class Mutates(Recorder):
        def on_bar(self, bar: Any) -> None:
            try:
                self.context._port.view.strategy_id = "b"
            except AttributeError as error:
                self.calls.append(str(error))

    session = load(make_session, Mutates)
    session.run([bar(0)])
    assert "read-only" in strategy_of(session).calls[-1]


def test_render_gives_widgets_and_a_broken_one_stays_in_its_panel(make_session: Any) -> None:
    class Draws(Recorder):
        def render(self) -> dict[str, Any]:
            if self.bars.count == 1:
                raise KeyError("nope")
            if self.bars.count == 2:
                self.context.place_order("buy", 1)
            return {"widgets": [{"type": "metric", "label": "n", "value": self.bars.count}]}

    session = load(make_session, Draws)
    host = session.loop.host
    assert len(host.get_ui(A).widgets) == 1
    session.run([bar(0)])
    broken = host.get_ui(A)
    assert broken.widgets == ()
    assert "KeyError" in broken.error
    assert "render" in broken.traceback
    session.run([bar(1)])
    assert "render()" in host.get_ui(A).error
    assert host.intents == []


def test_a_strategy_that_cannot_begin_is_not_loaded(make_session: Any) -> None:
    class NoSetup(Strategy):
        def setup(self) -> None:
            self.every("1m")
            raise RuntimeError("no model file")

    with pytest.raises(LoadError, match="no model file") as caught:
        load(make_session, NoSetup)
    assert "in setup" in caught.value.traceback


def test_a_bad_cadence_is_a_load_error(make_session: Any) -> None:
    class Never(Strategy):
        TICK_MINUTES = 0.0

    with pytest.raises(LoadError, match="TICK_MINUTES"):
        load(make_session, Never)


def test_one_id_runs_once(make_session: Any) -> None:
    session = load(make_session, Recorder)
    with pytest.raises(LoadError, match="already"):
        session.add_strategy("a", Recorder, [BTC.instrument_id], "acc")


def test_kept_state_comes_back_and_what_no_longer_fits_is_said(make_session: Any) -> None:
    from msgspec.structs import replace

    class Keeps(Strategy):
        STATE_SCHEMA = {"level": {"type": "int", "default": 0}}

        def on_bar(self, bar: Any) -> None:
            self.state["level"] += 1

    lines: list[LogView] = []
    session = make_session(log=lines.append)
    session.add_strategy("a", Keeps, [BTC.instrument_id], "acc")
    session.run([bar(0), bar(1)])
    loop = session.loop
    kept = loop.host.dump_state(A)
    spec = loop.host.running_instances[A].spec
    loop.unload_instance(A, "me", "config")
    loop.load_instance(replace(spec, kept_state=kept), Keeps)
    assert strategy_of(session).state == {"level": 2}
    loop.unload_instance(A, "me", "config")
    loop.load_instance(replace(spec, kept_state={"level": "high"}), Keeps)
    assert strategy_of(session).state == {"level": 0}
    assert lines


def test_kept_state_is_compared_only_where_the_strategy_ran(make_session: Any) -> None:
    class Keeps(Strategy):
        DATA = {"bars": bars("1m")}
        STATE_SCHEMA = {"level": {"type": "int", "default": 0}}

        def on_bar(self, bar: Any) -> None:
            self.state["level"] += 1

        def render(self) -> Any:
            self.state["level"] += 10
            return {"widgets": []}

    session = make_session()
    session.add_strategy("a", Keeps, [BTC.instrument_id], "acc")
    session.add_strategy("b", Keeps, [ETH.instrument_id], "acc")
    session.run([bar(0), bar(1)])
    kept = session.loop.host.kept
    assert kept.texts == {A: '{"level":2}', B: '{"level":0}'}
    assert not kept.touched
    session.loop.ingest(bar(2))
    assert kept.texts == {A: '{"level":3}', B: '{"level":0}'}
    session.loop.host.get_ui(B)
    assert list(kept.touched) == [B]
    session.loop.ingest(bar(3))
    assert kept.texts == {A: '{"level":4}', B: '{"level":10}'}
    session.loop.host.get_ui(B)
    kept.remove(B)
    assert not kept.touched and list(kept.runners) == [A]


def test_random_numbers_are_the_same_in_each_run_and_differ_between_instances(
    make_session: Any,
) -> None:
    class Dice(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            self.state["roll"] = self.rng.random()

    rolls = []
    for seed in (1, 1, 2):
        session = make_session(seed=seed)
        for name in ("a", "b"):
            session.add_strategy(name, Dice, [BTC.instrument_id], "acc")
        session.run([bar(0)])
        rolls.append([strategy_of(session, name).state["roll"] for name in ("a", "b")])
    assert rolls[0] == rolls[1]
    assert rolls[0] != rolls[2]
    assert rolls[0][0] != rolls[0][1]


def test_log_lines_are_printable_and_bounded(make_session: Any) -> None:
    class Chatty(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            for n in range(1_000):
                self.log(f"\x1b[2J line {n}")

    lines: list[LogView] = []
    session = make_session(log=lines.append)
    session.add_strategy("a", Chatty, [BTC.instrument_id], "acc")
    session.run([bar(0)])
    assert len(lines) == 50
    assert lines[0].text == "?[2J line 0"
    assert "left out" in lines[-1].text
    session.run([bar(1)])
    assert len(lines) == 100


class Watch:
    """A guard that notes its calls."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def enter(self, strategy_id: StrategyId, hook: str) -> None:
        self.calls.append((strategy_id, hook))

    def leave(self) -> None:
        self.calls.append("leave")

    def call(self, strategy_id: StrategyId, hook: str, handlers: Any, view: Any) -> None:
        self.enter(strategy_id, hook)
        try:
            handlers[view.__class__](view)
        finally:
            self.leave()


def test_the_guard_is_told_of_every_callback_whatever_becomes_of_it(make_session: Any) -> None:
    class Mixed(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 1:
                raise ValueError
            self.context.place_order("buy", 1)

        def render(self) -> dict[str, Any]:
            if self.bars.count == 1:
                raise ValueError
            return {"widgets": []}

    watch = Watch()
    session = make_session(guard=watch)
    session.add_strategy("a", Mixed, [BTC.instrument_id], "acc", mode=InstanceMode.OBSERVE)
    session.run([bar(0)])
    session.loop.host.get_ui(A)
    session.run([bar(1)])
    session.loop.host.get_ui(A)
    entered = [call for call in watch.calls if call != "leave"]
    assert watch.calls.count("leave") == len(entered)
    assert (A, "on_bar") in entered
    assert (A, "render") in entered


def test_recent_bars_are_those_of_the_instance_s_markets(make_session: Any) -> None:
    session = load(make_session, Recorder)
    session.run(bar(n) for n in range(4))
    port = session.loop.host.running_instances[A].port
    assert len(port.recent_bars(BTC.instrument_id, MINUTE, 3)) == 3
    assert port.recent_bars(BTC.instrument_id, 5 * MINUTE, 3) == ()
    with pytest.raises(KeyError):
        port.recent_bars(ETH.instrument_id, MINUTE, 3)
    with pytest.raises(KeyError):
        port.subscribe(ETH.instrument_id)
    assert session.loop.host.market.recent_bars(ETH.instrument_id, MINUTE, 3) == ()


def test_a_reload_while_holding_resumes_the_round_trip(make_session: Any) -> None:
    class Holds(Recorder):
        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 1 and not self.position:
                self.enter("long", amount=1)

    class Closes(Recorder):
        def on_bar(self, bar: Any) -> None:
            if self.position:
                self.close()

    session = load(make_session, Holds)
    session.run([bar(0), bar(1)])
    spec = session.loop.host.running_instances[A].spec
    session.loop.unload_instance(A, "me")
    session.loop.load_instance(spec, Closes)
    session.run([bar(2), bar(3)])
    assert ("exit", "long") in strategy_of(session).calls


def test_trade_ids_are_of_the_venue(make_session: Any, steps: Steps) -> None:
    session = load(make_session, Buyer)
    session.run([bar(0), bar(1)])
    (fill,) = [f for r in steps.records for f in r.result.fills]
    assert fill.trade_id != TradeId("")


def test_what_is_asked_for_in_on_stop_is_decided_and_harms_nothing(
    make_session: Any, steps: Steps
) -> None:
    class Leaves(Buyer):
        def on_stop(self) -> None:
            self.context.place_order("sell", 1)

    session = load(make_session, Leaves)
    session.run([bar(0), bar(1)])
    session.close()
    (record,) = steps.of("InstanceUnloaded")
    assert [d.outcome.value for d in record.decisions] == ["reject"]


def test_reports_for_an_instance_that_is_gone_reach_nobody(make_session: Any, steps: Steps) -> None:
    class Rests(Recorder):
        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 1:
                self.context.place_order("buy", 1, "limit", 90.0, role="entry")
                self.context.place_order("buy", 1)

    session = load(make_session, Rests)
    strategy = strategy_of(session)
    session.run([bar(0)])
    session.loop.unload_instance(A, "me")
    before = list(strategy.calls)
    session.run([bar(1, 8_000)])
    assert strategy.calls == before
    assert steps.of("OrderCancelled")


def test_an_instance_stopped_by_errors_is_told_nothing_not_even_fills(make_session: Any) -> None:
    class Fails(Recorder):
        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 1:
                self.context.place_order("buy", 1, "limit", 60.0)
                return
            raise RuntimeError

    session = load(make_session, Fails)
    session.run(bar(n) for n in range(5))
    strategy = strategy_of(session)
    strategy.calls.clear()
    session.run([bar(5, 5_000)])
    session.loop.control(ModeChanged(A, InstanceMode.OBSERVE, "me"))
    session.close()
    assert strategy.calls == []


def test_a_refused_cancel_is_told_as_news_of_the_order(make_session: Any, steps: Steps) -> None:
    class CancelsTwice(Recorder):
        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 1:
                self.order = self.context.place_order("buy", 1)
            if self.bars.count == 3:
                self.context.cancel_order(self.order)

    session = load(make_session, CancelsTwice)
    session.run(bar(n) for n in range(4))
    (denied,) = steps.of("OrderDenied")
    assert denied.event.payload.client_order_id == strategy_of(session).order
    assert strategy_of(session).calls[-1][1] == "OrderDenied"


def test_denials_are_not_kept_for_strategies_that_do_not_listen(
    make_session: Any, steps: Steps
) -> None:
    class Deaf(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            self.context.place_order("buy", 1e6)

    session = load(make_session, Deaf)
    session.run([bar(0)])
    assert len(steps.of("OrderDenied")) == 1
    assert session.loop.host.denied == {}


def test_one_of_two_instances_listens(make_session: Any) -> None:
    class Deaf(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            self.context.place_order("buy", 1e6)
            self.context.place_order("buy", 0.1)

    session = make_session()
    session.add_strategy("a", Deaf, [BTC.instrument_id], "acc")
    session.add_strategy("b", Recorder, [BTC.instrument_id], "acc")
    session.run([bar(0), bar(1)])
    assert strategy_of(session, "b").calls == ["start", ("bars", 100.0), ("bars", 100.0)]


def test_a_native_strategy_gets_every_event_through_on_event(make_session: Any) -> None:
    class Native(Strategy):
        DATA = {"bars": bars("1m")}

        def init(self) -> dict[str, Any]:
            self.seen: list[str] = []
            return {}

        def on_event(self, ctx: Any, event: Any) -> Any:
            self.seen.append(type(event).__name__)
            if self.seen.count("BarView") == 1 and type(event).__name__ == "BarView":
                return [ctx.build_order("buy", 1)]
            return []

    session = load(make_session, Native)
    session.run([bar(0), bar(1)])
    seen = strategy_of(session).seen
    assert [name for name in seen if name != "TickView"] == [
        "StartView",
        "BarView",
        "OrderView",
        "OrderView",
        "FillView",
        "BarView",
    ]


def test_an_instance_may_subscribe_to_more_markets_than_its_feeds(make_session: Any) -> None:
    class Peeks(Recorder):
        def on_bar(self, bar: Any) -> None:
            self.calls.append(self.context.get_price("ETH/USD"))

    session = make_session()
    session.add_strategy("a", Peeks, [BTC.instrument_id, ETH.instrument_id], "acc")
    session.run([bar(0, 5_000, ETH), bar(0)])
    assert strategy_of(session).calls == ["start", 50.0]
    assert session.loop.kernel.state.instances[A].instruments == (
        BTC.instrument_id,
        ETH.instrument_id,
    )


def test_the_book_in_view_follows_the_mode(make_session: Any) -> None:
    seen: list[float] = []

    class Looks(Recorder):
        def on_bar(self, bar: Any) -> None:
            seen.append(self.position.quantity)
            if not self.position:
                self.enter("long", amount=1)

    session = load(make_session, Looks, mode=InstanceMode.OBSERVE)
    session.run([bar(0), bar(1)])
    session.loop.control(ModeChanged(A, InstanceMode.ACTIVE, "me"))
    session.run([bar(2), bar(3)])
    assert seen == [0.0, 1.0, 0.0, 1.0]


def test_the_guard_of_a_position_is_told(make_session: Any) -> None:
    seen: list[str] = []

    class Guarded(Recorder):
        def on_bar(self, bar: Any) -> None:
            seen.append(self.position.guard)
            if self.bars.count == 1:
                self.enter("long", amount=1, stop=90.0)

    session = load(make_session, Guarded)
    session.run([bar(0), bar(1)])
    assert seen == ["-", "venue"]


def test_bars_of_trades_stop_when_bars_come(make_session: Any) -> None:
    session = load(make_session, Recorder)
    session.run([trade(1), trade(MINUTE + 1), quote(MINUTE + 2, 9_900, 10_100)])
    session.run([bar(n) for n in range(2, 4)])
    session.run([trade(4 * MINUTE + 1), trade(5 * MINUTE + 1)])
    assert strategy_of(session).calls == ["start", *[("bars", 100.0)] * 3]


def test_shorter_base_bars_take_the_place_of_longer_ones(make_session: Any) -> None:
    class Five(Recorder):
        DATA = {"bars": bars("5m")}

    session = load(make_session, Five)
    session.run([bar(0, length=5)])
    session.run(bar(n) for n in range(5, 15))
    session.run([bar(15, length=5)])
    assert len(strategy_of(session).calls) == 4


def test_a_bar_that_moves_nothing_builds_no_record_and_no_snapshot(
    make_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradetui.engine import step_recorder
    from tradetui.engine.session import Session
    from tradetui.engine.session_config import SessionSettings, SimulatedBroker

    session = Session(SessionSettings())
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "1"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("a", Recorder, [BTC.instrument_id], "acc")
    session.run([bar(0)])

    def refuse(*args: Any) -> Any:
        raise AssertionError("the hot path built something")

    monkeypatch.setattr(step_recorder, "StepRecord", refuse)
    monkeypatch.setattr(session.loop.kernel, "view", refuse)
    monkeypatch.setattr(session.loop.kernel, "process_intents", refuse)
    session.run(bar(n) for n in range(1, 5))
    assert session.loop.host.snapshots_taken == 0
    assert strategy_of(session).bars.count == 5


def test_a_would_be_order_made_on_the_way_into_observe_lives(make_session: Any) -> None:
    class Prompt(Recorder):
        def on_mode(self, change: Any) -> None:
            self.enter("long", amount=1)

    session = load(make_session, Prompt)
    session.run([bar(0)])
    session.loop.control(ModeChanged(A, InstanceMode.OBSERVE, "me"))
    session.run([bar(1)])
    assert ("fill", "buy", 1.0) in strategy_of(session).calls


def test_loading_is_within_the_guard_too(make_session: Any) -> None:
    class Slow(Strategy):
        def setup(self) -> None:
            raise StrategyTimeout("took 2.0 s, at most 2.0 s")

    watch = Watch()
    session = make_session(guard=watch)
    session.add_strategy("a", Slow, [BTC.instrument_id], "acc")
    with pytest.raises(LoadError, match=r"loading: took 2\.0 s"):
        session.start(at=START)
    assert watch.calls == [(A, "setup"), "leave"]


def test_an_item_of_an_unknown_market_is_no_harm(make_session: Any, steps: Steps) -> None:
    from msgspec.structs import replace

    from tradetui.domain.ids import InstrumentId

    session = load(make_session, Recorder)
    stray = replace(bar(0), instrument_id=InstrumentId("X/Y.SIM"))
    session.run([stray, bar(1)])
    assert strategy_of(session).calls == ["start", ("bars", 100.0)]


def test_the_step_of_its_unloading_is_the_last_that_a_strategy_hears_of(
    make_session: Any, steps: Steps
) -> None:
    heard: list[str] = []

    class Resting(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            if not self.orders:
                self.enter("long", amount=1.0, limit=50.0)

        def on_order(self, order: Any) -> None:
            heard.append(order.cause)

        def on_stop(self) -> None:
            heard.append("stop")

    session = make_session()
    session.add_strategy("a", Resting, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run([bar(0)])
    session.loop.unload_instance(A, "me")
    assert heard[-1] == "stop"
    assert steps.types()[-2:] == ["InstanceUnloaded", "OrderCancelled"]
    assert not session.loop.host.running_instances


def test_within_a_guard_the_hooks_are_called_directly_once_warm(make_session: Any) -> None:
    class Warm(Strategy):
        DATA = {"bars": bars("1m")}

        def on_bar(self, bar: Any) -> None:
            assert self._handlers[type(bar)] == self.on_bar

    watch = Watch()
    session = make_session(guard=watch)
    session.add_strategy("a", Warm, [BTC.instrument_id], "acc")
    session.run([bar(0), bar(1), bar(2)])
    runner = session.loop.host.running_instances[A]
    assert runner.failures == 0
    assert watch.calls.count((A, "on_bar")) == 3
