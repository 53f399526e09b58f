"""How trading went: round trips that won and lost, and the deepest fall of the money.

Exact integers, from the fills and prices of the steps alone. The money of one currency changes by
what purchases cost and sales bring, commissions, and the value of what is held at its last price;
its drawdown is the largest fall from the best so far (the start counts as the first). A round trip
won when its realised profit is more than its commissions, one in the base coin at the fill's price.
A commission in a third coin is in neither figure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tradetui.domain.enums import OrderSide
from tradetui.domain.ids import Currency, InstrumentId
from tradetui.domain.instruments import Instrument, commission_in_quote, notional
from tradetui.domain.orders import Fill
from tradetui.domain.units import div_half_even

HeldKey = tuple[str, str, InstrumentId]
"""Instance, route and market of a position."""


@dataclass
class _Held:
    """A position, and what its round trip came to so far at CASH_SCALE."""

    quantity: int
    result: int = 0


class Performance:
    """Adds up fills and prices of one instance, or of all."""

    def __init__(self) -> None:
        self.round_trips = 0
        """Positions that were closed, from flat to flat, or through it to the other side."""
        self.wins = 0
        """Those that brought more than their commissions."""
        self.drawdown: Counter[Currency] = Counter()
        """The largest fall by currency, at CASH_SCALE."""
        self._held: dict[HeldKey, _Held] = {}
        self._sums: dict[InstrumentId, int] = {}
        self._values: dict[InstrumentId, int] = {}
        self._prices: dict[InstrumentId, int] = {}
        """What the values were taken at."""
        self._money: Counter[Currency] = Counter()
        self._peak: Counter[Currency] = Counter()

    def fill(self, fill: Fill, instrument: Instrument) -> None:
        """Take one fill of a real route."""
        sign = 1 if fill.side is OrderSide.BUY else -1
        signed = sign * fill.quantity
        commission = commission_in_quote(
            instrument, fill.price, fill.commission, fill.commission_currency
        )
        change = self._trip(fill, signed, fill.realised_pnl - (commission or 0))
        paid = notional(instrument, fill.price, signed)
        if fill.commission_currency == instrument.quote:
            paid += fill.commission
        self._money[instrument.quote] -= paid
        key = instrument.instrument_id
        self._sums[key] = self._sums.get(key, 0) + change
        self._revalue(instrument, fill.price)

    def price(self, instrument: Instrument, price: int) -> None:
        """Take a price of a market."""
        key = instrument.instrument_id
        if self._sums.get(key) and self._prices[key] != price:
            self._revalue(instrument, price)

    @property
    def win_rate_ppm(self) -> int | None:
        """The share of round trips that won, None before the first."""
        return div_half_even(self.wins * 1_000_000, self.round_trips) if self.round_trips else None

    def _trip(self, fill: Fill, signed: int, result: int) -> int:
        """Follow a position, which a commission in the base coin makes smaller; return by how much
        it changed.
        """
        key = (str(fill.strategy_id), str(fill.route_id), fill.instrument_id)
        held = self._held.get(key)
        if held is None:
            is_opened = 0 < fill.position_after * signed <= signed * signed
            held = _Held(0 if is_opened else fill.position_after - signed)
            self._held[key] = held
        before, after = held.quantity, fill.position_after
        held.quantity = after
        held.result += result
        if before and (after == 0 or (after > 0) != (before > 0)):
            self.round_trips += 1
            self.wins += held.result > 0
            held.result = 0
        return after - before

    def _revalue(self, instrument: Instrument, price: int) -> None:
        key, currency = instrument.instrument_id, instrument.quote
        value = notional(instrument, price, self._sums[key])
        self._money[currency] += value - self._values.get(key, 0)
        self._values[key] = value
        self._prices[key] = price
        now = self._money[currency]
        self._peak[currency] = max(self._peak[currency], now)
        self.drawdown[currency] = max(self.drawdown[currency], self._peak[currency] - now)
