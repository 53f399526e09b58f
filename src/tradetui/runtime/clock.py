"""The clock of this machine as a ``ports.Clock`` that never goes back."""

from __future__ import annotations

import asyncio
import time

from tradetui.domain.units import NANOS_PER_SECOND


class SystemClock:
    """UTC time of this machine, from when it was made on.

    Where the machine's clock is set forward, this one follows. Where it is set back, this one goes
    on at the pace of real time, ``lag`` ahead of it: prices, deadlines and stops that are due
    must not wait until the same hour has come again.
    """

    def __init__(self) -> None:
        self._offset = time.time_ns() - time.monotonic_ns()
        """What makes UTC of the monotonic clock."""

    def now(self) -> int:
        """Return the present moment, ns UTC; never before one that was returned."""
        since = time.monotonic_ns()
        self._offset = max(self._offset, time.time_ns() - since)
        return since + self._offset

    def lag(self) -> int:
        """Return how far the machine's clock is behind this one (ns): it was set back by that."""
        return max(self.now() - time.time_ns(), 0)

    async def sleep_until(self, time_ns: int) -> None:
        """Return when the moment has come; at once if it has passed."""
        delay = time_ns - self.now()
        await asyncio.sleep(max(delay, 0) / NANOS_PER_SECOND)
