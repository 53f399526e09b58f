"""No look at a database may take SQLite's locks from it."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.storage.database import DamagedFileError
from tradetui.storage.held_files import holding, is_held
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.reader import JournalReader, connect
from tradetui.storage.verify import verify

OTHER_PROCESS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT count(*) FROM steps").fetchone()[0])
connection.close()
"""


def look_from_outside(path: Path) -> int:
    """Open the database in another process as a person would with the ``sqlite3`` shell."""
    command = [sys.executable, "-c", OTHER_PROCESS, str(path)]
    return int(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)


async def test_nothing_is_lost_though_a_reader_came_and_another_process_looked(
    folder: Path,
    make_header: Callable[..., JournalHeader],
    make_step: Callable[..., StepRecord],
) -> None:
    journal = await SqliteJournal.open(folder, make_header())
    path = folder / "journal.db"
    journal.append(make_step(1))
    await journal.commit()
    with JournalReader(path) as reader:
        assert len(reader.runs()) == 1
    assert look_from_outside(path) == 1
    assert (folder / "journal.db-wal").exists()
    journal.append(make_step(2))
    await journal.commit()
    assert look_from_outside(path) == 2
    await journal.close()
    found = await verify(path)
    assert found.is_sound
    assert found.rows == 2


async def test_a_file_counts_as_held_until_its_last_connection_is_closed(
    folder: Path, make_header: Callable[..., JournalHeader]
) -> None:
    path = folder / "journal.db"
    journal = await SqliteJournal.open(folder, make_header())
    assert is_held(path)
    link = folder / "another-name.db"
    link.hardlink_to(path)
    assert is_held(link)
    other = folder / "other.db"
    other.write_bytes(path.read_bytes())
    assert not is_held(other)
    reader = JournalReader(path)
    await journal.close()
    assert is_held(path)
    reader.close()
    assert not is_held(path)


def test_a_connection_that_is_given_up_lets_its_file_go(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    path.touch()
    sqlite3.connect(path, factory=holding(path)).close()
    assert not is_held(path)
    with pytest.raises(FileNotFoundError):
        is_held(tmp_path / "none.db")


async def test_a_file_that_is_not_held_is_inspected(
    folder: Path, make_header: Callable[..., JournalHeader]
) -> None:
    journal = await SqliteJournal.open(folder, make_header())
    await journal.close()
    path = folder / "journal.db"
    path.write_bytes(b"something else")
    with pytest.raises(DamagedFileError), contextlib.closing(connect(path)):
        pass
