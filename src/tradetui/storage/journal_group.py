"""Rows that become durable together, and the one transaction that makes them so."""

from __future__ import annotations

import sqlite3
from typing import Final

import aiosqlite

from tradetui.storage.checkpoint_rows import CHECKPOINT_SQL, CheckpointRow
from tradetui.storage.database import in_one_go
from tradetui.storage.journal_rows import (
    EQUITY_SQL,
    FILL_SQL,
    INSTRUMENT_SQL,
    STEP_SQL,
    Rows,
    StepRow,
)

NEWEST_KEPT: Final = 3
"""So many of a run's newest checkpoints are kept; of the older ones the opening, and one for each
``KEPT_EVERY`` steps."""
KEPT_EVERY: Final = 50_000
THIN_OUT_SQL: Final = (
    "DELETE FROM checkpoints WHERE run = :run AND seq_id > :opening AND seq_id NOT IN ("
    f"SELECT seq_id FROM checkpoints WHERE run = :run ORDER BY seq_id DESC LIMIT {NEWEST_KEPT}) "
    "AND seq_id NOT IN (SELECT min(seq_id) FROM checkpoints WHERE run = :run "
    f"AND seq_id > :opening GROUP BY seq_id / {KEPT_EVERY})"
)


class Group:
    """Rows that become durable together."""

    __slots__ = ("equity", "fills", "instruments", "steps")

    def __init__(self) -> None:
        self.steps: list[StepRow] = []
        self.fills: Rows = []
        self.instruments: Rows = []
        self.equity: Rows = []

    def is_empty(self) -> bool:
        return not (self.steps or self.equity)

    def extend(self, other: Group) -> None:
        self.steps += other.steps
        self.fills += other.fills
        self.instruments += other.instruments
        self.equity += other.equity


async def write_group(connection: aiosqlite.Connection, group: Group) -> None:
    """Write a group in one transaction; raises sqlite3.Error, and then none of it is there, unless
    the commit itself reports the error.
    """
    await in_one_go(connection, lambda database: _write(database, group))


def _write(database: sqlite3.Connection, group: Group) -> None:
    database.execute("BEGIN IMMEDIATE")
    try:
        database.executemany(STEP_SQL, group.steps)
        if group.fills:
            database.executemany(FILL_SQL, group.fills)
        if group.instruments:
            database.executemany(INSTRUMENT_SQL, group.instruments)
        if group.equity:
            database.executemany(EQUITY_SQL, group.equity)
        database.execute("COMMIT")
    except sqlite3.Error:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


async def write_checkpoint(
    connection: aiosqlite.Connection, row: CheckpointRow, opening: int
) -> None:
    """Write a checkpoint, and drop older ones that nobody needs; raises sqlite3.Error."""
    await connection.execute("BEGIN IMMEDIATE")
    try:
        await connection.execute(CHECKPOINT_SQL, row.values())
        await connection.execute(THIN_OUT_SQL, {"run": row.run, "opening": opening})
        await connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            await connection.execute("ROLLBACK")
        raise
