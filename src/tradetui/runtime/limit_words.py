"""What made an instance exit-only by itself, in words: the core's record has exact numbers."""

from __future__ import annotations

import re
from typing import Final

from tradetui.domain.formatting import money, separated
from tradetui.domain.reasons import Reason
from tradetui.domain.units import CASH_SCALE, NumberError, parse_scaled
from tradetui.domain.words import limit_key

_BROKEN: Final = re.compile(r"([a-z_]+) (-?[0-9.]+), limit ([0-9.]+)")
_AMOUNTS: Final = {
    Reason.FEES_PER_DAY.value: "fees in a day",
    Reason.LOSS_PER_DAY.value: "lost in a day",
}


_OWN: Final = {
    code.value: code for code in (Reason.ORDERS_PER_HOUR, Reason.FEES_PER_DAY, Reason.LOSS_PER_DAY)
}


def broken_limit(reason: str) -> Reason:
    """Return the limit of its own that made an instance exit-only; none where that was a person."""
    found = _BROKEN.fullmatch(reason)
    return Reason.NONE if found is None else _OWN.get(found[1], Reason.NONE)


def limit_words(reason: str, currency: str) -> str:
    """Say a limit that was reached, by its key in the config:
    ``fees in a day 104.17 USD, max_fees_per_day 100.00``.

    Other text stays as it is. ``currency``: the account's; money has its decimals, and all that it
    has where those would hide which is larger.
    """
    found = _BROKEN.fullmatch(reason)
    if found is None:
        return reason
    code, value, limit = found.groups()
    key = limit_key(code)
    if code == Reason.ORDERS_PER_HOUR.value:
        return f"{separated(value)} orders within an hour, {key} {separated(limit)}"
    name = _AMOUNTS.get(code)
    if name is None:
        return reason
    used, allowed = _cents(value, currency), _cents(limit, currency)
    if used == allowed and value != limit:
        used, allowed = separated(value), separated(limit)
    return f"{name} {used} {currency}, {key} {allowed}"


def _cents(text: str, currency: str) -> str:
    try:
        return money(parse_scaled(text, CASH_SCALE), currency)
    except NumberError:
        return separated(text)
