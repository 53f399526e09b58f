"""The venue's clock, the start's reconciliation, money, and whether the route is sound."""

from __future__ import annotations

import pytest
from tests.support.courier_house import AHEAD, House
from tests.support.kernel_world import BTC, UNIT

from tradetui.domain.control import RouteHealthChanged
from tradetui.domain.reports import CashAdjusted
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.engine.courier.records import Differences
from tradetui.ports.execution import Accepted, Failed, OpenOrders, VenueOrder, VenueTime
from tradetui.ports.faults import FaultKind


def other_order(order_id: str) -> VenueOrder:
    house = House()
    shown = house.shown(house.place())
    return VenueOrder(
        order_id, "V9", shown.instrument_id, shown.side, shown.quantity, 0, shown.status
    )


def halts(house: House) -> list[str]:
    return [report.reason for report in house.heard(RouteHealthChanged) if report.halted]


def test_nothing_is_sent_before_the_start_is_reconciled() -> None:
    house = House(is_ready=False)
    house.after(0.1)
    assert halts(house) == ["edge: not reconciled with the venue yet"]
    house.place()
    assert "SubmitRequest" not in [type(request).__name__ for request in house.pull()]
    house.make_ready()
    assert house.world.state.halted_routes == {}
    assert house.courier.differences == Differences()


def test_a_slow_reading_of_the_clock_is_not_used() -> None:
    house = House(is_ready=False)
    house.after(0.1)
    house.now += 3 * SECOND
    house.say("TimeRequest", VenueTime(house.now + AHEAD))
    house.after(1.1)
    assert "TimeRequest" in house.open


def test_a_reading_of_the_clock_that_hangs_is_asked_for_anew() -> None:
    house = House(is_ready=False)
    house.after(0.1)
    house.after(2.5)
    assert sum(type(request).__name__ == "TimeRequest" for request in house.sent) == 2


def test_no_order_leaves_after_the_venue_refused_our_time() -> None:
    house = House()
    house.place()
    house.pull()
    house.say("SubmitRequest", Failed(FaultKind.CLOCK))
    assert halts(house)[-1] == "edge: the venue's clock is not known"
    assert "TimeRequest" in [type(request).__name__ for request in house.pull()]
    house.say("TimeRequest", VenueTime(house.now + AHEAD))
    house.place()
    assert "SubmitRequest" in [type(request).__name__ for request in house.pull()]


def test_a_refused_key_halts_until_the_driver_says_otherwise() -> None:
    house = House()
    house.place()
    house.pull()
    house.say("SubmitRequest", Failed(FaultKind.AUTHENTICATION))
    house.after(0.1)
    assert house.world.state.halted_routes["main"] == "edge: the venue refused our key"
    house.courier.say_trouble("")
    house.after(0.1)
    assert house.world.state.halted_routes == {}


def test_a_silent_stream_halts_the_route_and_its_voice_lifts_that() -> None:
    house = House()
    house.after(16)
    assert "nothing on the stream orders for 15 s" in house.world.state.halted_routes["main"]
    house.routine()
    house.after(0.1)
    assert house.world.state.halted_routes == {}


def test_what_a_person_lifts_and_is_still_wrong_is_halted_again() -> None:
    house = House()
    house.after(16)
    house.after(0.1)
    house.world.event(RouteHealthChanged("main", False, "looked at by me"))
    house.after(0.1)
    assert "nothing on the stream" in house.world.state.halted_routes["main"]


def test_money_that_no_trade_explains_is_booked_when_seen_twice() -> None:
    house = House(is_ready=False)
    house.money["USD"] += 7 * UNIT
    house.make_ready()
    (report,) = house.heard(CashAdjusted)
    assert (report.currency, report.amount) == ("USD", 7 * UNIT)
    assert house.courier.differences is not None
    assert house.courier.differences.money == (("USD", 7 * UNIT),)


def test_money_of_several_currencies_is_booked_in_their_order() -> None:
    house = House(is_ready=False)
    house.money = {"XYZ": 5, **house.money, "ABC": 3}
    house.make_ready()
    found = [(report.currency, report.amount) for report in house.heard(CashAdjusted)]
    assert found == [("ABC", 3), ("XYZ", 5)]


@pytest.mark.parametrize(
    ("kind", "lets_cancels"), [(FaultKind.RATE_LIMITED, True), (FaultKind.BANNED, False)]
)
def test_a_venue_that_wants_no_more_requests_gets_none(kind: FaultKind, lets_cancels: bool) -> None:
    house = House()
    resting = house.rest()
    limited = house.place()
    house.pull()
    house.sent.clear()
    house.say("SubmitRequest", Failed(kind, 20 * SECOND))
    house.cancel(resting)
    house.place()
    for _ in range(19):
        house.after(1)
    sent = [type(request).__name__ for request in house.sent]
    assert set(sent) <= ({"CancelRequest"} if lets_cancels else set())
    assert bool(sent) is lets_cancels
    for _ in range(3):
        house.after(1)
    assert {"CancelRequest", "TradesRequest"} <= {type(one).__name__ for one in house.sent}
    assert house.state(limited) == "Rejected"


def test_money_is_not_compared_while_a_trade_is_on_its_way() -> None:
    house = House(is_ready=False)
    house.after(0.1)
    house.execute("stranger", UNIT)
    house.routine()
    house.routine()
    assert house.heard(CashAdjusted) == []


def test_an_order_with_our_prefix_that_is_not_in_the_journal_keeps_the_route_halted() -> None:
    house = House(is_ready=False)
    house.after(0.1)
    lost = other_order("ttlost-0001")
    house.say("OpenOrdersRequest", OpenOrders((lost,), house.now + AHEAD))
    for _ in range(5):
        for name, _ in list(house.open.items()):
            if name != "OpenOrdersRequest":
                house.routine() if name != "TradesRequest" else house.read_trades()
                break
        house.courier.advance(house.now)
        house.collect()
    assert "ttlost-0001" in house.courier._account.strange
    assert not house.courier.is_ready


def test_open_orders_of_others_are_counted() -> None:
    house = House()
    house.after(11)
    shown = (other_order("hand-1"), other_order(""))
    house.say("OpenOrdersRequest", OpenOrders(shown, house.now + AHEAD))
    assert house.courier._account.external == ["hand-1", "venue:V9"]


def test_differences_are_said_in_words() -> None:
    found = Differences(("a",), ("b", "c"), ("x",), (), 2, 1, (("USD", -5),))
    assert found.words() == (
        "1 unknown order exists; 2 orders ended meanwhile; 2 fills of ours were missing; "
        "1 fill is not ours; 1 open order is not ours; USD differs by -5e-8"
    )
    assert Differences().words() == "no differences"


def test_a_start_finds_what_happened_while_nobody_ran() -> None:
    house = House()
    order_id = house.rest()
    house.execute(order_id, UNIT)
    house.restart()
    house.make_ready_with(order_id)
    assert house.state(order_id) == "Filled"
    assert house.courier.differences is not None
    assert house.courier.differences.fills == 1
    assert house.world.position().quantity == UNIT
    assert house.courier.cursors()[0].cursor == "1"
    assert house.courier.unresolved == house.courier.queued == 0


def test_an_accepted_order_is_no_difference() -> None:
    house = House()
    order_id = house.place()
    house.pull()
    house.say("SubmitRequest", Accepted(house.shown(order_id)))
    assert house.courier.in_flight >= 0
    assert house.world.order(order_id).terms.instrument_id == BTC
