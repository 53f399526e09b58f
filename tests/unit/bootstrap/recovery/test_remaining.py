"""The line that a console leaves on the terminal says all that still stands."""

from __future__ import annotations

from tests.support.kernel_world import HELD, UNIT, World

from tradetui.bootstrap.recovery.remaining import is_flat, remaining
from tradetui.domain.enums import InstanceMode, OrderRole, OrderType


def test_nothing_is_left() -> None:
    assert remaining(World().state) == "left behind: no position; no order open"
    assert is_flat(World().state)


def test_positions_orders_and_the_stops_that_are_ours_are_named() -> None:
    world = World(capabilities=HELD)
    world.hold()
    world.accept(world.place(price=8_000))
    world.place(
        -UNIT,
        None,
        order_type=OrderType.STOP,
        trigger_price=7_000,
        role=OrderRole.STOP_LOSS,
        reduce_only=True,
    )
    assert remaining(world.state) == (
        "left behind: 1 position: one +1.00000000 BTC; 2 orders open (1 entry); "
        "1 stop is held by us and guards nothing until the next start"
    )
    assert not is_flat(world.state)


def test_an_order_alone_is_not_flat() -> None:
    world = World()
    world.place()
    assert not is_flat(world.state)


def test_the_books_of_observing_instances_are_not_real() -> None:
    world = World()
    world.load("eye", InstanceMode.OBSERVE)
    world.place(name="eye")
    assert is_flat(world.state)
    assert remaining(world.state) == "left behind: no position; no order open"
