"""Closed bars of any timeframe, derived inside the engine from base bars, trades or quotes.

Buckets are half-open and aligned to the epoch: ``[n * timeframe, (n + 1) * timeframe)``. A bucket
closes by the first item or time at or past its end; an empty one gives no bar. A bucket of which
the beginning was not seen is never given out: a strategy gets whole bars or none, and each once. A
trade or quote that comes late for a bucket that has closed is in no bar.
"""

from __future__ import annotations

from collections import deque

from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.memory import OpenBucket
from tradetui.domain.units import div_floor


class BarSeries:
    """The newest closed bars of one instrument and timeframe, bounded."""

    __slots__ = ("_bars", "append", "instrument", "timeframe_ns")

    def __init__(self, instrument: Instrument, timeframe_ns: int, limit: int) -> None:
        self.instrument = instrument
        self.timeframe_ns = timeframe_ns
        self._bars: deque[Bar] = deque(maxlen=limit)
        self.append = self._bars.append
        """Add a closed bar; the oldest goes when the series is full."""

    def __len__(self) -> int:
        return len(self._bars)

    def last(self) -> Bar | None:
        """Return the newest bar."""
        return self._bars[-1] if self._bars else None

    def newest(self, count: int) -> tuple[Bar, ...]:
        """Return up to ``count`` bars, oldest first."""
        if count <= 0:
            return ()
        bars = self._bars
        start = max(len(bars) - count, 0)
        return tuple(bars[index] for index in range(start, len(bars)))


class BarBuilder:
    """Builds the bars of one timeframe of one instrument; shared by all instances that want them.

    Feed it base bars (of a shorter timeframe), or trades, or quotes: not a mixture. Each call
    returns the bar that it closed, None almost always. A base bar can close two buckets (the one a
    gap left open, and its own): ``add_bar`` then returns the older and ``take_second`` the newer.
    """

    __slots__ = (
        "_close",
        "_end",
        "_high",
        "_is_whole",
        "_low",
        "_open",
        "_second",
        "_start",
        "_volume",
        "instrument",
        "timeframe_ns",
    )

    def __init__(self, instrument: Instrument, timeframe_ns: int) -> None:
        assert timeframe_ns > 0
        self.instrument = instrument
        self.timeframe_ns = timeframe_ns
        self._start = 0
        self._end = 0
        """End of the open bucket, 0 while none is open."""
        self._is_whole = False
        self._open = self._high = self._low = self._close = self._volume = 0
        self._second: Bar | None = None

    @property
    def open_end(self) -> int | None:
        """When the open bucket ends (ns UTC), None while none is open."""
        return self._end or None

    def bucket(self) -> OpenBucket:
        """Return the bar under way, for a later ``resume``."""
        prices = self._open, self._high, self._low, self._close
        return OpenBucket(
            self.timeframe_ns, self._start, self._end, self._is_whole, *prices, self._volume
        )

    def resume(self, bucket: OpenBucket) -> None:
        """Go on with a bar that was under way before."""
        assert bucket.timeframe_ns == self.timeframe_ns
        self._start, self._end, self._is_whole = bucket.start, bucket.end, bucket.is_whole
        self._open, self._high, self._low = bucket.open, bucket.high, bucket.low
        self._close, self._volume = bucket.close, bucket.volume

    def add_bar(self, bar: Bar) -> Bar | None:
        """Take a closed base bar, whose length must divide this timeframe."""
        open_time = bar.open_time
        closed: Bar | None = None
        if self._end and open_time >= self._end:
            closed = self._close_bucket()
        if not self._end:
            self._begin(open_time, bar.open, is_first_item_at_start=True)
        if bar.high > self._high:
            self._high = bar.high
        if bar.low < self._low:
            self._low = bar.low
        self._close = bar.close
        self._volume += bar.volume
        if bar.close_time >= self._end:
            own = self._close_bucket()
            if closed is None:
                return own
            self._second = own
        return closed

    def take_second(self) -> Bar | None:
        """Return (once) the second bar that the last ``add_bar`` closed."""
        second = self._second
        self._second = None
        return second

    def add_trade(self, time: int, trade: Trade) -> Bar | None:
        """Take a trade of this moment."""
        return self._add_price(time, trade.price, trade.quantity)

    def add_quote(self, time: int, quote: Quote) -> Bar | None:
        """Take the middle of a quote that has both sides (rounded down); others are no price."""
        if quote.bid <= 0 or quote.ask <= 0:
            return self.pass_time(time)
        return self._add_price(time, div_floor(quote.bid + quote.ask, 2), 0)

    def pass_time(self, now: int) -> Bar | None:
        """Close the open bucket if its end has come."""
        return self._close_bucket() if self._end and now >= self._end else None

    def _add_price(self, time: int, price: int, quantity: int) -> Bar | None:
        start = self._start
        if time < start or (start and not self._end and time < start + self.timeframe_ns):
            return None
        closed = self.pass_time(time)
        if not self._end:
            self._begin(time, price, is_first_item_at_start=False)
        if price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._close = price
        self._volume += quantity
        return closed

    def _begin(self, time: int, price: int, *, is_first_item_at_start: bool) -> None:
        """Open the bucket of a moment.

        The very first bucket is whole only if a base bar began with it; each later one is, because
        the time before it was watched.
        """
        first_ever = self._start == 0
        self._start = div_floor(time, self.timeframe_ns) * self.timeframe_ns
        self._end = self._start + self.timeframe_ns
        self._is_whole = not first_ever or (is_first_item_at_start and time == self._start)
        self._open = self._high = self._low = self._close = price
        self._volume = 0

    def _close_bucket(self) -> Bar | None:
        end = self._end
        self._end = 0
        if not self._is_whole:
            return None
        return Bar(self._start, end, self._open, self._high, self._low, self._close, self._volume)
