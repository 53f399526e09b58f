"""A terminal at the end of a slow line: so many bytes a second, and a delay each way."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
import time
from collections import deque
from typing import Any

from tests.support.terminal import KEYS, Terminal

TICK_SECONDS = 0.01


class SlowTerminal(Terminal):
    """Takes ``bytes_per_second`` from the program, and shows them ``delay`` seconds later.

    ``most_waiting`` is the most that was ever written and not yet on the screen: in the kernel and
    on the line.
    """

    def __init__(
        self, argv: list[str], *, bytes_per_second: int, delay: float, **options: Any
    ) -> None:
        self._rate = bytes_per_second
        self._delay = delay
        self._down: deque[tuple[float, bytes]] = deque()
        self._up: deque[tuple[float, bytes]] = deque()
        self._allowed = 0.0
        self._at = time.perf_counter()
        self.most_waiting = 0
        super().__init__(argv, **options)

    def read(self, seconds: float) -> bool:
        """Let the line work for ``seconds``; False when the program is gone and all has arrived."""
        end = time.perf_counter() + seconds
        alive = True
        while True:
            alive = self._take() and alive
            now = time.perf_counter()
            while self._up and self._up[0][0] <= now:
                os.write(self.fd, self._up.popleft()[1])
            while self._down and self._down[0][0] <= now:
                self._show(self._down.popleft()[1])
            if now >= end:
                return alive or bool(self._down)
            time.sleep(min(TICK_SECONDS, max(end - now, 0)))

    def _take(self) -> bool:
        """Take what the line has room for since the last time."""
        now = time.perf_counter()
        self._allowed = min(self._allowed + (now - self._at) * self._rate, self._rate / 10 + 1)
        self._at = now
        in_kernel = struct.unpack("i", fcntl.ioctl(self.fd, termios.FIONREAD, b"\0\0\0\0"))[0]
        on_line = sum(len(data) for _, data in self._down)
        self.most_waiting = max(self.most_waiting, in_kernel + on_line)
        if self._allowed < 1 or not select.select([self.fd], [], [], 0)[0]:
            return True
        try:
            data = os.read(self.fd, int(self._allowed))
        except OSError:
            return False
        self._allowed -= len(data)
        self._down.append((now + self._delay, data))
        return bool(data)

    def _show(self, data: bytes) -> None:
        self.received += len(data)
        if self.keep_raw:
            self.raw += data
        for answer in self.answers(data):
            self._up.append((time.perf_counter() + self._delay, answer))
        self.stream.feed(data)

    def press(self, *keys: str, pause: float = 0.2) -> None:
        """Press keys; each is on the way for the line's delay."""
        for key in keys:
            sent = time.perf_counter() + self._delay
            self._up.append((sent, KEYS.get(key, key).encode()))
            self.read_for(pause)
