"""One rule says from which age on a price is stale: profiles first, then what the market brings."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, INSTRUMENTS, PERP, World

from tradetui.core.risk.profiles import set_profile
from tradetui.domain.enums import Scope
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.risk import ProfileBinding, RiskProfile
from tradetui.domain.units import NANOS_PER_MINUTE as M
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.staleness import stale_after

S = 10**9


@pytest.fixture
def charts() -> ChartKeeper:
    keeper = ChartKeeper()
    for instrument in INSTRUMENTS:
        keeper.add_instrument(instrument)
    return keeper


@pytest.fixture(scope="module")
def world() -> World:
    return World(is_checked=False)


def bar(minutes: int) -> Bar:
    return Bar(0, minutes * M, 100, 102, 98, 101, 5)


def test_quotes_and_trades_may_be_silent_for_a_minute(world: World, charts: ChartKeeper) -> None:
    assert stale_after(world.state, charts, BTC) == M
    charts.add(BTC, 1, Quote(99, 1, 101, 1))
    charts.add(PERP, 1, Trade(100, 1))
    assert stale_after(world.state, charts, BTC) == stale_after(world.state, charts, PERP) == M


@pytest.mark.parametrize("minutes", [1, 5, 60])
def test_a_bar_is_waited_for_until_a_minute_after_it_was_due(
    world: World, charts: ChartKeeper, minutes: int
) -> None:
    charts.add(BTC, minutes * M, bar(minutes))
    assert stale_after(world.state, charts, BTC) == (minutes + 1) * M
    assert stale_after(world.state, charts, PERP) == M


@pytest.mark.parametrize("beside", [Quote(99, 1, 101, 1), Trade(100, 1)])
def test_beside_bars_what_comes_oftener_counts(
    world: World, charts: ChartKeeper, beside: Quote | Trade
) -> None:
    charts.add(BTC, 5 * M, bar(5))
    charts.add(BTC, 5 * M, beside)
    assert stale_after(world.state, charts, BTC) == M


def test_a_user_without_a_route_is_bound_by_what_binds_all(charts: ChartKeeper) -> None:
    world = World(is_checked=False)
    gone = replace(world.state.instances["one"], execution_id="nowhere")
    assert stale_after(world.state, charts, BTC, [gone]) == M
    everywhere = ProfileBinding("all", Scope.GLOBAL)
    set_profile(world.state, RiskProfile("all", max_data_age_ns=7 * S), (everywhere,))
    assert stale_after(world.state, charts, BTC, [gone]) == 7 * S


def test_the_tightest_profile_that_binds_a_user_wins(charts: ChartKeeper) -> None:
    world = World(is_checked=False)
    one, two = (world.state.instances[name] for name in ("one", "two"))
    charts.add(BTC, 5 * M, bar(5))
    account = ProfileBinding("wide", Scope.EXECUTION, "acct")
    set_profile(world.state, RiskProfile("wide", max_data_age_ns=90 * S), (account,))
    own = ProfileBinding("tight", Scope.STRATEGY, "two")
    set_profile(world.state, RiskProfile("tight", max_data_age_ns=9 * S), (own,))
    assert stale_after(world.state, charts, BTC) == 6 * M
    assert stale_after(world.state, charts, BTC, [one]) == 90 * S
    assert stale_after(world.state, charts, BTC, [one, two]) == 9 * S
    set_profile(world.state, RiskProfile("wide"), (account,))
    assert stale_after(world.state, charts, BTC, [one]) == 6 * M
