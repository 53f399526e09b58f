"""Random SIGKILLs of real processes that write a journal: no row that was acknowledged may be lost.

A child writes steps to ``journal.db`` through the product's own journal and says through a pipe how
far it is durable. The parent kills it at a random moment, opens the journal with the product's
reader, and compares: at least what was acknowledged is there, in a whole chain.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.simulation.world import config_of

from tradetui.core.sequencer import Sequencer
from tradetui.domain.codec import CODEC_VERSION, digest
from tradetui.domain.enums import RunMode
from tradetui.domain.ids import RunId
from tradetui.domain.market_data import Trade
from tradetui.domain.steps import JournalHeader, StepRecord, StepResult
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.reader import JournalReader


def header_of(run_id: str) -> JournalHeader:
    config = config_of(random.Random(1))
    return JournalHeader(
        CODEC_VERSION, RunId(run_id), RunMode.PAPER, (), digest(config), config, (), 0, 1
    )


async def write(folder: Path, run_id: str, pipe: int) -> None:
    """Write steps in small groups for ever, and tell after each group how far it is durable."""
    journal = await SqliteJournal.open(folder, header_of(run_id))
    os.write(pipe, (0).to_bytes(8, "big"))
    sequencer, rng = Sequencer(), random.Random(run_id)
    while True:
        for _ in range(rng.randint(1, 8)):
            envelope = sequencer.stamp_payload(
                1, 1, "VEN", "BTC/USD.VEN", Trade(rng.randint(1, 99), 1)
            )
            journal.append(StepRecord(envelope, (), (), (), StepResult()))
        watermark = await journal.commit()
        os.write(pipe, watermark.to_bytes(8, "big"))


def kill_once(folder: Path, number: int, rng: random.Random) -> tuple[int, int]:
    """Kill one writer; return how many rows it acknowledged and how many are there."""
    run_id = f"run-{number}"
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            asyncio.run(write(folder, run_id, writing))
        finally:
            os._exit(1)
    os.close(writing)
    acknowledged = -1
    until = None
    while True:
        wait = 20.0 if until is None else max(0.0, until - time.monotonic())
        ready, _, _ = select.select([reading], [], [], wait)
        data = os.read(reading, 8 * 256) if ready else b""
        if data:
            acknowledged = int.from_bytes(data[-8:], "big")
            if until is None:
                until = time.monotonic() + rng.random() * 0.012
        if not data or (until is not None and time.monotonic() >= until):
            break
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while data := os.read(reading, 8 * 256):
        acknowledged = int.from_bytes(data[-8:], "big")
    os.close(reading)
    if acknowledged < 0:
        raise RuntimeError(f"the writer {number} ended before it had begun")
    with JournalReader(folder) as reader:
        kept = sum(1 for _ in reader.steps(RunId(run_id)))
    return acknowledged, kept


def kill_many(count: int, seed: int, fresh_every: int = 50) -> tuple[int, int, int]:
    """Kill so many writers; return (kills, rows acknowledged, rows lost)."""
    rng = random.Random(seed)
    rows = lost = 0
    base = Path(tempfile.mkdtemp(prefix="tradetui-kill-"))
    folder = base / "0"
    try:
        for number in range(count):
            if number % fresh_every == 0:
                shutil.rmtree(folder, ignore_errors=True)
                folder = base / str(number)
            acknowledged, kept = kill_once(folder, number, rng)
            rows += acknowledged
            lost += max(0, acknowledged - kept)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return count, rows, lost


def main(argv: list[str] | None = None) -> Any:
    """Kill as many writers as asked for; 1 if any acknowledged row was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.sigkill")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    started = time.perf_counter()
    kills, rows, lost = kill_many(args.count, args.seed)
    print(
        f"{kills} SIGKILLs, {rows} rows acknowledged, {lost} lost, "
        f"{time.perf_counter() - started:.1f} s"
    )
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
