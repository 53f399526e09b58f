"""A journal verified in a process of its own: the same answer, and nothing of it is left."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.journal import JournalError
from tradetui.storage import verify_apart as module
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.verify import verify_file
from tradetui.storage.verify_apart import verify_apart


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
    before = children()
    task = asyncio.create_task(verify_apart(path))
    while len(children()) == len(before):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == before
