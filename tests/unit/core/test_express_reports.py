"""The short way of a venue's commonest words gives what the long way does, or leaves it to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.kernel_world import BTC, UNIT, World

from tradetui.core import kernel
from tradetui.core.checkpoint import dump
from tradetui.core.express_reports import SHORT_REPORTS
from tradetui.core.invariants import InvariantError
from tradetui.domain.enums import OrderRole, OrderState, OrderType
from tradetui.domain.intents import CancelOrder
from tradetui.domain.reports import OrderAccepted, OrderCancelled, OutcomeUnknown

Case = Callable[[World], Any]


def accepted(world: World, **changes: Any) -> Any:
    order_id = world.place()
    report = OrderAccepted(changes.pop("route", "main"), order_id, "v", **changes)
    return world.event(report, BTC)


def cancelled(world: World, reason: str = "", route: str = "main", **changes: Any) -> Any:
    order_id = world.place(**changes)
    world.accept(order_id)
    world.intents(CancelOrder(order_id, "enough"))
    return world.event(OrderCancelled(route, order_id, reason), BTC)


def sold(world: World) -> Any:
    world.hold(UNIT)
    return cancelled(world, quantity=-UNIT, price=11_000)


def cancelled_by_the_venue(world: World) -> Any:
    order_id = world.order_in(OrderState.ACCEPTED)
    return world.event(OrderCancelled("main", order_id, "gone"), BTC)


def child(world: World) -> Any:
    parent = world.order_in(OrderState.ACCEPTED)
    order_id = world.place(
        -UNIT,
        None,
        order_type=OrderType.STOP,
        trigger_price=8_000,
        role=OrderRole.STOP_LOSS,
        parent_order_id=parent,
    )
    return world.accept(order_id)


def parent(world: World) -> Any:
    child(world)
    order_id = next(iter(world.state.children))
    world.intents(CancelOrder(order_id, "enough"))
    return world.cancelled(order_id)


def unknown(world: World) -> Any:
    order_id = world.place()
    world.event(OutcomeUnknown("main", order_id, "lost"), BTC)
    return world.accept(order_id)


COMMON: dict[str, Case] = {
    "accepted": accepted,
    "cancelled": cancelled,
    "cancelled with a reason": lambda world: cancelled(world, "asked"),
    "a sale cancelled": sold,
}
LEFT: dict[str, Case] = {
    "accepted by another route": lambda world: accepted(world, route="spare"),
    "an inferred acceptance": lambda world: accepted(world, inferred=True),
    "a child accepted": child,
    "an unknown order accepted": unknown,
    "a market order cancelled": lambda world: cancelled(world, price=None),
    "cancelled by another route": lambda world: cancelled(world, route="spare"),
    "cancelled unasked": cancelled_by_the_venue,
    "a parent cancelled": parent,
}


def run(case: Case, *, is_short: bool) -> tuple[Any, bytes, list[bool]]:
    """Return the answer, the state and whether each report was taken by the short way."""
    taken: list[bool] = []

    def watched(short: Any) -> Any:
        def ask(*args: Any) -> Any:
            applied = short(*args)
            taken.append(applied is not None)
            return applied

        return ask

    ways = {kind: watched(short) for kind, short in SHORT_REPORTS.items()} if is_short else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "SHORT_REPORTS", ways)
        world = World()
        applied = case(world)
        return applied, dump(world.state), taken


@pytest.mark.parametrize("name", COMMON)
def test_a_common_report_goes_the_short_way_and_comes_to_the_same(name: str) -> None:
    applied, state, taken = run(COMMON[name], is_short=True)
    assert taken[-1]
    assert run(COMMON[name], is_short=False)[:2] == (applied, state)


@pytest.mark.parametrize("name", LEFT)
def test_any_other_report_is_left_to_the_long_way(name: str) -> None:
    applied, state, taken = run(LEFT[name], is_short=True)
    assert not taken[-1]
    assert run(LEFT[name], is_short=False)[:2] == (applied, state)


def test_a_report_with_a_key_is_applied_once() -> None:
    world = World()
    order_id = world.place()
    report = OrderAccepted("main", order_id, "v")
    assert world.event(report, BTC, key="a").transitions
    assert world.event(report, BTC, key="a").is_duplicate


def test_a_report_after_a_gap_is_refused() -> None:
    world = World()
    order_id = world.place()
    before = world.kernel.state_hash()
    world.sequencer.next_seq += 1
    with pytest.raises(InvariantError, match="no gap"):
        world.event(OrderAccepted("main", order_id, "v"), BTC)
    assert world.kernel.state_hash() == before


def test_closed_orders_are_forgotten_on_the_short_way_too() -> None:
    world = World(max_closed_orders=8)
    for _ in range(12):
        cancelled(world)
    assert len(world.state.closed_order_ids) <= 8
    world.kernel.check_all()


def test_an_older_report_does_not_move_time_back() -> None:
    world = World()
    order_id = world.place()
    now = world.state.now
    world.event(OrderAccepted("main", order_id, "v"), BTC, after=-5)
    assert world.state.now == now


def test_what_was_shown_before_a_short_report_does_not_change_with_it() -> None:
    world = World()
    order_id = world.place()
    before = world.kernel.view()
    seen = before.open_orders("one", is_observing=False)
    world.event(OrderAccepted("main", order_id, "v"), BTC)
    after = world.kernel.view()
    assert after is not before
    assert [order.state for order in seen] == [OrderState.SUBMITTED]
    now = after.open_orders("one", is_observing=False)
    assert [order.state for order in now] == [OrderState.ACCEPTED]
