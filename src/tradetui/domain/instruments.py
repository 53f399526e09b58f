"""Instruments: what is traded, at which scale, and the arithmetic of price times quantity."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import InstrumentClass, OrderSide
from tradetui.domain.ids import Currency, InstrumentId
from tradetui.domain.record import Record
from tradetui.domain.units import CASH_SCALE, PPM, div_ceil, div_floor, div_half_even

_POWERS: Final[tuple[int, ...]] = tuple(10**exponent for exponent in range(64))
"""Powers of ten, looked up: this arithmetic is on the path of every order."""


class Instrument(Record, frozen=True):
    """One tradable market of one venue.

    Prices are integers at ``price_scale``, quantities at ``size_scale``: both fixed for the life of
    a journal. Increments and bounds are data in those units and change by an InstrumentUpdated
    event. ``None`` = no bound.
    """

    instrument_id: InstrumentId
    symbol: str
    venue: str
    instrument_class: InstrumentClass
    base: Currency
    quote: Currency
    price_scale: int
    size_scale: int
    price_increment: int
    size_increment: int
    min_quantity: int = 0
    max_quantity: int | None = None
    min_notional: int = 0
    """In the quote currency at CASH_SCALE."""

    multiplier: int = 1
    multiplier_scale: int = 0
    margin_ppm: int = PPM
    """Initial margin as parts per million of the notional; futures only."""

    maker_fee_ppm: int = 0
    taker_fee_ppm: int = 0
    price_min: int | None = None
    price_max: int | None = None
    price_decimals: int = 2
    """Decimals a screen shows for a price; never fewer than the increment needs."""

    size_decimals: int = 8


def price_decimals(increment: int, scale: int) -> int:
    """Return the decimals that multiples of ``increment`` at ``scale`` need."""
    assert increment > 0
    decimals = scale
    while decimals > 0 and increment % 10 == 0:
        increment = div_floor(increment, 10)
        decimals -= 1
    return decimals


def notional(instrument: Instrument, price: int, quantity: int) -> int:
    """Return price x quantity x multiplier in the quote currency at CASH_SCALE, halves to even.

    The sign is that of ``quantity``. Fills and marks use this one function, so that money is
    conserved exactly.
    """
    product = price * quantity * instrument.multiplier
    scale = instrument.price_scale + instrument.size_scale + instrument.multiplier_scale
    if scale <= CASH_SCALE:
        return product * _POWERS[CASH_SCALE - scale]
    unit = _POWERS[scale - CASH_SCALE]
    whole, rest = divmod(product, unit)
    return div_half_even(product, unit) if rest else whole


def fee(amount: int, rate_ppm: int) -> int:
    """Return the fee on a notional, rounded up (against us); a negative rate is a rebate."""
    return div_ceil(abs(amount) * rate_ppm, PPM)


def commission_in_quote(
    instrument: Instrument, price: int, commission: int, currency: Currency
) -> int | None:
    """Return the commission of a fill in the quote currency at CASH_SCALE: one in the base coin at
    the fill's price, halves to even; None for one in a third coin, which needs a rate.
    """
    if currency == instrument.quote or not commission:
        return commission
    if currency == instrument.base:
        return div_half_even(commission * price, _POWERS[instrument.price_scale])
    return None


def floor_quantity(instrument: Instrument, quantity: int) -> int:
    """Round a positive quantity down to the lot."""
    return div_floor(quantity, instrument.size_increment) * instrument.size_increment


def passive_price(instrument: Instrument, side: OrderSide, price: int) -> int:
    """Round a price to the tick on the passive side: down to buy, up to sell."""
    tick = instrument.price_increment
    return div_floor(price, tick) * tick if side is OrderSide.BUY else div_ceil(price, tick) * tick


def average_price(instrument: Instrument, cost: int, quantity: int) -> int:
    """Derive the average price of a position or an order from its total cost; 0 when the quantity
    is 0.
    """
    if quantity == 0:
        return 0
    exponent = (
        instrument.price_scale + instrument.size_scale + instrument.multiplier_scale - CASH_SCALE
    )
    numerator, denominator = abs(cost), abs(quantity) * instrument.multiplier
    if exponent >= 0:
        return div_half_even(numerator * 10**exponent, denominator)
    return div_half_even(numerator, denominator * 10**-exponent)
