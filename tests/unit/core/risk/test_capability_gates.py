"""What the route cannot do, and numbers that are not legal there, are refused."""

from __future__ import annotations

import msgspec
import pytest

from tradetui.domain.enums import (
    OrderRole,
    OrderSide,
    OrderType,
    Outcome,
    Support,
    TimeInForce,
)
from tradetui.domain.reasons import Reason

UNIT = 10**8
ETH, PERP, YES = "ETH/BTC.SIM", "BTC-PERP.SIM", "RAIN-YES.SIM"


@pytest.mark.parametrize(
    "change",
    [
        {"venue": "OTHER"},
        {"instruments": (ETH,)},
        {"route_id": "unused"},
    ],
)
def test_no_route_trades_the_instrument(world, change):
    route = msgspec.structs.replace(world.state.routes["main"], **change)
    del world.state.routes["main"]
    world.state.routes[route.route_id] = route
    decision = world.place().decision
    assert decision.reason is Reason.NO_ROUTE
    assert decision.route_id is None
    assert "acct" in decision.note


def test_no_context(world):
    world.change(execution_id="nowhere")
    assert world.place().decision.reason is Reason.NO_ROUTE


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("market", {"order_type": OrderType.MARKET}),
        ("limit", {}),
        ("stop", {"order_type": OrderType.STOP, "trigger_price": 1_010_000}),
        ("day", {"time_in_force": TimeInForce.DAY}),
        ("ioc", {"time_in_force": TimeInForce.IOC}),
        ("post_only", {"post_only": True}),
        ("reduce_only", {"reduce_only": True, "side": OrderSide.SELL}),
        ("oco", {"oco_group": "g"}),
    ],
)
def test_a_missing_capability(make_world, key, fields):
    base = make_world().state.routes["main"].capabilities
    for support in (Support.HELD, Support.NONE):
        world = make_world(msgspec.structs.replace(base, **{key: support}))
        world.hold(UNIT)
        decision = world.place(**fields).decision
        if support is Support.NONE:
            assert decision.reason is Reason.CAPABILITY
            assert decision.note.lower() == key
        else:
            assert decision.outcome is Outcome.ALLOW


def test_a_child_needs_brackets(make_world):
    base = make_world().state.routes["main"].capabilities
    world = make_world(msgspec.structs.replace(base, bracket=Support.NONE))
    parent = world.work()
    decision = world.place(
        side=OrderSide.SELL, price=11_000_00, role=OrderRole.TAKE_PROFIT, parent_order_id=parent
    ).decision
    assert decision.reason is Reason.CAPABILITY
    assert decision.note == "bracket"


@pytest.mark.parametrize(
    "fields",
    [
        {"price": 9_900_03},
        {"order_type": OrderType.STOP, "trigger_price": 9_900_03},
        {"order_type": OrderType.STOP_LIMIT, "trigger_price": 9_900_05, "price": 9_900_03},
        {"order_type": OrderType.TRAILING_STOP, "trail_offset": 3},
    ],
)
def test_a_price_off_the_tick(world, fields):
    world.instrument(price_increment=5)
    verdict = world.place(**fields)
    assert verdict.decision.reason is Reason.PRICE_TICK
    assert world.gate(verdict, Reason.PRICE_TICK).value == 3


@pytest.mark.parametrize(
    ("instrument_id", "bounds", "price", "is_legal"),
    [
        ("BTC/USD.SIM", {}, 0, False),
        ("BTC/USD.SIM", {}, 1, True),
        ("BTC/USD.SIM", {"price_min": 500}, 499, False),
        ("BTC/USD.SIM", {"price_max": 500}, 501, False),
        ("BTC/USD.SIM", {"price_max": 500}, 500, True),
        (YES, {}, -1, False),
        (YES, {}, 0, True),
        (YES, {}, 100, True),
        (YES, {}, 101, False),
        (YES, {"price_max": 99}, 100, False),
        (YES, {"price_max": 200}, 101, False),
        (PERP, {}, -5, True),
        (PERP, {"price_min": 0}, -5, False),
    ],
)
def test_the_bounds_of_prices(world, instrument_id, bounds, price, is_legal):
    world.instrument(instrument_id, min_notional=0, **bounds)
    quantity = 1 if instrument_id in (YES, PERP) else UNIT
    verdict = world.place(instrument_id=instrument_id, price=price, quantity=quantity)
    assert (verdict.decision.reason is not Reason.PRICE_BOUNDS) is is_legal


def test_the_bounds_of_a_trigger(world):
    world.instrument(price_max=12_000_00)
    verdict = world.place(order_type=OrderType.STOP, trigger_price=12_000_01)
    assert verdict.decision.reason is Reason.PRICE_BOUNDS
    assert world.gate(verdict, Reason.PRICE_BOUNDS).limit == 12_000_00


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"order_type": OrderType.MARKET},
        {"order_type": OrderType.STOP, "trigger_price": 1_010_000},
    ],
)
def test_a_quantity_off_the_lot(world, fields):
    verdict = world.place(quantity=UNIT + 7, **fields)
    assert verdict.decision.reason is Reason.QUANTITY_LOT
    assert world.gate(verdict, Reason.QUANTITY_LOT).value == 7


def test_the_least_and_the_largest_quantity(world):
    world.instrument(min_quantity=UNIT, max_quantity=2 * UNIT)
    small = world.place(quantity=UNIT - 10_000)
    assert small.decision.reason is Reason.MIN_QUANTITY
    assert world.gate(small, Reason.MIN_QUANTITY).limit == UNIT
    large = world.place(quantity=2 * UNIT + 10_000)
    assert large.decision.reason is Reason.MAX_QUANTITY
    both = world.place(quantity=2 * UNIT)
    assert world.gate(both, Reason.MIN_QUANTITY).passed
    assert world.gate(both, Reason.MAX_QUANTITY).passed


def test_the_least_notional(world):
    verdict = world.place(quantity=100_000)
    assert verdict.decision.reason is Reason.MIN_NOTIONAL
    assert world.gate(verdict, Reason.MIN_NOTIONAL).value == 9_90 * UNIT // 100
    assert world.gate(world.place(quantity=110_000), Reason.MIN_NOTIONAL).passed


def test_the_least_notional_of_an_order_without_price_waits_for_one(world):
    world.hold(UNIT)
    world.state.marks.clear()
    verdict = world.exit()
    assert verdict.decision.outcome is Outcome.ALLOW
    assert Reason.MIN_NOTIONAL not in world.codes(verdict)


def test_a_changed_instrument_is_seen_at_once(world):
    assert world.place().decision.outcome is Outcome.ALLOW
    world.instrument(size_increment=UNIT * 3)
    assert world.place().decision.reason is Reason.QUANTITY_LOT
