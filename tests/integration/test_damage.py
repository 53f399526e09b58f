"""A sample of the damage campaign: one case of each kind; ``make damage`` runs all."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.damage.campaign import run_case
from tests.damage.cases import Case, all_cases
from tests.damage.world import Base, build

WANTED = {
    "journal.db: cut or longer": {"put aside"},
    "journal.db: rows swapped": {"put aside"},
    "journal.db: row deleted": {"named", "put aside"},
    "journal.db: run's header altered": {"put aside"},
    "journal.db: fill altered": {"named", "put aside"},
    "journal.db: checkpoint altered": {"named"},
    "journal.db: segment's entry altered": {"named"},
    "journal.db: newer schema": {"refused"},
    "journal.db: foreign": {"refused"},
    "journal.db: locked": {"refused"},
    "journal.db: -wal foreign": {"put aside"},
    "journal.db: text instead": {"put aside"},
    "segment: bit flipped": {"named"},
    "segment: cut or longer": {"named"},
    "segment: deleted": {"named"},
    "state.db: cut or longer": {"refused"},
    "state.db: newer schema": {"refused"},
    "state.db: locked": {"refused"},
}
"""The kinds of the sample, and what may come of them."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return build(tmp_path_factory.mktemp("damage") / "base")


@pytest.fixture(scope="module")
def cases(base: Base) -> dict[str, Case]:
    """One case of each kind: the last."""
    return {case.kind: case for case in all_cases(base, 1)}


@pytest.mark.parametrize("kind", WANTED)
def test_it_is_found_and_the_rest_is_usable(
    base: Base, cases: dict[str, Case], tmp_path: Path, kind: str
) -> None:
    outcome = run_case(base, cases[kind], tmp_path / "case")
    assert outcome.violations == ()
    assert outcome.what in WANTED[kind]
