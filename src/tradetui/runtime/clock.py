"""The wall clock as a ``ports.Clock``."""

from __future__ import annotations

import asyncio
import time

from tradetui.domain.units import NANOS_PER_SECOND


class SystemClock:
    """UTC time of this machine."""

    def now(self) -> int:
        """Return the present moment, ns UTC."""
        return time.time_ns()

    async def sleep_until(self, time_ns: int) -> None:
        """Return when the moment has come; at once if it has passed."""
        delay = time_ns - time.time_ns()
        await asyncio.sleep(max(delay, 0) / NANOS_PER_SECOND)
