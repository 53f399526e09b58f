"""What stands beside the rows of a journal: each alteration is found and named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tradetui.domain.ids import Currency
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.history import EquityPoint
from tradetui.storage import archive as archive_module
from tradetui.storage.archive import Archive
from tradetui.storage.archiving import archive_all
from tradetui.storage.checkpoint_rows import CHECKPOINT_SQL, CheckpointRow
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.segment_file import segments_folder
from tradetui.storage.verify import Verification, verify_file

Header = Callable[..., JournalHeader]
Step = Callable[..., StepRecord]


async def written(folder: Path, header: JournalHeader, make_step: Step) -> Path:
    """Write forty steps with a point of the equity curve after each."""
    journal = await SqliteJournal.open(folder, header)
    for seq_id in range(1, 41):
        journal.append(make_step(seq_id))
        journal.note_equity(EquityPoint(seq_id, seq_id, "acct", Currency("USDT"), 10**11, seq_id))
    await journal.close()
    return folder / "journal.db"


@pytest.fixture
async def path(folder: Path, make_header: Header, make_step: Step) -> Path:
    return await written(folder, make_header(), make_step)


def alter(path: Path, *statements: str) -> Verification:
    """Alter rows behind the back of what gives them their check numbers, and verify."""
    with sqlite3.connect(path) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount != 0
    connection.close()
    return verify_file(path)


def put_checkpoint(path: Path, *, run: int, row: int) -> None:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT hash FROM steps WHERE row = ?", (row,)).fetchone()
        packed = CheckpointRow.pack(
            run=run, seq_id=row, row=row, created_time=5, state_hash="0" * 64,
            anchor=found[0], body=b"state",
        )  # fmt: skip
        connection.execute(CHECKPOINT_SQL, packed.values())
    connection.close()


def test_what_was_not_altered_is_sound(path: Path) -> None:
    found = alter(path)
    assert (found.faults, found.rows) == ((), 40)


@pytest.mark.parametrize("change", ["started_time = 7", "ended_time = 7", "ended_how = 'crashed'"])
def test_when_and_how_a_run_ended_is_guarded(path: Path, change: str) -> None:
    (fault,) = alter(path, f"UPDATE runs SET {change}").faults
    assert (fault.what, fault.run_id) == ("the times or the end of run r1 were altered", "r1")


@pytest.mark.parametrize("column", ["seq_id", "event_time", "equity", "day_pnl"])
def test_a_point_of_the_equity_curve_is_guarded(path: Path, column: str) -> None:
    (fault,) = alter(path, f"UPDATE equity SET {column} = {column} + 1 WHERE row = 7").faults
    step = 7 + (column == "seq_id")
    assert fault.what == f"the equity of acct at step {step} (row 7) was altered"
    assert (fault.seq_id, fault.row) == (step, 7)


def test_the_whole_equity_curve_is_read(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO equity (row, key, seq_id, event_time, currency, equity, day_pnl) "
            "VALUES (?, 'z', 1, 1, 'USDT', 1, 1)",
            [(row,) for row in range(100, 1_200)],
        )
    connection.close()
    assert alter(path).is_sound
    faults = alter(path, "UPDATE equity SET equity = 2 WHERE row IN (100, 1100, 1199)").faults
    assert [fault.row for fault in faults] == [100, 1_100, 1_199]


def test_a_checkpoint_of_a_run_that_is_missing_is_named(path: Path) -> None:
    put_checkpoint(path, run=1, row=30)
    assert verify_file(path).is_sound
    put_checkpoint(path, run=9, row=31)
    (fault,) = verify_file(path).faults
    assert fault.what == "the checkpoint at step 31 belongs to run 9, which is missing"


async def test_a_run_that_carries_on_must_have_what_it_began_from(
    path: Path, folder: Path, make_header: Header, make_step: Step
) -> None:
    header = replace(make_header("r2"), continues="r1", opening_seq=40, opening_hash="ab" * 32)
    journal = await SqliteJournal.open(folder, header)
    await journal.close()
    (fault,) = verify_file(path).faults
    assert fault.what == "the checkpoint that run r2 began from (step 40) is missing"
    assert (fault.run_id, fault.seq_id) == ("r2", 40)


def archived(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Archive thirty rows in segments of ten; return their files."""
    monkeypatch.setattr(archive_module, "ROWS_IN_SEGMENT", 10)
    put_checkpoint(path, run=1, row=40)
    archive_all(Archive(path, lambda: 7), 10**12)
    files = sorted(segments_folder(path).iterdir())
    assert len(files) >= 2 and verify_file(path).is_sound
    return files


def test_a_segment_that_cannot_be_read_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = archived(path, monkeypatch)[0]
    file.unlink()
    file.mkdir()
    said = [fault.what for fault in verify_file(path).faults]
    assert f"segment {file.name} (rows 1 to 10) cannot be read (Is a directory)" in said


def test_rows_that_are_in_two_segments_are_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (file.name for file in archived(path, monkeypatch)[:2])
    found = alter(path, "UPDATE segments SET first_row = 10 WHERE first_row = 11")
    said = [fault.what for fault in found.faults]
    assert f"segment {second} repeats rows of {first}" in said
