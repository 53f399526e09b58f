"""Fills: money first, whatever state the order is in."""

from __future__ import annotations

import pytest
from tests.support.kernel_world import BTC, HELD, PERP, UNIT, World, codes, states

from tradetui.core.changes import NOTHING
from tradetui.core.invariants import InvariantError
from tradetui.domain.enums import InvariantPolicy, OrderRole, OrderSide, OrderState, OrderType
from tradetui.domain.ids import EXTERNAL
from tradetui.domain.intents import CancelOrder
from tradetui.domain.reports import OrderAmended, OrderCancelled, OutcomeUnknown

S = OrderState
AFTER = {
    S.SUBMITTED: S.FILLED,
    S.ACCEPTED: S.FILLED,
    S.PARTIALLY_FILLED: S.FILLED,
    S.CANCEL_PENDING: S.FILLED,
}


@pytest.mark.parametrize("state", list(S), ids=lambda state: state.value)
def test_a_fill_in_every_state_reaches_the_ledger(state: OrderState) -> None:
    world = World(HELD)
    order_id = world.order_in(state)
    leaves = world.order(order_id).leaves_quantity or UNIT
    held = world.order(order_id).filled_quantity
    applied = world.fill(order_id, leaves)
    assert world.order(order_id).state is AFTER.get(state, state)
    assert world.position().quantity == held + leaves
    assert len(applied.fills) == 1
    if state in AFTER:
        assert applied.diagnostics == ()
        assert world.state.halted_routes == {}
    else:
        assert codes(applied)[-1] == "route_halted!"
        assert "main" in world.state.halted_routes


def test_a_partial_fill_of_an_order_being_cancelled_stays_there_with_more() -> None:
    world = World()
    order_id = world.order_in(S.CANCEL_PENDING)
    applied = world.fill(order_id, UNIT // 4)
    assert states(applied) == [("CancelPending", "CancelPending", "OrderFilled")]
    assert world.order(order_id).filled_quantity == UNIT // 4


def test_fills_add_up_to_the_order() -> None:
    world = World()
    order_id = world.order_in(S.ACCEPTED)
    world.fill(order_id, UNIT // 4, 8_000)
    applied = world.fill(order_id, UNIT // 4 * 3, 9_000)
    order = world.order(order_id)
    assert order.state is S.FILLED
    assert order.filled_cost == (8_000 + 3 * 9_000) * UNIT // 400
    assert applied.transitions[0].filled_quantity == UNIT


def test_a_fill_before_the_acceptance_brings_an_inferred_one() -> None:
    world = World()
    order_id = world.order_in(S.SUBMITTED)
    applied = world.fill(order_id, UNIT // 2)
    assert states(applied) == [
        ("Submitted", "Accepted", "OrderAccepted"),
        ("Accepted", "PartiallyFilled", "OrderFilled"),
    ]
    assert applied.transitions[0].reason == "inferred"
    assert world.order(order_id).venue_order_id == f"v{order_id}"


def test_a_fill_of_an_unaccepted_order_being_cancelled_proves_it_too() -> None:
    world = World()
    order_id = world.order_in(S.SUBMITTED)
    world.intents(CancelOrder(order_id))
    applied = world.fill(order_id, UNIT // 2)
    assert states(applied)[0] == ("CancelPending", "CancelPending", "OrderAccepted")


def test_a_fill_is_the_evidence_that_ends_an_unknown_outcome() -> None:
    world = World()
    order_id = world.order_in(S.SUBMITTED)
    world.event(OutcomeUnknown("main", order_id), BTC)
    world.fill(order_id)
    assert not world.order(order_id).is_unknown
    assert world.state.working["one", "main", BTC].unknown == 0


def test_the_same_trade_is_booked_once() -> None:
    world = World()
    order_id = world.order_in(S.ACCEPTED)
    world.fill(order_id, UNIT // 4, trade_id="t")
    cash = dict(world.state.cash)
    applied = world.fill(order_id, UNIT // 4, trade_id="t")
    assert applied.is_duplicate
    assert world.position().quantity == UNIT // 4
    assert world.state.cash == cash


def test_both_sides_of_a_trade_with_ourselves_are_booked() -> None:
    world = World()
    world.hold()
    buy = world.order_in(S.ACCEPTED)
    sell = world.place(-UNIT, 9_500, name="one")
    world.accept(sell)
    world.fill(buy, trade_id="same")
    applied = world.fill(sell, trade_id="same")
    assert not applied.is_duplicate
    assert world.position().quantity == UNIT


def test_a_fill_of_an_unknown_order_is_external_and_an_incident() -> None:
    world = World()
    applied = world.fill("stranger", UNIT)
    assert codes(applied) == ["unknown_order!"]
    assert world.position(name=EXTERNAL).quantity == UNIT
    assert applied.fills[0].strategy_id == EXTERNAL
    assert world.state.halted_routes == {}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"side": OrderSide.SELL}, "on the side SELL instead of BUY"),
        ({"route_id": "other"}, "on route other instead of main"),
    ],
)
def test_a_fill_that_contradicts_its_order_is_booked_and_halts(
    changes: dict[str, str], what: str
) -> None:
    world = World()
    order_id = world.order_in(S.ACCEPTED)
    if "route_id" in changes:
        world.state.routes["other"] = world.state.routes["main"]
    applied = world.fill(order_id, **changes)
    assert what in applied.diagnostics[-1].message
    assert applied.diagnostics[-1].is_incident
    assert world.order(order_id).filled_quantity == 0
    assert len(applied.fills) == 1
    assert list(world.state.halted_routes) == [changes.get("route_id", "main")]


def test_the_first_reason_for_a_halt_stays() -> None:
    world = World()
    order_id = world.order_in(S.CANCELLED)
    world.fill(order_id, UNIT // 2)
    first = world.state.halted_routes["main"]
    world.fill(order_id, UNIT // 2)
    assert world.state.halted_routes["main"] == first
    assert world.order(order_id).filled_quantity == UNIT


class TestWhatCannotBeBooked:
    def test_an_unknown_route(self) -> None:
        world = World()
        applied = world.fill("x", route_id="nowhere")
        assert codes(applied) == ["no_route!"]
        assert "its route nowhere is not known" in applied.diagnostics[0].message
        assert world.state.trade_ids == {}

    def test_a_dropped_shadow_route(self) -> None:
        world = World()
        assert world.fill("x", route_id="shadow:gone") is NOTHING

    def test_an_unknown_instrument(self) -> None:
        world = World()
        order_id = world.place()
        del world.state.instruments[BTC]
        world.is_checked = False
        applied = world.fill(order_id)
        assert codes(applied) == ["route_halted!"]
        assert f"its instrument {BTC} is not known" in applied.diagnostics[0].message

    @pytest.mark.parametrize("quantity", [0, -1])
    def test_no_quantity(self, quantity: int) -> None:
        world = World()
        order_id = world.order_in(S.ACCEPTED)
        applied = world.fill(order_id, quantity)
        assert codes(applied) == ["route_halted!"]
        assert f"its quantity is {quantity}" in applied.diagnostics[0].message
        assert world.order(order_id).filled_quantity == 0


class TestTooMuch:
    def test_strict_raises_and_changes_nothing(self) -> None:
        world = World()
        order_id = world.order_in(S.ACCEPTED)
        before = world.kernel.state_hash()
        with pytest.raises(InvariantError, match="filled 1 beyond its quantity"):
            world.fill(order_id, UNIT + 1)
        assert world.kernel.state_hash() == before

    def test_route_halt_applies_it_and_halts(self) -> None:
        world = World(policy=InvariantPolicy.ROUTE_HALT)
        order_id = world.order_in(S.ACCEPTED)
        applied = world.fill(order_id, UNIT + 1)
        assert codes(applied) == ["route_halted!"]
        order = world.order(order_id)
        assert (order.state, order.quantity, order.terms.quantity) == (S.FILLED, UNIT + 1, UNIT)
        assert world.position().quantity == UNIT + 1

    def test_warn_applies_it_and_says_so(self) -> None:
        world = World(policy=InvariantPolicy.WARN)
        order_id = world.order_in(S.ACCEPTED)
        applied = world.fill(order_id, UNIT + 1)
        assert codes(applied) == ["invariant"]
        assert world.state.halted_routes == {}


class TestChildren:
    def test_a_child_counts_nothing_while_its_parent_has_no_fill(self) -> None:
        world = World()
        parent, child = self._bracket(world)
        working = world.state.working["one", "main", BTC]
        assert (working.buy_quantity, working.sell_quantity) == (UNIT, 0)
        world.fill(parent, UNIT // 2)
        world.event(OrderAmended("main", child, UNIT // 2), BTC)
        working = world.state.working["one", "main", BTC]
        assert (working.buy_quantity, working.sell_quantity) == (UNIT // 2, UNIT // 2)

    def test_a_child_that_filled_its_part_may_still_grow(self) -> None:
        world = World()
        parent, child = self._bracket(world)
        world.fill(parent, UNIT // 2)
        world.event(OrderAmended("main", child, UNIT // 2), BTC)
        world.fill(child, UNIT // 2, 8_000)
        assert world.order(child).state is S.PARTIALLY_FILLED
        world.fill(parent, UNIT // 2)
        world.event(OrderAmended("main", child, UNIT), BTC)
        world.fill(child, UNIT // 2, 8_000)
        assert world.order(child).state is S.FILLED
        assert world.position().quantity == 0

    def test_a_child_that_filled_its_part_is_filled_when_its_parent_ends(self) -> None:
        world = World()
        parent, child = self._bracket(world)
        world.fill(parent, UNIT // 2)
        world.event(OrderAmended("main", child, UNIT // 2), BTC)
        world.fill(child, UNIT // 2, 8_000)
        applied = world.event(OrderCancelled("main", parent), BTC)
        assert states(applied)[-1] == ("PartiallyFilled", "Filled", "parent done")

    @staticmethod
    def _bracket(world: World) -> tuple[str, str]:
        entry = world.intent()
        stop = world.intent(
            -UNIT,
            None,
            order_type=OrderType.STOP,
            trigger_price=8_000,
            role=OrderRole.STOP_LOSS,
            parent_order_id=entry.client_order_id,
        )
        world.intents(entry, stop)
        world.accept(entry.client_order_id)
        world.accept(stop.client_order_id)
        return entry.client_order_id, stop.client_order_id


def test_a_market_order_counts_at_the_mark_of_its_making() -> None:
    world = World()
    order_id = world.place(2, None, instrument_id=PERP)
    worth = world.state.working["one", "main", PERP].buy_notional
    assert worth == 2 * 10_000 * 5 * UNIT // 1_000
    world.trade(20_000, PERP)
    world.fill(order_id, 1, 20_000)
    assert world.state.working["one", "main", PERP].buy_notional == worth // 2
