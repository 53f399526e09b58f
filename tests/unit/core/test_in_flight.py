"""What executes at once never sells a position twice, where the kernel keeps reduce-only."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.kernel_world import BTC, HELD, SIMULATED, UNIT, World

from tradetui.core.in_flight import in_flight, reducible
from tradetui.domain.enums import OrderRole, OrderSide, OrderState, OrderType, Outcome
from tradetui.domain.intents import CancelOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import OutcomeUnknown

S = OrderState
KEY = ("one", "main", BTC)


def stop(world: World, quantity: int = -UNIT, trigger: int = 9_000, **more: Any) -> str:
    fields = {"order_type": OrderType.STOP, "role": OrderRole.STOP_LOSS, **more}
    return world.place(quantity, None, trigger_price=trigger, **fields)


def leave(world: World, quantity: int = -UNIT) -> Any:
    applied = world.intents(world.intent(quantity, None, role=OrderRole.EXIT))
    return applied.decisions[0]


def test_a_released_stop_takes_the_position_from_an_exit() -> None:
    world = World(HELD)
    world.hold()
    stop(world)
    world.trade(8_900)
    decision = leave(world)
    assert (decision.outcome, decision.reason) == (Outcome.REJECT, Reason.REDUCE_ONLY)
    assert "executes at once" in decision.note
    assert in_flight(world.state, KEY, OrderSide.SELL, None) == UNIT


def test_an_exit_takes_the_position_from_a_stop_which_waits_for_it() -> None:
    world = World(HELD)
    world.hold()
    guard = stop(world)
    assert leave(world).outcome is Outcome.ALLOW
    exit_ = world.state.orders[f"ttx-{world.orders_made:04d}"].terms.client_order_id
    world.trade(8_900)
    waiting = world.order(guard)
    assert (waiting.state, waiting.is_triggered) == (S.CREATED, False)
    assert waiting.reason == "others close the position"
    assert reducible(world.state, waiting) == 0
    world.intents(CancelOrder(exit_))
    world.cancelled(exit_)
    world.trade(8_890)
    assert world.order(guard).state is S.SUBMITTED


def test_a_stop_goes_out_with_what_is_left() -> None:
    world = World(HELD)
    world.hold(2 * UNIT)
    guard = stop(world, -2 * UNIT)
    assert leave(world).outcome is Outcome.ALLOW
    applied = world.trade(8_900)
    assert world.order(guard).quantity == UNIT
    (command,) = applied.commands
    assert command.terms.quantity == UNIT


def test_two_stops_that_fire_together_sell_the_position_once() -> None:
    world = World(HELD)
    world.hold()
    first, second = stop(world), stop(world)
    world.trade(8_900)
    assert [world.order(one).state for one in (first, second)] == [S.SUBMITTED, S.CREATED]
    world.fill(first, UNIT, 8_900)
    assert world.position().quantity == 0
    assert world.order(second).state is S.CANCELLED


def test_a_short_position_is_bought_back_once() -> None:
    world = World(HELD)
    perp: dict[str, Any] = {"instrument_id": "BTC-PERP.SIM"}
    entry = world.place(-2, None, **perp)
    world.fill(entry, 2, 10_000)
    guard = stop(world, 2, 11_000, **perp)
    world.intents(world.intent(1, None, role=OrderRole.EXIT, **perp))
    world.trade(11_100, "BTC-PERP.SIM")
    assert world.order(guard).quantity == 1


def test_a_stop_entry_is_no_exit() -> None:
    world = World(HELD)
    entry = stop(world, UNIT, 11_000, role=OrderRole.ENTRY)
    world.trade(11_100)
    assert world.order(entry).state is S.SUBMITTED


@pytest.mark.parametrize("unknown", [True, False])
def test_an_unknown_order_keeps_no_exit_back(unknown: bool) -> None:
    world = World(HELD)
    world.hold()
    assert leave(world).outcome is Outcome.ALLOW
    first = f"ttx-{world.orders_made:04d}"
    if unknown:
        world.event(OutcomeUnknown("main", first), BTC)
    assert (leave(world).outcome is Outcome.ALLOW) is unknown


def test_orders_that_rest_may_be_placed_beside() -> None:
    world = World(HELD)
    world.hold()
    assert leave(world).outcome is Outcome.ALLOW
    world.place(-UNIT, 11_000, role=OrderRole.EXIT)
    stop(world)


def test_a_venue_that_keeps_reduce_only_itself_is_left_to_it() -> None:
    world = World(SIMULATED)
    world.hold()
    assert leave(world).outcome is Outcome.ALLOW
    assert leave(world).outcome is Outcome.ALLOW
