"""The schema of ``journal.db``: runs, steps, their projections, checkpoints, segments."""

from __future__ import annotations

from typing import Final

from tradetui.storage.row_checks import check_sql, line_sql
from tradetui.storage.schema import Migration, Schema

JOURNAL_APPLICATION_ID: Final = 0x54544A4C
"""``TTJL`` in the SQLite header: this is a tradetui journal."""

_JOURNAL_1: Final = (
    """
CREATE TABLE runs (
  run INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  header BLOB NOT NULL,
  hash BLOB NOT NULL,
  seal BLOB NOT NULL,
  first_row INTEGER NOT NULL UNIQUE,
  started_time INTEGER NOT NULL,
  ended_time INTEGER,
  ended_how TEXT NOT NULL DEFAULT 'running' CHECK (ended_how IN ('running', 'clean', 'crashed')),
  last_seq_id INTEGER,
  last_hash BLOB
) STRICT
""",
    """
CREATE TABLE steps (
  row INTEGER PRIMARY KEY,
  seq_id INTEGER NOT NULL CHECK (seq_id > 0),
  body BLOB NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT
""",
    """
CREATE TABLE fills (
  row INTEGER NOT NULL,
  place INTEGER NOT NULL,
  seq_id INTEGER NOT NULL,
  strategy_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  event_time INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (row, place)
) STRICT, WITHOUT ROWID
""",
    """
CREATE TABLE instruments (
  row INTEGER PRIMARY KEY,
  seq_id INTEGER NOT NULL,
  instrument_id TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT
""",
    """
CREATE TABLE equity (
  row INTEGER NOT NULL,
  seq_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  event_time INTEGER NOT NULL,
  currency TEXT NOT NULL,
  equity INTEGER NOT NULL,
  day_pnl INTEGER NOT NULL,
  PRIMARY KEY (row, key)
) STRICT, WITHOUT ROWID
""",
)

_JOURNAL_2: Final = (
    """
CREATE TABLE checkpoints (
  run INTEGER NOT NULL,
  seq_id INTEGER NOT NULL CHECK (seq_id >= 0),
  row INTEGER NOT NULL,
  created_time INTEGER NOT NULL,
  state_hash TEXT NOT NULL CHECK (length(state_hash) = 64),
  anchor BLOB NOT NULL CHECK (length(anchor) = 32),
  body BLOB NOT NULL,
  seal BLOB NOT NULL CHECK (length(seal) = 32),
  PRIMARY KEY (run, seq_id)
) STRICT
""",
    """
CREATE TABLE segments (
  first_row INTEGER PRIMARY KEY,
  last_row INTEGER NOT NULL UNIQUE CHECK (last_row >= first_row),
  hash_before BLOB NOT NULL CHECK (length(hash_before) = 32),
  last_hash BLOB NOT NULL CHECK (length(last_hash) = 32),
  name TEXT NOT NULL UNIQUE,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  bytes INTEGER NOT NULL,
  kept_rows INTEGER NOT NULL,
  pruned_rows INTEGER NOT NULL DEFAULT 0,
  market_bytes INTEGER NOT NULL DEFAULT 0,
  created_time INTEGER NOT NULL,
  pruned_time INTEGER,
  seal BLOB NOT NULL CHECK (length(seal) = 32)
) STRICT
""",
)

RUN_COLUMNS: Final = (
    "run",
    "run_id",
    "first_row",
    "started_time",
    "ended_time",
    "ended_how",
    "last_seq_id",
)
EQUITY_COLUMNS: Final = ("row", "key", "seq_id", "event_time", "currency", "equity", "day_pnl")


def _checked(table: str, columns: tuple[str, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the statements that give every row of a table its check number, now and later."""
    place = " AND ".join(f"{key} = NEW.{key}" for key in keys)
    setting = f"UPDATE {table} SET check_number = {check_sql(line_sql(columns, 'NEW.'))}"
    return (
        f"ALTER TABLE {table} ADD COLUMN check_number INTEGER NOT NULL DEFAULT 0",
        f"UPDATE {table} SET check_number = {check_sql(line_sql(columns, f'{table}.'))}",
        f"""
CREATE TRIGGER {table}_added AFTER INSERT ON {table}
BEGIN {setting} WHERE {place}; END
""",
        f"""
CREATE TRIGGER {table}_changed AFTER UPDATE OF {", ".join(columns)} ON {table}
BEGIN {setting} WHERE {place}; END
""",
    )


_JOURNAL_3: Final = (
    *_checked("runs", RUN_COLUMNS, ("run",)),
    *_checked("equity", EQUITY_COLUMNS, ("row", "key")),
)

JOURNAL_SCHEMA: Final = Schema(
    "journal",
    JOURNAL_APPLICATION_ID,
    (Migration(1, _JOURNAL_1), Migration(2, _JOURNAL_2), Migration(3, _JOURNAL_3)),
)
