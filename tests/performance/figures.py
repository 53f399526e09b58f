"""One measured figure, and how figures are printed."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure; ``ratio`` is to the floor of the same run (or as the note says)."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    note: str = ""
    target: str = ""


def print_figures(figures: list[Figure]) -> None:
    """Print a table, then one JSON line for each."""
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}x"
        sys.stdout.write(
            f"{one.name:<12} {one.value:>14,.1f} {one.unit:<20} {ratio:>9}  "
            f"{one.target:<12} {one.note}\n"
        )
    for one in figures:
        line = {
            "name": one.name,
            "ratio": None if one.ratio is None else round(one.ratio, 2),
            "value": round(one.value, 1),
            "unit": one.unit,
        }
        sys.stdout.write(json.dumps(line) + "\n")
