"""``engine recover``: what a start would bring back, compared step by step, and nothing written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.bootstrap.commands import recovering
from tradetui.bootstrap.commands.recovering import Question, recover
from tradetui.cli.wiring import Place
from tradetui.core.invariants import InvariantError
from tradetui.core.kernel import Kernel
from tradetui.domain.ids import RunId
from tradetui.domain.recovery import (
    CHECKPOINT_SCHEMA,
    EngineCheckpoint,
    decode_checkpoint,
    encode_checkpoint,
)
from tradetui.domain.steps import JournalHeader
from tradetui.ports.journal import CheckpointInfo, JournalError
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError
from tradetui.storage.reader import JournalReader


def journal(place: Place) -> Path:
    assert place.state is not None
    return place.state / "journal.db"


def test_every_step_comes_out_as_it_was_recorded(place: Place) -> None:
    before = journal(place).read_bytes()
    row = recover(place, Question(start_step=2, strict=True))
    assert row["deterministic"] is True
    assert row["mismatches"] == []
    assert row["replayed_steps"] >= 90
    assert row["end_step"] >= row["start_step"]
    assert journal(place).read_bytes() == before


def test_the_newest_checkpoint_is_begun_with(place: Place) -> None:
    row = recover(place, Question())
    assert row["checkpoint_step"] is not None
    assert row["start_step"] == row["checkpoint_step"] + 1
    assert row["state_hash"] == recover(place, Question(start_step=2))["state_hash"]


def test_a_checkpoint_in_a_file_is_begun_with_if_it_is_one_of_this_run(
    place: Place, tmp_path: Path
) -> None:
    with JournalReader(journal(place)) as reader:
        run = RunId(reader.runs()[-1].run_id)
        info = reader.checkpoints(run)[-1]
        body = reader.checkpoint(run, info.seq_id)
    path = tmp_path / "checkpoint"
    path.write_bytes(body)
    assert recover(place, Question(checkpoint=path))["checkpoint_step"] == info.seq_id
    with pytest.raises(UserError, match=f"is of step {info.seq_id}, behind --start-step 2"):
        recover(place, Question(checkpoint=path, start_step=2))
    path.write_bytes(b"nothing")
    with pytest.raises(UserError, match="is no checkpoint"):
        recover(place, Question(checkpoint=path))
    with pytest.raises(UserError, match="cannot be read"):
        recover(place, Question(checkpoint=tmp_path / "none"))


def test_a_step_that_no_run_has_is_a_sentence(place: Place) -> None:
    with pytest.raises(UserError, match="holds no run with step 99999999"):
        recover(place, Question(start_step=99_999_999))


def test_a_damaged_checkpoint_is_named_and_the_run_brought_back_without_it(
    place: Place, tmp_path: Path
) -> None:
    copy = tmp_path / "journal.db"
    with sqlite3.connect(journal(place)) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        target.execute("UPDATE checkpoints SET body = X'00'")
    target.close()
    row = recover(place, Question(replay=copy))
    assert row["deterministic"] is False
    assert row["notes"] and "the one before it is used" in row["notes"][0]
    assert row["checkpoint_step"] is None
    assert row["state_hash"] == recover(place, Question())["state_hash"]


def newest(path: Path) -> tuple[JournalHeader, CheckpointInfo, EngineCheckpoint]:
    """The newest run of a journal, its newest checkpoint, and what that holds."""
    with JournalReader(path) as reader:
        header = reader.header(RunId(reader.runs()[-1].run_id))
        info = reader.checkpoints(header.run_id)[-1]
        return header, info, decode_checkpoint(reader.checkpoint(header.run_id, info.seq_id))


def test_a_checkpoint_of_a_later_version_or_another_run_is_not_used(
    place: Place, tmp_path: Path
) -> None:
    header, _, checkpoint = newest(journal(place))
    path = tmp_path / "checkpoint"
    path.write_bytes(encode_checkpoint(replace(checkpoint, schema_version=CHECKPOINT_SCHEMA + 1)))
    with pytest.raises(RefusedError, match="use the tradetui that wrote it") as refused:
        recover(place, Question(checkpoint=path))
    assert str(refused.value).startswith(f"{path}: the checkpoint is of version ")
    path.write_bytes(encode_checkpoint(replace(checkpoint, run_id=RunId("another"))))
    with pytest.raises(UserError) as wrong:
        recover(place, Question(checkpoint=path))
    assert str(wrong.value) == (
        f"{path}: is a checkpoint of run another, and the journal's newest run is {header.run_id}"
    )


class Altered:
    """A journal as it is, but for what a test has changed."""

    def __init__(self, place: Place, **changes: Any) -> None:
        self._reader = JournalReader(journal(place))
        self._changes = changes

    def __enter__(self) -> Altered:
        self._reader.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._reader.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._reader, name)
        change = self._changes.get(name)
        return own if change is None else lambda *asked: change(own, *asked)


@pytest.fixture
def altered(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have ``recover`` read what the given functions make of the reader's own answers."""

    def make(**changes: Any) -> None:
        monkeypatch.setattr(recovering, "JournalReader", lambda path: Altered(place, **changes))

    return make


def test_a_stored_checkpoint_of_a_later_version_is_refused(
    place: Place, altered: Callable[..., None]
) -> None:
    _, info, checkpoint = newest(journal(place))
    later = encode_checkpoint(replace(checkpoint, schema_version=CHECKPOINT_SCHEMA + 1))
    altered(checkpoint=lambda own, *asked: later)
    with pytest.raises(RefusedError, match=rf"^the checkpoint at step {info.seq_id} is of version"):
        recover(place, Question())


def test_a_checkpoint_of_another_state_is_passed_over_and_said(
    place: Place, altered: Callable[..., None]
) -> None:
    def other(own: Any, *asked: Any) -> Any:
        found = own(*asked)
        return (*found[:-1], replace(found[-1], state_hash="0" * 64))

    altered(checkpoints=other)
    row = recover(place, Question())
    assert row["notes"][0].endswith(
        "holds another state than the one it was made of: the one before it is used"
    )
    assert row["deterministic"] is False
    strict = recover(place, Question(start_step=2, strict=True))
    (found,) = strict["mismatches"]
    assert (found["what"], found["recorded"]) == ("state_hash", "0" * 64)
    assert found["now"] == recover(place, Question(start_step=2))["state_hash"]


def test_without_any_sound_checkpoint_a_run_that_goes_on_cannot_come_back(
    place: Place, altered: Callable[..., None]
) -> None:
    header, _, _ = newest(journal(place))

    def carrying(own: Any, *asked: Any) -> Any:
        return replace(own(*asked), opening_hash="1" * 64, continues=RunId("before"))

    altered(header=carrying, checkpoints=lambda own, *asked: ())
    with pytest.raises(UserError) as wrong:
        recover(place, Question())
    assert str(wrong.value) == (
        f"run {header.run_id} carries step 0 of run before, and no sound checkpoint stands at or "
        "before step 0"
    )


def test_a_journal_without_a_run_has_nothing_to_recover(
    place: Place, altered: Callable[..., None]
) -> None:
    altered(runs=lambda own: ())
    with pytest.raises(UserError, match="holds no run with a step: there is nothing to recover"):
        recover(place, Question())


def test_a_journal_that_cannot_be_read_is_a_problem_of_the_machine(
    place: Place, altered: Callable[..., None]
) -> None:
    def broken(own: Any) -> Any:
        raise JournalError("journal.db: the disk is gone")

    altered(runs=broken)
    with pytest.raises(RuntimeProblemError, match=r"^journal\.db: the disk is gone$"):
        recover(place, Question())


@pytest.mark.parametrize("strict", [False, True])
def test_steps_that_come_out_otherwise_are_listed(
    place: Place, altered: Callable[..., None], strict: bool
) -> None:
    """Strictly, the first ends it."""

    def without_moves(own: Any, *asked: Any) -> Any:
        for step in own(*asked):
            yield replace(step, transitions=()) if step.transitions else step

    altered(steps=without_moves)
    row = recover(place, Question(start_step=2, strict=strict))
    assert row["deterministic"] is False
    count = len(row["mismatches"])
    assert count == 1 if strict else count > 1
    assert "transitions" in row["mismatches"][0]["what"]
    if strict:
        assert row["end_step"] == row["mismatches"][0]["step"]


def test_a_broken_invariant_is_a_mismatch(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Kernel) -> None:
        raise InvariantError("cash is not what the fills add up to")

    monkeypatch.setattr(Kernel, "check_all", broken)
    row = recover(place, Question())
    assert [one["what"] for one in row["mismatches"]] == [
        "an invariant is broken: cash is not what the fills add up to"
    ]
    assert row["deterministic"] is False


def test_strictly_the_chain_of_the_journal_is_verified_too(place: Place, tmp_path: Path) -> None:
    copy = tmp_path / "journal.db"
    with sqlite3.connect(journal(place)) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        target.execute("UPDATE checkpoints SET body = X'00'")
    target.close()
    lenient = recover(place, Question(replay=copy))
    strict = recover(place, Question(replay=copy, strict=True))
    assert len(strict["mismatches"]) > len(lenient["mismatches"])
