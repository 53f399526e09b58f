"""Signals that ask a run without a screen to end, taken before anything is opened."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from tradetui.bootstrap.process.held_signals import HELD_SIGNALS, release_signals

ENDING: Final = (*HELD_SIGNALS, signal.SIGINT)

T = TypeVar("T")


class Stop:
    """Whether a signal has asked a run to end. While the run has not begun it is cancelled."""

    def __init__(self) -> None:
        self.name = ""
        """The signal that came, empty before one did."""
        self.came = asyncio.Event()
        self.has_begun = False
        self._opening: asyncio.Future[Any] | None = None

    async def unless_stopped(self, opening: Awaitable[T]) -> T | None:
        """Open a run; None when a signal came before it had begun."""
        task: asyncio.Future[T] = asyncio.ensure_future(opening)
        self._opening = task
        if self.name:
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if not self.name or self.has_begun:
                raise
            return None

    def take(self, number: signal.Signals) -> None:
        """Take a signal; the first one counts."""
        if self.name:
            return
        self.name = number.name
        self.came.set()
        if not self.has_begun and self._opening is not None:
            self._opening.cancel()


async def listening(run: Callable[[Stop], Awaitable[T]]) -> T:
    """Run something that is told of the signals that ask it to end."""
    loop = asyncio.get_running_loop()
    stop = Stop()
    for number in ENDING:
        loop.add_signal_handler(number, stop.take, number)
    release_signals()
    try:
        return await run(stop)
    finally:
        for number in ENDING:
            loop.remove_signal_handler(number)
