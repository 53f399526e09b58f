"""One-minute bars of a made-up market: those before its start, made when asked, and those since.

The past is walked backwards from the start price, as far as it is needed and no farther, from a
randomness of its own: how much of it was asked for, and when, changes nothing in it or in the
future.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterator
from typing import Final

from tradetui.adapters.synthetic.market import SyntheticMarket
from tradetui.domain.market_data import Bar
from tradetui.domain.units import NANOS_PER_MINUTE

MAX_PAST_MINUTES: Final = 300_000
"""How far the past can be walked: 208 days."""

MAX_LIVE_MINUTES: Final = 20_000
_REGIME_MINUTES: Final = 40.0
_WIDTH: Final = 6

Row = tuple[int, int, int, int, int, int]
"""Open time, open, high, low, close, volume."""


class Minutes:
    """The one-minute history of one market."""

    def __init__(self, market: SyntheticMarket, seed: int, start: int) -> None:
        self._market = market
        self._start = start // NANOS_PER_MINUTE * NANOS_PER_MINUTE
        source = market.character.follows or market.instrument.symbol
        self._rng = random.Random(f"{seed}:{source}:past")
        self._past = array("q")
        """Rows of six, newest first."""
        self._level = market.level
        self._sigma = market.character.volatility / math.sqrt(365.0 * 1_440.0)
        self._drift = 0.0
        self._wild = 1.0
        self._regime_left = 0.0
        self._live = array("q")
        self._open: list[int] | None = None
        self._asked: tuple[int, int, int] | None = None
        self._given: tuple[Bar, ...] = ()
        """What was asked for last whose end was past, and can change no more: screens ask for the
        same again and again.
        """

    def add(self, time: int, price: int, quantity: int) -> None:
        """Take a price of this moment (a quote's middle with quantity 0, or a trade)."""
        row = self._open
        if row is None or time - row[0] >= NANOS_PER_MINUTE:
            begin = time // NANOS_PER_MINUTE * NANOS_PER_MINUTE
            self._close_before(begin)
            self._open = [begin, price, price, price, price, quantity]
            return
        if price > row[2]:
            row[2] = price
        elif price < row[3]:
            row[3] = price
        row[4] = price
        row[5] += quantity

    def bars(self, timeframe_ns: int, count: int, before: int) -> tuple[Bar, ...]:
        """Return up to ``count`` bars of whole minutes, closed at or before ``before``, oldest
        first.
        """
        if timeframe_ns % NANOS_PER_MINUTE or timeframe_ns <= 0 or count <= 0:
            return ()
        end = before // timeframe_ns * timeframe_ns
        asked = (timeframe_ns, count, end)
        if asked == self._asked:
            return self._given
        bars = self._made(timeframe_ns, count, end)
        if end <= (self._start if self._open is None else self._open[0]):
            self._asked, self._given = asked, bars
        return bars

    def _made(self, timeframe_ns: int, count: int, end: int) -> tuple[Bar, ...]:
        """Make the bars that closed at or before ``end``, which is the end of one."""
        first = end - count * timeframe_ns
        self._walk_back(first)
        buckets: dict[int, list[int]] = {}
        for open_time, opened, high, low, close, volume in self._rows(first):
            if open_time + NANOS_PER_MINUTE > end:
                break
            begin = open_time // timeframe_ns * timeframe_ns
            row = buckets.get(begin)
            if row is None:
                buckets[begin] = [opened, high, low, close, volume]
                continue
            row[1] = max(row[1], high)
            row[2] = min(row[2], low)
            row[3] = close
            row[4] += volume
        bars = (
            Bar(begin, begin + timeframe_ns, row[0], row[1], row[2], row[3], row[4])
            for begin, row in buckets.items()
        )
        return tuple(bars)[-count:]

    def _close_before(self, begin: int) -> None:
        """Keep the minute that is open if it is over: the next one has begun."""
        if self._open is None or self._open[0] >= begin:
            return
        self._live.extend(self._open)
        self._open = None
        if len(self._live) > MAX_LIVE_MINUTES * _WIDTH:
            del self._live[: MAX_LIVE_MINUTES * _WIDTH // 10]

    def _rows(self, first: int) -> Iterator[Row]:
        """Yield the minutes from ``first`` on, oldest first."""
        past, live = self._past, self._live
        for at in range(len(past) - _WIDTH, -1, -_WIDTH):
            if past[at] >= first:
                yield _row(past, at)
        for at in range(0, len(live), _WIDTH):
            if live[at] >= first:
                yield _row(live, at)
        if self._open is not None and self._open[0] >= first:
            yield _row(self._open, 0)

    def _walk_back(self, first: int) -> None:
        """Make the past from ``first`` on, as far as it is not made yet."""
        made = len(self._past) // _WIDTH
        wanted = min((self._start - first) // NANOS_PER_MINUTE, MAX_PAST_MINUTES)
        for minute in range(made + 1, wanted + 1):
            self._past.extend(self._earlier(self._start - minute * NANOS_PER_MINUTE))

    def _earlier(self, open_time: int) -> Row:
        """Make the minute before the earliest that there is."""
        rng, market = self._rng, self._market
        self._regime_left -= 1.0
        if self._regime_left <= 0.0:
            self._regime_left = rng.expovariate(1.0 / _REGIME_MINUTES)
            self._drift = rng.choice((-0.12, 0.0, 0.0, 0.12))
            self._wild = rng.choice((0.6, 0.9, 1.0, 1.6))
        close = self._level
        sigma = self._sigma * self._wild
        pull = (market.level - close) / (20.0 * 1_440.0)
        opened = close - sigma * (rng.gauss(0.0, 1.0) + self._drift) + pull
        self._level = opened
        above = abs(rng.gauss(0.0, 0.5)) * sigma
        below = abs(rng.gauss(0.0, 0.5)) * sigma
        instrument = market.instrument
        lot = instrument.size_increment
        units = market.character.typical_size * 8.0 * self._wild * rng.lognormvariate(0.0, 0.7)
        return (
            open_time,
            market.to_tick(market.price_of(opened)),
            market.to_tick(market.price_of(max(opened, close) + above)),
            market.to_tick(market.price_of(min(opened, close) - below)),
            market.to_tick(market.price_of(close)),
            max(int(units * 10**instrument.size_scale / lot), 1) * lot,
        )


def _row(rows: array[int] | list[int], at: int) -> Row:
    return rows[at], rows[at + 1], rows[at + 2], rows[at + 3], rows[at + 4], rows[at + 5]
