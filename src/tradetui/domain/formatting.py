"""How numbers, ages and times are written for people: the rules of the screen, from integers
alone.
"""

from __future__ import annotations

import re
from typing import Final

from tradetui.domain.currencies import FEE_DECIMALS, money_decimals
from tradetui.domain.units import (
    CASH_SCALE,
    NANOS_PER_DAY,
    NANOS_PER_HOUR,
    NANOS_PER_MINUTE,
    NANOS_PER_SECOND,
    div_floor,
    div_half_even,
    format_scaled,
)

_PLAIN: Final = re.compile(r"([+-]?)([1-9][0-9]{3,29})((?:\.[0-9]{1,30})?)")
"""A number without an exponent that is long enough for a separator."""


def grouped(value: int, scale: int, decimals: int, *, signed: bool = False) -> str:
    """Write with thousands separators and at least ``decimals``; never cut.

    ``signed``: always a sign, zero none.
    """
    whole, dot, fraction = format_scaled(abs(value), scale, decimals).partition(".")
    sign = "-" if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{int(whole):,}{dot}{fraction}"


def separated(text: str) -> str:
    """Write a plain number that comes as text with thousands separators; other text as it is."""
    found = _PLAIN.fullmatch(text)
    return text if found is None else f"{found[1]}{int(found[2]):,}{found[3]}"


def average(value: int, scale: int, decimals: int) -> str:
    """Write an average price with at most two digits more than a price of its market has.

    Further digits are those of the division, not of any price that was paid.
    """
    kept = min(decimals + 2, scale)
    return grouped(div_half_even(value, 10 ** (scale - kept)), kept, decimals)


def money(amount: int, currency: str, *, signed: bool = False) -> str:
    """Write money at CASH_SCALE with its currency's decimals, rounded half-even for display.

    ``1,204.50`` of dollars, ``1,204`` of yen, ``0.02500000`` of bitcoin; without the name.
    """
    decimals = money_decimals(currency)
    return grouped(_rounded(amount, decimals), decimals, decimals, signed=signed)


def plain_money(amount: int, currency: str) -> str:
    """Write money as ``money`` does, without separators: for exports and other programs."""
    decimals = money_decimals(currency)
    return format_scaled(_rounded(amount, decimals), decimals, decimals)


def exact_money(amount: int, currency: str) -> str:
    """Write money with at least its currency's decimals and as many as it has, unseparated."""
    return format_scaled(amount, CASH_SCALE, money_decimals(currency))


def fee(amount: int, currency: str) -> str:
    """Write one fee: as money, with the further decimals that small amounts need."""
    decimals = max(money_decimals(currency), FEE_DECIMALS)
    return grouped(_rounded(amount, decimals), decimals, decimals)


def _rounded(amount: int, decimals: int) -> int:
    return div_half_even(amount, 10 ** (CASH_SCALE - decimals))


def count(value: int) -> str:
    """Write a count: ``1,204,331``."""
    return f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """Write how many of something: ``1 order``, ``1,204 orders``; ``many`` where that is not one
    with an ``s``.
    """
    return f"{count(value)} {one if value == 1 else many or f'{one}s'}"


def age(nanos: int) -> str:
    """Write a duration in the screen's words: ``0.4s 9s 2m10s 3h02m 4d``."""
    nanos = max(nanos, 0)
    if nanos < 10 * NANOS_PER_SECOND:
        tenths = div_floor(nanos * 10, NANOS_PER_SECOND)
        return f"{div_floor(tenths, 10)}.{tenths % 10}s"
    seconds = div_floor(nanos, NANOS_PER_SECOND)
    if nanos < NANOS_PER_MINUTE:
        return f"{seconds}s"
    minutes, second = divmod(seconds, 60)
    if nanos < NANOS_PER_HOUR:
        return f"{minutes}m{second:02d}s"
    hours, minute = divmod(minutes, 60)
    if nanos < 2 * NANOS_PER_DAY:
        return f"{hours}h{minute:02d}m"
    return f"{div_floor(nanos, NANOS_PER_DAY)}d"


def clock(time_ns: int, *, millis: bool = False) -> str:
    """Write the time of day, UTC: ``14:32:07`` or ``14:32:07.413``."""
    of_day = time_ns % NANOS_PER_DAY
    seconds = div_floor(of_day, NANOS_PER_SECOND)
    hours, rest = divmod(seconds, 3600)
    minutes, second = divmod(rest, 60)
    text = f"{hours:02d}:{minutes:02d}:{second:02d}"
    return f"{text}.{div_floor(of_day % NANOS_PER_SECOND, 1_000_000):03d}" if millis else text


def date(time_ns: int) -> str:
    """Write the UTC date ``2026-11-20`` (civil-from-days, Howard Hinnant's algorithm)."""
    days = div_floor(time_ns, NANOS_PER_DAY) + 719_468
    era, day_of_era = divmod(days, 146_097)
    year_of_era = div_floor(
        day_of_era
        - div_floor(day_of_era, 1_460)
        + div_floor(day_of_era, 36_524)
        - div_floor(day_of_era, 146_096),
        365,
    )
    day_of_year = day_of_era - (
        365 * year_of_era + div_floor(year_of_era, 4) - div_floor(year_of_era, 100)
    )
    month_index = div_floor(5 * day_of_year + 2, 153)
    day = day_of_year - div_floor(153 * month_index + 2, 5) + 1
    month = month_index + 3 if month_index < 10 else month_index - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return f"{year:04d}-{month:02d}-{day:02d}"


def timestamp(time_ns: int, *, millis: bool = False) -> str:
    """Write date and time of day, UTC: ``2018-03-04 11:20:00``, or ``... 11:20:00.250``."""
    return f"{date(time_ns)} {clock(time_ns, millis=millis)}"
