"""Whom the budget serves first, and when nobody.

Also the tests of ``engine/courier/courier.py``.
"""

from __future__ import annotations

from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.engine.courier.lanes import Budget
from tradetui.engine.courier.records import Lane
from tradetui.ports.execution import TimeRequest, VenueTraits

TRAITS = VenueTraits(proven_refusals=(), weight=200, weights=(("OpenOrdersRequest", 6),))


def spent(budget: Budget, lane: Lane, now: int = 0) -> int:
    """Spend all that a lane may have; return how much that was."""
    count = 0
    while budget.spend(lane, TimeRequest(), now):
        count += 1
    return count


def test_each_lane_leaves_what_those_before_it_need() -> None:
    budget = Budget(TRAITS)
    budget.refill(0)
    assert [spent(budget, lane) for lane in reversed(Lane)] == [50, 20, 15, 15]


def test_no_window_sees_more_than_its_weight() -> None:
    budget = Budget(TRAITS)
    times = []
    for tenth in range(3_000):
        now = tenth * SECOND // 10
        budget.refill(now)
        times += [now] * spent(budget, Lane.CANCEL, now)
    for first in times[:400]:
        assert sum(first <= time < first + TRAITS.window for time in times) <= TRAITS.weight


def test_a_limit_silences_all_but_cancels_and_a_ban_all() -> None:
    budget = Budget(TRAITS)
    budget.be_quiet(5 * SECOND)
    assert not budget.spend(Lane.ORDER, TimeRequest(), SECOND)
    assert budget.spend(Lane.CANCEL, TimeRequest(), SECOND)
    budget.stay_away(7 * SECOND)
    assert not budget.spend(Lane.CANCEL, TimeRequest(), 6 * SECOND)
    assert budget.spend(Lane.ORDER, TimeRequest(), 7 * SECOND)
