"""What a risk gate measured and what it allows, as people read them.

A gate carries integers. Some are quantities, prices, money, ages or shares; the others count
faults of which none is allowed: those are words here, never ``1 of 0``.
"""

from __future__ import annotations

from typing import Final, Protocol

from tradetui.domain import formatting
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate

_OF_ACCOUNT: Final = (
    Reason.BUDGET,
    Reason.DAILY_LOSS,
    Reason.FEES_PER_DAY,
    Reason.LOSS_PER_DAY,
    Reason.MAX_EXPOSURE,
    Reason.MAX_ORDER_NOTIONAL,
    Reason.MAX_POSITION_NOTIONAL,
)
"""Money in the account's reporting currency: all that a person limits."""
_OF_MARKET: Final = (Reason.AVAILABLE_BALANCE, Reason.MARGIN, Reason.MIN_NOTIONAL)
"""Money in the currency that the market is traded for."""
_MONEY: Final = _OF_ACCOUNT + _OF_MARKET
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
_CENTS: Final = 2


class Market(Protocol):
    """The decimals of a market, those of its tick and its lot, and what it is traded for."""

    @property
    def price_decimals(self) -> int: ...
    @property
    def size_decimals(self) -> int: ...
    @property
    def quote(self) -> str: ...


def gate_words(gate: Gate, market: Market | None = None, reporting: str = "") -> tuple[str, str]:
    """Return what a gate measured and its limit; ``-`` where it has none.

    Both are rounded as the screen does, and written exactly where that would hide which is larger.
    ``market``: whose decimals prices and sizes have at least. ``reporting``: the account's
    currency; money of a currency that is not known is written exactly.
    """
    code = gate.code
    if code in _RANKS:
        return _rank(gate.value), _rank(gate.limit)
    if code not in _MEASURES:
        return _fault_words(gate)
    currency = gate_currency(gate, market, reporting)
    value, limit = (_measure(gate, one, market, currency) for one in (gate.value, gate.limit))
    if value == limit and gate.value != gate.limit and gate.limit is not None:
        unit = "s" if code in _AGES else ""
        value, limit = (
            f"{formatting.grouped(number, gate.scale, 0)}{unit}"
            for number in (gate.value, gate.limit)
        )
    return value, limit


def gate_currency(gate: Gate, market: Market | None, reporting: str = "") -> str:
    """Return the currency of the money that a gate measures; empty if it is not known, or if the
    gate measures none.
    """
    if gate.code in _OF_ACCOUNT:
        return reporting
    return market.quote if market is not None and gate.code in _OF_MARKET else ""


def _measure(gate: Gate, value: int | None, market: Market | None, currency: str) -> str:
    """Write one of the two numbers of a gate: money as its currency is, an age in tenths."""
    code = gate.code
    if value is None:
        return "-"
    if code in _MONEY:
        if currency:
            return formatting.money(value, currency)
        return formatting.grouped(value, gate.scale, min(_CENTS, gate.scale))
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
