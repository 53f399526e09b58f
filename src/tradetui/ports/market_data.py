"""Where prices come from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, MarketItem


class FeedError(Exception):
    """A feed cannot be read; the message names the file or the venue, the place in it, and the
    mend.
    """


@dataclass(slots=True)
class EdgeCounts:
    """What was put in order, or dropped, between a feed and the engine. Only ever grows."""

    reordered: int = 0
    """Items that came out of order and were handed on in their place."""
    late: int = 0
    """Items dropped: later ones of their market had been handed on already."""
    malformed: int = 0
    """Items dropped because they cannot be."""


class MarketDataClient(Protocol):
    """One feed of one or more instruments.

    Items come in order of ``event_time``; ``adapters.ordered`` sees to it where a source does
    not. A feed translates and hands over; it never changes state.
    Every number is finite, in range and at the instrument's scales; every string is printable and
    bounded.
    """

    @property
    def name(self) -> str:
        """Say, for the header, what this is: ``binance, real-time``, ``btcusd 1m``,
        ``simulated``.
        """
        ...

    @property
    def is_virtual(self) -> bool:
        """Tell whether time is the data's own (replay) rather than the wall's."""
        ...

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what the feed carries, before the first item."""
        ...

    def history(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int, before: int
    ) -> tuple[Bar, ...]:
        """Return up to ``count`` closed bars that ended at or before ``before`` (ns UTC), oldest
        first.
        """
        ...

    def items(self) -> AsyncIterator[MarketItem]:
        """Yield items until the feed ends.

        A virtual feed yields as fast as it is asked; others at their time.
        """
        ...


@runtime_checkable
class BatchingClient(Protocol):
    """A feed that also hands over together what came together: cheaper for each item."""

    def batches(self) -> AsyncGenerator[Sequence[MarketItem], None]:
        """Yield what ``items`` does, in the same order, several at a time; none is empty."""
        ...


def batches_of(feed: MarketDataClient) -> AsyncGenerator[Sequence[MarketItem], None]:
    """Return a feed's items as they come together, one at a time where it cannot say."""
    return feed.batches() if isinstance(feed, BatchingClient) else one_by_one(feed.items())


async def one_by_one(
    items: AsyncIterator[MarketItem],
) -> AsyncGenerator[Sequence[MarketItem], None]:
    """Yield items one at a time."""
    try:
        async for item in items:
            yield (item,)
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()  # what it runs beside ends with it
