"""Traces of the random generator: long walks through what the written ones tell one by one."""

from __future__ import annotations

from functools import partial

from tests.contracts.engine.recorder import Line, trace
from tests.property.differential import lines_of
from tests.property.walker import Case, random_case

WALKS = {
    "random-native": ((0, 0, 0), 1),
    "random-native-tight": ((0, 2, 0), 2),
    "random-held": ((1, 0, 1), 3),
    "random-held-loose": ((1, 1, 1, 0), 4),
    "random-replacing": ((2, 3, 2, 1), 5),
    "random-mixed": ((3, 1, 0, 1), 6),
    "random-by-cancel": ((4, 0, 0, 0), 7),
    "random-express": ((0, 1, 0, 0, 1), 8),
    "random-express-tight": ((1, 2, 2, 1, 1), 9),
}
"""Name -> the world and the seed of the walk."""

ACTS = 90


def _walk(setup: tuple[int, ...], seed: int) -> list[Line]:
    lines = lines_of(Case(setup, random_case(seed, ACTS).acts))
    middle = len(lines) // 2
    return [*lines[:middle], {"op": "checkpoint"}, *lines[middle:]]


for _name, (_setup, _seed) in WALKS.items():
    trace(_name, f"A random walk of {ACTS} acts, with a restart in the middle.")(
        partial(_walk, _setup, _seed)
    )
