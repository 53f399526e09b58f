"""Why, why not and since, from the journal of real runs; also as the console asks for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from tests.support.demo_runs import run_demo

from tradetui.backtest.recorded import recorded_run
from tradetui.bootstrap.commands import reading, status, why
from tradetui.bootstrap.console.explaining import JournalExplainer
from tradetui.bootstrap.recorded.journal_part import moment_of, opened
from tradetui.bootstrap.recorded.newest_run import newest
from tradetui.cli.wiring import JournalPart, Place
from tradetui.domain.enums import InstanceState
from tradetui.domain.replica import InstanceView
from tradetui.services.errors import UserError
from tradetui.services.why_lines import why_not_lines
from tradetui.storage.reader import JournalReader


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A folder in which the samples ran twice over made-up bars."""
    return run_demo(tmp_path_factory.mktemp("why"), 90, times=2)


@pytest.fixture
def part(place: Place) -> JournalPart:
    assert place.state is not None
    return JournalPart(place.state)


def runs_of(place: Place) -> list[str]:
    assert place.state is not None
    with JournalReader(place.state / "journal.db") as reader:
        return [info.run_id for info in reader.runs()]


def test_the_chain_of_an_order_and_of_its_fill(place: Place, part: JournalPart) -> None:
    fill = reading.fills(place, instance=None, limit=1)[0]
    chain = why.why(place, part, fill["order"])
    assert fill["order"] in repr(chain)
    lines = asyncio.run(JournalExplainer(place, part).why(fill["order"]))
    assert any(fill["order"] in line for line in lines)


def test_what_no_run_knows_is_a_sentence(place: Place, part: JournalPart) -> None:
    with pytest.raises(UserError, match="tt-none"):
        why.why(place, part, "tt-none")
    lines = asyncio.run(JournalExplainer(place, part).why("tt-none"))
    assert len(lines) == 1 and "tt-none" in lines[0]


def test_why_not_counts_what_an_instance_was_kept_from(place: Place, part: JournalPart) -> None:
    (first, *_) = status.status(place)["instances"]
    found = why.why_not(place, JournalPart(), first["id"])
    assert found.strategy_id == first["id"]
    assert found.run_id == runs_of(place)[-1]
    assert found.now[0].startswith(f"now {first['state']}")
    assert why.why_not(place, part, first["id"]).signals == found.signals


def test_the_console_and_the_shell_say_the_same_of_an_instance(
    place: Place, part: JournalPart
) -> None:
    with opened(place, None) as reader:
        rows = newest(reader).snapshot().instances
    for row in rows:
        said = asyncio.run(JournalExplainer(place, part).why_not(row))
        assert list(said) == why_not_lines(why.why_not(place, JournalPart(), row.strategy_id))


def test_what_cannot_be_read_leaves_what_is_known(place: Place, tmp_path: Path) -> None:
    with opened(place, None) as reader:
        (row, *_) = newest(reader).snapshot().instances
    said = asyncio.run(JournalExplainer(place, JournalPart(tmp_path / "gone")).why_not(row))
    assert said[0].startswith("now ") and "there is no such file" in said[-1]


def test_an_instance_nobody_knows_is_a_sentence(place: Place) -> None:
    with pytest.raises(UserError, match="there is no instance zz; there are"):
        why.why_not(place, JournalPart(), "zz")


def test_of_one_that_waits_for_bars_the_bars_are_named(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cold(*args: object) -> tuple[InstanceView, ...]:
        rows = known(*args)  # type: ignore[arg-type]
        return tuple(
            msgspec.structs.replace(
                row, state=InstanceState.BLOCKED, state_reason="warm-up", warm=()
            )
            for row in rows
        )

    known = why._rows_at
    monkeypatch.setattr(why, "_rows_at", cold)
    found = why.why_not(place, JournalPart(), "btcusd-cross")
    assert found.now == ("now blocked: warm-up", "waits for bars of 1m of BTC/USD")


def test_since_the_beginning_tells_of_the_restart(place: Place, part: JournalPart) -> None:
    first = runs_of(place)[0]
    named = JournalPart(part.path, run=first)
    assert "step 1" in repr(why.since(place, named, "1"))
    lines = asyncio.run(JournalExplainer(place, named).since("1"))
    assert lines[0] == "since step 1"


def test_since_a_step_of_an_earlier_run_begins_there(place: Place, part: JournalPart) -> None:
    """Steps count on through the runs of a chain, and none of them are left out."""
    with JournalReader(place.state / "journal.db") as reader:  # type: ignore[operator]
        first, second = (recorded_run(reader, info.run_id) for info in reader.runs())
    assert second.first == first.last + 1
    for moment in (1, 2, first.last, second.first, second.last):
        report = why.since(place, part, str(moment))
        assert report.steps == second.last - moment + 1, moment
        assert len(report.restarts) == (moment <= first.last)
    assert why.since(place, part, "0").steps == second.last
    assert why.since(place, JournalPart(part.path, run=second.header.run_id), "1").restarts


def test_since_a_step_that_is_not_there_is_a_sentence(place: Place, part: JournalPart) -> None:
    with pytest.raises(UserError, match=r"there is no step 999999 in .*, from step 1 to step \d+"):
        why.since(place, part, "999999")
    first = runs_of(place)[0]
    with pytest.raises(UserError, match=rf"runs up to {first}, .*; name another run with --run"):
        why.since(place, JournalPart(part.path, run=first), "999999")


def test_since_a_time_begins_in_the_run_of_that_time(place: Place, part: JournalPart) -> None:
    report = why.since(place, part, "2020-09-13 12:30")
    assert 0 <= report.from_time - 1_600_000_200 * 10**9 < 60 * 10**9
    assert len(report.restarts) == 1
    never = why.since(place, part, "2999-01-01 00:00")
    assert (never.from_text, never.steps) == ("2999-01-01 00:00:00", 0)


def test_an_age_is_before_the_newest_step(place: Place, part: JournalPart) -> None:
    with opened(place, part.path) as reader:
        run = recorded_run(reader, reader.runs()[-1].run_id)
        newest = next(run.steps(run.last, run.last)).event.ingest_time
        for unit, seconds in {"s": 1, "m": 60, "h": 3_600, "d": 86_400}.items():
            assert moment_of(run, f"2{unit}", "since") == newest - 2 * seconds * 10**9
    shorter, longer = (why.since(place, part, age).steps for age in ("2m", "400d"))
    assert 0 < shorter < longer == why.since(place, part, "0").steps
    for wrong in ("10w", "m", "-5m", "1.5h", "5 m"):
        with pytest.raises(UserError, match="or an age such as 10m"):
            why.since(place, part, wrong)


def test_since_nothing_said_is_since_a_person_was_last_there(
    place: Place, part: JournalPart
) -> None:
    first, _ = runs_of(place)
    report = why.since(place, part, None)
    assert report.from_text == f"the stop of run {first}"
    assert report.steps > 0 and not report.restarts


def test_a_run_nobody_knows_is_a_sentence(place: Place, part: JournalPart) -> None:
    with pytest.raises(UserError, match="there is no run r-none in the journal"):
        why.since(place, JournalPart(part.path, run="r-none"), None)


def test_an_empty_folder_is_a_sentence(tmp_path: Path) -> None:
    place = Place(state=tmp_path / "state")
    explainer = JournalExplainer(place, JournalPart(tmp_path / "state"))
    lines = asyncio.run(explainer.since(None))
    assert len(lines) == 1 and str(tmp_path) in lines[0]
