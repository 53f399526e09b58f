"""What blocks an instance that nothing happened to."""

from __future__ import annotations

from msgspec.structs import replace
from tests.support.kernel_world import BTC, World

from tradetui.domain.control import RiskProfileSet
from tradetui.domain.enums import Scope
from tradetui.domain.reports import OutcomeUnknown
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.runtime.shared_blocks import shared_blocks


def test_a_sound_world_blocks_nobody_from_elsewhere() -> None:
    assert shared_blocks(World().state, ()) == frozenset()


def test_a_limit_on_loss_that_is_reached_is_one_of_all() -> None:
    assert shared_blocks(World().state, ("loss:day",)) == {("loss", "loss:day")}


def test_an_order_of_unknown_outcome_is_its_market_s_on_its_route() -> None:
    world = World()
    world.event(OutcomeUnknown("main", world.place(name="two")), BTC)
    assert shared_blocks(world.state, ()) == {("unknown", "main", BTC)}


def test_clocks_apart_count_against_each_limit_that_they_pass() -> None:
    world = World()
    for name, limit in (("tight", 4), ("wide", 6), ("none", None)):
        profile = RiskProfile(name, max_clock_skew_ns=limit)
        world.event(RiskProfileSet(profile, (ProfileBinding(name, Scope.GLOBAL),), "me"))
    mark = world.state.marks[BTC]
    world.state.marks[BTC] = replace(mark, ingest_time=mark.event_time - 5)
    assert shared_blocks(world.state, ()) == {("skew", "4", BTC)}
    world.state.marks[BTC] = replace(mark, ingest_time=mark.event_time - 4)
    assert shared_blocks(world.state, ()) == frozenset()
