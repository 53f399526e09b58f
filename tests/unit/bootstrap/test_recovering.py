"""``engine recover``: what a start would bring back, compared step by step, and nothing written."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tradetui.bootstrap.headless import run_headless
from tradetui.bootstrap.recovering import Question, recover
from tradetui.cli.wiring import Place, RunOptions
from tradetui.domain.ids import RunId
from tradetui.services.errors import UserError
from tradetui.storage.reader import JournalReader

ROWS = "ts_ms,open,high,low,close,volume\n" + "".join(
    f"{1_600_000_000_000 + i * 60_000},{100 + i % 9},{103 + i % 9},{98 + i % 9},{101 + i % 9},5\n"
    for i in range(90)
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A folder in which the samples have run over made-up bars, stopped cleanly."""
    folder = tmp_path_factory.mktemp("recover")
    bars = folder / "BTC_USD-1m.csv"
    bars.write_text(ROWS)
    place = Place(state=folder / "state")
    options = RunOptions(place, demo=True, replay=(bars,), until_end=True)
    asyncio.run(run_headless(options, lambda _: None))
    return place


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
