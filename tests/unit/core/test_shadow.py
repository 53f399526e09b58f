"""Shadow books: a route of an observing instance's own, in no total, dropped whole."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import (
    BNB,
    BTC,
    CASH,
    HELD,
    INSTRUMENTS,
    UNIT,
    World,
    codes,
    config,
)

from tradetui.core.changes import Changes
from tradetui.core.shadow import drop_shadow, open_shadow
from tradetui.core.view import FilteredView
from tradetui.domain.control import (
    CancelEntriesRequested,
    InstanceUnloaded,
    KillSwitchChanged,
    ModeChanged,
)
from tradetui.domain.enums import InstanceMode, KillState, OrderRole, OrderState, OrderType, Scope
from tradetui.domain.intents import CancelOrder, ReplaceOrder, SetRiskFlag
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import CancelCommand, ExecutionContextConfig, SubmitCommand

OBSERVE = InstanceMode.OBSERVE
SHADOW = "shadow:eye"


def observing(**more: object) -> World:
    world = World(**more)  # type: ignore[arg-type]
    world.load("eye", OBSERVE, limits=InstanceLimits(5_000 * UNIT))
    return world


def test_it_opens_with_the_budget_on_a_copy_of_the_route() -> None:
    world = observing()
    assert world.state.cash[SHADOW, "USD"] == 5_000 * UNIT
    assert world.state.routes[SHADOW].capabilities == world.state.routes["main"].capabilities


def test_it_trades_every_market_of_its_instance() -> None:
    main = config().routes[0]
    rest = replace(main, route_id="rest", instruments=())
    world = World(
        routes=(replace(main, instruments=(BTC,)), rest),
        contexts=(ExecutionContextConfig("acct", ("main", "rest")),),
    )
    world.load("eye", OBSERVE)
    assert world.state.routes[SHADOW].instruments == ()
    order_id = world.place(10, 40_000, instrument_id=BNB, name="eye")
    assert world.order(order_id).terms.route_id == SHADOW


def test_it_is_opened_once() -> None:
    world = observing()
    world.load("eye", OBSERVE, limits=InstanceLimits(1))
    assert world.state.cash[SHADOW, "USD"] == 5_000 * UNIT


def test_the_budget_is_converted_into_the_markets_currency() -> None:
    world = World()
    cross = replace(
        INSTRUMENTS[0], instrument_id="ETH/BTC.SIM", symbol="ETH/BTC", base="ETH", quote="BTC"
    )
    world.event(InstrumentUpdated(cross), cross.instrument_id)
    world.load(
        "eye", OBSERVE, limits=InstanceLimits(5_000 * UNIT), instrument_id=cross.instrument_id
    )
    assert world.state.cash[SHADOW, "BTC"] == 50 * UNIT


def test_without_a_rate_the_number_is_taken_and_that_is_said() -> None:
    world = World()
    odd = replace(INSTRUMENTS[0], instrument_id="ODD.SIM", symbol="ODD", quote="XYZ")
    world.event(InstrumentUpdated(odd), odd.instrument_id)
    applied = world.load("eye", OBSERVE, limits=InstanceLimits(7), instrument_id=odd.instrument_id)
    assert codes(applied) == ["rate_unknown"]
    assert world.state.cash[SHADOW, "XYZ"] == 7


def test_without_a_route_there_is_none() -> None:
    world = World()
    far = replace(INSTRUMENTS[0], instrument_id="FAR.ELSE", venue="ELSE")
    world.event(InstrumentUpdated(far), far.instrument_id)
    applied = world.load("eye", OBSERVE, instrument_id=far.instrument_id)
    assert codes(applied) == ["no_route"]
    assert SHADOW not in world.state.routes


def test_a_would_be_order_goes_to_it() -> None:
    world = observing()
    intent = world.intent(UNIT, 9_000)
    applied = world.intents(intent, name="eye")
    assert applied.decisions[0].would
    assert isinstance(applied.commands[0], SubmitCommand)
    assert applied.commands[0].terms.route_id == SHADOW
    world.accept(intent.client_order_id)
    world.fill(intent.client_order_id)
    assert world.position(name="eye", route=SHADOW).quantity == UNIT
    assert world.state.cash[SHADOW, "USD"] == 4_910 * UNIT
    assert world.state.cash["main", "USD"] == CASH


def test_a_would_be_cancel_acts_on_it() -> None:
    world = observing()
    order_id = world.place(UNIT, 9_000, name="eye")
    applied = world.intents(CancelOrder(order_id), name="eye")
    assert isinstance(applied.commands[0], CancelCommand)


def test_a_would_be_risk_flag_acts_on_nothing() -> None:
    world = observing()
    world.intents(SetRiskFlag(KillState.HALTED), name="eye")
    assert world.state.kill_switches == {}


@pytest.mark.parametrize("way", ["unload", "activate"])
def test_it_is_dropped_whole(way: str) -> None:
    world = World()
    world.hold()
    before = {name: _sizes(world, name) for name in TABLES}
    world.load("eye", OBSERVE)
    filled = world.place(UNIT, None, name="eye")
    world.accept(filled)
    world.fill(filled)
    open_id = world.place(UNIT, 8_000, name="eye", oco_group="pair")
    guard = world.place(
        -UNIT,
        None,
        name="eye",
        order_type=OrderType.STOP,
        trigger_price=8_000,
        role=OrderRole.STOP_LOSS,
    )
    event = InstanceUnloaded("eye", "me")
    applied = world.event(
        event if way == "unload" else ModeChanged("eye", InstanceMode.ACTIVE, "me")
    )
    assert SHADOW not in world.state.routes
    assert {name: _sizes(world, name) for name in TABLES} == before
    sent = [c.client_order_id for c in applied.commands if isinstance(c, CancelCommand)]
    assert sent == [open_id, guard]


TABLES = (
    "orders",
    "open_orders",
    "closed_order_ids",
    "positions",
    "route_quantities",
    "working",
    "days",
    "stop_wanted",
    "oco_groups",
    "children",
    "held_by_instrument",
    "working_prices",
    "trade_ids",
    "cash",
    "cash_flows",
)


def _sizes(world: World, name: str) -> int:
    return len(getattr(world.state, name))


@pytest.mark.parametrize("way", ["unload", "activate"])
def test_its_halt_goes_with_it_and_the_next_book_begins_sound(way: str) -> None:
    world = observing()
    order_id = world.place(UNIT, 9_000, name="eye")
    world.fill(order_id)
    assert codes(world.fill(order_id)) == ["route_halted!"]
    assert list(world.state.halted_routes) == [SHADOW]
    event = InstanceUnloaded("eye", "me")
    world.event(event if way == "unload" else ModeChanged("eye", InstanceMode.ACTIVE, "me"))
    assert world.state.halted_routes == {}
    world.load("eye", OBSERVE)
    world.event(ModeChanged("eye", OBSERVE, "me"))
    assert SHADOW in world.state.routes
    assert world.state.halted_routes == {}


def test_orders_that_the_kernel_holds_for_it_need_no_cancel() -> None:
    world = observing(capabilities=HELD)
    filled = world.place(UNIT, None, name="eye")
    world.accept(filled)
    world.fill(filled)
    world.place(
        -UNIT,
        None,
        name="eye",
        order_type=OrderType.STOP,
        trigger_price=8_000,
        role=OrderRole.STOP_LOSS,
    )
    applied = world.event(InstanceUnloaded("eye", "me"))
    assert applied.commands == ()
    assert world.state.held_by_instrument == {}


def test_dropping_what_is_not_there_is_nothing() -> None:
    world = World()
    changes = Changes()
    drop_shadow(world.state, changes, "one")
    assert changes.applied().commands == ()


def test_opening_twice_is_nothing() -> None:
    world = observing()
    routes = dict(world.state.routes)
    open_shadow(world.state, Changes(), world.state.instances["eye"])
    assert world.state.routes == routes


def test_a_global_kill_switch_and_cancel_do_not_touch_it() -> None:
    world = observing()
    order_id = world.place(UNIT, 9_000, name="eye")
    world.event(CancelEntriesRequested(None, "me"))
    world.event(KillSwitchChanged(Scope.GLOBAL, "", KillState.REDUCING, "me", "x"))
    assert world.order(order_id).state is OrderState.SUBMITTED
    world.event(CancelEntriesRequested("eye", "me"))
    assert world.order(order_id).state is OrderState.CANCEL_PENDING


def test_the_instance_sees_it_and_nothing_else() -> None:
    world = observing()
    order_id = world.place(UNIT, 9_000, name="eye")
    view = FilteredView(world.kernel.view(), "eye")
    assert [order.terms.client_order_id for order in view.orders()] == [order_id]
    assert view.cash("USD") == 4_910 * UNIT
    assert view.position(BTC).route_id == SHADOW


def test_the_real_orders_of_an_instance_that_only_observes_are_out_of_its_reach() -> None:
    world = World()
    world.hold()
    guard = world.place(
        -UNIT, None, order_type=OrderType.STOP, trigger_price=8_000, role=OrderRole.STOP_LOSS
    )
    world.accept(guard)
    world.event(ModeChanged("one", OBSERVE, "me"))
    applied = world.intents(
        CancelOrder(guard), ReplaceOrder(guard, world.next_id(), trigger_price=7_000)
    )
    assert applied.decisions[0].reason == "instance_mode"
    assert [d.outcome for d in applied.decisions] == ["reject", "reject"]
    assert applied.commands == ()
    assert world.order(guard).state is OrderState.ACCEPTED
