"""How much room a journal takes, and how long that will do."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.domain.units import NANOS_PER_DAY
from tradetui.ports.journal import JournalError
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.reader import JournalReader
from tradetui.storage.usage import usage

Header = Callable[..., JournalHeader]
Step = Callable[..., StepRecord]
DAY = NANOS_PER_DAY


async def begin(folder: Path, header: JournalHeader, step: Step, now: int) -> SqliteJournal:
    journal = await SqliteJournal.open(folder, header, now=lambda: now)
    for seq_id in range(1, 1_001):
        journal.append(step(seq_id))
    await journal.commit()
    return journal


async def test_a_young_journal_says_nothing_of_a_day(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, DAY)
    found = usage(journal.path, 10**9, DAY + 10**9)
    assert (found.per_day, found.days_to_cap, found.days_to_full) == (None, None, None)
    assert found.size.total == journal.path.stat().st_size
    assert "full in" not in str(found)
    await journal.close()


async def test_growth_is_that_of_the_time_it_ran(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, DAY)
    await journal.close()
    with sqlite3.connect(journal.path) as change:
        change.execute("UPDATE runs SET ended_time = ?", (DAY + DAY // 2,))
    change.close()
    again = await begin(folder, make_header("r2"), make_step, 50 * DAY)
    await again._connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    size = journal.path.stat().st_size
    found = usage(journal.path, size * 11, 50 * DAY + DAY // 2)
    assert found.per_day == 2_000 * (size // 2_000)
    assert found.days_to_cap == 10
    assert found.days_to_full == found.free // found.per_day
    assert "full in 10 days" in str(found)
    at_the_cap = usage(journal.path, size, 50 * DAY + DAY // 2)
    assert at_the_cap.days_to_cap == 0
    await again.close()


def test_without_a_journal_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        usage(tmp_path / "journal.db", 1, 1)


async def test_only_the_last_week_of_running_counts(
    folder: Path, make_header: Header, make_step: Step
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, DAY)
    await journal.close()
    with sqlite3.connect(journal.path) as change:
        change.execute("UPDATE runs SET ended_time = ?", (DAY + 60 * 10**9,))
    change.close()
    again = await begin(folder, make_header("r2"), make_step, 50 * DAY)
    await again._connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    per_row = journal.path.stat().st_size // 2_000
    assert usage(journal.path, 10**9, 58 * DAY).per_day == 1_000 * per_row // 8
    in_all = 6 * DAY + 60 * 10**9
    assert usage(journal.path, 10**9, 56 * DAY).per_day == 2_000 * per_row * DAY // in_all
    await again.close()


async def test_what_is_archived_is_counted_as_it_is_packed(
    folder: Path, make_header: Header, make_step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, DAY)
    packed = (SimpleNamespace(size=9, kept_rows=1), SimpleNamespace(size=4_000, kept_rows=500))
    monkeypatch.setattr(JournalReader, "segments", lambda _: packed)
    assert usage(journal.path, 10**9, 3 * DAY).per_day == 1_000 * 8 // 2
    pruned = (SimpleNamespace(size=40, kept_rows=0),)
    monkeypatch.setattr(JournalReader, "segments", lambda _: pruned)
    assert usage(journal.path, 10**9, 3 * DAY).per_day == 1_000 * 40 // 2
    await journal.close()


async def test_a_disk_that_cannot_be_measured_is_said(
    folder: Path, make_header: Header, make_step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await begin(folder, make_header("r1"), make_step, DAY)

    def gone(_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(shutil, "disk_usage", gone)
    with pytest.raises(JournalError, match=r"cannot be measured \(Input/output error\)"):
        usage(journal.path, 10**9, DAY)
    await journal.close()
