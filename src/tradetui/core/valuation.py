"""What positions and money are worth at the sequenced marks: None where a mark is missing, never a
guess.
"""

from __future__ import annotations

from tradetui.core.conversion import to_reporting
from tradetui.core.state import KernelState
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency, InstrumentId, RouteId
from tradetui.domain.instruments import notional
from tradetui.domain.orders import Position
from tradetui.domain.units import PPM, div_ceil


def unrealised(state: KernelState, position: Position) -> int | None:
    """Return a position's open profit at the mark, in its quote currency; None without a mark."""
    if position.quantity == 0:
        return 0
    mark = state.marks.get(position.instrument_id)
    if mark is None:
        return None
    instrument = state.instruments[position.instrument_id]
    return notional(instrument, mark.price, position.quantity) - position.cost


def position_value(state: KernelState, instrument_id: InstrumentId, quantity: int) -> int | None:
    """Return a quantity's value at the mark, in the quote currency; None without a mark."""
    if quantity == 0:
        return 0
    mark = state.marks.get(instrument_id)
    if mark is None:
        return None
    return notional(state.instruments[instrument_id], mark.price, quantity)


def equity_by_currency(state: KernelState, route_id: RouteId) -> dict[Currency, int] | None:
    """Return what a route is worth, per currency; None when a mark is missing.

    Cash plus, for spot and prediction, quantity x price; for futures, unrealised profit.
    """
    worth: dict[Currency, int] = {}
    for (route, currency), amount in state.cash.items():
        if route == route_id:
            worth[currency] = worth.get(currency, 0) + amount
    for (_, route, instrument_id), position in state.positions.items():
        if route != route_id or position.quantity == 0:
            continue
        instrument = state.instruments[instrument_id]
        if instrument.instrument_class is InstrumentClass.FUTURE:
            value = unrealised(state, position)
        else:
            value = position_value(state, instrument_id, position.quantity)
        if value is None:
            return None
        worth[instrument.quote] = worth.get(instrument.quote, 0) + value
    return worth


def equity(state: KernelState, route_id: RouteId) -> int | None:
    """Return what a route is worth in the reporting currency; None when a mark or a rate is
    missing.
    """
    worth = equity_by_currency(state, route_id)
    if worth is None:
        return None
    total = 0
    for currency in sorted(worth):
        value = to_reporting(state, currency, worth[currency])
        if value is None:
            return None
        total += value
    return total


def margin_used(state: KernelState, route_id: RouteId) -> int | None:
    """Return the initial margin of a route's futures, in the reporting currency; None when a mark
    or a rate is missing.

    The golden traces compare it for every implementation of the core. No gate reads it (``funds``
    counts by currency, with what works too), and no screen shows it yet.
    """
    total = 0
    for (route, instrument_id), quantity in state.route_quantities.items():
        instrument = state.instruments[instrument_id]
        if route != route_id or instrument.instrument_class is not InstrumentClass.FUTURE:
            continue
        value = position_value(state, instrument_id, quantity)
        if value is None:
            return None
        margin = div_ceil(abs(value) * instrument.margin_ppm, PPM)
        converted = to_reporting(state, instrument.quote, margin)
        if converted is None:
            return None
        total += converted
    return total
