"""What one bar costs in steps of the interpreter: the same on every machine, however busy it is.

``python -m tests.performance.counts W3 [--bars N] [--top N]`` prints how many bytecodes and calls
each function takes per bar: where to look first. Wall time per bytecode differs (4 ns where a loop
is short, 12 ns and more where it is long), so that the ratios of ``engine`` are what counts in the
end; but these figures show a change of one per cent.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

from tests.performance.engine import (
    VENUE,
    Cross,
    Resting,
    Turns,
    build,
    header,
    market_items,
)
from tests.performance.figures import Figure
from tests.performance.floor import random_walk, reference
from tests.support.memory_journal import MemoryJournal

from tradetui.domain.ids import instrument_id
from tradetui.domain.market_data import MarketItem
from tradetui.engine.step_loop import StepLoop

WORKLOADS = ("W1", "W1_journal", "W2", "W3")

Place = tuple[str, str]
"""A function: its file, within the package, and its qualified name."""


class Counts:
    """Bytecodes and calls, by function."""

    def __init__(self) -> None:
        self.bytecodes: Counter[Place] = Counter()
        self.calls: Counter[Place] = Counter()

    def of(self, work: Callable[[], object]) -> None:
        """Count all that ``work`` does; only where no other tracer is at work."""
        assert sys.gettrace() is None
        sys.settrace(self._trace)
        try:
            work()
        finally:
            sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, arg: object) -> Any:
        code = frame.f_code
        place = (code.co_filename.rpartition("tradetui/")[2], code.co_qualname)
        self.calls[place] += 1
        bytecodes = self.bytecodes
        frame.f_trace_opcodes, frame.f_trace_lines = True, False

        def local(frame: FrameType, event: str, arg: object) -> Any:
            if event == "opcode":
                bytecodes[place] += 1
            return local

        return local


def loaded(workload: str, bars: int) -> tuple[StepLoop, list[MarketItem]]:
    """Return an engine of a workload, and its bars."""
    symbols = 10 if workload == "W2" else 1
    names = [f"S{number}/USD" for number in range(symbols)]
    sink = MemoryJournal(header(), keep=False) if workload == "W1_journal" else None
    loop, _ = build(Resting if workload == "W3" else Cross, names, sink=sink)
    series = [
        market_items(instrument_id(name, VENUE), random_walk(bars // symbols, seed=1 + number))
        for number, name in enumerate(names)
    ]
    return loop, [item for together in zip(*series, strict=True) for item in together]


def count(workload: str, bars: int, *, warm: int | None = None) -> Counts:
    """Count the bars of a workload after the first ``warm`` (default: as many again)."""
    warm = bars if warm is None else warm
    loop, items = loaded(workload, warm + bars)
    for item in items[:warm]:
        loop.ingest(item)
    counts = Counts()

    def rest() -> None:
        for item in items[warm:]:
            loop.ingest(item)

    counts.of(rest)
    return counts


def per_order(instances: int, markets: int, bars: int = 4, *, warm: int = 8) -> float:
    """Return the bytecodes per order, with its share of the bars, of many instances that all trade;
    counted after ``warm`` bars of each market, when each instance has bought and sold.
    """
    names = [f"S{number}/USD" for number in range(markets)]
    loop, kernel = build(Turns, names, instances=instances)
    series = [
        market_items(instrument_id(name, VENUE), random_walk(warm + bars, seed=1 + number))
        for number, name in enumerate(names)
    ]
    items = [item for together in zip(*series, strict=True) for item in together]
    for item in items[: warm * markets]:
        loop.ingest(item)
    counts, before = Counts(), kernel.state.max_order_counter

    def rest() -> None:
        for item in items[warm * markets :]:
            loop.ingest(item)

    counts.of(rest)
    return counts.bytecodes.total() / (kernel.state.max_order_counter - before)


def floor_bytecodes(bars: int = 1_000) -> float:
    """Return what the strategy alone takes per bar."""
    counts, closes = Counts(), random_walk(bars, seed=1)
    counts.of(lambda: reference(closes))
    return counts.bytecodes.total() / bars


def measure() -> list[Figure]:
    """Count every workload, as ratios to the floor's own count."""
    floor, figures = floor_bytecodes(), []
    for workload, bars in (("W1", 2_000), ("W1_journal", 2_000), ("W2", 2_000), ("W3", 200)):
        counts = count(workload, bars)
        total, calls = counts.bytecodes.total() / bars, counts.calls.total() / bars
        figures.append(
            Figure(f"{workload}_ops", total, "bytecodes/bar", total / floor, f"{calls:.1f} calls")
        )
    return figures


def main() -> None:
    """Print one workload function by function."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--bars", type=int, default=2_000)
    parser.add_argument("--top", type=int, default=40)
    options = parser.parse_args()
    counts, bars = count(options.workload, options.bars), options.bars
    sys.stdout.write(
        f"{options.workload}: {counts.bytecodes.total() / bars:.1f} bytecodes, "
        f"{counts.calls.total() / bars:.1f} calls a bar (floor: {floor_bytecodes():.1f})\n"
        f"{'a bar':>9} {'calls':>8} {'a call':>8}\n"
    )
    for place, total in counts.bytecodes.most_common(options.top):
        calls = counts.calls[place]
        name = " ".join(place)
        sys.stdout.write(f"{total / bars:9.1f} {calls / bars:8.2f} {total / calls:8.1f} {name}\n")


if __name__ == "__main__":
    main()
