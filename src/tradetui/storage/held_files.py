"""SQLite connections that remember which files this process has open.

POSIX takes back every lock that a process has on a file as soon as it closes any descriptor of
that file (SQLite's "How To Corrupt", section 2.2). Whoever wants to look at a database beside
SQLite must ask ``is_held`` first: without its locks another process takes the ``-wal`` for left
over when it ends, and removes it with all that is written there later.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from functools import partial
from pathlib import Path
from typing import Any

FileKey = tuple[int, int]
"""Device and inode."""

_lock = threading.Lock()
_open: weakref.WeakSet[HeldConnection] = weakref.WeakSet()


class HeldConnection(sqlite3.Connection):
    """A connection whose file counts as held until it is closed."""

    def __init__(self, *arguments: Any, path: Path, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.key = key_of(path)
        with _lock:
            _open.add(self)

    def close(self) -> None:
        """Close, then let the file go."""
        super().close()
        with _lock:
            _open.discard(self)


def holding(path: Path) -> Any:
    """Return the ``factory`` for ``sqlite3.connect`` that notes ``path`` as held."""
    return partial(HeldConnection, path=path)


def is_held(path: Path) -> bool:
    """Tell whether this process has the file open through SQLite; raises OSError without one."""
    key = key_of(path)
    with _lock:
        return any(connection.key == key for connection in _open)


def key_of(path: Path) -> FileKey:
    """Return what tells a file from all others, whatever its name; raises OSError without one."""
    found = path.stat()
    return found.st_dev, found.st_ino
