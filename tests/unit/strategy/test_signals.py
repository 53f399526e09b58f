from __future__ import annotations

import math

import pytest

from tradetui.strategy.errors import StrategyError
from tradetui.strategy.signals import gate, number_text


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
