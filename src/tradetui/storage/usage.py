"""How much room a journal takes, how fast it grows, and when that will be too much."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradetui.domain.formatting import counted
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_SECOND
from tradetui.ports.journal import JournalError
from tradetui.storage.archive import Archive, Size
from tradetui.storage.reader import JournalReader

_MEGABYTE: Final = 1_000_000
_LEAST_NS: Final = 60 * NANOS_PER_SECOND
"""A journal that has run for less says nothing about a day."""

_ENOUGH_NS: Final = 7 * NANOS_PER_DAY


@dataclass(frozen=True)
class Usage:
    """Sizes in bytes. ``per_day`` is the growth in a day of running, as the last week of running
    was; None before there is a minute of it. ``days_to_cap`` and ``days_to_full`` (the cap on the
    journal, the disk) are None when that is not known, 0 when it is reached.
    """

    size: Size
    cap: int
    free: int
    per_day: int | None
    days_to_cap: int | None
    days_to_full: int | None

    def __str__(self) -> str:
        """Say it in half a sentence."""
        taken = f"{self.size.total // _MEGABYTE:,} MB of {self.cap // _MEGABYTE:,} MB"
        free = f"{self.free // _MEGABYTE:,} MB free on the disk"
        if self.days_to_cap is None or self.days_to_full is None:
            return f"{taken}, {free}"
        cap, disk = counted(self.days_to_cap, "day"), counted(self.days_to_full, "day")
        return f"{taken}, full in {cap}; {free}, for {disk}"


def usage(path: Path, cap: int, now: int) -> Usage:
    """Measure the journal at ``path``; raises JournalError."""
    size = Archive(path, lambda: now).size()
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        raise JournalError(f"{path.parent}: cannot be measured ({error.strerror})") from error
    per_day = _growth(path, size, now)
    if not per_day:
        return Usage(size, cap, free, per_day, None, None)
    to_cap = max(cap - size.total, 0) // per_day
    return Usage(size, cap, free, per_day, to_cap, free // per_day)


def _growth(path: Path, size: Size, now: int) -> int | None:
    """Return the bytes of a day of running: its steps, at what a step takes once it is archived."""
    with JournalReader(path) as reader:
        spans = reader.spans()
        segments = reader.segments()
    rows = elapsed = 0
    for span in reversed(spans):
        ended = span.ended_time if span.ended_time is not None else span.last_known
        if span.ended_how == "running":
            ended = now
        if ended is None:
            continue
        rows += span.rows
        elapsed += max(ended - span.started_time, 0)
        if elapsed >= _ENOUGH_NS:
            break
    if elapsed < _LEAST_NS:
        return None
    if segments:
        newest = segments[-1]
        per_row = newest.size // max(newest.kept_rows, 1)
    else:
        per_row = size.journal // max(sum(span.rows for span in spans), 1)
    return rows * per_row * NANOS_PER_DAY // elapsed
