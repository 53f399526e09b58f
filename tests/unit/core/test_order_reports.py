"""Every report in every state of an order.

Also the tests of ``core/orders.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.kernel_world import BTC, HELD, UNIT, World, codes, states

from tradetui.core.changes import NOTHING
from tradetui.domain.enums import OrderState, Refusal
from tradetui.domain.intents import CancelOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import (
    CancelRejected,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderExpired,
    OrderModified,
    OrderRejected,
    OrderReplaced,
    OrderTriggered,
    OutcomeUnknown,
    ReplaceRejected,
)

S = OrderState
REPORTS: dict[str, Callable[[str], Any]] = {
    "accepted": lambda i: OrderAccepted("main", i, "v"),
    "rejected": lambda i: OrderRejected("main", i, "no"),
    "triggered": lambda i: OrderTriggered("main", i),
    "cancelled": lambda i: OrderCancelled("main", i, "gone"),
    "expired": lambda i: OrderExpired("main", i, "late"),
    "cancel rejected": lambda i: CancelRejected("main", i, "no"),
    "amended": lambda i: OrderAmended("main", i, 3 * UNIT, 7_000),
    "unknown": lambda i: OutcomeUnknown("main", i, "lost"),
}
ENDS: dict[str, dict[OrderState, OrderState]] = {
    "accepted": {S.SUBMITTED: S.ACCEPTED},
    "rejected": {
        S.SUBMITTED: S.REJECTED,
        S.ACCEPTED: S.REJECTED,
        S.CANCEL_PENDING: S.CANCELLED,
    },
    "triggered": {
        S.SUBMITTED: S.ACCEPTED,
        S.ACCEPTED: S.ACCEPTED,
        S.PARTIALLY_FILLED: S.PARTIALLY_FILLED,
        S.CANCEL_PENDING: S.CANCEL_PENDING,
    },
    "cancelled": {
        S.SUBMITTED: S.CANCELLED,
        S.ACCEPTED: S.CANCELLED,
        S.PARTIALLY_FILLED: S.CANCELLED,
        S.CANCEL_PENDING: S.CANCELLED,
    },
    "expired": {
        S.SUBMITTED: S.EXPIRED,
        S.ACCEPTED: S.EXPIRED,
        S.PARTIALLY_FILLED: S.EXPIRED,
        S.CANCEL_PENDING: S.EXPIRED,
    },
    "cancel rejected": {S.CANCEL_PENDING: S.ACCEPTED},
    "amended": {
        S.SUBMITTED: S.SUBMITTED,
        S.ACCEPTED: S.ACCEPTED,
        S.PARTIALLY_FILLED: S.PARTIALLY_FILLED,
        S.CANCEL_PENDING: S.CANCEL_PENDING,
    },
    "unknown": {S.SUBMITTED: S.SUBMITTED},
}
"""For each report, the states in which it means something, and what the order is after it."""

CASES = [(name, state) for name in REPORTS for state in OrderState]


@pytest.mark.parametrize(("name", "state"), CASES, ids=lambda x: str(getattr(x, "value", x)))
def test_every_report_in_every_state(name: str, state: OrderState) -> None:
    world = World(HELD)
    order_id = world.order_in(state)
    before = world.order(order_id)
    applied = world.event(REPORTS[name](order_id), BTC)
    wanted = ENDS[name].get(state)
    if wanted is None:
        assert world.order(order_id) == before
        assert codes(applied) == ["illegal_transition"]
        assert applied.transitions == ()
    else:
        assert world.order(order_id).state is wanted
        assert applied.diagnostics == ()
        assert applied.transitions[-1].to_state is wanted


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_an_order_that_is_not_known_changes_nothing(name: str) -> None:
    world = World()
    before = world.kernel.state_hash()
    applied = world.event(REPORTS[name]("stranger"), BTC)
    assert codes(applied) == ["unknown_order"]
    assert "stranger, which is not known" in applied.diagnostics[0].message
    assert world.state.orders == {}
    assert world.kernel.state_hash() != before  # seq_id and time went on


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_by_a_route_that_does_not_have_the_order_changes_nothing(name: str) -> None:
    world = World()
    order_id = world.place()
    before = world.order(order_id)
    report = REPORTS[name](order_id)
    applied = world.event(type(report)(*("elsewhere", *_fields(report)[1:])), BTC)
    assert codes(applied) == ["unknown_order"]
    assert "route elsewhere, which does not have it" in applied.diagnostics[0].message
    assert world.order(order_id) == before


def _fields(report: Any) -> list[Any]:
    return [getattr(report, name) for name in report.__struct_fields__]


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_a_shadow_book_that_was_dropped_is_nothing(name: str) -> None:
    world = World()
    report = REPORTS[name]("stranger")
    applied = world.event(type(report)(*("shadow:one", *_fields(report)[1:])), BTC)
    assert applied is NOTHING


@pytest.mark.parametrize("name", REPORTS)
def test_the_same_report_twice_is_applied_once(name: str) -> None:
    world = World()
    order_id = world.order_in(S.SUBMITTED)
    report = REPORTS[name](order_id)
    world.event(report, BTC, key="k1")
    once = world.order(order_id)
    applied = world.event(report, BTC, key="k1")
    assert applied.is_duplicate
    assert applied.diagnostics == ()
    assert world.order(order_id) is once


def test_an_acceptance_brings_the_venues_id() -> None:
    world = World()
    order_id = world.place()
    applied = world.accept(order_id)
    assert states(applied) == [("Submitted", "Accepted", "OrderAccepted")]
    assert world.order(order_id).venue_order_id == f"v{order_id}"
    assert world.order(order_id).is_accepted


def test_an_inferred_acceptance_says_so() -> None:
    world = World()
    order_id = world.place()
    applied = world.event(OrderAccepted("main", order_id, "v", True), BTC)
    assert applied.transitions[0].reason == "inferred"


def test_an_acceptance_while_the_cancel_is_under_way_leaves_it_pending() -> None:
    world = World()
    order_id = world.place()
    world.intents(CancelOrder(order_id))
    world.accept(order_id)
    assert world.order(order_id).state is S.CANCEL_PENDING
    assert world.order(order_id).is_accepted


def test_a_rejection_says_who_and_why() -> None:
    world = World()
    order_id = world.order_in(S.REJECTED)
    assert world.order(order_id).refusal is Refusal.REJECTED
    assert world.order(order_id).reason == "no"


def test_a_trigger_is_remembered() -> None:
    world = World()
    order_id = world.order_in(S.ACCEPTED)
    world.event(OrderTriggered("main", order_id), BTC)
    assert world.order(order_id).is_triggered


@pytest.mark.parametrize("name", ["cancelled", "expired", "triggered"])
def test_what_proves_an_acceptance_brings_it_first(name: str) -> None:
    world = World()
    order_id = world.order_in(S.SUBMITTED)
    applied = world.event(REPORTS[name](order_id), BTC)
    assert states(applied)[0] == ("Submitted", "Accepted", "OrderAccepted")
    assert applied.transitions[0].reason == "inferred"


def test_a_cancel_that_nobody_asked_for_is_told_apart_by_its_reason() -> None:
    world = World()
    order_id = world.order_in(S.ACCEPTED)
    world.event(OrderCancelled("main", order_id, "delisted"), BTC)
    assert world.order(order_id).reason == "delisted"


def test_a_cancel_without_a_reason_keeps_that_of_the_request() -> None:
    world = World()
    order_id = world.order_in(S.ACCEPTED)
    world.intents(CancelOrder(order_id, "changed my mind"))
    world.cancelled(order_id)
    assert world.order(order_id).reason == "changed my mind"


def test_a_refused_cancel_gives_a_partly_filled_order_back() -> None:
    world = World()
    order_id = world.order_in(S.PARTIALLY_FILLED)
    world.intents(CancelOrder(order_id))
    applied = world.event(CancelRejected("main", order_id, "too late"), BTC)
    assert states(applied) == [("CancelPending", "PartiallyFilled", "CancelRejected")]


def test_a_refused_cancel_proves_no_acceptance() -> None:
    world = World()
    order_id = world.order_in(S.SUBMITTED)
    world.intents(CancelOrder(order_id))
    world.event(CancelRejected("main", order_id, "not found"), BTC)
    assert world.order(order_id).state is S.CANCEL_PENDING
    assert world.order(order_id).is_unknown
    assert world.state.working["one", "main", BTC].unknown == 1


def test_an_unknown_outcome_counts_as_exposure_until_evidence_comes() -> None:
    world = World()
    order_id = world.order_in(S.SUBMITTED)
    world.event(OutcomeUnknown("main", order_id, "timed out"), BTC)
    working = world.state.working["one", "main", BTC]
    assert (working.unknown, working.buy_quantity) == (1, UNIT)
    world.accept(order_id)
    assert world.state.working["one", "main", BTC].unknown == 0
    assert not world.order(order_id).is_unknown


def test_an_unknown_outcome_of_an_order_being_cancelled() -> None:
    world = World()
    order_id = world.order_in(S.SUBMITTED)
    world.intents(CancelOrder(order_id))
    world.event(OutcomeUnknown("main", order_id), BTC)
    assert world.order(order_id).is_unknown


def test_an_amendment_changes_quantity_and_trigger() -> None:
    world = World()
    order_id = world.order_in(S.ACCEPTED)
    applied = world.event(OrderAmended("main", order_id, UNIT // 2, 8_000), BTC)
    order = world.order(order_id)
    assert (order.quantity, order.trigger_price) == (UNIT // 2, 8_000)
    assert order.terms.quantity == UNIT
    assert states(applied) == [("Accepted", "Accepted", "OrderAmended")]
    assert world.state.working["one", "main", BTC].buy_quantity == UNIT // 2


def test_an_amendment_to_what_is_already_so_is_nothing() -> None:
    world = World()
    order_id = world.order_in(S.ACCEPTED)
    assert world.event(OrderAmended("main", order_id, UNIT), BTC) is NOTHING


def test_an_amendment_below_what_is_filled_is_refused() -> None:
    world = World()
    order_id = world.order_in(S.PARTIALLY_FILLED)
    applied = world.event(OrderAmended("main", order_id, UNIT // 4), BTC)
    assert codes(applied) == ["illegal_transition"]


def test_our_own_denials_and_modifications_change_nothing_in_the_kernel() -> None:
    world = World()
    assert world.event(OrderDenied("one", "x", Reason.BUDGET)) is NOTHING
    assert world.event(OrderModified("one", "x", 1, None, Reason.BUDGET)) is NOTHING


class TestReplaced:
    def test_the_new_version_takes_the_place_of_the_old(self) -> None:
        world = World()
        old_id = world.order_in(S.ACCEPTED)
        new_id = world.replace(old_id, price=9_100)
        assert world.order(old_id).pending_replace == new_id
        applied = world.event(OrderReplaced("main", old_id, new_id, "v2"), BTC)
        assert states(applied) == [
            ("Submitted", "Accepted", "OrderReplaced"),
            ("Accepted", "Cancelled", "OrderReplaced"),
        ]
        assert world.order(new_id).terms.replaces == old_id
        assert world.order(old_id).pending_replace is None
        assert world.order(old_id).reason == "replaced"

    def test_a_refused_version_ends_and_the_old_one_lives_on(self) -> None:
        world = World()
        old_id = world.order_in(S.ACCEPTED)
        new_id = world.replace(old_id, price=9_100)
        world.event(ReplaceRejected("main", old_id, new_id, "no"), BTC)
        assert world.order(new_id).state is S.REJECTED
        assert world.order(old_id).state is S.ACCEPTED
        assert world.order(old_id).pending_replace is None

    def test_a_refusal_after_the_old_version_ended(self) -> None:
        world = World()
        old_id = world.order_in(S.ACCEPTED)
        new_id = world.replace(old_id, price=9_100)
        world.fill(old_id)
        applied = world.event(ReplaceRejected("main", old_id, new_id, "filled"), BTC)
        assert world.order(new_id).state is S.REJECTED
        assert world.order(old_id).state is S.FILLED
        assert applied.diagnostics == ()

    def test_a_replace_after_the_old_version_ended_still_brings_the_new(self) -> None:
        world = World()
        old_id = world.order_in(S.ACCEPTED)
        new_id = world.replace(old_id, price=9_100)
        world.fill(old_id, UNIT // 2)
        world.cancelled(old_id)
        world.event(OrderReplaced("main", old_id, new_id, "v2"), BTC)
        assert world.order(new_id).state is S.ACCEPTED
        assert world.order(old_id).state is S.CANCELLED

    def test_a_replace_answers_while_the_new_version_is_being_cancelled(self) -> None:
        world = World()
        old_id = world.order_in(S.ACCEPTED)
        new_id = world.replace(old_id, price=9_100)
        world.intents(CancelOrder(new_id))
        world.event(OrderReplaced("main", old_id, new_id, "v2"), BTC)
        assert world.order(new_id).state is S.CANCEL_PENDING
        assert world.order(old_id).state is S.CANCELLED

    @pytest.mark.parametrize("report", [OrderReplaced, ReplaceRejected])
    def test_an_answer_that_fits_no_question_changes_nothing(self, report: Any) -> None:
        world = World()
        one, two = world.order_in(S.ACCEPTED), world.order_in(S.ACCEPTED)
        applied = world.event(report("main", one, two, "v"), BTC)
        assert codes(applied) == ["illegal_transition"]

    @pytest.mark.parametrize("report", [OrderReplaced, ReplaceRejected])
    def test_an_answer_for_versions_that_are_not_known(self, report: Any) -> None:
        world = World()
        applied = world.event(report("main", "a", "b", "v"), BTC)
        assert codes(applied) == ["unknown_order", "unknown_order"]

    def test_a_second_answer_changes_nothing(self) -> None:
        world = World()
        old_id = world.order_in(S.ACCEPTED)
        new_id = world.replace(old_id, price=9_100)
        world.event(OrderReplaced("main", old_id, new_id, "v2"), BTC)
        applied = world.event(OrderReplaced("main", old_id, new_id, "v2"), BTC)
        assert codes(applied) == ["illegal_transition"]
