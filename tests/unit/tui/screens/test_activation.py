"""What the activation dialog says, under which label."""

from __future__ import annotations

from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, FakeActions, cash, header, instances

from tradetui.domain.ids import StrategyId
from tradetui.tui.screens.activation import activation_facts

XRP_BB = instances()[-1]
LIMITS = FakeActions().limits(StrategyId("xrp-bb"))


def facts(*limits: str, **more: object) -> list[tuple[str, str]]:
    return activation_facts(replace(XRP_BB, **more), INSTRUMENTS[-1], limits or LIMITS, header())


def test_the_labels_are_those_of_the_contract() -> None:
    said = facts()
    assert [label for label, _ in said] == [
        "instance", "observed", "may use", "may lose", "account", "ready",
    ]  # fmt: skip
    assert dict(said)["may use"] == "2,000.00 USDT in all, 1,000.00 an order, 6 orders an hour"
    assert dict(said)["may lose"] == "60.00 USDT a day, then exit-only"


def test_what_is_ours_is_named_so() -> None:
    said = dict(facts(position=cash("410"), orders_open=2))
    assert said["account"] == ("+410.0 XRP ours, 0.0 XRP not ours (never touched); 2 orders")
    said = dict(facts(external_position=cash("1.2")))
    assert said["account"] == "0.0 XRP ours, +1.2 XRP not ours (never touched); 0 orders"


def test_a_limit_in_other_words_stands_without_a_label() -> None:
    assert ("", "something else") in facts("something else")


def test_a_price_that_is_too_old_is_said() -> None:
    said = dict(facts(is_stale=True))["ready"]
    assert said == "NO fresh data: it starts blocked, clock ?, key ?"


def test_a_simulated_venue_has_no_clock_and_no_key() -> None:
    simulated = header(is_venue_simulated=True)
    row = replace(XRP_BB, warm=(("bars", 200, 200),))
    said = dict(activation_facts(row, INSTRUMENTS[-1], LIMITS, simulated))["ready"]
    assert said == "data 0.9s, clock -, key -, warm 200/200, simulated venue"
