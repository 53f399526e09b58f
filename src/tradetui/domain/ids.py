"""Typed identities.

Each is a string at run time and a type of its own to the type checker.
"""

from __future__ import annotations

import hashlib
from typing import Final, NewType

StrategyId = NewType("StrategyId", str)
"""Stable identity of one instance (its record's ``id``): on every intent, decision, order, fill and
diagnostic."""

ExecutionId = NewType("ExecutionId", str)
"""A named execution context (what a record calls ``account``): groups one or more routes."""

RouteId = NewType("RouteId", str)
"""A stable execution route, chosen at intent time; it travels unchanged from intent to fill."""

BrokerId = NewType("BrokerId", str)
AccountId = NewType("AccountId", str)
ClientId = NewType("ClientId", str)
RunId = NewType("RunId", str)
InstrumentId = NewType("InstrumentId", str)
"""``SYMBOL.VENUE``, for example ``BTC/USDT.BINANCE``."""

ClientOrderId = NewType("ClientOrderId", str)
VenueOrderId = NewType("VenueOrderId", str)
TradeId = NewType("TradeId", str)
Currency = NewType("Currency", str)

EXTERNAL: Final = StrategyId("EXTERNAL")
"""The sub-position of everything on a route that no instance of ours made."""

MAX_CLIENT_ORDER_ID_LENGTH: Final = 32


def instrument_id(symbol: str, venue: str) -> InstrumentId:
    """Join a canonical symbol and a venue into an instrument's id."""
    return InstrumentId(f"{symbol}.{venue}")


def client_order_id(run_code: str, counter: int) -> ClientOrderId:
    """Build an order's id from the run's code and a counter that never goes back.

    Only ``[A-Za-z0-9-]``, so that every venue accepts it, and at most 32 characters.
    """
    assert counter > 0
    text = f"tt{run_code}-{counter}" if counter > 999 else f"tt{run_code}-{counter:04d}"
    assert len(text) <= MAX_CLIENT_ORDER_ID_LENGTH
    return ClientOrderId(text)


def kernel_order_id(run_id: RunId, seq_id: int, index: int) -> ClientOrderId:
    """Build the id of an order that the kernel makes of itself (a close after errors).

    Unique by the run, the step and its place in the step; the ``k`` keeps it apart from counted
    ids.
    """
    assert seq_id > 0
    code = hashlib.sha256(run_id.encode()).hexdigest()[:8]
    text = f"tt{code}-k{seq_id}-{index}"
    assert len(text) <= MAX_CLIENT_ORDER_ID_LENGTH
    return ClientOrderId(text)


def shadow_route(strategy_id: StrategyId) -> RouteId:
    """Return the id of an instance's shadow book, the route that never leaves the house."""
    return RouteId(f"shadow:{strategy_id}")


def is_shadow(route_id: RouteId) -> bool:
    """Tell whether a route is some instance's shadow book."""
    return route_id.startswith("shadow:")
