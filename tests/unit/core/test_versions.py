"""New versions of orders: at a venue that can replace, and at one that cannot."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, HELD, UNIT, World, codes, states

from tradetui.core.changes import Changes
from tradetui.core.order_manager import replace_order
from tradetui.core.versions import request_replace
from tradetui.domain.control import CancelRequested, KillSwitchChanged
from tradetui.domain.enums import (
    HeldBy,
    KillState,
    OrderRole,
    OrderState,
    OrderType,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder, ReplaceOrder
from tradetui.domain.reports import (
    CancelRejected,
    OrderCancelled,
    OrderExpired,
    OrderReplaced,
    OrderTriggered,
    ReplaceRejected,
)
from tradetui.domain.steps import CancelCommand, ReplaceCommand, SubmitCommand

S = OrderState


def accepted(world: World, **more: Any) -> str:
    order_id = world.place(**more)
    world.accept(order_id)
    return order_id


class TestNative:
    def test_the_command_names_both_versions(self) -> None:
        world = World()
        old_id = accepted(world)
        new_id = world.next_id()
        applied = world.intents(ReplaceOrder(old_id, new_id, price=9_100))
        command = applied.commands[0]
        assert isinstance(command, ReplaceCommand)
        assert (command.client_order_id, command.venue_order_id) == (old_id, f"v{old_id}")
        assert command.terms.client_order_id == new_id
        assert command.terms.price == 9_100

    def test_both_versions_count_once_with_the_larger(self) -> None:
        world = World()
        old_id = accepted(world)
        world.replace(old_id, quantity=3 * UNIT)
        working = world.state.working["one", "main", BTC]
        assert working.buy_quantity == 3 * UNIT
        assert working.open_orders == 2

    def test_what_the_old_one_fills_meanwhile_comes_off_the_new(self) -> None:
        world = World()
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        world.fill(old_id, UNIT // 4)
        assert world.order(new_id).quantity == UNIT // 4 * 3
        assert world.order(new_id).terms.quantity == UNIT
        world.event(OrderReplaced("main", old_id, new_id, "v2"), BTC)
        world.fill(new_id, UNIT // 4 * 3)
        assert world.order(new_id).state is S.FILLED
        assert world.position().quantity == UNIT

    def test_a_fill_of_the_old_one_after_the_new_one_ended(self) -> None:
        world = World()
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        world.fill(new_id)
        applied = world.fill(old_id, UNIT // 4)
        assert applied.diagnostics == ()
        assert world.order(new_id).quantity == UNIT

    def test_an_order_waits_for_one_version_at_a_time(self) -> None:
        world = World()
        old_id = accepted(world)
        world.replace(old_id, price=9_100)
        changes = Changes()
        terms = replace(world.order(old_id).terms, client_order_id="again", replaces=old_id)
        assert not replace_order(world.state, changes, world.order(old_id), terms)
        assert changes.diagnostics[0].code == "illegal_transition"

    @pytest.mark.parametrize("state", [S.CANCELLED, S.CANCEL_PENDING], ids=lambda s: s.value)
    def test_what_has_ended_or_is_ending_has_no_new_version(self, state: OrderState) -> None:
        world = World()
        old_id = world.order_in(state)
        terms = replace(world.order(old_id).terms, client_order_id="again", replaces=old_id)
        assert not request_replace(
            world.state, Changes(), world.order(old_id), terms, is_held=False
        )

    def test_a_version_off_the_grid_is_an_incident(self) -> None:
        world = World()
        old_id = accepted(world)
        changes = Changes()
        terms = replace(
            world.order(old_id).terms, client_order_id="again", replaces=old_id, quantity=1
        )
        assert not replace_order(world.state, changes, world.order(old_id), terms)
        assert changes.diagnostics[0].is_incident
        assert "not a positive multiple of the lot" in changes.diagnostics[0].message

    def test_a_version_that_cancels_ends_when_its_replace_is_refused(self) -> None:
        world = World()
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        world.intents(CancelOrder(new_id))
        applied = world.event(ReplaceRejected("main", old_id, new_id, "filled"), BTC)
        assert states(applied)[0] == ("CancelPending", "Cancelled", "ReplaceRejected")
        assert world.order(old_id).pending_replace is None
        assert world.state.working["one", "main", BTC].open_orders == 1

    def test_children_follow_the_new_version(self) -> None:
        world = World()
        entry = world.intent()
        stop = world.intent(
            -UNIT,
            None,
            order_type=OrderType.STOP,
            trigger_price=8_000,
            role=OrderRole.STOP_LOSS,
            parent_order_id=entry.client_order_id,
        )
        world.intents(entry, stop)
        world.accept(entry.client_order_id)
        world.accept(stop.client_order_id)
        new_id = world.replace(entry.client_order_id, price=9_100)
        world.event(OrderReplaced("main", entry.client_order_id, new_id, "v2"), BTC)
        assert world.state.children == {new_id: (stop.client_order_id,)}
        assert world.state.working["one", "main", BTC].sell_quantity == 0
        world.fill(new_id)
        assert world.state.working["one", "main", BTC].sell_quantity == UNIT

    def test_children_keep_working_when_a_partly_filled_parent_is_replaced(self) -> None:
        world = World()
        entry = world.intent()
        stop = world.intent(
            -UNIT,
            None,
            order_type=OrderType.STOP,
            trigger_price=8_000,
            role=OrderRole.STOP_LOSS,
            parent_order_id=entry.client_order_id,
        )
        world.intents(entry, stop)
        world.accept(entry.client_order_id)
        world.accept(stop.client_order_id)
        world.fill(entry.client_order_id, UNIT // 2)
        new_id = world.replace(entry.client_order_id, price=9_100)
        world.event(OrderReplaced("main", entry.client_order_id, new_id, "v2"), BTC)
        assert world.state.carried_fills == {new_id: UNIT // 2}
        assert world.state.working["one", "main", BTC].sell_quantity == UNIT

    def test_a_child_that_is_replaced_stays_its_parents(self) -> None:
        world = World()
        entry = world.intent()
        stop = world.intent(
            -UNIT,
            None,
            order_type=OrderType.STOP,
            trigger_price=8_000,
            role=OrderRole.STOP_LOSS,
            parent_order_id=entry.client_order_id,
        )
        world.intents(entry, stop)
        world.accept(entry.client_order_id)
        world.accept(stop.client_order_id)
        moved = world.replace(entry.client_order_id, price=9_100)
        world.event(OrderReplaced("main", entry.client_order_id, moved, "v2"), BTC)
        world.fill(moved)
        new_stop = world.replace(stop.client_order_id, trigger_price=8_100)
        assert world.state.children[moved] == (stop.client_order_id, new_stop)
        assert world.state.parents[new_stop] == moved
        world.event(OrderReplaced("main", stop.client_order_id, new_stop, "v3"), BTC)
        assert world.order(new_stop).trigger_price == 8_100


class TestByCancel:
    """A venue without replace: the old version is cancelled, then the new one is sent."""

    def test_the_new_version_waits_for_the_end_of_the_old(self) -> None:
        world = World(HELD)
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        assert world.order(new_id).state is S.CREATED
        assert world.order(new_id).held_by is HeldBy.VENUE
        assert world.order(old_id).state is S.CANCEL_PENDING
        assert world.state.held_by_instrument == {}
        assert world.state.working["one", "main", BTC].buy_quantity == UNIT
        applied = world.cancelled(old_id)
        assert states(applied) == [
            ("CancelPending", "Cancelled", "OrderCancelled"),
            ("Created", "Submitted", "release"),
        ]
        assert isinstance(applied.commands[0], SubmitCommand)
        assert applied.commands[0].terms.price == 9_100

    def test_children_wait_for_the_new_version_and_count_nothing_meanwhile(self) -> None:
        world = World(replace(HELD, replace=Support.HELD))
        entry = world.intent(UNIT, 9_000)
        more: dict[str, Any] = {"parent_order_id": entry.client_order_id, "reduce_only": True}
        guard = world.intent(
            -UNIT, None, order_type=OrderType.STOP, trigger_price=8_000,
            role=OrderRole.STOP_LOSS, **more,
        )  # fmt: skip
        target = world.intent(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **more)
        world.intents(entry, guard, target)
        world.intents(CancelOrder(target.client_order_id))
        world.accept(entry.client_order_id)
        new_id = world.replace(entry.client_order_id, price=9_100)
        world.cancelled(entry.client_order_id)
        assert world.order(new_id).state is S.SUBMITTED
        assert world.state.working["one", "main", BTC].sell_quantity == 0
        world.fill(new_id, UNIT, 9_100)
        assert world.state.working["one", "main", BTC].sell_quantity == UNIT

    def test_what_the_old_one_filled_is_not_sent_again(self) -> None:
        world = World(HELD)
        old_id = accepted(world)
        world.replace(old_id, price=9_100)
        world.fill(old_id, UNIT // 4)
        applied = world.cancelled(old_id)
        command = applied.commands[0]
        assert isinstance(command, SubmitCommand)
        assert command.terms.quantity == UNIT // 4 * 3

    def test_nothing_is_sent_when_the_old_one_filled_whole(self) -> None:
        world = World(HELD)
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        applied = world.fill(old_id)
        assert world.order(new_id).state is S.CANCELLED
        assert world.order(new_id).reason == "the old version is Filled"
        assert applied.commands == ()

    def test_nothing_is_sent_when_nothing_is_left(self) -> None:
        world = World(HELD)
        old_id = accepted(world, quantity=2 * UNIT)
        new_id = world.replace(old_id, quantity=UNIT)
        world.fill(old_id, UNIT)
        world.cancelled(old_id)
        assert world.order(new_id).reason == "nothing left to replace"

    def test_nothing_is_sent_when_the_old_one_expired(self) -> None:
        world = World(HELD)
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        world.event(OrderExpired("main", old_id), BTC)
        assert world.order(new_id).state is S.CANCELLED

    def test_a_refused_cancel_gives_the_new_version_up(self) -> None:
        world = World(HELD)
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        world.event(CancelRejected("main", old_id, "busy"), BTC)
        assert world.order(new_id).state is S.CANCELLED
        assert world.order(old_id).state is S.ACCEPTED
        assert world.order(old_id).pending_replace is None

    def test_a_waiting_version_that_is_cancelled_is_not_sent(self) -> None:
        world = World(HELD)
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        world.event(CancelRequested(new_id, "me"))
        applied = world.cancelled(old_id)
        assert world.order(new_id).state is S.CANCELLED
        assert applied.commands == ()

    def test_under_halted_nothing_new_is_sent(self) -> None:
        world = World(HELD)
        old_id = accepted(world)
        new_id = world.replace(old_id, price=9_100)
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "stop", False))
        applied = world.cancelled(old_id)
        assert codes(applied) == ["kill_switch!"]
        assert applied.commands == ()
        assert world.order(new_id).state is S.CANCELLED

    def test_a_new_version_that_the_kernel_holds_is_not_sent_either(self) -> None:
        world = World(HELD)
        world.hold()
        stop = world.place(
            -UNIT, None, order_type=OrderType.STOP, trigger_price=8_000, role=OrderRole.STOP_LOSS
        )
        world.trade(7_900)
        assert world.order(stop).state is S.SUBMITTED
        old_id = accepted(world)
        terms = replace(
            world.order(old_id).terms,
            client_order_id="held",
            replaces=old_id,
            order_type=OrderType.STOP_LIMIT,
            trigger_price=9_500,
        )
        world.state.begin()
        changes = Changes()
        assert replace_order(world.state, changes, world.order(old_id), terms)
        world.check()
        world.cancelled(old_id)
        assert world.order("held").held_by is HeldBy.KERNEL
        assert world.order("held").state is S.CREATED
        assert "held" in world.state.held_by_instrument[BTC]


class TestHeldHere:
    def test_a_held_order_is_replaced_at_once(self) -> None:
        world = World(HELD)
        old_id = world.order_in(S.CREATED)
        new_id = world.replace(old_id, trigger_price=12_000)
        assert world.order(old_id).state is S.CANCELLED
        assert world.order(old_id).reason == "replaced"
        assert world.order(new_id).state is S.CREATED
        assert list(world.state.held_by_instrument[BTC]) == [new_id]

    def test_the_children_of_a_held_order_follow_its_new_version(self) -> None:
        world = World(HELD)
        old_id = world.order_in(S.CREATED)
        child = world.place(
            -UNIT, 13_000, parent_order_id=old_id, role=OrderRole.TAKE_PROFIT, reduce_only=True
        )
        new_id = world.replace(old_id, trigger_price=12_000)
        assert world.state.children == {new_id: (child,)}
        world.trade(12_100)
        world.accept(new_id)
        world.fill(new_id, price=12_100)
        assert world.order(child).state is S.SUBMITTED

    def test_the_new_version_of_a_held_order_ends_in_time_too(self) -> None:
        world = World(HELD)
        old_id = world.place(
            UNIT, None, order_type=OrderType.STOP, trigger_price=11_000,
            time_in_force=TimeInForce.DAY,
        )  # fmt: skip
        new_id = world.replace(old_id, trigger_price=12_000)
        assert list(world.state.held_deadlines) == [new_id]

    def test_one_that_need_not_be_held_any_more_is_sent(self) -> None:
        world = World(HELD)
        old_id = world.order_in(S.CREATED)
        old = world.order(old_id)
        terms = replace(
            old.terms,
            client_order_id="plain",
            replaces=old_id,
            order_type=OrderType.LIMIT,
            price=9_000,
            trigger_price=None,
        )
        world.state.begin()
        changes = Changes()
        assert replace_order(world.state, changes, old, terms)
        world.check()
        assert isinstance(changes.commands[0], SubmitCommand)
        assert world.order("plain").state is S.SUBMITTED


def test_a_version_pending_at_the_venue_is_not_touched_when_the_old_one_ends() -> None:
    world = World()
    old_id = accepted(world)
    new_id = world.replace(old_id, price=9_100)
    world.event(OrderCancelled("main", old_id), BTC)
    assert world.order(new_id).state is S.SUBMITTED
    world.event(OrderTriggered("main", new_id), BTC)
    assert world.order(new_id).is_triggered


def test_a_refused_version_is_only_told_to_an_old_one_that_is_open() -> None:
    world = World()
    old_id = accepted(world)
    new_id = world.replace(old_id, price=9_100)
    world.intents(CancelOrder(old_id))
    applied = world.event(CancelRejected("main", old_id, "no"), BTC)
    assert world.order(old_id).pending_replace is None
    assert applied.diagnostics == ()
    world.event(ReplaceRejected("main", old_id, new_id, "no"), BTC)
    assert world.order(new_id).state is S.REJECTED


def test_a_cancel_of_the_old_version_is_a_command_of_its_own() -> None:
    world = World(HELD)
    old_id = accepted(world)
    new_id = world.next_id()
    applied = world.intents(ReplaceOrder(old_id, new_id, price=9_100))
    assert [type(command) for command in applied.commands] == [CancelCommand]
