"""What a route can do: one closed key set, read by the core, the risk engine and the tests
alike.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import InstrumentClass, OrderType, Support, TimeInForce
from tradetui.domain.record import Record


class Capabilities(Record, frozen=True):
    """The capability matrix of one broker binding.

    HELD means that the kernel does it on the route's behalf.
    """

    instrument_classes: tuple[InstrumentClass, ...]
    market: Support = Support.NATIVE
    limit: Support = Support.NATIVE
    stop: Support = Support.HELD
    stop_limit: Support = Support.HELD
    trailing_stop: Support = Support.HELD
    gtc: Support = Support.NATIVE
    day: Support = Support.HELD
    ioc: Support = Support.NATIVE
    fok: Support = Support.NATIVE
    gtd: Support = Support.HELD
    oco: Support = Support.HELD
    bracket: Support = Support.HELD
    reduce_only: Support = Support.HELD
    post_only: Support = Support.NATIVE
    replace: Support = Support.NONE
    amend: Support = Support.NONE
    cancel_all: bool = False
    partial_fill_reports: bool = True
    client_order_id: bool = True
    balance_stream: bool = False
    order_stream: bool = True
    trades: bool = True
    ticker_snapshot: bool = True
    order_book_snapshot: bool = False
    ohlcv: bool = True
    historical: bool = True
    sandbox: bool = False
    shorting: bool = False
    leverage: bool = False
    fractional_quantity: bool = True
    price_bounds: bool = False
    settlement: bool = False


ORDER_TYPE_KEY: Final[dict[OrderType, str]] = {
    OrderType.MARKET: "market",
    OrderType.LIMIT: "limit",
    OrderType.STOP: "stop",
    OrderType.STOP_LIMIT: "stop_limit",
    OrderType.TRAILING_STOP: "trailing_stop",
}
"""Capability key of each order type."""

TIME_IN_FORCE_KEY: Final[dict[TimeInForce, str]] = {
    TimeInForce.GTC: "gtc",
    TimeInForce.DAY: "day",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
    TimeInForce.GTD: "gtd",
}
"""Capability key of each time in force."""

SIMULATED: Final = Capabilities(
    instrument_classes=tuple(InstrumentClass),
    stop=Support.NATIVE,
    stop_limit=Support.NATIVE,
    trailing_stop=Support.NATIVE,
    day=Support.NATIVE,
    gtd=Support.NATIVE,
    oco=Support.NATIVE,
    bracket=Support.NATIVE,
    reduce_only=Support.NATIVE,
    replace=Support.NATIVE,
    amend=Support.NATIVE,
    cancel_all=True,
    shorting=True,
    leverage=True,
    price_bounds=True,
    settlement=True,
)
"""The simulated venue: it does everything itself.

Shorting a spot instrument is refused by risk, not by the venue.
"""
