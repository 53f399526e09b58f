"""The short way of a common order: it says what the long way says, or nothing."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest

from tradetui.core.risk import express
from tradetui.core.risk.engine import decide
from tradetui.core.state import DayStats
from tradetui.domain.enums import (
    InstanceMode,
    KillState,
    OrderRole,
    OrderSide,
    OrderState,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.enums import OrderType as Kind
from tradetui.domain.intents import AttributedIntent, PlaceOrder
from tradetui.domain.orders import Position
from tradetui.domain.units import NANOS_PER_DAY

UNIT = 10**8
BTC, ETH, PERP, YES = "BTC/USD.SIM", "ETH/BTC.SIM", "BTC-PERP.SIM", "RAIN-YES.SIM"
KEY = ("one", "main", BTC)
WIDE: dict[str, Any] = {
    "max_order_quantity": 10 * UNIT,
    "max_position_quantity": 20 * UNIT,
    "max_order_notional": 100_000 * UNIT,
    "max_position_notional": 200_000 * UNIT,
    "max_exposure": 300_000 * UNIT,
    "max_open_orders": 9,
    "price_collar_ppm": 50_000,
    "max_data_age_ns": 10**9,
    "max_clock_skew_ns": 10**9,
    "max_daily_loss": 1_000 * UNIT,
    "max_drawdown_ppm": 100_000,
    "max_orders": 5,
}
TIGHT: dict[str, Any] = {
    "max_order_quantity": 2 * UNIT,
    "max_position_quantity": 3 * UNIT,
    "max_order_notional": 25_000 * UNIT,
    "max_position_notional": 30_000 * UNIT,
    "max_exposure": 30_000 * UNIT,
    "max_open_orders": 2,
    "price_collar_ppm": 10_000,
    "max_data_age_ns": 5,
    "max_clock_skew_ns": 5,
    "max_daily_loss": 100 * UNIT,
    "max_drawdown_ppm": 100,
    "max_orders": 1,
}


def both(world, intent: PlaceOrder, owner: str = "one"):  # type: ignore[no-untyped-def]
    """Judge an intent the short way and the long way, on states of their own; return whether it was
    common, after checking that both are equal: verdicts and all that was written.
    """
    attributed = AttributedIntent(owner, 3, intent)
    short, long = world.state.copy(), world.state.copy()
    short.begin()
    long.begin()
    seen = []
    judge = express.judge_common

    def watched(*args: Any) -> Any:
        seen.append(judge(*args))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tradetui.core.risk.engine.judge_common", watched)
        quick = decide(short, attributed)
        patch.setattr("tradetui.core.risk.engine.judge_common", lambda *_: None)
        whole = decide(long, attributed)
    quick, whole = (msgspec.structs.replace(one, is_single=False) for one in (quick, whole))
    assert quick == whole
    assert msgspec.msgpack.encode(quick) == msgspec.msgpack.encode(whole)
    for name in short.__slots__:
        if name not in ("undo", "risk_plans", "totals", "moved"):
            assert getattr(short, name) == getattr(long, name), name
    world.state.risk_plans = short.risk_plans
    return bool(seen) and seen[-1] is not None


@pytest.fixture
def lone(world):
    """A world with an instance alone, whose plan is made."""
    world.profile(name="wide", **WIDE, prevent_self_cross=True)
    both(world, world.intent())
    return world


@pytest.mark.parametrize("kind", [Kind.LIMIT, Kind.MARKET])
def test_a_common_order_takes_the_short_way(lone, kind):
    assert both(lone, lone.intent(order_type=kind))


def test_gates_that_measure_the_same_are_one_record(lone):
    state = lone.state
    first = decide(state, AttributedIntent("one", 0, lone.intent(order_id="tt-a")))
    second = decide(state, AttributedIntent("one", 1, lone.intent(order_id="tt-b")))
    pairs = zip(first.decision.gates, second.decision.gates, strict=True)
    assert [one.code for one, other in pairs if one is not other] == ["order_rate"]


@pytest.mark.parametrize("quantity", [UNIT + 33, UNIT + 50, 3 * UNIT // 2 + 50])
def test_values_between_two_units_are_rounded_alike(lone, quantity):
    lone.instrument(size_increment=1)
    lone.mark(BTC, 10_000_03)
    both(lone, lone.intent())
    assert both(lone, lone.intent(quantity=quantity, price=9_900_01))


UNCOMMON: list[tuple[str, dict[str, Any]]] = [
    ("sell", {"side": OrderSide.SELL}),
    ("exit", {"role": OrderRole.EXIT}),
    ("reduce-only", {"reduce_only": True}),
    ("post-only", {"post_only": True}),
    ("day", {"time_in_force": TimeInForce.DAY}),
    ("group", {"oco_group": "g"}),
    ("stop", {"order_type": Kind.STOP, "trigger_price": 10_100_00}),
    ("future", {"instrument_id": PERP}),
    ("prediction", {"instrument_id": YES, "price": 40, "quantity": 1}),
    ("other currency", {"instrument_id": ETH, "price": 50_000}),
    ("lot", {"quantity": UNIT + 1}),
    ("too small", {"quantity": 10_000, "price": 9_900_00}),
    ("too dear", {"price": 10_900_00}),
    ("too large", {"quantity": 11 * UNIT}),
    ("no price above zero", {"price": 0}),
    ("negative price", {"price": -1}),
]


@pytest.mark.parametrize("fields", [one for _, one in UNCOMMON], ids=[name for name, _ in UNCOMMON])
def test_what_is_not_common_or_does_not_pass_goes_the_long_way(lone, fields):
    both(lone, lone.intent(**fields))
    assert not both(lone, lone.intent(**fields))


def test_what_stands_in_the_way_is_judged_the_long_way(make_world):
    def spoil(act) -> bool:  # type: ignore[no-untyped-def]
        world = make_world()
        world.profile(name="wide", **WIDE, prevent_self_cross=True)
        both(world, world.intent())
        assert both(world, world.intent())
        act(world)
        both(world, world.intent())
        return both(world, world.intent())

    state_of = lambda world: world.state  # noqa: E731
    acts = (
        lambda w: w.change(paused=True),
        lambda w: w.observe(),
        lambda w: w.kill(KillState.HALTED),
        lambda w: state_of(w).halted_routes.update(main="down"),
        lambda w: state_of(w).marks.pop(BTC),
        lambda w: w.mark(BTC, 0),
        lambda w: w.mark(BTC, -5),
        lambda w: w.hold(-2 * UNIT),
        lambda w: w.hold(UNIT, instrument_id=YES),
        lambda w: w.work(instrument_id=YES, price=40),
        lambda w: w.hold(UNIT, owner="two") and w.profile(Scope.STRATEGY, "one", "own", **WIDE),
        lambda w: w.work(order={"is_unknown": True}),
        lambda w: w.work(OrderSide.SELL, price=9_800_00),
        lambda w: state_of(w).days.update({("one", "main", YES): DayStats(20_000)}),
        lambda w: state_of(w).cash.update({("main", "USD"): 9_000 * UNIT}),
        lambda w: w.limit(budget=9_000 * UNIT),
        lambda w: w.limit(max_orders_per_hour=0),
        lambda w: w.instrument(price_max=9_000_00),
        lambda w: w.instrument(price_min=9_950_00),
        lambda w: w.instrument(price_increment=7),
        lambda w: w.instrument(size_scale=2, price_scale=2),
        lambda w: w.profile(name="b", block=("BTC/USD",)),
        lambda w: w.profile(name="d", max_daily_loss=0),
        lambda w: w.profile(name="d", max_drawdown_ppm=0),
    )
    assert [number for number, act in enumerate(acts) if spoil(act)] == []


def test_among_others_the_only_one_of_its_instance_takes_it_too(make_world):
    acts = (
        lambda w: w.hold(UNIT, owner="two"),
        lambda w: w.hold(-5 * UNIT, owner="two"),
        lambda w: w.work(owner="two"),
        lambda w: w.work(OrderSide.SELL, 3 * UNIT, 10_100_00, owner="two"),
        lambda w: w.hold(-40, 12_000_00, owner="two", instrument_id=PERP),
        lambda w: w.hold(-40, 50, owner="two", instrument_id=YES),
        lambda w: w.hold(UNIT, 40_000, owner="two", instrument_id=ETH),
        lambda w: w.hold(UNIT, owner="EXTERNAL"),
        lambda w: w.state.days.update({("two", "main", BTC): DayStats(20_000, -UNIT, 7)}),
        lambda w: w.hold(UNIT, owner="two") and w.profile(Scope.ROUTE, "main", "more", **WIDE),
    )
    for act in acts:
        world = make_world()
        world.profile(name="wide", **WIDE, prevent_self_cross=True)
        both(world, world.intent())
        act(world)
        both(world, world.intent())
        assert both(world, world.intent())
        assert both(world, world.intent(order_type=Kind.MARKET))
        world.hold(UNIT, 9_000_00)
        world.work(price=9_700_00)
        assert both(world, world.intent())


def test_among_others_each_limit_on_a_scope_counts_them(make_world):
    limits = {
        "max_position_quantity": 5 * UNIT,
        "max_position_notional": 50_000 * UNIT,
        "max_exposure": 50_000 * UNIT,
        "max_open_orders": 2,
        "max_daily_loss": 5_000 * UNIT,
        "max_drawdown_ppm": 2_000,
    }
    for name, limit in limits.items():
        world = make_world()
        world.state.cash["main", "USD"] = 10**7 * UNIT
        world.state.routes["main"] = msgspec.structs.replace(
            world.state.routes["main"], opening_cash=(("USD", 10**6 * UNIT),)
        )
        world.state.peak_equity["execution:acct"] = UNIT
        world.profile(**{name: limit})
        world.hold(2 * UNIT, owner="two")
        both(world, world.intent())
        assert both(world, world.intent()), name
        world.hold(4 * UNIT, 12_000_00, owner="two")
        for _ in range(2):
            world.work(owner="two")
        world.state.days["two", "main", BTC] = DayStats(20_000)
        assert not both(world, world.intent()), name


def test_among_others_a_market_without_a_rate_goes_the_long_way(make_world):
    world = make_world()
    world.profile(**WIDE)
    odd = msgspec.structs.replace(
        world.state.instruments[ETH], instrument_id="ETH/XYZ.SIM", symbol="ETH/XYZ", quote="XYZ"
    )
    world.state.instruments["ETH/XYZ.SIM"] = odd
    both(world, world.intent())
    assert both(world, world.intent())
    world.mark("ETH/XYZ.SIM", 50_000)
    world.state.positions["two", "main", "ETH/XYZ.SIM"] = Position(
        "two", "main", "ETH/XYZ.SIM", UNIT, UNIT
    )
    del world.state.marks[ETH]
    assert not both(world, world.intent())


def test_no_rate_for_the_capital_of_a_scope_goes_the_long_way(lone):
    route = msgspec.structs.replace(lone.state.routes["main"], opening_cash=(("XYZ", UNIT),))
    lone.state.routes["main"] = route
    lone.state.peak_equity["execution:acct"] = UNIT
    assert not both(lone, lone.intent())


@pytest.mark.parametrize("lacking", ["limit", "market", "gtc"])
def test_a_route_that_lacks_a_kind_has_no_lane_for_it(make_world, lacking):
    from tradetui.domain.capabilities import SIMULATED

    world = make_world(msgspec.structs.replace(SIMULATED, **{lacking: Support.NONE}))
    both(world, world.intent())
    assert both(world, world.intent()) is (lacking == "market")
    assert both(world, world.intent(order_type=Kind.MARKET)) is (lacking == "limit")


class Draw:
    """Draws worlds: most of them such that common orders pass, all with something odd at times."""

    def __init__(self, world, seed: int) -> None:  # type: ignore[no-untyped-def]
        self.world, self.random = world, Random(seed)

    def chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def profiles(self) -> None:
        random, world = self.random, self.world
        scopes = ((Scope.GLOBAL, ""), (Scope.EXECUTION, "acct"), (Scope.ROUTE, "main"),
                  (Scope.STRATEGY, "one"))  # fmt: skip
        for number in range(random.randrange(3)):
            scope, key = random.choice(scopes)
            limits = {
                name: TIGHT[name] if self.chance(20) else value
                for name, value in WIDE.items()
                if not self.chance(3)
            }
            world.profile(
                scope, key, f"p{number}", **limits, prevent_self_cross=self.chance(2),
                may_reduce=self.chance(2), allow=("BTC/USD", "ETH/BTC") if self.chance(3) else (),
                block=("ETH/BTC",) if self.chance(3) else (),
            )  # fmt: skip
        if self.chance(2):
            world.limit(
                max_orders_per_hour=random.choice((None, 1, 50)),
                max_fees_per_day=random.choice((None, 5 * UNIT, 500 * UNIT)),
                max_loss_per_day=random.choice((None, 50 * UNIT, 5_000 * UNIT)),
            )
        world.instrument(
            min_quantity=random.choice((0, 10_000, UNIT)),
            max_quantity=random.choice((None, 5 * UNIT)),
            min_notional=random.choice((0, 10 * UNIT, 9_000 * UNIT)),
            maker_fee_ppm=random.choice((-100, 0, 200)),
            taker_fee_ppm=random.choice((-200, 0, 1_000)),
            multiplier=random.choice((1, 1, 3)),
            size_increment=random.choice((1, 10_000)),
        )

    def books(self) -> None:
        random, world, state = self.random, self.world, self.world.state
        state.now += random.choice((0, 1, 3, 10**9))
        price = 10_000_00 + random.randrange(-50_000, 50_000)
        world.mark(
            BTC, price, event_time=state.now - random.choice((0, 1, 3, 9)),
            ingest_time=state.now, bid=random.choice((0, price - 7)),
            ask=random.choice((0, price + 7)),
        )  # fmt: skip
        for table in (state.positions, state.days, state.kill_switches, state.peak_equity):
            table.clear()
        if not self.chance(4):
            for table in (state.orders, state.open_orders, state.open_by_instrument, state.working):
                table.clear()
        if not self.chance(3):
            world.hold(
                random.choice((0, UNIT, UNIT, 3 * UNIT, -UNIT)),
                price + random.randrange(-999, 999),
                realised_pnl=random.randrange(-60, 60) * UNIT, fees=random.randrange(9) * UNIT,
            )  # fmt: skip
        if self.chance(2):
            world.hold(
                random.choice((0, UNIT, 2 * UNIT, 10_007)), price + random.randrange(-999, 999),
                owner=random.choice(("two", "two", "EXTERNAL")),
                instrument_id=random.choice((BTC, BTC, BTC, ETH)),
            )  # fmt: skip
        if not self.chance(3):
            day = state.now // NANOS_PER_DAY - self.chance(4)
            state.days[KEY] = DayStats(
                day, random.randrange(-60, 60) * UNIT, random.randrange(9) * UNIT,
                random.randrange(-20, 20) * UNIT,
            )  # fmt: skip
        if self.chance(2):
            names = ("global", "execution:acct", "route:main", "strategy:one")
            state.peak_equity[random.choice(names)] = random.randrange(90) * UNIT
        if self.chance(3):
            world.work(
                random.choice((OrderSide.BUY, OrderSide.SELL)), random.choice((UNIT, 2 * UNIT)),
                random.choice((None, price, price - 90_000)),
                owner="two" if self.chance(9) else "one",
                state=random.choice((OrderState.CREATED, OrderState.ACCEPTED)),
                order={"is_unknown": self.chance(9)},
            )  # fmt: skip
        if self.chance(9):
            world.kill(random.choice(tuple(KillState)))
        if self.chance(9):
            world.change(paused=True)
        elif state.instances["one"].paused:
            world.change(paused=False)

    def intent(self, number: int) -> PlaceOrder:
        random = self.random
        fields: dict[str, Any] = {
            "order_id": f"tt-{number}",
            "order_type": random.choice((Kind.LIMIT, Kind.LIMIT, Kind.MARKET)),
            "side": OrderSide.SELL if self.chance(6) else OrderSide.BUY,
            "quantity": random.choice((10_000, UNIT, UNIT, UNIT + self.chance(3), 4 * UNIT)),
        }
        if fields["order_type"] is Kind.LIMIT:
            fields["price"] = 10_000_00 + random.randrange(-90_000, 60_000)
        if self.chance(12):
            fields["post_only"] = fields["order_type"] is Kind.LIMIT
        return self.world.intent(**fields)


@pytest.mark.parametrize("seed", range(40))
def test_both_ways_say_the_same_of_random_orders(make_world, seed):
    world = make_world()
    draw = Draw(world, seed)
    draw.profiles()
    for number in range(60):
        draw.books()
        intent = draw.intent(number)
        both(world, intent)
        verdict = decide(world.state, AttributedIntent("one", 0, intent))
        world.state.undo.clear()
        if verdict.diagnostics:
            world.change(exit_only="")


def test_random_orders_take_both_ways(make_world):
    taken = []
    for seed in range(40):
        world = make_world()
        draw = Draw(world, seed)
        draw.profiles()
        for number in range(20):
            draw.books()
            taken.append(both(world, draw.intent(number)))
    assert 100 < sum(taken) < len(taken) - 100


def test_an_observing_instance_has_no_lane(world):
    world.change(mode=InstanceMode.OBSERVE)
    both(world, world.intent())
    assert not both(world, world.intent())
