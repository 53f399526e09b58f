"""What goes out when the venue limits us: nothing is lost, nothing is sent twice, cancels first."""

from __future__ import annotations

from tests.support.courier_house import SECOND, TRAITS, House
from tests.support.kernel_world import UNIT

from tradetui.ports.execution import (
    Accepted,
    CancelRequest,
    Failed,
    LookupRequest,
    SubmitRequest,
)
from tradetui.ports.faults import FaultKind


def sent(house: House, kind: type) -> list[str]:
    found = [one for one in house.sent if isinstance(one, kind)]
    return [getattr(one, "terms", one).client_order_id for one in found]


def emptied(house: House, lane_left: int) -> None:
    """Leave so many requests to the lane of cancels, by what others have spent."""
    budget = house.courier._budget
    budget.refill(house.now)
    budget._level = lane_left * TRAITS.window


def test_cancels_wait_for_the_budget_and_each_goes_out_once() -> None:
    house = House()
    orders = [house.rest(quantity=UNIT // 100) for _ in range(3)]
    for order_id in orders:
        house.cancel(order_id)
    emptied(house, 2)
    house.pull()
    assert sent(house, CancelRequest) == orders[:2]
    house.pull()
    assert sent(house, CancelRequest) == orders[:2]
    house.after(1)
    assert sent(house, CancelRequest) == orders


def test_orders_wait_while_the_rest_is_for_cancels() -> None:
    house = House()
    resting = house.rest(quantity=UNIT // 100)
    placed = [house.place(quantity=UNIT // 100) for _ in range(2)]
    house.cancel(resting)
    emptied(house, 100)  # less than what is kept for cancels and lookups
    house.pull()
    assert sent(house, CancelRequest) == [resting]
    assert sent(house, SubmitRequest) == [resting]
    assert house.courier.queued == 2
    emptied(house, 1_200)
    house.pull()
    assert sent(house, SubmitRequest) == [resting, *placed]
    assert house.courier.queued == 0


def test_a_limit_of_the_venue_stops_all_but_cancels_for_as_long_as_it_asks() -> None:
    house = House()
    resting = house.rest(quantity=UNIT // 100)
    refused = house.place(quantity=UNIT // 100)
    house.pull()
    house.say("SubmitRequest", Failed(FaultKind.RATE_LIMITED, 5 * SECOND))
    assert house.state(refused) == "Rejected"
    kept = house.place(quantity=UNIT // 100)
    house.cancel(resting)
    before = len(house.sent)
    house.pull()
    assert [type(one) for one in house.sent[before:]] == [CancelRequest]
    house.after(4)
    assert kept not in sent(house, SubmitRequest)
    house.after(1)
    assert sent(house, SubmitRequest).count(kept) == 1


def test_shut_out_by_the_venue_nothing_goes_out_until_it_may() -> None:
    house = House()
    resting = house.rest(quantity=UNIT // 100)
    house.place(quantity=UNIT // 100)
    house.pull()
    house.say("SubmitRequest", Failed(FaultKind.BANNED, 20 * SECOND))
    house.cancel(resting)
    before = len(house.sent)
    for _ in range(19):
        house.after(1)
    assert house.sent[before:] == []
    house.after(1)
    assert sent(house, CancelRequest) == [resting]


def test_reads_and_lookups_wait_and_are_made_later() -> None:
    house = House()
    order_id = house.place(quantity=UNIT // 100)
    house.pull()
    house.say("SubmitRequest", Failed(FaultKind.TIMEOUT))
    emptied(house, 0)
    before = len(house.sent)
    house.courier.requests(house.now)
    house.now += SECOND
    house.courier.advance(house.now)
    emptied(house, 0)
    house.pull()
    assert house.sent[before:] == []
    emptied(house, 1_200)
    house.after(1)
    assert [
        one.client_order_id for one in house.sent[before:] if isinstance(one, LookupRequest)
    ] == [order_id]
    assert sent(house, SubmitRequest) == [order_id]


def test_an_answer_that_comes_after_its_deadline_is_passed_over() -> None:
    house = House()
    order_id = house.place(quantity=UNIT // 100)
    house.pull()
    number, _ = house.open["SubmitRequest"]
    waiting = house.courier.in_flight
    house.now += house.settings.answer_deadline
    house.courier.advance(house.now)
    assert house.courier.in_flight < waiting
    doubtful = house.courier.unresolved
    house.courier.answer(number, Accepted(house.shown(order_id)), house.now)
    assert house.courier.unresolved == doubtful == 1
    house.courier.answer(99_999, Accepted(house.shown(order_id)), house.now)
