"""The digest gate, with few seeds; `make digest` takes a thousand."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.property import digest
from tests.property.digest import first_difference, in_fresh_processes, run_samples

HASH_SEEDS = ("0", "4711")

PLANTED = """
import tests.property.digest as digest
digest.golden_digest = lambda: "the same"
digest.PER_SEED["walk"] = lambda seed: str(sorted({"a", "b", "c"}, key=hash)) if seed == 4 else "x"
digest.PER_SEED.pop("samples")
digest.main()
"""
"""A workload that depends on the order of a set, for one seed."""


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def test_every_seed_gives_the_same_whatever_the_hash_seed() -> None:
    found = in_fresh_processes(range(8), HASH_SEEDS)
    assert first_difference(found, HASH_SEEDS) == ""
    names = [what for what, _ in found[0]]
    assert names[:3] == ["golden", "walk of seed 0", "samples of seed 0"]
    assert len(names) == len(dict(found[0])) == 1 + 2 * 8
    assert len({value for _, value in found[0]}) == len(names)


def test_the_samples_really_trade() -> None:
    session, _ = run_samples(3)
    summary = session.summary()
    assert summary.fills > 5
    assert summary.callback_errors == 0


def test_a_workload_that_depends_on_a_set_is_found() -> None:
    seeds = ("0", "1", "2", "3")
    found = in_fresh_processes(range(3, 6), seeds, ("-c", PLANTED))
    assert first_difference(found, seeds).startswith("walk of seed 4: [")


def test_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(digest, "in_fresh_processes", lambda *_: [[("a", "1")], [("a", "1")]])
    assert digest.main(["--seeds", "2", "--hash-seeds", "0,1"]) == 0
    assert "2 seeds x 2 hash seeds, 1 digests each: equal" in capsys.readouterr().out
    monkeypatch.setattr(digest, "in_fresh_processes", lambda *_: [[("a", "1")], [("a", "2")]])
    assert digest.main(["--hash-seeds", "0,1"]) == 1
    assert "a: 1 with PYTHONHASHSEED=0, 2 with 1" in capsys.readouterr().out
