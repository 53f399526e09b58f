"""What a fill costs: slippage and commission. Pure functions."""

from __future__ import annotations

from typing import Final

from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide
from tradetui.domain.ids import Currency
from tradetui.domain.instruments import Instrument, fee, notional
from tradetui.domain.units import CASH_SCALE, PPM, div_ceil, div_floor

_SPOT: Final = InstrumentClass.SPOT
_MAKER: Final = LiquiditySide.MAKER
_BUY: Final = OrderSide.BUY

LOWEST_PRICE: Final = 1
"""No sale is simulated below one unit of the price scale (unless the market itself is there)."""


def slipped(
    instrument: Instrument, side: OrderSide, price: int, slippage_ppm: int, limit: int | None
) -> int:
    """Return ``price`` moved against the taker by a rate and on to the next tick, but never past
    ``limit`` or the instrument's price bounds. The price itself when the rate is 0.
    """
    if slippage_ppm == 0:
        return price
    tick = instrument.price_increment
    if side is _BUY:
        moved = div_ceil(div_ceil(price * (PPM + slippage_ppm), PPM), tick) * tick
        bounds = [bound for bound in (limit, instrument.price_max) if bound is not None]
        return max(min(moved, *bounds), price) if bounds else moved
    moved = div_floor(div_floor(price * (PPM - slippage_ppm), PPM), tick) * tick
    bounds = [bound for bound in (limit, instrument.price_min) if bound is not None]
    return min(max(moved, LOWEST_PRICE, *bounds), price)


def commission(
    config: VenueConfig,
    instrument: Instrument,
    side: OrderSide,
    liquidity: LiquiditySide,
    quantity: int,
    price: int,
) -> tuple[int, Currency]:
    """Return a fill's commission (CASH_SCALE, rounded against us; negative is a rebate) and its
    currency: the quote currency, or the base coin of a spot buy where the venue is set so.
    """
    rate = config.taker_fee_ppm
    own_rate = instrument.taker_fee_ppm
    if liquidity is _MAKER:
        rate = config.maker_fee_ppm
        own_rate = instrument.maker_fee_ppm
    rate = own_rate if rate is None else rate
    if config.fee_in_base and side is _BUY and instrument.instrument_class is _SPOT:
        return fee(_at_cash_scale(instrument, quantity), rate), instrument.base
    if rate == 0:
        return 0, instrument.quote
    return fee(notional(instrument, price, quantity), rate), instrument.quote


def net_of_base_fee(
    instrument: Instrument, quantity: int, commission_paid: int, currency: Currency
) -> int:
    """Return what a buy of ``quantity`` leaves in the account when the fee is taken from it."""
    if currency != instrument.base or currency == instrument.quote or commission_paid <= 0:
        return quantity
    exponent = CASH_SCALE - instrument.size_scale
    if exponent >= 0:
        return quantity - div_ceil(commission_paid, 10**exponent)
    return quantity - int(commission_paid * 10**-exponent)


def _at_cash_scale(instrument: Instrument, quantity: int) -> int:
    exponent = CASH_SCALE - instrument.size_scale
    return int(quantity * 10**exponent) if exponent >= 0 else div_ceil(quantity, 10**-exponent)
