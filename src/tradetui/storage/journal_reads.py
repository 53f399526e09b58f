"""What a running engine's journal answers about its past: its fills."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
import msgspec

from tradetui.domain.ids import RunId
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import Fill
from tradetui.ports.history import FillBatch, RunFill
from tradetui.ports.journal import JournalError
from tradetui.storage.database import describe
from tradetui.storage.fill_pages import fill_batch

T = TypeVar("T")


class JournalReads:
    """Reads the fills of durable steps, through the connection that also writes."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    async def fills(self, limit: int) -> tuple[RunFill, ...]:
        """Return the newest fills of all runs, oldest first."""
        rows = await self._read(
            "SELECT row, body, (SELECT run_id FROM runs WHERE first_row <= fills.row "
            "ORDER BY first_row DESC LIMIT 1) FROM fills ORDER BY row DESC, place DESC LIMIT ?",
            (limit,),
        )
        result = []
        for row, body, run in reversed(rows):
            fill = self._decoded(body, Fill, f"the fill of row {row}")
            instrument = await self._instrument(fill.instrument_id, row)
            result.append(RunFill(RunId(run), fill, instrument))
        return tuple(result)

    async def fills_before(self, mark: tuple[int, int] | None, limit: int) -> FillBatch:
        """Return the newest ``limit`` fills before a place (None: of all), of all runs."""
        return await fill_batch(self._read, self._decoded, mark, limit)

    async def _instrument(self, instrument_id: str, row: int) -> Instrument | None:
        rows = await self._read(
            "SELECT body FROM instruments WHERE instrument_id = ? AND row <= ? "
            "ORDER BY row DESC LIMIT 1",
            (instrument_id, row),
        )
        name = f"the instrument of row {row}"
        return self._decoded(rows[0][0], Instrument, name) if rows else None

    def _decoded(self, body: bytes, kind: type[T], name: str) -> T:
        try:
            return msgspec.msgpack.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise JournalError(
                f"{self._path}: {name} cannot be read ({error}): see journal verify"
            ) from error

    async def _read(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        try:
            return list(await self._connection.execute_fetchall(sql, parameters))
        except sqlite3.Error as error:
            raise JournalError(f"{self._path}: {describe(error)}") from error
