"""The page of risk: each limit with what is used of it, as the risk engine itself counts."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.support.kernel_world import BTC, CASH, UNIT, World, config

from tradetui.domain.enums import InstrumentClass, Scope
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.pages import ExposureLine, LimitLine
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import InstanceLimits, ProfileBinding, RiskProfile
from tradetui.domain.units import NANOS_PER_HOUR, NANOS_PER_SECOND
from tradetui.runtime.pages.risk import risk_page

S = NANOS_PER_SECOND
ETH = Instrument("ETH/BTC.SIM", "ETH/BTC", "SIM", InstrumentClass.SPOT, "ETH", "BTC", 6, 8, 1, 1)


def bound(scope: Scope, key: str, cash: Any = (("USD", CASH),), **limits: Any) -> World:
    """Return a world in which a profile is bound to a scope."""
    profile = RiskProfile("tight", **limits)
    routes = (replace(config().routes[0], opening_cash=cash),)
    bindings = (ProfileBinding("tight", scope, key),)
    return World(profiles=(profile,), bindings=bindings, routes=routes)


def limits_of(world: World) -> dict[str, LimitLine]:
    """Return the limits of profiles by the name of their control."""
    page = risk_page(world.state, world.now)
    lines = {line.control: line for line in page.limits if line.profile}
    assert len(lines) == sum(bool(line.profile) for line in page.limits)
    return lines


def exposure(world: World, by: str = "strategy") -> ExposureLine:
    (line,) = [line for line in risk_page(world.state, world.now).exposures if line.by == by]
    return line


def test_a_profile_has_only_the_limits_that_it_sets() -> None:
    world = bound(Scope.GLOBAL, "", max_open_orders=5)
    (line,) = limits_of(world).values()
    assert line == LimitLine(
        Scope.GLOBAL, "", "tight", Reason.MAX_OPEN_ORDERS.value, 0, 5, 0, "orders"
    )
    assert not limits_of(bound(Scope.GLOBAL, "", max_order_quantity=10 * UNIT))


def test_exposure_is_the_worst_case_with_the_orders_that_rest() -> None:
    world = bound(
        Scope.EXECUTION,
        "acct",
        max_exposure=1_000 * UNIT,
        max_position_notional=500 * UNIT,
        max_open_orders=7,
    )
    world.hold(2 * UNIT)
    world.place(UNIT, 9_000)
    lines = limits_of(world)
    worst = lines[Reason.MAX_EXPOSURE.value]
    assert (worst.scope, worst.key, worst.limit) == (Scope.EXECUTION, "acct", 1_000 * UNIT)
    assert worst.value == 300 * UNIT  # two held and one ordered, at the mark of 100.00
    assert (worst.scale, worst.unit) == (8, "USD")
    assert lines[Reason.MAX_POSITION_NOTIONAL.value].value == worst.value
    assert lines[Reason.MAX_OPEN_ORDERS.value].value == 1


def test_the_largest_position_counts_not_their_sum() -> None:
    world = bound(Scope.GLOBAL, "", max_position_notional=10_000 * UNIT, max_exposure=CASH)
    world.hold(2 * UNIT)
    order = world.place(3 * UNIT, None, name="two")
    world.accept(order)
    world.fill(order, 3 * UNIT, 10_000)
    lines = limits_of(world)
    assert lines[Reason.MAX_POSITION_NOTIONAL.value].value == 300 * UNIT
    assert lines[Reason.MAX_EXPOSURE.value].value == 500 * UNIT


def test_losses_are_those_of_the_scope_and_a_profit_is_no_loss() -> None:
    world = bound(Scope.STRATEGY, "one", max_daily_loss=1_000 * UNIT, max_drawdown_ppm=200_000)
    world.hold()
    world.trade(9_000)
    lines = limits_of(world)
    loss = lines[Reason.DAILY_LOSS.value]
    assert (loss.value, loss.scale, loss.unit) == (10 * UNIT, 8, "USD")
    fallen = lines[Reason.DRAWDOWN.value]
    assert (fallen.limit, fallen.scale, fallen.unit) == (200_000, 6, "share")
    assert fallen.value == 10  # ten of the million that it has
    world.trade(11_000)
    assert limits_of(world)[Reason.DAILY_LOSS.value].value == 0


def test_what_has_no_rate_is_unknown_and_never_zero() -> None:
    world = bound(
        Scope.GLOBAL,
        "",
        cash=(("USD", CASH), ("BTC", UNIT)),
        max_exposure=CASH,
        max_daily_loss=UNIT,
        max_position_notional=CASH,
    )
    world.event(InstrumentUpdated(ETH), ETH.instrument_id)
    world.trade(50_000, ETH.instrument_id)
    world.load("one", instruments=(BTC, ETH.instrument_id))
    world.hold(UNIT, 40_000, ETH.instrument_id)
    lines = limits_of(world)
    assert lines[Reason.MAX_EXPOSURE.value].value == 5 * UNIT  # a twentieth of a coin at 100.00
    del world.state.marks[BTC]
    world.state.totals = None
    lines = limits_of(world)
    unknown = (Reason.MAX_EXPOSURE, Reason.DAILY_LOSS, Reason.MAX_POSITION_NOTIONAL)
    assert [lines[name.value].value for name in unknown] == [None, None, None]
    line = exposure(world)
    assert (line.long, line.short, line.worst) == (None, None, None)


def test_a_position_without_a_price_is_of_unknown_value_and_counts_by_its_cost() -> None:
    world = World()
    world.hold(UNIT, 9_900)
    del world.state.marks[BTC]
    world.state.totals = None
    line = exposure(world)
    assert (line.long, line.short, line.worst) == (None, None, 99 * UNIT)


def test_a_position_that_is_closed_is_worth_nothing() -> None:
    world = World()
    world.hold()
    world.close()
    world.place(UNIT, 9_000)
    line = exposure(world)
    assert (line.key, line.long, line.short, line.orders) == ("one", 0, 0, 1)
    assert line.worst == 100 * UNIT


def test_an_instance_without_a_budget_has_no_line_for_it() -> None:
    world = World()
    world.load("free", limits=InstanceLimits(0, max_loss_per_day=50 * UNIT))
    own = [line for line in risk_page(world.state, world.now).limits if line.key == "free"]
    assert [(line.control, line.limit) for line in own] == [(Reason.LOSS_PER_DAY.value, 50 * UNIT)]


def test_rates_count_the_orders_of_the_window_that_ends_now() -> None:
    profile = RiskProfile("a:b", max_orders=3, order_window_ns=10 * S)
    slow = RiskProfile("slow", max_orders=9, order_window_ns=60 * S)
    bindings = (
        ProfileBinding("a:b", Scope.EXECUTION, "acct"),
        ProfileBinding("slow", Scope.GLOBAL, ""),
    )
    world = World(profiles=(profile, slow), bindings=bindings)
    world.load("one", limits=InstanceLimits(CASH, max_orders_per_hour=40))
    world.place()
    world.trade(10_000, after=6 * S)
    world.place()

    def counted() -> dict[tuple[str, str, str], int | None]:
        rates = {Reason.ORDER_RATE.value, Reason.ORDERS_PER_HOUR.value}
        lines = [one for one in risk_page(world.state, world.now).limits if one.control in rates]
        assert {line.unit for line in lines} == {"orders"}
        return {(line.scope.value, line.key, line.profile): line.value for line in lines}

    execution, whole = ("execution", "acct", "a:b"), ("global", "", "slow")
    hour = ("strategy", "one", "")
    assert counted() == {execution: 2, whole: 2, hour: 2}
    world.trade(10_000, after=6 * S)
    assert counted() == {execution: 1, whole: 2, hour: 2}
    world.trade(10_000, after=NANOS_PER_HOUR)
    assert counted() == {execution: 0, whole: 0, hour: 0}


def test_the_key_of_a_rate_is_the_instance_that_it_binds() -> None:
    world = World()
    world.load("one", limits=InstanceLimits(CASH, max_orders_per_hour=4))
    world.place()
    (line,) = [
        one
        for one in risk_page(world.state, world.now).limits
        if one.control == Reason.ORDERS_PER_HOUR.value
    ]
    assert (line.scope, line.key, line.value, line.limit) == (Scope.STRATEGY, "one", 1, 4)


def test_a_route_tells_its_cash_and_why_it_is_halted() -> None:
    world = World(contexts=config().contexts)
    (route,) = risk_page(world.state, world.now).routes
    assert (route.route_id, route.venue, route.halted) == ("main", "SIM", "")
    assert route.equity == CASH
    assert dict(route.cash)["USD"] == CASH
