"""A run of a journal as replays read it: which one, what it carries on, its steps backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tradetui.backtest import recorded as module
from tradetui.backtest.errors import ReplayError
from tradetui.backtest.recorded import Opening, kernel_state_at, opening_of, recorded_run
from tradetui.domain.enums import Source
from tradetui.domain.ids import RunId
from tradetui.domain.recovery import CHECKPOINT_SCHEMA, decode_checkpoint, encode_checkpoint

Record = Callable[..., Any]


@pytest.fixture
def carried(record: Record, carry_on: Record) -> Any:
    """A source with two runs, the second of which goes on from the first."""
    recorded = record(12, with_acts=False)
    carry_on(recorded, 5, after=12)
    return recorded


def place_of(carried: Any) -> tuple[RunId, int]:
    """The one checkpoint of the source: the opening of its second run."""
    (place,) = carried.source.bodies
    return place


def test_the_newest_run_is_read_and_what_it_carries_on(carried: Any) -> None:
    run = recorded_run(carried.source)
    header = carried.source.headers[RunId("second")]
    assert run.header == header
    assert run.first == header.opening_seq + 1
    assert [step.event.seq_id for step in run.steps()] == list(range(run.first, run.last + 1))
    checkpoint = decode_checkpoint(carried.source.bodies[place_of(carried)])
    assert run.opening.kernel == checkpoint.engine_state
    assert run.opening.venue == checkpoint.broker_state
    assert dict(run.opening.kept).keys() == {"a", "o"}
    assert run.opening.memory.markets
    assert run.rerun().state_hash() == header.opening_hash


def test_a_run_that_has_no_step_yet_is_passed_over_unless_it_is_the_only_one(carried: Any) -> None:
    source = carried.source
    rows = source.rows[RunId("second")]
    source.rows[RunId("second")] = []
    assert recorded_run(source).header.run_id == next(iter(source.headers))
    assert list(recorded_run(source, "second").steps()) == []
    source.rows[RunId("second")] = rows
    assert recorded_run(source).header.run_id == "second"


def test_a_run_that_began_flat_carries_nothing(record: Record) -> None:
    recorded = record(3, with_acts=False)
    assert recorded.run.opening == Opening()


def test_a_venue_without_a_state_is_none(carried: Any) -> None:
    place = place_of(carried)
    checkpoint = decode_checkpoint(carried.source.bodies[place])
    carried.source.bodies[place] = encode_checkpoint(replace(checkpoint, broker_state=b""))
    assert carried.run.opening.venue is None


def test_an_opening_that_cannot_be_read_is_a_sentence(carried: Any) -> None:
    place = place_of(carried)
    source, header = carried.source, carried.source.headers[place[0]]
    body = source.bodies[place]
    checkpoint = decode_checkpoint(body)
    cases = {
        b"\xc1": r"^the checkpoint of run second at step \d+ cannot be read \(",
        encode_checkpoint(replace(checkpoint, schema_version=CHECKPOINT_SCHEMA + 1)): (
            rf"at step {place[1]} is of version {CHECKPOINT_SCHEMA + 1}; this program reads"
        ),
        encode_checkpoint(replace(checkpoint, market_state=b"\xc1")): (
            "^the opening of run second: the newest bars of the run before cannot be read"
        ),
    }
    for harmed, said in cases.items():
        source.bodies[place] = harmed
        with pytest.raises(ReplayError, match=said):
            opening_of(source, header)


def test_the_kernels_part_of_a_checkpoint(carried: Any) -> None:
    run_id, seq_id = place_of(carried)
    state = kernel_state_at(carried.source, run_id, seq_id)
    assert state == carried.run.opening.kernel
    carried.source.bodies[run_id, seq_id] = msgspec.msgpack.encode(["Other", 1])
    with pytest.raises(ReplayError, match=rf"checkpoint of run second at step {seq_id} cannot"):
        kernel_state_at(carried.source, run_id, seq_id)


@pytest.mark.parametrize("block", [7, 20_000])
def test_backwards_is_the_same_the_other_way_round(
    record: Record, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Over the seams of the blocks that are read at once, and in a run that goes on."""
    monkeypatch.setattr(module, "_BLOCK", block)
    run = record(20).run
    every = list(run.steps())
    assert list(run.backwards(run.last, run.first)) == every[::-1]
    assert list(run.backwards(9, 4)) == every[3:9][::-1]
    assert list(run.backwards(4, 5)) == []
    assert list(run.eventful_backwards()) == list(run.eventful())[::-1]
    assert len(list(run.eventful())) < len(every)
    acts = [step for step in every if step.event.source is Source.CONTROL]
    assert list(run.acts_backwards()) == acts[::-1] != []


def test_backwards_stops_at_the_first_step_of_a_run_that_goes_on(carried: Any) -> None:
    run = carried.run
    assert [step.event.seq_id for step in run.acts_backwards()][-1] >= run.first
    assert [step.event.seq_id for step in run.eventful_backwards()][-1] >= run.first
