"""A journal verified in a process of its own: the same answer, and nothing of it is left."""

from __future__ import annotations

import asyncio
import io
import pickle
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.journal import JournalError
from tradetui.storage import row_source
from tradetui.storage import verify_apart as module
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.row_source import RowSource
from tradetui.storage.segment_file import KeptRow
from tradetui.storage.verify import verify_file
from tradetui.storage.verify_apart import verify_apart

TABLES = ("steps", "fills")


@pytest.fixture
async def path(
    folder: Path,
    make_header: Callable[..., JournalHeader],
    make_step: Callable[..., StepRecord],
) -> Path:
    journal = await SqliteJournal.open(folder, make_header())
    for seq_id in range(1, 41):
        journal.append(make_step(seq_id, fills=seq_id % 2))
    await journal.close()
    return folder / "journal.db"


def flip(path: Path, row: int) -> None:
    """Flip one bit of a step's body."""
    with sqlite3.connect(path) as connection:
        (body,) = connection.execute("SELECT body FROM steps WHERE row = ?", (row,)).fetchone()
        changed = body[:-3] + bytes([body[-3] ^ 4]) + body[-2:]
        connection.execute("UPDATE steps SET body = ? WHERE row = ?", (changed, row))
    connection.close()


async def test_what_an_engine_writes_during_a_check_is_no_damage(
    folder: Path,
    make_header: Callable[..., JournalHeader],
    make_step: Callable[..., StepRecord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = await SqliteJournal.open(folder, make_header())
    for seq_id in range(1, 81):
        journal.append(make_step(seq_id, fills=1))
    await journal.commit()
    path = folder / "copy" / "journal.db"
    path.parent.mkdir(mode=0o700)
    with sqlite3.connect(folder / "journal.db") as source, sqlite3.connect(path) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = WAL")
    source.close()
    copy.close()
    await journal.close()
    path.chmod(0o600)

    def moved(sql: str) -> list[list[tuple[object, ...]]]:
        with sqlite3.connect(path) as writer:
            kept = [writer.execute(f"SELECT * FROM {t} WHERE row > 40").fetchall() for t in TABLES]
            for table in TABLES:
                writer.execute(f"{sql} FROM {table} WHERE row > 40")
        writer.close()
        return kept

    later = moved("DELETE")
    batches = []
    read_batch = RowSource._batch

    def engine_writes(self: RowSource, row: int, end_row: int) -> list[KeptRow]:
        batches.append(row)
        if len(batches) == 2:
            with sqlite3.connect(path) as writer:
                for table, rows in zip(TABLES, later, strict=True):
                    marks = ", ".join("?" * len(rows[0]))
                    writer.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            writer.close()
        return read_batch(self, row, end_row)

    monkeypatch.setattr(row_source, "BATCH", 10)
    monkeypatch.setattr(RowSource, "_batch", engine_writes)
    found = verify_file(path)
    assert (found.faults, found.rows) == ((), 40)
    assert verify_file(path).rows == 80


def children() -> list[psutil.Process]:
    return psutil.Process().children()


async def test_it_finds_what_a_check_here_finds(path: Path) -> None:
    flip(path, 7)
    found = await verify_apart(path)
    assert found == verify_file(path)
    assert found.faults[0].seq_id == 7


async def test_a_check_that_could_not_be_made_says_nothing_of_the_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_START", "import sys; sys.exit('out of\\x1b memory')")
    with pytest.raises(JournalError) as caught:
        await verify_apart(path)
    said = str(caught.value)
    assert said == (f"{path}: not verified: the process for it ended with 1: out of? memory")
    monkeypatch.setattr(module, "_START", "import os; os._exit(3)")
    with pytest.raises(JournalError, match="ended with 3: it said nothing"):
        await verify_apart(path)
    monkeypatch.setattr(sys, "executable", str(path.parent / "nothing"))
    with pytest.raises(JournalError, match=r"not verified: no process for it \(No such file"):
        await verify_apart(path)


async def test_cancelled_it_leaves_no_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_START", "import time; time.sleep(600)")
    listening = asyncio.Event()
    communicate = asyncio.subprocess.Process.communicate

    async def told(self: asyncio.subprocess.Process) -> tuple[bytes, bytes]:
        listening.set()
        return await communicate(self)

    monkeypatch.setattr(asyncio.subprocess.Process, "communicate", told)
    before = children()
    task = asyncio.create_task(verify_apart(path))
    await listening.wait()
    assert len(children()) == len(before) + 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == before


async def test_cancelled_while_it_begins_it_leaves_no_process(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_START", "import time; time.sleep(600)")
    before = children()
    task = asyncio.create_task(verify_apart(path))
    while len(children()) == len(before):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == before


def test_the_child_steps_back_and_answers_with_what_it_found(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps_back: list[int] = []
    monkeypatch.setattr(module.os, "nice", steps_back.append)
    answer = io.BytesIO()
    module.serve(str(path), answer)
    assert pickle.loads(answer.getvalue()) == verify_file(path)
    assert steps_back == [module.LOWEST]
