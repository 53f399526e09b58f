"""From the numbers people write to scaled integers.

A float is read as its shortest decimal (what ``repr`` shows). An amount within 1e-9 (relative) of a
whole number of lots is that number of lots, else it is rounded down; a price likewise by ticks, but
rounded to the passive side: down to buy, up to sell. All arithmetic that decides is in integers.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

from tradetui.domain.enums import OrderSide
from tradetui.domain.instruments import Instrument
from tradetui.domain.text import printable
from tradetui.domain.units import I64_MAX, div_ceil, div_floor, div_half_even, format_scaled
from tradetui.strategy.errors import InvalidOrder

Number = float | int | str | Decimal
"""What a strategy may write for an amount or a price."""

_SNAP_PER: Final = 10**9
"""A value within 1/_SNAP_PER of itself from a whole step is that step."""

_FAST_LIMIT: Final = 1e9
_FAST_SNAP: Final = 1e-10
"""Below _FAST_LIMIT steps a float's own error (1e-16 of it) can neither change the nearest step nor
bring a value within _FAST_SNAP of it that is not within 1/_SNAP_PER exactly."""

_FLOAT_POWERS: Final = tuple(float(10**scale) for scale in range(19))
_INT_POWERS: Final = tuple(10**scale for scale in range(19))
_INT_LIMITS: Final = tuple(div_floor(I64_MAX, power) for power in _INT_POWERS)
"""The largest whole number that 64 bits hold at each scale."""

_SELL: Final = OrderSide.SELL
_MAX_EXPONENT: Final = 60
_PLAIN: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def amount_to_int(value: Number, instrument: Instrument, name: str = "amount") -> int:
    """Return an amount as an integer at the instrument's size scale: whole lots, rounded down.

    Raises InvalidOrder for what is not a positive finite number of at least one lot.
    """
    return scaled_amount(value, instrument, name)[0]


def price_to_int(
    value: Number, instrument: Instrument, side: OrderSide, name: str = "price"
) -> int:
    """Return a price as an integer at the instrument's price scale, on the tick of the passive
    side.

    Raises InvalidOrder for what is not a positive finite number of at least one tick.
    """
    return scaled_price(value, instrument, side, name)[0]


def offset_to_int(value: Number, instrument: Instrument, name: str = "trail") -> int:
    """Return a price distance in whole ticks, rounded down; at least one tick, else
    InvalidOrder.
    """
    return scaled_price(value, instrument, OrderSide.BUY, name)[0]


def scaled_amount(value: Number, instrument: Instrument, name: str = "amount") -> tuple[int, bool]:
    """Return what ``amount_to_int`` does, and whether nothing had to be rounded away."""
    lot = instrument.size_increment
    steps = whole_steps(value, instrument.size_scale, lot)
    if steps:
        return steps * lot, True
    steps, exact = _exact_steps(value, instrument.size_scale, lot, name, up=False)
    if steps > 0:
        return steps * lot, exact
    least = format_scaled(lot, instrument.size_scale)
    raise InvalidOrder(
        f"{name} {shown(value)} is less than one lot of {instrument.symbol}: "
        f"give at least {least} {instrument.base}"
    )


def scaled_price(
    value: Number, instrument: Instrument, side: OrderSide, name: str = "price"
) -> tuple[int, bool]:
    """Return what ``price_to_int`` does, and whether nothing had to be rounded away."""
    tick = instrument.price_increment
    steps = whole_steps(value, instrument.price_scale, tick)
    if steps:
        return steps * tick, True
    steps, exact = _exact_steps(value, instrument.price_scale, tick, name, up=side is _SELL)
    if steps > 0:
        return steps * tick, exact
    raise InvalidOrder(
        f"{name} {shown(value)} is below one tick of {instrument.symbol} "
        f"({format_scaled(tick, instrument.price_scale)} {instrument.quote})"
    )


def shown(value: object) -> str:
    """Write a value for a message, safely and not too long."""
    return printable(repr(value), 60)


def whole_steps(value: Number, scale: int, increment: int) -> int:
    """Return how many steps a value is where that is certain at first sight; 0 where it is not."""
    if value.__class__ is float:
        steps = value * _FLOAT_POWERS[scale] / increment
        if 0.5 < steps < _FAST_LIMIT:
            nearest = int(steps + 0.5)
            if steps == nearest:
                return nearest
            snap = steps * _FAST_SNAP
            return nearest if -snap <= steps - nearest <= snap else 0
    elif value.__class__ is int and 0 < value <= _INT_LIMITS[scale]:
        whole: int
        whole, rest = divmod(value * _INT_POWERS[scale], increment)
        if not rest:
            return whole
    return 0


def _exact_steps(
    value: Number, scale: int, increment: int, name: str, *, up: bool
) -> tuple[int, bool]:
    numerator, denominator = _ratio(value, scale, name)
    if numerator <= 0:
        raise InvalidOrder(f"{name} must be above zero, got {shown(value)}")
    denominator *= increment
    nearest = div_half_even(numerator, denominator)
    whole = abs(numerator - nearest * denominator) * _SNAP_PER <= numerator
    rounding = div_ceil if up else div_floor
    steps = nearest if whole else rounding(numerator, denominator)
    if steps * increment > I64_MAX:
        raise InvalidOrder(f"{name} {shown(value)} is out of range: give a smaller number")
    return steps, whole


def _ratio(value: Number, scale: int, name: str) -> tuple[int, int]:
    """Return ``value * 10**scale`` as an exact fraction of integers."""
    decimal = _decimal(value, name)
    sign, digits, exponent = decimal.as_tuple()
    assert isinstance(exponent, int)
    mantissa = int("".join(map(str, digits)) or "0")
    shift = exponent + scale
    if mantissa and (abs(exponent) > _MAX_EXPONENT or len(digits) > _MAX_EXPONENT):
        raise InvalidOrder(f"{name} {shown(value)} is out of range")
    signed = -mantissa if sign else mantissa
    if not mantissa:
        return 0, 1
    return (signed * 10**shift, 1) if shift >= 0 else (signed, 10**-shift)


def _decimal(value: Number, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (float, int, str, Decimal)):
        raise InvalidOrder(
            f"{name} must be a number (float, int, str or Decimal), "
            f"got {type(value).__name__} {shown(value)}"
        )
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _MAX_EXPONENT or not _PLAIN.fullmatch(text):
            raise InvalidOrder(f"{name} must be a plain number, got {shown(value)}")
        return Decimal(text)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidOrder(f"{name} must be a finite number, got {shown(value)}")
        return Decimal(float.__repr__(value))
    decimal = Decimal(value)
    if not decimal.is_finite():
        raise InvalidOrder(f"{name} must be a finite number, got {shown(value)}")
    return decimal
