"""What the panel says of a position beside its size: worth, risk, R, extremes, fills and fees."""

from __future__ import annotations

from typing import Final

from tradetui.core.state import KernelState, PositionKey
from tradetui.core.valuation import position_value
from tradetui.domain.ids import InstrumentId, StrategyId, is_shadow
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Position
from tradetui.domain.replica import HoldingView
from tradetui.domain.units import div_half_even
from tradetui.runtime.trips import Trip, TripBook

_BASIS_POINTS: Final = 10_000
_HUNDREDTHS: Final = 100


def holding_of(
    state: KernelState,
    strategy_id: StrategyId,
    instrument_id: InstrumentId,
    trips: TripBook,
    stop_price: int | None,
    open_pnl: int | None,
) -> HoldingView | None:
    """Return the figures of what an instance holds of a market, real routes only; None if flat."""
    held = _held(state, strategy_id, instrument_id)
    quantity = sum(position.quantity for position in held.values())
    if quantity == 0:
        return None
    instrument = state.instruments[instrument_id]
    cost = sum(position.cost for position in held.values())
    found = [trip for key in held if (trip := trips.of(key)) is not None]
    stops = [trip.first_stop for trip in found if trip.first_stop is not None]
    first_stop = stops[0] if stops else stop_price
    at_stake = _loss_at(instrument, first_stop, quantity, cost)
    best, worst = _extremes(instrument, held, trips)
    late = [trip.since for trip in found if not trip.is_whole]
    return HoldingView(
        worth=position_value(state, instrument_id, abs(quantity)),
        risk=_loss_at(instrument, stop_price, quantity, cost),
        open_bps=_ratio(open_pnl, abs(cost), _BASIS_POINTS),
        open_r=_ratio(open_pnl, at_stake, _HUNDREDTHS),
        best=best,
        worst=worst,
        fills=sum(trip.fills for trip in found),
        fees=_total_fees(found),
        followed_since=min(late, default=None),
    )


def _held(
    state: KernelState, strategy_id: StrategyId, instrument_id: InstrumentId
) -> dict[PositionKey, Position]:
    return {
        key: position
        for key, position in state.positions.items()
        if key[0] == strategy_id
        and key[2] == instrument_id
        and position.quantity
        and not is_shadow(key[1])
    }


def _loss_at(instrument: Instrument, price: int | None, quantity: int, cost: int) -> int | None:
    return None if price is None else cost - notional(instrument, price, quantity)


def _ratio(amount: int | None, base: int | None, parts: int) -> int | None:
    """Return an amount in parts of a base; None where the base is unknown or not above 0."""
    if amount is None or base is None or base <= 0:
        return None
    return div_half_even(amount * parts, base)


def _extremes(
    instrument: Instrument, held: dict[PositionKey, Position], trips: TripBook
) -> tuple[int | None, int | None]:
    """Return the best and the worst open profit of the sizes held now; None before any price."""
    best = worst = 0
    for key, position in held.items():
        trip = trips.of(key)
        if trip is None or trip.high is None or trip.low is None:
            return None, None
        ends = [notional(instrument, price, position.quantity) for price in (trip.high, trip.low)]
        best += max(ends) - position.cost
        worst += min(ends) - position.cost
    return best, worst


def _total_fees(trips: list[Trip]) -> int | None:
    fees = [trip.fees for trip in trips]
    known = [fee for fee in fees if fee is not None]
    return sum(known) if fees and len(known) == len(fees) else None
