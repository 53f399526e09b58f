"""Closing at market: one reducing order for each position, once."""

from __future__ import annotations

from msgspec.structs import replace
from tests.support.kernel_world import BTC, PERP, UNIT, World, codes

from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.control import CloseRequested, InstanceUnloaded, KillSwitchChanged
from tradetui.domain.enums import (
    InstanceMode,
    KillState,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Scope,
    Support,
)
from tradetui.domain.steps import SubmitCommand


def test_the_instance_exits_only_its_entries_end_and_its_position_is_sold() -> None:
    world = World()
    world.hold(2 * UNIT)
    entry = world.place(UNIT, 8_000)
    applied = world.event(CloseRequested("one", ("c1",), "ann"))
    assert world.state.instances["one"].exit_only == "closed by ann"
    assert world.order(entry).state is OrderState.CANCEL_PENDING
    terms = world.order("c1").terms
    assert (terms.side, terms.quantity, terms.order_type) == (
        OrderSide.SELL,
        2 * UNIT,
        OrderType.MARKET,
    )
    assert terms.reduce_only
    assert terms.role is OrderRole.EXIT
    assert applied.decisions[0].client_order_id == "c1"


def test_the_reason_it_could_only_exit_for_stays() -> None:
    world = World()
    world.hold()
    instance = replace(world.state.instances["one"], exit_only="loss_per_day")
    world.state.instances["one"] = instance
    world.event(CloseRequested("one", ("c1",), "ann", "tired"))
    assert world.state.instances["one"].exit_only == "loss_per_day"


def test_ids_are_used_in_the_order_of_the_instruments() -> None:
    world = World()
    world.hold()
    world.hold(-2, instrument_id=PERP)
    world.event(CloseRequested("one", ("c1", "c2"), "ann"))
    assert world.order("c1").terms.instrument_id == PERP
    assert world.order("c1").terms.side is OrderSide.BUY
    assert world.order("c2").terms.instrument_id == BTC


def test_a_position_without_an_id_is_an_incident() -> None:
    world = World()
    world.hold()
    world.hold(-2, instrument_id=PERP)
    applied = world.event(CloseRequested("one", ("c1",), "ann"))
    assert codes(applied) == ["illegal_transition!"]
    assert "the request has no order id for it" in applied.diagnostics[0].message


def test_asking_twice_does_not_sell_twice() -> None:
    world = World()
    world.hold()
    world.event(CloseRequested("one", ("c1",), "ann"))
    applied = world.event(CloseRequested("one", ("c2",), "ann"))
    assert codes(applied) == ["illegal_transition"]
    assert "an order closes it already" in applied.diagnostics[0].message
    assert "c2" not in world.state.orders


def test_an_exit_at_a_price_does_not_stand_in_the_way() -> None:
    world = World()
    world.hold()
    world.place(-UNIT, 12_000, role=OrderRole.TAKE_PROFIT)
    world.event(CloseRequested("one", ("c1",), "ann"))
    assert "c1" in world.state.orders


def test_without_a_position_there_is_nothing_to_send() -> None:
    world = World()
    applied = world.event(CloseRequested("one", (), "ann"))
    assert applied.commands == ()
    assert world.state.instances["one"].exit_only


def test_an_instance_that_does_not_run_can_be_closed() -> None:
    world = World()
    world.hold()
    world.event(InstanceUnloaded("one", "me"))
    applied = world.event(CloseRequested("one", ("c1",), "ann"))
    assert isinstance(applied.commands[0], SubmitCommand)


def test_a_shadow_position_is_not_closed() -> None:
    world = World()
    world.load("eye", InstanceMode.OBSERVE)
    order_id = world.place(UNIT, None, name="eye")
    world.fill(order_id)
    applied = world.event(CloseRequested("eye", ("c1",), "ann"))
    assert applied.commands == ()


def test_under_halted_nothing_is_sent_and_the_decision_says_why() -> None:
    world = World()
    world.hold()
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "stop"))
    applied = world.event(CloseRequested("one", ("c1",), "ann"))
    assert applied.decisions[0].reason == "kill_switch"
    assert applied.commands == ()


def test_a_route_without_market_orders_cannot() -> None:
    world = World(replace(SIMULATED, market=Support.NONE))
    order_id = world.place()
    world.fill(order_id)
    applied = world.event(CloseRequested("one", ("c1",), "ann"))
    assert applied.decisions[0].reason == "capability"
