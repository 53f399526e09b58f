"""Runs of the demo's samples over made-up minutes, for tests of what reads, shows or goes on with
them.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from tradetui.bootstrap.run.headless import run_headless
from tradetui.cli.wiring import Place, RunOptions

FIRST_MINUTE = 1_600_000_000_000
"""When the first bar opens, ms UTC."""


def write_minutes(folder: Path, count: int, *, market: str = "BTC_USD") -> Path:
    """Write minute bars of a market that swing within ten units; return the file."""
    lines = ["ts_ms,open,high,low,close,volume"]
    for i in range(count):
        time, at = FIRST_MINUTE + i * 60_000, i % 9
        lines.append(f"{time},{100 + at},{103 + at},{98 + at},{101 + at},5")
    bars = folder / f"{market}-1m.csv"
    bars.write_text("\n".join(lines) + "\n")
    return bars


def run_demo(folder: Path, minutes: int, *, times: int = 1) -> Place:
    """Run the samples over some minutes to their end, in ``folder/state``; each further time is a
    run that goes on with the one before.
    """
    place = Place(state=folder / "state")
    bars = write_minutes(folder, minutes)
    for _ in range(times):
        options = RunOptions(place, demo=True, replay=(bars,), until_end=True)
        asyncio.run(run_headless(options, lambda _: None))
    return place
