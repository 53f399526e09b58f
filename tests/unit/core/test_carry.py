"""A state taken over into another configuration."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, UNIT, World, config

from tradetui.core.carry import CarryError, carry, held_on
from tradetui.core.check_all import check_all
from tradetui.domain.enums import InstanceMode, OrderRole, RunMode
from tradetui.domain.ids import Currency
from tradetui.domain.risk import RiskProfile
from tradetui.domain.steps import ExecutionContextConfig, KernelConfig


def world() -> World:
    made = World()
    made.load("one")
    return made


def changed(made: World, **changes: Any) -> KernelConfig:
    return replace(made.state.config, **changes)


def test_nothing_changes_but_the_run() -> None:
    made = world()
    made.hold()
    made.accept(made.place())
    before = made.state.copy()
    carried = carry(made.state, changed(made, run_id="next"))
    assert carried.notes == ()
    state = carried.state
    assert state.config.run_id == "next"
    assert (state.positions, state.cash, state.open_orders) == (
        before.positions,
        before.cash,
        before.open_orders,
    )
    assert (state.profiles, state.bindings) == (before.profiles, before.bindings)
    check_all(state)


def test_another_run_mode_is_refused() -> None:
    made = world()
    with pytest.raises(CarryError, match="is not gone on with in live"):
        carry(made.state, changed(made, run_mode=RunMode.LIVE))


def test_changed_profiles_take_the_place_of_the_old_ones() -> None:
    made = world()
    profile = RiskProfile("tight", max_open_orders=1)
    carried = carry(made.state, changed(made, profiles=(profile,)))
    assert carried.state.profiles == {profile.name: profile}
    assert carried.notes == ("the risk profiles are those of the config, which has changed",)


def test_another_reporting_currency_begins_the_equity_of_the_day_anew() -> None:
    made = world()
    made.state.peak_equity["x"] = 1
    carried = carry(made.state, changed(made, reporting_currency="EUR"))
    assert carried.state.peak_equity == {}
    assert "the reporting currency is EUR now" in carried.notes[0]


def without_route(made: World) -> KernelConfig:
    config = made.state.config
    name = config.routes[0].route_id
    routes = config.routes[1:]
    contexts = tuple(
        ExecutionContextConfig(
            one.execution_id, tuple(route for route in one.routes if route != name)
        )
        for one in config.contexts
    )
    return replace(config, routes=routes, contexts=contexts)


def test_a_route_that_holds_a_position_may_not_vanish() -> None:
    made = world()
    made.hold()
    route = made.state.config.routes[0].route_id
    assert held_on(made.state, route) == f"a position of one in {BTC}"
    with pytest.raises(CarryError, match=f"route {route} is not in the config any more"):
        carry(made.state, without_route(made))


def test_a_route_with_open_orders_may_not_lead_to_another_venue() -> None:
    made = world()
    made.accept(made.place())
    made.accept(made.place())
    route = made.state.config.routes[0]
    config = changed(made, routes=(replace(route, venue="ELSE"), *made.state.config.routes[1:]))
    with pytest.raises(CarryError, match="leads to ELSE now and still holds 2 open orders"):
        carry(made.state, config)


def test_a_route_that_holds_only_cash_goes_with_all_of_its_past() -> None:
    made = world()
    made.hold()
    made.close()
    route = made.state.config.routes[0].route_id
    made.state.halted_routes[route] = "was halted"
    made.state.route_quantities[route, BTC] = 0
    made.state.put(made.state.stop_wanted, ("one", route, BTC), None)
    by_position = ("positions", "working", "days", "stop_wanted")
    for name in by_position:
        assert [key for key in getattr(made.state, name) if key[1] == route], name
    assert made.state.orders and made.state.trade_ids and made.state.closed_order_ids
    carried = carry(made.state, without_route(made))
    state = carried.state
    assert any(f"route {route}" in note and "only cash" in note for note in carried.notes)
    for name in by_position:
        assert not [key for key in getattr(state, name) if key[1] == route], name
    for name in ("cash", "cash_flows", "route_quantities"):
        assert not [key for key in getattr(state, name) if key[0] == route], name
    assert (state.orders, state.closed_order_ids, state.trade_ids) == ({}, {}, {})
    assert route not in state.halted_routes
    check_all(state)


def test_what_another_route_has_done_stays() -> None:
    main = config().routes[0]
    contexts = tuple(ExecutionContextConfig(name, (name,)) for name in ("main", "other"))
    made = World(routes=(main, replace(main, route_id="other")), contexts=contexts)
    for route in ("main", "other"):
        made.load(route, execution_id=route)
        made.fill(made.place(name=route))
        made.fill(made.place(-UNIT, None, name=route, role=OrderRole.EXIT, reduce_only=True))
    state = carry(made.state, without_route(made)).state
    assert {order.terms.route_id for order in state.orders.values()} == {"other"}
    assert len(state.orders) == len(state.closed_order_ids) == len(state.trade_ids) == 2
    for table in (state.positions, state.days):
        assert list(table) == [("other", "other", BTC)]
    assert list(state.cash) == list(state.cash_flows) == [("other", "USD")]
    check_all(state)


def test_a_route_that_comes_back_begins_a_day_of_its_own() -> None:
    made = world()
    made.hold()
    made.close(price=9_000)
    key = ("one", made.state.config.routes[0].route_id, BTC)
    assert made.state.days[key].realised == -10 * UNIT
    before = made.state.config
    gone = carry(made.state, without_route(made)).state
    state = carry(gone, before).state
    made.kernel.state = state
    assert key not in state.days
    made.hold()
    assert made.state.days[key].realised == 0
    check_all(state)


def test_a_new_route_gets_its_opening_cash() -> None:
    made = world()
    route = replace(made.state.config.routes[0], route_id="fresh", opening_cash=(("USDT", 5),))
    carried = carry(made.state, changed(made, routes=(*made.state.config.routes, route)))
    assert carried.state.cash["fresh", "USDT"] == 5
    assert carried.state.cash_flows["fresh", "USDT"] == 5


def other_account(made: World) -> KernelConfig:
    contexts = tuple(replace(one, execution_id="other") for one in made.state.config.contexts)
    return changed(made, contexts=contexts)


def test_an_instance_whose_account_is_gone_does_not_run() -> None:
    made = world()
    carried = carry(made.state, other_account(made))
    assert carried.state.instances == {}
    assert "instance one does not run: its account is gone" in carried.notes


@pytest.mark.parametrize("what", ["position", "order"])
def test_an_account_may_not_vanish_while_an_instance_uses_it(what: str) -> None:
    made = world()
    if what == "position":
        made.hold()
    else:
        made.accept(made.place())
    with pytest.raises(CarryError, match="still has a position or open orders"):
        carry(made.state, other_account(made))


def test_a_shadow_book_is_carried_as_it_is() -> None:
    made = world()
    made.load("eye", InstanceMode.OBSERVE)
    shadows = {key for key in made.state.routes if str(key).startswith("shadow")}
    carried = carry(made.state, changed(made, run_id="next"))
    assert shadows <= set(carried.state.routes)
    check_all(carried.state)


def test_another_opening_cash_is_said_and_moves_no_money() -> None:
    made = world()
    (route,) = (one for one in made.state.config.routes if one.opening_cash)
    ((currency, amount), *_) = route.opening_cash
    wanted = replace(route, opening_cash=((currency, amount + UNIT), (Currency("EUR"), UNIT)))
    cash = dict(made.state.cash)
    carried = carry(made.state, changed(made, routes=(wanted,)))
    assert carried.notes == (
        (
            f"the config has another opening cash of route {route.route_id} in {currency} now: "
            "it counts where a run begins flat, the route keeps what it has"
        ),
        f"route {route.route_id} gets its opening cash in EUR",
    )
    assert carried.state.cash == cash | {(route.route_id, "EUR"): UNIT}
    check_all(carried.state)
    again = carry(carried.state, changed(made, routes=(wanted,)))
    assert again.notes == ()


def test_an_instance_that_holds_nothing_goes_though_another_of_its_market_stays() -> None:
    made = world()
    made.hold()
    made.state.instances["two"] = replace(made.state.instances["two"], execution_id="gone")
    carried = carry(made.state, changed(made))
    assert list(carried.state.instances) == ["one"]
    assert carried.notes == ("instance two does not run: its account is gone",)


def test_what_a_route_holds_is_told_in_ascending_order() -> None:
    made = world()
    for name in ("two", "one"):
        made.fill(made.place(name=name))
    assert next(iter(made.state.positions))[0] == "two"
    assert (
        held_on(made.state, "main") == f"a position of one in {BTC} and a position of two in {BTC}"
    )
