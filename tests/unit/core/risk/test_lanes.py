"""The lanes of a plan: which gates a common order passes, in which order, and what is compared.

That an order judged by a lane comes out as it does the long way: the tests of ``express``.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.unit.core.risk.conftest import BTC, ETH, PERP, UNIT

from tradetui.core.risk.lanes import NOT_MEASURED, Lane, Measures, lanes_of
from tradetui.core.risk.plan import plan_for
from tradetui.core.risk.verdict import GATE_ORDER
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import OrderType, Scope, Support
from tradetui.domain.reasons import Reason

FULL: dict[str, Any] = {
    "max_order_quantity": 10 * UNIT, "max_position_quantity": 10 * UNIT,
    "max_order_notional": 10**6 * UNIT, "max_position_notional": 10**6 * UNIT,
    "max_exposure": 10**6 * UNIT, "max_open_orders": 5, "max_orders": 5,
    "price_collar_ppm": 50_000, "allow": ("BTC/USD",), "block": ("X",), "max_daily_loss": UNIT,
    "max_drawdown_ppm": 10_000, "max_data_age_ns": 1, "max_clock_skew_ns": 1,
    "prevent_self_cross": True,
}  # fmt: skip
"""Every limit that a profile can set."""


def lanes(world: Any, instrument_id: str = BTC) -> tuple[Lane | None, ...]:
    """Return the lanes of the first instance on an instrument."""
    state = world.state
    plan = plan_for(state, state.instances["one"], state.instruments[instrument_id])
    return lanes_of(plan)


def compared(lane: Lane) -> dict[Reason, list[tuple[str, int, int]]]:
    """Return what each gate compares, with the least and the most that passes."""
    found: dict[Reason, list[tuple[str, int, int]]] = {}
    for checks in lane.checks:
        for check in checks:
            code = lane.gates[check.gate].code
            measure = Measures._fields[check.measure]
            found.setdefault(code, []).append((measure, check.least, check.most))
    return found


def test_gates_stand_in_the_order_of_the_long_way(world: Any) -> None:
    world.profile(**FULL)
    world.limit(max_orders_per_hour=5, max_fees_per_day=UNIT, max_loss_per_day=UNIT)
    world.instrument(max_quantity=10 * UNIT)
    limit, market = lanes(world)
    assert limit is not None
    assert market is not None
    codes = [gate.code for gate in limit.gates]
    assert [GATE_ORDER.index(code) for code in codes] == sorted(map(GATE_ORDER.index, codes))
    priced = {Reason.PRICE_TICK, Reason.PRICE_BOUNDS, Reason.PRICE_COLLAR}
    assert [gate.code for gate in market.gates] == [code for code in codes if code not in priced]
    assert (limit.order_type, market.order_type) == (OrderType.LIMIT, OrderType.MARKET)
    assert limit.gates[limit.balance].code is Reason.AVAILABLE_BALANCE
    assert [limit.gates[place].code for place, _ in limit.rates] == [
        Reason.ORDERS_PER_HOUR, Reason.ORDER_RATE,
    ]  # fmt: skip
    assert [limit.gates[place].code for place, _, _ in limit.drawdowns] == [Reason.DRAWDOWN]


@pytest.mark.parametrize(
    ("code", "measure", "limit", "most"),
    [
        (Reason.MAX_ORDER_QUANTITY, "quantity", 7 * UNIT, 7 * UNIT),
        (Reason.MAX_ORDER_NOTIONAL, "value", 7, 7),
        (Reason.MAX_POSITION_QUANTITY, "position", 7 * UNIT, 7 * UNIT),
        (Reason.MAX_POSITION_NOTIONAL, "position_value", 7, 7),
        (Reason.MAX_EXPOSURE, "exposure", 7, 7),
        (Reason.MAX_OPEN_ORDERS, "open_orders", 7, 7),
        (Reason.DATA_AGE, "age", 7, 7),
        (Reason.CLOCK_SKEW, "skew", 7, 7),
        (Reason.PRICE_COLLAR, "beyond", 7, 7),
        (Reason.DAILY_LOSS, "loss", 7, 6),
    ],
)
def test_each_limit_of_a_profile_compares_its_measure(
    world: Any, code: Reason, measure: str, limit: int, most: int
) -> None:
    fields = {
        Reason.DATA_AGE: "max_data_age_ns",
        Reason.CLOCK_SKEW: "max_clock_skew_ns",
        Reason.PRICE_COLLAR: "price_collar_ppm",
        Reason.DAILY_LOSS: "max_daily_loss",
    }
    world.profile(**{fields.get(code, code.value): limit})
    lane, _ = lanes(world)
    assert lane is not None
    ((found, _, upper),) = compared(lane)[code]
    assert (found, upper) == (measure, most)


@pytest.mark.parametrize(
    ("field", "code", "measure", "most"),
    [
        ("budget", Reason.BUDGET, "used", 7),
        ("max_fees_per_day", Reason.FEES_PER_DAY, "fees", 6),
        ("max_loss_per_day", Reason.LOSS_PER_DAY, "own_loss", 6),
    ],
)
def test_so_does_each_limit_of_the_instance(
    world: Any, field: str, code: Reason, measure: str, most: int
) -> None:
    world.limit(**{field: 7})
    lane, _ = lanes(world)
    assert lane is not None
    ((found, _, upper),) = compared(lane)[code]
    assert (found, upper) == (measure, most)


def test_the_venues_own_bounds_are_compared_where_it_has_them(world: Any) -> None:
    world.instrument(max_quantity=9 * UNIT)
    lane, _ = lanes(world)
    assert lane is not None
    found = compared(lane)
    assert [one[:2] for one in found[Reason.MIN_QUANTITY]] == [("quantity", 10_000)]
    assert [one[2] for one in found[Reason.MAX_QUANTITY]] == [9 * UNIT]
    assert [one[:2] for one in found[Reason.MIN_NOTIONAL]] == [("value", 10 * UNIT)]
    world.instrument(max_quantity=None, min_quantity=0, min_notional=0)
    lane, _ = lanes(world)
    assert lane is not None
    venue = {Reason.MIN_QUANTITY, Reason.MAX_QUANTITY, Reason.MIN_NOTIONAL}
    assert not venue & {gate.code for gate in lane.gates}


def test_a_lane_has_measured_nothing_before_its_first_order(world: Any) -> None:
    lane, _ = lanes(world)
    assert lane is not None
    assert lane.measured == NOT_MEASURED
    assert len(lane.checks) == len(Measures._fields)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda world: world.observe(),
        lambda world: world.change(paused=True),
        lambda world: world.profile(block=("BTC/USD",)),
        lambda world: world.change(execution_id="nowhere"),
        lambda world: world.profile(Scope.ROUTE, "main", block=("BTC/USD",)),
    ],
)
def test_there_is_no_lane_where_the_plan_itself_stops_orders(world: Any, spoil: Any) -> None:
    spoil(world)
    assert lanes(world) == (None, None)


@pytest.mark.parametrize("instrument_id", [PERP, ETH])
def test_there_is_none_for_futures_and_for_other_currencies(world: Any, instrument_id: str) -> None:
    assert lanes(world, instrument_id) == (None, None)


def test_there_is_none_for_a_type_that_the_route_has_not(make_world: Any) -> None:
    world = make_world(msgspec.structs.replace(SIMULATED, market=Support.NONE))
    limit, market = lanes(world)
    assert limit is not None
    assert market is None


def test_the_scope_is_known_where_all_limits_run_over_the_same(world: Any) -> None:
    lane, _ = lanes(world)
    assert lane is not None
    assert lane.scope is not None
    assert lane.scope.name == "strategy:one"
    world.profile(name="p", max_exposure=7)
    world.profile(Scope.GLOBAL, "", name="q", max_exposure=8)
    lane, _ = lanes(world)
    assert lane is not None
    assert lane.scope is not None
    assert lane.scope.name == "execution:acct"
    world.profile(Scope.STRATEGY, "one", name="r", max_exposure=9)
    lane, _ = lanes(world)
    assert lane is not None
    assert lane.scope is None
