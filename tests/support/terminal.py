"""A real pseudo-terminal with a screen: a program as a person sees it, measured from outside."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import psutil
import pyte
from wcwidth import wcwidth

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "ctrl+c": "\x03",
    "ctrl+g": "\x07",
    "ctrl+l": "\x0c",
}
ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronised output: supported
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
}


class Launcher(Protocol):
    """What starts a command without the program's own time to start: ``outside.Nursery``."""

    def launch(self, words: Sequence[str], tty: str, env: Mapping[str, str], cwd: Path) -> int:
        """Start a command in a terminal; return the process id."""

    def ended(self, pid: int, *, until: bool = False) -> int | None:
        """Return the exit code, minus the signal's number, None while it runs."""


class Terminal:
    """A program in a terminal of ``cols`` x ``rows``; ``raw`` keeps every byte if asked to.

    ``argv`` is the command, with a ``launcher`` the words behind the program's name.
    """

    def __init__(
        self,
        argv: list[str],
        *,
        cols: int = 80,
        rows: int = 24,
        env: dict[str, str] | None = None,
        keep_raw: bool = False,
        launcher: Launcher | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.screen = pyte.Screen(cols, rows)
        self._lines: list[str] = []
        self.stream = pyte.ByteStream(self.screen)
        self.received = 0
        self.raw = bytearray()
        self.keep_raw = keep_raw
        self._unasked = b""
        self.exit_code: int | None = None
        self.started = self.arrived = time.perf_counter()
        """When the program was started, and when the newest bytes came from it: reading what they
        mean takes us longer than it takes a terminal.
        """
        self._launcher = launcher
        looks = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        size = struct.pack("HHHH", rows, cols, 0, 0)
        if launcher is None:
            self.pid, self.fd = self._forked(argv, looks, size, cwd)
        else:
            self.fd, slave = pty.openpty()
            fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
            known = {name: os.environ[name] for name in os.environ.keys() - {"COLUMNS", "LINES"}}
            place = cwd or Path.cwd()
            self.pid = launcher.launch(argv, os.ttyname(slave), {**known, **looks}, place)
            os.close(slave)
        self.process = psutil.Process(self.pid)

    @staticmethod
    def _forked(
        argv: list[str], looks: dict[str, str], size: bytes, cwd: Path | None
    ) -> tuple[int, int]:
        pid, fd = pty.fork()
        if pid == 0:
            # Programs believe these two before they ask the terminal for its size; readline, which
            # the test runner loads, sets them where os.environ does not show them.
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)
                os.unsetenv(name)
            os.environ.update(looks)
            fcntl.ioctl(1, termios.TIOCSWINSZ, size)
            if cwd is not None:
                os.chdir(cwd)
            os.execvp(argv[0], argv)
        fcntl.ioctl(fd, termios.TIOCSWINSZ, size)
        return pid, fd

    def read(self, seconds: float) -> bool:
        """Feed what arrives within ``seconds`` to the screen; False when the program is gone."""
        ready, _, _ = select.select([self.fd], [], [], max(0.0, seconds))
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        if not data:
            return False
        self.arrived = time.perf_counter()
        self.received += len(data)
        if self.keep_raw:
            self.raw += data
        for answer in self.answers(data):
            os.write(self.fd, answer)
        self.stream.feed(data)
        return True

    def answers(self, data: bytes) -> list[bytes]:
        """Return what a terminal says to the questions in ``data``, also to one cut in two."""
        asked = self._unasked + data
        cut = asked.rfind(b"\x1b")
        last = asked[cut:] if cut >= 0 else b""
        is_begun = any(query.startswith(last) and query != last for query in ANSWERS)
        self._unasked = last if last and is_begun else b""
        return [answer for query, answer in ANSWERS.items() for _ in range(asked.count(query))]

    def read_for(self, seconds: float) -> None:
        """Read for a while, whatever comes."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0 and self.read(left):
            pass

    def wait_for(self, what: str | Callable[[str], bool], seconds: float = 60.0) -> str:
        """Read until the screen shows ``what``; AssertionError with the screen if it never does."""
        end = time.perf_counter() + seconds
        seen = what if callable(what) else lambda text: what in text
        while time.perf_counter() < end:
            if seen(self.text()):
                return self.text()
            if not self.read(0.05):
                break
        raise AssertionError(f"never saw {what!r} on:\n{self.text()}")

    def press(self, *keys: str, pause: float = 0.2) -> None:
        """Press keys, one by one, with a person's pauses."""
        for key in keys:
            os.write(self.fd, KEYS.get(key, key).encode())
            self.read_for(pause)

    def text(self) -> str:
        """Return the screen as lines of text."""
        screen = self.screen
        if len(self._lines) != screen.lines:  # another size
            self._lines = [""] * screen.lines
            screen.dirty.update(range(screen.lines))
        for y in screen.dirty:
            if y < screen.lines:
                self._lines[y] = self._line(y)
        screen.dirty.clear()
        return "\n".join(self._lines)

    def _line(self, y: int) -> str:
        cells, chars, x = self.screen.buffer[y], [], 0
        while x < self.screen.columns:
            chars.append(cells[x].data)
            x += 1 if chars[-1].isascii() or wcwidth(chars[-1][0]) < 2 else 2
        return "".join(chars).rstrip()

    def drawn(self) -> tuple[int, int]:
        """Return (columns, rows) up to the last cell that is not blank or is coloured."""
        rows = [
            (y, x)
            for y, row in self.screen.buffer.items()
            for x, cell in row.items()
            if cell.data != " " or cell.bg != "default" or cell.reverse
        ]
        return max((x for _, x in rows), default=-1) + 1, max((y for y, _ in rows), default=-1) + 1

    def cells(self) -> int:
        """Return a fingerprint of all characters and colours."""
        rows = self.screen.buffer.values()
        return hash(tuple(tuple(sorted(row.items())) for row in rows))

    def painted(self) -> int:
        """Count the cells that are not blank."""
        return sum(1 for line in self.screen.display for char in line if char != " ")

    def tree(self) -> list[psutil.Process]:
        """Return the program's process and its children."""
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.Error:
            return []

    def cpu_seconds(self) -> float:
        """Return the CPU time of the whole process tree so far."""
        total = 0.0
        for process in self.tree():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
        return total

    def rss_mb(self) -> float:
        """Return the resident memory of the whole process tree, in MB."""
        total = 0
        for process in self.tree():
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
        return total / 1e6

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def wait(self, seconds: float = 60.0) -> int:
        """Wait for the end and return the exit code (128 + signal when one ended it)."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.read(0.02)
            code = self._ended()
            if code is not None:
                while select.select([self.fd], [], [], 0)[0] and self.read(0):
                    pass  # its last words
                return 128 - code if code < 0 else code
        raise AssertionError(f"still running after {seconds} s:\n{self.text()}")

    def _ended(self, *, until: bool = False) -> int | None:
        """Return the exit code, minus the number of a signal; None while it runs."""
        if self._launcher is not None:
            self.exit_code = self._launcher.ended(self.pid, until=until)
        else:
            pid, status = os.waitpid(self.pid, 0 if until else os.WNOHANG)
            self.exit_code = os.waitstatus_to_exitcode(status) if pid else None
        return self.exit_code

    def close(self) -> None:
        """Close the terminal, as a dropped line does, and end the program if it is still there."""
        os.close(self.fd)
        if self.exit_code is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self._ended(until=True)
