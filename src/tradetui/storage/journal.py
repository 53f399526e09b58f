"""The Journal on ``journal.db``: append in memory, commit in groups, never lose or double a row."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from tradetui.domain.codec import chain_all, encode_step
from tradetui.domain.market_data import InstrumentUpdated
from tradetui.domain.steps import JournalHeader, StepRecord
from tradetui.ports.history import EquityPoint
from tradetui.ports.journal import JournalError, JournalStalledError, MadeCheckpoint
from tradetui.storage.checkpoint_rows import CheckpointRow
from tradetui.storage.database import close_quietly, describe, is_damage
from tradetui.storage.journal_db import (
    JournalFile,
    OpenJournal,
    Quarantine,
    begin_run,
    open_journal,
)
from tradetui.storage.journal_group import Group, write_checkpoint, write_group
from tradetui.storage.journal_reads import JournalReads
from tradetui.storage.journal_rows import equity_row, fill_rows, instrument_row

T = TypeVar("T")

BUSY_TIMEOUT_MS: Final = 1_000


class SqliteJournal(JournalReads):
    """Implements ``ports.journal.Journal``.

    ``append`` encodes and chains in memory; ``commit`` writes all that was appended in one
    transaction on the database's own thread, unharmed by the caller's cancellation. When the disk
    is full or the file locked, JournalStalledError is raised and every row is kept for the next
    commit.
    """

    def __init__(self, journal: OpenJournal, header: JournalHeader, now: Callable[[], int]) -> None:
        super().__init__(journal.connection, journal.path)
        self._run = journal.run
        self._offset = journal.first_row - 1 - header.opening_seq
        self._quarantine = journal.quarantine
        self._notice = journal.notice
        self._header = header
        self._now = now
        self._hash = journal.hash
        self._appended = header.opening_seq
        self._watermark = header.opening_seq
        self._durable_hash = journal.hash
        self._unchained: list[bytes] = []
        self._pending = Group()
        self._writing = Group()
        self._failed = False
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[int]] = set()
        self._closed = False
        self._aside = ThreadPoolExecutor(1, "journal aside")
        """One thread for all that is dear: the C library keeps, for each thread that ever worked,
        the most memory that it had."""

    @classmethod
    async def open(
        cls,
        folder: Path,
        header: JournalHeader,
        *,
        now: Callable[[], int] = time.time_ns,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
    ) -> SqliteJournal:
        """Begin the run of ``header`` in the folder's journal; see ``quarantine`` afterwards.

        Raises JournalError if the file cannot be used, StoreError if the folder cannot.
        """
        file = await open_journal(folder, busy_timeout_ms=busy_timeout_ms)
        return await cls.begin(file, header, now=now)

    @classmethod
    async def begin(
        cls,
        file: JournalFile,
        header: JournalHeader,
        *,
        opening: MadeCheckpoint | None = None,
        now: Callable[[], int] = time.time_ns,
    ) -> SqliteJournal:
        """Begin the run of ``header`` in an open file; ``opening`` is what it carries on.

        Raises JournalError, with the file closed, if that cannot be written.
        """
        opened = await begin_run(file, header, now=now(), opening=opening)
        return cls(opened, header, now)

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self._path

    @property
    def header(self) -> JournalHeader:
        """What this run began with."""
        return self._header

    @property
    def quarantine(self) -> Quarantine | None:
        """The damaged journal that was put aside at the start, None if there was none."""
        return self._quarantine

    @property
    def notice(self) -> str:
        """What a person should know of the run before this one, empty when nothing."""
        return self._notice

    @property
    def watermark(self) -> int:
        return self._watermark

    @property
    def head(self) -> str:
        self._chain()
        return self._hash.hex()

    def append(self, record: StepRecord) -> bytes:
        seq_id = record.event.seq_id
        assert seq_id == self._appended + 1
        assert not self._closed
        self._appended = seq_id
        body = encode_step(record)
        self._unchained.append(body)
        if record.result.fills:
            self._pending.fills += fill_rows(self._offset + seq_id, record)
        if type(record.event.payload) is InstrumentUpdated:
            self._pending.instruments.append(instrument_row(self._offset + seq_id, record))
        return body

    def note_equity(self, point: EquityPoint) -> None:
        """Take a point of the equity curve; it becomes durable with the steps appended so far."""
        self._pending.equity.append(equity_row(self._offset + point.seq_id, point))

    async def put_checkpoint(self, made: MadeCheckpoint, chain_hash: str) -> None:
        """Store a checkpoint of a step that was appended; ``chain_hash`` is the head after it.

        Waits until that step is durable, and drops older checkpoints that nobody needs. Raises
        JournalError when it cannot be written; then there is one checkpoint less, and no harm.
        """
        if self._closed:
            return
        pack = partial(
            CheckpointRow.pack,
            run=self._run,
            seq_id=made.seq_id,
            row=self._offset + made.seq_id,
            created_time=made.created_time,
            state_hash=made.state_hash,
            anchor=bytes.fromhex(chain_hash),
            body=made.body,
        )
        row = await self.aside(pack)
        if self._watermark < made.seq_id:
            await self.commit()
        task = asyncio.ensure_future(self._write_checkpoint(row))
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        await asyncio.shield(task)

    async def commit(self) -> int:
        task = asyncio.ensure_future(self._write())
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Commit, mark a clean stop and close.

        Raises JournalStalledError, and stays open, if the last rows cannot be written: call again,
        or ``abandon``.
        """
        if self._closed:
            return
        await self.commit()
        task = asyncio.ensure_future(self._end_run())
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        await asyncio.shield(task)

    async def abandon(self) -> None:
        """Close without a clean stop; what was not committed is lost, as in a crash. A second call,
        or one after ``close``, does nothing.
        """
        if self._closed:
            return
        try:
            while self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            self._closed = True
            self._aside.shutdown(wait=False)
            await close_quietly(self._connection)

    async def aside(self, work: Callable[[], T]) -> T:
        """Run a piece of work in the journal's own second thread, one after the other; raises
        JournalError when the journal is closed.
        """
        if self._closed:
            raise JournalError(f"{self._path}: is closed")
        return await asyncio.get_running_loop().run_in_executor(self._aside, work)

    async def execute(self, sql: str, parameters: tuple[Any, ...]) -> int:
        """Execute one statement between two commits, unharmed by the caller's cancellation; return
        how many rows it changed.

        For what else the engine writes to the file. Raises JournalError when that cannot be done
        now; then nothing of it was.
        """
        task = asyncio.ensure_future(self._execute(sql, parameters))
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def _chain(self) -> None:
        """Hash what was appended since the last time; in batches, which costs less for each."""
        bodies = self._unchained
        if not bodies:
            return
        hashes = chain_all(self._hash, bodies)
        first = self._appended - len(bodies) + 1
        offset = self._offset
        self._pending.steps += [
            (offset + seq_id, seq_id, body, digest)
            for seq_id, (body, digest) in enumerate(zip(bodies, hashes, strict=True), start=first)
        ]
        self._hash = hashes[-1]
        bodies.clear()

    def _finished(self, task: asyncio.Task[int]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # a caller that was cancelled will not ask for it

    async def _write(self) -> int:
        async with self._lock:
            self._chain()
            group, self._pending = self._pending, Group()
            self._writing.extend(group)
            if self._writing.is_empty():
                return self._watermark
            try:
                await self._transact(self._writing)
            except sqlite3.Error as error:
                self._failed = True
                raise self._stalled(error) from error
            self._failed = False
            written, self._writing = self._writing, Group()
            if written.steps:
                self._watermark = written.steps[-1][1]
                self._durable_hash = written.steps[-1][3]
            return self._watermark

    async def _end_run(self) -> int:
        async with self._lock:
            if self._closed:
                return self._watermark
            try:
                await self._connection.execute(
                    "UPDATE runs SET ended_how = 'clean', ended_time = ?, last_seq_id = ?, "
                    "last_hash = ? WHERE run = ?",
                    (self._now(), self._watermark, self._durable_hash, self._run),
                )
            except sqlite3.Error as error:
                raise self._stalled(error) from error
            self._closed = True
            self._aside.shutdown(wait=False)
            await close_quietly(self._connection)
            return self._watermark

    async def _transact(self, group: Group) -> None:
        connection = self._connection
        if connection.in_transaction:
            await connection.execute("ROLLBACK")
        if self._failed and await self._is_durable(group):
            return
        await write_group(connection, group)

    async def _is_durable(self, group: Group) -> bool:
        """After a failure: tell whether the failed transaction reached the disk after all.

        A commit that reports an error may have happened. Rows of ours that are there and are the
        same must not be written twice; then only the rest is left in ``group``.
        """
        rows = list(
            await self._connection.execute_fetchall(
                "SELECT row, hash FROM steps WHERE row > ? ORDER BY row",
                (self._offset + self._watermark,),
            )
        )
        ours = [(row, digest) for row, _, _, digest in group.steps[: len(rows)]]
        if [tuple(row) for row in rows] != ours:
            raise JournalError(f"{self._path}: holds rows that this run did not write; stop here")
        if rows:
            last = rows[-1][0]
            group.steps = group.steps[len(rows) :]
            group.fills = [fill for fill in group.fills if fill[0] > last]
            group.instruments = [row for row in group.instruments if row[0] > last]
            self._watermark = last - self._offset
            self._durable_hash = rows[-1][1]
        return group.is_empty()

    async def _write_checkpoint(self, row: CheckpointRow) -> int:
        connection = self._connection
        async with self._lock:
            if self._closed or self._failed:
                return self._watermark
            try:
                await write_checkpoint(connection, row, self._header.opening_seq)
            except sqlite3.Error as error:
                raise JournalError(f"{self._path}: {describe(error)}") from error
            return self._watermark

    async def _execute(self, sql: str, parameters: tuple[Any, ...]) -> int:
        async with self._lock:
            if self._closed or self._failed:
                raise JournalError(f"{self._path}: cannot be written now")
            try:
                cursor = await self._connection.execute(sql, parameters)
            except sqlite3.Error as error:
                raise JournalError(f"{self._path}: {describe(error)}") from error
            return cursor.rowcount

    def _stalled(self, error: sqlite3.Error) -> JournalError:
        if is_damage(error):
            return JournalError(
                f"{self._path}: {describe(error)}; nothing more is written; stop, and start again: "
                "the damaged file will be put aside"
            )
        return JournalStalledError(
            f"{self._path}: {describe(error)}; steps after {self._watermark} wait, and nothing is "
            "done until they are written"
        )
