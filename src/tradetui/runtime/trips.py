"""What happened to each position since it was opened: its extremes, fills, fees and first stop.

Followed step by step, so that nothing is missed between two looks at it. A position that was there
before, and is not remembered, is followed from the start on, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tradetui.core.orders import open_orders_of
from tradetui.core.state import KernelState, PositionKey
from tradetui.domain.enums import OrderRole
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId, StrategyId, is_shadow
from tradetui.domain.instruments import Instrument, commission_in_quote
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.memory import TripMemory
from tradetui.domain.orders import Fill
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import div_half_even


class Trip:
    """One position from its first fill on.

    ``high`` and ``low`` are the extreme prices since then, None before the first. ``first_stop`` is
    the price of the first protective stop: what is risked is measured from it. ``fees`` are in the
    quote currency, None where one was in a third. ``is_whole``: followed since it was opened.
    """

    __slots__ = ("fees", "fills", "first_stop", "high", "is_long", "is_whole", "low", "since")

    def __init__(self, since: int, *, is_long: bool, is_whole: bool) -> None:
        self.since = since
        self.is_long = is_long
        self.is_whole = is_whole
        self.high: int | None = None
        self.low: int | None = None
        self.fills = 0
        self.fees: int | None = 0
        self.first_stop: int | None = None

    def see(self, high: int, low: int) -> None:
        """Widen the extremes."""
        self.high = high if self.high is None else max(self.high, high)
        self.low = low if self.low is None else min(self.low, low)

    def charge(self, fill: Fill, instrument: Instrument) -> None:
        """Count a fill and its commission; one in the base coin at the fill's price."""
        self.fills += 1
        fee = commission_in_quote(instrument, fill.price, fill.commission, fill.commission_currency)
        self.fees = None if fee is None or self.fees is None else self.fees + fee


class TripBook:
    """The open positions of all instances, each with its trip. Shadow books are not followed."""

    def __init__(self, state: KernelState) -> None:
        self._trips: dict[PositionKey, Trip] = {}
        self._by_market: dict[InstrumentId, list[Trip]] = {}
        self._calm: dict[InstrumentId, tuple[int, int]] = {}
        """Between which prices no trip of a market has a new extreme; looked for anew when it is
        left, or a trip comes or goes."""
        self._without_stop: dict[StrategyId, list[tuple[PositionKey, Trip]]] = {}
        for key, held in state.positions.items():
            if held.quantity and not is_shadow(key[1]):
                trip = Trip(state.now, is_long=held.quantity > 0, is_whole=False)
                self._open(key, trip, state)

    def remember(self) -> tuple[TripMemory, ...]:
        """Return the trips for a later ``recall``."""
        return tuple(
            TripMemory(
                *key,
                trip.since,
                trip.is_long,
                trip.is_whole,
                trip.high,
                trip.low,
                trip.fills,
                trip.fees,
                trip.first_stop,
            )
            for key, trip in sorted(self._trips.items())
        )

    def recall(self, trips: Iterable[TripMemory], state: KernelState) -> None:
        """Go on with the trips of an earlier run, as far as their positions are still held."""
        for known in trips:
            key = (known.strategy_id, known.route_id, known.instrument_id)
            begun = self._trips.get(key)
            if begun is None or begun.is_long is not known.is_long:
                continue
            self._close(key, begun)
            trip = Trip(known.since, is_long=known.is_long, is_whole=known.is_whole)
            trip.high, trip.low, trip.fills = known.high, known.low, known.fills
            trip.fees, trip.first_stop = known.fees, known.first_stop
            self._open(key, trip, state)

    def of(self, key: PositionKey) -> Trip | None:
        """Return the trip of a sub-position, None while it is flat."""
        return self._trips.get(key)

    def take(self, record: StepRecord, state: KernelState) -> None:
        """Follow one step; ``state`` is that behind it."""
        self.see(record.event)
        for fill in record.result.fills:
            if not is_shadow(fill.route_id):
                self._take_fill(fill, state)
        if record.transitions and self._without_stop:
            for strategy_id in sorted({move.strategy_id for move in record.transitions}):
                self._find_stops(strategy_id, state)

    def see(self, event: Envelope) -> None:
        """Take in what an event says of a market's price."""
        trips = self._by_market.get(event.instrument)
        if not trips:
            return
        payload: Any = event.payload
        kind = payload.__class__
        if kind is Trade:
            self._see_price(event.instrument, trips, payload.price)
        elif kind is Quote:
            bid, ask = payload.bid, payload.ask
            if bid > 0 and ask > 0:
                self._see_price(event.instrument, trips, div_half_even(bid + ask, 2))
        elif kind is Bar:
            _see_bar(trips, payload)
            self._calm.pop(event.instrument, None)

    def _see_price(self, instrument_id: InstrumentId, trips: list[Trip], price: int) -> None:
        """Show a price to the trips of a market, if it can be an extreme of any of them."""
        calm = self._calm.get(instrument_id)
        if calm is not None and calm[0] <= price <= calm[1]:
            return
        for trip in trips:
            trip.see(price, price)
        lows = [trip.low for trip in trips if trip.low is not None]
        highs = [trip.high for trip in trips if trip.high is not None]
        self._calm[instrument_id] = max(lows), min(highs)

    def _take_fill(self, fill: Fill, state: KernelState) -> None:
        key = (fill.strategy_id, fill.route_id, fill.instrument_id)
        instrument = state.instruments[fill.instrument_id]
        quantity = state.positions[key].quantity
        # Less than a lot cannot be traded: what is bought next is a position of its own.
        is_flat = abs(quantity) < instrument.size_increment
        trip = self._trips.get(key)
        if trip is not None and (is_flat or trip.is_long is not (quantity > 0)):
            self._close(key, trip)
            trip = None
        if is_flat:
            return
        if trip is None:
            trip = Trip(fill.event_time, is_long=quantity > 0, is_whole=True)
            self._open(key, trip, state)
        trip.charge(fill, instrument)
        trip.see(fill.price, fill.price)
        self._calm.pop(fill.instrument_id, None)

    def _open(self, key: PositionKey, trip: Trip, state: KernelState) -> None:
        self._trips[key] = trip
        self._by_market.setdefault(key[2], []).append(trip)
        self._calm.pop(key[2], None)
        if trip.first_stop is None:
            self._without_stop.setdefault(key[0], []).append((key, trip))
            self._find_stops(key[0], state)

    def _close(self, key: PositionKey, trip: Trip) -> None:
        del self._trips[key]
        self._by_market[key[2]].remove(trip)
        self._drop_waiting(key[0], [one for one in self._waiting(key[0]) if one[1] is not trip])

    def _waiting(self, strategy_id: StrategyId) -> list[tuple[PositionKey, Trip]]:
        return self._without_stop.get(strategy_id, [])

    def _drop_waiting(self, strategy_id: StrategyId, left: list[tuple[PositionKey, Trip]]) -> None:
        if left:
            self._without_stop[strategy_id] = left
        else:
            self._without_stop.pop(strategy_id, None)

    def _find_stops(self, strategy_id: StrategyId, state: KernelState) -> None:
        """Note the first stop of the positions that have none yet."""
        waiting = self._waiting(strategy_id)
        if not waiting:
            return
        orders = open_orders_of(state, strategy_id, with_shadow=False)
        left = []
        for key, trip in waiting:
            for order in orders:
                terms = order.terms
                if terms.role is OrderRole.STOP_LOSS and terms.instrument_id == key[2]:
                    trip.first_stop = order.trigger_price or terms.trigger_price
                    break
            if trip.first_stop is None:
                left.append((key, trip))
        self._drop_waiting(strategy_id, left)


def _see_bar(trips: list[Trip], bar: Bar) -> None:
    """Show a bar to the trips of its market.

    Of one that began before the position only the close counts: what came before is not known to be
    after.
    """
    if bar.warmup_for is not None:
        return
    for trip in trips:
        if bar.open_time < trip.since:
            trip.see(bar.close, bar.close)
        else:
            trip.see(bar.high, bar.low)
