"""The reader: beside a running engine, on a copy, and what it says when something is not there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tradetui.domain.codec import GENESIS, chain, encode
from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import InstrumentId, RunId
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.journal import JournalError, JournalSource
from tradetui.storage.checkpoint_rows import CHECKPOINT_SQL, CheckpointRow
from tradetui.storage.folder import prepare_folder
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.migrations import create_file
from tradetui.storage.reader import JournalReader
from tradetui.storage.schema import Schema
from tradetui.storage.verify import verify_file

Header = Callable[..., JournalHeader]
Step = Callable[..., StepRecord]

R1, R2 = RunId("r1"), RunId("r2")


async def begin(folder: Path, header: JournalHeader, step: Step, count: int) -> SqliteJournal:
    journal = await SqliteJournal.open(folder, header, busy_timeout_ms=50)
    for seq_id in range(1, count + 1):
        journal.append(step(seq_id))
    await journal.commit()
    return journal


def put_checkpoint(path: Path, run: int, seq_id: int, body: bytes) -> None:
    row = CheckpointRow.pack(
        run=run,
        seq_id=seq_id,
        row=seq_id,
        created_time=5,
        state_hash="0" * 64,
        anchor=bytes(32),
        body=body,
    )
    with sqlite3.connect(path) as connection:
        connection.execute(CHECKPOINT_SQL, row.values())
    connection.close()


async def test_what_is_more_than_a_price_is_told_from_the_first_step(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, 3)
    note = OperatorNoted("ann", "look")
    act = Envelope(4, 40, 40, Source.CONTROL, "", InstrumentId(""), "OperatorNoted", note)
    journal.append(replace(make_step(4), event=act))
    await journal.commit()
    with JournalReader(folder) as reader:
        assert [step.event.seq_id for step in reader.eventful(R1)] == [1, 2, 3, 4]
        assert [step.event.payload for step in reader.acts(R1)] == [note]
        assert list(reader.acts(R1, 1, 3)) == []
    await journal.close()


async def test_reads_beside_a_running_engine(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    first = await begin(folder, make_header("r1"), make_step, 1_203)
    await first.close()
    journal = await begin(folder, make_header("r2"), make_step, 2)
    with JournalReader(folder) as reader:
        source: JournalSource = reader
        runs = source.runs()
        assert [(run.run_id, run.steps, run.ended_how) for run in runs] == [
            ("r1", 1_203, "clean"),
            ("r2", 2, "running"),
        ]
        assert source.header(R2) == make_header("r2")
        assert [step.event.seq_id for step in source.steps(R1)] == list(range(1, 1_204))
        assert [step.event.seq_id for step in source.steps(R1, 499, 502)] == [499, 500, 501, 502]
        assert [step.event.seq_id for step in source.steps(R1, 1_203, 9_999)] == [1_203]
        assert list(source.steps(R2, 3)) == []
        assert source.step(2) == make_step(2)
        assert source.step(1_000) == make_step(1_000)
        assert source.opening(R1) is None
        journal.append(make_step(3))
        await journal.commit()
        assert source.step(3, R2) == make_step(3)
    await journal.close()


async def test_reads_a_copied_file_in_a_folder_that_cannot_be_written(
    folder: Path, tmp_path: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, 3)
    await journal.close()
    place = tmp_path / "copies"
    place.mkdir()
    copy = place / "old.db"
    copy.write_bytes((folder / "journal.db").read_bytes())
    place.chmod(0o500)
    try:
        with JournalReader(copy) as reader:
            assert [step.event.seq_id for step in reader.steps(R1)] == [1, 2, 3]
    finally:
        place.chmod(0o700)


async def test_checkpoints_are_listed_and_their_seal_is_checked(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, 3)
    await journal.close()
    path = folder / "journal.db"
    put_checkpoint(path, 1, 2, b"state at two" * 100)
    put_checkpoint(path, 1, 3, b"state at three")
    with JournalReader(path) as reader:
        infos = reader.checkpoints(R1)
        assert [(info.seq_id, info.row) for info in infos] == [(2, 2), (3, 3)]
        assert infos[0].size < 100
        assert reader.checkpoint(R1, 2) == b"state at two" * 100
    change = sqlite3.connect(path)
    change.execute("UPDATE checkpoints SET row = 7 WHERE seq_id = 2")
    change.commit()
    change.close()
    with JournalReader(path) as reader:
        with pytest.raises(JournalError, match="checkpoint of run r1 at step 2 was altered"):
            reader.checkpoint(R1, 2)
        assert reader.checkpoint(R1, 3) == b"state at three"


async def test_what_is_not_there_is_said(
    folder: Path, tmp_path: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, 3)
    await journal.close()
    with JournalReader(folder) as reader:
        with pytest.raises(JournalError, match="holds no run r9"):
            reader.header(RunId("r9"))
        with pytest.raises(JournalError, match="no run holds step 4"):
            reader.step(4)
        with pytest.raises(JournalError, match="run r1 does not hold step 0"):
            reader.step(0, R1)
        with pytest.raises(JournalError, match="run r1 has no checkpoint at step 3"):
            reader.checkpoint(R1, 3)
    with pytest.raises(JournalError, match="there is no journal"):
        JournalReader(tmp_path)
    (tmp_path / "x.db").write_bytes(b"")
    with pytest.raises(JournalError, match="is empty"):
        JournalReader(tmp_path / "x.db")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM steps WHERE row = 2", "the step in row 2 of run r1 is missing"),
        ("UPDATE steps SET body = x'00' WHERE row = 2", "step 2 of run r1 cannot be read"),
        ("UPDATE runs SET header = x'00'", "the header of run r1 cannot be read"),
        ("DROP TABLE steps", "cannot be used .no such table: steps."),
        (
            f"PRAGMA user_version = {JOURNAL_SCHEMA.version + 1}",
            "was written by a newer tradetui",
        ),
    ],
)
async def test_damage_is_named(
    folder: Path, make_header: Header, make_step: Step, sql: str, said: str
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, 3)
    await journal.close()
    with sqlite3.connect(folder / "journal.db") as change:
        change.execute(sql)
    change.close()
    with (
        pytest.raises(JournalError, match=said),
        JournalReader(folder) as reader,
    ):
        list(reader.steps(R1))


async def test_a_journal_of_the_first_schema_has_no_checkpoints(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    first = Schema("journal", JOURNAL_SCHEMA.application_id, JOURNAL_SCHEMA.migrations[:1])
    path = prepare_folder(folder) / "journal.db"
    await create_file(path, first)
    with sqlite3.connect(path) as change:
        body = encode(make_header("r1"))
        own = chain(GENESIS, body)
        change.execute(
            "INSERT INTO runs (run_id, header, hash, seal, first_row, started_time, ended_how, "
            "last_seq_id, last_hash) VALUES ('r1', ?, ?, ?, 1, 5, 'clean', 3, ?)",
            (body, own, chain(GENESIS, own), bytes(32)),
        )
        head = own
        for seq_id in (1, 2, 3):
            body = encode(make_step(seq_id))
            head = chain(head, body)
            change.execute("INSERT INTO steps VALUES (?, ?, ?, ?)", (seq_id, seq_id, body, head))
        change.execute("UPDATE runs SET last_hash = ?", (head,))
    change.close()
    assert verify_file(path).is_sound
    with JournalReader(folder) as reader:
        assert reader.checkpoints(R1) == ()
        assert len(list(reader.steps(R1))) == 3
    again = await SqliteJournal.open(folder, make_header("r2"))
    await again.close()
    assert (folder / "journal.db.v1.bak").exists()
    assert verify_file(path).is_sound
    with JournalReader(folder) as reader:
        assert [run.steps for run in reader.runs()] == [3, 0]
