"""What makes the venue's order ours, and what a restart takes over."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.courier_house import House
from tests.support.kernel_world import UNIT

from tradetui.domain.enums import OrderSide
from tradetui.domain.ids import ClientOrderId, VenueOrderId
from tradetui.engine.courier.tracked import Phase, TrackedOrder
from tradetui.ports.execution import Failed
from tradetui.ports.faults import FaultKind


@pytest.fixture
def house() -> House:
    return House()


def tracked_of(house: House, order_id: str, replaces: str | None = None) -> TrackedOrder:
    old = None if replaces is None else ClientOrderId(replaces)
    return TrackedOrder(house.world.order(order_id).terms, 5, old)


def test_a_new_one_waits_and_nothing_is_known_of_it(house: House) -> None:
    one = tracked_of(house, house.place())
    assert (one.phase, one.asked_at, one.end, one.venue_order_id) == (Phase.QUEUED, 5, None, None)
    assert not one.is_doubtful
    assert not one.is_version


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"client_order_id": "tt-other"}, False),
        ({"instrument_id": "ETH/USD.SIM"}, False),
        ({"side": OrderSide.SELL}, False),
        ({"quantity": UNIT // 2}, False),
        ({"filled_quantity": -1}, False),
        ({"filled_quantity": 2 * UNIT}, False),
    ],
)
def test_it_is_the_one_that_was_asked_for_by_all_that_was_asked(
    house: House, changes: dict[str, Any], is_same: bool
) -> None:
    order_id = house.place()
    assert tracked_of(house, order_id).is_same(house.shown(order_id, **changes)) is is_same


def test_another_id_of_the_venues_is_another_order(house: House) -> None:
    order_id = house.place()
    one = tracked_of(house, order_id)
    shown = house.shown(order_id)
    one.venue_order_id = shown.venue_order_id
    assert one.is_same(shown)
    one.venue_order_id = VenueOrderId("another")
    assert not one.is_same(shown)


def test_the_venue_may_take_fills_off_a_version_and_of_what_an_earlier_run_sent(
    house: House,
) -> None:
    order_id = house.place()
    less = house.shown(order_id, quantity=UNIT // 2)
    assert tracked_of(house, order_id, "tt-old").is_same(less)
    assert TrackedOrder.carry(house.world.order(order_id), 9).is_same(less)


def test_a_restart_takes_over_what_rests_and_what_is_in_doubt(house: House) -> None:
    resting = house.rest()
    one = TrackedOrder.carry(house.world.order(resting), 9)
    assert (one.phase, one.carried, one.lookup_due, one.is_doubtful) == (Phase.LIVE, True, 9, False)
    assert one.venue_order_id == house.world.order(resting).venue_order_id
    doubtful = house.place()
    house.pull()
    house.say("SubmitRequest", Failed(FaultKind.TIMEOUT))
    two = TrackedOrder.carry(house.world.order(doubtful), 9)
    assert (two.phase, two.is_doubtful) == (Phase.UNKNOWN, True)
