"""The invariants: each broken on purpose, and caught."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, HELD, UNIT, World

from tradetui.core.changes import Changes
from tradetui.core.check_all import check_all
from tradetui.core.invariants import InvariantError, breach, check_order, halt_route
from tradetui.core.state import KernelState, Working
from tradetui.domain.enums import InvariantPolicy, OrderState
from tradetui.domain.orders import Order

S = OrderState


class TestOneOrder:
    @pytest.mark.parametrize(
        ("state", "fields", "what"),
        [
            (S.PARTIALLY_FILLED, {"filled_quantity": 0}, "its filled quantity went back"),
            (S.CANCELLED, {"state": S.ACCEPTED}, "it left the terminal state Cancelled"),
            (S.SUBMITTED, {"filled_quantity": 1}, "it was filled before it was accepted"),
        ],
    )
    def test_what_may_not_be(self, state: OrderState, fields: dict[str, object], what: str) -> None:
        world = World()
        order = world.order(world.order_in(state))
        with pytest.raises(InvariantError, match=what):
            check_order(world.state, Changes(), order, replace(order, **fields))

    def test_what_remains_does_not_grow(self) -> None:
        world = World(policy=InvariantPolicy.WARN)
        order = world.order(world.order_in(S.PARTIALLY_FILLED))
        changes = Changes()
        check_order(world.state, changes, order, replace(order, filled_quantity=1))
        said = [diagnostic.message for diagnostic in changes.diagnostics]
        assert len(said) == 2
        assert "its remaining quantity grew" in said[1]

    def test_a_holders_own_change_of_quantity_is_none(self) -> None:
        world = World()
        order = world.order(world.order_in(S.ACCEPTED))
        check_order(world.state, Changes(), order, replace(order, quantity=5 * UNIT))

    def test_a_fill_of_an_order_that_has_ended_is_an_incident_of_its_own(self) -> None:
        world = World()
        order = world.order(world.order_in(S.REJECTED))
        assert not order.is_accepted
        check_order(world.state, Changes(), order, replace(order, filled_quantity=1))


class TestPolicy:
    def test_strict_raises(self) -> None:
        with pytest.raises(InvariantError, match="so it is"):
            breach(World().state, Changes(), "main", "so it is")

    def test_route_halt_halts_the_route_it_concerns(self) -> None:
        world = World(policy=InvariantPolicy.ROUTE_HALT)
        changes = Changes()
        breach(world.state, changes, "main", "so it is")
        assert world.state.halted_routes == {"main": "so it is"}
        assert changes.diagnostics[0].is_incident

    @pytest.mark.parametrize("route_id", [None, "ghost"])
    def test_route_halt_without_a_route_is_an_incident(self, route_id: str | None) -> None:
        world = World(policy=InvariantPolicy.ROUTE_HALT)
        changes = Changes()
        breach(world.state, changes, route_id, "so it is")
        assert world.state.halted_routes == {}
        assert changes.diagnostics[0].is_incident

    def test_warn_says_it(self) -> None:
        world = World(policy=InvariantPolicy.WARN)
        changes = Changes()
        breach(world.state, changes, "main", "so it is")
        assert world.state.halted_routes == {}
        assert not changes.diagnostics[0].is_incident

    def test_every_halt_is_said_the_first_reason_stays(self) -> None:
        world = World()
        changes = Changes()
        halt_route(world.state, changes, "main", "first")
        halt_route(world.state, changes, "main", "second")
        assert world.state.halted_routes == {"main": "first"}
        assert [d.message for d in changes.diagnostics] == ["first", "second"]


def _first(state: KernelState) -> Order:
    return next(iter(state.orders.values()))


def _put(state: KernelState, order: Order) -> None:
    state.orders[order.terms.client_order_id] = order
    if order.terms.client_order_id in state.open_orders:
        state.open_orders[order.terms.client_order_id] = order


def _spoil(**fields: object) -> Callable[[KernelState], None]:
    return lambda state: _put(state, replace(_first(state), **fields))


BROKEN: list[tuple[OrderState, Callable[[KernelState], None], str]] = [
    (S.ACCEPTED, lambda s: s.orders.update(x=_first(s)), "stands under another's id"),
    (S.ACCEPTED, _spoil(filled_quantity=-1), "has a negative fill"),
    (S.PARTIALLY_FILLED, _spoil(filled_quantity=2 * UNIT), "is filled beyond its quantity"),
    (S.CREATED, _spoil(filled_quantity=1), "is filled and never sent"),
    (S.SUBMITTED, _spoil(filled_quantity=1), "is filled and not accepted"),
    (S.PARTIALLY_FILLED, _spoil(filled_quantity=0), "is partially filled with nothing"),
    (S.ACCEPTED, _spoil(filled_quantity=1), "is filled and merely accepted"),
    (S.ACCEPTED, _spoil(is_accepted=False), "is accepted and not marked so"),
    (S.FILLED, _spoil(quantity=2 * UNIT), "is filled and has something left"),
    (S.CANCELLED, _spoil(is_unknown=True), "has ended and is of unknown outcome"),
    (S.ACCEPTED, lambda s: s.open_orders.clear(), "the map of open orders is not that"),
    (S.CANCELLED, lambda s: s.closed_order_ids.clear(), "a closed order is not listed so"),
    (S.ACCEPTED, lambda s: s.open_by_instrument.clear(), "an open order misses its instrument"),
    (S.CREATED, lambda s: s.held_by_instrument.clear(), "a held order is not watched"),
    (
        S.CANCELLED,
        lambda s: s.held_deadlines.update({_first(s).terms.client_order_id: 1}),
        "has ended and keeps a deadline",
    ),
    (
        S.ACCEPTED,
        lambda s: s.working.update({("one", "main", BTC): Working()}),
        "the working sums of one main BTC/USD.SIM are not those of its orders",
    ),
    (S.ACCEPTED, lambda s: s.working.clear(), "the working sums of one main"),
    (
        S.FILLED,
        lambda s: s.route_quantities.update({("main", BTC): 1}),
        "the sub-positions do not add up",
    ),
    (S.FILLED, lambda s: s.route_quantities.clear(), "the sub-positions do not add up"),
    (
        S.FILLED,
        lambda s: s.positions.update(
            {("one", "main", BTC): replace(s.positions["one", "main", BTC], quantity=0)}
        ),
        "the flat position one main BTC/USD.SIM has a cost",
    ),
    (S.ACCEPTED, lambda s: s.cash.update({("main", "USD"): 1}), "cash is not the sum"),
]


@pytest.mark.parametrize(("state", "spoil", "what"), BROKEN, ids=[what for *_, what in BROKEN])
def test_the_whole_check_finds_what_cannot_be(
    state: OrderState, spoil: Callable[[KernelState], None], what: str
) -> None:
    world = World(HELD)
    world.order_in(state)
    check_all(world.state)
    spoil(world.state)
    with pytest.raises(InvariantError, match=what):
        check_all(world.state)


def test_the_whole_check_finds_too_many_closed_orders() -> None:
    world = World(max_closed_orders=3)
    for _ in range(2):
        world.order_in(S.CANCELLED)
    small = World(max_closed_orders=1).state.config
    world.state.config = small
    with pytest.raises(InvariantError, match="more closed orders are kept than allowed"):
        check_all(world.state)
