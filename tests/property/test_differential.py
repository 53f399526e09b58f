"""The differential generator itself: it finds what is planted, makes it small, and keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.contracts.engine.golden import answer_file, read
from tests.contracts.engine.recorder import Line
from tests.property import differential
from tests.property.differential import OURS, campaign, differ, main, shrink, straight
from tests.property.walker import Case, random_case, walk

from tradetui.core import order_manager
from tradetui.domain.orders import Order


@pytest.fixture(autouse=True)
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(differential, "FOUND", tmp_path)
    return tmp_path


def test_a_seed_is_always_the_same_case() -> None:
    assert walk(random_case(5)) == walk(random_case(5))
    assert walk(random_case(5)) != walk(random_case(6))


def test_any_part_of_a_case_is_a_valid_case() -> None:
    case = random_case(11)
    for part in (case.acts[::2], case.acts[10:20], ()):
        lines = walk(Case(case.setup[:3], part))
        assert len(straight(lines)) == len(lines)


def test_our_own_ways_agree() -> None:
    said: list[str] = []
    assert campaign(range(15), 60, OURS, said.append) == 0
    assert said[-1].endswith("checkpoint, general: 0 differences")


def off_by_one(lines: list[Line]) -> list[Line]:
    """An implementation that is wrong about the profit of sales above a price."""
    answered = straight(lines)
    for answer in answered:
        for fill in answer.get("fills", ()):
            if fill[9] > 10_000 and fill[7] == "SELL":
                fill[14] += 1
    return answered


def test_a_failing_case_is_shrunk_and_kept(found: Path) -> None:
    said: list[str] = []
    assert campaign(range(4), 60, {"wrong": off_by_one}, said.append) > 0
    kept = sorted(found.glob("*.in.jsonl"))
    assert kept
    first = kept[0]
    assert "fills[0][14]" in said[0]
    assert int(said[0].split(" acts in ")[0].split("; ")[-1]) <= 6
    lines = read(first)
    assert lines[0]["name"] == first.name.removesuffix(".in.jsonl")
    assert straight(lines) == read(answer_file(first))
    assert msgspec.json.encode(off_by_one(lines)) != msgspec.json.encode(straight(lines))


def test_shrinking_keeps_what_fails() -> None:
    case = random_case(3, 40)

    def fails(candidate: Case) -> bool:
        return sum(act[:1] > (30_000,) for act in candidate.acts) >= 2

    small = shrink(case, fails)
    assert len(small.acts) == 2
    assert all(len(act) == 1 for act in small.acts)
    assert fails(small)


def test_a_budget_ends_the_shrinking() -> None:
    case = random_case(3, 40)
    assert shrink(case, lambda _: True, budget=1).acts != ()


def test_a_broken_invariant_is_a_failure_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    real = order_manager.after_fill

    def forgetful(state: Any, changes: Any, order: Order) -> None:
        real(state, changes, order)
        state.cash["main", "USD"] += 1

    monkeypatch.setattr("tradetui.core.fills.after_fill", forgetful)
    said: list[str] = []
    assert campaign(range(3), 60, {}, said.append) > 0
    assert "invariants: expected a sound state, got InvariantError" in said[0]
    case = next(one for one in map(random_case, range(3)) if differ(one, None))
    assert differ(case, None).field == "invariants"  # type: ignore[union-attr]


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "2", "--only", "general", "--acts", "20"]) == 0
    assert "2 seeds" in capsys.readouterr().out
    assert main(["--seeds", "1", "--acts", "5", "--command", "cat"]) == 1
