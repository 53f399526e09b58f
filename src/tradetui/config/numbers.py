"""Numbers as people write them, exactly: a TOML number or a quoted decimal, never a float."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from tradetui.domain.text import printable
from tradetui.domain.units import CASH_SCALE, PPM, NumberError, parse_scaled

_FRACTION_SCALE: Final = 6
_BPS_SCALE: Final = 2


def decimal_text(value: Any) -> str:
    """Return a written number as text.

    Raises PydanticCustomError for what is not a finite number: a bool, a table, NaN, infinity.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise PydanticCustomError("number", 'must be a number, such as 1000 or "0.001"')
    if isinstance(value, Decimal) and not value.is_finite():
        raise PydanticCustomError("number", "must be a finite number, not NaN or infinity")
    return str(value)


WRITTEN_SCALE: Final = "x-scale"
"""In a JSON Schema of ours: how many decimals the number behind a written one has."""


def _written(scale: int) -> WithJsonSchema:
    return WithJsonSchema({"type": ["number", "string"], WRITTEN_SCALE: scale})


def _scaled(scale: int, least: int, what: str, below: int | None = None) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        text = decimal_text(value)
        try:
            number = parse_scaled(text, scale)
        except NumberError as error:
            shown = printable(str(error), 120)
            raise PydanticCustomError(
                "number", "{what}: {shown}", {"what": what, "shown": shown}
            ) from None
        if number < least or (below is not None and number >= below):
            raise PydanticCustomError(
                "number", "{what}, got {shown}", {"what": what, "shown": printable(text, 40)}
            )
        return number

    return parse


Money = Annotated[
    int,
    BeforeValidator(_scaled(CASH_SCALE, 0, "must be an amount of money, 0 or more")),
    _written(CASH_SCALE),
]
"""An amount at CASH_SCALE, zero or more."""

Limit = Annotated[
    int,
    BeforeValidator(_scaled(CASH_SCALE, 1, "must be a limit above 0")),
    _written(CASH_SCALE),
]
"""A limit in money or in base units, at CASH_SCALE, above zero."""

Rate = Annotated[
    int,
    BeforeValidator(
        _scaled(
            _FRACTION_SCALE,
            1 - 10**_FRACTION_SCALE,
            "must be a fraction above -1 and below 1, such as 0.001",
            10**_FRACTION_SCALE,
        )
    ),
    _written(_FRACTION_SCALE),
]
"""A fraction in parts per million, less than the whole; a fee may be negative (a rebate)."""

Share = Annotated[
    int,
    BeforeValidator(
        _scaled(_FRACTION_SCALE, 1, "must be a fraction above 0, such as 0.02 for 2 %")
    ),
    _written(_FRACTION_SCALE),
]
"""A fraction above zero, in parts per million."""

BasisPoints = Annotated[
    int,
    BeforeValidator(
        _scaled(_BPS_SCALE, 0, "must be basis points, 0 or more and below 10,000, such as 1.5", PPM)
    ),
    _written(_BPS_SCALE),
]
"""Hundredths of a basis point, which are parts per million."""


def _seconds(value: Any) -> int:
    return _scaled(9, 1, "must be seconds above 0, such as 2.5")(value)


Seconds = Annotated[int, BeforeValidator(_seconds), _written(9)]
"""A duration in ns, written in seconds."""

Gigabytes = Annotated[
    int,
    BeforeValidator(_scaled(9, 10_000_000, "must be gigabytes, 0.01 or more, such as 5")),
    _written(9),
]
"""A size in bytes, written in gigabytes (10^9 bytes)."""
