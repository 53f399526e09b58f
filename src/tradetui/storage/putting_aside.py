"""Putting a journal aside whole: its file, and all that belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tradetui.storage.database import companion
from tradetui.storage.segment_file import SEGMENTS_SUFFIX

DAMAGED_SUFFIX: Final = ".damaged-"
ASIDE_SUFFIX: Final = ".aside-"
"""Of a journal that a person put aside."""

_BESIDE: Final = ("-wal", "-shm", "-journal", SEGMENTS_SUFFIX)


def put_aside(path: Path, suffix: str = DAMAGED_SUFFIX) -> Path:
    """Rename a database, with all beside it, to the first free name of a kind; return that.

    The database goes first: what a kill leaves without it is found at the next opening.
    """
    target = _free_name(path, suffix)
    path.rename(target)
    _take_along(path, target)
    return target


def finish_putting_aside(path: Path) -> str:
    """Give what was left beside a database that is not there to the one that was put aside last;
    return what to say of it, empty where there was nothing.

    A new database under that name would merge the ``-wal`` in, and overwrite the segments.
    """
    if path.exists() or not any(companion(path, suffix).exists() for suffix in _BESIDE):
        return ""
    kept = [
        one
        for suffix in (DAMAGED_SUFFIX, ASIDE_SUFFIX)
        for one in path.parent.glob(f"{path.name}{suffix}*")
        if one.name.removeprefix(f"{path.name}{suffix}").isdigit()
    ]
    target = max(kept, key=_renamed_at) if kept else _free_name(path, DAMAGED_SUFFIX)
    if any(companion(target, suffix).exists() for suffix in _BESIDE if _is_there(path, suffix)):
        target = _free_name(path, DAMAGED_SUFFIX)
    _take_along(path, target)
    return (
        f"{path}: is not there, and what belongs to it was: that is kept as {target.name}*, a new "
        "journal begins"
    )


def _free_name(path: Path, suffix: str) -> Path:
    """Return the first name of a kind of which nothing is there, nor anything beside it."""
    taken = {one.name for one in path.parent.iterdir()}
    number = 1
    while taken & {f"{path.name}{suffix}{number}{rest}" for rest in ("", *_BESIDE)}:
        number += 1
    return path.with_name(f"{path.name}{suffix}{number}")


def _take_along(path: Path, target: Path) -> None:
    for suffix in _BESIDE:
        if _is_there(path, suffix):
            companion(path, suffix).rename(companion(target, suffix))


def _is_there(path: Path, suffix: str) -> bool:
    return companion(path, suffix).exists()


def _renamed_at(path: Path) -> int:
    """Return when a file was renamed last, ns: its own time of change, which a rename sets."""
    return path.stat().st_ctime_ns
