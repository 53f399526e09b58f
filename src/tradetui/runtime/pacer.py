"""The pace of a replay: how fast data time runs, paused, or one item at a time.

Data time is tied to the wall clock at an anchor; each item is due at the anchor plus its distance
divided by the speed. A change of speed, a pause and a hole in the data (a DataGap) set a new
anchor: holes are not waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from tradetui.domain.market_data import DataGap, MarketItem
from tradetui.ports.clock import Clock

MIN_SPEED: Final = 1
MAX_SPEED: Final = 10_000
_WORTH_WAITING_NS: Final = 1_000_000


class PlaybackError(ValueError):
    """A speed or a number of steps that is not possible; the message says what is."""


class Pacer:
    """Lets items through at their time. ``speed`` None: as fast as they are taken."""

    def __init__(self, clock: Clock, *, speed: int | None = None, playing: bool = True) -> None:
        self._clock = clock
        self._speed: int | None = None
        self._playing = playing
        self._steps = 0
        self._changed = asyncio.Event()
        self._anchor: tuple[int, int] | None = None
        self._has_ended = False
        self.data_time = 0
        """Event time of the newest item that was let through."""
        if speed is not None:
            self.set_speed(speed)

    @property
    def speed(self) -> int | None:
        """The replay factor, None when unpaced."""
        return self._speed

    @property
    def playing(self) -> str:
        """``PLAYING``, ``PAUSED`` or ``ENDED``."""
        if self._has_ended:
            return "ENDED"
        return "PLAYING" if self._playing else "PAUSED"

    def set_speed(self, speed: int) -> None:
        """Change the factor, 1 to 10000."""
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise PlaybackError(f"speed {speed} is not from {MIN_SPEED} to {MAX_SPEED}")
        self._speed = speed
        self._move_anchor()

    def play(self, playing: bool) -> None:
        """Go on, or pause."""
        self._playing = playing
        self._steps = 0
        self._move_anchor()

    def step(self, count: int) -> None:
        """Let ``count`` items through although it is paused."""
        if count < 1:
            raise PlaybackError(f"{count} steps: give at least 1")
        if self._playing:
            raise PlaybackError("it plays: hold it first, then step")
        self._steps += count
        self._changed.set()

    async def paced(self, items: AsyncIterator[MarketItem]) -> AsyncIterator[MarketItem]:
        """Yield the items, each when it is due."""
        async for item in items:
            if isinstance(item.payload, DataGap):
                self._anchor = None
            await self._wait_for(item.event_time)
            self.data_time = item.event_time
            yield item
        self._has_ended = True

    async def _wait_for(self, event_time: int) -> None:
        while True:
            if not self._playing:
                if self._steps:
                    self._steps -= 1
                    return
                self._changed.clear()
                await self._changed.wait()
                continue
            delay_until = self._due(event_time)
            if delay_until is None:
                return
            await self._sleep(delay_until)

    def _due(self, event_time: int) -> int | None:
        """Return the wall time to wait for; None if the item is due."""
        if self._speed is None:
            return None
        now = self._clock.now()
        if self._anchor is None:
            self._anchor = (now, event_time)
            return None
        wall, data = self._anchor
        due = wall + (event_time - data) // self._speed
        return due if due - now >= _WORTH_WAITING_NS else None

    async def _sleep(self, until: int) -> None:
        """Wait for a moment, or for a change of what was asked for."""
        self._changed.clear()
        sleeping = asyncio.ensure_future(self._clock.sleep_until(until))
        changing = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((sleeping, changing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleeping, changing):
                task.cancel()
            await asyncio.gather(sleeping, changing, return_exceptions=True)

    def _move_anchor(self) -> None:
        """Tie data time to the wall anew, at what was let through last."""
        self._anchor = (self._clock.now(), self.data_time) if self.data_time else None
        self._changed.set()
