"""The bounded queue between everything that waits and the engine, which never does.

Three policies say what a full queue does with one more item:

- ``block``: the producer waits for room (replay, backtest);
- ``bounded_drop``: quotes are conflated, the oldest of the same instrument first, and counted; a
trade or bar for which there is no room is lost, counted, and told of by a DataGap (paper and live
data);
- ``fail_fast``: nothing is dropped and nobody waits: the item is taken, and ``on_full`` is told,
which halts the route (reports of venues, acts of people).

Whatever is dropped is dropped here, before it gets a ``seq_id``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tradetui.domain.control import ControlPayload
from tradetui.domain.enums import QueuePolicy, RunMode
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import BarOpen, DataGap, MarketItem, Quote

CAPACITY: Final = 8_192
"""Market items; at 200 a second, forty seconds of them."""

REPORT_CAPACITY: Final = 4_096

Entry = MarketItem | Unsequenced | ControlPayload
"""What can be put in: market data, a venue's report, or an act."""


@dataclass(frozen=True, slots=True)
class QueuePolicies:
    """The policy of market data, and of reports and control."""

    market: QueuePolicy
    reports: QueuePolicy = QueuePolicy.FAIL_FAST

    def __str__(self) -> str:
        return str(self.market)


def policies_of(
    run_mode: RunMode, *, is_virtual: bool, wanted: QueuePolicy | None = None
) -> QueuePolicies:
    """Return the policies of a run: virtual time always blocks, because nothing is late in it; in
    real time ``wanted`` is taken, where a config names one.
    """
    if is_virtual or run_mode is RunMode.BACKTEST:
        return QueuePolicies(QueuePolicy.BLOCK)
    return QueuePolicies(wanted or QueuePolicy.BOUNDED_DROP)


class InboxFullError(Exception):
    """Market data came with the policy ``fail_fast`` and there is no room."""


class Inbox:
    """One queue, in order of arrival. Producers and the pump share one event loop."""

    def __init__(
        self,
        policies: QueuePolicies,
        *,
        capacity: int = CAPACITY,
        report_capacity: int = REPORT_CAPACITY,
        on_full: Callable[[int, Entry], None] | None = None,
    ) -> None:
        assert capacity > 0 and report_capacity > 0
        self.policies = policies
        self.capacity = capacity
        self.drops = 0
        """Trades, bars and opens that were lost (each told of by a DataGap)."""
        self.conflated = 0
        """Quotes that a newer one, or the lack of room, made superfluous."""
        self.deepest = 0
        self._report_capacity = report_capacity
        self._on_full = on_full
        self._queue: deque[list[Entry | None]] = deque()
        """Slots of one: a conflated quote leaves an empty one, but never more than wait."""
        self._quotes: dict[InstrumentId, deque[list[Entry | None]]] | None = None
        """The slots of the quotes that wait, by instrument; only from when room was lacking until
        the queue is empty again.
        """
        self._gaps: dict[InstrumentId, MarketItem] = {}
        self._market = 0
        self._reports = 0
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._is_closed = False

    def __len__(self) -> int:
        return self._market + self._reports

    @property
    def must_wait(self) -> bool:
        """Tell whether ``put_market`` would wait now: else ``offer_market`` does the same."""
        return self._market >= self.capacity and self.policies.market is QueuePolicy.BLOCK

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing more comes in."""
        return self._is_closed

    async def put_market(self, item: MarketItem) -> None:
        """Hand in market data; waits only with the policy ``block``."""
        if self._market >= self.capacity and self.policies.market is QueuePolicy.BLOCK:
            while self._market >= self.capacity and not self._is_closed:
                self._room.clear()
                await self._room.wait()
        self.offer_market(item)

    def offer_all(self, items: Sequence[MarketItem]) -> bool:
        """Hand in several together if there is room for them and nothing else is to be done; else
        return False, and ``offer_market`` or ``put_market`` takes them one by one.
        """
        market = self._market + len(items)
        if market > self.capacity or self._gaps or self._quotes is not None or self._is_closed:
            return False
        if not self._queue:
            self._filled.set()
        self._queue.extend([[item] for item in items])
        self._market = market
        self.deepest = max(self.deepest, market + self._reports)
        return True

    def offer_market(self, item: MarketItem) -> None:
        """Hand in market data without waiting; with ``block`` there must be room."""
        if self._is_closed:
            return
        if self._market >= self.capacity:
            if self.policies.market is not QueuePolicy.BOUNDED_DROP:
                raise InboxFullError(
                    f"the queue is full ({self._market:,} market items wait; {self.policies})"
                )
            if not self._make_room(item):
                return
        gap = self._gaps.pop(item.instrument_id, None) if self._gaps else None
        if gap is not None:
            self._append_market(gap)
        self._append_market(item)

    def put_report(self, entry: Unsequenced | ControlPayload) -> None:
        """Hand in a report or an act: never dropped, never waits. Beyond capacity ``on_full`` is
        told how many are there, and of the entry.
        """
        self._reports += 1
        self._append([entry])
        if self._reports > self._report_capacity and self._on_full is not None:
            self._on_full(self._reports, entry)

    def take(self, limit: int) -> list[Entry]:
        """Return up to ``limit`` entries, oldest first, without waiting."""
        queue = self._queue
        if self._quotes is None and not self._reports:
            pop = queue.popleft  # market items alone, and no slot is empty
            taken: list[Entry] = [pop()[0] for _ in range(min(limit, len(queue)))]  # type: ignore[misc]
            self._market -= len(taken)
        else:
            taken = self._taken_one_by_one(limit)
        if not queue:
            self._filled.clear()
            self._quotes = None
        if self._market < self.capacity:
            self._room.set()
        return taken

    def _taken_one_by_one(self, limit: int) -> list[Entry]:
        taken: list[Entry] = []
        queue, quotes = self._queue, self._quotes
        while queue and len(taken) < limit:
            entry = queue.popleft()[0]
            if entry is None:
                continue
            taken.append(entry)
            if entry.__class__ is MarketItem:
                self._market -= 1
                if quotes is not None and entry.payload.__class__ is Quote:
                    quotes[entry.instrument_id].popleft()
            else:
                self._reports -= 1
        return taken

    def put_back(self, entries: Sequence[Entry]) -> None:
        """Give back what was taken last, in its order: it is what is taken next."""
        for entry in reversed(entries):
            slot: list[Entry | None] = [entry]
            self._queue.appendleft(slot)
            if entry.__class__ is MarketItem:
                self._market += 1
                if self._quotes is not None and entry.payload.__class__ is Quote:
                    self._quotes.setdefault(entry.instrument_id, deque()).appendleft(slot)
            else:
                self._reports += 1
        self._filled.set()

    async def wait(self) -> None:
        """Return when there is something to take, or the inbox is closed."""
        if not self._is_closed:
            await self._filled.wait()

    def wake(self) -> None:
        """Let ``wait`` return once although nothing came in."""
        self._filled.set()

    def close(self) -> None:
        """Take nothing more of the market; what is inside can still be taken."""
        self._is_closed = True
        self._filled.set()
        self._room.set()

    def leave_market(self) -> None:
        """Forget the market items that wait; reports and acts stay. For a feed that can be asked
        for them again.
        """
        kept = [slot for slot in self._queue if not isinstance(slot[0], MarketItem | None)]
        self._queue.clear()
        self._queue.extend(kept)
        self._quotes = None
        self._gaps.clear()
        self._market = 0
        self._room.set()

    def _append_market(self, item: MarketItem) -> None:
        slot: list[Entry | None] = [item]
        if self._quotes is not None and item.payload.__class__ is Quote:
            self._quotes.setdefault(item.instrument_id, deque()).append(slot)
        self._market += 1
        self._append(slot)

    def _append(self, slot: list[Entry | None]) -> None:
        if not self._queue:
            self._filled.set()
        self._queue.append(slot)
        self.deepest = max(self.deepest, self._market + self._reports)

    def _make_room(self, item: MarketItem) -> bool:
        """Drop a quote for ``item``: the oldest of its instrument, else of the instrument that has
        most. Where there is none, lose ``item`` itself; return whether it can come in.
        """
        if self._quotes is None:
            self._quotes = self._waiting_quotes()
        own = self._quotes.get(item.instrument_id)
        if not own:
            own = max(self._quotes.values(), key=len, default=None)
        if own:
            own.popleft()[0] = None
            if len(self._queue) > 2 * len(self):
                self._drop_empty_slots()
            self._market -= 1
            self.conflated += 1
            return True
        if isinstance(item.payload, Quote):
            self.conflated += 1
        else:
            self._lose(item)
        return False

    def _drop_empty_slots(self) -> None:
        """Forget the slots of conflated quotes. Who takes passes over them, but takes nothing while
        the journal stalls, and quotes go on coming.
        """
        self._queue = deque([slot for slot in self._queue if slot[0] is not None])

    def _waiting_quotes(self) -> dict[InstrumentId, deque[list[Entry | None]]]:
        """Return the slots of the quotes that wait, oldest first, by instrument."""
        found: dict[InstrumentId, deque[list[Entry | None]]] = {}
        for slot in self._queue:
            entry = slot[0]
            if entry.__class__ is MarketItem and entry.payload.__class__ is Quote:
                found.setdefault(entry.instrument_id, deque()).append(slot)
        return found

    def _lose(self, item: MarketItem) -> None:
        """Note the loss of a trade or bar; the DataGap goes in with the instrument's next item."""
        self.drops += 1
        known = self._gaps.get(item.instrument_id)
        since = item.event_time
        if known is not None and isinstance(known.payload, DataGap):
            since = known.payload.from_time
        if isinstance(item.payload, BarOpen) and known is None:
            return
        gap = DataGap(since, item.event_time, "the queue was full")
        self._gaps[item.instrument_id] = MarketItem(
            item.event_time, item.venue, item.instrument_id, gap, item.producer
        )
