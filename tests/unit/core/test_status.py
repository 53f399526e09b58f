"""The status of an instance: why it could not enter, worst first."""

from __future__ import annotations

from msgspec.structs import replace
from tests.support.kernel_world import BTC, INSTRUMENTS, World

from tradetui.core.status import status_of
from tradetui.domain.control import (
    ExitOnlyChanged,
    KillSwitchChanged,
    RiskProfileSet,
    RouteHealthChanged,
    WarmupChanged,
)
from tradetui.domain.enums import InstanceMode, InstanceState, KillState, Scope
from tradetui.domain.instances import state_of
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import OutcomeUnknown
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_MINUTE


def test_a_sound_instance_has_no_blocks() -> None:
    assert status_of(World().state, "one").blocks == ()


def test_one_that_does_not_run_is_off() -> None:
    assert status_of(World().state, "ghost").mode is InstanceMode.OFF


def test_everything_at_once_worst_first() -> None:
    world = World()
    order_id = world.place(name="two")
    world.event(OutcomeUnknown("main", order_id), BTC)
    profile = RiskProfile("fresh", max_data_age_ns=NANOS_PER_MINUTE)
    world.event(RiskProfileSet(profile, (ProfileBinding("fresh", Scope.GLOBAL),), "me"))
    world.event(RouteHealthChanged("main", True, "down"))
    world.event(WarmupChanged("one", False))
    world.event(KillSwitchChanged(Scope.INSTRUMENT, BTC, KillState.REDUCING, "me", "x", False))
    world.event(Heartbeat(1, ()), after=2 * NANOS_PER_MINUTE)
    assert world.kernel.status_of("one").blocks == (
        Reason.KILL_SWITCH,
        Reason.ROUTE_HALTED,
        Reason.ORDER_UNKNOWN,
        Reason.DATA_AGE,
        Reason.WARM_UP,
    )


def test_a_market_without_a_price_blocks() -> None:
    world = World()
    del world.state.marks[BTC]
    assert status_of(world.state, "one").blocks == (Reason.NO_PRICE,)


def test_an_account_without_a_route_for_the_market_blocks() -> None:
    world = World()
    far = replace(INSTRUMENTS[0], instrument_id="FAR.ELSE", venue="ELSE")
    world.event(InstrumentUpdated(far), far.instrument_id)
    world.load("far", instrument_id=far.instrument_id)
    assert status_of(world.state, "far").blocks == (Reason.NO_ROUTE, Reason.NO_PRICE)


def test_data_that_is_young_enough_does_not_block() -> None:
    world = World()
    profile = RiskProfile("fresh", max_data_age_ns=NANOS_PER_MINUTE)
    world.event(RiskProfileSet(profile, (ProfileBinding("fresh", Scope.GLOBAL),), "me"))
    world.trade(10_000)
    assert status_of(world.state, "one").blocks == ()


def test_the_unknown_order_of_a_shadow_book_blocks_no_real_one() -> None:
    world = World()
    world.load("eye", InstanceMode.OBSERVE)
    order_id = world.place(name="eye")
    world.event(OutcomeUnknown("shadow:eye", order_id), BTC)
    assert status_of(world.state, "one").blocks == ()


def test_a_switch_that_lets_exits_pass_makes_it_exit_only_and_says_whose() -> None:
    world = World()
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.REDUCING, "me", "storm", False))
    status = status_of(world.state, "one")
    assert status.exit_only == "kill EXIT-ONLY (global) by me: storm"
    assert state_of(status) is InstanceState.EXIT_ONLY
    world.event(ExitOnlyChanged("one", True, "me", "chop"))
    assert status_of(world.state, "one").exit_only == "chop"


def test_one_that_is_halted_is_blocked() -> None:
    world = World()
    world.event(KillSwitchChanged(Scope.STRATEGY, "one", KillState.HALTED, "me", "x", False))
    status = status_of(world.state, "one")
    assert (status.exit_only, state_of(status)) == ("", InstanceState.BLOCKED)
