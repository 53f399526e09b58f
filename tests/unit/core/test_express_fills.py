"""The short way of a common fill gives what the long way does, or leaves it to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, UNIT, World

from tradetui.core import fills, kernel
from tradetui.core.checkpoint import dump
from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.enums import OrderRole, OrderState, OrderType, Support
from tradetui.domain.units import NANOS_PER_DAY

KEY = ("one", "main", BTC)


def traded(capabilities: Capabilities = SIMULATED) -> World:
    """Return a world whose sub-position has traded today and holds two."""
    world = World(capabilities)
    world.hold(2 * UNIT, 9_000)
    return world


def buy(world: World) -> Any:
    return world.fill(world.order_in(OrderState.ACCEPTED), UNIT, 9_100)


def buy_at_market(world: World) -> Any:
    order_id = world.place(UNIT, None)
    world.accept(order_id)
    return world.fill(order_id, UNIT, 9_100)


def buy_by_a_stop(world: World) -> Any:
    order_id = world.place(UNIT, None, order_type=OrderType.STOP, trigger_price=11_000)
    world.accept(order_id)
    return world.fill(order_id, UNIT, 11_000)


def sell(world: World, quantity: int) -> Any:
    order_id = world.place(-quantity, 8_900)
    world.accept(order_id)
    return world.fill(order_id, quantity, 9_050)


def reopen(world: World) -> Any:
    sell(world, 2 * UNIT)
    return buy(world)


def of_another_currency(world: World) -> Any:
    order_id = world.order_in(OrderState.ACCEPTED)
    return world.fill(order_id, UNIT, 9_000, UNIT // 1_000, commission_currency="BTC")


def twice(world: World) -> Any:
    order_id = world.order_in(OrderState.ACCEPTED)
    world.fill(order_id, UNIT, 9_000, trade_id="t")
    return world.fill(world.order_in(OrderState.ACCEPTED), UNIT, 9_000, trade_id="t")


def huge(world: World) -> Any:
    return world.fill(world.order_in(OrderState.ACCEPTED), UNIT, 2**57)


def far_below(world: World) -> Any:
    world.state.positions[KEY] = replace(world.position(), realised_pnl=-(2**60))
    return buy(world)


def short_of_cash(world: World) -> Any:
    order_id = world.order_in(OrderState.ACCEPTED)
    for table in (world.state.cash, world.state.cash_flows):
        table["main", "USD"] = UNIT
    return world.fill(order_id, UNIT, 9_000)


def more_than_held(world: World) -> Any:
    order_id = world.place(-UNIT, 8_900)
    world.accept(order_id)
    world.state.positions[KEY] = replace(world.position(), quantity=UNIT // 2)
    world.state.route_quantities["main", BTC] = UNIT // 2
    return world.fill(order_id, UNIT, 9_050)


def next_day(world: World) -> Any:
    sell(world, 2 * UNIT)
    return world.fill(world.order_in(OrderState.ACCEPTED), UNIT, 9_000, after=NANOS_PER_DAY)


def cancelling(world: World) -> Any:
    return world.fill(world.order_in(OrderState.CANCEL_PENDING), UNIT, 9_000)


COMMON: dict[str, Callable[[World], Any]] = {
    "buy": buy,
    "buy at market": buy_at_market,
    "buy by a stop": buy_by_a_stop,
    "sell a part": lambda world: sell(world, UNIT),
    "sell all": lambda world: sell(world, 2 * UNIT),
    "buy again": reopen,
}
LEFT: dict[str, Callable[[World], Any]] = {
    "another currency": of_another_currency,
    "the same trade again": twice,
    "more money than sums hold": huge,
    "an order being cancelled": cancelling,
    "a loss near what sums hold": far_below,
    "more than is held": more_than_held,
    "the first of a day": next_day,
    "cash that would fall below zero": short_of_cash,
}


def run(case: Callable[[World], Any], *, is_short: bool) -> tuple[Any, bytes, list[bool]]:
    """Return the answer, the state and what the short way said."""
    taken: list[bool] = []
    short = fills.fill_whole

    def watched(*args: Any) -> bool:
        taken.append(short(*args) if is_short else False)
        return taken[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fills, "fill_whole", watched)
        world = traded()
        applied = case(world)
        return applied, dump(world.state), taken


@pytest.mark.parametrize("name", COMMON)
def test_a_common_fill_goes_the_short_way_and_comes_to_the_same(name: str) -> None:
    applied, state, taken = run(COMMON[name], is_short=True)
    assert taken[-1]
    assert run(COMMON[name], is_short=False)[:2] == (applied, state)


@pytest.mark.parametrize("name", LEFT)
def test_any_other_fill_is_left_to_the_long_way(name: str) -> None:
    applied, state, taken = run(LEFT[name], is_short=True)
    assert not taken[-1]
    assert run(LEFT[name], is_short=False)[:2] == (applied, state)


def test_the_first_fill_of_all_is_left_to_the_long_way() -> None:
    with pytest.MonkeyPatch.context() as patch:
        seen: list[bool] = []
        short = fills.fill_whole
        patch.setattr(fills, "fill_whole", lambda *args: seen.append(short(*args)) or seen[-1])
        traded()
    assert seen == [False]


def test_a_guard_goes_with_the_position_that_it_guards() -> None:
    world = traded(replace(SIMULATED, reduce_only=Support.NONE))
    order_id = world.place(-2 * UNIT, 8_900)
    world.accept(order_id)
    stop = world.place(
        -2 * UNIT, None, order_type=OrderType.STOP, trigger_price=8_000, role=OrderRole.STOP_LOSS
    )
    world.accept(stop)
    assert KEY in world.state.stop_wanted
    world.fill(order_id, 2 * UNIT, 9_050)
    assert world.order(stop).state is OrderState.CANCEL_PENDING
    assert world.state.stop_wanted == {}


def test_a_position_that_closes_with_its_last_order_wants_no_stop_any_more() -> None:
    world = traded()
    stop = world.place(
        -2 * UNIT, None, order_type=OrderType.STOP, trigger_price=8_000, role=OrderRole.STOP_LOSS
    )
    world.accept(stop)
    world.cancelled(stop)
    order_id = world.place(-2 * UNIT, 8_900)
    world.accept(order_id)
    assert KEY in world.state.stop_wanted
    world.fill(order_id, 2 * UNIT, 9_050)
    assert (world.state.open_orders, world.state.stop_wanted) == ({}, {})


def test_a_fill_that_fails_later_in_its_step_is_taken_back_whole() -> None:
    world = traded()
    order_id = world.place(-2 * UNIT, None)
    world.accept(order_id)
    before = world.kernel.state_hash()

    def fail(*args: Any) -> None:
        raise RuntimeError("late")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "check_limits", fail)
        with pytest.raises(RuntimeError, match="late"):
            world.fill(order_id, 2 * UNIT, 9_100)
    assert world.kernel.state_hash() == before
    world.kernel.check_all()
