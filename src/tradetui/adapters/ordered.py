"""A feed whose items come in order and can be true, whatever its source gives.

Stands between a source and the engine's queue: what is malformed is dropped, what is out of order
is put in its place or dropped, all of it is counted, and of a trade or bar that was lost a DataGap
tells. The engine, its journal and a replay of that only ever see what was handed on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final, NamedTuple

from tradetui.adapters.reorder import AS_THEY_COME, Ordering, ReorderBuffer
from tradetui.adapters.soundness import are_sound, is_sound
from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, DataGap, MarketItem, Trade
from tradetui.domain.units import I64_MAX
from tradetui.ports.clock import Clock
from tradetui.ports.market_data import EdgeCounts, MarketDataClient, batches_of

WAKE_NS: Final = 10_000_000
"""What is due within so long is handed on together: a hundred wake-ups a second at any rate."""
MOST_READY: Final = 1_024
"""When so many items wait to be asked for, the source waits in its turn."""
LATE: Final = "came too late"
MALFORMED: Final = "could not be used"

Batches = AsyncGenerator[Sequence[MarketItem], None]


class OrderedFeed:
    """A MarketDataClient over another: the same items, sound and in order.

    ``clock`` is the feed's own where it is in real time, None where its time is the data's.
    """

    def __init__(
        self,
        source: MarketDataClient,
        ordering: Ordering = AS_THEY_COME,
        *,
        clock: Clock | None = None,
    ) -> None:
        assert source.is_virtual or clock is not None
        self.source = source
        self.counts = EdgeCounts()
        self._ordering = ordering
        self._clock = None if source.is_virtual else clock
        self._instruments = {one.instrument_id: one for one in source.instruments()}
        self._lost: dict[InstrumentId, _Lost] = {}
        """What was lost of each market since the last item of it that was handed on."""

    @property
    def name(self) -> str:
        """Say what the source is."""
        return self.source.name

    @property
    def is_virtual(self) -> bool:
        """Tell whether time is the data's own."""
        return self.source.is_virtual

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what the source carries."""
        return self.source.instruments()

    def history(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int, before: int
    ) -> tuple[Bar, ...]:
        """Return closed bars of the source."""
        return self.source.history(instrument_id, timeframe_ns, count, before)

    async def items(self) -> AsyncIterator[MarketItem]:
        """Yield the source's items until it ends; nothing is held back then."""
        batches = self.batches()
        try:
            async for batch in batches:
                for item in batch:
                    yield item
        finally:
            await batches.aclose()

    def batches(self) -> Batches:
        """Yield the same, several at a time."""
        if not self._ordering.size:
            return self._as_they_come()
        buffer = ReorderBuffer[MarketItem](self._ordering.size, self._ordering.timeout)
        if self._clock is None:
            return self._in_data_time(buffer)
        return _RealTime(self, buffer, self._clock).batches()

    async def _as_they_come(self) -> Batches:
        source = batches_of(self.source)
        try:
            async for batch in source:
                told = batch if self._are_plain(batch) else self._admitted(batch)
                if told:
                    yield told
        finally:
            await source.aclose()

    def _are_plain(self, items: Sequence[MarketItem]) -> bool:
        """Tell whether nothing is to be said of any of several items."""
        return not self._lost and are_sound(items, self._instruments)

    def _admitted(self, items: Sequence[MarketItem]) -> list[MarketItem]:
        """Return what of several items can be true, one after the other."""
        return [one for item in items if self.admits(item) for one in self.told([item])]

    async def _in_data_time(self, buffer: ReorderBuffer[MarketItem]) -> Batches:
        now = 0
        async for item in self.source.items():
            if not self.admits(item):
                continue
            now = max(now, item.event_time)
            self.hold(buffer, item, now)
            if told := self.told(buffer.take(now)):
                yield told
        if told := self.told(buffer.flush()):
            yield told

    def admits(self, item: MarketItem) -> bool:
        """Tell whether an item can be true; drop and count one that cannot."""
        if is_sound(item, self._instruments):
            return True
        self.counts.malformed += 1
        if item.instrument_id in self._instruments:
            self._lose(item, MALFORMED)
        return False

    def hold(self, buffer: ReorderBuffer[MarketItem], item: MarketItem, now: int) -> None:
        """Put an item into the buffer, or drop and count one that comes too late."""
        if not buffer.put(item.event_time, item.instrument_id, item, now):
            self._lose(item, LATE)
        self.counts.reordered, self.counts.late = buffer.reordered, buffer.late

    def told(self, items: list[MarketItem]) -> list[MarketItem]:
        """Return items, each with the DataGap before it that tells of what its market lost."""
        if not self._lost:
            return items
        told: list[MarketItem] = []
        for item in items:
            lost = self._lost.pop(item.instrument_id, None)
            if lost is not None:
                since = min(lost.since, item.event_time)
                gap = DataGap(since, max(lost.until, since), lost.why)
                told.append(
                    MarketItem(item.event_time, item.venue, item.instrument_id, gap, item.producer)
                )
            told.append(item)
        return told

    def _lose(self, item: MarketItem, why: str) -> None:
        """Note a trade or bar that is not handed on; a newer quote makes up for a lost one."""
        if not isinstance(item.payload, Trade | Bar):
            return
        at = item.event_time
        known = self._lost.get(item.instrument_id, _Lost(I64_MAX, 0, why))
        if 0 < at <= I64_MAX:
            known = _Lost(min(known.since, at), max(known.until, at), why)
        self._lost[item.instrument_id] = known


class _Lost(NamedTuple):
    """The event times (ns UTC) of the oldest and the newest item that was lost, and why."""

    since: int
    until: int
    why: str


class _RealTime:
    """Hands on in real time: what is due although nothing new comes is handed on all the same."""

    def __init__(self, feed: OrderedFeed, buffer: ReorderBuffer[MarketItem], clock: Clock) -> None:
        self._feed = feed
        self._buffer = buffer
        self._clock = clock
        self._ready: list[MarketItem] = []
        """What need not be held any longer, because its market had too much."""
        self._is_wanted = asyncio.Event()
        """Set when there is something to do before the time that is waited for."""
        self._has_room = asyncio.Event()
        self._woke = 0

    async def batches(self) -> Batches:
        """Yield what need not be held any longer, and all of it at the end."""
        reader = asyncio.create_task(self._read(), name=f"reading {self._feed.name}")
        try:
            while not reader.done():
                self._woke = self._clock.now()
                if taken := self._taken():
                    yield taken
                self._has_room.set()
                await self._until_wanted(reader)
            if rest := self._taken() + self._feed.told(self._buffer.flush()):
                yield rest
            reader.result()
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    def _taken(self) -> list[MarketItem]:
        ready, self._ready = self._ready, []
        return self._feed.told(ready + self._buffer.take(self._woke))

    async def _read(self) -> None:
        """Take in what the source gives; wait while too much of it waits to be asked for."""
        buffer = self._buffer
        try:
            async for item in self._feed.source.items():
                if not self._feed.admits(item):
                    continue
                now = self._clock.now()
                held, ready = len(buffer), len(self._ready)
                self._feed.hold(buffer, item, now)
                if buffer.is_overfull:
                    self._ready += buffer.take(now)
                if not held or (self._ready and not ready):
                    self._is_wanted.set()
                while len(self._ready) >= MOST_READY:
                    self._is_wanted.set()
                    self._has_room.clear()
                    await self._has_room.wait()
        finally:
            self._is_wanted.set()

    async def _until_wanted(self, reader: asyncio.Task[None]) -> None:
        """Wait until something is to be handed on, or the source has ended."""
        while not reader.done() and len(self._ready) < MOST_READY:
            due = self._due()
            self._is_wanted.clear()
            if due is None:
                await self._is_wanted.wait()
                continue
            await self._sleep(due)
            if self._clock.now() >= due:
                return

    def _due(self) -> int | None:
        """Return when something is to be handed on next; None: nothing is held."""
        soonest = self._woke + WAKE_NS
        if self._ready:
            return soonest
        due = self._buffer.due
        return None if due is None else max(due, soonest)

    async def _sleep(self, until: int) -> None:
        """Wait for a moment, or until something is wanted before."""
        sleeping = asyncio.ensure_future(self._clock.sleep_until(until))
        wanting = asyncio.ensure_future(self._is_wanted.wait())
        try:
            await asyncio.wait((sleeping, wanting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleeping, wanting):
                task.cancel()
            await asyncio.gather(sleeping, wanting, return_exceptions=True)
