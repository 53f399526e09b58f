"""Reports of replays as rows: what is printed, also where one side has nothing."""

from __future__ import annotations

import pytest
from tests.engine_kit import BTC

from tradetui.bootstrap.commands.replay_rows import (
    difference_row,
    divergence_row,
    money_text,
    outcome_row,
    what_if_row,
)
from tradetui.domain.difference import Difference, Divergence
from tradetui.domain.ids import Currency, RunId, StrategyId
from tradetui.domain.outcome import InstanceOutcome, RunOutcome, WhatIfReport
from tradetui.domain.reasons import Reason
from tradetui.domain.units import CASH_SCALE

UNIT = 10**CASH_SCALE
USD = Currency("USD")
A, B = StrategyId("a"), StrategyId("b")
WHERE = Difference(7, "Bar", "transitions", "", "", '"FILLED"')
REFUSED = ((next(iter(Reason)), 2),)


def outcome(equity: int | None, *instances: InstanceOutcome) -> RunOutcome:
    return RunOutcome(9, instances, USD, equity, "ab")


def test_an_equal_run_has_no_difference_to_show() -> None:
    row = divergence_row(Divergence(RunId("r"), 1, 9, 9, 0))
    assert (row["steps"], row["differences"]) == (9, 0)
    assert not {"by_part", "first_difference", "context"} & row.keys()


def test_the_first_difference_is_shown_with_its_surroundings() -> None:
    report = Divergence(
        RunId("r"), 1, 9, 9, 3, (("transitions", 3),), WHERE, (("order x", "FILLED"),)
    )
    row = divergence_row(report)
    assert row["by_part"] == [{"part": "transitions", "steps": 3}]
    assert row["first_difference"] == [
        {
            "step": 7,
            "event": "Bar",
            "field": "transitions",
            "recorded": "(nothing)",
            "now": '"FILLED"',
        }
    ]
    assert row["context"] == [{"what": "order x", "is": "FILLED"}]


@pytest.mark.parametrize(
    ("field", "was", "now", "texts"),
    [
        ("event.payload.last_price", "10005", "-10006", ("100.05", "-100.06")),
        ("transitions[0].filled_quantity", "150000000", "", ("1.50000000", "(nothing)")),
        ("fills[0].commission", "12345678", "0", ("0.12345678", "0.00")),
        ("event.payload.count", "7", "8", ("7", "8")),
        ("event.payload.price", '"x"', "null", ('"x"', "null")),
    ],
)
def test_numbers_are_written_in_their_own_decimals(
    field: str, was: str, now: str, texts: tuple[str, str]
) -> None:
    difference = Difference(7, "OrderFilled", "event", field, was, now)
    row = difference_row(difference, BTC)
    assert (row["recorded"], row["now"]) == texts
    assert difference_row(difference)["field"] == field


def test_without_a_market_its_numbers_stay_as_they_are() -> None:
    row = difference_row(Difference(7, "OrderFilled", "event", "a.last_price", "10005", "10006"))
    assert (row["recorded"], row["now"]) == ("10005", "10006")


def test_an_instance_that_is_the_same_has_one_row_another_three() -> None:
    same = InstanceOutcome(A, USD, intents=3, pnl=UNIT)
    was = InstanceOutcome(B, USD, 5, 3, 0, 0, REFUSED, 2, 9, ((USD, UNIT),), 4 * UNIT)
    now = InstanceOutcome(B, USD, 5, 5, 0, 0, (), 4, 9, ((USD, 3 * UNIT),), UNIT)
    report = WhatIfReport(
        RunId("r"), ("fees: x",), outcome(5 * UNIT, same, was), outcome(2 * UNIT, same, now), WHERE
    )
    row = what_if_row(report)
    assert row["same"] is False
    assert [one["run"] for one in row["instances"]] == ["both", "recorded", "now", "difference"]
    difference = row["instances"][-1]
    assert (difference["allowed"], difference["refused"], difference["fills"]) == (2, -2, 2)
    assert (difference["fees"], difference["pnl"]) == ("2.00 USD", "-3.00 USD")
    assert row["equity_change"] == [
        {"recorded": "5.00 USD", "now": "2.00 USD", "difference": "-3.00 USD"}
    ]
    (refused,) = row["decisions"]
    assert (refused["recorded"], refused["now"], refused["difference"]) == (2, 0, -2)


def test_changed_files_and_changed_rules_are_two_causes() -> None:
    same = InstanceOutcome(A, USD, intents=3, pnl=UNIT)
    less = InstanceOutcome(A, USD, intents=2, pnl=UNIT)
    report = WhatIfReport(
        RunId("r"), ("fees: x", "fees: y"), outcome(5 * UNIT, same), outcome(2 * UNIT, less), WHERE
    )
    row = what_if_row(report, None, outcome(4 * UNIT))
    assert row["equity_change"] == [
        {
            "because": "strategy files changed",
            "before": "4.00 USD",
            "after": "5.00 USD",
            "difference": "1.00 USD",
        },
        {
            "because": "fees: x; fees: y",
            "before": "5.00 USD",
            "after": "2.00 USD",
            "difference": "-3.00 USD",
        },
        {
            "because": "both",
            "before": "4.00 USD",
            "after": "2.00 USD",
            "difference": "-2.00 USD",
        },
    ]
    assert [one["run"] for one in row["instances"]] == ["new files", "now", "difference"]
    assert row["notes"] == ["all below is against the run with new files"]


def test_what_is_not_known_is_a_question_mark_and_who_did_not_run_did_nothing() -> None:
    now = InstanceOutcome(B, USD, 1, 1, pnl=None)
    row = what_if_row(WhatIfReport(RunId("r"), (), outcome(None), outcome(UNIT, now)))
    assert row["changes"] == ["none"]
    assert row["same"] is True
    assert row["equity_change"][0]["recorded"] == row["equity_change"][0]["difference"] == "?"
    recorded, replayed, difference = row["instances"]
    assert (recorded["intents"], replayed["intents"], difference["intents"]) == (0, 1, 1)
    assert (recorded["fees"], replayed["pnl"], difference["pnl"]) == ("0", "?", "?")
    assert money_text(-UNIT // 2, USD) == "-0.50 USD"


def test_what_a_run_came_to_has_a_row_for_each_instance() -> None:
    one = InstanceOutcome(A, USD, 3, 2, 1, 0, REFUSED, 2, 9, ((USD, UNIT),), UNIT)
    row = outcome_row(outcome(UNIT, one))
    assert (row["steps"], row["equity_change"], row["state_hash"]) == (9, "1.00 USD", "ab")
    (shown,) = row["instances"]
    assert (shown["instance"], shown["refused"], shown["fees"]) == ("a", 2, "1.00 USD")
