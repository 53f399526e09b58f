"""Time, as an argument."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """A source of UTC time in integer nanoseconds, and of waiting."""

    def now(self) -> int:
        """Return the present moment."""
        ...

    async def sleep_until(self, time_ns: int) -> None:
        """Return when the moment has come (at once if it has passed)."""
        ...
