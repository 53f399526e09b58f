from __future__ import annotations

from typing import Any, ClassVar

import pytest
from strategy_testing import (
    BTC,
    CASH,
    ETH,
    MINUTE,
    START,
    FakePort,
    feed_bar,
    make_bar,
    make_fill,
    make_order,
    send,
    started,
)

from tradetui.domain.enums import InstanceMode, OrderSide, Severity
from tradetui.domain.intents import Intent, NoOp, PlaceOrder
from tradetui.domain.market_data import Quote, Trade
from tradetui.strategy import BarFeed, Context, Strategy, bars, quotes, trades
from tradetui.strategy.context import LEAST_INTERVAL
from tradetui.strategy.errors import (
    SchemaError,
    StrategyError,
    TradingNotAllowed,
    WrongMoment,
)
from tradetui.strategy.events import (
    BarView,
    ExitView,
    FillView,
    GapView,
    ModeView,
    OrderView,
    QuoteView,
    StartView,
    StopView,
    TickView,
    TimerView,
    TradeView,
)
from tradetui.strategy.widgets import Metric, Placeholder


class Spy(Strategy):
    """Notes every hook that is called."""

    DATA: ClassVar = {
        "quotes": quotes(),
        "bars": bars("1m"),
        "trades": trades(),
        "other": bars("5m", market="ETH/USD"),
    }

    def init(self) -> dict[str, Any]:
        self.calls: list[tuple[Any, ...]] = []
        return {"own": 1}

    def setup(self) -> None:
        self.calls.append(("setup", self.bars.count))

    def on_start(self) -> None:
        self.calls.append(("start",))

    def on_tick(self, tick: TickView) -> None:
        self.calls.append(("tick", tick.price))

    def on_bar(self, bar: BarView) -> None:
        self.calls.append(("bar", bar.feed, bar.close))

    def on_quote(self, quote: QuoteView) -> None:
        self.calls.append(("quote", quote.bid))

    def on_market_trade(self, trade: TradeView) -> None:
        self.calls.append(("trade", trade.price))

    def on_order(self, order: OrderView) -> None:
        self.calls.append(("order", order.id))

    def on_fill(self, fill: FillView) -> None:
        self.calls.append(("fill", fill.amount))

    def on_exit(self, trip: Any) -> None:
        self.calls.append(("exit", trip.net_pnl))

    def on_timer(self, name: str) -> None:
        self.calls.append(("timer", name))

    def on_mode(self, change: ModeView) -> None:
        self.calls.append(("mode", change.mode))

    def on_gap(self, gap: GapView) -> None:
        self.calls.append(("gap", gap.reason))

    def on_stop(self) -> None:
        self.calls.append(("stop",))


@pytest.fixture
def port() -> FakePort:
    port = FakePort()
    port.price(100.0)
    return port


@pytest.fixture
def spy(port: FakePort) -> Spy:
    return started(Spy, port)


def test_the_base_class_does_nothing() -> None:
    context: Any = object()
    strategy = Strategy(context, {"a": 1})
    assert strategy.context is context
    assert strategy.config == {"a": 1}
    assert strategy.state == {}
    assert Strategy.CONFIG_SCHEMA == {}
    assert Strategy.STATE_SCHEMA == {}
    assert Strategy.TICK_MINUTES == 1.0
    assert Strategy.ON_ERROR == "exit-only"
    assert strategy.init() == {}
    assert strategy.render() == {"widgets": []}
    assert strategy.on_tick({"price": 1}) is None
    assert [*Strategy.DATA] == ["quotes", "bars"]
    assert strategy.feeds == ()


def test_every_event_reaches_its_hook(spy: Spy, port: FakePort) -> None:
    spy.calls.clear()
    send(spy, spy.context.tick(1))
    send(spy, spy.bars.push(make_bar(101.0)))
    send(spy, spy.other.push(make_bar(10.0, instrument=ETH)))
    send(spy, spy.quotes.push(Quote(9_990, 1, 10_010, 1), START))
    send(spy, spy.trades.push(Trade(10_000, 1), START))
    send(spy, OrderView(make_order("a"), BTC, "OrderAccepted"))
    send(spy, FillView(make_fill(OrderSide.BUY, 1.0, 100.0, 1.0, fee=0.1), BTC))
    send(spy, FillView(make_fill(OrderSide.SELL, 1.0, 103.0, 0.0, pnl=3.0, fee=0.1), BTC))
    send(spy, TimerView("x", START))
    send(spy, ModeView(InstanceMode.ACTIVE, InstanceMode.OBSERVE, START))
    send(spy, GapView("BTC/USD", START, START + 1, "lost", START))
    send(spy, StopView(START))
    assert spy.calls == [
        ("tick", 100.0),
        ("bar", "bars", 101.0),
        ("bar", "other", 10.0),
        ("quote", 99.9),
        ("trade", 100.0),
        ("order", "a"),
        ("fill", 1.0),
        ("fill", 1.0),
        ("exit", 2.8),
        ("timer", "x"),
        ("mode", InstanceMode.ACTIVE),
        ("gap", "lost"),
        ("stop",),
    ]


def test_setup_comes_first_and_start_next(spy: Spy) -> None:
    assert spy.calls == [("setup", 0), ("start",)]


def test_a_strategy_without_hooks_takes_every_event(port: FakePort) -> None:
    class Bare(Strategy):
        pass

    bare = started(Bare, port)
    for event in (
        bare.context.tick(1),
        bare.bars.push(make_bar(1.0)),
        OrderView(make_order(), BTC),
        FillView(make_fill(OrderSide.BUY, 1.0, 1.0, 1.0), BTC),
        FillView(make_fill(OrderSide.SELL, 1.0, 1.0, 0.0), BTC),
        TimerView("x", START),
        ModeView(InstanceMode.ACTIVE, InstanceMode.OBSERVE, START),
        GapView("x", 0, 1, "r", START),
        StopView(START),
    ):
        assert send(bare, event) == []
    assert not bare.wants(BarView)
    assert not bare.wants(OrderView)
    assert not bare.wants(FillView)


def test_fills_are_wanted_for_round_trips_too(port: FakePort) -> None:
    class Exits(Strategy):
        def on_exit(self, trip: ExitView) -> None:
            """Take a round trip."""

    assert started(Exits, port).wants(FillView)


def test_an_event_is_wanted_where_a_hook_or_on_event_takes_it(spy: Spy, port: FakePort) -> None:
    class Native(Strategy):
        def on_event(self, ctx: Context, event: Any) -> list[Intent]:
            return []

    assert spy.wants(BarView)
    assert spy.wants(OrderView)
    assert started(Native, port).wants(BarView)


def test_intents_are_returned_and_recorded_once(port: FakePort) -> None:
    class Buyer(Strategy):
        def on_tick(self, tick: TickView) -> None:
            self.context.place_order("buy", 1)

    buyer = started(Buyer, port)
    returned = send(buyer, buyer.context.tick(1))
    assert len(returned) == 1
    assert port.take() == returned
    returned.append(NoOp())
    assert buyer.context.recorded == []


def test_the_native_contract(port: FakePort) -> None:
    class Native(Strategy):
        def on_event(self, ctx: Context, event: Any) -> list[Intent]:
            if isinstance(event, TickView):
                return [ctx.build_order("buy", 1), NoOp("and no more")]
            return []

    native = started(Native, port)
    send(native, native.context.tick(1))
    order, noop = port.take()
    assert isinstance(order, PlaceOrder)
    assert noop == NoOp("and no more")


def test_observe_records_then_raises_to_the_engine(port: FakePort) -> None:
    class Buyer(Strategy):
        def on_tick(self, tick: TickView) -> None:
            self.context.place_order("buy", 1)

    port.mode = InstanceMode.OBSERVE
    buyer = started(Buyer, port)
    with pytest.raises(TradingNotAllowed):
        buyer.on_event(buyer.context, buyer.context.tick(1))
    buyer.context.absorb([])
    assert len(port.take()) == 1


class Warm(Spy):
    DATA: ClassVar = {
        "quotes": quotes(),
        "bars": bars("1m"),
        "trades": trades(),
        "other": bars("5m", market="ETH/USD", warm=1),
    }

    def setup(self) -> None:
        self.average = self.bars.sma(2)


def test_market_hooks_wait_until_all_feeds_are_warm(port: FakePort) -> None:
    warm = started(Warm, port)
    assert [(feed.name, feed.needed) for feed in warm.feeds if feed.needed] == [
        ("bars", 2),
        ("other", 1),
    ]
    assert not warm.is_warm
    send(warm, warm.context.tick(1))
    send(warm, warm.quotes.push(Quote(1, 1, 2, 1), START))
    send(warm, warm.trades.push(Trade(1, 1), START))
    feed_bar(warm, port, make_bar(100.0, warmup=True))
    feed_bar(warm, port, make_bar(102.0, warmup=True))
    send(warm, OrderView(make_order("a"), BTC))
    assert (warm.bars.is_warm, warm.other.is_warm) == (True, False)
    send(warm, warm.other.push(make_bar(10.0, instrument=ETH, warmup=True)))
    assert warm.is_warm
    assert warm.calls == [("start",), ("order", "a")]
    feed_bar(warm, port, make_bar(104.0))
    send(warm, warm.context.tick(2))
    assert warm.calls[2:] == [("bar", "bars", 104.0), ("tick", 104.0)]
    assert warm.average.value == 103.0


def test_on_tick_waits_for_a_price(spy: Spy, port: FakePort) -> None:
    port.marks.clear()
    spy.calls.clear()
    send(spy, spy.context.tick(1))
    send(spy, spy.context.tick(2))
    assert spy.calls == []
    port.price(5.0)
    send(spy, spy.context.tick(3))
    assert spy.calls == [("tick", 5.0)]


def test_two_instances_share_nothing(port: FakePort) -> None:
    one, two = started(Spy, port), started(Spy, FakePort())
    one.state["x"] = 1
    one.plot("p", 1.0)
    assert "x" not in two.state
    assert two.plots == {}
    assert one.bars is not two.bars


def test_the_config_is_read_only(port: FakePort) -> None:
    strategy = Strategy(Context(port), {"z": 2.0, "levels": [1, 2]})
    assert (strategy.cfg.z, strategy.config["z"]) == (2.0, 2.0)
    assert strategy.cfg.levels == (1, 2)
    with pytest.raises(AttributeError, match="the config is read-only: z cannot be set"):
        strategy.cfg.z = 3
    with pytest.raises(AttributeError, match="read-only: z cannot be deleted"):
        del strategy.cfg.z
    with pytest.raises(TypeError):
        strategy.config["z"] = 3  # type: ignore[index]


class Keeper(Strategy):
    STATE_SCHEMA: ClassVar = {
        "cool_until": {"type": "time", "default": 0},
        "levels": {"type": "list", "item": "float", "default": [1.0]},
    }

    def init(self) -> dict[str, Any]:
        return {"fresh": []}


def test_kept_state(port: FakePort) -> None:
    keeper = Keeper(Context(port), {})
    assert keeper.state == {"fresh": [], "cool_until": 0, "levels": [1.0]}
    keeper.state["cool_until"] = START
    keeper.state["levels"].append(2.0)
    assert Keeper.STATE_SCHEMA["levels"]["default"] == [1.0]
    kept = keeper.dump_state()
    after = Keeper(Context(port), {})
    assert after.load_state(kept | {"gone": 1}) == [
        "state 'gone' is no longer in STATE_SCHEMA: dropped"
    ]
    assert after.state == {"fresh": [], "cool_until": START, "levels": [1.0, 2.0]}


def test_init_returns_a_dict(port: FakePort) -> None:
    class Wrong(Strategy):
        def init(self) -> Any:
            return None

    with pytest.raises(StrategyError, match=r"init\(\) must return a dict, got NoneType"):
        Wrong(Context(port), {})


def test_each_instance_has_the_timeframe_that_its_config_says(port: FakePort) -> None:
    class Framed(Strategy):
        DATA: ClassVar = {"bars": bars(setting="frame")}
        CONFIG_SCHEMA: ClassVar = {
            "frame": {"type": "choice", "choices": ["1m", "4h"], "default": "1m"}
        }

    for wanted in ("1m", "4h"):
        one = Framed(Context(port), {"frame": wanted})
        one.begin()
        (feed,) = one.feeds
        assert isinstance(feed, BarFeed) and feed.timeframe == wanted


def test_a_feed_cannot_hide_an_attribute(port: FakePort) -> None:
    class Wrong(Strategy):
        DATA: ClassVar = {"position": bars("1m")}

    class Own(Strategy):
        DATA: ClassVar = {"state": bars("1m")}

    for kind in (Wrong, Own):
        with pytest.raises(SchemaError, match="a feed cannot be named"):
            kind(Context(port), {}).begin()


def test_what_it_reads(spy: Spy, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    port.open["a"] = make_order("a")
    assert spy.position.quantity == 0.5
    assert [order.id for order in spy.orders] == ["a"]
    assert spy.now == START
    assert spy.signal("x", a=(1, "<", 2))
    assert spy.explain()[1] == "signal x: yes"
    spy.log("hello", "error")
    assert port.logs == [(Severity.ERROR, "hello")]


def test_plot_keeps_the_moment(spy: Spy, port: FakePort) -> None:
    spy.plot("z", 1.5)
    port.time += MINUTE
    spy.plot("z", 2)
    assert spy.plots == {"z": [[START, 1.5], [START + MINUTE, 2.0]]}


def test_random_numbers_are_the_same_in_a_replay(port: FakePort) -> None:
    first = [Strategy(Context(port), {}).rng.random() for _ in range(2)]
    assert first[0] == first[1]
    port.run_seed = 8
    assert Strategy(Context(port), {}).rng.random() != first[0]
    port.run_seed, port.strategy_id = 7, "you"
    assert Strategy(Context(port), {}).rng.random() != first[0]
    strategy = Strategy(Context(port), {})
    assert strategy.rng is strategy.rng


def test_timers_are_asked_for_at_after_and_every(spy: Spy, port: FakePort) -> None:
    spy.every("5m")
    spy.every(LEAST_INTERVAL, "often")
    spy.at(START + 3, "then")
    spy.after("90s", "later")
    assert port.timers == {
        "timer": (START + 5 * MINUTE, 5 * MINUTE),
        "often": (START + LEAST_INTERVAL, LEAST_INTERVAL),
        "then": (START + 3, None),
        "later": (START + 90_000_000_000, None),
    }
    spy.cancel_timer("often")
    assert "often" not in port.timers
    with pytest.raises(StrategyError, match="once in 100 ms at the most; got every 99999999 ns"):
        spy.every(LEAST_INTERVAL - 1)
    for interval in (0, -1, True, 1.5, None):
        with pytest.raises(StrategyError, match="an interval is a text"):
            spy.every(interval)
    with pytest.raises(StrategyError, match="a duration is"):
        spy.after("soon")


class Painter(Strategy):
    DATA: ClassVar = {"bars": bars("1m")}

    def render(self) -> Any:
        self.rng.random()
        return {"widgets": [{"type": "metric", "label": "x", "value": 1}, {"type": "?"}]}


def test_draw(port: FakePort) -> None:
    painter = started(Painter, port)
    metric, placeholder = painter.draw()
    assert metric == Metric(label="x", text="1", value=1.0)
    assert isinstance(placeholder, Placeholder)
    painter.context.place_order("buy", 1)


def test_what_render_draws_from_rng_changes_nothing(port: FakePort) -> None:
    drawn, plain = started(Painter, port), started(Painter, port)
    assert drawn.rng.random() == plain.rng.random()
    drawn.draw()
    assert drawn.rng.random() == plain.rng.random()
    # Also when render is the first to ask for it.
    early, late = started(Painter, port), started(Painter, port)
    early.draw()
    assert early.rng.random() == late.rng.random()


def test_render_may_not_trade(port: FakePort) -> None:
    class Trader(Strategy):
        def render(self) -> Any:
            self.enter("long", amount=1)
            return {"widgets": []}

    trader = started(Trader, port)
    with pytest.raises(WrongMoment, match=r"an order cannot be asked for in render\(\)"):
        trader.draw()
    assert port.take() == []
    assert trader.enter("long", amount=1) is not None


def test_setup_may_not_trade(port: FakePort) -> None:
    class Eager(Strategy):
        def setup(self) -> None:
            self.enter("long", amount=1)

    with pytest.raises(WrongMoment, match="in init"):
        started(Eager, port)


def test_a_trip_goes_on_over_a_reload(port: FakePort) -> None:
    port.hold(1.0, 90.0)
    spy = started(Spy, port)
    send(spy, FillView(make_fill(OrderSide.SELL, 1.0, 100.0, 0.0, pnl=10.0), BTC))
    assert spy.calls[-1] == ("exit", 10.0)


class Dip(Strategy):
    """The example of the design."""

    LABEL = "Dip in an uptrend"
    TICK_MINUTES = 1.0
    DATA: ClassVar = {"fast": bars("5m", warm=200), "slow": bars("1h", warm=100)}
    CONFIG_SCHEMA: ClassVar = {
        "z": {
            "type": "float",
            "default": 2.0,
            "min": 0.5,
            "max": 5.0,
            "help": "entry, in deviations",
        },
        "risk": {"type": "float", "default": 0.005, "max": 0.02, "unit": "of budget"},
    }
    STATE_SCHEMA: ClassVar = {"cool_until": {"type": "time", "default": 0}}

    def init(self):
        return {}

    def setup(self):
        self.bb, self.trend = self.fast.bollinger(20), self.slow.ema(50)

    def on_tick(self, tick): ...

    def on_bar(self, bar):
        if self.position:
            return
        if self.signal(
            "long", z=(self.bb.z, "<", -self.cfg.z), trend=(bar.close, ">", self.trend.value)
        ):
            self.enter("long", risk=self.cfg.risk, stop=bar.close * 0.99, target_r=2.5)

    def render(self):
        return {
            "widgets": [
                {"type": "line_chart", "data": self.bb.history},
                {"type": "metric", "label": "z", "value": self.bb.z},
            ]
        }


def test_the_example_runs_as_written(port: FakePort) -> None:
    dip = started(Dip, port, {"z": 2.0, "risk": 0.005})
    for number in range(100):
        feed_bar(dip, port, make_bar(90.0, index=number, warmup=True), "slow")
    for number in range(200):
        feed_bar(dip, port, make_bar(100.0 + number % 3, index=100 + number, warmup=True), "fast")
    assert (dip.is_warm, port.signals) == (True, [])
    feed_bar(dip, port, make_bar(101.0, index=301), "fast")
    assert port.take() == []
    feed_bar(dip, port, make_bar(97.0, index=302), "fast")
    entry, stop, target = port.take()
    assert entry.quantity == int(10_000 * 0.005 / (97.0 - 97.0 * 0.99) * 10_000) * 10_000
    assert (stop.trigger_price, target.price) == (9_603, 9_943)
    assert entry.signal == len(port.signals) - 1
    assert [type(widget).__name__ for widget in dip.draw()] == ["LineChart", "Metric"]
    assert port.money["USD"] == 10_000 * CASH


def test_start_view_is_an_event(port: FakePort) -> None:
    class Starter(Strategy):
        def on_start(self) -> None:
            self.context.place_order("buy", 1)

    strategy = Starter(Context(port), {})
    strategy.begin()
    send(strategy, StartView(START))
    assert len(port.take()) == 1
