"""``make bench``: print every figure as a table and as one JSON line each; judge nothing."""

from __future__ import annotations

import argparse

from tests.performance import console, counts, engine, live, replay, restart
from tests.performance.figures import print_figures

GROUPS = ("engine", "counts", "live", "console", "restart", "replay")


def main() -> None:
    """Measure what was asked for: all, or one of the groups."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller runs, rougher figures")
    parser.add_argument("--only", choices=GROUPS)
    options = parser.parse_args()
    figures = []
    if options.only in (None, "engine"):
        figures += engine.measure(scale=0.2 if options.quick else 1.0)
    if options.only in (None, "counts"):
        figures += counts.measure()
    if options.only in (None, "live"):
        figures += live.measure()
    if options.only in (None, "console"):
        figures += console.measure()
    if options.only in (None, "restart"):
        figures += restart.measure(steps=100_000 if options.quick else restart.STEPS)
    if options.only in (None, "replay"):
        figures += replay.measure(scale=0.2 if options.quick else 1.0)
    print_figures(figures)


if __name__ == "__main__":
    main()
