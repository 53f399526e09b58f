"""What a route can pay for: the venue fills no more of a purchase than that, and lends nothing.

Futures have margin instead, which is not the venue's to judge. The venue keeps no accounts of its
own: it asks for a balance when an item comes, and follows it through the fills of that item.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tradetui.core.venue.fills import commission
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide
from tradetui.domain.ids import Currency, RouteId
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.units import div_floor

Balance = Callable[[RouteId, Currency], int]
"""What a route has of a currency at this moment (CASH_SCALE)."""

INSUFFICIENT_FUNDS: Final = "insufficient funds"
"""The reason of the cancel that ends a purchase which cannot be paid for in full."""

_BUY: Final = OrderSide.BUY
_FUTURE: Final = InstrumentClass.FUTURE


def spendable(balance: Balance | None, route_id: RouteId, instrument: Instrument) -> int | None:
    """Return what a route can spend on an instrument, in its quote currency; None: no limit."""
    if balance is None or instrument.instrument_class is _FUTURE:
        return None
    return balance(route_id, instrument.quote)


def cash_flow(
    config: VenueConfig,
    instrument: Instrument,
    side: OrderSide,
    liquidity: LiquiditySide,
    quantity: int,
    price: int,
) -> int:
    """Return what a fill moves in the quote currency, its fee included: negative when it pays."""
    paid, currency = commission(config, instrument, side, liquidity, quantity, price)
    worth = notional(instrument, price, quantity)
    flow = -worth if side is _BUY else worth
    return flow - paid if currency == instrument.quote else flow


def payable(
    config: VenueConfig,
    instrument: Instrument,
    liquidity: LiquiditySide,
    quantity: int,
    price: int,
    cash: int,
) -> int:
    """Return how much of a purchase at ``price`` can be paid for, fee included, in whole lots; 0
    for a part that would be too small to be an order, and so to be sold again.
    """

    def left(bought: int) -> int:
        return cash + cash_flow(config, instrument, _BUY, liquidity, bought, price)

    if left(quantity) >= 0:
        return quantity
    lot = instrument.size_increment
    enough, too_many = 0, div_floor(quantity, lot)
    while too_many - enough > 1:
        middle = div_floor(enough + too_many, 2)
        if left(middle * lot) >= 0:
            enough = middle
        else:
            too_many = middle
    part = enough * lot
    is_order = part >= instrument.min_quantity and (
        notional(instrument, price, part) >= instrument.min_notional
    )
    return part if is_order else 0
