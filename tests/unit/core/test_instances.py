"""Instances: loaded, moved between modes, paused, held, stopped, unloaded."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, CASH, UNIT, World, codes

from tradetui.core.changes import NOTHING
from tradetui.domain.control import (
    ErrorCleared,
    ExitOnlyChanged,
    HoldReleased,
    InstanceUnloaded,
    ModeChanged,
    PauseChanged,
    WarmupChanged,
)
from tradetui.domain.enums import InstanceMode, OrderRole, OrderState, OrderType
from tradetui.domain.instances import state_of

ACTIVE, OBSERVE, OFF = InstanceMode.ACTIVE, InstanceMode.OBSERVE, InstanceMode.OFF


def state(world: World, name: str = "one") -> str:
    return state_of(world.kernel.status_of(name)).value


def guarded(world: World) -> tuple[str, str]:
    """Give ``one`` a position with a stop, and an entry that works; return both ids."""
    world.hold()
    guard = world.place(
        -UNIT, None, role=OrderRole.STOP_LOSS, order_type=OrderType.STOP, trigger_price=9_000
    )
    return guard, world.place(UNIT, 8_000)


class TestLoading:
    def test_a_loaded_instance_is_what_its_event_says(self) -> None:
        world = World()
        world.load("new", held=True, on_error="close", instruments=())
        instance = world.state.instances["new"]
        assert (instance.held, instance.on_error, instance.instruments) == (True, "close", (BTC,))
        assert state(world, "new") == "HELD"

    @pytest.mark.parametrize(
        ("changes", "what"),
        [
            ({"mode": OFF}, "its mode is off"),
            ({"execution_id": "no"}, "its account no is not configured"),
            ({"instrument_id": "NO.SIM"}, "its market NO.SIM is not known"),
        ],
    )
    def test_one_that_cannot_run_is_refused(self, changes: dict[str, Any], what: str) -> None:
        world = World()
        applied = world.load("new", **changes)
        assert codes(applied) == ["schema!"]
        assert what in applied.diagnostics[0].message
        assert "new" not in world.state.instances

    def test_loading_anew_forgets_the_pause_but_not_that_it_may_only_exit(self) -> None:
        world = World()
        world.event(PauseChanged("one", True, "me"))
        world.event(ExitOnlyChanged("one", True, "me", "enough"))
        world.load("one")
        assert not world.state.instances["one"].paused
        assert world.state.instances["one"].exit_only == "enough"

    def test_loading_anew_in_another_mode_is_a_change_of_mode(self) -> None:
        world = World()
        _, entry = guarded(world)
        world.load("one", OBSERVE)
        assert world.order(entry).state is OrderState.CANCEL_PENDING
        assert "shadow:one" in world.state.routes


class TestUnloading:
    def test_entries_end_and_what_protects_stays(self) -> None:
        world = World()
        guard, entry = guarded(world)
        world.event(InstanceUnloaded("one", "me"))
        assert world.order(entry).state is OrderState.CANCEL_PENDING
        assert world.order(guard).state is OrderState.SUBMITTED
        assert world.position().quantity == UNIT
        assert state(world) == "off"

    def test_exit_only_survives(self) -> None:
        world = World()
        world.event(ExitOnlyChanged("one", True, "limit", "loss_per_day"))
        world.event(InstanceUnloaded("one", "me"))
        assert world.state.kept_exit_only == {"one": "loss_per_day"}
        world.load("one")
        assert world.state.instances["one"].exit_only == "loss_per_day"
        assert world.state.kept_exit_only == {}

    def test_the_shadow_book_goes(self) -> None:
        world = World()
        world.load("new", OBSERVE)
        world.event(InstanceUnloaded("new", "me", "bye"))
        assert "shadow:new" not in world.state.routes


class TestModes:
    def test_leaving_active_cancels_entries_never_what_protects(self) -> None:
        world = World()
        guard, entry = guarded(world)
        applied = world.event(ModeChanged("one", OBSERVE, "me"))
        assert len(applied.commands) == 1
        assert world.order(entry).state is OrderState.CANCEL_PENDING
        assert world.order(guard).state is OrderState.SUBMITTED
        assert state(world) == "observe"

    def test_entries_stay_when_told_so(self) -> None:
        world = World()
        _, entry = guarded(world)
        applied = world.event(ModeChanged("one", OBSERVE, "me", True))
        assert applied is not NOTHING or applied.commands == ()
        assert world.order(entry).state is OrderState.SUBMITTED

    def test_activation_drops_the_shadow_book(self) -> None:
        world = World()
        world.load("new", OBSERVE)
        assert "shadow:new" in world.state.routes
        world.event(ModeChanged("new", ACTIVE, "me"))
        assert "shadow:new" not in world.state.routes
        assert state(world, "new") == "ACTIVE"

    def test_the_mode_it_has_is_no_change(self) -> None:
        world = World()
        guarded(world)
        assert world.event(ModeChanged("one", ACTIVE, "me")) is NOTHING

    def test_off_is_not_a_change_of_mode(self) -> None:
        world = World()
        applied = world.event(ModeChanged("one", OFF, "me"))
        assert codes(applied) == ["schema"]
        assert state(world) == "ACTIVE"


class TestFlags:
    def test_pause_and_resume(self) -> None:
        world = World()
        world.event(PauseChanged("one", True, "me"))
        assert state(world) == "PAUSED"
        world.event(PauseChanged("one", False, "me"))
        assert state(world) == "ACTIVE"

    def test_hold_is_released_by_a_person(self) -> None:
        world = World()
        world.load("new", held=True)
        world.event(HoldReleased("new", "me"))
        assert state(world, "new") == "ACTIVE"

    @pytest.mark.parametrize(
        ("actor", "reason", "wanted"),
        [("me", "enough", "enough"), ("me", "", "me"), ("", "", "exit-only")],
    )
    def test_exit_only_keeps_its_reason(self, actor: str, reason: str, wanted: str) -> None:
        world = World()
        world.event(ExitOnlyChanged("one", True, actor, reason))
        assert world.state.instances["one"].exit_only == wanted
        assert state(world) == "exit-only"
        world.event(ExitOnlyChanged("one", False, "me", "again"))
        assert state(world) == "ACTIVE"

    def test_a_person_clears_an_error(self) -> None:
        world = World()
        broken = replace(world.state.instances["one"], has_error=True, consecutive_errors=3)
        world.state.instances["one"] = broken
        assert state(world) == "ERROR"
        world.event(ErrorCleared("one", "me"))
        assert world.state.instances["one"].consecutive_errors == 0
        assert state(world) == "ACTIVE"

    def test_warm_up_blocks(self) -> None:
        world = World()
        world.event(WarmupChanged("one", False))
        assert state(world) == "blocked"
        assert world.event(WarmupChanged("one", False)) is NOTHING
        world.event(WarmupChanged("one", True))
        assert state(world) == "ACTIVE"


@pytest.mark.parametrize(
    "event",
    [
        InstanceUnloaded("ghost", "me"),
        ModeChanged("ghost", ACTIVE, "me"),
        PauseChanged("ghost", True, "me"),
        HoldReleased("ghost", "me"),
        ExitOnlyChanged("ghost", True, "me", "x"),
        ErrorCleared("ghost", "me"),
        WarmupChanged("ghost", True),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_act_on_an_instance_that_does_not_run_changes_nothing(event: Any) -> None:
    world = World()
    instances = dict(world.state.instances)
    applied = world.event(event)
    assert codes(applied) == ["schema"]
    assert "instance ghost does not run" in applied.diagnostics[0].message
    assert world.state.instances == instances


def test_the_budget_of_the_world_is_its_cash() -> None:
    assert World().state.instances["one"].limits.budget == CASH
