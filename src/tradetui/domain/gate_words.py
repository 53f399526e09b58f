"""What a risk gate measured and what it allows, as people read them.

A gate carries integers. Some are quantities, prices, money, ages or shares; the others count
faults of which none is allowed: those are words here, never ``1 of 0``.
"""

from __future__ import annotations

from typing import Final, Protocol

from tradetui.domain import formatting
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate

_MONEY: Final = (
    Reason.AVAILABLE_BALANCE,
    Reason.BUDGET,
    Reason.DAILY_LOSS,
    Reason.FEES_PER_DAY,
    Reason.LOSS_PER_DAY,
    Reason.MARGIN,
    Reason.MAX_EXPOSURE,
    Reason.MAX_ORDER_NOTIONAL,
    Reason.MAX_POSITION_NOTIONAL,
    Reason.MIN_NOTIONAL,
)
_SIZES: Final = (
    Reason.MAX_ORDER_QUANTITY,
    Reason.MAX_POSITION_QUANTITY,
    Reason.MAX_QUANTITY,
    Reason.MIN_QUANTITY,
    Reason.QUANTITY_FROM_PARENT,
    Reason.QUANTITY_LOT,
    Reason.REDUCE_ONLY,
    Reason.SHORTING,
)
AMOUNTS: Final = _MONEY + _SIZES
"""Gates that measure what a person owns or trades: hidden while money is masked."""
_PRICES: Final = (Reason.PRICE_BOUNDS, Reason.PRICE_TICK)
_AGES: Final = (Reason.CLOCK_SKEW, Reason.DATA_AGE)
_SHARES: Final = (Reason.DRAWDOWN, Reason.PRICE_COLLAR)
_COUNTS: Final = (
    Reason.MAX_OPEN_ORDERS,
    Reason.ORDER_RATE,
    Reason.ORDER_UNKNOWN,
    Reason.ORDERS_PER_HOUR,
)
_MEASURES: Final = AMOUNTS + _PRICES + _AGES + _SHARES + _COUNTS
_RANKS: Final = (Reason.KILL_SWITCH, Reason.RISK_FLAG_SCOPE)
_RANK_WORDS: Final = ("NORMAL", "EXIT-ONLY", "HALTED")
_WANTED: Final[dict[Reason, tuple[str, str]]] = {
    Reason.EXIT_ONLY: ("entry", "exits only"),
    Reason.INSTANCE_MODE: ("not active", "active"),
    Reason.NO_PRICE: ("none", "a price"),
    Reason.NO_ROUTE: ("none", "a route"),
    Reason.RATE_UNKNOWN: ("none", "a rate"),
    Reason.WARM_UP: ("not warm", "warm"),
}
"""What is said where ``yes`` against ``no`` would not say it: what was found, what is wanted."""
_PERCENT_SCALE: Final = 4
"""A share in parts per million, read as per cent."""


class Decimals(Protocol):
    """The decimals of a market: those of its tick and its lot."""

    @property
    def price_decimals(self) -> int: ...
    @property
    def size_decimals(self) -> int: ...


def gate_words(gate: Gate, market: Decimals | None = None) -> tuple[str, str]:
    """Return what a gate measured and its limit; ``-`` where it has none.

    Both are rounded as the screen does, and written exactly where that would hide which is larger.
    ``market``: whose decimals prices and sizes have at least.
    """
    code = gate.code
    if code in _RANKS:
        return _rank(gate.value), _rank(gate.limit)
    if code not in _MEASURES:
        return _fault_words(gate)
    value, limit = _measure(gate, gate.value, market), _measure(gate, gate.limit, market)
    if value == limit and gate.value != gate.limit and gate.limit is not None:
        unit = "s" if code in _AGES else ""
        value, limit = (
            f"{formatting.grouped(number, gate.scale, 0)}{unit}"
            for number in (gate.value, gate.limit)
        )
    return value, limit


def _measure(gate: Gate, value: int | None, market: Decimals | None) -> str:
    """Write one of the two numbers of a gate: money in cents, an age in tenths."""
    code = gate.code
    if value is None:
        return "-"
    if code in _MONEY:
        return formatting.money(value)
    if code in _AGES:
        return formatting.age(value)
    if code in _SHARES:
        return f"{formatting.grouped(value, _PERCENT_SCALE, 2)}%"
    decimals = 0
    if market is not None and code not in _COUNTS:
        decimals = market.price_decimals if code in _PRICES else market.size_decimals
    return formatting.grouped(value, gate.scale, min(decimals, gate.scale))


def _fault_words(gate: Gate) -> tuple[str, str]:
    """Say a check that counts faults and allows none."""
    found, wanted = _WANTED.get(gate.code, ("yes", "no"))
    if gate.passed:
        return "no" if gate.code is Reason.EXIT_ONLY else wanted, "-"
    if gate.code is Reason.INSTANCE_MODE and gate.note:
        return gate.note, wanted
    return found, wanted


def _rank(value: int | None) -> str:
    if value is None:
        return "-"
    return _RANK_WORDS[min(max(value, 0), len(_RANK_WORDS) - 1)]
