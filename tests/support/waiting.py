"""Waits for a state, not for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; that it never does fails the test after a minute."""
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.01)
