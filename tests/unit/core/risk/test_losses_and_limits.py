"""Losses and fees: of the profiles' scopes, and an instance's own, which make it exit-only.

Also the tests of ``core/risk/loss_gates.py``.
"""

from __future__ import annotations

import msgspec
import pytest

from tradetui.core.risk.limits import after_step, note_peaks
from tradetui.core.risk.performance import capital, day_fees, day_pnl, drawdown_ppm, run_pnl
from tradetui.core.risk.plan import scope_filter
from tradetui.core.state import DayStats
from tradetui.domain.enums import InstanceMode, Outcome, Scope
from tradetui.domain.reasons import Reason

UNIT = 10**8
DAY = 20_000
BTC, ETH = "BTC/USD.SIM", "ETH/BTC.SIM"


def book(world, owner="one", instrument_id=BTC, day=DAY, **stats):
    """Note what one sub-position did today."""
    key = (owner, "main", instrument_id)
    world.state.days[key] = DayStats(day, **stats)
    world.state.totals = None
    if key not in world.state.positions:
        world.hold(0, owner=owner, instrument_id=instrument_id)


class TestDailyLoss:
    """A profile's limit on what its scope may lose in a UTC day."""

    def test_at_the_limit_is_over_it(self, world):
        world.profile(max_daily_loss=100 * UNIT)
        book(world, realised=-90 * UNIT, fees=9 * UNIT)
        passing = world.place()
        assert passing.decision.outcome is Outcome.ALLOW
        assert world.gate(passing, Reason.DAILY_LOSS).value == 99 * UNIT
        book(world, realised=-90 * UNIT, fees=10 * UNIT)
        verdict = world.place()
        assert verdict.decision.reason is Reason.DAILY_LOSS
        assert verdict.decision.profile == "p"

    def test_the_change_of_open_profit_counts(self, world):
        world.profile(max_daily_loss=10**6 * UNIT)
        world.hold(UNIT, 9_000_00)
        book(world, open_pnl_start=1_500 * UNIT)
        assert world.gate(world.place(), Reason.DAILY_LOSS).value == 500 * UNIT

    def test_yesterday_does_not_count(self, world):
        world.profile(max_daily_loss=UNIT)
        book(world, day=DAY - 1, realised=-50 * UNIT)
        assert world.place().decision.outcome is Outcome.ALLOW

    def test_by_scope(self, world):
        book(world, "two", realised=-50 * UNIT)
        world.profile(Scope.STRATEGY, "one", max_daily_loss=UNIT)
        assert world.place().decision.outcome is Outcome.ALLOW
        world.profile(max_daily_loss=UNIT)
        assert world.place().decision.reason is Reason.DAILY_LOSS

    def test_counts_other_currencies_at_their_rate(self, world):
        world.profile(max_daily_loss=10**6 * UNIT)
        book(world, "two", ETH, realised=-UNIT)
        assert world.gate(world.place(), Reason.DAILY_LOSS).value == 10_000 * UNIT

    def test_needs_every_rate(self, world):
        world.profile(max_daily_loss=UNIT)
        book(world, "two", ETH, realised=5)
        del world.state.marks[BTC]
        assert world.place().decision.reason is Reason.RATE_UNKNOWN


class TestDrawdown:
    """How far a scope is below its best moment."""

    def test_of_profit_over_capital(self, world):
        route = world.state.routes["main"]
        world.state.routes["main"] = msgspec.structs.replace(
            route, opening_cash=(("USD", 1_000 * UNIT), ("BTC", 0))
        )
        world.profile(max_drawdown_ppm=100_000)
        world.hold(0, realised_pnl=200 * UNIT, fees=0)
        assert world.gate(world.place(), Reason.DRAWDOWN).value == 0
        note_peaks(world.state)
        world.hold(0, realised_pnl=200 * UNIT, fees=119 * UNIT)
        passing = world.place()
        assert passing.decision.outcome is Outcome.ALLOW
        assert world.gate(passing, Reason.DRAWDOWN).value == 99_167
        world.hold(0, realised_pnl=200 * UNIT, fees=120 * UNIT)
        assert world.place().decision.reason is Reason.DRAWDOWN

    def test_at_the_limit_is_over_it(self, world):
        world.profile(Scope.STRATEGY, "one", max_drawdown_ppm=100_000)
        world.limit(budget=1_000 * UNIT)
        world.hold(0, realised_pnl=-100 * UNIT)
        verdict = world.place(quantity=UNIT // 100)
        assert verdict.decision.reason is Reason.DRAWDOWN
        assert world.gate(verdict, Reason.DRAWDOWN).scale == 6

    def test_the_best_is_kept(self, world):
        world.profile(name="without")
        world.profile(Scope.STRATEGY, "one", max_drawdown_ppm=100_000)
        world.hold(0, realised_pnl=50 * UNIT)
        note_peaks(world.state)
        world.hold(0, realised_pnl=20 * UNIT)
        note_peaks(world.state)
        note_peaks(world.state)
        assert world.state.peak_equity == {"strategy:one": 50 * UNIT}

    def test_one_of_two_profiles_of_a_scope_may_limit_it(self, world):
        world.profile(Scope.STRATEGY, "one", name="without")
        world.profile(Scope.STRATEGY, "one", max_drawdown_ppm=100_000)
        world.hold(0, realised_pnl=50 * UNIT)
        note_peaks(world.state)
        assert world.state.peak_equity == {"strategy:one": 50 * UNIT}

    def test_the_least_profit_is_a_best(self, world):
        world.profile(Scope.STRATEGY, "one", max_drawdown_ppm=100_000)
        world.hold(0, realised_pnl=1)
        note_peaks(world.state)
        assert world.state.peak_equity == {"strategy:one": 1}

    def test_needs_every_rate(self, world):
        world.profile(max_drawdown_ppm=100_000)
        world.hold(0, instrument_id=ETH, realised_pnl=5)
        del world.state.marks[BTC]
        assert world.place().decision.reason is Reason.RATE_UNKNOWN
        note_peaks(world.state)
        assert world.state.peak_equity == {}

    def test_capital_needs_every_rate(self, world):
        route = world.state.routes["main"]
        world.state.routes["main"] = msgspec.structs.replace(
            route, opening_cash=(("DOGE", 1_000 * UNIT),)
        )
        world.hold(0, realised_pnl=-5)
        scope = scope_filter(world.state, Scope.GLOBAL, "")
        assert capital(world.state, scope) is None
        assert drawdown_ppm(world.state, scope) is None

    def test_capital_of_an_instance_that_is_gone(self, world):
        scope = scope_filter(world.state, Scope.STRATEGY, "gone")
        assert capital(world.state, scope) == 0

    def test_capital_of_a_route_that_is_gone(self, world):
        assert capital(world.state, scope_filter(world.state, Scope.ROUTE, "gone")) == 0
        assert capital(world.state, scope_filter(world.state, Scope.EXECUTION, "gone")) == 0


def test_profit_of_a_scope(world):
    world.hold(UNIT, 9_000_00, realised_pnl=7 * UNIT, fees=2 * UNIT)
    world.work(owner="two")
    world.hold(UNIT, 9_000_00, instrument_id=ETH, owner="two")
    del world.state.marks[ETH]
    world.hold(UNIT, 1_000_00, owner="EXTERNAL")
    scope = scope_filter(world.state, Scope.GLOBAL, "")
    assert run_pnl(world.state, scope) == 1_005 * UNIT
    assert day_pnl(world.state, scope) == 0
    assert day_fees(world.state, scope) == 0


class TestOwnLimits:
    """Fees and loss a day, orders an hour: a breach makes the instance exit-only."""

    def test_loss(self, world):
        world.limit(max_loss_per_day=60 * UNIT, max_fees_per_day=10 * UNIT)
        book(world, realised=-50 * UNIT, fees=9 * UNIT)
        book(world, "two", realised=-500 * UNIT)
        passing = world.place()
        assert world.gate(passing, Reason.FEES_PER_DAY).value == 9 * UNIT
        assert world.gate(passing, Reason.LOSS_PER_DAY).value == 59 * UNIT
        assert passing.diagnostics == ()
        book(world, realised=-51 * UNIT, fees=9 * UNIT)
        verdict = world.place()
        assert verdict.decision.reason is Reason.LOSS_PER_DAY
        (diagnostic,) = verdict.diagnostics
        assert diagnostic.code is Reason.LOSS_PER_DAY
        assert diagnostic.strategy_id == "one"
        assert diagnostic.is_incident
        assert world.state.instances["one"].exit_only == "loss_per_day 60, limit 60"
        assert world.place().decision.reason is Reason.EXIT_ONLY

    def test_fees(self, world):
        world.limit(max_fees_per_day=10 * UNIT)
        book(world, fees=10 * UNIT)
        assert world.place().decision.reason is Reason.FEES_PER_DAY
        assert world.state.instances["one"].exit_only

    def test_a_breach_is_undone_with_its_step(self, world):
        world.limit(max_fees_per_day=0)
        world.state.begin()
        world.place()
        world.state.rollback()
        assert world.state.instances["one"].exit_only == ""

    @pytest.mark.parametrize("limit", [{"max_fees_per_day": UNIT}, {"max_loss_per_day": UNIT}])
    def test_needs_every_rate(self, world, limit):
        world.limit(**limit)
        book(world, instrument_id=ETH, realised=-UNIT, fees=UNIT)
        del world.state.marks[BTC]
        verdict = world.place()
        assert verdict.decision.reason is Reason.RATE_UNKNOWN
        gate = world.gate(verdict, Reason.RATE_UNKNOWN)
        assert (gate.value, gate.limit, gate.scale) == (0, 1, 0)
        assert after_step(world.state, "one") == ()
        assert world.state.instances["one"].exit_only == ""

    def test_after_a_fill_or_a_heartbeat(self, world):
        world.limit(max_loss_per_day=60 * UNIT, max_fees_per_day=UNIT)
        assert after_step(world.state, "one") == ()
        book(world, realised=-60 * UNIT)
        (diagnostic,) = after_step(world.state, "one")
        assert "loss_per_day" in diagnostic.message
        assert after_step(world.state, "one") == ()

    def test_without_limits_or_instance_nothing_happens(self, world):
        book(world, realised=-(10**6) * UNIT)
        assert after_step(world.state, "one") == ()
        assert after_step(world.state, "gone") == ()

    def test_an_observing_instance_is_left_alone(self, world):
        world.limit(max_loss_per_day=0)
        world.change(mode=InstanceMode.OBSERVE)
        assert after_step(world.state, "one") == ()
