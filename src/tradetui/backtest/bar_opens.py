"""The opens of recorded bars, in the order in which the simulated venue was shown them.

A bar's open is shown to the venue at the bar's open time and is no step of its own: the journal has
it in the bar that closes later. At one moment the order is: closes of bars and ends of holes, then
opens of bars, then trades and quotes; among the opens, the order of the files.
"""

from __future__ import annotations

import heapq
import itertools
from array import array
from collections.abc import Iterable, Iterator

from tradetui.domain.enums import Source
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import Bar, BarOpen, MarketItem
from tradetui.domain.steps import StepRecord

_Stream = tuple[str, InstrumentId, int]
"""(venue, instrument, length of its bars): what one file of bars gave."""


class BarOpens:
    """The opens of all bars in some steps; ``take_before`` and ``take_count`` hand each out
    once.
    """

    def __init__(self, steps: Iterable[StepRecord]) -> None:
        self._streams: dict[_Stream, tuple[array[int], array[int]]] = {}
        self._order: list[_Stream] = []
        self._groups: dict[tuple[_Stream, ...], None] = {}
        self._read(steps)
        ranks = {stream: rank for rank, stream in enumerate(self._order)}
        parts = [self._items(stream, ranks[stream]) for stream in self._streams]
        self._items_left = heapq.merge(*parts, key=lambda entry: entry[:2])
        self._next = next(self._items_left, None)
        self.shown = 0
        """How many were handed out."""

    def take_before(self, time: int, *, is_tick: bool) -> Iterator[MarketItem]:
        """Yield the opens that come before an item at ``time``; ``is_tick``: a trade or quote."""
        while self._next is not None and self._next[0] < time + is_tick:
            yield self._take()

    def take_count(self, count: int) -> Iterator[MarketItem]:
        """Yield opens until ``count`` have been handed out in all, or there are no more."""
        while self._next is not None and self.shown < count:
            yield self._take()

    def _take(self) -> MarketItem:
        assert self._next is not None
        item = self._next[2]
        self._next = next(self._items_left, None)
        self.shown += 1
        return item

    def _items(self, stream: _Stream, rank: int) -> Iterator[tuple[int, int, MarketItem]]:
        venue, instrument_id, _ = stream
        times, prices = self._streams[stream]
        for time, price in zip(times, prices, strict=True):
            yield time, rank, MarketItem(time, venue, instrument_id, BarOpen(time, price))

    def _read(self, steps: Iterable[StepRecord]) -> None:
        group: list[_Stream] = []
        closed = -1
        for step in steps:
            event = step.event
            bar = event.payload
            if event.source is not Source.MARKET_DATA or not isinstance(bar, Bar):
                continue
            if bar.warmup_for is not None:
                continue
            stream = (event.venue, event.instrument, bar.close_time - bar.open_time)
            if bar.close_time != closed:
                self._note_group(tuple(group))
                group, closed = [], bar.close_time
            group.append(stream)
            columns = self._streams.get(stream)
            if columns is None:
                columns = self._streams[stream] = (array("q"), array("q"))
                self._order.append(stream)
            columns[0].append(bar.open_time)
            columns[1].append(bar.open)
        self._note_group(tuple(group))

    def _note_group(self, group: tuple[_Stream, ...]) -> None:
        """Learn the order of the files from bars that closed at one moment."""
        if len(group) < 2 or group in self._groups:
            return
        self._groups[group] = None
        order = self._order
        for before, after in itertools.pairwise(group):
            if order.index(after) < order.index(before):
                order.remove(after)
                order.insert(order.index(before) + 1, after)
