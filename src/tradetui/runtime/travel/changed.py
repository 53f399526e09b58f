"""What one step changed in the state, in lines that a person reads.

Prices and quantities have the decimals of their market, money its cents, times are UTC.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tradetui.core.state import KernelState
from tradetui.domain.difference import as_json
from tradetui.domain.formatting import clock, count, counted, date, grouped
from tradetui.domain.instruments import Instrument
from tradetui.domain.text import printable
from tradetui.domain.units import CASH_SCALE, NANOS_PER_DAY

MAX_LINES: Final = 200
_LEFT_OUT: Final = (
    "risk_plans", "undo", "config", "order_times", "idempotency_keys", "open_orders",
    "open_by_instrument", "held_by_instrument", "working_prices", "totals", "moved",
)  # fmt: skip
"""Derived, or of no interest to a person."""
_PRICES: Final = ("ask", "bid", "price", "trigger_price")
_SIZES: Final = (
    "ask_quantity", "bid_quantity", "buy_quantity", "carried_fills", "filled_quantity", "quantity",
    "route_quantities", "sell_quantity",
)  # fmt: skip
_MONEY: Final = (
    "buy_notional", "cash", "cash_flows", "cost", "day_start_equity", "fees", "filled_cost",
    "open_pnl_start", "peak_equity", "realised", "realised_pnl", "sell_notional",
)  # fmt: skip
_TIMES: Final = ("now", "since", "time", "held_deadlines")
_ENDS_OF_TIMES: Final = ("_time", "_times")


def changed_lines(before: KernelState, after: KernelState) -> tuple[str, ...]:
    """Return a line for every value of the state that differs, at most MAX_LINES."""
    lines: list[str] = []
    for name in names_of(after):
        was, now = getattr(before, name), getattr(after, name)
        if isinstance(now, dict):
            lines += _of_map(name, was, now, after)
        elif was != now:
            lines.append(f"{name}: {_text(name, was)} -> {_text(name, now)}")
    if len(lines) > MAX_LINES:
        return (*lines[:MAX_LINES], f"... and {count(len(lines) - MAX_LINES)} more")
    return tuple(lines)


def names_of(state: KernelState) -> tuple[str, ...]:
    """Return the names of the fields that are compared, in order."""
    names = getattr(type(state), "__slots__", ()) or vars(state)
    return tuple(name for name in names if name not in _LEFT_OUT)


def _of_map(name: str, was: dict[Any, Any], now: dict[Any, Any], state: KernelState) -> list[str]:
    lines = []
    for key, value in now.items():
        old = was.get(key)
        if key not in was:
            text = _text(name, value, _market_of(key, value, state))
            lines.append(f"{name} {_key(key)}: new {text}")
        elif old is not value and old != value:
            market = _market_of(key, value, state)
            lines += _of_value(f"{name} {_key(key)}", name, old, value, market)
    lines += [f"{name} {_key(key)}: gone" for key in was if key not in now]
    return lines


def _of_value(place: str, name: str, was: Any, now: Any, market: Instrument | None) -> list[str]:
    """Name the fields of a record that differ; other values whole."""
    if isinstance(now, msgspec.Struct) and was.__class__ is now.__class__:
        return [
            f"{place}.{field}: {_text(field, getattr(was, field), market)} -> "
            f"{_text(field, getattr(now, field), market)}"
            for field in now.__struct_fields__
            if getattr(was, field) != getattr(now, field)
        ]
    return [f"{place}: {_text(name, was, market)} -> {_text(name, now, market)}"]


def _market_of(key: Any, value: Any, state: KernelState) -> Instrument | None:
    """Return the market that an entry is of: named by its key, or by its order's terms."""
    named = getattr(getattr(value, "terms", None), "instrument_id", None)
    for part in (*(key if isinstance(key, tuple) else (key,)), named):
        found = state.instruments.get(part)
        if found is not None:
            return found
    return None


def _key(key: Any) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return printable(" ".join(str(part) for part in parts), 100)


def _text(name: str, value: Any, market: Instrument | None = None) -> str:
    """Write a value in the unit that its name says; a record as JSON, whole."""
    if isinstance(value, dict):
        return counted(len(value), "entry", "entries")
    if type(value) is int:
        return _number(name, value, market)
    if name == "day_start_equity" and isinstance(value, tuple):
        return f"{date(value[0] * NANOS_PER_DAY)} {_number(name, value[1], None)}"
    if isinstance(value, msgspec.Struct):
        fields = ((one, getattr(value, one)) for one in value.__struct_fields__)
        parts = [f"{one} {_text(one, part, market)}" for one, part in fields if part]
        return printable(", ".join(parts), 400)
    return printable(as_json(value), 160)


def _number(name: str, value: int, market: Instrument | None) -> str:
    if name in _TIMES or name.endswith(_ENDS_OF_TIMES):
        return f"{date(value)} {clock(value, millis=True)}" if value else "-"
    if name in _MONEY:
        return grouped(value, CASH_SCALE, 2)
    if market is not None and name in _PRICES:
        return grouped(value, market.price_scale, market.price_decimals)
    if market is not None and name in _SIZES:
        return grouped(value, market.size_scale, market.size_decimals)
    if name == "day":
        return date(value * NANOS_PER_DAY)
    return count(value)
