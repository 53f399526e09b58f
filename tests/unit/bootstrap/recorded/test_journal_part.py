"""Which run and which steps of a journal a command reads: never others than were asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.demo_runs import run_demo

from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.bootstrap.commands import replay, why
from tradetui.bootstrap.recorded.journal_part import chain_of, opened, run_of, span_of
from tradetui.cli.wiring import JournalPart, OtherRules, Place
from tradetui.domain.formatting import timestamp
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.services.errors import UserError


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A folder in which the samples ran twice, the second run going on with the first."""
    return run_demo(tmp_path_factory.mktemp("part"), 90, times=2)


@pytest.fixture(scope="module")
def runs(place: Place) -> tuple[RecordedRun, RecordedRun]:
    with opened(place, None) as reader:
        newest = recorded_run(reader)
        second, first = chain_of(reader, newest)
    assert (first.first, second.first) == (1, first.last + 1)
    return first, second


def asked(place: Place, *ends: str | None, run: str | None = None) -> tuple[str, int, int]:
    part = JournalPart(None, run, *ends)
    with opened(place, None) as reader:
        found = run_of(reader, part)
        return (found.header.run_id, *span_of(found, part))


def test_the_run_that_holds_the_steps_is_read(
    place: Place, runs: tuple[RecordedRun, RecordedRun]
) -> None:
    first, second = runs
    old, new = first.header.run_id, second.header.run_id
    assert asked(place) == (new, second.first, second.last)
    assert asked(place, "10", "100") == (old, 10, 100)
    assert asked(place, "0", "100") == (old, 1, 100)
    assert asked(place, "10") == (old, 10, first.last)
    assert asked(place, None, "100") == (old, 1, 100)
    assert asked(place, str(second.first)) == (new, second.first, second.last)


def test_the_run_that_was_under_way_at_a_time_is_read(
    place: Place, runs: tuple[RecordedRun, RecordedRun]
) -> None:
    first, second = runs
    with opened(place, None) as reader:
        begun = recorded_run(reader, second.header.run_id)
        begins = next(begun.steps(begun.first)).event.ingest_time
    before = timestamp(begins - NANOS_PER_MINUTE)
    assert asked(place, "2000-01-01") == (first.header.run_id, 1, first.last)
    assert asked(place, before)[0] == first.header.run_id
    assert asked(place, None, before)[0] == first.header.run_id
    after = timestamp(begins + NANOS_PER_MINUTE)
    assert asked(place, None, after) == (second.header.run_id, second.first, second.last)


@pytest.mark.parametrize("read", [replay.summary, replay.verify, replay.what_if, replay.steps])
def test_what_is_not_there_is_refused(
    place: Place, runs: tuple[RecordedRun, RecordedRun], read: Callable[..., Any]
) -> None:
    first, second = runs
    more: dict[Callable[..., Any], tuple[tuple[Any, ...], dict[str, Any]]] = {
        replay.verify: ((), {"with_strategies": False, "as_backtest": False, "force": False}),
        replay.what_if: ((OtherRules(),), {"force": False}),
        replay.steps: ((), {"also_quiet": False, "speed": None}),
    }
    plain, named = more.get(read, ((), {}))
    cases = (
        (JournalPart(first="99999"), "--from: there is no step 99999 in the runs up to"),
        (JournalPart(last="99999"), "--to: there is no step 99999 in the runs up to"),
        (JournalPart(first="10", last=str(second.last)), "one run is read at a time"),
        (JournalPart(first="20", last="10"), "there is nothing between step 20 and step 10"),
        (JournalPart(run=second.header.run_id, last="10"), "step 10 is not in it"),
        (JournalPart(run=first.header.run_id, first=str(second.first)), "is not in it"),
        (JournalPart(first="2999-01-01"), f"ends at step {second.last}"),
    )
    for part, said in cases:
        with pytest.raises(UserError, match=said):
            list(read(place, part, *plain, **named))


def test_steps_of_an_earlier_run_are_made_again(
    place: Place, runs: tuple[RecordedRun, RecordedRun]
) -> None:
    row = replay.verify(
        place,
        JournalPart(None, None, "10", "100"),
        with_strategies=False,
        as_backtest=False,
        force=False,
    )
    assert (row["equal"], row["run"], row["last_step"]) == (True, runs[0].header.run_id, 100)
    assert row["steps"] > 0
    row = replay.what_if(place, JournalPart(None, None, None, "100"), OtherRules(), force=False)
    assert (row["run"], row["same"]) == (runs[0].header.run_id, True)


def test_why_not_of_an_earlier_run_is_of_its_end(
    place: Place, runs: tuple[RecordedRun, RecordedRun]
) -> None:
    with opened(place, None) as reader:
        (row, *_) = why._rows_at(reader, runs[1], runs[1].last, None)
    found = why.why_not(place, JournalPart(None, None, "1"), row.strategy_id)
    assert found.run_id == runs[0].header.run_id
