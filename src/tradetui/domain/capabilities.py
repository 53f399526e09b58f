"""What a route can do: one closed key set, the same for every venue.

The core and the risk engine read nothing else of a venue. The last keys, from ``cancel_all`` on
(``shorting`` and ``leverage`` apart), describe what an adapter's requests and streams give; today
no code asks for them: they are declared, kept in the journal's header, and shown in
``docs/reference/capabilities.md``.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import InstrumentClass, OrderType, Support, TimeInForce
from tradetui.domain.record import Record


class Capabilities(Record, frozen=True):
    """The capability matrix of one broker binding.

    NATIVE: the venue does it; HELD: the kernel does it on the route's behalf; NONE: an order that
    asks for it is refused.
    """

    instrument_classes: tuple[InstrumentClass, ...]
    """What may be traded."""
    market: Support = Support.NATIVE
    """Orders without a price."""
    limit: Support = Support.NATIVE
    """Orders with a worst price."""
    stop: Support = Support.HELD
    """Market orders that wait for a trigger price."""
    stop_limit: Support = Support.HELD
    """Limit orders that wait for a trigger price."""
    trailing_stop: Support = Support.HELD
    """Stops whose trigger follows the best price at a fixed distance."""
    gtc: Support = Support.NATIVE
    """Good until cancelled."""
    day: Support = Support.HELD
    """Ends with the UTC day."""
    ioc: Support = Support.NATIVE
    """Fills at once as far as it can; the rest ends."""
    fok: Support = Support.NATIVE
    """Fills at once as a whole, or not at all."""
    gtd: Support = Support.HELD
    """Ends at a time."""
    oco: Support = Support.HELD
    """One order cancels the others of its group."""
    bracket: Support = Support.HELD
    """Children that wait for their parent's fill."""
    reduce_only: Support = Support.HELD
    """Never opens or turns a position."""
    post_only: Support = Support.NATIVE
    """Never takes: would it trade at once, it is refused."""
    replace: Support = Support.NONE
    """A new order in the place of an old one, in one request; else a cancel, then a new order."""
    amend: Support = Support.NONE
    """A change of an order that keeps its place in the queue."""
    cancel_all: bool = False
    """All orders of a market are cancelled in one request."""
    partial_fill_reports: bool = True
    """Each part of a fill is reported."""
    client_order_id: bool = True
    """Orders carry our id, and are found by it."""
    balance_stream: bool = False
    """Changes of balances are pushed."""
    order_stream: bool = True
    """Changes of orders are pushed."""
    trades: bool = True
    """The market's trades are pushed."""
    ticker_snapshot: bool = True
    """The best prices can be asked for."""
    order_book_snapshot: bool = False
    """The order book can be asked for."""
    ohlcv: bool = True
    """The venue makes bars itself."""
    historical: bool = True
    """Past bars can be asked for."""
    sandbox: bool = False
    """There is a place to try orders without money."""
    shorting: bool = False
    """More may be sold than is held."""
    leverage: bool = False
    """More may be bought than the cash pays for."""
    fractional_quantity: bool = True
    """Quantities need not be whole."""
    price_bounds: bool = False
    """Prices have a lowest and a highest value."""
    settlement: bool = False
    """Positions are closed by the venue at a settlement price."""


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
