"""Order records are written where they belong, in the order in which they came."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import World

from tradetui.core.relations import creation_key, parent_of
from tradetui.core.working import store
from tradetui.domain.enums import OrderSide


def test_an_order_without_a_parent_has_none() -> None:
    world = World()
    assert parent_of(world.state, world.order(world.place())) is None


def test_orders_are_in_order_of_creation() -> None:
    world = World()
    world.orders_made = 9_998
    ids = [world.place() for _ in range(3)]
    orders = sorted((world.order(i) for i in reversed(ids)), key=creation_key)
    assert [order.terms.client_order_id for order in orders] == ids


def test_only_the_record_that_stands_can_be_followed() -> None:
    world = World()
    order = world.order(world.place())
    with pytest.raises(AssertionError):
        store(world.state, None, order)
    with pytest.raises(AssertionError):
        store(world.state, replace(order, reason="x"), order)


def test_the_side_of_the_world_is_a_buy() -> None:
    world = World()
    assert world.order(world.place()).terms.side is OrderSide.BUY
