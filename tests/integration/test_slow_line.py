"""The console over slow lines: keys are answered, the newest state wins, nothing queues up."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from statistics import median

import pytest
from tests.support.slow_line import SlowTerminal

DELAY = 0.2
FRAME = 9_000
"""More than a whole 80x24 screen with its colours takes."""
FRAME_BEGINS = b"\x1b[?2026h"
SECONDS = 6
"""For so long, by the console's own clock, frames are counted."""


def opened(tmp_path: Path, bits: int, *more: str) -> SlowTerminal:
    program = [sys.executable, "-c", "from tradetui.bootstrap import main; main()"]
    return SlowTerminal(
        [*program, "demo", "--state", str(tmp_path / "folder"), *more],
        bytes_per_second=bits // 10,
        delay=DELAY,
        keep_raw=True,
        env={"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "none")},
    )


def marked(terminal: SlowTerminal) -> str:
    """Return the row of the instances table that is selected."""
    return next((line for line in terminal.text().splitlines() if line.startswith(">")), "")


def answer_seconds(terminal: SlowTerminal, key: str, expected: str) -> float:
    """Return how long a key takes until the row of ``expected`` is marked."""
    begun = time.perf_counter()
    terminal.press(key, pause=0)
    while not marked(terminal).startswith(f"> {expected} "):
        assert time.perf_counter() - begun < 30, terminal.text()
        terminal.read(0.02)
    return time.perf_counter() - begun


@pytest.mark.parametrize(
    ("bits", "limit", "is_slow"), [(9_600, 4.0, True), (1_000_000, 2.0, False)]
)
def test_keys_are_answered_and_nothing_queues_up(
    tmp_path: Path, bits: int, limit: float, is_slow: bool
) -> None:
    terminal = opened(tmp_path, bits)
    try:
        terminal.wait_for(lambda text: any(line.startswith(">") for line in text.splitlines()))
        if is_slow:
            terminal.wait_for("slow link")
        terminal.wait_for("> btc-cross")
        answer_seconds(terminal, "j", "eth-bands")  # the first whole frames are on their way
        keys = (("j", "gallery"), ("k", "eth-bands")) * 2
        took = [answer_seconds(terminal, *key) for key in keys]
        assert min(took) > 2 * DELAY  # the line is as slow as it should be
        assert median(took) <= limit, took  # one of them may fall into a burst of other work
        assert terminal.most_waiting <= FRAME
        assert is_slow or "slow link" not in terminal.text()
    finally:
        terminal.close()


def shown_second(terminal: SlowTerminal) -> int:
    """Return the second of the day that the console's clock shows."""
    found = re.search(r"(\d\d):(\d\d):(\d\d) UTC", terminal.text())
    assert found, terminal.text()
    hours, minutes, seconds = (int(part) for part in found.groups())
    return (hours * 60 + minutes) * 60 + seconds


def test_a_person_can_say_that_the_link_is_slow(tmp_path: Path) -> None:
    terminal = opened(tmp_path, 1_000_000, "--slow-link")
    try:
        terminal.wait_for("slow link")
        terminal.wait_for("ACTIVE")
        begun = shown_second(terminal)
        terminal.wait_for(lambda _: since(terminal, begun) >= 2)  # the first whole frames are there
        terminal.raw.clear()
        begun = shown_second(terminal)
        terminal.wait_for(lambda _: since(terminal, begun) >= SECONDS)
        passed = since(terminal, begun)
        # Drawn once a second, as its own clock shows; at other times two to ten times as often.
        assert 0 < terminal.raw.count(FRAME_BEGINS) <= passed + 2
        assert terminal.received < 25_000, "the start paints more than its frames"
    finally:
        terminal.close()


def since(terminal: SlowTerminal, begun: int) -> int:
    """Return how many seconds the console's clock has gone on."""
    return (shown_second(terminal) - begun) % 86_400
