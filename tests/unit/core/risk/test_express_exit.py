"""The short way of a common exit: it says what the long way says, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest

from tradetui.core.risk import express_exit
from tradetui.core.risk.engine import decide
from tradetui.core.risk.plan import Plan
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import (
    InstanceMode,
    KillState,
    OrderRole,
    OrderSide,
    Support,
    TimeInForce,
)
from tradetui.domain.enums import OrderType as Kind
from tradetui.domain.intents import AttributedIntent, PlaceOrder

UNIT = 10**8
BTC, ETH, PERP, YES = "BTC/USD.SIM", "ETH/BTC.SIM", "BTC-PERP.SIM", "RAIN-YES.SIM"
SELL = OrderSide.SELL


def both(world: Any, intent: PlaceOrder) -> bool:
    """Judge an intent the short way and the long way; return whether it was common, after checking
    that both are equal: verdicts and all that was written.
    """
    attributed = AttributedIntent("one", 3, intent)
    short, long = world.state.copy(), world.state.copy()
    short.begin()
    long.begin()
    seen = []
    judge = express_exit.judge_exit

    def watched(*args: Any) -> Any:
        seen.append(judge(*args))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tradetui.core.risk.engine.judge_exit", watched)
        quick = decide(short, attributed)
        patch.setattr("tradetui.core.risk.engine.judge_exit", lambda *_: None)
        whole = decide(long, attributed)
    quick, whole = (msgspec.structs.replace(one, is_single=False) for one in (quick, whole))
    assert quick == whole
    assert msgspec.msgpack.encode(quick) == msgspec.msgpack.encode(whole)
    for name in short.__slots__:
        if name not in ("undo", "risk_plans", "totals", "moved"):
            assert getattr(short, name) == getattr(long, name), name
    world.state.risk_plans = short.risk_plans
    return bool(seen) and seen[-1] is not None


def sale(world: Any, **fields: Any) -> PlaceOrder:
    """An order to sell one at a limit above the market, or at market."""
    if fields.get("order_type", Kind.LIMIT) is Kind.LIMIT:
        fields.setdefault("price", 10_100_00)
    intent: PlaceOrder = world.intent(**{"side": SELL, **fields})
    return intent


@pytest.fixture
def holder(world: Any) -> Any:
    """A world whose instance holds two, with limits on orders, and its plan made."""
    world.profile(name="p", max_orders=5, max_order_quantity=1)
    world.hold(2 * UNIT)
    both(world, sale(world))
    return world


@pytest.mark.parametrize("kind", [Kind.LIMIT, Kind.MARKET])
def test_a_common_exit_takes_the_short_way(holder: Any, kind: Kind) -> None:
    assert both(holder, sale(holder, order_type=kind))
    assert both(holder, sale(holder, order_type=kind, quantity=2 * UNIT))


def test_what_works_already_leaves_less_room(holder: Any) -> None:
    holder.work(SELL, UNIT, 10_500_00)
    assert both(holder, sale(holder))
    assert not both(holder, sale(holder, quantity=UNIT + 10_000))


UNCOMMON: dict[str, dict[str, Any]] = {
    "a purchase": {"side": OrderSide.BUY},
    "said to be an exit": {"role": OrderRole.EXIT},
    "reduce-only": {"reduce_only": True},
    "post-only": {"post_only": True},
    "day": {"time_in_force": TimeInForce.DAY},
    "group": {"oco_group": "g"},
    "stop": {"order_type": Kind.STOP, "trigger_price": 9_000_00},
    "future": {"instrument_id": PERP},
    "prediction": {"instrument_id": YES, "price": 40, "quantity": 1},
    "off the lot": {"quantity": UNIT + 1},
    "too small": {"quantity": 1},
    "too little money": {"quantity": 10_000, "price": 1_00},
    "more than held": {"quantity": 3 * UNIT},
    "a price of nothing": {"price": 0},
}


@pytest.mark.parametrize("name", UNCOMMON)
def test_what_is_not_common_or_does_not_pass_goes_the_long_way(holder: Any, name: str) -> None:
    holder.hold(2 * UNIT, instrument_id=PERP)
    holder.hold(2, instrument_id=YES)
    both(holder, sale(holder, **UNCOMMON[name]))
    assert not both(holder, sale(holder, **UNCOMMON[name]))


ACTS: dict[str, tuple[Callable[[Any], object], bool]] = {
    "paused": (lambda w: w.change(paused=True), True),
    "exit-only": (lambda w: w.change(exit_only="x"), True),
    "its route halted": (lambda w: w.state.halted_routes.update(main="down"), True),
    "another holds": (lambda w: w.hold(UNIT, owner="two"), True),
    "another's switch": (lambda w: w.kill(KillState.HALTED, "strategy", "two"), True),
    "a largest quantity": (lambda w: w.instrument(max_quantity=5 * UNIT), True),
    "no bounds": (lambda w: w.instrument(min_quantity=0, min_notional=0), True),
    "observing": (lambda w: (w.observe(), w.hold(2 * UNIT, route="shadow:one")), False),
    "reducing": (lambda w: w.kill(KillState.REDUCING), False),
    "halted": (lambda w: w.kill(KillState.HALTED), False),
    "no mark": (lambda w: w.state.marks.pop(BTC), False),
    "flat": (lambda w: w.hold(0), False),
    "short": (lambda w: w.hold(-2 * UNIT), False),
    "never traded": (lambda w: w.state.positions.clear(), False),
    "beyond the largest quantity": (lambda w: w.instrument(max_quantity=UNIT // 2), False),
    "above the highest price": (lambda w: w.instrument(price_max=10_000_00), False),
    "below the lowest price": (lambda w: w.instrument(price_min=10_200_00), False),
    "off the tick": (lambda w: w.instrument(price_increment=7), False),
    "scales that multiply": (lambda w: w.instrument(size_scale=2, price_scale=2), False),
    "more than money holds": (lambda w: w.hold(2 * UNIT, 10**15), False),
}


@pytest.mark.parametrize("name", ACTS)
def test_what_stands_around_it(holder: Any, name: str) -> None:
    act, is_common = ACTS[name]
    act(holder)
    both(holder, sale(holder))
    assert both(holder, sale(holder)) is is_common


def test_the_lanes_of_a_plan_are_laid_once(holder: Any) -> None:
    assert both(holder, sale(holder))
    assert both(holder, sale(holder, order_id="tt-2"))
    (plan,) = (one for one in holder.state.risk_plans.values() if isinstance(one, Plan))
    assert len(plan.exits) == 2


def test_an_id_that_is_taken_goes_the_long_way(holder: Any) -> None:
    taken = holder.work()
    assert not both(holder, sale(holder, order_id=taken))


def test_a_route_that_lets_no_order_rest_goes_the_long_way(make_world: Any) -> None:
    world = make_world(msgspec.structs.replace(SIMULATED, gtc=Support.NONE))
    world.hold(2 * UNIT)
    both(world, sale(world))
    assert not both(world, sale(world))


def test_a_route_that_lacks_the_order_type_goes_the_long_way(make_world: Any) -> None:
    world = make_world(msgspec.structs.replace(SIMULATED, limit=Support.NONE))
    world.hold(2 * UNIT)
    both(world, sale(world))
    assert not both(world, sale(world))
    assert both(world, sale(world, order_type=Kind.MARKET))


def test_where_the_kernel_holds_reduce_only_a_market_order_goes_the_long_way(
    make_world: Any,
) -> None:
    """It must look for another that executes at once and takes the same."""
    world = make_world(msgspec.structs.replace(SIMULATED, reduce_only=Support.HELD))
    world.hold(2 * UNIT)
    both(world, sale(world))
    assert both(world, sale(world))
    assert not both(world, sale(world, order_type=Kind.MARKET))


def test_random_sales_are_judged_alike(make_world: Any) -> None:
    """Whatever is held and works, and however the market is bounded: one verdict."""
    random, taken = Random(3), 0
    for _ in range(150):
        support = random.choice([Support.NATIVE, Support.HELD])
        world = make_world(msgspec.structs.replace(SIMULATED, reduce_only=support))
        if random.random() < 0.5:
            world.profile(name="p", max_orders=random.choice([0, 1, 5]))
        world.hold(random.randrange(-2, 4) * UNIT)
        for _ in range(random.randrange(3)):
            world.work(random.choice(list(OrderSide)), UNIT // 2, 10_050_00)
        world.change(mode=random.choice([InstanceMode.ACTIVE] * 3 + [InstanceMode.OFF]))
        for _ in range(3):
            kind = random.choice([Kind.LIMIT, Kind.MARKET])
            quantity = random.choice([10_000, UNIT // 2, UNIT, 2 * UNIT, 3 * UNIT])
            taken += both(world, sale(world, order_type=kind, quantity=quantity))
    assert taken > 30
