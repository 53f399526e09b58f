"""Gates in words: a unit for each number, and no number where there is nothing to count."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tradetui.domain.gate_words import gate_currency, gate_words
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate
from tradetui.domain.units import CASH_SCALE


@dataclass(frozen=True)
class Market:
    price_decimals: int = 2
    size_decimals: int = 4
    quote: str = "USDT"


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (Gate(Reason.INSTANCE_MODE, 1, 0, False, 0, "observe"), ("observe", "active")),
        (Gate(Reason.INSTANCE_MODE, 1, 0, False), ("not active", "active")),
        (Gate(Reason.INSTANCE_MODE, 0, 0, True), ("active", "-")),
        (Gate(Reason.EXIT_ONLY, 1, 0, False, 0, "by op"), ("entry", "exits only")),
        (Gate(Reason.EXIT_ONLY, 0, 0, True), ("no", "-")),
        (Gate(Reason.INSTANCE_PAUSED, 1, 0, False), ("yes", "no")),
        (Gate(Reason.INSTANCE_PAUSED, 0, 0, True), ("no", "-")),
        (Gate(Reason.NO_PRICE, 0, 1, False), ("none", "a price")),
        (Gate(Reason.NO_PRICE, 0, 1, False, 2), ("none", "a price")),
        (Gate(Reason.WARM_UP, 0, 0, True), ("warm", "-")),
        (Gate(Reason.ORDER_UNKNOWN, 1, 0, False), ("1", "0")),
        (Gate(Reason.MAX_OPEN_ORDERS, 1_204, None, True), ("1,204", "-")),
        (Gate(Reason.KILL_SWITCH, 2, 0, False), ("HALTED", "NORMAL")),
        (Gate(Reason.KILL_SWITCH, 1, 1, True), ("EXIT-ONLY", "EXIT-ONLY")),
        (Gate(Reason.RISK_FLAG_SCOPE, 0, None, False), ("NORMAL", "-")),
        (Gate(Reason.DATA_AGE, 2_600_000_000, 2_000_000_000, False, 9), ("2.6s", "2.0s")),
        (Gate(Reason.DATA_AGE, 2_030_000_000, 2_000_000_000, False, 9), ("2.03s", "2s")),
        (Gate(Reason.DATA_AGE, 1, None, True, 9), ("0.0s", "-")),
        (Gate(Reason.PRICE_COLLAR, 12_500, 50_000, True, 6), ("1.25%", "5.00%")),
        (Gate(Reason.REDUCE_ONLY, 40_000, 0, False, 8), ("0.0004", "0.0000")),
        (Gate(Reason.MAX_QUANTITY, 12_345_670, 100, False, 2), ("123,456.70", "1.00")),
        (Gate(Reason.PRICE_TICK, 1_357_125, 0, False, 3), ("1,357.125", "0.00")),
    ],
)
def test_a_gate_reads_as_what_it_measures(gate: Gate, words: tuple[str, str]) -> None:
    assert gate_words(gate, Market()) == words


def test_without_a_market_numbers_have_the_digits_that_they_need() -> None:
    assert gate_words(Gate(Reason.REDUCE_ONLY, 40_000, 0, False, 8)) == ("0.0004", "0")


@pytest.mark.parametrize(
    ("value", "limit", "words"),
    [
        (159_060_000_000, 100_000_000_000, ("1,590.60", "1,000.00")),
        (499_999_989_654, 100_000_000_000, ("5,000.00", "1,000.00")),
        (100_000_000_001, 100_000_000_000, ("1,000.00000001", "1,000")),
        (100_000_000_000, 100_000_000_000, ("1,000.00", "1,000.00")),
        (-1_234_567_000_000, None, ("-12,345.67", "-")),
    ],
)
def test_money_is_cents_unless_cents_hide_what_decided(
    value: int, limit: int | None, words: tuple[str, str]
) -> None:
    gate = Gate(Reason.MAX_EXPOSURE, value, limit, False, CASH_SCALE)
    assert gate_words(gate, Market(), "USDT") == words


def test_money_has_the_decimals_of_its_currency() -> None:
    budget = Gate(Reason.BUDGET, 2_500_000, 40_000_000, True, CASH_SCALE)
    assert gate_words(budget, Market(), "BTC") == ("0.02500000", "0.40000000")
    assert gate_words(budget, Market()) == ("0.025", "0.40"), "exact, for whose it is is not known"
    balance = Gate(Reason.AVAILABLE_BALANCE, 200_050_000_000, 100_000_000_000, False, CASH_SCALE)
    assert gate_words(balance, Market(quote="JPY"), "BTC") == ("2,000", "1,000")
    assert gate_words(balance, None, "BTC") == ("2,000.50", "1,000.00")


def test_a_gate_of_money_says_of_which_currency() -> None:
    budget = Gate(Reason.BUDGET, 0, 0, True, CASH_SCALE)
    balance = Gate(Reason.AVAILABLE_BALANCE, 0, 0, True, CASH_SCALE)
    assert gate_currency(budget, Market(), "BTC") == "BTC"
    assert gate_currency(balance, Market(), "BTC") == "USDT"
    assert gate_currency(balance, None, "BTC") == ""
    assert gate_currency(Gate(Reason.DATA_AGE, 0, 0, True, 9), Market(), "BTC") == ""


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_for_a_refusal(reason: Reason) -> None:
    value, limit = gate_words(Gate(reason, 1, 0, False))
    assert value and limit and (value, limit) != ("-", "-")
    assert value != limit
