"""In a real pseudo-terminal: the end without a terminal, crashes, bytes."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.terminal import Terminal
from tests.tui.standalone import SECRET

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20.0
"""Within which it has ended; a shutdown that hangs does so for a minute."""
A_DIALOG_LISTENS = 0.6
"""Seconds after which a dialog that has just opened takes keys."""


class Console:
    """A console of the test in its terminal."""

    def __init__(self, tmp_path: Path) -> None:
        self.marker = tmp_path / "ended"
        self.terminal: Terminal | None = None

    def start(self, *flags: str, **env: str) -> Terminal:
        argv = [sys.executable, "-m", "tests.tui.standalone", "--marker", str(self.marker), *flags]
        self.terminal = Terminal(argv, env={"PYTHONPATH": str(ROOT), **env}, keep_raw=True)
        self.terminal.wait_for("q back")
        return self.terminal

    def exit_code(self) -> int:
        """Wait for the end, whatever is written until then, and return the code."""
        assert self.terminal is not None
        return self.terminal.wait(SECONDS)

    def kill(self) -> None:
        if self.terminal is not None:
            try:
                os.kill(self.terminal.pid, signal.SIGKILL)
                os.waitpid(self.terminal.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    monkeypatch.chdir(ROOT)
    found = Console(tmp_path)
    yield found
    found.kill()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_in_order_with_code_0(console: Console, number: int) -> None:
    terminal = console.start()
    os.kill(terminal.pid, number)
    assert console.exit_code() == 0
    assert console.marker.read_text() == "None\n"
    assert b"\x1b[?1049l" in terminal.raw


def test_a_terminal_that_is_gone_ends_in_order_with_code_0(console: Console) -> None:
    terminal = console.start()
    os.close(terminal.fd)
    assert terminal.process.wait(SECONDS) == 0
    assert console.marker.read_text() == "None\n"


def test_signals_twice_in_a_row_end_once(console: Console) -> None:
    terminal = console.start("--slow", "0.3")
    os.kill(terminal.pid, signal.SIGHUP)
    os.kill(terminal.pid, signal.SIGTERM)
    assert console.exit_code() == 0


def test_a_shutdown_that_hangs_is_given_up_in_time(console: Console) -> None:
    terminal = console.start("--slow", "60")
    os.kill(terminal.pid, signal.SIGTERM)
    assert console.exit_code() == 1
    assert not console.marker.exists()


def test_a_crash_prints_no_locals_and_restores_the_terminal(console: Console) -> None:
    terminal = console.start("--crash")
    terminal.press("j", "c")
    terminal.wait_for("COPY")
    terminal.read_for(A_DIALOG_LISTENS)
    terminal.press("enter")
    assert console.exit_code() == 1
    text = terminal.raw.decode(errors="replace")
    assert "RuntimeError: failed with" in text
    assert SECRET not in text
    assert "\x1b[?1049l" in text


def test_keys_that_end_or_suspend_elsewhere_do_not(console: Console) -> None:
    terminal = console.start()
    terminal.press("\x11", "\x13", "\x1a", "\x03", "\x1c", pause=0.1)
    terminal.press("j")
    assert terminal.wait_for("> btc-mr")


def test_hostile_strings_do_not_reach_the_terminal(console: Console) -> None:
    terminal = console.start("--hostile")
    terminal.press("j", "w", "\x1b", "6", "7", "e", pause=0.3)
    terminal.wait_for(lambda _: b"[bold]" in terminal.raw)
    raw = bytes(terminal.raw)
    assert b"]52;" not in raw.replace(b"?]52;", b"")
    assert b"\x1b]52" not in raw
    assert b"\xc2\x9b" not in raw
    assert "\u202e".encode() not in raw


def test_no_color_sends_no_colour(console: Console) -> None:
    terminal = console.start(NO_COLOR="1")
    terminal.press("j", "!")
    codes = re.findall(rb"\x1b\[([0-9;]*)m", bytes(terminal.raw))
    colours = {
        code for found in codes for code in found.split(b";") if code[:1] in (b"3", b"4", b"9")
    }
    assert not {code for code in colours if code not in (b"39", b"49", b"4", b"9")}
    assert terminal.text().isascii()


def test_a_burst_from_the_wrong_window_does_nothing(console: Console) -> None:
    terminal = console.start()
    os.write(terminal.fd, b"please open a door")
    terminal.wait_for("dropped")
    assert "done" not in terminal.text()
