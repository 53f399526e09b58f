"""Every recorded step made again: the same, in any run mode, or the first difference named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.recorded import RecordedSource

from tradetui.backtest.errors import ReplayError
from tradetui.backtest.recorded import recorded_run
from tradetui.backtest.state_at import state_at
from tradetui.backtest.verifying import verify_as_backtest, verify_steps
from tradetui.core.checkpoint import dump, load
from tradetui.domain.codec import encode
from tradetui.domain.enums import OrderState, RunMode
from tradetui.domain.recovery import (
    EngineCheckpoint,
    JournalCursor,
    decode_checkpoint,
    encode_checkpoint,
)
from tradetui.ports.journal import CheckpointInfo

Record = Callable[..., Any]


def test_a_recorded_run_comes_out_the_same(record: Record) -> None:
    recorded = record()
    report = verify_steps(recorded.run)
    assert report.is_equal
    assert report.steps == len(recorded.steps.records) == report.last_step
    assert report.state_hash == recorded.session.loop.kernel.state_hash()


def test_a_paper_run_gives_the_same_transitions_in_backtest_mode(record: Record) -> None:
    recorded = record()
    (run_id,) = recorded.source.headers
    header = recorded.source.headers[run_id]
    paper = replace(header.kernel_config, run_mode=RunMode.PAPER)
    recorded.source.headers[run_id] = replace(header, kernel_config=paper, run_mode=RunMode.PAPER)
    report = verify_as_backtest(recorded.run)
    assert report.is_equal
    assert report.steps == len(recorded.steps.records)


def test_a_run_that_goes_on_is_verified_from_what_it_carries(
    record: Record, carry_on: Record
) -> None:
    recorded = record(12, with_acts=False)
    run = carry_on(recorded, 6, after=12)
    report = verify_steps(run)
    assert report.is_equal
    assert (report.first_step, report.last_step) == (run.first, run.last)
    config = replace(run.header.kernel_config, run_mode=RunMode.PAPER)
    recorded.source.headers[run.header.run_id] = replace(
        run.header, kernel_config=config, run_mode=RunMode.PAPER
    )
    place = (run.header.run_id, run.header.opening_seq)
    checkpoint = decode_checkpoint(recorded.source.bodies[place])
    state = load(checkpoint.engine_state, run.header.kernel_config)
    state.config = config
    recorded.source.bodies[place] = encode_checkpoint(replace(checkpoint, engine_state=dump(state)))
    paper = verify_as_backtest(recorded_run(recorded.source, run.header.run_id))
    assert paper.is_equal
    assert paper.steps == report.steps


def test_a_part_is_made_again_from_the_newest_checkpoint_before_it(record: Record) -> None:
    recorded = record()
    (run_id,) = recorded.source.headers
    whole = verify_steps(recorded.run)
    place = 40
    body = encode_checkpoint(
        EngineCheckpoint(
            1, 0, run_id, RunMode.BACKTEST, "", "",
            state_at(recorded.run, place).kernel.checkpoint(), b"", (), "engine_state", (),
            JournalCursor(place, ""),
        )
    )  # fmt: skip
    recorded.source.bodies[run_id, place] = body
    for wanted in (place + 1, place + 7):
        for report in (
            verify_steps(recorded.run, first=wanted),
            verify_as_backtest(recorded.run, first=wanted),
        ):
            assert (report.first_step, report.last_step) == (place + 1, whole.last_step)
            assert report.is_equal
    assert verify_steps(recorded.run, first=place).first_step == 1
    assert verify_steps(recorded.run, first=place + 7).state_hash == whole.state_hash


def altered(source: RecordedSource, place: int, **changes: Any) -> int:
    (run_id,) = source.headers
    step = next(iter(source.steps(run_id, place, place)))
    source.rows[run_id][place - 1] = encode(replace(step, **changes))
    return place


def test_the_first_difference_has_its_surroundings_and_the_rest_is_counted(
    record: Record,
) -> None:
    recorded = record()
    moves = [step for step in recorded.steps.records if step.transitions]
    for step in moves[3:5]:
        move = replace(step.transitions[0], to_state=OrderState.EXPIRED)
        altered(recorded.source, step.event.seq_id, transitions=(move, *step.transitions[1:]))
    report = verify_steps(recorded.run)
    assert not report.is_equal
    assert report.by_part == (("transitions", 2),)
    assert report.differences == 2
    assert report.first is not None
    assert report.first.seq_id == moves[3].event.seq_id
    assert report.first.field == "transitions[0].to_state"
    context = dict(report.context)
    order_id = moves[3].transitions[0].client_order_id
    assert f"order {order_id}" in context
    assert any(name.startswith("instance ") for name in context)


def test_a_step_that_cannot_be_made_ends_the_comparison(record: Record) -> None:
    recorded = record(10)
    (run_id,) = recorded.source.headers
    del recorded.source.rows[run_id][20]
    report = verify_steps(recorded.run)
    assert report.first is not None
    assert report.first.part == "failure"
    assert report.notes == ("the steps after this one were not compared",)


def test_only_a_part_is_compared_when_asked(record: Record) -> None:
    recorded = record(10)
    assert verify_steps(recorded.run, last=12).last_step == 12


def test_a_run_that_is_not_there_is_a_sentence(record: Record) -> None:
    with pytest.raises(ReplayError, match="there is no run nothing"):
        recorded_run(record(3).source, "nothing")
    with pytest.raises(ReplayError, match="holds no run yet"):
        recorded_run(RecordedSource())


def test_a_checkpoint_of_another_state_than_the_steps_is_a_difference(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = record()
    (run_id,) = recorded.source.headers
    place = 40
    true = state_at(recorded.run, place).state_hash()

    def checkpoints(_: Any) -> tuple[CheckpointInfo, ...]:
        return (CheckpointInfo(run_id, place, place, 0, kept, "", 1),)

    monkeypatch.setattr(recorded.source, "checkpoints", checkpoints)
    kept = true
    assert verify_steps(recorded.run).is_equal
    kept = "00" * 32
    report = verify_steps(recorded.run)
    assert report.by_part == (("checkpoint", 1),)
    assert report.first is not None
    assert (report.first.seq_id, report.first.field) == (place, "state_hash")
    assert (report.first.was, report.first.now) == (f'"{kept}"', f'"{true}"')
    assert report.last_step == recorded.run.last
    assert verify_as_backtest(recorded.run).is_equal
