"""Bars for charts: what came in since the start, bounded, and the feed's history before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.memory import ChartMemory
from tradetui.domain.replica import ChartBar
from tradetui.domain.units import NANOS_PER_MINUTE

BARS_KEPT: Final = 5_000
MAX_CANDLES: Final = 2_000

History = Callable[[InstrumentId, int, int, int], tuple[Bar, ...]]
"""A feed's ``history``: (instrument, timeframe, count, before)."""


class _Market:
    """The base bars of one instrument, and the one that is open."""

    __slots__ = ("bars", "has_bars", "has_trades", "open_bar")

    def __init__(self) -> None:
        self.bars: deque[Bar] = deque(maxlen=BARS_KEPT)
        self.has_bars = False
        self.has_trades = False
        self.open_bar: list[int] | None = None
        """Open time, open, high, low, close, volume of the minute under way."""

    def copy(self) -> _Market:
        """Return the same, to go its own way."""
        other = _Market()
        other.bars = self.bars.copy()
        other.has_bars, other.has_trades = self.has_bars, self.has_trades
        other.open_bar = None if self.open_bar is None else list(self.open_bar)
        return other


class ChartKeeper:
    """Keeps base bars of every instrument and joins them for charts.

    The base is the feed's own bars where it has any, else minutes of trades, else of the middle of
    quotes.
    """

    def __init__(self, history: History | None = None) -> None:
        self._history = history
        self._markets: dict[InstrumentId, _Market] = {}
        self._quotes: dict[InstrumentId, Quote] = {}

    def copy(self) -> ChartKeeper:
        """Return a keeper of the same bars that goes its own way."""
        other = ChartKeeper(self._history)
        other._markets = {key: market.copy() for key, market in self._markets.items()}
        other._quotes = dict(self._quotes)
        return other

    def add_instrument(self, instrument: Instrument) -> None:
        """Begin to keep an instrument."""
        self._markets.setdefault(instrument.instrument_id, _Market())

    def add(self, instrument_id: InstrumentId, time: int, payload: Bar | Trade | Quote) -> None:
        """Take one item; bars of a warm-up are not meant for charts."""
        market = self._markets.get(instrument_id)
        if payload.__class__ is Quote:
            self._quotes[instrument_id] = payload
            if market is not None and not (market.has_trades or market.has_bars):
                _add_middle(market, time, payload)
        elif market is None:
            return
        elif isinstance(payload, Bar):
            if payload.warmup_for is None:
                market.has_bars = True
                market.bars.append(payload)
        elif isinstance(payload, Trade):
            market.has_trades = True
            if not market.has_bars:
                _add_price(market, time, payload.price, payload.quantity)

    def remember(self) -> tuple[ChartMemory, ...]:
        """Return what the next start shall draw, the bars that a feed gives aside."""
        return tuple(
            ChartMemory(
                key,
                market.has_bars,
                market.has_trades,
                () if market.has_bars else tuple(market.bars)[-MAX_CANDLES:],
                None if market.open_bar is None or market.has_bars else _row(market.open_bar),
                self._quotes.get(key),
            )
            for key, market in sorted(self._markets.items())
        )

    def recall(
        self, charts: Iterable[ChartMemory], bars: Mapping[InstrumentId, tuple[Bar, ...]]
    ) -> None:
        """Begin with what was drawn before; ``bars`` are those that came in as bars."""
        for known in charts:
            key = known.instrument_id
            market = self._markets.setdefault(key, _Market())
            market.has_bars, market.has_trades = known.has_bars, known.has_trades
            market.bars.extend(bars.get(key, ()) if known.has_bars else known.bars)
            market.open_bar = None if known.open_bar is None else list(known.open_bar)
            if known.quote is not None:
                self._quotes[key] = known.quote

    def quote(self, instrument_id: InstrumentId) -> Quote | None:
        """Return the newest best bid and ask, None if there was none."""
        return self._quotes.get(instrument_id)

    def bar_length(self, instrument_id: InstrumentId) -> int:
        """Return the length in ns of the bars that a market's prices come in; 0 where quotes or
        trades come, or nothing did yet.
        """
        market = self._markets.get(instrument_id)
        if market is None or not market.has_bars or not market.bars:
            return 0
        if market.has_trades or instrument_id in self._quotes:
            return 0
        newest = market.bars[-1]
        return newest.close_time - newest.open_time

    def candles(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int, now: int
    ) -> tuple[ChartBar, ...]:
        """Return the newest candles of a timeframe, the one under way last, oldest first."""
        count = min(max(count, 0), MAX_CANDLES)
        market = self._markets.get(instrument_id)
        if market is None or not count or timeframe_ns <= 0:
            return ()
        rows = _join(market, timeframe_ns)
        if len(rows) < count + 1 and self._history is not None:
            first = min(rows) if rows else now
            before = min(first + timeframe_ns, now)
            for bar in self._history(instrument_id, timeframe_ns, count, before):
                rows[bar.open_time] = [bar.open, bar.high, bar.low, bar.close, bar.volume]
        newest = sorted(rows)[-count:]
        return tuple(ChartBar(open_time, *rows[open_time]) for open_time in newest)


def _row(row: list[int]) -> tuple[int, int, int, int, int, int]:
    begin, opened, high, low, close, volume = row
    return begin, opened, high, low, close, volume


def _add_middle(market: _Market, time: int, quote: Quote) -> None:
    if quote.bid > 0 and quote.ask > 0:
        _add_price(market, time, (quote.bid + quote.ask) // 2, 0)


def _add_price(market: _Market, time: int, price: int, quantity: int) -> None:
    begin = time // NANOS_PER_MINUTE * NANOS_PER_MINUTE
    row = market.open_bar
    if row is not None and row[0] < begin:
        end = row[0] + NANOS_PER_MINUTE
        market.bars.append(Bar(row[0], end, row[1], row[2], row[3], row[4], row[5]))
        row = None
    if row is None:
        market.open_bar = [begin, price, price, price, price, quantity]
        return
    if price > row[2]:
        row[2] = price
    elif price < row[3]:
        row[3] = price
    row[4] = price
    row[5] += quantity


def _join(market: _Market, timeframe_ns: int) -> dict[int, list[int]]:
    """Join the kept bars into buckets of the timeframe (never shorter than the bars are)."""
    rows: dict[int, list[int]] = {}
    for bar in market.bars:
        _into(
            rows, timeframe_ns, [bar.open_time, bar.open, bar.high, bar.low, bar.close, bar.volume]
        )
    if market.open_bar is not None and not market.has_bars:
        _into(rows, timeframe_ns, market.open_bar)
    return rows


def _into(rows: dict[int, list[int]], timeframe_ns: int, row: list[int]) -> None:
    begin = row[0] // timeframe_ns * timeframe_ns
    known = rows.get(begin)
    if known is None:
        rows[begin] = row[1:]
        return
    known[1] = max(known[1], row[2])
    known[2] = min(known[2], row[3])
    known[3] = row[4]
    known[4] += row[5]
