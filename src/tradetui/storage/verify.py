"""Checking a journal: every row, header, seal, fill, checkpoint and segment; what is wrong is
named.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiosqlite

from tradetui.ports.journal import JournalError
from tradetui.storage.database import UnusableFileError, describe
from tradetui.storage.reader import connect
from tradetui.storage.row_source import RowSource
from tradetui.storage.verify_parts import check_checkpoints, check_numbers, check_segments
from tradetui.storage.verify_rows import Anchor, EnoughError, Fault, Faults, RowChecker

MOST_FAULTS: Final = 20
"""A full check stops after so many: what follows is most often the same damage again."""


@dataclass(frozen=True)
class Verification:
    """The result of a check; ``faults`` is empty when all is sound.

    ``rows`` counts the rows whose bodies were checked, ``pruned`` those whose bodies are no longer
    kept.
    """

    path: Path
    runs: int
    rows: int
    pruned: int = 0
    segments: int = 0
    checkpoints: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Tell whether every row is as it was written."""
        return not self.faults

    @property
    def fault(self) -> str:
        """The first fault, with the file; empty when all is sound."""
        return f"{self.path}: {self.faults[0].what}" if self.faults else ""


async def verify(path: Path) -> Verification:
    """Check a whole journal; see ``verify_file``."""
    return await asyncio.to_thread(verify_file, path)


def verify_file(path: Path) -> Verification:
    """Check a whole journal: SQLite's own structure, every hash, every place, every fill, every
    checkpoint, every archived segment.

    The files are only read. A file that cannot be read at all is a fault too.
    """
    try:
        connection = connect(path)
    except UnusableFileError as error:
        return Verification(path, 0, 0, faults=(Fault(error.what),))
    with contextlib.closing(connection):
        try:
            source = RowSource(connection, path)
        except JournalError as error:
            return Verification(path, 0, 0, faults=(Fault(_without(path, error)),))
        faults = Faults(MOST_FAULTS)
        rows = RowChecker(source, faults)
        segments = checkpoints = 0
        with contextlib.suppress(EnoughError):
            _guard(path, faults, lambda: _check_structure(connection, faults))
            _guard(path, faults, rows.check)
            segments = _guard(path, faults, lambda: check_segments(source, faults))
            checkpoints = _guard(path, faults, lambda: check_checkpoints(source, faults))
            _guard(path, faults, lambda: check_numbers(source, faults))
    return Verification(
        path, rows.runs, rows.rows, rows.pruned, segments, checkpoints, tuple(faults.found)
    )


def verify_from(path: Path, anchor: Anchor | None) -> str | None:
    """Check what follows an anchor: all runs' headers and seals, and every row after it; return the
    first fault, None if there is none.

    The anchor is the ``(row, hash)`` of a sound checkpoint; None checks from the first row in the
    file. Archived rows before it are left to ``verify``. Raises UnusableFileError if the file
    cannot be opened.
    """
    with contextlib.closing(connect(path)) as connection:
        faults = Faults(1)
        with contextlib.suppress(EnoughError):
            _guard(path, faults, lambda: _rows_after(RowSource(connection, path), faults, anchor))
    return faults.found[0].what if faults.found else None


async def verify_tail(connection: aiosqlite.Connection, rows: int) -> str | None:
    """Check the newest ``rows`` rows and all runs of an open journal; return the first fault, None
    if there is none.
    """
    files = list(await connection.execute_fetchall("PRAGMA database_list"))
    path = Path(files[0][2])
    anchors = list(
        await connection.execute_fetchall(
            "SELECT row, hash FROM steps WHERE row <= (SELECT max(row) FROM steps) - ? "
            "ORDER BY row DESC LIMIT 1",
            (rows,),
        )
    )
    anchor = Anchor(*anchors[0]) if anchors else None
    return await asyncio.to_thread(verify_from, path, anchor)


def _rows_after(source: RowSource, faults: Faults, anchor: Anchor | None) -> int:
    if anchor is None:
        archived = source.segments()
        if archived:
            anchor = Anchor(archived[-1].last_row, archived[-1].last_hash)
    return RowChecker(source, faults).check(anchor)


def _check_structure(connection: sqlite3.Connection, faults: Faults) -> int:
    rows = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if rows[0][0] != "ok":
        faults.add(Fault(f"is damaged ({str(rows[0][0])[:200]})"))
    return len(rows)


def _guard(path: Path, faults: Faults, check: Callable[[], int]) -> int:
    """Run one check; what cannot be read is a fault, and the next check still has its turn."""
    try:
        return check()
    except sqlite3.Error as error:
        faults.add(Fault(describe(error)))
    except JournalError as error:
        faults.add(Fault(_without(path, error)))
    except UnicodeDecodeError:  # also of SQLite's own messages, which quote what is damaged
        faults.add(Fault("is damaged (its text is not UTF-8)"))
    return 0


def _without(path: Path, error: JournalError) -> str:
    return str(error).removeprefix(f"{path}: ")
