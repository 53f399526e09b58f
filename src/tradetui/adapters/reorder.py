"""Puts in order of time what comes out of order: bounded, pure, the same for every source."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ordering:
    """How far items are put in order: ``size`` held of each market at most (0: none is held), each
    for ``timeout`` ns at most, on the feed's own clock.
    """

    size: int = 0
    timeout: int = 0


AS_THEY_COME: Final = Ordering()


class ReorderBuffer(Generic[T]):
    """Holds items back for a while, so that one that comes late can still go before them.

    An item is handed on when it has been held for ``timeout`` ns on the feed's own clock, or when
    its market holds more than ``size`` items; all that are older go before it. Each market comes
    out in order of event time, ties in the order of arrival. An item that is older than what its
    market handed on already is dropped and counted. Nothing here knows what time it is: ``now`` is
    the wall's where a feed is in real time, else the newest event time that the feed has given.
    """

    def __init__(self, size: int, timeout: int) -> None:
        assert size > 0
        assert timeout > 0
        self.reordered = 0
        """Items that came after a later one of their market and were still put in their place."""
        self.late = 0
        """Items that came after a later one had been handed on, and were dropped."""
        self._size = size
        self._timeout = timeout
        self._heap: list[tuple[int, int, str, T]] = []
        """(event time, number of arrival, market, item): the oldest is the first."""
        self._arrivals: deque[tuple[int, int]] = deque()
        """(time of arrival, its number), as they came; some may have been handed on already."""
        self._held: set[int] = set()
        """Numbers of the arrivals that are held."""
        self._counts: dict[str, int] = {}
        self._overfull = 0
        """Markets that hold more than they may."""
        self._newest: dict[str, int] = {}
        """The newest event time of each market that came in."""
        self._handed_on: dict[str, int] = {}
        """The newest event time of each market that was handed on."""
        self._number = 0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def is_overfull(self) -> bool:
        """Tell whether something is to be taken whatever the time."""
        return self._overfull > 0

    @property
    def due(self) -> int | None:
        """Return when the item that has waited longest is to be handed on; None: none waits."""
        arrivals = self._arrivals
        while arrivals and arrivals[0][1] not in self._held:
            arrivals.popleft()
        return arrivals[0][0] + self._timeout if arrivals else None

    def put(self, time: int, market: str, item: T, now: int) -> bool:
        """Take an item of event time ``time`` in; return False if it came too late and is
        dropped.
        """
        if time < self._handed_on.get(market, time):
            self.late += 1
            return False
        if time < self._newest.get(market, time):
            self.reordered += 1
        else:
            self._newest[market] = time
        self._number += 1
        heapq.heappush(self._heap, (time, self._number, market, item))
        self._arrivals.append((now, self._number))
        self._held.add(self._number)
        count = self._counts[market] = self._counts.get(market, 0) + 1
        if count == self._size + 1:
            self._overfull += 1
        return True

    def take(self, now: int) -> list[T]:
        """Return, in order, what need not be held any longer."""
        taken: list[T] = []
        while self._overfull or ((due := self.due) is not None and due <= now):
            taken.append(self._pop())
        return taken

    def flush(self) -> list[T]:
        """Return all that is held, in order: nothing more comes in."""
        return [self._pop() for _ in range(len(self._heap))]

    def _pop(self) -> T:
        time, number, market, item = heapq.heappop(self._heap)
        self._held.remove(number)
        if self._counts[market] == self._size + 1:
            self._overfull -= 1
        self._counts[market] -= 1
        self._handed_on[market] = time
        return item
