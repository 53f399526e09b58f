"""Views of market data: a record that is divided only when an attribute is read."""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.units import CASH_SCALE

POWERS: Final[tuple[int, ...]] = tuple(10**scale for scale in range(19))
"""10 to the power of a scale."""

CASH_DIVISOR: Final = POWERS[CASH_SCALE]


class View(msgspec.Struct, frozen=True, gc=False):
    """Base of all views: attributes, and the same names as keys."""

    def __getitem__(self, name: str) -> object:
        if not isinstance(name, str) or name.startswith("_") or not hasattr(self, name):
            raise KeyError(name)
        return getattr(self, name)

    def keys(self) -> tuple[str, ...]:
        """Return the names that ``view[name]`` knows, so that ``dict(view)`` works."""
        return tuple(
            name
            for name in dir(type(self))
            if not name.startswith("_") and not callable(getattr(type(self), name))
        )

    @property
    def is_warmup(self) -> bool:
        """True for an item of history that only warms feeds; nothing trades on it."""
        return False


class BarView(View, frozen=True, gc=False):
    """One closed bar of the feed named ``feed``.

    ``close`` is divided at once: nearly every strategy and every indicator reads it.
    """

    feed: str
    _record: Bar
    _price: int
    _size: int
    close: float

    @property
    def open(self) -> float:
        return self._record.open / self._price

    @property
    def high(self) -> float:
        return self._record.high / self._price

    @property
    def low(self) -> float:
        return self._record.low / self._price

    @property
    def volume(self) -> float:
        return self._record.volume / self._size

    @property
    def open_time(self) -> int:
        return self._record.open_time

    @property
    def close_time(self) -> int:
        return self._record.close_time

    @property
    def time(self) -> int:
        """When the bar closed, which is when it became known."""
        return self._record.close_time

    @property
    def is_warmup(self) -> bool:
        """True for a bar of history that only warms the feed."""
        return self._record.warmup_for is not None


class QuoteView(View, frozen=True, gc=False):
    """The best bid and ask; a side that is empty has price 0.0 and amount 0.0.

    The prices are divided at once: all instances share the view, and nearly all of them read both.
    """

    feed: str
    _record: Quote
    time: int
    _price: int
    _size: int
    bid: float
    ask: float

    @property
    def bid_amount(self) -> float:
        return self._record.bid_quantity / self._size

    @property
    def ask_amount(self) -> float:
        return self._record.ask_quantity / self._size

    @property
    def mid(self) -> float | None:
        """Middle of bid and ask; None while a side is empty."""
        quote = self._record
        if not (quote.bid and quote.ask):
            return None
        return (quote.bid + quote.ask) / (2 * self._price)

    @property
    def spread(self) -> float | None:
        """Ask minus bid; None while a side is empty."""
        quote = self._record
        return (quote.ask - quote.bid) / self._price if quote.bid and quote.ask else None


class TradeView(View, frozen=True, gc=False):
    """One public trade of the market."""

    feed: str
    _record: Trade
    time: int
    _price: int
    _size: int

    @property
    def price(self) -> float:
        return self._record.price / self._price

    @property
    def amount(self) -> float:
        return self._record.quantity / self._size

    @property
    def side(self) -> str | None:
        """``"buy"`` or ``"sell"``: who took liquidity; None where the source does not say."""
        aggressor = self._record.aggressor
        return None if aggressor is None else aggressor.value.lower()
