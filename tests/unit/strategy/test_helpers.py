"""Tests of ``strategy/entries.py``."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from strategy_testing import CASH, ETH, FakePort, make_order, started

from tradetui.domain.enums import InstanceMode, OrderRole, OrderSide, OrderState, OrderType
from tradetui.domain.intents import CancelOrder, PlaceOrder, ReplaceOrder
from tradetui.strategy import Bracket, Strategy, bars
from tradetui.strategy.errors import WrongMoment


class Idle(Strategy):
    DATA: ClassVar = {"bars": bars("1m")}


@pytest.fixture
def port() -> FakePort:
    port = FakePort()
    port.price(100.0)
    port.price(10.0, ETH)
    return port


@pytest.fixture
def me(port: FakePort) -> Idle:
    return started(Idle, port)


def refusal(port: FakePort) -> tuple[str, str, str, str]:
    """Name, gate, value and limit of the last refusal; nothing was asked for."""
    assert port.take() == []
    signal = port.signals[-1]
    assert not signal.passed
    (gate,) = signal.gates
    assert not gate.passed
    return signal.name, gate.name, gate.value, gate.limit


def orders(port: FakePort) -> list[PlaceOrder]:
    taken = port.take()
    assert all(isinstance(intent, PlaceOrder) for intent in taken)
    return taken  # type: ignore[return-value]


def test_enter_with_an_amount(me: Idle, port: FakePort) -> None:
    assert me.enter("long", amount=0.5) == "tt1-0001"
    (entry,) = orders(port)
    assert (entry.side, entry.order_type, entry.quantity) == (
        OrderSide.BUY,
        OrderType.MARKET,
        5 * 10**7,
    )
    assert (entry.role, entry.reduce_only) == (OrderRole.ENTRY, False)


def test_enter_by_risk_with_stop_and_target(me: Idle, port: FakePort) -> None:
    key = me.enter("long", risk=0.01, stop=95.0, target_r=2.0, reason="dip")
    entry, stop, target = orders(port)
    # 1 % of 10,000 is lost over 5.00: 20 units.
    assert (entry.client_order_id, entry.quantity, entry.reason) == (key, 20 * 10**8, "dip")
    assert (stop.side, stop.order_type, stop.trigger_price) == (
        OrderSide.SELL,
        OrderType.STOP,
        9_500,
    )
    assert (stop.role, stop.parent_order_id, stop.reduce_only) == (OrderRole.STOP_LOSS, key, True)
    assert (target.order_type, target.price, target.role) == (
        OrderType.LIMIT,
        11_000,
        OrderRole.TAKE_PROFIT,
    )
    assert (target.parent_order_id, target.quantity) == (key, entry.quantity)
    assert stop.oco_group == target.oco_group == f"oco-{key}"


def test_enter_short_by_value(me: Idle, port: FakePort) -> None:
    me.enter("short", value=250.0, stop=105.0, target=90.0)
    entry, stop, target = orders(port)
    assert (entry.side, entry.quantity) == (OrderSide.SELL, 250_000_000)
    assert (stop.side, stop.trigger_price) == (OrderSide.BUY, 10_500)
    assert (target.side, target.price) == (OrderSide.BUY, 9_000)


def test_enter_short_with_a_target_in_r(me: Idle, port: FakePort) -> None:
    me.enter("short", amount=1, stop=105.0, target_r=2)
    assert orders(port)[2].price == 9_000


def test_enter_with_limit_and_trail(me: Idle, port: FakePort) -> None:
    me.enter("long", amount=1, limit=99.0, trail=2.0, post_only=True, tif="day")
    entry, stop = orders(port)
    assert (entry.order_type, entry.price, entry.post_only) == (OrderType.LIMIT, 9_900, True)
    assert (stop.order_type, stop.trail_offset, stop.trigger_price) == (
        OrderType.TRAILING_STOP,
        200,
        None,
    )
    assert stop.oco_group is None


def test_a_trail_may_start_at_a_stop(me: Idle, port: FakePort) -> None:
    me.enter("long", amount=1, stop=97.0, trail=2.0)
    assert orders(port)[1].trigger_price == 9_700


def test_enter_in_another_market(me: Idle, port: FakePort) -> None:
    port.hold(1.0, 100.0)
    port.open["a"] = make_order("a")
    me.enter("long", amount=1, symbol="ETH/USD")
    assert orders(port)[0].instrument_id == ETH.instrument_id


def test_enter_cuts_to_what_is_free(me: Idle, port: FakePort) -> None:
    port.budget_spent = 9_000 * CASH
    me.enter("long", value=5_000)
    assert orders(port)[0].quantity == 10 * 10**8


def test_enter_never_raises_in_observe(me: Idle, port: FakePort) -> None:
    port.mode, port.can_trade = InstanceMode.OBSERVE, False
    assert me.enter("long", amount=1) == "tt1-0001"
    assert len(orders(port)) == 1


def test_enter_refuses_while_a_position_is_held(me: Idle, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    assert me.enter("long", amount=1) is None
    assert refusal(port) == ("enter long", "flat", "long 0.5", "flat")
    assert me.enter("long", amount=1, add=True) == "tt1-0001"


@pytest.mark.parametrize(
    ("changes", "gate", "value"),
    [
        ({}, "entry", "a Accepted"),
        ({"state": OrderState.CREATED}, "entry", "a Created"),
        ({"state": OrderState.CANCEL_PENDING}, "entry", "a CancelPending"),
        ({"is_unknown": True}, "orders", "a UNKNOWN"),
        ({"is_unknown": True, "role": OrderRole.EXIT}, "orders", "a UNKNOWN"),
    ],
)
def test_enter_refuses_while_an_entry_is_working_or_unknown(
    me: Idle, port: FakePort, changes: dict[str, Any], gate: str, value: str
) -> None:
    port.open["a"] = make_order("a", **changes)
    for add in (False, True):
        assert me.enter("long", amount=1, add=add) is None
        assert refusal(port)[1:3] == (gate, value)


def test_other_orders_do_not_keep_an_entry_away(me: Idle, port: FakePort) -> None:
    port.open["x"] = make_order("x", role=OrderRole.EXIT)
    port.open["e"] = make_order("e", instrument=ETH, is_unknown=True)
    assert me.enter("long", amount=1) is not None


def test_enter_refuses_twice_in_one_step(me: Idle, port: FakePort) -> None:
    me.enter("long", amount=1)
    port.take()
    assert me.enter("long", amount=1) is None
    assert refusal(port) == ("enter long", "entry", "tt1-0001 asked for", "none working")


@pytest.mark.parametrize(
    ("side", "options", "gate", "value", "limit"),
    [
        ("long", {}, "size", "0 given", "one of amount, risk, value"),
        ("long", {"amount": 1, "value": 5}, "size", "2 given", "one of amount, risk, value"),
        ("long", {"risk": 0.01}, "stop", "none", "given, risk is what is lost there"),
        ("long", {"risk": -1, "stop": 95.0}, "risk", "-1", "a number above 0"),
        ("long", {"value": 0}, "value", "nan", "a number above 0"),
        ("long", {"value": float("nan")}, "value", "nan", "a number above 0"),
        ("long", {"value": 0.001}, "amount", "less than a lot", "what budget and cash allow"),
        ("long", {"amount": 1, "stop": 101.0}, "stop", "101", "below 100 for a long"),
        ("long", {"amount": 1, "stop": 100.0}, "stop", "100", "below 100 for a long"),
        ("short", {"amount": 1, "stop": 99.0}, "stop", "99", "above 100 for a short"),
        ("long", {"amount": 1, "target": 99.0}, "target", "99", "above 100 for a long"),
        ("short", {"amount": 1, "target": 101.0}, "target", "101", "below 100 for a short"),
        ("long", {"amount": 1, "stop": float("nan")}, "stop", "nan", "a number above 0"),
        ("long", {"amount": 1, "stop": "95"}, "stop", "'95'", "a number above 0"),
        ("long", {"amount": 1, "limit": -5.0}, "price", "-5.0", "a number above 0"),
        (
            "long",
            {"amount": 1, "target_r": 2},
            "stop",
            "none",
            "given, target_r counts in its distance",
        ),
        (
            "long",
            {"amount": 1, "stop": 95.0, "target_r": True},
            "target_r",
            "True",
            "a number above 0",
        ),
        (
            "long",
            {"amount": 1, "stop": 95.0, "target": 110.0, "target_r": 2},
            "target",
            "given twice",
            "one of target, target_r",
        ),
        (
            "long",
            {"amount": float("nan")},
            "order",
            "amount must be a finite number, got nan",
            "legal",
        ),
        (
            "sideways",
            {"amount": 1},
            "order",
            "side must be one of buy, sell, long, short; got 'sideways'",
            "legal",
        ),
    ],
)
def test_enter_refuses_numbers_that_do_not_fit(
    me: Idle, port: FakePort, side: str, options: dict[str, Any], gate: str, value: str, limit: str
) -> None:
    assert me.enter(side, **options) is None
    assert refusal(port) == (f"enter {side}", gate, value, limit)


def test_enter_needs_a_price(me: Idle, port: FakePort) -> None:
    port.marks.clear()
    assert me.enter("long", amount=1) is None
    assert refusal(port)[1:3] == ("price", "none")
    assert me.enter("long", amount=1, limit=99.0) is not None


def test_nothing_is_entered_in_another_place(me: Idle, port: FakePort) -> None:
    me.context.enter_phase("rendering")
    with pytest.raises(WrongMoment):
        me.enter("long", amount=1)
    with pytest.raises(WrongMoment):
        me.place("buy", 1)


def test_bracket(me: Idle, port: FakePort) -> None:
    assert me.bracket("long", amount=1, stop=95.0, target=110.0) == Bracket(
        "tt1-0001", "tt1-0002", "tt1-0003"
    )
    assert len(orders(port)) == 3
    assert me.bracket("long", amount=1, stop=95.0) is None
    assert refusal(port)[0] == "bracket long"


def test_place(me: Idle, port: FakePort) -> None:
    port.mode = InstanceMode.OBSERVE
    assert me.place("buy", 1, "limit", 99.0, post_only=True) == "tt1-0001"
    assert orders(port)[0].post_only
    assert me.place("buy", float("inf")) is None
    assert refusal(port) == (
        "place buy",
        "order",
        "amount must be a finite number, got inf",
        "legal",
    )


def test_close(me: Idle, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    port.open["a"] = make_order("a")
    port.open["p"] = make_order("p", state=OrderState.CANCEL_PENDING)
    port.open["x"] = make_order("x", role=OrderRole.EXIT, side=OrderSide.SELL)
    port.open["s"] = make_order("s", role=OrderRole.STOP_LOSS, side=OrderSide.SELL)
    port.open["e"] = make_order("e", instrument=ETH)
    assert me.close(reason="enough") == "tt1-0001"
    first, second, exit_order = port.take()
    assert (first, second) == (CancelOrder("a", "enough"), CancelOrder("x", "enough"))
    assert (exit_order.side, exit_order.order_type) == (OrderSide.SELL, OrderType.MARKET)
    assert (exit_order.quantity, exit_order.role, exit_order.reduce_only) == (
        5 * 10**7,
        OrderRole.EXIT,
        True,
    )


def test_close_a_short(me: Idle, port: FakePort) -> None:
    port.hold(-0.5, 90.0)
    me.close()
    assert orders(port)[0].side is OrderSide.BUY


def test_close_when_flat_still_cancels_entries(me: Idle, port: FakePort) -> None:
    port.open["a"] = make_order("a")
    assert me.close() is None
    assert port.take() == [CancelOrder("a", "close")]
    assert me.close(symbol="ETH/USD") is None
    assert refusal(port) == ("close", "position", "flat", "held")


def test_close_is_asked_for_once(me: Idle, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    me.close()
    port.take()
    assert me.close() is None
    assert refusal(port)[1:3] == ("exit", "tt1-0001 asked for")
    port.time += 1
    port.open["x"] = make_order("x", role=OrderRole.EXIT, kind=OrderType.MARKET, price=None)
    assert me.close() is None
    assert refusal(port)[1:3] == ("exit", "x Accepted")


def test_reduce(me: Idle, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    assert me.reduce(0.2, limit=101.0) == "tt1-0001"
    (order,) = orders(port)
    assert (order.quantity, order.price, order.reduce_only) == (2 * 10**7, 10_100, True)
    assert me.reduce(0.1) is None
    assert refusal(port)[1:3] == ("exit", "tt1-0001 asked for")
    port.time += 1
    me.reduce(fraction=0.5)
    assert orders(port)[0].quantity == 25_000_000
    port.time += 1
    me.reduce(9)
    assert orders(port)[0].quantity == 50_000_000
    port.time += 1
    port.open["e"] = make_order("e", role=OrderRole.EXIT, instrument=ETH)
    port.open["x"] = make_order("x", role=OrderRole.EXIT)
    assert me.reduce(0.1) is None
    assert refusal(port)[1:3] == ("exit", "x Accepted")


@pytest.mark.parametrize(
    ("arguments", "options", "gate", "value"),
    [
        ((), {}, "size", "unclear"),
        ((1,), {"fraction": 0.5}, "size", "unclear"),
        ((), {"fraction": 0}, "fraction", "0"),
        ((), {"fraction": 1.5}, "fraction", "1.5"),
        (("x",), {}, "order", "amount must be a plain number, got 'x'"),
        (
            (0.00001,),
            {},
            "order",
            "amount 1e-05 is less than one lot of BTC/USD: give at least 0.0001 BTC",
        ),
    ],
)
def test_reduce_refuses(
    me: Idle, port: FakePort, arguments: Any, options: dict[str, Any], gate: str, value: str
) -> None:
    port.hold(0.5, 90.0)
    assert me.reduce(*arguments, **options) is None
    assert refusal(port)[1:3] == (gate, value)


def test_reduce_when_flat(me: Idle, port: FakePort) -> None:
    assert me.reduce(0.1) is None
    assert refusal(port) == ("reduce", "position", "flat", "held")


def test_protect(me: Idle, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    guard = me.protect(stop=95.0, target=110.0)
    assert guard == Bracket("", "tt1-0001", "tt1-0002")
    stop, target = orders(port)
    assert (stop.trigger_price, stop.quantity, stop.parent_order_id) == (9_500, 5 * 10**7, None)
    assert stop.oco_group == target.oco_group
    assert stop.oco_group is not None
    assert me.protect(trail=2.0) == Bracket("", "tt1-0003", None)
    assert orders(port)[0].order_type is OrderType.TRAILING_STOP
    assert me.protect(target=120.0) == Bracket("", None, "tt1-0004")


def test_protect_a_short(me: Idle, port: FakePort) -> None:
    port.hold(-0.5, 110.0)
    me.protect(stop=105.0)
    assert orders(port)[0].side is OrderSide.BUY


def test_protect_refuses(me: Idle, port: FakePort) -> None:
    assert me.protect(stop=95.0) is None
    assert refusal(port) == ("protect", "position", "flat", "held")
    port.hold(0.5, 90.0)
    assert me.protect() is None
    assert refusal(port)[1:3] == ("guard", "nothing")
    assert me.protect(stop=101.0) is None
    assert refusal(port)[1:3] == ("stop", "101")
    assert me.protect(target=99.0) is None
    assert refusal(port)[1:3] == ("target", "99")
    assert me.protect(trail=-1.0) is None
    assert refusal(port)[2] == "trail must be above zero, got -1.0"
    port.open["s"] = make_order("s", role=OrderRole.STOP_LOSS)
    port.open["e"] = make_order("e", role=OrderRole.TAKE_PROFIT, instrument=ETH)
    assert me.protect(stop=95.0) is None
    assert refusal(port)[1:3] == ("guard", "stop_loss s working")
    assert me.protect(target=110.0) is not None
    port.take()
    port.marks.clear()
    assert me.protect(target=110.0) is None
    assert refusal(port)[1:3] == ("price", "none")


def test_move_stop(me: Idle, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    port.open["s"] = make_order(
        "s",
        side=OrderSide.SELL,
        kind=OrderType.STOP,
        price=None,
        trigger=9_500,
        role=OrderRole.STOP_LOSS,
    )
    assert me.move_stop(97.0) == "tt1-0001"
    assert port.take() == [ReplaceOrder("s", "tt1-0001", None, None, 9_700, "move stop")]
    assert me.move_stop(95.0) == "s"
    assert port.take() == []
    assert me.move_stop(101.0) is None
    assert refusal(port) == ("move_stop", "stop", "101", "below 100 for a long")


def test_move_the_stop_of_a_short(me: Idle, port: FakePort) -> None:
    port.hold(-0.5, 110.0)
    port.open["s"] = make_order(
        "s",
        side=OrderSide.BUY,
        kind=OrderType.STOP,
        price=None,
        trigger=10_500,
        role=OrderRole.STOP_LOSS,
    )
    assert me.move_stop(103.0) is not None


def test_move_stop_makes_one_where_there_is_none(me: Idle, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    assert me.move_stop(97.0) == "tt1-0001"
    assert orders(port)[0].trigger_price == 9_700


def test_move_stop_refuses(me: Idle, port: FakePort) -> None:
    assert me.move_stop(97.0) is None
    assert refusal(port) == ("move_stop", "position", "flat", "held")
    port.hold(0.5, 90.0)
    stop = {"side": OrderSide.SELL, "kind": OrderType.STOP, "price": None, "trigger": 9_500}
    port.open["s"] = make_order("s", role=OrderRole.STOP_LOSS, pending_replace="t", **stop)
    assert me.move_stop(97.0) is None
    assert refusal(port)[1:3] == ("stop", "s not answered")
    port.open["s"] = make_order("s", role=OrderRole.STOP_LOSS, **stop)
    assert me.move_stop(float("nan")) is None
    assert refusal(port)[1:3] == ("stop", "nan")
    assert me.move_stop(0.001) is not None
    port.take()
    port.marks.clear()
    assert me.move_stop(97.0) is None
    assert refusal(port)[1:3] == ("price", "none")


def test_move_stop_to_what_is_no_price(me: Idle, port: FakePort) -> None:
    port.hold(0.5, 90.0)
    assert me.move_stop(1e-70) is None
    assert "out of range" in refusal(port)[2]


def test_no_entry_goes_out_without_its_guards(me: Idle, port: FakePort) -> None:
    assert me.enter("long", amount=1, stop=1e-70) is None
    assert "stop 1e-70 is out of range" in refusal(port)[2]
    assert me.enter("long", amount=1, trail=float("nan")) is None
    assert "trail must be a finite number" in refusal(port)[2]


def test_a_cancel_says_whether_there_was_anything_to_cancel(me: Idle, port: FakePort) -> None:
    port.open["a"] = make_order("a")
    assert me.cancel("a", reason="why")
    assert me.cancel(me.orders[0])
    assert port.take() == [CancelOrder("a", "why"), CancelOrder("a")]
    port.open["p"] = make_order("p", state=OrderState.CANCEL_PENDING)
    port.closed["f"] = make_order("f", state=OrderState.FILLED)
    for key, found in (
        ("p", "p CancelPending"),
        ("f", "f Filled"),
        ("z", "z unknown"),
        (None, "None unknown"),
    ):
        assert not me.cancel(key)
        assert refusal(port) == ("cancel", "order", found, "open")


def test_an_unknown_market_is_a_refusal(me: Idle, port: FakePort) -> None:
    for attempt in (
        lambda: me.enter("long", amount=1, symbol="X/Y"),
        lambda: me.close(symbol="X/Y"),
        lambda: me.reduce(1, symbol="X/Y"),
        lambda: me.protect(stop=1.0, symbol="X/Y"),
        lambda: me.move_stop(1.0, symbol="X/Y"),
        lambda: me.place("buy", 1, symbol="X/Y"),
    ):
        assert attempt() is None
        assert "is not a market" in refusal(port)[2]
