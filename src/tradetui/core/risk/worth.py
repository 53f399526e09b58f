"""What one sub-position is worth, may come to and may take from the cash, in its quote currency."""

from __future__ import annotations

from typing import Final

from tradetui.core.state import KernelState, PositionKey, Working
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.instruments import Instrument, fee, notional
from tradetui.domain.orders import Position
from tradetui.domain.units import PPM, div_ceil

_FUTURE: Final = InstrumentClass.FUTURE
_PREDICTION: Final = InstrumentClass.PREDICTION

NO_WORKING: Final = Working()
"""The working sums where no order works."""


def open_pnl(state: KernelState, instrument: Instrument, held: Position | None) -> int:
    """Return the unrealised profit of a position at the mark, quote currency; 0 without a mark."""
    if held is None or held.quantity == 0:
        return 0
    mark = state.marks.get(instrument.instrument_id)
    return 0 if mark is None else notional(instrument, mark.price, held.quantity) - held.cost


def worst_of(
    state: KernelState,
    key: PositionKey,
    held: Position | None,
    working: Working,
    price: int | None = None,
) -> int:
    """Return the worst-case notional of one sub-position, in its quote currency: at the mark, else
    at ``price``, else at what is known of it (the cost of its position, its orders' notional).
    """
    quantity = cost = 0
    if held is not None:
        quantity, cost = held.quantity, held.cost
    mark = state.marks.get(key[2])
    if mark is not None:
        price = mark.price
    if price is None:
        return max(cost + working.buy_notional, working.sell_notional - cost, 0)
    long = quantity + working.buy_quantity
    short = working.sell_quantity - quantity
    worst = long if long > short else short
    return abs(notional(state.instruments[key[2]], price, worst)) if worst > 0 else 0


def reserved(instrument: Instrument, working: Working) -> int:
    """Return what the working orders on one sub-position may take from the cash."""
    class_ = instrument.instrument_class
    if class_ is _FUTURE:
        return 0
    reserved = working.buy_notional
    maker, taker = instrument.maker_fee_ppm, instrument.taker_fee_ppm
    rate = maker if maker > taker else taker
    if reserved and rate > 0:
        reserved += fee(reserved, rate)
    if class_ is _PREDICTION and working.sell_quantity:
        one = highest_price(instrument)
        reserved += max(notional(instrument, one, working.sell_quantity) - working.sell_notional, 0)
    return reserved


def owed(instrument: Instrument, held: Position) -> int:
    """Return what a short position may have to pay; its cash is already in the balance."""
    if instrument.instrument_class is not _PREDICTION:
        return 0
    return notional(instrument, highest_price(instrument), -held.quantity)


def highest_price(instrument: Instrument) -> int:
    """Return the most that a prediction can be worth."""
    if instrument.price_max is not None:
        return instrument.price_max
    one: int = 10**instrument.price_scale
    return one


def margin(instrument: Instrument, value: int) -> int:
    """Return the initial margin of a future's notional, rounded up."""
    return div_ceil(value * instrument.margin_ppm, PPM)
