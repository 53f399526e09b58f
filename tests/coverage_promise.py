"""Compare a coverage report with what is promised: ``python -m tests.coverage_promise FILE``.

``FILE`` is what ``coverage json`` writes. A package's figure is coverage's own: executed statements
and taken branches over all of both.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WHOLE = ("domain", "core")
"""Packages of which every statement and every branch is executed."""
PERCENT = 90
"""What is promised of every other package."""


@dataclass
class Tally:
    """What was executed in one package, and the modules that lack something."""

    found: int = 0
    total: int = 0
    taken: int = 0
    branches: int = 0
    lacking: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return (self.found, self.taken) == (self.total, self.branches)

    @property
    def percent(self) -> float:
        """Executed statements and taken branches, in percent of all."""
        every = self.total + self.branches
        return 100 * (self.found + self.taken) / every if every else 100.0


def tallies(report: dict[str, Any]) -> dict[str, Tally]:
    """Return the tally of each package of ours, worst first."""
    found: dict[str, Tally] = {}
    for path, file in sorted(report["files"].items()):
        module = path.rpartition("tradetui/")[2]
        summary = file["summary"]
        tally = found.setdefault(module.split("/")[0] if "/" in module else "(top)", Tally())
        tally.found += summary["covered_lines"]
        tally.total += summary["num_statements"]
        tally.taken += summary["covered_branches"]
        tally.branches += summary["num_branches"]
        missing = [str(line) for line in file["missing_lines"]]
        missing += [f"{start}->{end}" for start, end in file["missing_branches"]]
        if missing:
            tally.lacking.append(f"{module} {summary['percent_covered']:.1f} %: {_few(missing)}")
    return dict(sorted(found.items(), key=lambda item: item[1].percent))


def broken(found: dict[str, Tally]) -> list[str]:
    """Return a sentence for each promise that is not kept."""
    said = []
    for package, tally in found.items():
        if package in WHOLE and not tally.is_whole:
            said += [f"{package}/ is promised whole: {module}" for module in tally.lacking]
        elif package not in WHOLE and tally.percent < PERCENT:
            said.append(f"{package}/ has {tally.percent:.1f} %, promised are {PERCENT} %")
            said += [f"    {module}" for module in tally.lacking]
    said += [f"{package}/ was not measured" for package in WHOLE if package not in found]
    return said


def table(found: dict[str, Tally]) -> list[str]:
    """Return the figures by package as lines."""
    lines = [f"{'package':<12} {'statements':>15} {'branches':>15} {'covered':>9}"]
    for package, tally in found.items():
        statements = f"{tally.found:,}/{tally.total:,}"
        branches = f"{tally.taken:,}/{tally.branches:,}"
        lines.append(f"{package:<12} {statements:>15} {branches:>15} {tally.percent:>7.2f} %")
    return lines


def main(arguments: list[str]) -> int:
    """Print the table; return 1 if a promise is broken, 2 if there is no report to read."""
    if len(arguments) != 1:
        print("which report? python -m tests.coverage_promise FILE", file=sys.stderr)
        return 2
    try:
        found = tallies(json.loads(Path(arguments[0]).read_text("utf-8")))
    except (OSError, ValueError, KeyError) as error:
        print(f"{arguments[0]} is no coverage report: {error!r}", file=sys.stderr)
        return 2
    print("\n".join(table(found)))
    said = broken(found)
    print("\n".join(said) if said else "as promised")
    return 1 if said else 0


def _few(missing: list[str], most: int = 12) -> str:
    more = f" and {len(missing) - most} more" if len(missing) > most else ""
    return ", ".join(missing[:most]) + more


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
