"""Bounds: what is remembered does not grow without end."""

from __future__ import annotations

import pytest
from tests.support.kernel_world import BTC, HELD, UNIT, World

from tradetui.core import housekeeping
from tradetui.domain.control import InstanceUnloaded, OperatorNoted
from tradetui.domain.enums import OrderRole, OrderState
from tradetui.domain.intents import CancelOrder
from tradetui.domain.reports import OrderReplaced
from tradetui.domain.timers import Heartbeat


def test_the_oldest_closed_orders_go_first() -> None:
    world = World(max_closed_orders=4)
    orders = [world.order_in(OrderState.CANCELLED) for _ in range(7)]
    kept = list(world.state.closed_order_ids)
    assert kept == orders[-len(kept) :]
    assert 0 < len(kept) <= 4


@pytest.mark.parametrize(("limit", "gone"), [(14, 2), (16, 3)])
def test_an_eighth_of_the_closed_orders_goes_at_a_time(limit: int, gone: int) -> None:
    world = World(max_closed_orders=limit)
    orders = [world.order_in(OrderState.CANCELLED) for _ in range(limit)]
    assert list(world.state.closed_order_ids) == orders
    newest = world.order_in(OrderState.CANCELLED)
    assert list(world.state.closed_order_ids) == [*orders[gone:], newest]


def test_open_orders_stay_however_old() -> None:
    world = World(max_closed_orders=2)
    old = world.order_in(OrderState.ACCEPTED)
    for _ in range(6):
        world.order_in(OrderState.CANCELLED)
    assert old in world.state.orders


def test_pruned_orders_leave_nothing_behind() -> None:
    world = World(max_closed_orders=2)
    for _ in range(5):
        entry = world.intent(oco_group="pair")
        twin = world.intent(oco_group="pair")
        child = world.intent(
            -UNIT, 12_000, parent_order_id=entry.client_order_id, role=OrderRole.TAKE_PROFIT
        )
        world.intents(entry, twin, child)
        assert world.state.children[entry.client_order_id] == (child.client_order_id,)
        world.accept(entry.client_order_id)
        moved = world.replace(entry.client_order_id, price=8_900)
        world.event(OrderReplaced("main", entry.client_order_id, moved, "v"), BTC)
        for intent in (entry, twin, child):
            if intent.client_order_id in world.state.open_orders:
                world.cancelled(intent.client_order_id)
        world.cancelled(moved)
    for _ in range(4):
        world.order_in(OrderState.CANCELLED)
    assert world.state.oco_groups == {}
    assert world.state.children == {}
    assert world.state.parents == {}
    assert world.state.carried_fills == {}


def test_a_late_report_of_a_pruned_order_is_one_of_an_unknown_order() -> None:
    world = World(max_closed_orders=1)
    first = world.order_in(OrderState.CANCELLED)
    world.order_in(OrderState.CANCELLED)
    applied = world.fill(first)
    assert applied.diagnostics[0].code == "unknown_order"
    assert applied.diagnostics[0].is_incident


def test_keys_and_trade_ids_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "MAX_IDEMPOTENCY_KEYS", 8)
    monkeypatch.setattr(housekeeping, "MAX_TRADE_IDS", 8)
    world = World()
    for number in range(20):
        world.event(OperatorNoted("me", "x"), key=f"k{number}")
        order_id = world.place()
        world.fill(order_id, UNIT)
    assert 0 < len(world.state.idempotency_keys) <= 8
    assert "k19" in world.state.idempotency_keys
    assert 0 < len(world.state.trade_ids) <= 8
    assert list(world.state.trade_ids)[-1][2] == "t20"


def test_a_group_keeps_the_members_that_are_still_kept() -> None:
    world = World(HELD, max_closed_orders=1)
    first = world.place(oco_group="pair")
    second = world.place(oco_group="pair")
    world.accept(first)
    world.cancelled(first)
    world.order_in(OrderState.CANCELLED)
    assert first not in world.state.orders
    assert list(world.state.oco_groups.values()) == [(second,)]


def test_orders_that_end_by_intents_are_pruned_too() -> None:
    world = World(HELD, max_closed_orders=1)
    orders = [world.order_in(OrderState.CREATED) for _ in range(3)]
    for order_id in orders:
        world.intents(CancelOrder(order_id))
    assert list(world.state.orders) == orders[-1:]


def test_a_heartbeat_with_nobody_running_checks_no_limit() -> None:
    world = World()
    for strategy_id in list(world.state.instances):
        world.event(InstanceUnloaded(strategy_id, "op"))
    applied = world.event(Heartbeat(1, ()))
    assert world.state.instances == {}
    assert applied.diagnostics == ()
