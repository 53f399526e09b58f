"""Ending, in the file, a run that was cut off: whoever merges its ``-wal`` in does so."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from tradetui.ports.journal import JournalError
from tradetui.storage.database import describe
from tradetui.storage.reader import JournalReader


def end_cut_off_run(journal: Path) -> None:
    """Note of the newest run that it was cut off, and after which step, if it has no end yet; only
    while no engine has the journal open. Raises JournalError.

    Otherwise the next start would miss the ``-wal`` that a crash leaves.
    """
    if not journal.exists():
        return
    with JournalReader(journal) as reader:
        runs = reader.runs()
    if not runs or runs[-1].ended_how != "running":
        return
    last = runs[-1]
    try:
        with contextlib.closing(sqlite3.connect(journal)) as connection, connection:
            connection.execute(
                "UPDATE runs SET ended_how = 'crashed', last_seq_id = ?, last_hash = ? "
                "WHERE run_id = ?",
                (last.steps, bytes.fromhex(last.head), last.run_id),
            )
    except sqlite3.Error as error:
        raise JournalError(f"{journal.name}: {describe(error)}") from error
