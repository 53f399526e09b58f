"""The damages: each a name, a kind, and what it does to a folder."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.damage.world import PAGE, Base, change, cut, flip


@dataclass(frozen=True)
class Case:
    """One damage. ``hold`` is open while commands run (a lock)."""

    kind: str
    name: str
    harm: Callable[[Path], None]
    hold: Callable[[Path], contextlib.AbstractContextManager[object]] | None = None


def all_cases(base: Base, flips_in_page: int) -> Iterator[Case]:
    """Yield every case for the files of a folder."""
    for file in ("journal.db", "state.db"):
        size = (base.folder / file).stat().st_size
        yield from _flips(file, size, flips_in_page)
        yield from _cuts(file, size, PAGE)
    for path in sorted((base.folder / "journal.db-segments").iterdir()):
        name = f"journal.db-segments/{path.name}"
        size = path.stat().st_size
        yield from _flips(name, size, flips_in_page, kind="segment")
        yield from _cuts(name, size, PAGE, kind="segment")
        yield Case("segment: deleted", path.name, lambda f, n=name: (f / n).unlink())  # type: ignore[misc]
    yield from _rows()
    yield from _whole_files()


def _flips(file: str, size: int, count: int, kind: str = "") -> Iterator[Case]:
    for page in range((size + PAGE - 1) // PAGE):
        length = min(PAGE, size - page * PAGE)
        for number in range(count):
            position = page * PAGE + (37 + 1_117 * number + 211 * page) % length
            yield Case(
                f"{kind or file}: bit flipped",
                f"{file} page {page} byte {position}",
                lambda f, p=position, b=number % 8: flip(f / file, p, b),  # type: ignore[misc]
            )


def _cuts(file: str, size: int, page: int, kind: str = "") -> Iterator[Case]:
    boundaries = [*range(0, size, page), size]
    for boundary in boundaries:
        for length in (boundary - 1, boundary, boundary + 1):
            if 0 <= length != size:
                yield Case(
                    f"{kind or file}: cut or longer",
                    f"{file} {length} bytes",
                    lambda f, n=length: cut(f / file, n),  # type: ignore[misc]
                )


_ALTERED: Final = {
    "rows swapped": (
        "UPDATE steps SET row = -1 WHERE row = (SELECT max(row) FROM steps)",
        "UPDATE steps SET row = row + 1 WHERE row = (SELECT max(row) FROM steps)",
        "UPDATE steps SET row = (SELECT max(row) FROM steps) - 1 WHERE row = -1",
    ),
    "row deleted": ("DELETE FROM steps WHERE row = (SELECT max(row) - 1 FROM steps)",),
    "body altered": ("UPDATE steps SET body = x'00' WHERE row = (SELECT max(row) FROM steps)",),
    "fill altered": (
        "UPDATE fills SET event_time = event_time + 1 WHERE row = (SELECT max(row) FROM fills)",
    ),
    "run's header altered": ("UPDATE runs SET header = x'00' WHERE run = 2",),
    "run's seal altered": ("UPDATE runs SET seal = zeroblob(32) WHERE run = 2",),
    "run deleted": ("DELETE FROM runs WHERE run = 1",),
    "checkpoint altered": ("UPDATE checkpoints SET body = zeroblob(40)",),
    "segment's entry altered": ("UPDATE segments SET sha256 = zeroblob(32)",),
    "segment's entry deleted": ("DELETE FROM segments",),
}


def _rows() -> Iterator[Case]:
    for name, statements in _ALTERED.items():
        yield Case(
            f"journal.db: {name}",
            name,
            lambda f, s=statements: change(f / "journal.db", *s),  # type: ignore[misc]
        )
    for file in ("journal.db", "state.db"):
        yield Case(
            f"{file}: newer schema",
            file,
            lambda f, n=file: change(f / n, "PRAGMA user_version = 99"),  # type: ignore[misc]
        )
        yield Case(
            f"{file}: foreign",
            file,
            lambda f, n=file: change(f / n, "PRAGMA application_id = 7"),  # type: ignore[misc]
        )
        yield Case(
            f"{file}: locked",
            file,
            lambda f: None,
            lambda f, n=file: _locked(f / n),  # type: ignore[misc]
        )


def _whole_files() -> Iterator[Case]:
    yield Case("journal.db: -wal foreign", "-wal", _foreign_wal)
    yield Case("journal.db: -wal deleted", "-wal", _deleted_wal)
    yield Case("journal.db: -wal cut", "-wal", _cut_wal)
    yield Case("journal.db: text instead", "text", lambda f: _write(f / "journal.db", b"hello\n"))
    yield Case("state.db: text instead", "text", lambda f: _write(f / "state.db", b"hello\n"))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def _with_wal(folder: Path) -> None:
    """Leave the folder as a crash does: the last run not ended, its end in the ``-wal``."""
    path = folder / "journal.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(
        "UPDATE runs SET ended_how = 'running', ended_time = NULL, last_seq_id = NULL, "
        "last_hash = NULL WHERE run = (SELECT max(run) FROM runs)"
    )
    connection.commit()
    kept = {name: (folder / name).read_bytes() for name in ("journal.db", "journal.db-wal")}
    connection.close()
    for name, data in kept.items():
        (folder / name).write_bytes(data)
    (folder / "journal.db-shm").unlink(missing_ok=True)


def _deleted_wal(folder: Path) -> None:
    _with_wal(folder)
    (folder / "journal.db-wal").unlink()


def _cut_wal(folder: Path) -> None:
    _with_wal(folder)
    cut(folder / "journal.db-wal", (folder / "journal.db-wal").stat().st_size // 2)


def _foreign_wal(folder: Path) -> None:
    other = folder.parent / "other.db"
    for path in (other, other.with_name("other.db-wal")):
        path.unlink(missing_ok=True)
    connection = sqlite3.connect(other)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("CREATE TABLE photos (x TEXT)")
    connection.execute("INSERT INTO photos VALUES (?)", ("y" * 9_000,))
    connection.commit()
    data = other.with_name("other.db-wal").read_bytes()
    connection.close()
    (folder / "journal.db-wal").write_bytes(data)
