"""The position as a strategy sees it."""

from __future__ import annotations

from typing import Protocol

from tradetui.domain.enums import Guard
from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument, average_price, notional
from tradetui.domain.orders import Position
from tradetui.strategy.events import CASH_DIVISOR, POWERS, View


class GuardSource(Protocol):
    """Who knows which order guards a position."""

    def guard(self, instrument_id: InstrumentId) -> Guard:
        """Return who guards the instance's position in a market."""
        ...


class PositionView(View, frozen=True, gc=False):
    """What the instance holds in one market, from the ledger; false when flat.

    In observe it is the position of the shadow book.
    """

    _position: Position
    _instrument: Instrument
    _mark: int | None
    _guard: Guard | GuardSource
    """Who guards it, or whom to ask: looking that up costs more than all the rest."""

    def __bool__(self) -> bool:
        return self._position.quantity != 0

    @property
    def symbol(self) -> str:
        return self._instrument.symbol

    @property
    def quantity(self) -> float:
        """Signed: above zero is long, below is short."""
        return self._position.quantity / POWERS[self._instrument.size_scale]

    @property
    def amount(self) -> float:
        """The size without its sign."""
        return abs(self.quantity)

    @property
    def side(self) -> str:
        """``"long"``, ``"short"`` or ``"flat"``."""
        quantity = self._position.quantity
        return "flat" if quantity == 0 else "long" if quantity > 0 else "short"

    @property
    def is_long(self) -> bool:
        return self._position.quantity > 0

    @property
    def is_short(self) -> bool:
        return self._position.quantity < 0

    @property
    def entry_price(self) -> float | None:
        """The average price; None when flat."""
        if not self._position.quantity:
            return None
        average = average_price(self._instrument, self._position.cost, self._position.quantity)
        return average / POWERS[self._instrument.price_scale]

    @property
    def open_pnl(self) -> float | None:
        """Unrealised profit at the last price, in the quote currency; None while that is unknown.

        0.0 when flat.
        """
        position = self._position
        if not position.quantity:
            return 0.0
        if self._mark is None:
            return None
        worth = notional(self._instrument, self._mark, position.quantity)
        return (worth - position.cost) / CASH_DIVISOR

    @property
    def realised_pnl(self) -> float:
        """Realised over the run, before fees, in the quote currency."""
        return self._position.realised_pnl / CASH_DIVISOR

    @property
    def fees(self) -> float:
        """Paid over the run, in the quote currency."""
        return self._position.fees / CASH_DIVISOR

    @property
    def guard(self) -> str:
        """Who holds the protective stop: ``venue``, ``ours``, ``none``, ``NONE`` or ``-``."""
        guard = self._guard
        if not isinstance(guard, Guard):
            guard = guard.guard(self._instrument.instrument_id)
        return guard.value

    @property
    def opened_time(self) -> int:
        return self._position.opened_time


def position_view(
    position: Position, instrument: Instrument, mark: int | None, source: GuardSource
) -> PositionView:
    """Return the view of a position at the last price ``mark``; ``source`` knows who guards it."""
    if not position.quantity:
        return PositionView(position, instrument, None, Guard.FLAT)
    return PositionView(position, instrument, mark, source)
