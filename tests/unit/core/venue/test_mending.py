"""A venue that was brought back agrees with the kernel's orders: the record is the truth."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.house import House
from tests.support.kernel_world import BTC, HELD, UNIT

from tradetui.core.venue.mending import number_in
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import LiquiditySide, OrderRole, OrderState
from tradetui.domain.intents import CancelOrder, ReplaceOrder
from tradetui.domain.market_data import BarOpen, MarketItem
from tradetui.domain.orders import Order


@pytest.fixture
def house() -> House:
    made = House(HELD)
    made.load("one")
    made.prints(10_000, UNIT)
    return made


def agree(house: House, orders: list[Order] | None = None) -> tuple[list[str], list[Any]]:
    """Mend; return what was changed and what the venue says."""
    wanted = list(house.state.open_orders.values()) if orders is None else orders
    held = {
        (route, instrument, strategy): position.quantity
        for (strategy, route, instrument), position in house.state.positions.items()
        if position.quantity
    }
    mended, reports = house.venue.mend(wanted, held, house.now)
    return [one.text for one in mended], [report.payload for report in reports]


def test_what_agrees_is_left_alone(house: House) -> None:
    house.place()
    before = house.venue.checkpoint()
    assert agree(house) == ([], [])
    assert house.venue.checkpoint() == before


def test_what_is_not_open_is_taken_out(house: House) -> None:
    house.place()
    assert agree(house, []) == (["rested at the venue and is not open: taken out"], [])
    assert BTC not in house.venue._state.busy


def test_what_is_open_and_not_there_is_put_back_and_fills(house: House) -> None:
    order_id = house.place(UNIT, 9_000)
    order = house.order(order_id)
    agree(house, [])
    assert agree(house, [order]) == (["was open and not at the venue: put back"], [])
    house.prints(8_900, UNIT)
    assert house.order(order_id).state is OrderState.FILLED
    assert house.fills[-1].liquidity is LiquiditySide.MAKER
    assert house.held() == UNIT


def test_what_is_put_back_keeps_the_venues_number(house: House) -> None:
    order = house.order(house.place(UNIT, 9_000))
    agree(house, [])
    agree(house, [order])
    resting = house.venue._state.orders[order.terms.client_order_id]
    assert resting.venue_order_id == order.venue_order_id


def test_a_child_that_is_not_open_leaves_its_bracket() -> None:
    house = House(SIMULATED)
    house.load("one")
    house.prints(10_000, UNIT)
    entry = house.place(UNIT, 9_000)
    house.place(-UNIT, 12_000, parent_order_id=entry, role=OrderRole.TAKE_PROFIT)
    state = house.venue._state
    assert len(state.brackets) == 1
    agree(house, [])
    assert (state.orders, state.brackets, state.groups) == ({}, {}, {})


def test_a_new_version_that_leads_takes_its_bracket_along_behind_its_children() -> None:
    house = House(SIMULATED)
    house.load("one")
    house.prints(10_000, UNIT)
    entry = house.place(UNIT, 9_000)
    child = house.place(-UNIT, 12_000, parent_order_id=entry, role=OrderRole.TAKE_PROFIT)
    house.intents(ReplaceOrder(entry, house.next_id(), price=9_100))
    state = house.venue._state
    assert next(iter(state.orders)) == child
    agree(house, [])
    assert (state.orders, state.brackets, state.groups) == ({}, {}, {})


def test_an_order_that_never_arrived_is_sent(house: House) -> None:
    order_id = house.place()
    agree(house, [])
    order = replace(house.order(order_id), state=OrderState.SUBMITTED, is_accepted=False)
    texts, reports = agree(house, [order])
    assert texts == ["had not reached the venue: sent"]
    assert [type(one).__name__ for one in reports] == ["OrderAccepted"]


def test_an_acceptance_that_was_not_heard_is_said_again(house: House) -> None:
    order = replace(house.order(house.place()), state=OrderState.SUBMITTED, is_accepted=False)
    texts, reports = agree(house, [order])
    assert texts == ["waited for its acceptance: said again"]
    assert [type(one).__name__ for one in reports] == ["OrderAccepted"]


@pytest.mark.parametrize("is_there", [True, False])
def test_an_order_that_waits_for_its_cancel_is_cancelled(house: House, is_there: bool) -> None:
    order = replace(house.order(house.place()), state=OrderState.CANCEL_PENDING)
    if not is_there:
        agree(house, [])
    texts, reports = agree(house, [order])
    assert texts == ["waited for its cancel: cancelled"]
    assert [type(one).__name__ for one in reports] == ["OrderCancelled"]
    assert BTC not in house.venue._state.busy


def test_what_was_filled_is_as_recorded(house: House) -> None:
    order = replace(house.order(house.place()), filled_quantity=UNIT // 2)
    texts, reports = agree(house, [order])
    assert texts == [f"had filled 0 at the venue, {UNIT // 2} on the record: set"]
    assert reports == []


def test_positions_are_the_ledgers(house: House) -> None:
    mended, _ = house.venue.mend([], {("main", BTC, "one"): 5}, house.now)
    assert [one.text for one in mended] == ["its positions were not those of the ledger"]
    assert house.venue.mend([], {("main", BTC, "one"): 5}, house.now) == ([], [])


def test_an_order_without_a_number_of_the_venue_gets_one(house: House) -> None:
    order = replace(house.order(house.place()), venue_order_id=None)
    agree(house, [])
    assert agree(house, [order])[0] == ["was open and not at the venue: put back"]


def test_numbers_are_never_given_twice(house: House) -> None:
    house.venue.skip_numbers(["SV7", "other", "SVx"], ["ST9"])
    order_id = house.place(UNIT, 9_000)
    assert house.order(order_id).venue_order_id == "SV8"
    house.prints(8_900, UNIT)
    assert house.fills[-1].trade_id == "ST10"


def test_only_the_venues_own_ids_have_a_number() -> None:
    assert number_in("SV12", "SV") == 12
    assert number_in("SV", "SV") == 0
    assert number_in("V12", "SV") == 0


def test_a_command_on_its_way_is_waited_for() -> None:
    house = House(HELD, VenueConfig(latency_ns=10**12))
    house.load("one")
    order = replace(house.order(house.place()), state=OrderState.SUBMITTED)
    assert agree(house, [order]) == ([], [])
    house.intents(CancelOrder(order.terms.client_order_id))
    assert agree(house, [order]) == ([], [])


def test_an_open_that_was_used_is_passed_over() -> None:
    house = House(HELD, VenueConfig())
    house.load("one")
    item = MarketItem(house.now, "SIM", BTC, BarOpen(house.now, 10_000))
    house.place(UNIT, 10_100)
    assert [type(one.payload).__name__ for one in house.venue.show(item)] == ["OrderFilled"]
    house.place(UNIT, 10_100)
    assert house.venue.show(item) == []
