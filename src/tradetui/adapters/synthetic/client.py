"""A MarketDataClient that makes its prices up."""

from __future__ import annotations

import heapq
import math
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from typing import Final

from tradetui.adapters.synthetic.catalogue import CATALOGUE, VENUE
from tradetui.adapters.synthetic.market import SyntheticMarket
from tradetui.adapters.synthetic.minutes import Minutes
from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, DataGap, MarketItem
from tradetui.domain.text import printable
from tradetui.domain.units import I64_MAX, NANOS_PER_SECOND
from tradetui.ports.clock import Clock
from tradetui.ports.market_data import FeedError

DEFAULT_RATE: Final = 8.0
"""Quotes a second over all instruments."""

MAX_RATE: Final = 100_000.0
WAKE_NS: Final = 100_000_000
"""What comes within so long is handed out together: ten wake-ups a second at any rate, as often as
screens are shown changes at most.
"""
_TRADE_SHARE: Final = 0.3
"""How many quotes are followed by a trade."""

_SILENCE_EVERY_SECONDS: Final = 10_800.0
_SILENCE_SECONDS: Final = 25.0
_SHORTEST_SILENCE: Final = 8.0


class SyntheticClient:
    """Quotes and trades of several made-up markets, the same for the same seed and start.

    ``clock`` says when "now" is and waits for it; without one time is virtual and items come as
    fast as they are asked for. ``start`` (ns UTC) is the moment of the first item, by default the
    clock's now. ``symbols`` choose from the catalogue; ``rate`` is quotes a second over all of
    them. Now and then a market falls silent and a DataGap tells of it (``silences`` False: never).
    ``end`` stops the feed (ns UTC).
    """

    def __init__(
        self,
        *,
        seed: int,
        clock: Clock | None = None,
        start: int | None = None,
        end: int | None = None,
        symbols: Sequence[str] = (),
        rate: float = DEFAULT_RATE,
        silences: bool = True,
    ) -> None:
        if start is None:
            if clock is None:
                raise FeedError("simulated prices without a clock need a start time; give one")
            start = clock.now()
        if not 0.0 < rate <= MAX_RATE:
            raise FeedError(
                f"simulated prices: rate {rate!r} is not above 0 and at most {MAX_RATE:g}; "
                f"choose another"
            )
        chosen = _chosen(symbols)
        self._clock = clock
        self._start = start
        self._end = end
        self._silences = silences
        by_symbol: dict[str, SyntheticMarket] = {}
        for instrument, character in CATALOGUE:
            leader = by_symbol.get(character.follows)
            by_symbol[instrument.symbol] = SyntheticMarket(
                instrument, character, seed, start, leader
            )
        self._chosen = tuple(by_symbol[symbol] for symbol in chosen)
        self._seed = seed
        self._all = tuple(by_symbol.values())
        self._minutes = self._begin_minutes()
        total = sum(market.character.weight for market in self._chosen)
        self._mean_waits = [total / (rate * market.character.weight) for market in self._chosen]
        """Seconds between two quotes of each market that was chosen."""
        self._silence_chances = [wait / _SILENCE_EVERY_SECONDS for wait in self._mean_waits]

    def resume(self, prices: Mapping[InstrumentId, int]) -> None:
        """Go on from prices that were seen before, as far as they are known; before any item."""
        for market in self._all:
            price = prices.get(market.instrument.instrument_id, 0)
            if price > 0:
                market.go_on_from(price)
        self._minutes = self._begin_minutes()

    def _begin_minutes(self) -> dict[InstrumentId, Minutes]:
        """Return the minutes of each market, the past being walked back from where it stands."""
        return {
            market.instrument.instrument_id: Minutes(market, self._seed, self._start)
            for market in self._chosen
        }

    @property
    def name(self) -> str:
        """Say that the prices are nobody's: ``simulated``."""
        return "simulated"

    @property
    def is_virtual(self) -> bool:
        """Tell whether time is the feed's own."""
        return self._clock is None

    def instruments(self) -> tuple[Instrument, ...]:
        """Return the markets that were chosen."""
        return tuple(market.instrument for market in self._chosen)

    def history(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int, before: int
    ) -> tuple[Bar, ...]:
        """Return bars of whole minutes, made up for the time before the start.

        At most 208 days back; none for timeframes that are not whole minutes.
        """
        minutes = self._minutes.get(instrument_id)
        return minutes.bars(timeframe_ns, count, before) if minutes is not None else ()

    async def items(self) -> AsyncIterator[MarketItem]:
        """Yield quotes and trades at their time (at most 100 ms later), or at once when time is
        virtual.
        """
        async for batch in self.batches():
            for item in batch:
                yield item

    async def batches(self) -> AsyncGenerator[Sequence[MarketItem], None]:
        """Yield what comes within one wake-up together."""
        clock, reached = self._clock, 0
        batch: list[MarketItem] = []
        for item in self.iter_items():
            if item.event_time > reached:
                if batch:
                    yield batch
                    batch = []
                reached = item.event_time + -item.event_time % WAKE_NS
                if clock is not None:
                    await clock.sleep_until(reached)
            batch.append(item)
        if batch:
            yield batch

    def iter_items(self) -> Iterator[MarketItem]:
        """Return the items as a plain iterator, without waiting."""
        begin = self._start
        queue = [(begin + self._wait(index), index, 0) for index in range(len(self._chosen))]
        heapq.heapify(queue)
        markets = [
            (
                one,
                one.instrument.instrument_id,
                self._minutes[one.instrument.instrument_id].add,
                mean_wait,
                silence_chance if self._silences else 0.0,
            )
            for one, mean_wait, silence_chance in zip(
                self._chosen, self._mean_waits, self._silence_chances, strict=True
            )
        ]
        end = I64_MAX if self._end is None else self._end
        log, replace = math.log, heapq.heapreplace
        while queue:
            now, index, silent_since = queue[0]
            if now >= end:
                return
            market, key, note, mean_wait, silence_chance = markets[index]
            if silent_since:
                gap = DataGap(silent_since, now, "the made-up market was silent")
                yield MarketItem(now, VENUE, key, gap, index)
            elif silence_chance and market.chance() < silence_chance:
                replace(queue, (now + self._silence(index), index, now))
                continue
            market.advance_to(now)
            quote = market.quote()
            note(now, (quote.bid + quote.ask) // 2, 0)
            yield MarketItem(now, VENUE, key, quote, index)
            if market.chance() < _TRADE_SHARE:
                trade = market.trade(quote)
                note(now, trade.price, trade.quantity)
                yield MarketItem(now, VENUE, key, trade, index)
            seconds = -log(1.0 - market.chance()) * mean_wait  # as ``_wait``, but for the calls
            replace(queue, (now + int(seconds * NANOS_PER_SECOND) + 1, index, 0))

    def _wait(self, index: int) -> int:
        """Draw the ns to a market's next event, at least one."""
        seconds = self._chosen[index].wait(self._mean_waits[index])
        return int(seconds * NANOS_PER_SECOND) + 1

    def _silence(self, index: int) -> int:
        """Draw how long a market falls silent (ns)."""
        seconds = _SHORTEST_SILENCE + self._chosen[index].wait(_SILENCE_SECONDS)
        return int(seconds * NANOS_PER_SECOND)


def _chosen(symbols: Sequence[str]) -> tuple[str, ...]:
    """Return the symbols asked for, all of them if none was; refuse one that is not there."""
    known = tuple(instrument.symbol for instrument, _ in CATALOGUE)
    for symbol in symbols:
        if symbol not in known:
            raise FeedError(
                f"simulated prices: no market {printable(symbol, 40)!r}; there are "
                f"{', '.join(known)}"
            )
    return tuple(symbol for symbol in known if not symbols or symbol in symbols)
