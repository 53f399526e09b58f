"""A real process, killed with SIGKILL in the middle of a replay, TRADETUI_KILLS times in a row."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tests.support.outside import Nursery
from tests.support.recovery import (
    assert_same,
    assert_sums,
    opened,
    options_for,
    replayed,
    runs_of,
    write_bars,
)

from tradetui.ports.journal import JournalError
from tradetui.storage.reader import JournalReader

KILLS = int(os.environ.get("TRADETUI_KILLS", "3"))
DEADLINE = 60.0


def reached(folder: Path) -> tuple[int, int]:
    """Return how many runs the journal has, and the last durable step; (0, 0) without one."""
    try:
        with JournalReader(folder) as reader:
            runs = reader.runs()
    except JournalError:
        return 0, 0
    return len(runs), runs[-1].steps if runs else 0


def killed_run(nursery: Nursery, folder: Path, bars: Path, steps: int) -> None:
    """Start the program, wait until a new run has so many steps, and kill it."""
    runs, before = reached(folder)
    arguments = ("demo", "--replay", bars, "--headless", "--speed", "1000", "--state", folder)
    process = nursery.begin(folder.parent, *arguments)
    deadline = time.monotonic() + DEADLINE
    try:
        while True:
            now_runs, now_steps = reached(folder)
            if now_runs > runs and now_steps >= before + steps:
                break
            assert time.monotonic() < deadline, f"it did not come so far: {process.err}"
            time.sleep(0.01)
    finally:
        code = process.end(signal.SIGKILL)
    assert code == -signal.SIGKILL, "it ended by itself"


@pytest.mark.timeout(300)
async def test_killed_again_and_again_each_start_shows_what_the_journal_says(
    nursery: Nursery, tmp_path: Path
) -> None:
    bars = write_bars(tmp_path / "BTC_USD-1m.csv", 3_000)
    folder = tmp_path / "state"
    for kill in range(KILLS):
        killed_run(nursery, folder, bars, 60 + 70 * (kill % 3))
        expected = replayed(folder)
        async with opened(options_for(folder, bars)) as running:
            state = running.driver.loop.kernel.state
            assert_same(state, expected)
            assert_sums(folder, running.driver.loop.kernel)
            await running.driver.abandon()
    assert len(runs_of(folder)) == 2 * KILLS
