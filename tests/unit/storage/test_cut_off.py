"""A run that was cut off is ended by whoever merges what the crash left."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.journal import JournalError
from tradetui.storage.cut_off import end_cut_off_run
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.journal_db import open_journal
from tradetui.storage.reader import JournalReader

Header = Callable[..., JournalHeader]
Step = Callable[..., StepRecord]


async def cut_off(folder: Path, make_header: Header, make_step: Step) -> Path:
    """Make a journal whose run has eight steps and no end."""
    journal = await SqliteJournal.open(folder, make_header("r1"))
    for seq_id in range(1, 9):
        journal.append(make_step(seq_id))
    await journal.commit()
    await journal.abandon()
    return folder / "journal.db"


async def test_the_next_start_misses_nothing_of_it(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    path = await cut_off(folder, make_header, make_step)
    with sqlite3.connect(path) as merging:
        merging.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    merging.close()
    end_cut_off_run(path)
    with JournalReader(path) as reader:
        (run,) = reader.runs()
    assert (run.ended_how, run.steps) == ("crashed", 8)
    file = await open_journal(folder, busy_timeout_ms=100)
    assert file.notice == ""
    await file.close()


async def test_only_the_newest_run_is_looked_at(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    first = await SqliteJournal.open(folder, make_header("r0"))
    first.append(make_step(1))
    await first.close()
    path = await cut_off(folder, make_header, make_step)
    with sqlite3.connect(path) as merging:
        merging.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    merging.close()
    end_cut_off_run(path)
    with JournalReader(path) as reader:
        found = [(run.ended_how, run.steps) for run in reader.runs()]
    assert found == [("clean", 1), ("crashed", 8)]


async def test_a_run_that_ended_keeps_its_end(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await SqliteJournal.open(folder, make_header("r1"))
    journal.append(make_step(1))
    await journal.close()
    end_cut_off_run(folder / "journal.db")
    with JournalReader(folder) as reader:
        assert [run.ended_how for run in reader.runs()] == ["clean"]


def test_where_there_is_nothing_nothing_is_made(folder: Path) -> None:
    end_cut_off_run(folder / "journal.db")
    assert not folder.exists()


async def test_a_journal_in_use_is_said(
    folder: Path, make_header: Header, make_step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await cut_off(folder, make_header, make_step)

    def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    with pytest.raises(JournalError, match=r"^journal\.db: "):
        monkeypatch.setattr("tradetui.storage.cut_off.sqlite3.connect", locked)
        monkeypatch.setattr("tradetui.storage.cut_off.JournalReader", _Running)
        end_cut_off_run(path)


class _Running:
    """A reader of a journal with one run that goes on."""

    def __init__(self, _: Path) -> None:
        self._run = type("Run", (), {"ended_how": "running", "steps": 1, "head": "ab"})

    def __enter__(self) -> _Running:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def runs(self) -> tuple[object, ...]:
        return (self._run,)
