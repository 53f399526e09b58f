"""A campaign: many seeds over all cores, and the table that it prints."""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import time
import traceback
from dataclasses import dataclass, field

from tests.simulation.crash_points import run_cases
from tests.simulation.io_failures import run_failures
from tests.simulation.plants import PLANTS, seeds_to_find
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


def tell(seed: int, *, is_whole: bool) -> int:
    """Run one seed with its story; return 1 if it violates something."""
    world = World(seed, trace=is_whole)
    try:
        world.run()
    except Exception as error:  # noqa: BLE001 - told below
        print("\n".join(world.story))
        if not isinstance(error, AssertionError):
            traceback.print_exc()
        print(f"seed {seed}: {error}")
        print(f"faults: {world.faults}")
        return 1
    if is_whole:
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


def _find(work: tuple[int, int]) -> tuple[int, int, str]:
    number, most = work
    seeds, found = seeds_to_find(PLANTS[number], most)
    return number, seeds, found


def find_plants(most: int, processes: int) -> list[tuple[int, int, str]]:
    """Look for every planted bug in at most so many seeds; return (number, seeds, found by)."""
    work = [(number, most) for number in range(len(PLANTS))]
    with multiprocessing.Pool(processes) as pool:
        return sorted(pool.imap_unordered(_find, work))


def show_seeds(tally: Tally, seconds: float) -> None:
    """Print what seeds came to."""
    rows = (
        ("seeds", tally.seeds),
        ("simulated events", tally.events),
        ("steps of the kernel", tally.steps),
        ("orders sent to the venue", tally.posts),
        ("crash-restarts in memory", tally.crashes),
        ("violations", len(tally.failed)),
        ("events/s over all processes", int(tally.events / seconds)),
    )
    for name, value in rows:
        print(f"{name:32} {value:>12,}")
    for seed, violated in sorted(tally.failed)[:20]:
        print(f"  python -m tests.simulation --seed {seed} --trace   # {violated.strip()[-300:]}")


def show_plants(found: list[tuple[int, int, str]]) -> int:
    """Print the planted bugs with the seeds that each took; return how many were not found."""
    missed = sum(not seeds for _, seeds, _ in found)
    counts = sorted(seeds for _, seeds, _ in found if seeds)
    median = counts[len(counts) // 2] if counts else 0
    print(f"\nplanted bugs: {len(found)}, found {len(counts)}, median seeds to find {median}")
    for number, seeds, text in found:
        by = text.split("Violation: ")[-1][:60] if seeds else "NOT FOUND"
        print(f"  {PLANTS[number].name:36} {seeds:>5}  {by}")
    return missed


def whole(args: argparse.Namespace) -> int:
    """Run a whole campaign: seeds, planted bugs, crashes on SQLite; print its table."""
    tally, seconds = run_campaign(args.first, args.seeds, args.processes)
    show_seeds(tally, seconds)
    missed = show_plants(find_plants(args.plant_seeds, args.processes))
    boundaries, cases, wrong = asyncio.run(run_cases(args.cases, 1))
    print(
        f"\n{boundaries} boundaries of persistence: {cases} crash-restarts on SQLite, "
        f"{len(wrong)} violations"
    )
    runs, lost = asyncio.run(run_failures(1))
    print(f"{runs} failing writes on SQLite, {len(lost)} violations")
    for text in (*wrong[:20], *lost[:20]):
        print(f"  {text}")
    return 1 if tally.failed or missed or wrong or lost else 0


def main() -> int:
    """Run what the arguments ask for; 1 if anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, help="replay one seed and tell its last events")
    parser.add_argument("--trace", action="store_true", help="with --seed: tell every event")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=30_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--plants", action="store_true", help="look for the planted bugs only")
    parser.add_argument("--plant-seeds", type=int, default=2_000, help="so many seeds at most")
    parser.add_argument("--whole", action="store_true", help="seeds, planted bugs, SQLite")
    parser.add_argument("--cases", type=int, help="so many of the cases on SQLite")
    args = parser.parse_args()
    if args.seed is not None:
        return tell(args.seed, is_whole=args.trace)
    if args.plants:
        return 1 if show_plants(find_plants(args.plant_seeds, args.processes)) else 0
    if args.whole:
        return whole(args)
    tally, seconds = run_campaign(args.first, args.seeds, args.processes)
    show_seeds(tally, seconds)
    return 1 if tally.failed else 0
