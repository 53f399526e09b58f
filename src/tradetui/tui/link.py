"""The line to the terminal: how much of what was sent it has taken, and whether it is slow.

A frame that is sent before the last one has arrived waits in some buffer (this process's, the
kernel's, ssh's), and every key after it is answered behind it. So behind each frame goes a question
that terminals answer once they have taken all before it, and the next frame waits for the answer:
what changed meanwhile is in that one, the newest state wins, and nothing queues up. A terminal that
does not know the question is held to what the kernel takes.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import IO, Any, Final

from textual.app import App
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from tradetui.tui.pasting import PasteParser

QUESTION: Final = "\x1b[?2026$p"
"""Is synchronised output known? Textual asks it at a start, and reads the answer."""
SLOW_SECONDS: Final = 0.75
"""A frame that takes longer to arrive is slow: with 200 ms each way, 0.4 s are the way alone."""
SLOW_FRAMES: Final = 2
QUICK_SECONDS: Final = 0.3
QUICK_FRAMES: Final = 20
LOST_SECONDS: Final = 5.0
LOST_RATE: Final = 400
"""An answer that has not come after 5 s and 1 s for each 400 characters is not waited for."""
LOST_FRAMES: Final = 3
"""After so many lost answers in a row nothing is asked any more."""
KEY_FRAMES: Final = 4
KEY_BYTES: Final = 480
KEY_SECONDS: Final = 0.25
"""So many frames that answer keys may be under way at once: half a second of the slowest line, or
what the line takes in a quarter of a second if that is more.
"""
FRAME_BYTES: Final = 240
FRAME_SECONDS: Final = 0.25
"""What a frame that answers no key may hold on a slow line: a key that comes right after it waits
for no more than this.
"""
SAMPLES: Final = 24
"""Frames from which the line's rate is worked out."""
SPREAD: Final = 40
"""Characters by which sizes must differ, in the mean, to tell anything of the rate."""
TOP_RATE: Final = 10_000_000.0
"""Characters a second beyond which nobody can tell the difference."""
MAX_WRITES: Final = 16
"""Writes that wait in this process; Textual's own queue blocks the program from 30 on."""


class Link:
    """What is under way to the terminal; times are seconds of ``monotonic``."""

    def __init__(self, monotonic: Callable[[], float], *, is_slow: bool = False) -> None:
        self._monotonic = monotonic
        self._is_forced = is_slow
        self.is_slow = is_slow
        self.is_asking = False
        """The terminal answers the question."""
        self.writes_waiting: Callable[[], int] = lambda: 0
        """How many writes the kernel has not taken yet."""
        self._under_way: list[tuple[float, int, int]] = []
        """Of each frame when it was sent, its size, and what was under way with it."""
        self._samples: deque[tuple[int, float]] = deque(maxlen=SAMPLES)
        self._blocked_since: float | None = None
        self._streak = 0
        self._lost = 0

    def sent(self, size: int) -> None:
        """Note a frame of ``size`` characters with a question behind it."""
        self._under_way.append((self._monotonic(), size, self.waiting + size))

    def answered(self) -> None:
        """Note an answer: the oldest frame has arrived."""
        self.is_asking = True
        self._lost = 0
        if self._under_way:
            since, _, whole = self._under_way.pop(0)
            seconds = self._monotonic() - since
            self._samples.append((whole, seconds))
            self._took(seconds)

    @property
    def waiting(self) -> int:
        """How many characters were sent and have not arrived."""
        return sum(size for _, size, _ in self._under_way)

    @property
    def rate(self) -> float | None:
        """The characters a second that the line takes, from the newest frames; None until some have
        been answered.

        The least-squares slope of time over size: the delay, the same for all, is no part of it.
        Where the sizes tell nothing of it, what has passed in all is the least it can be.
        """
        samples = self._samples
        total = sum(seconds for _, seconds in samples)
        if len(samples) < 2 or total <= 0:
            return None
        least = sum(size for size, _ in samples) / total
        mean = sum(size for size, _ in samples) / len(samples)
        mean_seconds = total / len(samples)
        spread = sum((size - mean) ** 2 for size, _ in samples)
        together = sum((size - mean) * (seconds - mean_seconds) for size, seconds in samples)
        if spread < len(samples) * SPREAD**2:
            return least
        if together <= 0:
            return TOP_RATE
        return min(max(spread / together, least), TOP_RATE)

    @property
    def delay(self) -> float | None:
        """The seconds that the quickest frame took there and back; None until one has."""
        return min((seconds for _, seconds in self._samples), default=None)

    @property
    def frame_room(self) -> int:
        """How many characters a frame that answers no key may have on a slow line."""
        return max(FRAME_BYTES, int((self.rate or 0) * FRAME_SECONDS))

    def is_free(self, *, for_key: bool = False) -> bool:
        """Tell whether a frame may be sent now; one that answers a key may follow small ones."""
        now = self._monotonic()
        if self.writes_waiting():
            self._blocked_since = now if self._blocked_since is None else self._blocked_since
            return False
        if self._blocked_since is not None:
            blocked, self._blocked_since = now - self._blocked_since, None
            if not self.is_asking:
                self._took(blocked)
        self._let_go(now)
        if not self._under_way:
            return True
        room = max(KEY_BYTES, int((self.rate or 0) * KEY_SECONDS))
        return for_key and len(self._under_way) < KEY_FRAMES and self.waiting <= room

    def _let_go(self, now: float) -> None:
        """Stop waiting for answers that will not come."""
        size = self.waiting
        while self._under_way and now - self._under_way[0][0] > LOST_SECONDS + size / LOST_RATE:
            self._under_way.pop(0)
            self._lost += 1
            self.is_asking = self.is_asking and self._lost < LOST_FRAMES

    def has_room(self) -> bool:
        """Tell whether a write cannot block this process."""
        return self.writes_waiting() < MAX_WRITES

    def _took(self, seconds: float) -> None:
        """Judge the line by the frames that took long, or short, one after the other."""
        if self._is_forced:
            return
        counts = seconds < QUICK_SECONDS if self.is_slow else seconds > SLOW_SECONDS
        self._streak = self._streak + 1 if counts else 0
        if self._streak >= (QUICK_FRAMES if self.is_slow else SLOW_FRAMES):
            self.is_slow = not self.is_slow
            self._streak = 0


class _CountedFile:
    """The terminal's file, counting the writes that the kernel has taken.

    When the terminal is gone, what is left goes nowhere: the hang-up ends the console in order, and
    a text that nobody can read must not change its exit code.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._buffered = 0
        self.taken = 0

    def write(self, text: str) -> int:
        self._buffered += 1
        try:
            return self._file.write(text)
        except OSError:
            self._turn_away()
            return len(text)

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            self._turn_away()
        self.taken += self._buffered
        self._buffered = 0

    def _turn_away(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._file.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


_HUNG_UP: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


class LinkDriver(LinuxDriver):
    """Textual's driver that knows how many of its writes the kernel has taken."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        assert sys.__stderr__ is not None
        self._counted = _CountedFile(sys.__stderr__)
        self._file = self._counted  # type: ignore[assignment]
        self._handed = 0
        self._lock = threading.Lock()
        self.characters = 0

    def run_input_thread(self) -> None:
        """Read keys and pastes with our parser: the base uses the one of this name."""
        linux_driver.XTermParser = PasteParser  # type: ignore[attr-defined]
        super().run_input_thread()

    @property
    def is_gone(self) -> bool:
        """Whether the terminal has hung up; no signal says so where it does not control us."""
        watch = select.poll()
        watch.register(self.fileno, 0)
        return any(event & _HUNG_UP for _, event in watch.poll(0))

    @property
    def waiting(self) -> int:
        """How many writes the kernel has not taken."""
        return self._handed - self._counted.taken

    def write(self, data: str) -> None:
        """Hand text to the writing thread."""
        with self._lock:
            self._handed += 1
            self.characters += len(data)
        super().write(data)
