"""Callback results: errors in a row stop an instance; its ON_ERROR rule follows."""

from __future__ import annotations

import pytest
from tests.support.kernel_world import BTC, PERP, UNIT, World, codes

from tradetui.core.changes import NOTHING
from tradetui.domain.control import ErrorCleared, ModeChanged
from tradetui.domain.enums import (
    CallbackOutcome,
    InstanceMode,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
)
from tradetui.domain.ids import kernel_order_id
from tradetui.domain.steps import Applied, CallbackResult, IntentBatch, SubmitCommand

OK, ERROR, TIMEOUT = CallbackOutcome.OK, CallbackOutcome.ERROR, CallbackOutcome.TIMEOUT


def result(world: World, outcome: CallbackOutcome, name: str = "one") -> Applied:
    batch = IntentBatch(callbacks=(CallbackResult(name, "on_bar", outcome, "boom"),))
    applied = world.kernel.process_intents(batch)
    world.check()
    return applied


def errors(world: World, name: str = "one") -> int:
    return world.state.instances[name].consecutive_errors


def test_success_alone_changes_nothing() -> None:
    assert result(World(), OK) is NOTHING


def test_a_result_of_an_instance_that_does_not_run_changes_nothing() -> None:
    world = World()
    assert result(world, OK, "ghost") is NOTHING
    assert result(world, ERROR, "ghost") is NOTHING


def test_errors_are_counted_and_success_begins_anew() -> None:
    world = World()
    result(world, ERROR)
    result(world, TIMEOUT)
    assert errors(world) == 2
    result(world, OK)
    assert errors(world) == 0
    assert not world.state.instances["one"].has_error


def test_the_third_in_a_row_stops_the_instance_and_ends_its_entries() -> None:
    world = World()
    world.hold()
    guard = world.place(
        -UNIT, None, role=OrderRole.STOP_LOSS, order_type=OrderType.STOP, trigger_price=9_000
    )
    entry = world.place(UNIT, 8_000)
    other = world.place(UNIT, 8_000, name="two")
    result(world, ERROR)
    result(world, ERROR)
    applied = result(world, ERROR)
    assert codes(applied) == ["instance_error!"]
    assert "3 failed callbacks in a row, the last in on_bar: boom" in applied.diagnostics[0].message
    assert world.state.instances["one"].has_error
    assert world.order(entry).state is OrderState.CANCEL_PENDING
    assert world.order(guard).state is OrderState.SUBMITTED
    assert world.order(other).state is OrderState.SUBMITTED


def test_it_is_stopped_once() -> None:
    world = World()
    for _ in range(3):
        result(world, ERROR)
    assert result(world, ERROR) is NOTHING
    assert errors(world) == 4


def test_after_it_is_cleared_it_takes_three_more() -> None:
    world = World()
    for _ in range(3):
        result(world, ERROR)
    world.event(ErrorCleared("one", "me"))
    assert result(world, ERROR) is NOTHING
    assert errors(world) == 1


def test_on_error_close_closes_every_position_at_market() -> None:
    world = World()
    world.load("one", on_error="close")
    world.hold()
    world.hold(-2, instrument_id=PERP)
    result(world, ERROR)
    result(world, ERROR)
    applied = result(world, ERROR)
    terms = [c.terms for c in applied.commands if isinstance(c, SubmitCommand)]
    assert [(t.instrument_id, t.side, t.quantity) for t in terms] == [
        (PERP, OrderSide.BUY, 2),
        (BTC, OrderSide.SELL, UNIT),
    ]
    seq_id = world.state.seq_id
    assert [t.client_order_id for t in terms] == [
        kernel_order_id("run", seq_id, 0),
        kernel_order_id("run", seq_id, 1),
    ]
    assert all(t.reduce_only for t in terms)


def test_on_error_close_without_a_position_closes_nothing() -> None:
    world = World()
    world.load("one", on_error="close")
    for _ in range(3):
        applied = result(world, ERROR)
    assert applied.commands == ()


@pytest.mark.parametrize("limit", [1, 2])
def test_the_number_of_errors_is_configured(limit: int) -> None:
    world = World(max_consecutive_errors=limit)
    for _ in range(limit):
        assert not world.state.instances["one"].has_error
        result(world, ERROR)
    assert world.state.instances["one"].has_error


def test_only_those_that_failed_are_counted() -> None:
    world = World()
    batch = IntentBatch(
        callbacks=(
            CallbackResult("one", "on_bar", ERROR, "boom"),
            CallbackResult("two", "on_bar", OK),
        )
    )
    world.kernel.process_intents(batch)
    assert (errors(world, "one"), errors(world, "two")) == (1, 0)


def test_the_errors_of_one_that_only_observes_touch_nothing_real() -> None:
    world = World()
    world.load("one", on_error="close")
    world.hold()
    real = world.place(UNIT, 8_000)
    world.event(ModeChanged("one", InstanceMode.OBSERVE, "me", True))
    would = world.place(UNIT, 8_000)
    for _ in range(3):
        applied = result(world, ERROR)
    assert world.order(real).state is OrderState.SUBMITTED
    assert world.order(would).state is OrderState.CANCEL_PENDING
    assert [c.client_order_id for c in applied.commands] == [would]  # type: ignore[union-attr]
