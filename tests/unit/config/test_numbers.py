"""Numbers as people write them become integers exactly, or one sentence says what they are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tradetui.config.numbers import (
    WRITTEN_SCALE,
    BasisPoints,
    Gigabytes,
    Limit,
    Money,
    Rate,
    Seconds,
    Share,
)


def read(kind: Any, value: Any) -> int:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "written", "number"),
    [
        (Money, "0", 0),
        (Money, Decimal("1000.5"), 100_050_000_000),
        (Limit, "0.00000001", 1),
        (Rate, "-0.0001", -100),
        (Rate, "-0.5", -500_000),
        (Share, "0.02", 20_000),
        (BasisPoints, "1.5", 150),
        (Seconds, "2.5", 2_500_000_000),
        (Gigabytes, 5, 5_000_000_000),
    ],
)
def test_it_is_exact(kind: Any, written: Any, number: int) -> None:
    assert read(kind, written) == number


@pytest.mark.parametrize(
    ("kind", "written", "said"),
    [
        (Money, "-1", "must be an amount of money, 0 or more, got -1"),
        (Limit, 0, "must be a limit above 0, got 0"),
        (Rate, "-1", "must be a fraction above -1 and below 1, such as 0.001, got -1"),
        (Rate, 5, "must be a fraction above -1 and below 1, such as 0.001, got 5"),
        (Share, "0", "must be a fraction above 0, such as 0.02 for 2 %, got 0"),
        (BasisPoints, "0.001", "must be basis points, 0 or more and below 10,000, such as 1.5: "),
        (BasisPoints, 10_000, "must be basis points, 0 or more and below 10,000, such as 1.5, got"),
        (Seconds, 0, "must be seconds above 0, such as 2.5, got 0"),
        (Gigabytes, "0.001", "must be gigabytes, 0.01 or more, such as 5, got 0.001"),
        (Money, "1e999", "must be an amount of money, 0 or more: "),
        (Money, "12\x1b[2J", "must be an amount of money, 0 or more: "),
        (Money, True, 'must be a number, such as 1000 or "0.001"'),
        (Money, 1.5, 'must be a number, such as 1000 or "0.001"'),
        (Money, None, 'must be a number, such as 1000 or "0.001"'),
        (Money, Decimal("NaN"), "must be a finite number, not NaN or infinity"),
        (Money, Decimal("-Infinity"), "must be a finite number, not NaN or infinity"),
    ],
)
def test_what_is_none_is_said(kind: Any, written: Any, said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        read(kind, written)
    (error,) = raised.value.errors()
    assert error["msg"].startswith(said)
    assert error["msg"].isprintable()


def test_the_schema_says_how_many_decimals_are_behind_it() -> None:
    assert TypeAdapter(Money).json_schema() == {"type": ["number", "string"], WRITTEN_SCALE: 8}
