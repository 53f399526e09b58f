from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.tui.fixtures import INSTRUMENTS, cash, decisions

from tradetui.domain.intents import SignalGate
from tradetui.domain.reasons import Reason
from tradetui.services.decision_words import after_text, deciding_gate, short_intents

ETH = INSTRUMENTS[2]


def test_a_signal_without_an_order_names_the_gate_that_failed_first() -> None:
    decision = decisions()[0]
    assert decision.signal is not None
    gates = decision.signal.gates[1:]
    signal = replace(decision.signal, gates=gates)
    found = replace(decision, signal=signal)
    assert deciding_gate(found, ETH) == ("strategy: z", "+2.11", "< -2.00")
    assert after_text(found, ETH) == "1 of 3 gates failed"
    alone = replace(found, signal=replace(signal, gates=gates[:1]))
    assert after_text(alone, ETH) == "1 of 1 gate failed"


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        ("1.2585131", "-2", ("1.25851", "< -2")),
        ("13214.9123", "13172.2667", ("13,214.91", "< 13,172.27")),
        ("13214.9123", "13214.9121", ("13,214.9123", "< 13,214.9121")),
        ("-0.50", "", ("-0.50", "< ")),
    ],
)
def test_numbers_of_a_signal_are_short_unless_that_hides_which_is_larger(
    value: str, limit: str, shown: tuple[str, str]
) -> None:
    decision = decisions()[0]
    assert decision.signal is not None
    weighed = SignalGate("z", value, "<", limit, False)
    found = replace(decision, signal=replace(decision.signal, gates=(weighed,)))
    assert deciding_gate(found, ETH)[1:] == shown


def test_a_signal_that_passed_and_asked_for_nothing_says_so() -> None:
    decision = decisions()[0]
    assert decision.signal is not None
    gates = tuple(gate for gate in decision.signal.gates if gate.passed)
    found = replace(decision, signal=replace(decision.signal, gates=gates, passed=True))
    assert deciding_gate(found, ETH) == ("strategy: long", "-", "-")
    assert after_text(found, ETH) == "long: all gates passed, nothing was asked for"


def test_a_gate_without_a_limit_is_a_dash() -> None:
    decision = decisions()[1]
    gates = (replace(decision.gates[0], code=Reason.MAX_OPEN_ORDERS, limit=None),)
    assert deciding_gate(replace(decision, gates=gates)) == ("max_open_orders", "1", "-")


def test_a_changed_price_is_shown_before_and_after() -> None:
    decision = replace(decisions()[5], approved_price=cash("3180.00"))
    assert "at 3,181.20 -> 3,180.00" in after_text(decision, ETH)
    same = replace(decision, approved_price=decision.price)
    assert " at " not in f" {after_text(same, ETH)}"


@pytest.mark.parametrize(
    ("intent", "forms"),
    [
        ("BUY 1 ETH limit 3.1 post-only", ("BUY 1 ETH limit 3.1", "BUY 1 ETH 3.1")),
        ("SELL 1 ETH stop 2.9 limit 2.8 reduce-only", ("SELL 1 ETH stop 2.9 limit 2.8",)),
        ("SELL 1 ETH limit 3.1 post-only reduce-only", ("SELL 1 ETH limit 3.1", "SELL 1 ETH 3.1")),
        ("REPLACE a-1 limit 3.0 -> 3.1", ("REPLACE a-1 limit 3.1", "REPLACE a-1 3.1")),
        ("CANCEL a-1", ()),
        ("", ()),
    ],
)
def test_an_intent_in_fewer_words_keeps_its_numbers(intent: str, forms: tuple[str, ...]) -> None:
    assert short_intents(intent) == forms


def test_how_many_gates_failed_is_said_once() -> None:
    signal = next(one for one in decisions() if one.signal is not None and one.outcome is None)
    noted = replace(signal, note="2 of 4 gates failed")
    assert after_text(noted, None) == "2 of 4 gates failed"
