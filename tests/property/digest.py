"""The digest gate: the same seed gives the same bytes, whatever PYTHONHASHSEED is.

``python -m tests.property.digest [--seeds N] [--first SEED] [--hash-seeds A,B]``: for each hash
seed a fresh process runs the workloads of all seeds and gives the SHA-256 of journal and state of
each; the lists must be equal. The first seed that differs is named, and exit code 1 given.

Workloads: ``walk``, a random stream of the generator through the kernel; ``samples``, the sample
strategies on a made-up market through sequencer, host, kernel, venue and journal; ``golden``, the
golden traces (once, whatever the number of seeds).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
from tests.contracts.engine.golden import files, read
from tests.contracts.engine.implementation import answers
from tests.property.walker import Walk, random_case

from tradetui.adapters.synthetic.client import SyntheticClient
from tradetui.domain.codec import chain, encode_step
from tradetui.domain.ids import Currency
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.strategy import Strategy

START: Final = 20_000 * NANOS_PER_DAY
ITEMS: Final = 500
"""Market items of one seed of ``samples``."""

SYMBOLS: Final = ("BTC/USDT", "ETH/USDT")
STRATEGIES: Final = Path(__file__).parents[2] / "strategies"
PLAYERS: Final = (
    ("maker", "market_maker", 0, {"half_spread": 0.0005, "tolerance": 0.0002}),
    ("cross", "ma_cross", 0, {"fast": 2, "slow": 5}),
    ("grid", "grid", 1, {"step": 0.001}),
    ("bands", "bollinger_reversion", 1, {"period": 5, "z": 0.6}),
)
"""Instance, sample, market, config: quick enough to trade within the items of a seed."""

HASH_SEEDS: Final = ("0", "1", "4711")
PROGRAM: Final = ("-m", "tests.property.digest")


class ChainedSink:
    """A journal that keeps nothing but the hash of its last row."""

    def __init__(self) -> None:
        self.head = bytes(32)

    def append(self, record: StepRecord) -> None:
        """Take one step."""
        self.head = chain(self.head, encode_step(record))


def walk_digest(seed: int) -> str:
    """Return the digest of a random stream: its lines and the state after them."""
    case = random_case(seed)
    walker = Walk(case.setup, is_checked=False)
    lines = walker.run(case.acts)
    state = walker.world.kernel.state_hash()
    return hashlib.sha256(msgspec.json.encode([lines, state])).hexdigest()


def sample_class(name: str) -> type[Strategy]:
    """Load the one strategy class of a sample file."""
    spec = importlib.util.spec_from_file_location(f"digest_{name}", STRATEGIES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
    )
    return found


_CLASSES: Final[dict[str, type[Strategy]]] = {}


def run_samples(seed: int) -> tuple[Session, ChainedSink]:
    """Run the sample strategies on the made-up market of a seed."""
    feed = SyntheticClient(seed=seed, start=START, symbols=SYMBOLS, rate=0.1)
    sink = ChainedSink()
    session = Session(SessionSettings(seed=seed, reporting_currency=Currency("USDT")), sink=sink)
    for instrument in feed.instruments():
        session.add_instrument(instrument)
    markets = [instrument.instrument_id for instrument in feed.instruments()]
    session.add_broker("paper", SimulatedBroker(feed.instruments()[0].venue))
    session.add_route("main", "paper", "me", opening_cash={"USDT": "100000"})
    session.add_execution_context("acct", ["main"])
    session.add_risk_profile("p", {"max_open_orders": 60}, bind=["acct"])
    for strategy_id, name, place, config in PLAYERS:
        if name not in _CLASSES:
            _CLASSES[name] = sample_class(name)
        session.add_strategy(
            strategy_id, _CLASSES[name], [markets[place]], "acct", config=dict(config)
        )
    session.run(islice(feed.iter_items(), ITEMS))
    session.close()
    return session, sink


def samples_digest(seed: int) -> str:
    """Return the digest of journal and state of the samples."""
    session, sink = run_samples(seed)
    state = session.loop.kernel.state_hash()
    return hashlib.sha256(sink.head + state.encode()).hexdigest()


def golden_digest() -> str:
    """Return the digest of all answers to the golden traces."""
    digest = hashlib.sha256()
    for path in files():
        for answer in answers(read(path)):
            digest.update(msgspec.json.encode(answer))
    return digest.hexdigest()


PER_SEED: Final[dict[str, Callable[[int], str]]] = {"walk": walk_digest, "samples": samples_digest}


def digests(seeds: range) -> Iterator[tuple[str, str]]:
    """Yield (what, digest) of every workload and seed."""
    yield "golden", golden_digest()
    for seed in seeds:
        for name, digest in PER_SEED.items():
            yield f"{name} of seed {seed}", digest(seed)


def in_fresh_processes(
    seeds: range, hash_seeds: tuple[str, ...], program: tuple[str, ...] = PROGRAM
) -> list[list[tuple[str, str]]]:
    """Return the digests of one process per hash seed, all at work at the same time."""
    children = [
        subprocess.Popen(
            [
                sys.executable, *program, "--child",
                "--first", str(seeds.start), "--seeds", str(len(seeds)),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        for hash_seed in hash_seeds
    ]  # fmt: skip
    found = []
    for child, hash_seed in zip(children, hash_seeds, strict=True):
        out, _ = child.communicate()
        if child.returncode:
            raise SystemExit(f"the process with PYTHONHASHSEED={hash_seed} failed")
        found.append([tuple(line.split("\t")) for line in out.splitlines()])
    return found  # type: ignore[return-value]


def first_difference(found: list[list[tuple[str, str]]], hash_seeds: tuple[str, ...]) -> str:
    """Say where processes first differ; empty when they agree."""
    for rows in zip(*found, strict=True):
        for row, hash_seed in zip(rows, hash_seeds, strict=True):
            if row != rows[0]:
                return (
                    f"{row[0]}: {rows[0][1]} with PYTHONHASHSEED={hash_seeds[0]}, {row[1]} with "
                    f"{hash_seed}"
                )
    return ""


def main(arguments: list[str] | None = None) -> int:
    """Run the gate, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(prog="digest", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--hash-seeds", default=",".join(HASH_SEEDS))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    seeds = range(options.first, options.first + options.seeds)
    if options.child:
        for what, digest in digests(seeds):
            sys.stdout.write(f"{what}\t{digest}\n")
        return 0
    hash_seeds = tuple(options.hash_seeds.split(","))
    found = in_fresh_processes(seeds, hash_seeds)
    difference = first_difference(found, hash_seeds)
    if difference:
        sys.stdout.write(f"{difference}\n")
        return 1
    whole = hashlib.sha256("".join(digest for _, digest in found[0]).encode()).hexdigest()
    sys.stdout.write(
        f"{len(seeds)} seeds x {len(hash_seeds)} hash seeds, {len(found[0])} digests each: equal "
        f"({whole})\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
