"""Connections to databases that a test leaves open: pytest would wait for the thread of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import aiosqlite

LONGEST: Final = 10.0
"""Seconds: what a thread may still have to do is one statement."""
_connect = aiosqlite.connect


class OpenConnections:
    """Notes every connection that is made, and ends those that are still open after a test."""

    def __init__(self) -> None:
        self._made: list[aiosqlite.Connection] = []
        self.has_failed = False
        """Whether the test that runs has failed: it then had no time to close anything."""

    def connect(self, *arguments: Any, **options: Any) -> aiosqlite.Connection:
        """Stand in for ``aiosqlite.connect``."""
        connection = _connect(*arguments, **options)
        self._made.append(connection)
        return connection

    def close_left(self) -> int:
        """Close what is still open; return how many there were."""
        made, self._made = self._made, []
        left = [one for one in made if one._running and one._thread.is_alive()]
        for connection in left:
            # From a thread without a loop: the one that it was opened in may be closed by now.
            with ThreadPoolExecutor(1) as aside:
                aside.submit(connection.stop).result()
            connection._thread.join(LONGEST)
        return len(left)
