"""Scaled integers: the only numbers of the core.

A quantity ``x`` at scale ``s`` stands for ``x / 10**s``. Scales are fixed for the life of a
journal; ticks and lots are data. Division is never written with an operator: the rounding is named
at the call, so that a second implementation cannot round otherwise (Python floors ``//``, Rust
truncates ``/``).
"""

from __future__ import annotations

from typing import Final

CASH_SCALE: Final = 8
"""Decimals of every amount of money (and of FX rates), in every currency."""

PPM: Final = 1_000_000
"""Rates (fees, margins, collars, drawdown) are integers in parts per million."""

NANOS_PER_SECOND: Final = 1_000_000_000
NANOS_PER_MINUTE: Final = 60 * NANOS_PER_SECOND
NANOS_PER_HOUR: Final = 60 * NANOS_PER_MINUTE
NANOS_PER_DAY: Final = 24 * NANOS_PER_HOUR

I64_MIN: Final = -(2**63)
I64_MAX: Final = 2**63 - 1

MONEY_BOUND: Final = 2**62 - 1
"""The most that an order may lead a sub-position to, at CASH_SCALE: 46,116,860,184 units of a
currency, half of what 64 bits hold, so that what is open and what is working can be added up.
"""


class NumberError(ValueError):
    """A number from outside is not a number, is not exact at its scale, or does not fit into 64
    bits.
    """


def div_floor(numerator: int, denominator: int) -> int:
    """Divide, rounding towards minus infinity.

    The denominator must be positive.
    """
    assert denominator > 0
    return numerator // denominator


def div_ceil(numerator: int, denominator: int) -> int:
    """Divide, rounding towards plus infinity.

    The denominator must be positive.
    """
    assert denominator > 0
    return -((-numerator) // denominator)


def div_half_even(numerator: int, denominator: int) -> int:
    """Divide, rounding to the nearest integer and halves to the even one.

    The denominator must be positive.
    """
    assert denominator > 0
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient


def checked_i64(value: int) -> int:
    """Return ``value`` if a signed 64-bit integer can hold it; raise NumberError if not."""
    if I64_MIN <= value <= I64_MAX:
        return value
    raise NumberError(f"{value} does not fit into 64 bits")


def clamped_i64(value: int) -> int:
    """Return the signed 64-bit integer that is nearest to ``value``."""
    return min(max(value, I64_MIN), I64_MAX)


def rescale_exact(value: int, *, from_scale: int, to_scale: int) -> int:
    """Move ``value`` to another scale; raise NumberError where digits would be lost."""
    if to_scale >= from_scale:
        factor: int = 10 ** (to_scale - from_scale)
        return value * factor
    divisor: int = 10 ** (from_scale - to_scale)
    quotient, remainder = divmod(value, divisor)
    if remainder:
        raise NumberError(f"{format_scaled(value, from_scale)} has more than {to_scale} decimals")
    return quotient


def parse_scaled(text: str, scale: int) -> int:
    """Parse a plain or scientific decimal exactly (``"67412.30"``, ``"1e-05"``), as venues and
    files write them.

    Raises NumberError for anything else: signs but one, separators, blanks inside, NaN, infinity,
    digits beyond ``scale`` that are not zero, or a value outside 64 bits.
    """
    mantissa, fraction_digits = _split_decimal(text)
    return checked_i64(rescale_exact(mantissa, from_scale=fraction_digits, to_scale=scale))


def decimals_of(text: str) -> int:
    """Return how many decimals the number in ``text`` needs (``"0.0010"`` needs 3)."""
    mantissa, fraction_digits = _split_decimal(text)
    while fraction_digits > 0 and mantissa % 10 == 0:
        mantissa = div_floor(mantissa, 10)
        fraction_digits -= 1
    return max(fraction_digits, 0)


def _split_decimal(text: str) -> tuple[int, int]:
    """Return (mantissa, digits after the point); the second is never negative."""
    head, _, exponent_text = text.strip().lower().partition("e")
    sign = -1 if head[:1] == "-" else 1
    whole, _, fraction = head.removeprefix("-" if sign < 0 else "+").partition(".")
    digits = whole + fraction
    exponent_digits = exponent_text.lstrip("+-")
    exponent_wanted = "e" in text.lower()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 60:
        raise NumberError(f"{text[:40]!r} is not a number")
    if exponent_wanted and not (
        exponent_digits.isascii() and exponent_digits.isdigit() and len(exponent_digits) < 4
    ):
        raise NumberError(f"{text[:40]!r} is not a number")
    exponent = int(exponent_text) if exponent_wanted else 0
    places = len(fraction) - exponent
    mantissa = sign * int(digits)
    if places > 60 or places < -60:
        raise NumberError(f"{text[:40]!r} is out of range")
    if places < 0:
        return mantissa * 10 ** (-places), 0
    return mantissa, places


def format_scaled(value: int, scale: int, decimals: int | None = None) -> str:
    """Write a scaled integer as a plain decimal, exactly: no separator, no exponent, no rounding.

    ``decimals`` is the least number shown; digits beyond it appear when they are not zero, because
    a number is never cut. Default: as few as the value needs.
    """
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), 10**scale)
    digits = str(fraction).rjust(scale, "0").rstrip("0") if scale else ""
    digits = digits.ljust(decimals or 0, "0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
