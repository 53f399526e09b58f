"""The speed of the engine beside a floor of the same run, and beside an earlier run of itself.

``python -m tests.performance.engine_parity_benchmarks --json-out now.json`` measures;
``--baseline-json before.json --max-slowdown-ratio 1.1`` compares with what an earlier run wrote and
ends with exit code 1 when a ratio has become worse than allowed. What is compared are ratios to the
floor, so that two machines, or a busy and an idle one, can be told from two engines. Before any
figure counts the engine's cash and value must be those that the arithmetic alone gives: a run that
is fast and wrong ends with exit code 1 too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from tests.performance.engine import crossing, resting
from tests.performance.figures import Figure, print_figures
from tests.performance.floor import floor_ns

BARS = 20_000
ITERATIONS = 5
SLOWDOWN = 1.1
SCHEMA = 1
WORKLOADS: dict[str, Callable[[int], float]] = {
    "W1": lambda bars: crossing(bars, 1),
    "W1_journal": lambda bars: crossing(bars, 1, journal=True),
    "W2": lambda bars: crossing(max(bars // 5, 1), 10),
    "W3": resting,
}
"""Nanoseconds a bar by the number of bars; W1 and W2 compare cash and value themselves."""


class BaselineError(Exception):
    """A baseline cannot be used; the message is one sentence."""


def measure(iterations: int, warmup: int, bars: int) -> list[Figure]:
    """Return the floor and every workload: the median of ``iterations``, ``warmup`` not counted.

    Raises AssertionError when money or positions are not what the arithmetic says.
    """
    floors, runs = [], {name: [] for name in WORKLOADS}  # type: ignore[var-annotated]
    for number in range(warmup + iterations):
        floor = floor_ns(max(bars, 1_000), repeats=1)
        taken = {name: run(bars) for name, run in WORKLOADS.items()}
        if number >= warmup:
            floors.append(floor)
            for name, nanos in taken.items():
                runs[name].append((nanos, nanos / floor))
    figures = [Figure("floor", median(floors), "ns/bar", 1.0)]
    for name, pairs in runs.items():
        nanos, ratio = (median(column) for column in zip(*pairs, strict=True))
        figures.append(Figure(name, nanos, "ns/bar", ratio))
    return figures


def as_json(figures: Sequence[Figure], iterations: int, warmup: int, bars: int) -> str:
    """Write figures as a later run reads them."""
    body = {
        "schema_version": SCHEMA,
        "iterations": iterations,
        "warmup": warmup,
        "bars": bars,
        "figures": {
            one.name: {"value": round(one.value, 1), "unit": one.unit, "ratio": one.ratio}
            for one in figures
        },
    }
    return json.dumps(body, indent=2) + "\n"


def read_baseline(path: Path, bars: int) -> dict[str, float]:
    """Return the ratios that an earlier run wrote; raises BaselineError."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        version, before = body["schema_version"], body["bars"]
        ratios = {name: float(one["ratio"]) for name, one in body["figures"].items()}
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BaselineError(f"{path} is not what --json-out writes: {error!r}") from error
    if version != SCHEMA:
        raise BaselineError(f"{path} has schema_version {version}; this reads {SCHEMA}")
    if before != bars:
        raise BaselineError(f"{path} was measured with --bars {before}, this run with {bars}")
    missing = sorted({*WORKLOADS} - {*ratios})
    if missing:
        raise BaselineError(f"{path} has no {', '.join(missing)}")
    if not all(0 < ratios[name] < float("inf") for name in WORKLOADS):
        raise BaselineError(f"{path} has a ratio that is not above 0 and finite")
    return ratios


def slower(figures: Sequence[Figure], before: dict[str, float], allowed: float) -> list[str]:
    """Return a sentence for each workload whose ratio is worse than ``allowed`` times before."""
    found = []
    for one in figures:
        if one.name not in WORKLOADS or one.ratio is None:
            continue
        times = one.ratio / before[one.name]
        if times > allowed:
            found.append(
                f"{one.name}: {before[one.name]:.2f}x -> {one.ratio:.2f}x of the floor, "
                f"{times:.2f} times as slow; {allowed:.2f} is allowed"
            )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, compare; return the exit code: 0 fine, 1 slower or wrong, 2 bad input."""
    options = _parser().parse_args(arguments)
    before = None
    try:
        if options.baseline_json is not None:
            before = read_baseline(options.baseline_json, options.bars)
        figures = measure(options.iterations, options.warmup, options.bars)
        if options.json_out is not None:
            text = as_json(figures, options.iterations, options.warmup, options.bars)
            options.json_out.write_text(text, encoding="utf-8")
    except BaselineError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"{options.json_out} cannot be written: {error.strerror}\n")
        return 2
    except AssertionError as error:
        sys.stderr.write(f"no figure counts, the engine's money is wrong: {error}\n")
        return 1
    print_figures(figures)
    worse = [] if before is None else slower(figures, before, options.max_slowdown_ratio)
    for sentence in worse:
        sys.stderr.write(f"{sentence}\n")
    return 1 if worse else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="engine_parity_benchmarks", description=__doc__)
    parser.add_argument("--iterations", type=_from(1), default=ITERATIONS, help="runs that count")
    parser.add_argument("--warmup", type=_from(0), default=1, help="runs before those")
    parser.add_argument("--bars", type=_from(50), default=BARS, help="bars of each workload")
    parser.add_argument("--json-out", type=Path, help="write the figures here")
    parser.add_argument("--baseline-json", type=Path, help="compare with what --json-out wrote")
    parser.add_argument("--max-slowdown-ratio", type=_ratio, default=SLOWDOWN)
    return parser


def _from(least: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"{number} is less than {least}")
        return number

    return whole


def _ratio(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no ratio above 0")
    return number


if __name__ == "__main__":
    raise SystemExit(main())
