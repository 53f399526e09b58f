"""Whoever opens a database closes it again when the opening fails or is cancelled, at whatever
step; what is closed is closed, also where that is cancelled.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from tests.support.connections import OpenConnections

from tradetui.domain.enums import RunMode
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.journal import JournalError
from tradetui.ports.store import StoreError
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import SqliteJournal
from tradetui.storage.journal_db import open_journal, quarantine_journal
from tradetui.storage.probe import FolderProbe
from tradetui.storage.schema import Schema
from tradetui.storage.state_db import StateDatabase
from tradetui.storage.state_schema import STATE_SCHEMA

BEFORE = Schema("state", STATE_SCHEMA.application_id, STATE_SCHEMA.migrations[:-1])
FAULTS = {"cancelled": asyncio.CancelledError(), "disk": sqlite3.OperationalError("disk I/O error")}
Opened = SqliteInstanceStore | SqliteJournal | None
Opener = Callable[[Path, JournalHeader], Awaitable[Opened]]


async def new_store(folder: Path, _: JournalHeader) -> Opened:
    return await SqliteInstanceStore.open(folder / "new", RunMode.PAPER)


async def old_store(folder: Path, _: JournalHeader) -> Opened:
    return await SqliteInstanceStore.open(folder / "old", RunMode.PAPER)


async def store_to_read(folder: Path, _: JournalHeader) -> Opened:
    return await SqliteInstanceStore.open_to_read(folder / "sound", RunMode.PAPER)


async def probed_old_store(folder: Path, _: JournalHeader) -> Opened:
    await FolderProbe().check_state(folder / "old")
    return None


async def journal(folder: Path, header: JournalHeader) -> Opened:
    return await SqliteJournal.open(folder / "sound", header)


async def journal_put_aside(folder: Path, header: JournalHeader) -> Opened:
    file = await open_journal(folder / "sound", busy_timeout_ms=50)
    return await SqliteJournal.begin(await quarantine_journal(file, "odd"), header)


class FaultAt:
    """Raises a fault in the n-th step that a database is asked for."""

    def __init__(self, n: int, fault: BaseException, patched: pytest.MonkeyPatch) -> None:
        self.left = n
        execute = aiosqlite.Connection._execute

        async def counted(connection: aiosqlite.Connection, *words: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                raise fault
            return await execute(connection, *words, **options)  # type: ignore[no-untyped-call]

        patched.setattr(aiosqlite.Connection, "_execute", counted)


async def prepare(folder: Path, header: JournalHeader) -> None:
    """Make a sound folder, and one of the schema before."""
    await (await SqliteInstanceStore.open(folder / "sound", RunMode.PAPER)).close()
    first = await SqliteJournal.open(folder / "sound", header)
    await first.abandon()
    (folder / "sound" / "journal.db-wal").unlink(missing_ok=True)
    await (await StateDatabase.open(folder / "old", RunMode.PAPER, schema=BEFORE)).close()


async def close(opened: Opened) -> None:
    if isinstance(opened, SqliteJournal):
        await opened.abandon()
    elif opened is not None:
        await opened.close()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "opener",
    [new_store, old_store, store_to_read, probed_old_store, journal, journal_put_aside],
)
async def test_an_opening_that_fails_leaves_nothing_open(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make_header: Callable[..., JournalHeader],
    opener: Opener,
    fault: str,
) -> None:
    await prepare(tmp_path / "0", make_header("r1"))
    connections = OpenConnections()
    monkeypatch.setattr(aiosqlite, "connect", connections.connect)
    failed = 0
    for n in range(1, 1_000):
        folder = tmp_path / str(n)
        shutil.copytree(tmp_path / "0", folder)
        opened = None
        with monkeypatch.context() as patched:
            at = FaultAt(n, FAULTS[fault], patched)
            try:
                opened = await opener(folder, make_header("r2"))
            except (asyncio.CancelledError, StoreError, JournalError):
                failed += 1
        await close(opened)
        assert connections.close_left() == 0, n
        shutil.rmtree(folder)
        if at.left > 0:
            break
    assert failed > 5


async def test_a_closing_that_is_cancelled_closes(
    folder: Path, make_header: Callable[..., JournalHeader], make_step: Callable[..., StepRecord]
) -> None:
    store = await SqliteInstanceStore.open(folder, RunMode.PAPER)
    journal = await SqliteJournal.open(folder, make_header())
    journal.append(make_step(1))
    writing = [
        asyncio.ensure_future(store.audit("look", "btc", "", actor="anna", done=True)),
        asyncio.ensure_future(journal.commit()),
    ]
    await asyncio.sleep(0)
    closing = [asyncio.ensure_future(store.close()), asyncio.ensure_future(journal.abandon())]
    await asyncio.sleep(0)
    for task in closing:
        task.cancel()
    await asyncio.gather(*closing, *writing, return_exceptions=True)
