"""What prices did to what was held, in the reporting currency, each part at the rate of its time.

Profit in the currency of a market is exact: it is the difference of two states. Where that is not
the reporting currency, it is cut at the fills: what prices did between two of them is worth the
rate at the later one. What the cuts leave over (after the last fill, or closed without a fill, by a
settlement) is worth the rate at the end.
"""

from __future__ import annotations

from tradetui.core.conversion import to_reporting
from tradetui.core.ledger import base_units
from tradetui.core.state import KernelState
from tradetui.core.valuation import unrealised
from tradetui.domain.enums import OrderSide
from tradetui.domain.ids import Currency, InstrumentId, is_shadow
from tradetui.domain.instruments import notional
from tradetui.domain.orders import Fill

_ByCurrency = dict[Currency, int]


class PriceMoves:
    """Profit before fees over one span of a run; begin with the state before it."""

    def __init__(self, state: KernelState) -> None:
        self._quantities: dict[InstrumentId, int] = {}
        for key in sorted(state.positions):
            if not is_shadow(key[1]):
                held = self._quantities.get(key[2], 0)
                self._quantities[key[2]] = held + state.positions[key].quantity
        self._prices = {key: mark.price for key, mark in state.marks.items()}
        self._before = profit_by_currency(state)
        self._valued: _ByCurrency = {}
        self._total: int | None = 0

    def reach(self, state: KernelState) -> None:
        """Value what prices did up to the marks of ``state``, at its rates."""
        for key in sorted(self._quantities):
            mark = state.marks.get(key)
            if mark is None:
                continue
            instrument, quantity = state.instruments[key], self._quantities[key]
            was = notional(instrument, self._prices.get(key, mark.price), quantity)
            self._value(state, instrument.quote, notional(instrument, mark.price, quantity) - was)
            self._prices[key] = mark.price

    def fill(self, state: KernelState, fill: Fill) -> None:
        """Take a fill at the marks of ``state``, which ``reach`` has seen."""
        key = fill.instrument_id
        instrument = state.instruments[key]
        signed = fill.quantity if fill.side is OrderSide.BUY else -fill.quantity
        mark = state.marks.get(key)
        if mark is not None:
            self._prices.setdefault(key, mark.price)
            paid = notional(instrument, fill.price, signed)
            self._value(state, instrument.quote, notional(instrument, mark.price, signed) - paid)
        if fill.commission_currency == instrument.base != instrument.quote:
            signed -= base_units(instrument, fill.commission)[0]
        self._quantities[key] = self._quantities.get(key, 0) + signed

    def end(self, state: KernelState) -> int | None:
        """Return the whole of it up to ``state``; None where a price or a rate lacked."""
        after, before = profit_by_currency(state), self._before
        if after is None or before is None:
            return None
        for currency in sorted({*after, *before, *self._valued}):
            change = after.get(currency, 0) - before.get(currency, 0)
            self._value(state, currency, change - self._valued.get(currency, 0))
        return self._total

    def _value(self, state: KernelState, currency: Currency, amount: int) -> None:
        self._valued[currency] = self._valued.get(currency, 0) + amount
        value = to_reporting(state, currency, amount)
        known = self._total is not None and value is not None
        self._total = (self._total or 0) + (value or 0) if known else None


def profit_by_currency(state: KernelState) -> _ByCurrency | None:
    """Return realised and open profit before fees of all real positions, by the currencies of
    their markets; None while a price lacks.
    """
    found: _ByCurrency = {}
    for key in sorted(state.positions):
        position = state.positions[key]
        if is_shadow(key[1]):
            continue
        open_pnl = unrealised(state, position)
        if open_pnl is None:
            return None
        quote = state.instruments[key[2]].quote
        found[quote] = found.get(quote, 0) + position.realised_pnl + open_pnl
    return found
