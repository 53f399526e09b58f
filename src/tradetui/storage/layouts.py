"""Named layouts of the screen, kept in ``state.db`` as JSON objects."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Final

import aiosqlite

from tradetui.storage.state_db import StateDatabase

PREFERENCES: Final = "(preferences)"
"""The name of what is no layout: what a person last chose, which holds at a start."""


class LayoutStore:
    """Saves, loads and lists layouts; raises StoreError when the database cannot be used."""

    def __init__(self, database: StateDatabase, now: Callable[[], int] = time.time_ns) -> None:
        self._database = database
        self._now = now

    async def names(self) -> tuple[str, ...]:
        """Return the names of all layouts in order."""
        rows = await self._database.read("SELECT name FROM layouts ORDER BY name")
        return tuple(str(row[0]) for row in rows)

    async def load(self, name: str) -> dict[str, Any] | None:
        """Return a layout, None if there is none of that name."""
        rows = await self._database.read("SELECT body FROM layouts WHERE name = ?", (name,))
        if not rows:
            return None
        body = json.loads(rows[0][0])
        if not isinstance(body, dict):
            raise self._database.damaged(f"is damaged (layout {name!r} is not an object)")
        return body

    async def save(self, name: str, body: dict[str, Any]) -> None:
        """Keep a layout, in the place of an older one of that name."""
        text, now = json.dumps(body, sort_keys=True, allow_nan=False), self._now()

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "INSERT INTO layouts (name, body, changed_time) VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET body = excluded.body, "
                "changed_time = excluded.changed_time",
                (name, text, now),
            )

        await self._database.write(work)

    async def remove(self, name: str) -> bool:
        """Forget a layout; tell whether there was one."""

        async def work(connection: aiosqlite.Connection) -> bool:
            cursor = await connection.execute("DELETE FROM layouts WHERE name = ?", (name,))
            return cursor.rowcount == 1

        return await self._database.write(work)
