"""The histories of ``state.db``: who did what (``audit``), and every change of mode.

They are only ever added to. Each row carries a check number, and numbers have no gaps; so a row
that was altered on the disk, or is missing, is found and shown as such. Unlike a damaged record it
never stops a start: nothing is decided by what is history. (A database of the first schema, which
only ``doctor`` sees, has no check numbers: nothing is found in it.)
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.ports.store import AuditEntry, ModeChange
from tradetui.storage.record_rows import is_sound
from tradetui.storage.state_db import Row, StateDatabase
from tradetui.storage.state_schema import AUDIT_COLUMNS, MODE_COLUMNS

ALTERED: Final = "(altered on the disk) "
"""What the text of an entry begins with that is not what was written."""

CHECKED_AT_OPEN: Final = 5_000
"""So many of the newest rows of each history are checked at a start; ``journal verify`` checks
all."""

_BATCH: Final = 1_000
_CHECKED_SINCE: Final = 2
"""The schema version that brought the check numbers."""
_TABLES: Final = (("audit", AUDIT_COLUMNS), ("mode_history", MODE_COLUMNS))


async def audit_entries(database: StateDatabase, limit: int) -> tuple[AuditEntry, ...]:
    """Return the newest entries of the audit, oldest first."""
    columns = await _columns(database, AUDIT_COLUMNS)
    rows = await database.read(
        f"SELECT {columns} FROM audit ORDER BY number DESC LIMIT ?", (limit,)
    )
    return tuple(
        AuditEntry(row[1], row[2], row[3], row[4], _marked(row, row[5]), bool(row[6]))
        for row in reversed(rows)
    )


async def mode_changes(database: StateDatabase, strategy_id: StrategyId) -> tuple[ModeChange, ...]:
    """Return the changes of mode of one instance, oldest first."""
    columns = await _columns(database, MODE_COLUMNS)
    rows = await database.read(
        f"SELECT {columns} FROM mode_history WHERE id = ? ORDER BY number",
        (strategy_id,),
    )
    return tuple(
        ModeChange(
            StrategyId(row[1]),
            None if row[2] is None else InstanceMode(row[2]),
            InstanceMode(row[3]),
            row[4],
            _marked(row, row[5]),
        )
        for row in rows
    )


async def history_faults(database: StateDatabase, newest: int | None = None) -> tuple[str, ...]:
    """Check the ``newest`` rows of both histories (None: all); return a sentence for each fault."""
    found: list[str] = []
    for table, columns in _TABLES:
        found += await _faults(database, table, columns, newest)
    return tuple(found)


async def _faults(
    database: StateDatabase, table: str, columns: tuple[str, ...], newest: int | None
) -> list[str]:
    last = (await database.read(f"SELECT coalesce(max(number), 0) FROM {table}"))[0][0]
    number = 0 if newest is None else max(last - newest, 0)
    wanted = await _columns(database, columns)
    found = []
    while rows := await database.read(
        f"SELECT {wanted} FROM {table} WHERE number > ? ORDER BY number LIMIT {_BATCH}",
        (number,),
    ):
        for row in rows:
            if row[0] != number + 1:
                missing = f"row {number + 1}" + (f" to {row[0] - 1}" if row[0] > number + 2 else "")
                found.append(f"{database.path}: {missing} of {table} is missing")
            number = row[0]
            if _is_altered(row):
                found.append(f"{database.path}: row {number} of {table} is not what was written")
    return found


async def _columns(database: StateDatabase, columns: tuple[str, ...]) -> str:
    """Return what to select: the columns and the check number, NULL where there is none yet."""
    version = (await database.read("PRAGMA user_version"))[0][0]
    check = "check_number" if version >= _CHECKED_SINCE else "NULL"
    return ", ".join((*columns, check))


def _is_altered(row: Row) -> bool:
    return row[-1] is not None and not is_sound(row)


def _marked(row: Row, text: str) -> str:
    return ALTERED + text if _is_altered(row) else text
