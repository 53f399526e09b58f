"""What may still trade, added up: groups once with the largest, waiting children not at all."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from tests.support.kernel_world import BTC, PERP, UNIT, World

from tradetui.core.relations import siblings
from tradetui.core.state import Working
from tradetui.domain.control import CancelRequested
from tradetui.domain.enums import OrderRole, OrderType
from tradetui.domain.reports import OrderAmended

KEY = ("one", "main", BTC)


def working(world: World, instrument_id: str = BTC) -> Working:
    return world.state.working["one", "main", instrument_id]


def test_buys_and_sells_are_apart_at_their_own_prices() -> None:
    world = World()
    world.place(2, 9_000, instrument_id=PERP)
    world.place(-3, 11_000, instrument_id=PERP)
    rate = 5 * UNIT // 1_000
    assert working(world, PERP) == Working(2, 3, 2 * 9_000 * rate, 3 * 11_000 * rate, 2, 2, 0)


def test_what_has_filled_is_off() -> None:
    world = World()
    order_id = world.place(UNIT, 9_000)
    world.fill(order_id, UNIT // 4)
    assert working(world).buy_quantity == UNIT // 4 * 3
    assert working(world).buy_notional == 9_000 * UNIT // 400 * 3


def test_what_has_ended_is_off() -> None:
    world = World()
    order_id = world.place(UNIT, None)
    assert world.state.working_prices == {order_id: 10_000}
    world.cancelled(order_id)
    assert working(world) == Working()
    assert world.state.working_prices == {}


def test_an_order_that_is_being_cancelled_still_counts() -> None:
    world = World()
    order_id = world.place()
    world.event(CancelRequested(order_id, "me"))
    assert working(world).buy_quantity == UNIT


def test_without_a_mark_an_order_without_a_price_counts_by_quantity_alone() -> None:
    world = World()
    terms = world.order(world.place()).terms
    del world.state.marks[BTC]
    world.force(replace(terms, client_order_id="m", order_type=OrderType.MARKET, price=None))
    assert working(world).buy_quantity == 2 * UNIT
    assert working(world).buy_notional == 90 * UNIT


def test_a_stop_counts_at_its_trigger() -> None:
    world = World()
    order_id = world.place(
        UNIT, None, order_type=OrderType.STOP, trigger_price=12_000, role=OrderRole.ENTRY
    )
    assert working(world).buy_notional == 120 * UNIT
    world.accept(order_id)
    world.event(OrderAmended("main", order_id, UNIT, 11_000), BTC)
    assert working(world).buy_notional == 110 * UNIT


class TestGroups:
    def pair(self, world: World, *quantities: int, **more: Any) -> list[str]:
        group = more.pop("oco_group", "pair")
        return [world.place(q, 9_000, oco_group=group, **more) for q in quantities]

    def test_twins_count_once_with_the_largest(self) -> None:
        world = World()
        small, large = self.pair(world, UNIT, 3 * UNIT)
        assert working(world).buy_quantity == 3 * UNIT
        assert working(world).open_orders == 2
        world.cancelled(large)
        assert working(world).buy_quantity == UNIT
        world.cancelled(small)
        assert working(world) == Working()

    def test_sides_are_apart(self) -> None:
        world = World()
        self.pair(world, 2, -3, instrument_id=PERP)
        assert (working(world, PERP).buy_quantity, working(world, PERP).sell_quantity) == (2, 3)

    def test_markets_are_apart(self) -> None:
        world = World()
        self.pair(world, UNIT)
        self.pair(world, 2, instrument_id=PERP, oco_group="h")
        assert working(world).buy_quantity == UNIT
        assert working(world, PERP).buy_quantity == 2

    def test_the_names_of_two_instances_are_apart(self) -> None:
        world = World()
        self.pair(world, UNIT)
        self.pair(world, UNIT, name="two")
        assert len(world.state.oco_groups) == 2

    def test_a_fill_of_one_leaves_the_others_larger_rest(self) -> None:
        world = World()
        first, _ = self.pair(world, 2 * UNIT, 2 * UNIT)
        world.fill(first, UNIT)
        assert working(world).buy_quantity == 2 * UNIT

    def test_the_others_of_a_group(self) -> None:
        world = World()
        first, second = self.pair(world, UNIT, UNIT)
        lone = world.place()
        assert [o.terms.client_order_id for o in siblings(world.state, world.order(first))] == [
            second
        ]
        assert siblings(world.state, world.order(lone)) == []
