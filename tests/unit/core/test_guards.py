"""Guards: who holds the stop, and what becomes of it when the position closes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, HELD, PERP, UNIT, World

from tradetui.core import guards
from tradetui.core.state import KernelState, PositionKey
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.control import CancelRequested
from tradetui.domain.enums import Guard, OrderRole, OrderSide, OrderState, OrderType, Support
from tradetui.domain.intents import CancelOrder
from tradetui.domain.reports import OrderAmended, OutcomeUnknown

UNAIDED = replace(SIMULATED, reduce_only=Support.HELD)
"""A venue that leaves reduce-only orders to us."""

KEY = ("one", "main", BTC)


def guard_of(state: KernelState, key: PositionKey) -> Guard:
    """Return ``guards.guard_of``, having compared it with what is said of all positions at once."""
    guard = guards.guard_of(state, key)
    assert guards.unguarded(state) == [key] * (guard is Guard.MISSING)
    return guard


def stop(world: World, quantity: int = -UNIT, **more: Any) -> str:
    fields: dict[str, Any] = {
        "role": OrderRole.STOP_LOSS,
        "order_type": OrderType.STOP,
        "trigger_price": 9_000,
    }
    order_id = world.place(quantity, None, **(fields | more))
    world.accept(order_id) if world.order(order_id).state is OrderState.SUBMITTED else None
    return order_id


class TestGuardOf:
    def test_a_flat_position_needs_none(self) -> None:
        world = World()
        assert guard_of(world.state, KEY) is Guard.FLAT
        world.hold()
        world.hold(-UNIT)
        assert guard_of(world.state, KEY) is Guard.FLAT

    def test_a_position_that_was_never_given_one_is_so_by_design(self) -> None:
        world = World()
        world.hold()
        assert guard_of(world.state, KEY) is Guard.NONE_BY_DESIGN

    def test_a_stop_at_the_venue(self) -> None:
        world = World()
        world.hold()
        stop(world)
        assert guard_of(world.state, KEY) is Guard.VENUE

    def test_a_stop_of_ours(self) -> None:
        world = World(HELD)
        world.hold()
        stop(world)
        assert guard_of(world.state, KEY) is Guard.OURS

    def test_a_stop_that_does_not_cover_the_position_is_missing(self) -> None:
        world = World()
        world.hold(2 * UNIT)
        stop(world)
        assert guard_of(world.state, KEY) is Guard.MISSING

    @pytest.mark.parametrize("ending", ["cancel", "unknown", "cancelled"])
    def test_a_stop_that_cannot_be_counted_on_is_missing(self, ending: str) -> None:
        world = World()
        world.hold()
        order_id = world.place(
            -UNIT,
            None,
            role=OrderRole.STOP_LOSS,
            order_type=OrderType.STOP,
            trigger_price=9_000,
        )
        if ending == "unknown":
            world.event(OutcomeUnknown("main", order_id), BTC)
        else:
            world.event(CancelRequested(order_id, "me"))
        if ending == "cancelled":
            world.cancelled(order_id)
        assert guard_of(world.state, KEY) is Guard.MISSING

    def test_a_new_version_that_waits_for_the_old_one_guards_nothing_yet(self) -> None:
        world = World(replace(SIMULATED, replace=Support.HELD, amend=Support.NONE))
        world.hold()
        order_id = stop(world)
        new = world.replace(order_id, trigger_price=9_100)
        assert guard_of(world.state, KEY) is Guard.MISSING
        world.cancelled(order_id)
        world.accept(new)
        assert guard_of(world.state, KEY) is Guard.VENUE

    def test_a_short_position_is_guarded_by_a_buy(self) -> None:
        world = World()
        world.hold(-2, instrument_id=PERP)
        key = ("one", "main", PERP)
        assert guard_of(world.state, key) is Guard.NONE_BY_DESIGN
        stop(world, 2, trigger_price=11_000, instrument_id=PERP)
        assert guard_of(world.state, key) is Guard.VENUE

    def test_a_new_position_begins_anew(self) -> None:
        world = World()
        world.hold()
        stop(world)
        world.close()
        for order_id in list(world.state.open_orders):
            world.cancelled(order_id)
        world.hold()
        assert guard_of(world.state, KEY) is Guard.NONE_BY_DESIGN

    def test_a_stop_placed_for_the_position_to_come_stays_wanted(self) -> None:
        world = World()
        world.hold()
        entry = world.intent(UNIT, 8_000)
        guard = world.intent(
            -UNIT,
            None,
            role=OrderRole.STOP_LOSS,
            order_type=OrderType.STOP,
            trigger_price=7_000,
            parent_order_id=entry.client_order_id,
        )
        world.intents(entry, guard)
        world.hold(-UNIT)
        assert KEY in world.state.stop_wanted

    def test_a_reducing_order_that_is_no_stop_guards_nothing(self) -> None:
        world = World()
        world.hold()
        order_id = stop(world)
        world.place(-UNIT, 12_000, role=OrderRole.TAKE_PROFIT, reduce_only=True)
        world.cancelled(order_id)
        assert guard_of(world.state, KEY) is Guard.MISSING

    def test_of_two_on_one_market_each_needs_a_stop_of_its_own(self) -> None:
        world = World()
        world.hold()
        second = world.place(UNIT, None, name="two")
        world.accept(second)
        world.fill(second, UNIT, 10_000)
        own = stop(world, name="two")
        other = stop(world)
        world.cancelled(other)
        assert guards.unguarded(world.state) == [KEY]
        world.cancelled(own)
        assert guards.unguarded(world.state) == [KEY, ("two", "main", BTC)]


class TestIdleGuards:
    def test_the_close_of_the_position_cancels_its_guards(self) -> None:
        world = World(UNAIDED)
        world.hold()
        guard = stop(world)
        world.close()
        assert world.order(guard).state is OrderState.CANCEL_PENDING
        assert world.order(guard).reason == "its position is closed"

    def test_a_partial_close_does_not(self) -> None:
        world = World()
        world.hold(2 * UNIT)
        guard = stop(world)
        world.close()
        assert world.order(guard).state is OrderState.ACCEPTED

    def test_a_turn_cancels_those_of_the_old_side_only(self) -> None:
        world = World(UNAIDED)
        world.hold(2, instrument_id=PERP)
        old = stop(world, -2, instrument_id=PERP)
        stranger = world.place(-5, 10_000, instrument_id=PERP)
        terms = replace(
            world.order(old).terms, client_order_id="new", side=OrderSide.BUY, quantity=3
        )
        new = world.force(terms)
        world.fill(stranger, 5, 10_000)
        assert world.position(PERP).quantity == -3
        assert world.order(old).state is OrderState.CANCEL_PENDING
        assert world.order(new).state is OrderState.SUBMITTED

    def test_a_turn_by_one_leaves_the_stop_of_the_new_side(self) -> None:
        world = World(UNAIDED)
        world.hold(-2, instrument_id=PERP)
        old = stop(world, 2, trigger_price=11_000, instrument_id=PERP)
        stranger = world.place(3, 10_000, instrument_id=PERP)
        terms = replace(
            world.order(old).terms, client_order_id="new", side=OrderSide.SELL, quantity=1
        )
        new = world.force(replace(terms, trigger_price=9_000))
        world.fill(stranger, 3, 10_000)
        assert world.position(PERP).quantity == 1
        assert world.order(old).state is OrderState.CANCEL_PENDING
        assert world.order(new).state is OrderState.SUBMITTED

    def test_entries_and_the_orders_of_others_stay(self) -> None:
        world = World()
        world.hold()
        entry = world.place(UNIT, 8_000)
        other = world.place(UNIT, 8_000, name="two")
        world.hold(-UNIT)
        assert world.order(entry).state is OrderState.SUBMITTED
        assert world.order(other).state is OrderState.SUBMITTED

    @pytest.mark.parametrize("capabilities", [UNAIDED, HELD])
    def test_the_guard_of_another_on_the_same_market_stays(self, capabilities: Any) -> None:
        world = World(capabilities)
        for name in ("two", "one"):
            world.fill(world.place(UNIT, None, name=name), price=10_000)
        mine, other = stop(world), stop(world, name="two")
        before = world.order(other)
        world.close()
        assert world.order(mine).state is not before.state
        assert world.order(other) is before
        assert guard_of(world.state, ("two", "main", BTC)) in (Guard.VENUE, Guard.OURS)

    def test_a_venue_that_ends_reduce_only_orders_itself_is_left_to_it(self) -> None:
        world = World()
        world.hold()
        target = world.place(-UNIT, 12_000, role=OrderRole.TAKE_PROFIT, reduce_only=True)
        world.close()
        assert world.order(target).state is OrderState.SUBMITTED

    def test_native_twins_of_the_filled_order_are_left_to_the_venue(self) -> None:
        world = World()
        world.hold()
        guard = stop(world, oco_group="exits")
        target = world.place(-UNIT, 12_000, role=OrderRole.TAKE_PROFIT, oco_group="exits")
        world.fill(target, price=12_000)
        assert world.order(guard).state is OrderState.ACCEPTED

    def test_children_of_an_open_parent_are_left_for_what_it_will_fill(self) -> None:
        world = World()
        entry = world.intent(2 * UNIT, 9_500)
        guard = world.intent(
            -2 * UNIT,
            None,
            role=OrderRole.STOP_LOSS,
            order_type=OrderType.STOP,
            trigger_price=9_000,
            parent_order_id=entry.client_order_id,
        )
        world.intents(entry, guard)
        world.accept(entry.client_order_id)
        world.accept(guard.client_order_id)
        world.fill(entry.client_order_id, UNIT)
        world.event(OrderAmended("main", guard.client_order_id, UNIT), BTC)
        world.close()
        assert world.order(guard.client_order_id).state is OrderState.ACCEPTED

    def test_a_guard_being_cancelled_already_is_not_asked_again(self) -> None:
        world = World()
        world.hold()
        guard = stop(world)
        world.intents(CancelOrder(guard))
        world.event(CancelRequested(guard, "me"))
        applied = world.close()
        assert applied.commands == ()
