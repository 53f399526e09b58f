"""Tables to market items in order of time, one chunk of rows at a time.

At one moment the order is: closes of bars and ends of holes, then opens of bars, then trades and
quotes; the producer's index decides the rest.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from tradetui.data.layout import DataKind
from tradetui.data.resample import bars_of, resample
from tradetui.data.tables import MarketTable
from tradetui.data.validate import holes
from tradetui.domain.enums import OrderSide
from tradetui.domain.market_data import Bar, BarOpen, DataGap, MarketItem, Quote, Trade
from tradetui.domain.recovery import FeedCursor
from tradetui.domain.units import NANOS_PER_MINUTE

DEFAULT_GAP_BARS: Final = 30
"""A hole of at least so many bars is a DataGap; fewer are minutes without a trade."""

DEFAULT_GAP_NS: Final = 10 * NANOS_PER_MINUTE
_CHUNK: Final = 4_096
_SIDES: Final = {1: OrderSide.BUY, -1: OrderSide.SELL, 0: None}

_CLOSE, _OPEN, _TICK = 0, 1, 2


def items_of(tables: Sequence[MarketTable]) -> Iterator[MarketItem]:
    """Yield the items of all tables, merged; a table's place in the sequence is its producer
    index.
    """
    streams = [_stream(table, producer) for producer, table in enumerate(tables)]
    if len(streams) == 1:
        return streams[0]
    return heapq.merge(*streams, key=_key)


def items_behind(tables: Sequence[MarketTable], cursor: FeedCursor) -> Iterator[MarketItem]:
    """Yield the items that come behind a place: those of its time that were taken are passed over,
    and the opens of bars before them.

    An open is never counted as taken: one that stands right behind the place is given again.
    """
    left = cursor.taken
    for item in items_of([_not_long_before(table, cursor.time) for table in tables]):
        if item.event_time < cursor.time:
            continue
        if left and item.event_time == cursor.time:
            left -= not isinstance(item.payload, BarOpen)
            continue
        yield item


def _not_long_before(table: MarketTable, time: int) -> MarketTable:
    """Leave out the rows that ended before a moment, all but the last two: a hole in the data is
    known by the row before it.
    """
    low = max(int(np.searchsorted(table.times, time - table.timeframe_ns)) - 2, 0)
    return between(table, int(table.times[low]), None) if len(table) else table


def between(table: MarketTable, start: int | None, end: int | None) -> MarketTable:
    """Return the rows from ``start`` on and before ``end`` (ns UTC)."""
    low = 0 if start is None else int(np.searchsorted(table.times, start))
    high = len(table) if end is None else int(np.searchsorted(table.times, end))
    rows = slice(low, max(high, low))
    return replace(
        table,
        times=table.times[rows],
        columns={name: values[rows] for name, values in table.columns.items()},
        trade_ids=None if table.trade_ids is None else table.trade_ids[rows],
    )


def history_of(table: MarketTable, timeframe_ns: int, count: int, before: int) -> tuple[Bar, ...]:
    """Return up to ``count`` bars that closed at or before ``before``, oldest first.

    Empty when the table has no bars, or none that add up to the timeframe.
    """
    if table.kind is not DataKind.BARS or timeframe_ns % table.timeframe_ns or count <= 0:
        return ()
    high = table.closed_before(before)
    per_bar = timeframe_ns // table.timeframe_ns
    start = int(np.searchsorted(table.times, before - (count + 1) * timeframe_ns))
    low = max(0, min(high - count * per_bar, start))
    rows = slice(low, high)
    columns = {name: values[rows] for name, values in table.columns.items()}
    times = table.times[rows]
    if per_bar == 1:
        return bars_of(times, table.close_times(low, high), columns)[-count:]
    aligned = (
        int(np.searchsorted(times, -(-int(times[0]) // timeframe_ns) * timeframe_ns))
        if len(times)
        else 0
    )
    if low:
        times, columns = times[aligned:], {n: v[aligned:] for n, v in columns.items()}
    times, columns = resample(times, columns, table.timeframe_ns, timeframe_ns)
    return bars_of(times, times + timeframe_ns, columns)[-count:]


def _key(item: MarketItem) -> tuple[int, int, int]:
    payload = item.payload
    if isinstance(payload, Bar | DataGap):
        return item.event_time, _CLOSE, item.producer
    return item.event_time, _OPEN if isinstance(payload, BarOpen) else _TICK, item.producer


def _stream(table: MarketTable, producer: int) -> Iterator[MarketItem]:
    if table.kind is DataKind.BARS:
        return _bars(table, producer)
    make = _trades if table.kind is DataKind.TRADES else _quotes
    return _ticks(table, producer, make)


def _bars(table: MarketTable, producer: int) -> Iterator[MarketItem]:
    venue, instrument_id = table.instrument.venue, table.instrument.instrument_id
    least = DEFAULT_GAP_BARS * table.timeframe_ns
    gaps = {hole.to_time: hole for hole in holes(table.times, table.timeframe_ns, least)}
    for start in range(0, len(table), _CHUNK):
        rows = slice(start, start + _CHUNK)
        columns = {name: values[rows] for name, values in table.columns.items()}
        closes = table.close_times(start, start + _CHUNK)
        for bar in bars_of(table.times[rows], closes, columns):
            at = bar.open_time
            if at in gaps:
                gap = DataGap(
                    gaps[at].from_time, at, f"{gaps[at].missing} bars missing in the file"
                )
                yield MarketItem(at, venue, instrument_id, gap, producer)
            yield MarketItem(at, venue, instrument_id, BarOpen(at, bar.open), producer)
            yield MarketItem(bar.close_time, venue, instrument_id, bar, producer)


def _ticks(
    table: MarketTable, producer: int, make: Callable[[MarketTable, slice], Iterator[Any]]
) -> Iterator[MarketItem]:
    venue, instrument_id = table.instrument.venue, table.instrument.instrument_id
    gaps = {hole.to_time: hole for hole in holes(table.times, 0, DEFAULT_GAP_NS)}
    for start in range(0, len(table), _CHUNK):
        rows = slice(start, start + _CHUNK)
        times = table.times[rows].tolist()
        for at, payload in zip(times, make(table, rows), strict=True):
            if at in gaps:
                hole = gaps.pop(at)
                gap = DataGap(hole.from_time, at, f"no {table.kind} in the file")
                yield MarketItem(at, venue, instrument_id, gap, producer)
            yield MarketItem(at, venue, instrument_id, payload, producer)


def _trades(table: MarketTable, rows: slice) -> Iterator[Trade]:
    prices, quantities, sides = (
        table.columns[name][rows].tolist() for name in ("price", "quantity", "aggressor")
    )
    ids = table.trade_ids[rows].to_list() if table.trade_ids is not None else [""] * len(prices)
    for price, quantity, side, trade_id in zip(prices, quantities, sides, ids, strict=True):
        yield Trade(price, quantity, _SIDES[side], trade_id or "")


def _quotes(table: MarketTable, rows: slice) -> Iterator[Quote]:
    names = ("bid", "bid_quantity", "ask", "ask_quantity")
    for row in zip(*(table.columns[name][rows].tolist() for name in names), strict=True):
        yield Quote(*row)
