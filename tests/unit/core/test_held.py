"""What the kernel says of the orders it holds: released when, ended when, as what."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, HELD, START, UNIT, World

from tradetui.core import held
from tradetui.core.changes import Changes
from tradetui.core.held_records import HeldAction, HeldVerb
from tradetui.core.order_manager import perform
from tradetui.core.working import store
from tradetui.domain.capabilities import SIMULATED, Capabilities
from tradetui.domain.enums import (
    HeldBy,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder
from tradetui.domain.orders import Order, OrderTerms
from tradetui.domain.reports import OrderTriggered
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE

S = OrderState


def terms(order_type: OrderType = OrderType.LIMIT, **fields: Any) -> OrderTerms:
    """Return the terms of a sale of one coin."""
    made = OrderTerms(
        "made", "one", "acct", "main", BTC, OrderSide.SELL, order_type, UNIT, created_time=START
    )
    return replace(made, **fields)


def stop(world: World, trigger: int | None = 9_000, **more: Any) -> str:
    """Place a stop for one coin."""
    fields: dict[str, Any] = {"order_type": OrderType.STOP, "trigger_price": trigger}
    return world.place(-UNIT, more.pop("price", None), **(fields | more))


def holding() -> World:
    """A world on a route that can do little, holding two coins."""
    world = World(HELD)
    world.hold(2 * UNIT)
    return world


# -- what is held, and what goes out ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("capabilities", "order_type", "parent", "expected"),
    [
        (HELD, OrderType.LIMIT, None, False),
        (HELD, OrderType.MARKET, None, False),
        (HELD, OrderType.STOP, None, True),
        (HELD, OrderType.STOP_LIMIT, None, True),
        (HELD, OrderType.TRAILING_STOP, None, True),
        (HELD, OrderType.LIMIT, "parent", True),
        (SIMULATED, OrderType.STOP, None, False),
        (SIMULATED, OrderType.LIMIT, "parent", False),
    ],
)
def test_holds(
    capabilities: Capabilities, order_type: OrderType, parent: Any, expected: bool
) -> None:
    assert held.holds(capabilities, terms(order_type, parent_order_id=parent)) is expected


@pytest.mark.parametrize(
    ("given", "quantity", "sent"),
    [
        (terms(OrderType.STOP, trigger_price=9), UNIT, terms(OrderType.MARKET)),
        (
            terms(OrderType.STOP_LIMIT, trigger_price=9, price=8),
            UNIT,
            terms(OrderType.LIMIT, price=8),
        ),
        (terms(OrderType.TRAILING_STOP, trail_offset=9), UNIT, terms(OrderType.MARKET)),
        (terms(price=8, time_in_force=TimeInForce.DAY), UNIT, terms(price=8)),
        (terms(price=8, time_in_force=TimeInForce.GTD, expire_time=9), UNIT, terms(price=8)),
        (terms(price=8, oco_group="g", parent_order_id="p"), UNIT, terms(price=8)),
        (terms(price=8, reduce_only=True), UNIT, terms(price=8)),
        (terms(price=8), 5, terms(price=8, quantity=5)),
        (
            terms(price=8, time_in_force=TimeInForce.IOC),
            UNIT,
            terms(price=8, time_in_force=TimeInForce.IOC),
        ),
    ],
)
def test_the_venue_gets_the_plain_order(given: OrderTerms, quantity: int, sent: OrderTerms) -> None:
    order = Order(given, S.CREATED, quantity)
    assert held.wire_terms(HELD, order) == sent


def test_a_route_that_can_do_everything_gets_the_terms_themselves() -> None:
    given = terms(
        OrderType.STOP, trigger_price=9, time_in_force=TimeInForce.DAY, oco_group="g",
        reduce_only=True, parent_order_id="p",
    )  # fmt: skip
    assert held.wire_terms(SIMULATED, Order(given, S.CREATED, UNIT)) is given


# -- price -----------------------------------------------------------------------------------------


def test_an_instrument_without_held_orders_is_not_watched() -> None:
    world = holding()
    assert BTC not in world.state.held_by_instrument
    assert held.on_price(world.state, BTC, 1, 1, 1) == ()
    stop(world)
    assert BTC in world.state.held_by_instrument


def test_a_stop_goes_out_when_the_price_came() -> None:
    world = holding()
    order_id = stop(world)
    assert held.on_price(world.state, BTC, 10_000, 9_001, 9_500) == ()
    (action,) = held.on_price(world.state, BTC, 10_000, 9_000, 9_500)
    assert action.verb is HeldVerb.RELEASE
    assert action.client_order_id == order_id
    assert action.quantity == UNIT
    assert action.is_triggered


def test_a_trailing_stop_starts_at_the_mark_and_follows_earlier_items() -> None:
    world = holding()
    order_id = stop(world, None, order_type=OrderType.TRAILING_STOP, trail_offset=500)
    assert world.order(order_id).trigger_price == 9_500
    world.bar(11_000, 9_600, 10_000)
    assert world.order(order_id).trigger_price == 10_500
    assert world.order(order_id).state is S.CREATED
    world.bar(10_700, 10_600, 10_650)
    assert world.order(order_id).state is S.CREATED
    world.bar(10_700, 10_500, 10_650)
    assert world.order(order_id).state is S.SUBMITTED


def test_a_trailing_stop_without_a_mark_starts_at_the_first_price() -> None:
    world = World(HELD, is_checked=False)
    world.hold()
    order_id = stop(world, None, order_type=OrderType.TRAILING_STOP, trail_offset=500)
    order = world.order(order_id)
    blank = replace(order, trigger_price=None)
    store(world.state, order, blank)
    world.state.marks.pop(BTC)
    assert held.on_created(world.state, blank) == ()
    (action,) = held.on_price(world.state, BTC, 12_000, 8_000, 10_000)
    assert action.verb is HeldVerb.UPDATE
    assert action.trigger_price == 9_500


def test_a_twin_of_a_stop_that_is_out_stays() -> None:
    world = World(HELD)
    stops = [
        world.intent(-4, None, instrument_id="BTC-PERP.SIM", oco_group="g",
                     order_type=OrderType.STOP, trigger_price=trigger)
        for trigger in (9_000, 8_500)
    ]  # fmt: skip
    world.intents(*stops)
    assert len(world.trade(8_000, "BTC-PERP.SIM").commands) == 1
    assert world.trade(7_900, "BTC-PERP.SIM").commands == ()
    first, second = (world.order(one.client_order_id) for one in stops)
    assert first.state is S.SUBMITTED
    assert second.state is S.CREATED


def test_a_stop_that_waits_for_its_twin_is_not_triggered_twice() -> None:
    world = World(HELD)
    world.hold()
    common = {"oco_group": "g", "reduce_only": True}
    target = world.place(-UNIT, 11_000, **common)
    world.accept(target)
    order_id = stop(world, **common)
    applied = world.trade(8_900)
    assert [c.client_order_id for c in applied.commands] == [target]
    assert world.trade(8_800).commands == ()
    world.cancelled(target)
    assert world.order(order_id).state is S.SUBMITTED


def test_a_triggered_stop_at_the_venue_ends_its_twins_there_and_leaves_those_held_here() -> None:
    world = World(replace(SIMULATED, oco=Support.HELD, trailing_stop=Support.HELD))
    world.hold()
    common = {"oco_group": "g", "reduce_only": True}
    guard = stop(world, **common)
    target = world.place(-UNIT, 11_000, **common)
    trail = stop(world, None, order_type=OrderType.TRAILING_STOP, trail_offset=500, **common)
    for order_id in (guard, target):
        world.accept(order_id)
    world.event(OrderTriggered("main", guard), BTC)
    assert world.order(target).state is S.CANCEL_PENDING
    assert world.order(trail).state is S.CREATED
    assert world.order(trail).held_by is HeldBy.KERNEL


def test_a_triggered_stop_limit_at_the_venue_leaves_its_twins() -> None:
    """It may rest at its limit for long."""
    world = World(replace(SIMULATED, oco=Support.HELD))
    world.hold()
    common = {"oco_group": "g", "reduce_only": True}
    guard = stop(world, order_type=OrderType.STOP_LIMIT, price=8_900, **common)
    target = world.place(-UNIT, 11_000, **common)
    for order_id in (guard, target):
        world.accept(order_id)
    world.event(OrderTriggered("main", guard), BTC)
    assert world.order(target).state is S.ACCEPTED


# -- time ------------------------------------------------------------------------------------------


def test_nothing_is_due_before_its_time() -> None:
    world = holding()
    stop(world, time_in_force=TimeInForce.DAY)
    assert list(world.state.held_deadlines.values()) == [START - NANOS_PER_HOUR + NANOS_PER_DAY]
    assert held.on_time(world.state) == ()


def test_an_end_that_was_asked_for_is_not_asked_for_again() -> None:
    world = World(HELD)
    order_id = world.place(time_in_force=TimeInForce.GTD, expire_time=world.now + NANOS_PER_MINUTE)
    world.accept(order_id)
    assert len(world.event(Heartbeat(1, ()), after=2 * NANOS_PER_MINUTE).commands) == 1
    assert world.event(Heartbeat(2, ())).commands == ()
    assert held.on_time(world.state) == ()
    world.cancelled(order_id)
    assert world.state.held_deadlines == {}


def test_an_order_that_ended_has_no_deadline() -> None:
    world = World(HELD)
    order_id = world.place(time_in_force=TimeInForce.GTD, expire_time=world.now + NANOS_PER_MINUTE)
    world.accept(order_id)
    world.fill(order_id)
    assert world.state.held_deadlines == {}


def test_a_released_stop_limit_keeps_its_end_in_time() -> None:
    world = holding()
    order_id = stop(
        world, order_type=OrderType.STOP_LIMIT, price=8_900, time_in_force=TimeInForce.DAY
    )
    world.trade(8_950)
    assert world.order(order_id).state is S.SUBMITTED
    assert order_id in world.state.held_deadlines


def test_cancelling_a_held_order_ends_it_here() -> None:
    world = holding()
    order_id = stop(world, role=OrderRole.EXIT)
    applied = world.intents(CancelOrder(order_id))
    assert applied.commands == ()
    assert world.order(order_id).state is S.CANCELLED


def test_what_has_ended_meanwhile_is_passed_over() -> None:
    world = holding()
    order_id = stop(world, role=OrderRole.EXIT)
    world.intents(CancelOrder(order_id))
    before = world.order(order_id)
    changes = Changes()
    perform(world.state, changes, (HeldAction(HeldVerb.CANCEL, order_id),))
    assert world.order(order_id) is before
    assert changes.transitions == []
