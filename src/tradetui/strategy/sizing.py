"""How much to order: by a part of the budget at risk, by value, or by what is free."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import InstrumentClass, OrderSide
from tradetui.domain.instruments import Instrument, floor_quantity
from tradetui.domain.units import PPM
from tradetui.strategy.events import CASH_DIVISOR, POWERS
from tradetui.strategy.port import ContextPort

HEADROOM: Final = 0.99
"""The part of free cash that a suggestion uses. The risk gate wants one per cent above a market
order's value, because it trades at the next price and not at this one; 0.99 is just below
1 / 1.01."""


def unit_worth(instrument: Instrument, price: float) -> float:
    """Return what one unit of the base is worth at a price, in the quote currency."""
    return price * float(instrument.multiplier) / float(POWERS[instrument.multiplier_scale])


def affordable(port: ContextPort, instrument: Instrument, side: OrderSide, price: float) -> float:
    """Return the largest amount that the free budget and the free cash allow, not yet in lots."""
    worth = unit_worth(instrument, price)
    free_budget = (port.budget() - port.budget_used()) / CASH_DIVISOR
    amount = free_budget / worth
    needs_cash = side is OrderSide.BUY or instrument.instrument_class is InstrumentClass.FUTURE
    if needs_cash:
        free_cash = port.cash(instrument.quote) / CASH_DIVISOR * HEADROOM
        is_future = instrument.instrument_class is InstrumentClass.FUTURE
        margin = instrument.margin_ppm if is_future else PPM
        per_unit = worth * (margin + instrument.taker_fee_ppm) / PPM
        amount = min(amount, free_cash / per_unit)
    return max(amount, 0.0)


def at_risk(port: ContextPort, instrument: Instrument, risk: float, distance: float) -> float:
    """Return the amount that loses ``risk`` of the budget when the price moves by ``distance``."""
    budget = port.budget() / CASH_DIVISOR
    return budget * risk / unit_worth(instrument, distance)


def whole_lots(instrument: Instrument, amount: float) -> float:
    """Round an amount down to the lot; 0.0 when less than a lot or than the market's minimum."""
    factor = POWERS[instrument.size_scale]
    quantity = floor_quantity(instrument, int(amount * factor * (1 + 1e-12)))
    if quantity < max(instrument.min_quantity, 1):
        return 0.0
    return quantity / factor
