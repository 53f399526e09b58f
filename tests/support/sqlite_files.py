"""Databases changed behind our back, for tests of what is found and said then."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def change(path: Path, *statements: str) -> None:
    """Run statements on a database, outside of everything of ours."""
    connection = sqlite3.connect(path)
    for sql in statements:
        connection.execute(sql)
    connection.commit()
    connection.close()
