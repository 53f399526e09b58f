"""The first value in which two records differ."""

from __future__ import annotations

import json

from tradetui.domain.difference import Difference, Divergence, as_json, first_difference
from tradetui.domain.enums import OrderState
from tradetui.domain.ids import ClientOrderId, RunId, StrategyId
from tradetui.domain.orders import Diagnostic, Transition
from tradetui.domain.reasons import Reason

MOVE = Transition(
    ClientOrderId("o1"), StrategyId("a"), OrderState.SUBMITTED, OrderState.ACCEPTED, "OrderAccepted"
)
OTHER = Transition(
    ClientOrderId("o1"), StrategyId("a"), OrderState.SUBMITTED, OrderState.REJECTED, "OrderAccepted"
)


def test_the_same_has_no_difference() -> None:
    assert first_difference((MOVE, 1, "x"), (MOVE, 1, "x")) is None


def test_the_path_leads_to_the_field() -> None:
    assert first_difference((MOVE, MOVE), (MOVE, OTHER), "transitions") == (
        "transitions[1].to_state",
        f'"{OrderState.ACCEPTED}"',
        f'"{OrderState.REJECTED}"',
    )
    assert first_difference(MOVE, OTHER) == (
        "to_state",
        f'"{OrderState.ACCEPTED}"',
        f'"{OrderState.REJECTED}"',
    )


def test_what_one_lacks_is_empty() -> None:
    assert first_difference((), (1,), "fills") == ("fills[0]", "", "1")
    assert first_difference((1, 2), (1,), "fills") == ("fills[1]", "2", "")


def test_equal_values_of_other_types_differ() -> None:
    assert first_difference(1, True, "x") == ("x", "1", "true")
    assert first_difference((), None, "x") == ("x", "[]", "null")


def test_records_of_two_types_differ_as_a_whole() -> None:
    found = first_difference(MOVE, Diagnostic(Reason.ORDER_RATE, "too many"), "x")
    assert found is not None
    assert found[0] == "x"
    assert json.loads(found[1])["type"] == "Transition"
    assert json.loads(found[2])["type"] == "Diagnostic"


def test_json_names_the_fields_all_the_way_down() -> None:
    difference = Difference(3, "Bar", "transitions", "x", "", "", (MOVE,))
    shown = json.loads(as_json(difference))
    assert shown["seq_id"] == 3
    assert shown["recorded"][0]["client_order_id"] == "o1"
    assert shown["recomputed"] == []


def test_a_report_without_differences_is_equal() -> None:
    assert Divergence(RunId("r"), 1, 9, 9, 0).is_equal
    assert not Divergence(RunId("r"), 1, 9, 9, 1).is_equal
