"""The band of prices within which nothing happens to the orders of one instrument.

Most items touch no order. While every price of an item stays inside the band, it need not be
matched at all: only what waits for any item (market orders, trailing stops, IOC, fresh limits)
makes a band that is never quiet. A band is made anew after every change of the orders.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

import msgspec

from tradetui.core.venue.book import Book, Resting
from tradetui.domain.enums import OrderSide, OrderType, TimeInForce
from tradetui.domain.market_data import Bar, BarOpen, MarketItem, Quote, Trade
from tradetui.domain.units import I64_MAX

_BUY: Final = OrderSide.BUY
_LIMIT: Final = OrderType.LIMIT
_FOK: Final = TimeInForce.FOK
_GTC: Final = TimeInForce.GTC
_IOC: Final = TimeInForce.IOC


class Band(msgspec.Struct, frozen=True, gc=False):
    """Highest buy limit and sell stop, lowest sell limit and buy stop, and the first expiry."""

    buy_limit: int = -1
    sell_limit: int = I64_MAX
    buy_stop: int = I64_MAX
    sell_stop: int = -1
    bar_low: int = -1
    """The higher of ``buy_limit`` and ``sell_stop``."""
    bar_high: int = I64_MAX
    """The lower of ``sell_limit`` and ``buy_stop``."""
    expiry: int = I64_MAX


NEVER_QUIET: Final = Band(I64_MAX, -1, -1, I64_MAX, I64_MAX, -1, -1)
"""The band of orders that act on, or are moved by, whatever comes next."""


WIDE: Final = Band()
"""The band of no order at all: nothing that the market does matters."""


def band_of(books: Iterable[Book]) -> Band:
    """Return the band of all orders in some books."""
    band = WIDE
    for book in books:
        if book.open_used:
            return NEVER_QUIET
        for order in book.orders.values():
            band = narrowed(band, order)
            if band is NEVER_QUIET:
                return band
    return band


def band_with(band: Band | None, books: Iterable[Book], order: Resting) -> Band | None:
    """Return the band of some books after they took ``order``, which hangs together with no other:
    ``band`` was theirs before. None: that cannot be told without a look at all of them.
    """
    if band is None:
        return None
    for book in books:
        if book.open_used:
            return None
    return narrowed(band, order)


def narrowed(band: Band, order: Resting) -> Band:
    """Return a band with one more order in it."""
    if (
        order.is_fresh
        or order.is_waiting
        or order.expire_time is not None
        or order.terms.order_type is not _LIMIT
        or order.terms.time_in_force is not _GTC
        or band is NEVER_QUIET
    ):
        return _narrowed_by_any(band, order)
    price = cast(int, order.terms.price)
    if order.terms.side is _BUY:
        if price <= band.buy_limit:
            return band
        low, high = band.bar_low, band.bar_high
        low = price if price > low else low
        buy, sell = price, band.sell_limit
    else:
        if price >= band.sell_limit:
            return band
        low, high = band.bar_low, band.bar_high
        high = price if price < high else high
        buy, sell = band.buy_limit, price
    return Band(buy, sell, band.buy_stop, band.sell_stop, low, high, band.expiry)


def _narrowed_by_any(band: Band, order: Resting) -> Band:
    buy_limit, sell_limit = band.buy_limit, band.sell_limit
    buy_stop, sell_stop, expiry = band.buy_stop, band.sell_stop, band.expiry
    if order.expire_time is not None:
        expiry = order.expire_time if order.expire_time < expiry else expiry
    if not order.is_waiting:
        if band is NEVER_QUIET or _is_restless(order):
            return NEVER_QUIET
        terms = order.terms
        price = terms.price
        is_buy = terms.side is _BUY
        if price is None or not (order.is_triggered or terms.order_type is _LIMIT):
            price = cast(int, order.trigger_price)
            if is_buy:
                buy_stop = price if price < buy_stop else buy_stop
            else:
                sell_stop = price if price > sell_stop else sell_stop
        elif is_buy:
            buy_limit = price if price > buy_limit else buy_limit
        else:
            sell_limit = price if price < sell_limit else sell_limit
    low = buy_limit if buy_limit > sell_stop else sell_stop
    high = sell_limit if sell_limit < buy_stop else buy_stop
    return Band(buy_limit, sell_limit, buy_stop, sell_stop, low, high, expiry)


def _is_restless(order: Resting) -> bool:
    """Tell whether an order acts on, is moved by, or ends with whatever comes next."""
    terms = order.terms
    if order.is_triggered or terms.order_type is _LIMIT:
        in_force = terms.time_in_force
        return terms.price is None or order.is_fresh or in_force is _IOC or in_force is _FOK
    return order.trigger_price is None or terms.trail_offset is not None


def is_quiet(band: Band, item: MarketItem) -> bool:
    """Tell whether an item leaves every order as it is."""
    if item.event_time >= band.expiry:
        return False
    payload = item.payload
    if isinstance(payload, Bar):
        return payload.low > band.bar_low and payload.high < band.bar_high
    if isinstance(payload, BarOpen):
        return band.bar_low < payload.open < band.bar_high
    if isinstance(payload, Quote):
        return (
            band.buy_limit < payload.ask < band.buy_stop
            and band.sell_stop < payload.bid < band.sell_limit
        )
    if isinstance(payload, Trade):
        price = payload.price
        return band.buy_limit <= price <= band.sell_limit and band.sell_stop < price < band.buy_stop
    return False
