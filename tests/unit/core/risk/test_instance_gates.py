"""Who may enter, and when: the instance, its route, the kill-switches, unknown orders."""

from __future__ import annotations

import pytest

from tradetui.domain.enums import KillState, OrderState, Outcome, Scope
from tradetui.domain.reasons import Reason

UNIT = 10**8
BTC, ETH = "BTC/USD.SIM", "ETH/BTC.SIM"

STATES = [
    ({"has_error": True}, Reason.INSTANCE_ERROR),
    ({"paused": True}, Reason.INSTANCE_PAUSED),
    ({"held": True}, Reason.INSTANCE_HELD),
    ({"exit_only": "chop"}, Reason.EXIT_ONLY),
    ({"is_warm": False}, Reason.WARM_UP),
]


@pytest.mark.parametrize(("change", "reason"), STATES)
def test_a_state_that_allows_exits_only(world, change, reason):
    world.hold(UNIT)
    world.change(**change)
    verdict = world.place()
    assert verdict.decision.reason is reason
    assert verdict.decision.note
    assert world.exit().decision.outcome is Outcome.ALLOW


def test_a_halted_route_allows_exits_only(world):
    world.hold(UNIT)
    world.state.halted_routes["other"] = "elsewhere"
    assert world.place().decision.outcome is Outcome.ALLOW
    world.state.halted_routes["main"] = "position differs"
    decision = world.place().decision
    assert decision.reason is Reason.ROUTE_HALTED
    assert decision.note == "position differs"
    assert world.exit().decision.outcome is Outcome.ALLOW


SCOPES = [
    (Scope.GLOBAL, ""),
    (Scope.EXECUTION, "acct"),
    (Scope.ROUTE, "main"),
    (Scope.STRATEGY, "one"),
    (Scope.INSTRUMENT, BTC),
]


@pytest.mark.parametrize(("scope", "key"), SCOPES)
def test_a_kill_switch_by_scope(world, scope, key):
    world.hold(UNIT)
    world.kill(KillState.REDUCING, scope, key)
    entry, leave = world.place(), world.exit()
    assert entry.decision.reason is Reason.KILL_SWITCH
    assert "by op: test" in entry.decision.note
    assert leave.decision.outcome is Outcome.ALLOW
    assert world.gate(leave, Reason.KILL_SWITCH).value == 1
    world.kill(KillState.HALTED, scope, key)
    assert world.place().decision.reason is Reason.KILL_SWITCH
    assert world.exit().decision.reason is Reason.KILL_SWITCH


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        (Scope.EXECUTION, "other"),
        (Scope.ROUTE, "other"),
        (Scope.STRATEGY, "two"),
        (Scope.INSTRUMENT, ETH),
    ],
)
def test_a_kill_switch_elsewhere(world, scope, key):
    world.hold(UNIT)
    world.kill(KillState.HALTED, scope, key)
    assert world.place().decision.outcome is Outcome.ALLOW
    assert world.exit().decision.outcome is Outcome.ALLOW


def test_the_strictest_switch_counts(world):
    world.kill(KillState.REDUCING)
    world.kill(KillState.HALTED, Scope.STRATEGY, "one")
    world.kill(KillState.NORMAL, Scope.ROUTE, "main")
    verdict = world.place()
    assert world.gate(verdict, Reason.KILL_SWITCH).value == 2
    assert "strategy one" in verdict.decision.note


def test_a_released_switch_passes(world):
    world.kill(KillState.NORMAL)
    assert world.place().decision.outcome is Outcome.ALLOW


def test_an_unknown_order_blocks_entries_on_its_instrument(world):
    world.hold(UNIT)
    order_id = world.work(owner="two", state=OrderState.SUBMITTED, order={"is_unknown": True})
    verdict = world.place()
    assert verdict.decision.reason is Reason.ORDER_UNKNOWN
    assert order_id in verdict.decision.note
    assert world.exit().decision.outcome is Outcome.ALLOW
    assert world.place(instrument_id=ETH, price=50_000).decision.reason is not Reason.ORDER_UNKNOWN


def test_an_unknown_order_is_found_behind_a_halt_elsewhere(world):
    world.state.halted_routes["other"] = "elsewhere"
    world.work(state=OrderState.SUBMITTED, order={"is_unknown": True})
    assert world.place().decision.reason is Reason.ORDER_UNKNOWN


def test_known_orders_and_shadow_orders_block_nothing(world):
    world.work()
    world.work(route="shadow:two", owner="two", order={"is_unknown": True})
    assert world.place().decision.outcome is Outcome.ALLOW
