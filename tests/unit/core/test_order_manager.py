"""What the kernel holds for a route that cannot: carried out by the order manager.

Also the tests of ``core/halting.py``.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, HELD, START, UNIT, World, codes, states

from tradetui.core import order_manager
from tradetui.core.changes import Changes
from tradetui.core.halting import halting_switch
from tradetui.core.order_manager import cancel_entries, create
from tradetui.domain.control import CancelRequested, KillSwitchChanged
from tradetui.domain.enums import (
    HeldBy,
    KillState,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.ids import RouteId
from tradetui.domain.intents import CancelOrder
from tradetui.domain.market_data import Quote
from tradetui.domain.orders import OrderTerms
from tradetui.domain.steps import CancelCommand, ReplaceCommand, SubmitCommand
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import (
    NANOS_PER_DAY,
    NANOS_PER_HOUR,
    NANOS_PER_MINUTE,
    NANOS_PER_SECOND,
)

S = OrderState


def stop(world: World, quantity: int = -UNIT, trigger: int = 9_000, **more: Any) -> str:
    fields = {"role": OrderRole.STOP_LOSS, "order_type": OrderType.STOP, "trigger_price": trigger}
    return world.place(quantity, None, **(fields | more))


def bracket(world: World, *, group: str | None = "exits") -> tuple[str, str, str]:
    """Place an entry with a stop and a target; return the three ids."""
    entry = world.intent(UNIT, 9_500)
    common: dict[str, Any] = {
        "parent_order_id": entry.client_order_id,
        "oco_group": group,
        "reduce_only": True,
    }
    guard = world.intent(
        -UNIT,
        None,
        order_type=OrderType.STOP,
        trigger_price=9_000,
        role=OrderRole.STOP_LOSS,
        **common,
    )
    target = world.intent(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **common)
    applied = world.intents(entry, guard, target)
    assert [d.reason for d in applied.decisions] == ["", "", ""]
    return entry.client_order_id, guard.client_order_id, target.client_order_id


class TestStops:
    def test_a_stop_stays_here_until_its_price_comes(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(world)
        assert world.order(order_id).held_by is HeldBy.KERNEL
        assert world.bar(10_000, 9_001, 9_500).commands == ()
        applied = world.bar(9_600, 8_900, 9_550)
        assert states(applied) == [("Created", "Submitted", "release")]
        command = applied.commands[0]
        assert isinstance(command, SubmitCommand)
        assert command.terms.order_type is OrderType.MARKET
        assert world.state.held_by_instrument == {}

    def test_trades_and_quotes_move_it_too(self) -> None:
        world = World(HELD)
        world.hold(2 * UNIT)
        first, second = stop(world, trigger=9_000), stop(world, trigger=8_000)
        world.trade(9_000)
        assert world.order(first).state is S.SUBMITTED
        world.event(Quote(7_990, 1, 8_000, 1), BTC)
        assert world.order(second).state is S.SUBMITTED

    def test_a_trailing_stop_follows_the_best_price(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(
            world,
            order_type=OrderType.TRAILING_STOP,
            trigger_price=None,
            trail_offset=500,
        )
        assert world.order(order_id).trigger_price == 9_500
        world.bar(11_000, 10_000, 10_900)
        assert world.order(order_id).trigger_price == 10_500
        world.trade(10_400)
        assert world.order(order_id).state is S.SUBMITTED

    def test_a_held_stop_is_cancelled_at_once(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(world)
        applied = world.intents(CancelOrder(order_id))
        assert states(applied) == [("Created", "Cancelled", "CancelOrder")]
        assert applied.commands == ()

    def test_the_children_of_a_held_order_end_with_it(self) -> None:
        world = World(HELD)
        entry = world.order_in(S.CREATED)
        child = world.place(
            -UNIT, 13_000, parent_order_id=entry, role=OrderRole.TAKE_PROFIT, reduce_only=True
        )
        world.intents(CancelOrder(entry))
        assert (world.order(child).state, world.order(child).reason) == (S.CANCELLED, "parent")


class TestUnderHalted:
    def halt(self, world: World, scope: Scope = Scope.GLOBAL, key: str = "") -> None:
        world.event(KillSwitchChanged(scope, key, KillState.HALTED, "me", "stop", False))

    def test_what_never_leaves_the_house_is_not_held_back(self) -> None:
        world = World(HELD)
        terms = world.order(world.place()).terms
        shadow = replace(terms, route_id=RouteId("shadow:one"))
        assert halting_switch(world.state, terms) is None
        self.halt(world)
        assert halting_switch(world.state, terms) is not None
        assert halting_switch(world.state, shadow) is None

    @pytest.mark.parametrize(
        ("scope", "key"),
        [
            (Scope.GLOBAL, ""),
            (Scope.EXECUTION, "acct"),
            (Scope.ROUTE, "main"),
            (Scope.STRATEGY, "one"),
            (Scope.INSTRUMENT, BTC),
        ],
    )
    def test_a_stop_is_held_back_and_that_is_said_once(self, scope: Scope, key: str) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(world)
        self.halt(world, scope, key)
        applied = world.trade(8_900)
        assert codes(applied) == ["kill_switch!"]
        assert "held back: HALTED" in applied.diagnostics[0].message
        assert world.trade(8_800).diagnostics == ()
        assert world.order(order_id).state is S.CREATED

    def test_it_goes_out_when_the_switch_is_released(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(world)
        self.halt(world)
        world.trade(8_900)
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "me", "on"))
        world.trade(8_850)
        assert world.order(order_id).state is S.SUBMITTED

    def test_it_goes_out_though_more_than_one_price_was_held_back(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(world)
        self.halt(world)
        world.trade(8_900)
        world.trade(8_890)
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.REDUCING, "me", "on"))
        world.trade(8_850)
        assert world.order(order_id).state is S.SUBMITTED

    def test_a_stop_that_waited_for_its_twin_does_not_expire_when_it_is_held_back(self) -> None:
        world = World(HELD)
        world.hold()
        group: dict[str, Any] = {"oco_group": "x", "reduce_only": True}
        end = world.now + NANOS_PER_HOUR
        guard = stop(world, time_in_force=TimeInForce.GTD, expire_time=end, **group)
        world.accept(world.place(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT, **group))
        world.trade(8_900)
        self.halt(world)
        late = 3 * NANOS_PER_SECOND
        assert codes(world.event(Heartbeat(1, ()), after=late)) == ["kill_switch!"]
        assert world.event(Heartbeat(2, ()), after=late).transitions == ()
        assert world.state.held_deadlines == {guard: end}
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "me", "on"))
        world.trade(8_850)
        world.event(Heartbeat(3, ()), after=late)
        assert world.order(guard).state is S.SUBMITTED

    def test_a_target_that_was_held_back_goes_out_when_the_switch_is_loosened(self) -> None:
        world = World(HELD)
        entry, guard, target = bracket(world)
        world.accept(entry)
        self.halt(world)
        applied = world.fill(entry)
        assert codes(applied) == ["kill_switch!"]
        assert applied.commands == ()
        assert world.order(target).state is S.CREATED
        applied = world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.REDUCING, "me", "on"))
        assert states(applied) == [("Created", "Submitted", "release")]
        assert world.order(target).state is S.SUBMITTED
        assert world.order(guard).state is S.CREATED

    def test_a_target_at_the_venue_keeps_its_quantity_until_then(self) -> None:
        world = World(replace(HELD, replace=Support.NATIVE))
        entry, _, target = bracket(world)
        world.accept(entry)
        world.fill(entry, UNIT // 2)
        world.accept(target)
        self.halt(world)
        applied = world.fill(entry, UNIT // 2)
        assert dict.fromkeys(codes(applied)) == {"kill_switch!": None}
        assert applied.commands == ()
        applied = world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "me", "on"))
        assert isinstance(applied.commands[0], ReplaceCommand)
        assert applied.commands[0].terms.quantity == UNIT

    def test_what_ends_while_it_looks_again_is_passed_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = World(HELD)
        _, guard, _ = bracket(world)
        before = world.order(guard)
        world.event(CancelRequested(guard, "me"))
        monkeypatch.setattr(order_manager, "open_orders_of", lambda *_, **__: [before])
        gathered = Changes()
        order_manager.resume_held(world.state, gathered)
        assert gathered.applied().transitions == ()

    def test_exit_only_lets_it_pass(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(world)
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.REDUCING, "me", "careful"))
        world.trade(8_900)
        assert world.order(order_id).state is S.SUBMITTED


class TestBrackets:
    def test_children_wait_for_their_parent(self) -> None:
        world = World(HELD)
        entry, guard, target = bracket(world)
        assert world.order(guard).state is S.CREATED
        assert world.order(target).state is S.CREATED
        world.accept(entry)
        applied = world.fill(entry)
        assert ("Created", "Submitted", "release") in states(applied)
        assert world.order(target).state is S.SUBMITTED
        assert world.order(guard).state is S.CREATED

    def test_children_have_what_their_parent_filled(self) -> None:
        world = World(HELD)
        entry, guard, target = bracket(world)
        world.accept(entry)
        applied = world.fill(entry, UNIT // 2)
        sent = [c.terms.quantity for c in applied.commands if isinstance(c, SubmitCommand)]
        assert sent == [UNIT // 2]
        assert world.order(guard).quantity == UNIT // 2
        assert world.order(target).quantity == UNIT // 2

    def test_a_target_at_the_venue_grows_by_a_new_version(self) -> None:
        world = World(HELD)
        entry, _, target = bracket(world)
        world.accept(entry)
        world.fill(entry, UNIT // 2)
        world.accept(target)
        applied = world.fill(entry, UNIT // 2)
        assert isinstance(applied.commands[-1], CancelCommand)
        newest = world.order(target).pending_replace
        assert newest is not None
        world.cancelled(target)
        assert world.order(newest).quantity == UNIT
        assert world.order(newest).state is S.SUBMITTED

    def test_a_target_grows_natively_where_the_route_can_replace(self) -> None:
        world = World(replace(HELD, replace=Support.NATIVE))
        entry, _, target = bracket(world)
        world.accept(entry)
        world.fill(entry, UNIT // 2)
        world.accept(target)
        applied = world.fill(entry, UNIT // 2)
        assert isinstance(applied.commands[-1], ReplaceCommand)

    def test_a_child_that_is_accepted_late_is_brought_to_its_quantity(self) -> None:
        world = World(HELD)
        entry, _, target = bracket(world)
        world.accept(entry)
        world.fill(entry, UNIT // 2)
        world.fill(entry, UNIT // 2)
        assert world.order(target).quantity == UNIT // 2
        applied = world.accept(target)
        assert isinstance(applied.commands[-1], CancelCommand)

    def test_the_filled_target_ends_the_stop(self) -> None:
        world = World(HELD)
        entry, guard, target = bracket(world)
        world.accept(entry)
        world.fill(entry)
        world.accept(target)
        world.fill(target, price=11_000)
        assert world.position().quantity == 0
        assert world.order(guard).state is S.CANCELLED

    def test_the_stop_goes_out_after_the_target_is_cancelled(self) -> None:
        world = World(HELD)
        entry, guard, target = bracket(world)
        world.accept(entry)
        world.fill(entry)
        world.accept(target)
        applied = world.trade(8_900)
        assert [type(c) for c in applied.commands] == [CancelCommand]
        assert world.order(guard).is_triggered
        assert world.order(guard).state is S.CREATED
        world.cancelled(target)
        assert world.order(guard).state is S.SUBMITTED

    def test_the_stop_goes_out_anyway_when_the_cancel_is_not_answered(self) -> None:
        world = World(HELD)
        entry, guard, target = bracket(world)
        world.accept(entry)
        world.fill(entry)
        world.accept(target)
        world.trade(8_900)
        world.event(Heartbeat(1, ()), after=10 * NANOS_PER_SECOND)
        assert world.order(guard).state is S.SUBMITTED
        assert world.order(target).state is S.CANCEL_PENDING

    def test_children_end_with_a_parent_that_got_no_fill(self) -> None:
        world = World(HELD)
        entry, guard, target = bracket(world)
        world.accept(entry)
        world.cancelled(entry)
        assert world.order(guard).state is S.CANCELLED
        assert world.order(target).state is S.CANCELLED


class TestTime:
    def test_a_good_till_date_order_is_cancelled_at_its_end(self) -> None:
        world = World(HELD)
        order_id = world.place(
            time_in_force=TimeInForce.GTD, expire_time=world.now + NANOS_PER_MINUTE
        )
        world.accept(order_id)
        applied = world.event(Heartbeat(1, ()), after=2 * NANOS_PER_MINUTE)
        assert [type(c) for c in applied.commands] == [CancelCommand]
        assert world.order(order_id).reason == "GTD"

    def test_a_held_order_expires_here(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(
            world, time_in_force=TimeInForce.GTD, expire_time=world.now + NANOS_PER_MINUTE
        )
        world.event(Heartbeat(1, ()), after=2 * NANOS_PER_MINUTE)
        assert world.order(order_id).state is S.EXPIRED
        assert world.state.held_deadlines == {}

    def test_a_day_order_sees_the_bar_that_closes_its_day(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(world, time_in_force=TimeInForce.DAY)
        midnight = (START // NANOS_PER_DAY + 1) * NANOS_PER_DAY
        world.now = midnight - 1
        world.trade(8_900, after=1)
        assert world.order(order_id).state is S.SUBMITTED

    def test_a_day_order_does_not_see_the_next_day(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = stop(world, time_in_force=TimeInForce.DAY)
        world.trade(8_900, after=NANOS_PER_DAY)
        assert world.order(order_id).state is S.EXPIRED


class TestMaking:
    def terms(self, **changes: Any) -> OrderTerms:
        made = OrderTerms(
            "made", "one", "acct", "main", BTC, OrderSide.BUY, OrderType.LIMIT, UNIT, 9_000
        )
        return replace(made, **changes)

    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"instrument_id": "NO.SIM"}, "its instrument NO.SIM is not known"),
            ({"route_id": "no"}, "its route no is not known"),
            ({"client_order_id": "ttx-0001"}, "its id is taken"),
            ({"quantity": 0}, "its quantity 0 is not a positive multiple of the lot"),
            ({"quantity": 1}, "its quantity 1 is not a positive multiple of the lot"),
            (
                {"instrument_id": "BTC-PERP.SIM", "price": 9_001},
                "its price 9001 is not a multiple of the tick",
            ),
            (
                {"instrument_id": "BTC-PERP.SIM", "trigger_price": 9_001},
                "its trigger price 9001 is not a multiple of the tick",
            ),
        ],
    )
    def test_what_risk_should_have_stopped_is_an_incident(
        self, changes: dict[str, Any], fault: str
    ) -> None:
        world = World()
        world.place()
        gathered = Changes()
        world.state.begin()
        assert not create(world.state, gathered, self.terms(**changes))
        assert fault in gathered.diagnostics[0].message
        assert gathered.diagnostics[0].is_incident
        assert gathered.commands == []
        assert ("main" in world.state.halted_routes) is ("route_id" not in changes)

    def test_the_counter_of_ids_is_remembered(self) -> None:
        world = World()
        world.orders_made = 40
        world.place()
        assert world.state.max_order_counter == 41
        world.state.begin()
        create(world.state, Changes(), self.terms())
        assert world.state.max_order_counter == 41

    def test_a_number_that_is_no_counter_is_none(self) -> None:
        world = World()
        world.place(client_order_id="own-99999999999999999999999999")
        assert world.state.max_order_counter == 0
        world.place(client_order_id="tt1-000000000042")
        assert world.state.max_order_counter == 42
        assert world.kernel.checkpoint()

    def test_a_plain_order_is_sent_as_it_is(self) -> None:
        world = World(HELD)
        gathered = Changes()
        terms = self.terms()
        create(world.state, gathered, terms)
        assert gathered.commands == [SubmitCommand(terms)]

    def test_what_the_venue_does_not_know_is_left_out(self) -> None:
        world = World(HELD)
        gathered = Changes()
        create(world.state, gathered, self.terms(reduce_only=True, side=OrderSide.SELL))
        command = gathered.commands[0]
        assert isinstance(command, SubmitCommand)
        assert not command.terms.reduce_only


def test_only_entries_are_cancelled_as_entries() -> None:
    world = World()
    world.hold()
    entry = world.order_in(S.ACCEPTED)
    guard = stop(world)
    ended = world.order(world.order_in(S.CANCELLED))
    gathered = Changes()
    orders = [ended, *world.state.open_orders.values()]
    cancel_entries(world.state, gathered, orders, "why")
    assert world.order(entry).state is S.CANCEL_PENDING
    assert world.order(entry).reason == "why"
    assert world.order(guard).state is S.SUBMITTED
