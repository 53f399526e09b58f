"""The plan of an (instance, instrument): when it holds, and what it has worked out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.unit.core.risk.conftest import BTC, ETH, PERP, UNIT, YES

from tradetui.core.risk.plan import Plan, ScopeFilter, is_in, plan_for, plan_of_close, scope_filter
from tradetui.core.risk.profiles import set_profile
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import (
    InstanceMode,
    OrderType,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.instruments import notional
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.domain.units import CASH_SCALE, NANOS_PER_HOUR


def plan_of(world: Any, name: str = "one", instrument_id: str = BTC) -> Plan:
    """Return the plan of an instance of the world on an instrument."""
    state = world.state
    return plan_for(state, state.instances[name], state.instruments[instrument_id])


# -- when a plan holds -----------------------------------------------------------------------------


def test_a_plan_is_made_once(world: Any) -> None:
    assert plan_of(world) is plan_of(world)
    assert plan_of(world) is not plan_of(world, "two")
    assert plan_of(world) is not plan_of(world, instrument_id=ETH)


def test_a_plan_ends_with_the_record_of_its_instance_or_instrument(world: Any) -> None:
    first = plan_of(world)
    world.change(paused=True)
    second = plan_of(world)
    world.instrument(price_increment=5)
    third = plan_of(world)
    assert first.blocks != second.blocks
    assert third is not second
    assert third.instrument.price_increment == 5


def test_a_plan_ends_with_the_profiles(world: Any) -> None:
    before = plan_of(world)
    world.profile(max_order_quantity=UNIT)
    assert (before.order_quantity, plan_of(world).profile) == ((), "p")


# -- what it has worked out ------------------------------------------------------------------------


@pytest.mark.parametrize("instrument_id", [BTC, ETH, PERP, YES])
@pytest.mark.parametrize("size_scale", [0, 8, 18])
def test_it_values_an_order_as_the_ledger_does(
    world: Any, instrument_id: str, size_scale: int
) -> None:
    world.instrument(instrument_id, size_scale=size_scale, price_scale=0)
    instrument = world.state.instruments[instrument_id]
    plan = plan_of(world, instrument_id=instrument_id)
    for price, quantity in ((1, 1), (-3, 7), (50, -3), (99_999, 12_345_678_901)):
        assert plan.value(price, quantity) == notional(instrument, price, quantity)


def test_orders_in_observe_work_for_the_shadow_route(world: Any) -> None:
    assert plan_of(world).key == ("one", "main", BTC)
    world.observe()
    plan = plan_of(world)
    assert plan.key == ("one", "shadow:one", BTC)
    assert plan.route is not None
    assert plan.route.route_id == "main"
    assert plan.own_scope.routes == ("shadow:one",)


def test_without_a_route_nothing_can_be_sent(world: Any) -> None:
    world.change(execution_id="nowhere")
    plan = plan_of(world)
    assert (plan.route, plan.key[1]) == (None, "")
    assert (plan.order_types, plan.times_in_force) == ({}, {})


def test_it_knows_what_the_route_can_do(make_world: Any) -> None:
    world = make_world(msgspec.structs.replace(SIMULATED, stop=Support.NONE, fok=Support.NONE))
    plan = plan_of(world)
    assert [kind for kind, can in plan.order_types.items() if not can] == [OrderType.STOP]
    assert [kind for kind, can in plan.times_in_force.items() if not can] == [TimeInForce.FOK]


@pytest.mark.parametrize(
    ("instrument_id", "low", "high", "expected"),
    [
        (BTC, None, None, (1, None)),
        (BTC, -5, 99, (1, 99)),
        (BTC, 7, None, (7, None)),
        (PERP, None, None, (None, None)),
        (PERP, -5, 99, (-5, 99)),
        (YES, None, None, (0, 100)),
        (YES, 5, 120, (5, 100)),
        (YES, -5, 80, (0, 80)),
    ],
)
def test_legal_prices_are_those_of_the_class(
    world: Any, instrument_id: str, low: int | None, high: int | None, expected: Any
) -> None:
    world.instrument(instrument_id, price_min=low, price_max=high)
    plan = plan_of(world, instrument_id=instrument_id)
    assert (plan.lowest_price, plan.highest_price) == expected


@pytest.mark.parametrize(
    ("change", "refused", "count"),
    [
        ({}, None, 5),
        ({"has_error": True, "paused": True}, Reason.INSTANCE_ERROR, 1),
        ({"paused": True, "held": True}, Reason.INSTANCE_PAUSED, 2),
        ({"held": True}, Reason.INSTANCE_HELD, 3),
        ({"exit_only": "fees"}, Reason.EXIT_ONLY, 4),
        ({"is_warm": False}, Reason.WARM_UP, 5),
    ],
)
def test_gates_of_the_instance_end_at_the_first_that_refuses(
    world: Any, change: dict[str, Any], refused: Reason | None, count: int
) -> None:
    world.change(**change)
    blocks = plan_of(world).blocks
    assert len(blocks) == count
    assert [gate.code for gate in blocks if not gate.passed] == ([refused] if refused else [])


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ({}, []),
        ({"block": ("X",)}, [(Reason.SYMBOL_BLOCKED, True)]),
        ({"block": ("BTC/USD",), "allow": ("X",)}, [(Reason.SYMBOL_BLOCKED, False)]),
        ({"allow": ("BTC/USD",)}, [(Reason.SYMBOL_NOT_ALLOWED, True)]),
        (
            {"block": ("X",), "allow": ("X",)},
            [(Reason.SYMBOL_BLOCKED, True), (Reason.SYMBOL_NOT_ALLOWED, False)],
        ),
    ],
)
def test_lists_of_symbols(world: Any, lists: dict[str, Any], expected: list[Any]) -> None:
    world.profile(**lists)
    assert [(gate.code, gate.passed) for gate in plan_of(world).symbols] == expected


def test_the_tightest_limit_stands_first_and_knows_its_scope(world: Any) -> None:
    world.profile(name="wide", max_order_notional=900, max_open_orders=9, may_reduce=False)
    world.profile(Scope.STRATEGY, "one", name="tight", max_order_notional=5)
    plan = plan_of(world)
    limits = [(one.value, one.profile, one.may_reduce) for one in plan.order_notional]
    assert limits == [(5, "tight", True), (900, "wide", False)]
    for limit, name in zip(plan.order_notional, ("strategy:one", "execution:acct"), strict=True):
        assert plan.scopes[limit.scope].name == name
    assert [limit.value for limit in plan.open_orders] == [9]


@pytest.mark.parametrize(
    ("instrument_id", "size_scale", "expected"),
    [(BTC, CASH_SCALE, 12_345_678_901), (PERP, 3, 123_456), (BTC, 10, 1_234_567_890_100)],
)
def test_quantities_of_profiles_come_to_the_scale_of_the_market_rounded_down(
    world: Any, instrument_id: str, size_scale: int, expected: int
) -> None:
    world.instrument(instrument_id, size_scale=size_scale)
    world.profile(max_order_quantity=12_345_678_901)
    (limit,) = plan_of(world, instrument_id=instrument_id).order_quantity
    assert limit.value == expected


def test_windows_are_the_instances_own_and_then_the_profiles(world: Any) -> None:
    world.limit(max_orders_per_hour=7)
    world.profile(max_orders=5, order_window_ns=60)
    own, bound = plan_of(world).rates
    assert (own.code, own.limit, own.window) == (Reason.ORDERS_PER_HOUR, 7, NANOS_PER_HOUR)
    assert (bound.code, bound.limit, bound.window) == (Reason.ORDER_RATE, 5, 60)
    assert own.head != bound.head


@pytest.mark.parametrize(
    ("limits", "of_profile", "expected"),
    [
        ({}, {}, False),
        ({"max_fees_per_day": 1}, {}, True),
        ({"max_loss_per_day": 1}, {}, True),
        ({}, {"max_daily_loss": 1}, True),
        ({}, {"max_drawdown_ppm": 1}, True),
    ],
)
def test_losses_are_looked_at_where_something_limits_them(
    world: Any, limits: dict[str, int], of_profile: dict[str, int], expected: bool
) -> None:
    world.limit(**limits)
    world.profile(**of_profile)
    assert plan_of(world).limits_losses is expected


# -- closing ---------------------------------------------------------------------------------------


def test_a_close_is_planned_as_if_the_instance_were_active(world: Any) -> None:
    position = world.hold(UNIT)
    world.observe()
    plan = plan_of_close(world.state, position, world.state.instruments[BTC])
    assert plan.instance.mode is InstanceMode.ACTIVE
    assert plan.key == ("one", "main", BTC)
    assert plan.order_types[OrderType.MARKET]


def test_what_nobody_owns_can_be_closed_too(world: Any) -> None:
    position = world.hold(UNIT, owner="gone")
    plan = plan_of_close(world.state, position, world.state.instruments[BTC])
    assert plan.key == ("gone", "main", BTC)
    assert all(gate.passed for gate in plan.blocks)


# -- scopes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "key", "own", "expected"),
    [
        (Scope.GLOBAL, "", (), ScopeFilter("global", ("main",))),
        (Scope.GLOBAL, "", ("shadow:one",), ScopeFilter("global", ("main", "shadow:one"))),
        (Scope.EXECUTION, "acct", (), ScopeFilter("execution:acct", ("main",))),
        (Scope.EXECUTION, "gone", (), ScopeFilter("execution:gone", ())),
        (Scope.ROUTE, "main", (), ScopeFilter("route:main", ("main",))),
        (Scope.STRATEGY, "one", (), ScopeFilter("strategy:one", ("main",), "one")),
        (
            Scope.STRATEGY, "one", ("shadow:one",),
            ScopeFilter("strategy:one", ("shadow:one",), "one"),
        ),
    ],
)  # fmt: skip
def test_a_filter_takes_what_is_in_its_scope(
    world: Any, scope: Scope, key: str, own: Any, expected: ScopeFilter
) -> None:
    world.observe()
    assert scope_filter(world.state, scope, key, own) == expected


@pytest.mark.parametrize(
    ("key", "in_all", "in_own"),
    [
        (("one", "main", BTC), True, True),
        (("two", "main", BTC), True, False),
        (("EXTERNAL", "main", BTC), False, False),
        (("one", "shadow:one", BTC), False, False),
    ],
)
def test_what_is_in_a_scope(world: Any, key: Any, in_all: bool, in_own: bool) -> None:
    assert is_in(scope_filter(world.state, Scope.GLOBAL, ""), key) is in_all
    assert is_in(scope_filter(world.state, Scope.STRATEGY, "one"), key) is in_own


def test_profiles_of_every_scope_bind(world: Any) -> None:
    bindings = (ProfileBinding("q", Scope.GLOBAL, ""), ProfileBinding("q", Scope.ROUTE, "main"))
    set_profile(world.state, RiskProfile("q", max_open_orders=1), bindings)
    plan = plan_of(world)
    assert [scope.name for scope in plan.scopes] == ["route:main", "global"]
    assert plan.prevent_self_cross


def test_what_kind_of_market_it_is(world: Any) -> None:
    plans = {market: plan_of(world, instrument_id=market) for market in (BTC, ETH, PERP)}
    assert {market: plan.is_reporting for market, plan in plans.items()} == {
        BTC: True, ETH: False, PERP: True,
    }  # fmt: skip
    assert [market for market, plan in plans.items() if plan.is_future] == [PERP]
