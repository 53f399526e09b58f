"""What becomes of an order is what is proven: each answer, each absence of one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from tests.support.courier_house import AHEAD, House
from tests.support.kernel_world import BTC, UNIT

from tradetui.domain.control import KillSwitchChanged, RouteHealthChanged
from tradetui.domain.enums import KillState, OrderSide, Scope
from tradetui.domain.reports import CancelRejected, OrderFilled, OrderRejected, OutcomeUnknown
from tradetui.domain.steps import SubmitCommand
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.ports.execution import (
    Accepted,
    CancelRequest,
    Failed,
    OpenOrders,
    OrderFound,
    OrderNotFound,
    Refused,
    StreamHint,
    Unknown,
    VenueStatus,
)
from tradetui.ports.faults import FaultKind

DEAD_AFTER = 20
"""Seconds after which a request can arrive no more."""


def unknown(house: House) -> str:
    order_id = house.place()
    house.pull()
    house.say("SubmitRequest", Failed(FaultKind.TIMEOUT))
    return order_id


def submits(house: House) -> int:
    return sum(type(request).__name__ == "SubmitRequest" for request in house.sent)


def test_an_order_is_accepted_when_the_answer_matches() -> None:
    house = House()
    assert house.state(house.rest()) == "Accepted"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_order_id": ""},
        {"side": OrderSide.SELL},
        {"quantity": UNIT // 2},
        {"instrument_id": "ETH/USD.SIM"},
        {"filled_quantity": 2 * UNIT},
    ],
)
def test_a_success_that_does_not_match_proves_nothing(changes: dict[str, Any]) -> None:
    house = House()
    order_id = house.place()
    house.pull()
    house.say("SubmitRequest", Accepted(house.shown(order_id, **changes)))
    assert house.state(order_id) == "Submitted"
    assert house.world.order(order_id).is_unknown


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Refused("BALANCE", "not enough"), "Rejected"),
        (Refused("DUPLICATE", "sent before"), "Submitted"),
        (Refused("-1006", "who knows"), "Submitted"),
        (Unknown("<html>"), "Submitted"),
        (Failed(FaultKind.NOT_SENT), "Rejected"),
        (Failed(FaultKind.RATE_LIMITED, SECOND), "Rejected"),
        (Failed(FaultKind.CLOCK), "Rejected"),
        (Failed(FaultKind.VENUE_ERROR), "Submitted"),
        (Failed(FaultKind.BAD_RESPONSE), "Submitted"),
        (Failed(FaultKind.UNEXPECTED), "Submitted"),
    ],
)
def test_a_refusal_counts_only_when_a_table_proves_it(answer: Any, state: str) -> None:
    house = House()
    order_id = house.place()
    house.pull()
    house.say("SubmitRequest", answer)
    assert house.state(order_id) == state
    assert house.world.order(order_id).is_unknown is (state == "Submitted")


def test_no_answer_within_its_deadline_is_unknown_and_sent_no_more() -> None:
    house = House()
    order_id = house.place()
    house.pull()
    house.after(16)
    assert house.world.order(order_id).is_unknown
    for _ in range(30):
        house.after(1)
    assert submits(house) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Unknown("half an answer\x1b"), "half an answer"),
        (Refused("ODD", "who knows"), "ODD: who knows"),
        (OrderNotFound(0), "the answer does not match what was asked"),
    ],
)
def test_an_unknown_outcome_says_what_came_back(answer: Any, said: str) -> None:
    house = House()
    house.place()
    house.pull()
    house.say("SubmitRequest", answer)
    (report,) = house.heard(OutcomeUnknown)
    assert report.message.startswith(said)
    assert report.message.isprintable()


def test_an_unknown_order_is_looked_up_and_adopted() -> None:
    house = House()
    order_id = unknown(house)
    house.after(1.1)
    assert house.asked("LookupRequest").client_order_id == order_id
    house.say("LookupRequest", OrderFound(house.shown(order_id)))
    assert house.state(order_id) == "Accepted"
    assert not house.world.order(order_id).is_unknown


def test_not_found_proves_nothing_while_the_request_may_arrive() -> None:
    house = House()
    order_id = unknown(house)
    for _ in range(12):
        house.after(1.5)
        if "LookupRequest" in house.open:
            house.say("LookupRequest", OrderNotFound(house.now + AHEAD))
    assert house.state(order_id) == "Submitted"


def test_not_found_twice_after_the_requests_end_and_no_trade_is_proof() -> None:
    house = House()
    order_id = unknown(house)
    answered = []
    for second in range(60):
        house.after(1)
        house.routine()
        if "LookupRequest" in house.open:
            answered.append(second)
            house.say("LookupRequest", OrderNotFound(house.now + AHEAD))
    assert house.state(order_id) == "Rejected"
    proofs = [second for second in answered if second > DEAD_AFTER]
    first, second, last = proofs
    assert (second - first, last - second) == (5, 1), "two are proof once the trades were read"
    assert "never arrived" in house.world.order(order_id).reason


def test_a_lookup_that_waits_for_the_trades_is_not_made_without_end() -> None:
    house = House(lookup_after=2 * SECOND)
    order_id = unknown(house)
    lookups = []
    for turn in range(300):
        house.after(0.2)
        if "LookupRequest" in house.open:
            lookups.append(turn)
            house.say("LookupRequest", OrderNotFound(house.now + AHEAD))
    assert house.state(order_id) == "Submitted"
    assert len(lookups) > 5
    assert all(later - earlier >= 10 for earlier, later in pairwise(lookups[-5:]))


def test_an_order_that_cannot_be_looked_up_stays_unknown() -> None:
    house = House()
    order_id = unknown(house)
    for _ in range(100):
        house.after(5)
        if "LookupRequest" in house.open:
            house.say("LookupRequest", Failed(FaultKind.CONNECTION))
    assert house.state(order_id) == "Submitted"
    assert len(house.heard(OutcomeUnknown)) == 1


def test_a_restart_looks_up_and_never_sends_again() -> None:
    house = House()
    order_id = house.place()
    house.pull()
    house.restart()
    house.make_ready()
    assert submits(house) == 1
    assert house.asked("LookupRequest").client_order_id == order_id
    house.say("LookupRequest", OrderFound(house.shown(order_id)))
    assert house.state(order_id) == "Accepted"
    assert submits(house) == 1


def test_an_id_is_taken_once() -> None:
    house = House()
    order_id = house.rest()
    with pytest.raises(AssertionError, match="asked for twice"):
        house.courier.take(SubmitCommand(house.world.order(order_id).terms), house.now)


def test_fills_come_from_the_history_and_an_end_waits_for_them() -> None:
    house = House()
    order_id = house.rest()
    house.execute(order_id, UNIT // 4)
    house.courier.hint(StreamHint("orders", BTC, f"V{order_id}"), house.now)
    house.pull()
    ended = house.shown(order_id, filled_quantity=UNIT // 4, status=VenueStatus.CANCELLED)
    house.say("LookupRequest", OrderFound(ended))
    assert house.state(order_id) == "Accepted"
    house.read_trades()
    assert house.state(order_id) == "Cancelled"
    assert house.world.order(order_id).filled_quantity == UNIT // 4


@pytest.mark.parametrize(
    ("status", "state"),
    [(VenueStatus.EXPIRED, "Expired"), (VenueStatus.REJECTED, "Rejected")],
)
def test_the_venues_own_ends_are_taken_over(status: VenueStatus, state: str) -> None:
    house = House()
    order_id = house.rest()
    house.courier.hint(StreamHint("orders", None, None, order_id), house.now)
    house.pull()
    house.say("LookupRequest", OrderFound(house.shown(order_id, status=status)))
    assert house.state(order_id) == state


def test_a_trade_proves_the_acceptance_of_an_unknown_order() -> None:
    house = House()
    order_id = unknown(house)
    house.execute(order_id, UNIT)
    house.courier.hint(StreamHint("orders", BTC), house.now)
    house.pull()
    house.read_trades()
    house.pull()
    assert house.asked("LookupRequest").venue_order_id == f"V{order_id}"
    filled = house.shown(order_id, filled_quantity=UNIT, status=VenueStatus.FILLED)
    house.say("LookupRequest", OrderFound(filled))
    assert house.state(order_id) == "Filled"


def test_a_trade_of_a_stranger_is_external_once() -> None:
    house = House()
    house.execute("stranger", UNIT)
    house.after(11)
    house.read_trades()
    house.pull()
    foreign = house.shown(house.rest(), client_order_id="", venue_order_id="Vstranger")
    house.after(1)
    house.say("LookupRequest", OrderFound(foreign))
    (fill,) = house.heard(OrderFilled)
    assert fill.client_order_id == "venue:Vstranger"
    assert house.world.position(name="EXTERNAL").quantity == UNIT


def test_a_cancel_is_asked_for_until_the_end_is_proven() -> None:
    house = House()
    order_id = house.rest()
    house.cancel(order_id)
    house.pull()
    assert house.asked("CancelRequest").venue_order_id == f"V{order_id}"
    house.say("CancelRequest", Refused("UNKNOWN", "no such order"))
    assert house.state(order_id) == "CancelPending"
    house.pull()
    house.say("LookupRequest", OrderFound(house.shown(order_id)))
    house.after(2)
    ended = house.shown(order_id, status=VenueStatus.CANCELLED)
    house.say("CancelRequest", Accepted(ended))
    assert house.state(order_id) == "Cancelled"


def test_a_cancel_that_the_venue_refuses_for_good_is_given_back() -> None:
    house = House()
    order_id = house.rest()
    house.cancel(order_id)
    house.pull()
    house.say("CancelRequest", Refused("LOCKED", "market closed"))
    assert [report.message for report in house.heard(CancelRejected)] == ["market closed"]
    assert house.state(order_id) == "Accepted"
    asked = len([one for one in house.sent if isinstance(one, CancelRequest)])
    for _ in range(60):
        house.after(1)
    assert len([one for one in house.sent if isinstance(one, CancelRequest)]) == asked == 1


def test_an_order_that_waits_is_dropped_by_its_cancel() -> None:
    house = House(is_ready=False)
    house.world.event(RouteHealthChanged("main", False, "x"))
    order_id = house.place()
    house.cancel(order_id)
    house.collect()
    assert house.state(order_id) == "Cancelled"
    assert submits(house) == 0


def test_an_order_that_waits_too_long_is_refused_unsent() -> None:
    house = House(is_ready=False)
    order_id = house.place()
    house.after(11)
    (report,) = house.heard(OrderRejected)
    assert report.message == "never sent: it could not be sent in time"
    assert house.state(order_id) == "Rejected"


def test_nothing_that_waits_goes_past_a_kill_switch() -> None:
    house = House()
    order_id = house.place()
    switch = KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "stop", False)
    house.take(house.world.event(switch))
    house.pull()
    assert house.state(order_id) == "Rejected"
    assert "kill-switch HALTED" in house.world.order(order_id).reason
    assert submits(house) == 0


def test_no_entry_leaves_while_the_stream_is_silent() -> None:
    house = House()
    house.now += 16 * SECOND
    order_id = house.place()
    house.after(0.1)
    assert "nothing on the stream" in house.world.order(order_id).reason
    assert submits(house) == 0


def test_another_order_under_our_id_halts_the_route() -> None:
    house = House()
    order_id = unknown(house)
    house.after(1.1)
    house.say("LookupRequest", OrderFound(house.shown(order_id, side=OrderSide.SELL)))
    assert "otherwise than it was asked for" in house.world.state.halted_routes["main"]
    assert house.state(order_id) == "Submitted"


def test_an_open_order_that_the_snapshot_lacks_is_looked_up() -> None:
    house = House()
    order_id = house.rest()
    house.after(11)
    house.say("OpenOrdersRequest", OpenOrders((), house.now + AHEAD))
    house.pull()
    assert house.asked("LookupRequest").client_order_id == order_id


def test_a_replace_is_reported_when_the_old_ones_fills_are_in() -> None:
    house = House(native_replace=True)
    old = house.rest()
    new = house.replace(old, price=9_100)
    house.pull()
    house.execute(old, UNIT // 4)
    replaced = house.shown(old, filled_quantity=UNIT // 4, status=VenueStatus.CANCELLED)
    house.say("ReplaceRequest", Accepted(house.shown(new, quantity=UNIT * 3 // 4), replaced))
    assert house.state(old) == "Accepted"
    house.pull()
    house.read_trades()
    assert (house.state(old), house.state(new)) == ("Cancelled", "Accepted")


@pytest.mark.parametrize(
    "changes",
    [{"client_order_id": ""}, {"side": OrderSide.SELL}, {"filled_quantity": 2 * UNIT}],
    ids=["name", "side", "filled"],
)
def test_an_old_version_that_does_not_match_is_looked_up(changes: dict[str, Any]) -> None:
    house = House(native_replace=True)
    old = house.rest()
    new = house.replace(old, price=9_100)
    house.pull()
    odd = house.shown(old, status=VenueStatus.CANCELLED, **changes)
    house.say("ReplaceRequest", Accepted(house.shown(new), odd))
    assert house.state(old) == "Accepted"
    house.pull()
    assert house.asked("LookupRequest").client_order_id == old
    house.say("LookupRequest", OrderFound(house.shown(old, status=VenueStatus.CANCELLED)))
    assert (house.state(old), house.state(new)) == ("Cancelled", "Accepted")


def test_a_replace_that_is_refused_leaves_the_old_one() -> None:
    house = House(native_replace=True)
    old = house.rest()
    new = house.replace(old, price=9_100)
    house.pull()
    house.say("ReplaceRequest", Refused("BALANCE", "not enough"))
    assert (house.state(old), house.state(new)) == ("Accepted", "Rejected")


def test_an_unknown_replace_is_resolved_by_both_lookups() -> None:
    house = House(native_replace=True)
    old = house.rest()
    new = house.replace(old, price=9_100)
    house.pull()
    house.say("ReplaceRequest", Failed(FaultKind.CONNECTION))
    house.after(1.1)
    house.say("LookupRequest", OrderFound(house.shown(new)))
    house.pull()
    assert house.asked("LookupRequest").client_order_id == old
    house.say("LookupRequest", OrderFound(house.shown(old, status=VenueStatus.CANCELLED)))
    assert (house.state(old), house.state(new)) == ("Cancelled", "Accepted")
