"""Replaying a journal, and what writing one costs."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from pathlib import Path

from tests.performance.engine import (
    VENUE,
    Cross,
    Resting,
    build,
    header,
    market_items,
    random_walk,
    timed,
)
from tests.performance.figures import Figure

from tradetui.domain.codec import decode_step, encode_step
from tradetui.domain.ids import instrument_id
from tradetui.domain.steps import StepRecord
from tradetui.engine.rerun import Rerun
from tradetui.storage.journal import SqliteJournal

_GROUP = 256
"""Steps that become durable together: a slice of the pump."""


class _Kept:
    """A sink that keeps every record."""

    def __init__(self) -> None:
        self.records: list[StepRecord] = []

    def append(self, record: StepRecord) -> None:
        """Take one step."""
        self.records.append(record)


def recorded(strategy: type, count: int) -> tuple[Rerun, list[StepRecord]]:
    """Return the steps of a run, and a kernel at its beginning."""
    sink = _Kept()
    loop, kernel = build(strategy, ["S0/USD"], sink=sink)
    timed(loop, market_items(instrument_id("S0/USD", VENUE), random_walk(count, seed=1)))
    return Rerun(kernel.state.config), sink.records


def replayed(strategy: type, count: int) -> float:
    """Return steps a second of processor time: decoded, made again, compared byte for byte."""
    rerun, records = recorded(strategy, count)
    bodies = [encode_step(record) for record in records]
    apply = rerun.apply
    gc.collect()
    gc.freeze()
    start = time.process_time()
    for body in bodies:
        assert apply(decode_step(body)) is None
    seconds = time.process_time() - start
    gc.unfreeze()
    return len(bodies) / seconds


async def journalled(records: list[StepRecord], folder: Path) -> tuple[float, float]:
    """Return the seconds that a journal on disk takes for some steps, in groups: those of the
    processor, and those by the clock, in which the disk is waited for.
    """
    journal = await SqliteJournal.open(folder, header())
    start, worked = time.perf_counter(), time.process_time()
    for place, record in enumerate(records, start=1):
        journal.append(record)
        if place % _GROUP == 0:
            await journal.commit()
    await journal.commit()
    seconds = time.process_time() - worked, time.perf_counter() - start
    await journal.close()
    return seconds


def journal_cost(strategy: type, count: int) -> tuple[float, float, float]:
    """Return microseconds a step of processor and of clock time, and bytes a step, on disk."""
    _, records = recorded(strategy, count)
    size = sum(len(encode_step(record)) for record in records)
    with tempfile.TemporaryDirectory() as folder:
        worked, waited = asyncio.run(journalled(records, Path(folder)))
    steps = len(records)
    return worked / steps * 1e6, waited / steps * 1e6, size / steps


def measure(*, scale: float = 1.0) -> list[Figure]:
    """Measure all figures of replays."""
    quiet, busy = int(50_000 * scale), int(10_000 * scale)
    figures = []
    for name, strategy, count in (("", Cross, quiet), ("_orders", Resting, busy)):
        rate = max(replayed(strategy, count) for _ in range(3))
        note = "of processor time: decoded, made again, compared"
        figures.append(Figure(f"replay_rate{name}", rate, "steps/s", note=note))
        cost, waited, size = min(journal_cost(strategy, count) for _ in range(3))
        note = f"of processor time ({waited:.1f} us by the clock), {size:,.0f} bytes a step, "
        note += f"groups of {_GROUP}, synchronous=FULL"
        figures.append(Figure(f"journal_cost{name}", cost, "us/step", note=note))
    return figures
