"""The cash of a route: kept twice, and not to be owed where nothing is lent."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import CASH, PERP, UNIT, World, codes

from tradetui.core.cash import move_cash
from tradetui.core.invariants import InvariantError
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import InvariantPolicy


def test_cash_that_is_not_the_sum_of_its_flows_is_a_breach() -> None:
    world = World()
    order_id = world.place()
    world.state.cash["main", "USD"] += 1
    with pytest.raises(InvariantError, match="but its flows add up to"):
        world.fill(order_id)


def test_a_spot_route_without_leverage_may_not_owe_money() -> None:
    world = World(replace(SIMULATED, leverage=False), InvariantPolicy.ROUTE_HALT)
    order_id = world.place(UNIT, 10_000)
    applied = world.fill(order_id, UNIT, 10_000, fee=CASH)
    assert codes(applied) == ["route_halted!"]
    assert "went below zero without leverage" in applied.diagnostics[0].message


def test_a_route_with_leverage_says_once_that_it_owes_money() -> None:
    world = World()
    first, second = world.place(UNIT, 10_000), world.place(UNIT, 10_000)
    for table in (world.state.cash, world.state.cash_flows):
        table["main", "USD"] = 60 * UNIT
    applied = world.fill(first, UNIT, 10_000, fee=UNIT)
    assert codes(applied) == ["available_balance"]
    assert applied.diagnostics[0].message == (
        "the cash of route main went below zero: it owes 41.00 USD after a fill that was "
        "dearer than its order was judged to be"
    )
    assert world.fill(second, UNIT, 10_000).diagnostics == ()


def test_a_route_that_had_nothing_says_that_it_owes_money() -> None:
    world = World()
    order_id = world.place(UNIT, 10_000)
    for table in (world.state.cash, world.state.cash_flows):
        table["main", "USD"] = 0
    (said,) = world.fill(order_id, UNIT, 10_000).diagnostics
    assert (said.code, said.route_id) == ("available_balance", "main")


def test_a_fee_in_another_currency_has_no_part_in_it() -> None:
    world = World()
    order_id = world.place(UNIT, 10_000)
    for table in (world.state.cash, world.state.cash_flows):
        table["main", "USD"] = 99 * UNIT
    applied = world.fill(order_id, UNIT, 10_000, fee=200 * UNIT, commission_currency="XYZ")
    assert codes(applied) == ["rate_unknown", "available_balance"]


def test_a_future_may() -> None:
    world = World(replace(SIMULATED, leverage=False))
    order_id = world.place(1, 10_000, instrument_id=PERP)
    applied = world.fill(order_id, 1, 10_000, fee=2 * CASH)
    assert applied.diagnostics == ()


def test_a_step_that_fails_moves_neither_cash_nor_flows() -> None:
    state = World().state
    before = dict(state.cash), dict(state.cash_flows)
    state.begin()
    move_cash(state, ("main", "USD"), -5, -5)
    move_cash(state, ("main", "EUR"), 7, 7)
    assert (state.cash["main", "EUR"], state.cash_flows["main", "USD"]) == (7, CASH - 5)
    state.rollback()
    assert (state.cash, state.cash_flows) == before
