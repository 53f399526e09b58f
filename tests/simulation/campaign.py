"""A campaign: many seeds over all cores, and the table that it prints."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import time
import traceback
from dataclasses import dataclass, field

from tests.simulation.world import World


@dataclass
class Tally:
    """What seeds came to."""

    seeds: int = 0
    events: int = 0
    steps: int = 0
    crashes: int = 0
    posts: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.seeds += other.seeds
        self.events += other.events
        self.steps += other.steps
        self.crashes += other.crashes
        self.posts += other.posts
        self.failed += other.failed


def run_seed(seed: int, world_class: type[World] = World) -> tuple[World, str]:
    """Run one seed; return its world and what was violated, empty when nothing."""
    world = world_class(seed)
    world.is_tracing = False
    try:
        world.run()
    except AssertionError as error:
        return world, f"{error}"
    except Exception:  # noqa: BLE001 - a finding, whatever it is
        return world, traceback.format_exc(limit=-6)
    return world, ""


def run_seeds(first: int, count: int) -> Tally:
    """Run a stretch of seeds in this process."""
    tally = Tally()
    for seed in range(first, first + count):
        world, violated = run_seed(seed)
        tally.seeds += 1
        tally.events += world.events
        tally.steps += world.steps
        tally.crashes += world.crashes
        tally.posts += world.posts
        if violated:
            tally.failed.append((seed, violated))
    return tally


def tell(seed: int, *, whole: bool) -> int:
    """Run one seed with its story; return 1 if it violates something."""
    world = World(seed, trace=whole)
    try:
        world.run()
    except Exception as error:  # noqa: BLE001 - told below
        print("\n".join(world.story))
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        print(f"seed {seed}: {error}")
        print(f"faults: {world.faults}")
        return 1
    if whole:
        print("\n".join(world.story))
    print(
        f"seed {seed}: sound, {world.events} events, {world.steps} steps, {world.crashes} crashes"
    )
    return 0


def _stretch(work: tuple[int, int]) -> Tally:
    gc.disable()
    tally = run_seeds(*work)
    gc.enable()
    gc.collect()
    return tally


def run_campaign(first: int, count: int, processes: int, stretch: int = 25) -> tuple[Tally, float]:
    """Run seeds over processes; return what they came to and how long it took (s)."""
    started = time.perf_counter()
    work = [(n, min(stretch, first + count - n)) for n in range(first, first + count, stretch)]
    total = Tally()
    if processes == 1:
        for one in work:
            total.add(_stretch(one))
    else:
        with multiprocessing.Pool(processes) as pool:
            for tally in pool.imap_unordered(_stretch, work):
                total.add(tally)
    return total, time.perf_counter() - started


def main() -> int:
    """Run what the arguments ask for; 1 if anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, help="replay one seed and tell its last events")
    parser.add_argument("--trace", action="store_true", help="with --seed: tell every event")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    if args.seed is not None:
        return tell(args.seed, whole=args.trace)
    tally, seconds = run_campaign(args.first, args.seeds, args.processes)
    print(
        f"{tally.seeds} seeds, {tally.events} events, {tally.steps} steps, {tally.crashes} "
        f"crashes, {tally.posts} orders sent, {len(tally.failed)} violations, {seconds:.1f} s, "
        f"{tally.events / seconds:.0f} events/s"
    )
    for seed, violated in sorted(tally.failed)[:20]:
        print(f"  python -m tests.simulation --seed {seed} --trace   # {violated.strip()[-300:]}")
    return 1 if tally.failed else 0
