"""The status of an instance: why it could not enter, worst first."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, INSTRUMENTS, UNIT, World

from tradetui.core.risk.performance import drawdown_ppm
from tradetui.core.risk.plan import scope_filter
from tradetui.core.state import DayStats
from tradetui.core.status import status_of
from tradetui.domain.control import (
    ExitOnlyChanged,
    KillSwitchChanged,
    RiskProfileSet,
    RouteHealthChanged,
    WarmupChanged,
)
from tradetui.domain.enums import InstanceMode, InstanceState, KillState, Outcome, Scope
from tradetui.domain.instances import state_of
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.orders import Position
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import OutcomeUnknown
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_MINUTE


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


def bound(world: World, **limits: Any) -> tuple[Reason, ...]:
    """Return what blocks ``one`` under one profile over everything."""
    profile = RiskProfile("p", **limits)
    world.event(RiskProfileSet(profile, (ProfileBinding("p", Scope.GLOBAL),), "me"))
    return status_of(world.state, "one").blocks


def losing() -> World:
    """Return a world in which ``one`` holds a coin bought at 100 that is worth 80: 20 are lost."""
    world = World()
    world.hold()
    world.trade(8_000)
    return world


def test_a_daily_loss_at_its_limit_blocks_and_one_short_of_it_does_not() -> None:
    assert bound(losing(), max_daily_loss=20 * UNIT) == (Reason.DAILY_LOSS,)
    assert bound(losing(), max_daily_loss=20 * UNIT + 1) == ()


def test_a_drawdown_at_its_limit_blocks_and_one_short_of_it_does_not() -> None:
    world = losing()
    fallen = drawdown_ppm(world.state, scope_filter(world.state, Scope.GLOBAL, ""))
    assert bound(world, max_drawdown_ppm=fallen) == (Reason.DRAWDOWN,)
    assert bound(world, max_drawdown_ppm=fallen + 1) == ()


def test_what_another_lost_blocks_only_where_its_sums_are_shared() -> None:
    world = losing()
    profile = RiskProfile("own", max_daily_loss=1)
    world.event(RiskProfileSet(profile, (ProfileBinding("own", Scope.STRATEGY, "one"),), "me"))
    assert status_of(world.state, "one").blocks == (Reason.DAILY_LOSS,)
    assert status_of(world.state, "two").blocks == ()
    assert bound(world, max_daily_loss=1)
    assert status_of(world.state, "two").blocks == (Reason.DAILY_LOSS,)


def test_clocks_that_are_apart_block() -> None:
    world = World()
    mark = world.state.marks[BTC]
    world.state.marks[BTC] = replace(mark, ingest_time=mark.event_time - 5)
    assert bound(world, max_clock_skew_ns=4) == (Reason.CLOCK_SKEW,)
    assert bound(world, max_clock_skew_ns=5) == ()


def test_a_market_on_a_block_list_or_on_no_allow_list_blocks() -> None:
    assert bound(World(), block=("BTC/USD",)) == (Reason.SYMBOL_BLOCKED,)
    assert bound(World(), block=("BNB/USD",)) == ()
    assert bound(World(), allow=("BNB/USD",)) == (Reason.SYMBOL_NOT_ALLOWED,)
    assert bound(World(), allow=("BNB/USD", "BTC/USD")) == ()


def test_a_limit_on_loss_that_lacks_a_rate_blocks_as_its_gate_refuses() -> None:
    world = World()
    far = replace(INSTRUMENTS[0], instrument_id="BTC/JPY.SIM", symbol="BTC/JPY", quote="JPY")
    world.event(InstrumentUpdated(far), far.instrument_id)
    assert bound(world, max_daily_loss=10**15) == ()
    key = ("two", "main", far.instrument_id)
    world.state.positions[key] = Position(*key, realised_pnl=-5)
    world.state.days[key] = DayStats(world.state.now // NANOS_PER_DAY, realised=-5)
    world.state.totals = None
    assert status_of(world.state, "one").blocks == (Reason.RATE_UNKNOWN,)


@pytest.mark.parametrize(
    "limits",
    [
        {"max_daily_loss": 1},
        {"max_drawdown_ppm": 1},
        {"block": ("BTC/USD",)},
        {"allow": ("BNB/USD",)},
        {},
    ],
    ids=lambda limits: ",".join(limits) or "none",
)
def test_what_blocks_is_what_an_entry_is_refused_for(limits: dict[str, Any]) -> None:
    world = losing()
    blocks = bound(world, **limits)
    (decision,) = world.intents(world.intent()).decisions
    assert blocks == ((decision.reason,) if limits else ())
    assert (decision.outcome is Outcome.REJECT) is bool(limits)
