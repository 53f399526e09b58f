from __future__ import annotations

from typing import Any

import msgspec
import pytest
from strategy_testing import BTC, CASH, ETH, ME, START, FakePort, make_order

from tradetui.domain.enums import (
    Guard,
    InstanceMode,
    KillState,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Severity,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder, NoOp, PlaceOrder, ReplaceOrder, SetRiskFlag
from tradetui.domain.market_data import Quote
from tradetui.strategy import Context
from tradetui.strategy.errors import (
    InvalidOrder,
    StrategyError,
    TradingNotAllowed,
    UnknownSymbol,
    WrongMoment,
)
from tradetui.strategy.events import OrderView
from tradetui.strategy.reading import LOADING, RENDERING, RUNNING


@pytest.fixture
def port() -> FakePort:
    port = FakePort()
    port.price(100.0)
    port.price(10.0, ETH)
    return port


@pytest.fixture
def ctx(port: FakePort) -> Context:
    context = Context(port)
    assert context.enter_phase(RUNNING) == LOADING
    return context


def test_it_is_read_only(ctx: Context) -> None:
    with pytest.raises(AttributeError, match="the context is read-only: mode cannot be set"):
        ctx.mode = "active"
    with pytest.raises(AttributeError, match="read-only: anything cannot be set"):
        ctx.anything = 1
    with pytest.raises(AttributeError, match="read-only: _port cannot be deleted"):
        del ctx._port


def test_who_one_is_is_bound_and_cannot_be_overridden(ctx: Context) -> None:
    assert (ctx.account_id, ctx.client_id, ctx.run_id) == ("paper/main", "tradetui", "run-1")
    for name in ("strategy_id", "account_id", "client_id", "run_id"):
        with pytest.raises(AttributeError, match=f"read-only: {name} cannot be set"):
            setattr(ctx, name, "another")


def test_what_it_says(ctx: Context, port: FakePort) -> None:
    assert (ctx.strategy_id, ctx.symbol, ctx.mode, ctx.can_trade) == (
        "me",
        "BTC/USD",
        "active",
        True,
    )
    assert ctx.now == START
    assert (ctx.get_price(), ctx.get_price("ETH/USD")) == (100.0, 10.0)
    port.time += 2_500_000_000
    assert ctx.price_age() == 2.5
    port.marks.clear()
    port.mark_times.clear()
    assert ctx.get_price() is None
    assert ctx.price_age() is None
    assert ctx.instrument("ETH/USD") is ETH
    assert ctx.seed == "7:me"


@pytest.mark.parametrize("symbol", ["DOGE/USD", "", 5, ["x"]])
def test_an_unknown_market_is_named(ctx: Context, symbol: Any) -> None:
    with pytest.raises(UnknownSymbol, match="is not a market of this strategy: declare it in DATA"):
        ctx.get_price(symbol)
    with pytest.raises(InvalidOrder):
        ctx.place_order("buy", 1, symbol=symbol)


def test_orders(ctx: Context, port: FakePort) -> None:
    port.open["a"] = make_order("a")
    port.open["b"] = make_order("b", instrument=ETH, quantity=10**4)
    port.closed["c"] = make_order("c", state=OrderState.FILLED)
    assert [order.id for order in ctx.get_orders()] == ["a", "b"]
    assert [order.id for order in ctx.get_open_orders("ETH/USD")] == ["b"]
    assert ctx.get_open_orders("ETH/USD")[0].amount == 1.0
    assert ctx.get_order("c").status == "Filled"
    assert ctx.get_order("d") is None


def test_position(ctx: Context, port: FakePort) -> None:
    assert not ctx.get_position()
    port.hold(0.5, 90.0)
    port.guards[BTC.instrument_id] = Guard.VENUE
    position = ctx.get_position()
    assert (position.quantity, position.open_pnl, position.guard) == (0.5, 5.0, "venue")
    assert not ctx.get_position("ETH/USD")
    assert ctx.ledger_position().quantity == 50_000_000


def test_account(ctx: Context, port: FakePort) -> None:
    port.budget_spent = 11_000 * CASH
    info = ctx.get_account_info()
    assert info == {
        "strategy_id": "me",
        "account_id": "paper/main",
        "client_id": "tradetui",
        "mode": "active",
        "can_trade": True,
        "budget": 10_000.0,
        "budget_used": 11_000.0,
        "budget_free": 0.0,
        "cash": {"USD": 10_000.0, "BTC": 0.0},
    }


def test_a_market_order(ctx: Context, port: FakePort) -> None:
    key = ctx.place_order("buy", 0.5)
    assert key == "tt1-0001"
    assert port.take() == [
        PlaceOrder(key, BTC.instrument_id, OrderSide.BUY, OrderType.MARKET, 50_000_000)
    ]


def test_every_option(ctx: Context, port: FakePort) -> None:
    ctx.place_order(
        "SELL",
        "0.50001",
        "limit",
        101.001,
        symbol="ETH/USD",
        tif="gtd",
        expire=START + 1,
        post_only=True,
        reduce_only=True,
        oco="g",
        parent="tt1-7",
        role="take_profit",
        reason="a\tb",
    )
    (intent,) = port.take()
    assert intent == PlaceOrder(
        "tt1-0001",
        ETH.instrument_id,
        OrderSide.SELL,
        OrderType.LIMIT,
        5_000,
        10_105,
        None,
        None,
        TimeInForce.GTD,
        START + 1,
        True,
        True,
        OrderRole.TAKE_PROFIT,
        "tt1-7",
        "g",
        "amount 0.50001 price 101.001",
        None,
        "a b",
    )


def test_stops_and_trails(ctx: Context, port: FakePort) -> None:
    ctx.place_order("sell", 1, "stop", stop=99.001)
    ctx.place_order("sell", 1, "stop_limit", 98, stop="99")
    ctx.place_order("sell", 1, "trailing_stop", trail=1.5)
    ctx.place_order("sell", 1, "trailing_stop", trail=1.5, stop=98.5)
    a, b, c, d = port.take()
    assert (a.order_type, a.trigger_price, a.price) == (OrderType.STOP, 9_901, None)
    assert (b.order_type, b.trigger_price, b.price) == (OrderType.STOP_LIMIT, 9_900, 9_800)
    assert (c.trail_offset, c.trigger_price) == (150, None)
    assert (d.trail_offset, d.trigger_price) == (150, 9_850)


@pytest.mark.parametrize(
    ("options", "role", "reduces"),
    [
        ({}, OrderRole.ENTRY, False),
        ({"reduce_only": True}, OrderRole.EXIT, True),
        ({"role": "exit"}, OrderRole.EXIT, True),
        ({"role": "stop_loss"}, OrderRole.STOP_LOSS, True),
        ({"role": "entry"}, OrderRole.ENTRY, False),
    ],
)
def test_an_order_has_the_role_that_its_options_mean(
    ctx: Context, port: FakePort, options: dict[str, Any], role: OrderRole, reduces: bool
) -> None:
    ctx.place_order("sell", 1, **options)
    (intent,) = port.take()
    assert (intent.role, intent.reduce_only) == (role, reduces)


@pytest.mark.parametrize(
    ("arguments", "options", "problem"),
    [
        (("hold", 1), {}, "side must be one of buy, sell, long, short; got 'hold'"),
        ((None, 1), {}, "side must be one of"),
        ((["buy"], 1), {}, "side must be one of"),
        (
            ("buy", 1, "iceberg"),
            {},
            "type must be one of market, limit, stop, stop_limit, trailing",
        ),
        (("buy", 1, "limit"), {}, "a limit order needs price="),
        (("buy", 1, "market", 5), {}, "a market order takes no price="),
        (("buy", 1, "stop"), {}, "a stop order needs stop=, its trigger price"),
        (("buy", 1, "stop_limit", 5), {}, "a stop_limit order needs stop="),
        (("buy", 1), {"stop": 5}, 'a market order takes no stop=; use type="stop"'),
        (("buy", 1, "limit", 5), {"stop": 5}, "a limit order takes no stop="),
        (("buy", 1, "trailing_stop"), {}, "a trailing_stop order needs trail=, its distance"),
        (("buy", 1), {"trail": 1}, "a market order takes no trail="),
        (("buy", 1), {"tif": "forever"}, "tif must be one of gtc, day, ioc, fok, gtd"),
        (("buy", 1), {"tif": "gtd"}, 'tif="gtd" needs expire=, a moment in the future'),
        (("buy", 1), {"tif": "gtd", "expire": START}, "a moment in the future"),
        (("buy", 1), {"tif": "gtd", "expire": True}, "a moment in the future"),
        (("buy", 1), {"tif": "gtd", "expire": 1e30}, "a moment in the future"),
        (("buy", 1), {"expire": START + 1}, 'expire= goes with tif="gtd" only'),
        (("buy", 1), {"post_only": True}, "post_only is for limit orders, not for market"),
        (("buy", 1), {"role": "hedge"}, "role must be one of entry, exit, stop_loss, take_profit"),
        (("buy", 1), {"role": "entry", "reduce_only": True}, "cannot be reduce_only"),
        (("buy", 1), {"parent": 5}, "parent must be an order or its client_order_id, got 5"),
        (("buy", 1), {"parent": ""}, "parent must be an order"),
        (("buy", 1), {"oco": ""}, "oco must be a short text"),
        (("buy", 1), {"oco": "a\nb"}, "oco must be a short text"),
        (("buy", float("nan")), {}, "amount must be a finite number"),
        (("buy", 1e30), {}, "out of range"),
        (("buy", -1), {}, "must be above zero"),
        (("buy", 1, "limit", float("inf")), {}, "price must be a finite number"),
        (("buy", 1, "stop"), {"stop": "x"}, "stop must be a plain number"),
        (("buy", 1, "trailing_stop"), {"trail": -1}, "trail must be above zero"),
    ],
)
def test_what_is_no_order_is_refused(
    ctx: Context, port: FakePort, arguments: Any, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidOrder, match=problem):
        ctx.place_order(*arguments, **options)
    assert port.take() == []


def test_observe_records_and_then_raises(ctx: Context, port: FakePort) -> None:
    port.mode, port.can_trade = InstanceMode.OBSERVE, False
    with pytest.raises(TradingNotAllowed, match="me is in mode observe: the order was recorded"):
        ctx.place_order("buy", 1)
    assert len(port.take()) == 1
    assert len(ctx.recorded) == 1
    with pytest.raises(InvalidOrder):
        ctx.place_order("buy", 0)


def test_blocked_does_not_raise(ctx: Context, port: FakePort) -> None:
    port.can_trade = False
    assert ctx.place_order("buy", 1) == "tt1-0001"


@pytest.mark.parametrize(("phase", "where"), [(LOADING, "init"), (RENDERING, "render")])
def test_nothing_is_asked_for_at_the_wrong_moment(
    ctx: Context, port: FakePort, phase: str, where: str
) -> None:
    port.open["a"] = make_order("a")
    ctx.enter_phase(phase)
    acts = [
        lambda: ctx.place_order("buy", 1),
        lambda: ctx.build_order("buy", 1),
        lambda: ctx.cancel_order("a"),
        lambda: ctx.cancel_all_orders(),
        lambda: ctx.replace_order("a", price=1),
        lambda: ctx.set_risk_flag("halted"),
        lambda: ctx.signal("x", a=True),
    ]
    for act in acts:
        with pytest.raises(WrongMoment, match=where):
            act()
    assert port.take() == []
    assert port.signals == []


def test_a_timer_is_asked_for_and_forgotten(ctx: Context, port: FakePort) -> None:
    ctx.schedule("x", at=START + 1, every=10**9)
    assert port.timers == {"x": (START + 1, 10**9)}
    ctx.unschedule("x")
    assert port.timers == {}
    for name in ("", "x" * 65, "a\n", 5):
        with pytest.raises(StrategyError, match="a timer needs a short name"):
            ctx.schedule(name, at=START)
    for at in (1.5, True, None):
        with pytest.raises(StrategyError, match="a timer needs a moment in ns UTC"):
            ctx.schedule("x", at=at)
    ctx.enter_phase(RENDERING)
    with pytest.raises(WrongMoment, match="a timer cannot be asked for in render"):
        ctx.schedule("x", at=START)
    with pytest.raises(WrongMoment):
        ctx.unschedule("x")


def test_a_cancel_names_an_order_by_its_view_or_its_id(ctx: Context, port: FakePort) -> None:
    ctx.cancel_order("tt1-7", "why")
    ctx.cancel_order(OrderView(make_order("tt1-8"), BTC))
    assert port.take() == [CancelOrder("tt1-7", "why"), CancelOrder("tt1-8")]
    for order in (None, 5, "", "x" * 65):
        with pytest.raises(InvalidOrder, match="order must be an order or its client_order_id"):
            ctx.cancel_order(order)


def test_a_replace_scales_what_it_changes(ctx: Context, port: FakePort) -> None:
    port.open["a"] = make_order("a", side=OrderSide.SELL)
    assert ctx.replace_order("a", price=101.001, reason="up") == "tt1-0001"
    assert ctx.replace_order("a", amount=2, stop=3) == "tt1-0002"
    assert port.take() == [
        ReplaceOrder("a", "tt1-0001", None, 10_101, None, "up"),
        ReplaceOrder("a", "tt1-0002", 2 * 10**8, None, 300),
    ]
    with pytest.raises(InvalidOrder, match="a replace changes at least one of"):
        ctx.replace_order("a")
    with pytest.raises(InvalidOrder, match="'b' is not a known order of this instance"):
        ctx.replace_order("b", price=1)
    with pytest.raises(InvalidOrder, match="price must be above zero"):
        ctx.replace_order("a", price=0)


def test_replace_scales_by_the_order_s_own_market(ctx: Context, port: FakePort) -> None:
    port.open["a"] = make_order("a", instrument=ETH, quantity=10**4)
    ctx.replace_order("a", amount=2)
    assert port.take()[0].quantity == 20_000


def test_cancel_all_leaves_what_guards(ctx: Context, port: FakePort) -> None:
    port.open["a"] = make_order("a")
    port.open["s"] = make_order("s", role=OrderRole.STOP_LOSS)
    port.open["e"] = make_order("e", instrument=ETH)
    port.open["p"] = make_order("p", state=OrderState.CANCEL_PENDING)
    assert ctx.cancel_all_orders() == ["a", "e"]
    assert ctx.cancel_all_orders("ETH/USD") == ["e"]
    assert ctx.cancel_all_orders(protective=True) == ["a", "s", "e"]
    assert len(port.take()) == 6


def test_cancel_all_confirmed(ctx: Context, port: FakePort) -> None:
    port.open["a"] = make_order("a")
    port.open["p"] = make_order("p", state=OrderState.CANCEL_PENDING)
    port.open["s"] = make_order("s", role=OrderRole.STOP_LOSS)
    assert not ctx.cancel_all_orders_confirmed()
    assert port.take() == [CancelOrder("a")]
    del port.open["a"], port.open["p"]
    assert ctx.cancel_all_orders_confirmed()


def test_risk_flag(ctx: Context, port: FakePort) -> None:
    ctx.set_risk_flag("reducing", "drift")
    ctx.set_risk_flag("HALTED")
    assert port.take() == [SetRiskFlag(KillState.REDUCING, "drift"), SetRiskFlag(KillState.HALTED)]
    for state in ("normal", "", None, 5):
        with pytest.raises(InvalidOrder, match="state must be one of reducing, halted"):
            ctx.set_risk_flag(state)


def test_signals_reach_the_orders_that_follow(ctx: Context, port: FakePort) -> None:
    assert not ctx.signal("long", z=(-1.0, "<", -2))
    ctx.place_order("buy", 1)
    assert ctx.signal("long", z=(-3.0, "<", -2), flat=True)
    ctx.place_order("buy", 1)
    first, second = port.take()
    assert (first.signal, second.signal) == (None, 1)
    signal = port.signals[1]
    assert (signal.strategy_id, signal.name, signal.passed) == (ME, "long", True)
    assert [g.name for g in signal.gates] == ["z", "flat"]
    ctx.absorb([])
    ctx.place_order("buy", 1)
    assert port.take()[0].signal is None


def test_a_gate_may_be_called_name(ctx: Context) -> None:
    assert ctx.signal("x", name=True, self_check=(2, ">", 1))


def test_a_signal_has_few_gates(ctx: Context) -> None:
    with pytest.raises(StrategyError, match="a signal has at most 32 gates, x has 33"):
        ctx.signal("x", **{f"g{n}": True for n in range(33)})


def test_explain(ctx: Context, port: FakePort) -> None:
    assert ctx.explain() == ["mode active: may trade"]
    port.can_trade = False
    ctx.signal("long", z=(1.0, "<", -2), trend=True)
    ctx.refuse("enter long", "flat", "long 1", "flat")
    assert ctx.explain() == [
        "mode active: may not enter now",
        "signal long: no",
        "  z 1 < -2 FAIL",
        "  trend yes is yes ok",
        "refused enter long: no",
        "  flat long 1 is flat FAIL",
    ]
    assert [signal.name for signal in port.signals] == ["long", "enter long"]


def test_log(ctx: Context, port: FakePort) -> None:
    ctx.log("x\x1b[2J", "warning")
    ctx.log(5)
    assert port.logs == [(Severity.WARNING, "x?[2J"), (Severity.INFO, "5")]
    for level in ("loud", None, 5):
        with pytest.raises(StrategyError, match="level must be one of debug, info"):
            ctx.log("x", level)


def test_suggested_amounts(ctx: Context, port: FakePort) -> None:
    # 10,000 free of each; cash leaves 1 % of headroom.
    assert ctx.suggest_order_amount() == 99.0
    assert ctx.suggest_order_amount(fraction=0.5) == 49.5
    assert ctx.suggest_order_amount("sell") == 100.0
    assert ctx.suggest_order_amount(value=250) == 2.5
    assert ctx.suggest_order_amount(price=200.0, value=250) == 1.25
    assert ctx.suggest_order_amount(risk=0.01, stop=95.0) == 20.0
    assert ctx.suggest_order_amount(risk=0.01, stop=99.5) == 99.0
    assert ctx.suggest_order_amount(value=0.001) == 0.0
    assert ctx.suggest_order_amount(fraction=float("nan")) == 0.0
    assert ctx.suggest_order_amount(price=-1) == 0.0
    assert ctx.suggest_order_amount(price=float("nan")) == 0.0
    assert ctx.suggest_order_amount(symbol="ETH/USD", value=12.34567) == 1.2345
    port.budget_spent = 12_000 * CASH
    assert ctx.suggest_order_amount() == 0.0
    port.marks.clear()
    assert ctx.suggest_order_amount() == 0.0
    for stop in (None, 100.0):
        port.price(100.0)
        with pytest.raises(InvalidOrder, match="risk= needs stop="):
            ctx.suggest_order_amount(risk=0.01, stop=stop)


def test_absorb_takes_what_on_event_returned(ctx: Context, port: FakePort) -> None:
    ctx.place_order("buy", 1)
    recorded = ctx.recorded
    own = ctx.build_order("sell", 1)
    ctx.absorb([*recorded, own, NoOp("calm")])
    assert port.take() == [*recorded, own, NoOp("calm")]
    assert ctx.recorded == []
    ctx.absorb(())
    ctx.absorb([])
    assert port.take() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quantity": 1.5}, "malformed PlaceOrder: Expected `int"),
        ({"quantity": 2**70}, "malformed PlaceOrder"),
        ({"side": "up"}, "malformed PlaceOrder: Invalid enum value"),
        ({"instrument_id": None}, "malformed PlaceOrder: Expected `str`"),
        ({"reason": "\ud800"}, "malformed PlaceOrder"),
        ({"reason": "x" * 201}, "whose reason is .* at most 200 printable characters"),
        ({"client_order_id": "\x1b[2J"}, "whose client_order_id is"),
        ({"oco_group": "\u202e"}, "whose oco_group is"),
    ],
)
def test_absorb_refuses_an_intent_whose_fields_are_not_what_they_must_be(
    ctx: Context, port: FakePort, changes: dict[str, object], says: str
) -> None:
    intent = msgspec.structs.replace(ctx.build_order("buy", 1), **changes)
    with pytest.raises(StrategyError, match=says):
        ctx.absorb([NoOp("sound"), intent])
    assert port.take() == []


def test_absorb_takes_an_intent_of_a_class_of_the_strategys_own_as_one_of_ours(
    ctx: Context, port: FakePort
) -> None:
    class Mine(NoOp, frozen=True, tag="NoOp"):
        pass

    ctx.absorb([Mine("why not")])
    assert [type(intent) for intent in port.take()] == [NoOp]


@pytest.mark.parametrize("order", ["", "x" * 65, "\x1b[2J", "\ud800", 7])
def test_an_order_is_named_by_a_short_printable_id(ctx: Context, order: str) -> None:
    with pytest.raises(InvalidOrder, match="must be an order or its client_order_id"):
        ctx.cancel_order(order)


@pytest.mark.parametrize("returned", [None, 5, "x", {}, [1], [NoOp(), None]])
def test_absorb_refuses_what_is_no_list_of_intents(
    ctx: Context, port: FakePort, returned: Any
) -> None:
    with pytest.raises(StrategyError, match="on_event must return"):
        ctx.absorb(returned)
    assert port.take() == []


def test_discard_forgets(ctx: Context, port: FakePort) -> None:
    ctx.place_order("buy", 1)
    ctx.cancel_order("x")
    assert ctx.pending(BTC.instrument_id, OrderRole.ENTRY) == "tt1-0001"
    ctx.discard()
    assert ctx.recorded == []
    assert ctx.pending(BTC.instrument_id, OrderRole.ENTRY) is None


def test_pending_is_of_this_step_only(ctx: Context, port: FakePort) -> None:
    ctx.place_order("buy", 1)
    ctx.place_order("buy", 1)
    ctx.absorb([])
    assert ctx.pending(BTC.instrument_id, OrderRole.ENTRY) == "tt1-0001"
    assert ctx.pending(BTC.instrument_id, OrderRole.EXIT) is None
    assert ctx.pending(ETH.instrument_id, OrderRole.ENTRY) is None
    port.closed["tt1-0001"] = make_order("tt1-0001")
    assert ctx.pending(BTC.instrument_id, OrderRole.ENTRY) == "tt1-0002"
    port.time += 1
    assert ctx.pending(BTC.instrument_id, OrderRole.ENTRY) is None
    ctx.place_order("buy", 1)
    assert ctx.pending(BTC.instrument_id, OrderRole.ENTRY) == "tt1-0003"


def test_tick_view(ctx: Context, port: FakePort) -> None:
    tick = ctx.tick(7)
    assert (tick.price, tick.symbol, tick.number, tick.bid, tick.ask) == (
        100.0,
        "BTC/USD",
        7,
        None,
        None,
    )
    port.quotes[BTC.instrument_id] = Quote(9_990, 1, 10_010, 1)
    assert (ctx.tick(8).bid, ctx.tick(8).ask) == (99.9, 100.1)
    port.quotes[BTC.instrument_id] = Quote(0, 0, 0, 0)
    assert (ctx.tick(8).bid, ctx.tick(8).ask) == (None, None)
