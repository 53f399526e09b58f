"""What came of a run: its own fills, and by how much its accounts moved."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tradetui.domain.ids import RunId
from tradetui.storage.journal_schema import JOURNAL_SCHEMA
from tradetui.storage.row_source import RowSource
from tradetui.storage.run_results import RunResult

_EQUITY = (
    (2, "main", "USD", 1_000),
    (2, "other", "EUR", 50),
    (7, "main", "USD", 1_300),
    (12, "main", "USD", 1_250),
    (14, "third", "USD", 70),
    (15, "third", "USD", 75),
)


def test_an_account_begins_with_what_it_had_before(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    connection.execute(f"PRAGMA user_version = {JOURNAL_SCHEMA.version}")
    connection.execute("CREATE TABLE segments (number INTEGER)")
    connection.execute("CREATE TABLE fills (row INTEGER, place INTEGER)")
    connection.execute("CREATE TABLE equity (row INTEGER, key TEXT, currency TEXT, equity INTEGER)")
    connection.executemany("INSERT INTO equity VALUES (?, ?, ?, ?)", _EQUITY)
    connection.executemany("INSERT INTO fills VALUES (?, 0)", [(3,), (7,), (12,)])
    source = RowSource(connection, tmp_path / "journal.db")
    first = RunResult.of(RunId("r1"), 1, 10, source)
    second = RunResult.of(RunId("r2"), 10, 20, source)
    empty = RunResult.of(RunId("r3"), 20, 30, source)
    connection.close()
    assert (first.fills, first.changes) == (2, (("EUR", 0), ("USD", 300)))
    assert (second.fills, second.changes) == (1, (("USD", -45),))
    assert (empty.fills, empty.changes) == (0, ())
