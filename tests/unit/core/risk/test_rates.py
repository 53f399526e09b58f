"""Order rates: the exact window, at a constant cost."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradetui.core.risk.plan import RateLimit
from tradetui.core.risk.rates import count_recent, note_counted, note_order
from tradetui.domain.enums import OrderRole, OrderSide, OrderType, Outcome, Scope
from tradetui.domain.intents import ReplaceOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.units import NANOS_PER_HOUR

UNIT = 10**8


def test_the_window_slides(world):
    world.profile(max_orders=2, order_window_ns=10)
    assert world.place().decision.outcome is Outcome.ALLOW
    world.state.now += 4
    verdict = world.place()
    assert world.gate(verdict, Reason.ORDER_RATE).value == 2
    world.state.now += 5
    refused = world.place()
    assert refused.decision.reason is Reason.ORDER_RATE
    assert world.gate(refused, Reason.ORDER_RATE).value == 3
    world.state.now += 1
    assert world.place().decision.outcome is Outcome.ALLOW
    assert world.place().decision.reason is Reason.ORDER_RATE


@pytest.mark.parametrize("note", [note_order, note_counted])
def test_an_order_whose_step_fails_takes_no_place(world, note):
    rate = RateLimit(Reason.ORDER_RATE, "head", "tail", 4, 10, "p")
    note(world.state, (rate,))
    assert count_recent(world.state, rate) == 1
    before = dict(world.state.order_counts), dict(world.state.order_times)
    world.state.begin()
    note(world.state, (rate,))
    assert count_recent(world.state, rate) == 2
    world.state.rollback()
    assert (world.state.order_counts, world.state.order_times) == before


def test_a_refused_order_takes_no_place(world):
    world.profile(max_orders=1)
    world.limit(budget=0)
    assert world.place().decision.reason is Reason.BUDGET
    world.limit(budget=10**6 * UNIT)
    assert world.place().decision.outcome is Outcome.ALLOW


def test_the_rate_of_a_scope_counts_all_in_it(world):
    world.profile(max_orders=1)
    assert world.place("two").decision.outcome is Outcome.ALLOW
    assert world.place().decision.reason is Reason.ORDER_RATE
    world.profile(Scope.STRATEGY, "one", max_orders=1)
    assert world.place().decision.outcome is Outcome.ALLOW


def test_orders_an_hour_make_exit_only(world):
    world.limit(max_orders_per_hour=1)
    assert world.place().decision.outcome is Outcome.ALLOW
    world.state.now += NANOS_PER_HOUR
    assert world.place().decision.outcome is Outcome.ALLOW
    verdict = world.place()
    assert verdict.decision.reason is Reason.ORDERS_PER_HOUR
    assert verdict.diagnostics
    assert world.state.instances["one"].exit_only == "orders_per_hour 2, limit 1"


def test_a_replace_counts(world):
    world.profile(max_orders=1)
    order_id = world.work()
    assert world.judge(ReplaceOrder(order_id, "tt-9", price=9_100_00)).terms is not None
    verdict = world.judge(ReplaceOrder(order_id, "tt-8", price=9_100_00))
    assert verdict.decision.reason is Reason.ORDER_RATE


def test_exits_count_and_protection_does_not(world):
    world.hold(UNIT)
    world.profile(max_orders=1)
    stop = {
        "side": OrderSide.SELL,
        "order_type": OrderType.STOP,
        "trigger_price": 9_000_00,
        "role": OrderRole.STOP_LOSS,
    }
    assert world.place(**stop).decision.outcome is Outcome.ALLOW
    assert world.exit().decision.outcome is Outcome.ALLOW
    assert world.exit().decision.outcome is Outcome.ALLOW
    assert world.place().decision.reason is Reason.ORDER_RATE


def test_none_at_all(world):
    world.hold(UNIT)
    world.profile(max_orders=0)
    assert world.place().decision.reason is Reason.ORDER_RATE
    assert world.exit().decision.outcome is Outcome.ALLOW


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=60),
    limit=st.integers(1, 5),
    window=st.integers(1, 12),
)
def test_the_count_is_that_of_a_plain_list(make_world, steps, limit, window):
    """Against all times kept: equal below the limit; at or above it where the list is."""
    state = make_world().state
    rate = RateLimit(Reason.ORDER_RATE, "k", "k:tail", limit, window, "p")
    times: list[int] = []
    for wait, is_order in steps:
        state.now += wait
        exact = sum(1 for time in times if time > state.now - window)
        assert count_recent(state, rate) == min(exact, limit)
        if is_order:
            note_order(state, (rate,))
            times.append(state.now)
    assert len(state.order_times) <= limit
