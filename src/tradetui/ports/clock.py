"""Time, as an argument."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """A source of UTC time in integer nanoseconds, which never goes back, and of waiting."""

    def now(self) -> int:
        """Return the present moment."""
        ...

    def lag(self) -> int:
        """Return how far the machine's own clock is behind (ns), 0 where it is not: it was set back
        while this one went on.
        """
        ...

    async def sleep_until(self, time_ns: int) -> None:
        """Return when the moment has come (at once if it has passed)."""
        ...
