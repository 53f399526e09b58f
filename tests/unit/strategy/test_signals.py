from __future__ import annotations

import math
from decimal import Decimal

import pytest

from tradetui.strategy.errors import StrategyError
from tradetui.strategy.signals import gate, number_text, short_text


@pytest.mark.parametrize(
    ("given", "shown", "passed"),
    [
        ((1.5, "<", 2), ("1.5", "<", "2"), True),
        ((2, "<", 2), ("2", "<", "2"), False),
        ((2, "<=", 2), ("2", "<=", "2"), True),
        ((3, ">", 2.0), ("3", ">", "2"), True),
        ((2, ">=", 3), ("2", ">=", "3"), False),
        ((2, "==", 2.0), ("2", "==", "2"), True),
        ((2, "!=", 2.0), ("2", "!=", "2"), False),
        ((None, "<", 2), ("-", "<", "2"), False),
        ((2, "!=", None), ("2", "!=", "-"), False),
        ((math.nan, "!=", 2), ("?", "!=", "2"), False),
        ([1, "<", 2], ("1", "<", "2"), True),
        (True, ("yes", "is", "yes"), True),
        (False, ("no", "is", "yes"), False),
        (None, ("no", "is", "yes"), False),
    ],
)
def test_gates(given: object, shown: tuple[str, str, str], passed: bool) -> None:
    result = gate("z", given)
    assert (result.value, result.comparison, result.limit) == shown
    assert result.passed is passed
    assert result.name == "z"


@pytest.mark.parametrize("given", [(1, 2), (1, "~", 2), 5, "yes", (1, "<", 2, 3), (1, [], 2)])
def test_what_is_no_gate_is_refused(given: object) -> None:
    with pytest.raises(StrategyError, match="gate z must be"):
        gate("z", given)


def test_a_gate_compares_numbers() -> None:
    with pytest.raises(StrategyError, match="gate z compares numbers, got 'a'"):
        gate("z", ("a", "<", 2))
    with pytest.raises(StrategyError, match="gate z compares numbers, got 'b'"):
        gate("z", (1, "<", "b"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (5, "5"),
        (66958.1, "66958.1"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (123456789012.0, "123456789012"),
        (-2.5, "-2.5"),
        (math.nan, "?"),
        (math.inf, "inf"),
        (0.0, "0"),
    ],
)
def test_numbers_for_people_have_no_exponent(value: float | None, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13172.26666, "13172.27"),
        (13202.5, "13202.50"),
        (-150.0004, "-150.00"),
        (150.0, "150"),
        (27.663846, "27.6638"),
        (1.2, "1.2"),
        (1.08453, "1.08453"),
        (161.2341, "161.234"),
        (0.0006457609, "0.000645761"),
        (-0.122574, "-0.122574"),
        (7, "7"),
        (None, "-"),
        (math.inf, "inf"),
    ],
)
def test_a_number_of_a_widget_is_short(value: float | None, text: str) -> None:
    assert short_text(value) == text


def test_a_gate_is_printable_whatever_its_name() -> None:
    assert gate("\x1b[2J\ud800", True).name == "?[2J?"
    assert len(gate("x" * 10_000, True).name) == 64


class Odd(float):
    def __format__(self, spec: str) -> str:
        return "\x1b[2J"

    def __str__(self) -> str:
        return "\ud800"


def test_a_number_of_another_class_is_written_as_a_number() -> None:
    shown = gate("z", (Odd(1.5), "<", Decimal("2.5")))
    assert (shown.value, shown.limit, shown.passed) == ("1.5", "2.5", True)
    assert gate("z", (10**30, ">", 1)).passed


@pytest.mark.parametrize("given", [object(), 10**400, b"1", [1]])
def test_what_is_no_number_is_refused(given: object) -> None:
    with pytest.raises(StrategyError, match="gate z compares numbers"):
        gate("z", (given, "<", 2))
