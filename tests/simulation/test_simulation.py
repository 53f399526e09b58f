"""The small campaign of the default suite; ``make simulate`` runs the large one."""

from __future__ import annotations

import asyncio

import pytest
from tests.simulation.campaign import run_seed, run_seeds
from tests.simulation.crash_points import run_cases
from tests.simulation.io_failures import run_failures
from tests.simulation.plants import PLANTS, seeds_to_find
from tests.simulation.sigkill import kill_many
from tests.simulation.world import World

QUICK = (
    "retry without lookup",
    "gateway error means rejected",
    "refused cancel means gone",
    "no dedup",
    "fee counted twice",
    "partial then cancel",
    "unknown stop guards",
    "release without a deadline",
    "send before log",
    "commit that lies",
)
"""Planted bugs that few seeds find; the campaign plants all of them."""


def test_seeds_are_sound() -> None:
    tally = run_seeds(1, 30)
    assert tally.failed == []
    assert tally.events > 4_000
    assert tally.crashes > 50
    assert tally.posts > 250


def test_one_seed_decides_everything() -> None:
    stories = []
    for _ in range(2):
        world = World(11, trace=True)
        world.run()
        assert world.engine is not None
        stories.append((list(world.story), world.engine.kernel.state_hash()))
    assert stories[0] == stories[1]


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_bug_is_found(name: str) -> None:
    (one,) = [one for one in PLANTS if one.name == name]
    seeds, found = seeds_to_find(one, 40)
    assert seeds > 0
    assert found


def test_a_plant_is_pulled_out_again() -> None:
    seeds_to_find(PLANTS[0], 1)
    _, violated = run_seed(2)
    assert violated == ""


def test_the_library_is_large_enough() -> None:
    names = [one.name for one in PLANTS]
    assert len(names) == len(dict.fromkeys(names)) >= 25


def test_crashes_on_sqlite_lose_nothing() -> None:
    boundaries, cases, wrong = asyncio.run(run_cases(4, 1, bars=20))
    assert wrong == []
    assert boundaries >= 10
    assert cases >= 4


def test_a_write_that_fails_once_loses_nothing() -> None:
    runs, wrong = asyncio.run(run_failures(15, bars=12))
    assert wrong == []
    assert runs >= 1


def test_killed_writers_lose_nothing_acknowledged() -> None:
    kills, rows, lost = kill_many(8, seed=1)
    assert (kills, lost) == (8, 0)
    assert rows > 0
