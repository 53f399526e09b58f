"""Round trips: from flat to flat, put together from fills."""

from __future__ import annotations

from tradetui.domain.enums import OrderSide
from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument, average_price, commission_in_quote
from tradetui.domain.orders import Fill, Position
from tradetui.domain.units import div_half_even
from tradetui.strategy.events import CASH_DIVISOR, POWERS, ExitView


class _Trip:
    """One trip under way, all in integers; ``quantity`` is signed, of what was opened."""

    __slots__ = (
        "closed",
        "cost",
        "fees",
        "gross",
        "is_partial",
        "opened",
        "opened_time",
        "other_fees",
        "proceeds",
        "side",
    )

    def __init__(self, side: str, opened_time: int, *, is_partial: bool = False) -> None:
        self.side = side
        self.opened_time = opened_time
        self.is_partial = is_partial
        self.opened = 0
        self.closed = 0
        self.cost = 0
        self.proceeds = 0
        self.gross = 0
        self.fees = 0
        self.other_fees: dict[str, int] = {}

    def add_entry(self, fill: Fill, opening: int) -> None:
        """Count the part of a fill that opened or grew the position."""
        self.opened += opening
        self.cost += div_half_even(abs(fill.notional) * opening, fill.quantity)

    def add_exit(self, fill: Fill, closing: int) -> None:
        """Count the part of a fill that closed; its realised profit is that part's alone."""
        self.closed += closing
        self.proceeds += div_half_even(abs(fill.notional) * closing, fill.quantity)
        self.gross += fill.realised_pnl


class RoundTrips:
    """Watches the fills of one instance and says when a position is closed.

    A rest of less than one lot counts as closed: it cannot be traded.
    """

    def __init__(self) -> None:
        self._trips: dict[InstrumentId, _Trip] = {}
        self._held: dict[InstrumentId, int] = {}

    def resume(self, position: Position) -> None:
        """Begin with a position that was there before (a reload, a restart)."""
        self._held[position.instrument_id] = position.quantity
        if position.quantity:
            trip = _Trip(_side(position.quantity), position.opened_time, is_partial=True)
            trip.opened, trip.cost = abs(position.quantity), abs(position.cost)
            self._trips[position.instrument_id] = trip

    def take(self, fill: Fill, instrument: Instrument) -> ExitView | None:
        """Add a fill; return the finished trip when it closed the position (or turned it)."""
        key, quantity = fill.instrument_id, fill.quantity
        signed = quantity if fill.side is OrderSide.BUY else -quantity
        # Not "after - signed": a commission in the base coin takes from the position too.
        before = self._whole(self._held.get(key, fill.position_after - signed), instrument)
        self._held[key] = fill.position_after
        closing = min(quantity, abs(before)) if before and (before > 0) is not (signed > 0) else 0
        trip = self._trips.get(key) if before else None
        if trip is None:
            trip = _Trip(_side(before or signed), fill.event_time, is_partial=before != 0)
            self._trips[key] = trip
        _charge(trip, fill, instrument)
        if not closing:
            trip.add_entry(fill, quantity)
            return None
        trip.add_exit(fill, closing)
        if self._whole(fill.position_after, instrument) and closing < abs(before):
            return None
        del self._trips[key]
        if closing < quantity:
            turned = self._trips[key] = _Trip(_side(signed), fill.event_time)
            turned.add_entry(fill, quantity - closing)
        return _finished(trip, fill, instrument)

    @staticmethod
    def _whole(quantity: int, instrument: Instrument) -> int:
        """Return 0 for dust."""
        return quantity if abs(quantity) >= instrument.size_increment else 0


def _side(quantity: int) -> str:
    return "long" if quantity > 0 else "short"


def _charge(trip: _Trip, fill: Fill, instrument: Instrument) -> None:
    """Count a commission: in the quote currency as it is, in the base at the fill's price."""
    currency = fill.commission_currency
    fee = commission_in_quote(instrument, fill.price, fill.commission, currency)
    if fee is None:
        trip.other_fees[currency] = trip.other_fees.get(currency, 0) + fill.commission
    else:
        trip.fees += fee


def _finished(trip: _Trip, fill: Fill, instrument: Instrument) -> ExitView:
    factor = POWERS[instrument.price_scale]
    entry = average_price(instrument, trip.cost, trip.opened)
    return ExitView(
        symbol=instrument.symbol,
        side=trip.side,
        amount=trip.closed / POWERS[instrument.size_scale],
        entry_price=entry / factor,
        exit_price=average_price(instrument, trip.proceeds, trip.closed) / factor,
        gross_pnl=trip.gross / CASH_DIVISOR,
        fees=trip.fees / CASH_DIVISOR,
        net_pnl=(trip.gross - trip.fees) / CASH_DIVISOR,
        opened_time=trip.opened_time,
        time=fill.event_time,
        is_partial=trip.is_partial,
        other_fees=tuple(
            (currency, amount / CASH_DIVISOR)
            for currency, amount in sorted(trip.other_fees.items())
        ),
    )
