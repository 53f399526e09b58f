"""Checking a journal: which row is the first that was altered, is missing, or is out of place."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec

from tradetui.domain.codec import chain, decode_header, decode_step
from tradetui.storage.database import (
    UnusableFileError,
    close_quietly,
    connect_read_only,
    describe,
)
from tradetui.storage.journal_rows import fill_rows
from tradetui.storage.memory_journal import GENESIS
from tradetui.storage.schema import JOURNAL_SCHEMA


@dataclass(frozen=True)
class Verification:
    """The result of a check; ``fault`` names the first bad row, empty when all is sound."""

    runs: int
    rows: int
    fault: str

    @property
    def is_sound(self) -> bool:
        """Tell whether every row is as it was written."""
        return not self.fault


@dataclass(frozen=True)
class _Run:
    run: int
    run_id: str
    header: bytes
    hash: bytes
    seal: bytes
    first_row: int
    ended_how: str
    last_seq_id: int | None
    last_hash: bytes | None


class _FaultError(Exception):
    """The first bad row; the message says which."""


async def verify(path: Path) -> Verification:
    """Check a whole journal file: SQLite's own structure, every hash, every place, every fill.

    The file is only read. A file that cannot be read at all is a fault too.
    """
    try:
        connection = await connect_read_only(path, JOURNAL_SCHEMA)
    except UnusableFileError as error:
        return Verification(0, 0, str(error))
    checker = _Checker(connection)
    fault = ""
    try:
        await checker.check_structure()
        await checker.check(after_row=0)
    except _FaultError as error:
        fault = f"{path}: {error}"
    except sqlite3.Error as error:
        fault = f"{path}: {describe(error)}, after row {checker.rows}"
    finally:
        await close_quietly(connection)
    return Verification(checker.runs, checker.rows, fault)


async def verify_tail(connection: aiosqlite.Connection, rows: int) -> str | None:
    """Check the newest ``rows`` rows and all runs of an open journal; return the first fault, None
    if there is none.
    """
    newest = list(await connection.execute_fetchall("SELECT coalesce(max(row), 0) FROM steps"))
    try:
        await _Checker(connection).check(after_row=max(int(newest[0][0]) - rows, 0))
    except _FaultError as error:
        return str(error)
    return None


class _Checker:
    """Walks the rows once, in order; raises _FaultError at the first that is wrong."""

    _BATCH = 2_000

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self.runs = 0
        self.rows = 0

    async def check_structure(self) -> None:
        rows = list(await self._connection.execute_fetchall("PRAGMA integrity_check(1)"))
        if rows[0][0] != "ok":
            raise _FaultError(f"is damaged ({str(rows[0][0])[:200]})")

    async def check(self, *, after_row: int) -> None:
        runs = [
            _Run(*row)
            for row in await self._connection.execute_fetchall(
                "SELECT run, run_id, header, hash, seal, first_row, ended_how, last_seq_id, "
                "last_hash FROM runs ORDER BY run"
            )
        ]
        head = GENESIS
        for number, run in enumerate(runs, start=1):
            self.runs = number
            self._check_run(run, number, head)
            end = runs[number].first_row if number < len(runs) else None
            head = await self._check_steps(run, end, after_row)
        await self._check_strays(runs)

    def _check_run(self, run: _Run, number: int, previous: bytes) -> None:
        if run.run != number:
            raise _FaultError(f"run {number} is missing (the next one found is {run.run})")
        if run.hash != chain(GENESIS, run.header):
            raise _FaultError(f"the header of run {run.run_id} was altered")
        if run.seal != chain(previous, run.hash):
            raise _FaultError(
                f"run {run.run_id} does not follow the run before it: rows at that run's end are "
                "missing or were altered"
            )
        try:
            header = decode_header(run.header)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise _FaultError(f"the header of run {run.run_id} cannot be read ({error})") from error
        if header.run_id != run.run_id:
            raise _FaultError(f"the header of run {run.run_id} is that of run {header.run_id}")

    async def _check_steps(self, run: _Run, end: int | None, after_row: int) -> bytes:
        """Check one run's rows after row ``after_row``; return the hash of its last row."""
        row, head = run.first_row, run.hash
        if after_row >= run.first_row:
            kept = await self._hash_at(min(after_row, (end or after_row + 1) - 1))
            if kept is not None:
                row, head = min(after_row, (end or after_row + 1) - 1) + 1, kept
        while batch := await self._batch(row, end):
            for found, seq_id, body, stored, fills in batch:
                if found != row or seq_id != row - run.first_row + 1:
                    raise _FaultError(self._misplaced(run, row, found, seq_id))
                head = chain(head, body)
                if head != stored:
                    raise _FaultError(
                        f"step {seq_id} of run {run.run_id} (row {row}) was altered "
                        "or is out of order"
                    )
                self._check_body(run, row, body, fills)
                row += 1
                self.rows += 1
        self._check_end(run, row, head)
        return head

    def _misplaced(self, run: _Run, row: int, found: int, seq_id: int) -> str:
        wanted = row - run.first_row + 1
        if found != row:
            return f"step {wanted} of run {run.run_id} (row {row}) is missing"
        return f"row {row} of run {run.run_id} holds step {seq_id}, not {wanted}: out of order"

    def _check_end(self, run: _Run, row: int, head: bytes) -> None:
        last = row - run.first_row
        if run.last_seq_id is None:
            return
        if run.last_seq_id != last:
            raise _FaultError(
                f"run {run.run_id} ended at step {run.last_seq_id}, but step {last + 1} is missing"
            )
        if run.last_hash != head:
            raise _FaultError(f"the end of run {run.run_id} was altered (step {last})")

    def _check_body(self, run: _Run, row: int, body: bytes, fills: list[Any]) -> None:
        seq_id = row - run.first_row + 1
        try:
            record = decode_step(body)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise _FaultError(
                f"step {seq_id} of run {run.run_id} cannot be read ({error})"
            ) from error
        if record.event.seq_id != seq_id:
            raise _FaultError(
                f"row {row} of run {run.run_id} holds step {record.event.seq_id}, not {seq_id}"
            )
        if fills != fill_rows(row, record):
            raise _FaultError(f"the fills of step {seq_id} of run {run.run_id} (row {row}) differ")

    async def _hash_at(self, row: int) -> bytes | None:
        rows = list(
            await self._connection.execute_fetchall("SELECT hash FROM steps WHERE row = ?", (row,))
        )
        return rows[0][0] if rows else None

    async def _batch(self, row: int, end: int | None) -> list[tuple[Any, ...]]:
        """Return the next rows with the rows of their fills, in order."""
        stop = row + self._BATCH if end is None else min(end, row + self._BATCH)
        steps = list(
            await self._connection.execute_fetchall(
                "SELECT row, seq_id, body, hash FROM steps WHERE row >= ? AND row < ? ORDER BY row",
                (row, stop),
            )
        )
        if not steps and (end is None or stop < end):
            steps = await self._next_after_gap(row, end)
        fills: Iterator[Any] = iter(
            await self._connection.execute_fetchall(
                "SELECT row, place, seq_id, strategy_id, instrument_id, event_time, body "
                "FROM fills WHERE row >= ? AND row < ? ORDER BY row, place",
                (row, stop),
            )
        )
        by_row = {key: list(group) for key, group in itertools.groupby(fills, lambda fill: fill[0])}
        return [(*step, by_row.get(step[0], [])) for step in steps]

    async def _next_after_gap(self, row: int, end: int | None) -> list[Any]:
        return list(
            await self._connection.execute_fetchall(
                "SELECT row, seq_id, body, hash FROM steps WHERE row >= ? AND row < ? "
                "ORDER BY row LIMIT 1",
                (row, end if end is not None else 2**63 - 1),
            )
        )

    async def _check_strays(self, runs: list[_Run]) -> None:
        first = runs[0].first_row if runs else 2**63 - 1
        rows = list(
            await self._connection.execute_fetchall(
                "SELECT row FROM steps WHERE row < ? "
                "UNION ALL SELECT row FROM fills WHERE row NOT IN (SELECT row FROM steps) LIMIT 1",
                (first,),
            )
        )
        if rows:
            raise _FaultError(f"row {rows[0][0]} belongs to no run or to no step")
