"""Quantities of brackets and groups that the kernel holds together.

Also the tests of ``core/relations.py``.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, HELD, INSTRUMENTS, PERP, UNIT, World

from tradetui.core import held, held_brackets
from tradetui.core.held_quantities import next_version_id
from tradetui.core.held_records import HeldVerb
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import OrderRole, OrderState, OrderType, Support
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.reports import OrderReplaced
from tradetui.domain.steps import SubmitCommand

S = OrderState


def bracket(world: World, quantity: int = UNIT, **more: Any) -> tuple[str, str, str]:
    """Place an entry at 9,500 with a stop at 9,000 and a target at 11,000."""
    instrument_id = more.pop("instrument_id", BTC)
    entry = world.intent(quantity, 9_500, instrument_id=instrument_id)
    common: dict[str, Any] = {
        "parent_order_id": entry.client_order_id,
        "oco_group": "exits",
        "reduce_only": True,
        "instrument_id": instrument_id,
        **more,
    }
    guard = world.intent(
        -quantity, None, order_type=OrderType.STOP, trigger_price=9_000,
        role=OrderRole.STOP_LOSS, **common,
    )  # fmt: skip
    target = world.intent(-quantity, 11_000, role=OrderRole.TAKE_PROFIT, **common)
    applied = world.intents(entry, guard, target)
    assert [d.reason for d in applied.decisions] == ["", "", ""]
    world.accept(entry.client_order_id)
    return entry.client_order_id, guard.client_order_id, target.client_order_id


@pytest.mark.parametrize(
    ("order_id", "expected"),
    [
        ("ttab-0007", "ttab-0007r2"),
        ("ttab-0007r2", "ttab-0007r3"),
        ("ttab-0007r19", "ttab-0007r20"),
        ("ttr2-0007", "ttr2-0007r2"),
        ("ttrun-0007", "ttrun-0007r2"),
    ],
)
def test_next_version_id(order_id: Any, expected: str) -> None:
    assert next_version_id(order_id) == expected


def test_children_of_a_future_follow_the_fills_whatever_else_is_held() -> None:
    world = World(HELD)
    entry, guard, target = bracket(world, 4, instrument_id=PERP)
    world.fill(entry, 2, 9_500)
    assert world.order(guard).quantity == 2
    assert world.order(target).quantity == 2


def test_a_child_that_adds_follows_its_parent_and_is_no_exit() -> None:
    world = World(HELD)
    entry, guard, _ = bracket(world)
    more = world.place(UNIT, 9_400, parent_order_id=entry)
    world.fill(entry, UNIT // 2)
    assert world.order(more).quantity == UNIT // 2
    assert world.order(more).state is S.SUBMITTED
    world.accept(more)
    world.fill(more, UNIT // 2)
    assert world.order(entry).state is S.PARTIALLY_FILLED
    assert world.order(guard).quantity == UNIT // 2
    assert held_brackets.twins(world.state, world.order(guard)) != []
    assert world.order(more) not in held_brackets.twins(world.state, world.order(guard))


def test_a_child_that_is_done_with_its_part_gets_no_more_than_its_part() -> None:
    """One that adds and is full stays so until its parent buys more."""
    world = World(HELD)
    entry = world.place(UNIT, 9_500)
    world.accept(entry)
    more = world.place(UNIT // 2, 9_400, parent_order_id=entry)
    world.fill(entry, UNIT // 2)
    world.accept(more)
    world.fill(more, UNIT // 4)
    assert world.order(more).state is S.PARTIALLY_FILLED
    assert world.fill(entry, 1_000).commands == ()
    applied = world.fill(entry, UNIT // 2 - 1_000)
    sent = [c.terms for c in applied.commands if isinstance(c, SubmitCommand)]
    assert [(one.client_order_id, one.quantity) for one in sent] == [(f"{more}r2", UNIT // 4)]
    world.fill(f"{more}r2", UNIT // 4)
    assert world.order(f"{more}r2").state is S.FILLED


def test_what_is_too_small_when_its_stop_fires_is_dust() -> None:
    world = World(HELD)
    entry, guard, _ = bracket(world)
    world.event(InstrumentUpdated(replace(INSTRUMENTS[0], min_quantity=UNIT // 2)), BTC)
    world.fill(entry, UNIT // 4)
    world.trade(8_900)
    assert world.order(guard).state is S.CANCELLED
    assert world.order(guard).reason == "dust"


def test_what_is_too_small_when_its_parent_ends_is_dust() -> None:
    world = World(HELD)
    entry, guard, target = bracket(world)
    world.event(InstrumentUpdated(replace(INSTRUMENTS[0], min_notional=10**15)), BTC)
    world.fill(entry, UNIT // 4)
    assert world.order(target).state is S.CREATED
    world.cancelled(entry)
    assert {world.order(one).reason for one in (guard, target)} == {"dust"}


@pytest.mark.parametrize("has_mark", [True, False])
def test_a_market_child_is_measured_by_the_mark(has_mark: bool) -> None:
    world = World(HELD, is_checked=False)
    entry = world.place(UNIT, 9_500)
    world.accept(entry)
    child = world.place(-UNIT, None, parent_order_id=entry, reduce_only=True)
    world.event(InstrumentUpdated(replace(INSTRUMENTS[0], min_notional=50 * UNIT)), BTC)
    if not has_mark:
        world.state.marks.pop(BTC)
    world.fill(entry, UNIT // 4)
    assert world.order(child).state is (S.CREATED if has_mark else S.SUBMITTED)


def test_a_child_outlives_what_is_remembered_of_its_parent() -> None:
    """It keeps the quantity it has; a new child of such a parent ends."""
    world = World(HELD, is_checked=False)
    entry, guard, target = bracket(world)
    world.fill(entry, UNIT // 2)
    world.cancelled(entry)
    world.state.orders.pop(entry)
    world.accept(target)
    assert world.order(target).quantity == UNIT // 2
    (action,) = held.on_created(world.state, world.order(guard))
    assert action.verb is HeldVerb.CANCEL
    assert action.reason == "parent"
    world.trade(8_900)
    world.cancelled(target)
    assert world.order(guard).state is S.SUBMITTED
    assert world.order(guard).quantity == UNIT // 2
    world.accept(guard)
    world.fill(guard, UNIT // 2)
    assert world.position().quantity == 0


def test_a_version_that_the_strategy_made_counts_from_itself() -> None:
    world = World(replace(HELD, replace=Support.NATIVE))
    entry, guard, target = bracket(world)
    world.fill(entry)
    world.accept(target)
    newer = world.replace(target, price=10_500)
    world.event(OrderReplaced("main", target, newer, "v9"), BTC)
    world.fill(newer, UNIT // 2, 10_500)
    assert world.order(guard).quantity == UNIT // 2
    world.fill(newer, UNIT // 2, 10_500)
    assert world.order(guard).state is S.CANCELLED


def test_what_reduces_only_goes_with_the_position_unless_it_waits_for_a_parent() -> None:
    world = World(HELD)
    world.hold(4, instrument_id=PERP)
    one = world.place(-4, 12_000, reduce_only=True, instrument_id=PERP)
    world.accept(one)
    other = world.place(4, 8_000, instrument_id=PERP)
    waiting = world.place(-4, 13_000, reduce_only=True, parent_order_id=other, instrument_id=PERP)
    sale = world.place(-4, 11_000, instrument_id=PERP)
    world.accept(sale)
    world.fill(sale, 4, 11_000)
    assert world.order(one).state is S.CANCEL_PENDING
    assert world.order(waiting).state is S.CREATED


def test_exits_are_renewed_when_a_fill_crosses_the_end_of_their_parent() -> None:
    """The target sold all there was; then the cancelled entry turns out to have bought more."""
    world = World(HELD)
    entry, guard, target = bracket(world)
    world.fill(entry, UNIT // 2)
    world.accept(target)
    world.fill(target, UNIT // 2, 11_000)
    assert world.order(entry).state is S.CANCEL_PENDING
    assert world.order(guard).state is S.CANCELLED
    world.fill(entry, UNIT // 4)
    renewed = world.order(next_version_id(guard))
    assert renewed.state is S.CREATED
    assert renewed.quantity == UNIT // 4
    world.trade(8_900)
    world.cancelled(next_version_id(target))
    assert world.order(next_version_id(guard)).state is S.SUBMITTED


def test_a_version_that_is_filled_is_renewed_when_its_parent_buys_more() -> None:
    """The target's second version sold all there was; then the entry's last part is bought."""
    world = World(replace(HELD, replace=Support.NATIVE))
    entry, guard, target = bracket(world)
    world.fill(entry, UNIT // 2)
    world.accept(target)
    world.fill(entry, UNIT // 4)
    second = next_version_id(target)
    world.event(OrderReplaced("main", target, second, "v9"), BTC)
    world.fill(second, UNIT // 2 + UNIT // 4, 11_000)
    assert world.order(second).state is S.FILLED
    assert world.order(entry).state is S.CANCEL_PENDING
    world.fill(entry, UNIT // 4)
    assert world.order(entry).state is S.FILLED
    assert world.order(next_version_id(second)).quantity == UNIT // 4
    assert world.order(next_version_id(guard)).quantity == UNIT // 4


def test_twins_of_entries_go_with_the_first_fill() -> None:
    world = World(replace(SIMULATED, oco=Support.HELD))
    one = world.place(UNIT, 9_000, oco_group="g")
    two = world.place(UNIT, 8_000, oco_group="g")
    for order_id in (one, two):
        world.accept(order_id)
    world.fill(one, UNIT // 4)
    assert world.order(two).state is S.CANCEL_PENDING


def test_a_group_that_a_venue_keeps_is_left_to_it() -> None:
    world = World(SIMULATED)
    one = world.place(UNIT, 9_000, oco_group="g")
    two = world.place(UNIT, 8_000, oco_group="g")
    for order_id in (one, two):
        world.accept(order_id)
    assert world.fill(one, UNIT // 4).commands == ()


def test_an_exit_on_a_full_parent_ends_nothing() -> None:
    world = World(HELD)
    entry, _, target = bracket(world)
    world.fill(entry)
    assert held_brackets.stop_parent(world.state, world.order(target)) == ()


def test_a_child_is_a_part_of_what_its_parent_was_first_ordered_for() -> None:
    world = World(replace(HELD, replace=Support.NATIVE))
    entry, guard, _ = bracket(world)
    world.fill(entry, UNIT // 4)
    newer = world.replace(entry, quantity=2 * UNIT)
    world.event(OrderReplaced("main", entry, newer, "v9"), BTC)
    world.fill(newer, UNIT // 4)
    assert world.order(guard).quantity == UNIT // 2
    world.fill(newer, UNIT // 4)
    assert world.order(guard).quantity == 3 * UNIT // 4


def test_a_guard_is_not_made_smaller_by_forgetting() -> None:
    world = World(replace(HELD, replace=Support.NATIVE))
    entry, guard, _ = bracket(world)
    world.fill(entry, UNIT // 4)
    newer = world.replace(entry, quantity=2 * UNIT)
    world.event(OrderReplaced("main", entry, newer, "v9"), BTC)
    world.state.orders.pop(entry)
    world.is_checked = False
    world.fill(newer, UNIT // 4)
    assert world.order(guard).quantity == UNIT // 2


def test_a_version_for_a_part_does_not_sell_again_what_the_one_before_sold() -> None:
    """A fill crosses the end of the entry while the target for a half is partly filled."""
    world = World(replace(HELD, replace=Support.NATIVE))
    entry = world.place(UNIT, 9_500)
    world.accept(entry)
    target = world.place(-UNIT // 2, 11_000, parent_order_id=entry, reduce_only=True)
    world.fill(entry, UNIT // 2)
    world.accept(target)
    world.fill(target, UNIT // 8, 11_000)
    world.fill(entry, UNIT // 4)
    newer = next_version_id(target)
    assert world.order(newer).quantity == UNIT // 4
    assert world.event(OrderReplaced("main", target, newer, "v9"), BTC).commands == ()
    assert world.order(newer).quantity == UNIT // 4


def test_an_exit_outside_the_bracket_counts_in_its_group() -> None:
    world = World(HELD)
    entry, guard, _ = bracket(world, 10, instrument_id=PERP)
    world.fill(entry, 8, 9_500)
    other = world.place(-8, 12_000, reduce_only=True, oco_group="exits", instrument_id=PERP)
    world.accept(other)
    world.fill(other, 4, 12_000)
    assert world.order(guard).quantity == 6
    world.fill(entry, 2, 9_500)
    assert world.order(guard).quantity == 6


def test_the_exits_of_a_parent_are_twins_without_a_name() -> None:
    world = World(HELD)
    entry, guard, target = bracket(world, oco_group=None)
    more = world.place(UNIT, 9_000, parent_order_id=entry)
    world.fill(entry, UNIT, 9_500)
    for order_id in (target, more):
        world.accept(order_id)
    world.trade(8_900)
    assert world.order(guard).is_triggered
    assert (world.order(target).state, world.order(target).reason) == (S.CANCEL_PENDING, "oco")
    assert world.order(more).state is S.ACCEPTED
