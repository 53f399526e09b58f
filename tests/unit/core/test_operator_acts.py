"""Acts of the operator on orders, routes and kill-switches."""

from __future__ import annotations

import pytest
from tests.support.kernel_world import BTC, HELD, UNIT, World, codes, states

from tradetui.core.changes import NOTHING
from tradetui.domain.control import (
    CancelEntriesRequested,
    CancelRequested,
    InstanceFailed,
    KillSwitchChanged,
    OperatorNoted,
    RiskProfileSet,
    RouteHealthChanged,
)
from tradetui.domain.enums import KillState, OrderRole, OrderState, OrderType, Scope
from tradetui.domain.intents import SetRiskFlag
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.domain.steps import CancelCommand

S = OrderState


class TestKillSwitch:
    @pytest.mark.parametrize(
        ("scope", "key", "ended"),
        [
            (Scope.GLOBAL, "", ["one", "two"]),
            (Scope.EXECUTION, "acct", ["one", "two"]),
            (Scope.EXECUTION, "other", []),
            (Scope.ROUTE, "main", ["one", "two"]),
            (Scope.ROUTE, "other", []),
            (Scope.STRATEGY, "two", ["two"]),
            (Scope.INSTRUMENT, BTC, ["one", "two"]),
            (Scope.INSTRUMENT, "other", []),
        ],
    )
    def test_it_cancels_the_entries_of_its_scope(
        self, scope: Scope, key: str, ended: list[str]
    ) -> None:
        world = World()
        orders = {name: world.place(name=name) for name in ("one", "two")}
        world.event(KillSwitchChanged(scope, key, KillState.REDUCING, "me", "why"))
        pending = [n for n, i in orders.items() if world.order(i).state is S.CANCEL_PENDING]
        assert pending == ended
        assert world.state.kill_switches[scope, key].reason == "why"

    def test_it_never_cancels_what_protects(self) -> None:
        world = World()
        world.hold()
        guard = world.place(
            -UNIT, None, role=OrderRole.STOP_LOSS, order_type=OrderType.STOP, trigger_price=9_000
        )
        target = world.place(-UNIT, 11_000, role=OrderRole.TAKE_PROFIT)
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "why"))
        assert world.order(guard).state is S.SUBMITTED
        assert world.order(target).state is S.SUBMITTED

    def test_it_may_leave_the_entries(self) -> None:
        world = World()
        order_id = world.place()
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "why", False))
        assert world.order(order_id).state is S.SUBMITTED

    def test_a_released_switch_is_forgotten(self) -> None:
        world = World()
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "why"))
        world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.NORMAL, "me", "over"))
        assert world.state.kill_switches == {}

    def test_a_strategy_tightens_its_own_scope(self) -> None:
        world = World()
        order_id = world.place()
        applied = world.intents(SetRiskFlag(KillState.HALTED, "odd prices"))
        switch = world.state.kill_switches[Scope.STRATEGY, "one"]
        assert (switch.state, switch.actor, switch.reason) == (
            KillState.HALTED,
            "one",
            "odd prices",
        )
        assert world.order(order_id).state is S.CANCEL_PENDING
        assert applied.decisions[0].outcome == "allow"

    def test_a_strategy_does_not_loosen(self) -> None:
        world = World()
        world.event(KillSwitchChanged(Scope.STRATEGY, "one", KillState.HALTED, "me", "why"))
        applied = world.intents(SetRiskFlag(KillState.REDUCING))
        assert applied.decisions[0].outcome == "reject"
        assert world.state.kill_switches[Scope.STRATEGY, "one"].state is KillState.HALTED


class TestCancel:
    def test_a_person_may_cancel_anything(self) -> None:
        world = World()
        world.hold()
        guard = world.place(
            -UNIT, None, role=OrderRole.STOP_LOSS, order_type=OrderType.STOP, trigger_price=9_000
        )
        applied = world.event(CancelRequested(guard, "me", "typed"))
        assert states(applied) == [("Submitted", "CancelPending", "cancel")]
        assert world.order(guard).reason == "typed"

    def test_without_a_reason_it_says_who(self) -> None:
        world = World()
        order_id = world.place()
        world.event(CancelRequested(order_id, "ann"))
        assert world.order(order_id).reason == "cancelled by ann"

    def test_what_never_left_ends_at_once(self) -> None:
        world = World(HELD)
        order_id = world.order_in(S.CREATED)
        applied = world.event(CancelRequested(order_id, "me"))
        assert states(applied) == [("Created", "Cancelled", "cancel")]

    def test_a_cancel_under_way_is_sent_once_more(self) -> None:
        world = World()
        order_id = world.order_in(S.CANCEL_PENDING)
        applied = world.event(CancelRequested(order_id, "me"))
        assert applied.transitions == ()
        assert isinstance(applied.commands[0], CancelCommand)

    @pytest.mark.parametrize("state", [S.FILLED, S.CANCELLED], ids=lambda s: s.value)
    def test_what_has_ended_cannot_be(self, state: OrderState) -> None:
        world = World()
        order_id = world.order_in(state)
        applied = world.event(CancelRequested(order_id, "me"))
        assert codes(applied) == ["illegal_transition"]
        assert f"it is {state.value}" in applied.diagnostics[0].message

    def test_what_is_not_known_cannot_be(self) -> None:
        applied = World().event(CancelRequested("ghost", "me"))
        assert codes(applied) == ["unknown_order"]


class TestCancelEntries:
    def test_of_one_instance(self) -> None:
        world = World()
        mine, other = world.place(), world.place(name="two")
        world.event(CancelEntriesRequested("one", "ann"))
        assert world.order(mine).state is S.CANCEL_PENDING
        assert world.order(mine).reason == "cancelled by ann"
        assert world.order(other).state is S.SUBMITTED

    def test_of_all(self) -> None:
        world = World()
        orders = [world.place(), world.place(name="two")]
        applied = world.event(CancelEntriesRequested(None, "ann", "storm"))
        assert [c.client_order_id for c in applied.commands] == orders  # type: ignore[union-attr]
        assert world.order(orders[0]).reason == "storm"


class TestRoutes:
    def test_a_route_is_halted_and_sound_again(self) -> None:
        world = World()
        applied = world.event(RouteHealthChanged("main", True, "stream is down"))
        assert codes(applied) == ["route_halted!"]
        assert world.state.halted_routes == {"main": "stream is down"}
        assert world.event(RouteHealthChanged("main", False, "")) is NOTHING
        assert world.state.halted_routes == {}

    def test_one_that_is_not_known_is_said(self) -> None:
        applied = World().event(RouteHealthChanged("ghost", True, "x"))
        assert codes(applied) == ["no_route"]


class TestProfiles:
    def test_a_profile_is_put_to_work(self) -> None:
        world = World()
        profile = RiskProfile("tight", max_order_quantity=UNIT // 2, may_reduce=False)
        binding = ProfileBinding("tight", Scope.GLOBAL)
        assert world.event(RiskProfileSet(profile, (binding,), "me")) is NOTHING
        applied = world.intents(world.intent())
        assert applied.decisions[0].reason == "max_order_quantity"

    def test_one_that_cannot_be_bound_changes_nothing(self) -> None:
        world = World()
        before = world.state.profiles.copy()
        binding = ProfileBinding("other", Scope.GLOBAL)
        applied = world.event(RiskProfileSet(RiskProfile("tight"), (binding,), "me"))
        assert codes(applied) == ["schema!"]
        assert world.state.profiles == before
        assert world.state.bindings == {}


def test_a_note_is_on_the_record_and_no_more() -> None:
    assert World().event(OperatorNoted("me", "coffee")) is NOTHING
    assert World().event(InstanceFailed("one", "engine", "line 1: invalid syntax")) is NOTHING
