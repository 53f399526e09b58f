"""The part of a journal that a command reads: which file, which run, which steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tradetui.backtest.errors import ReplayError, ReplayRefusedError
from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.bootstrap.profile import profile_at
from tradetui.cli.wiring import JournalPart, Place
from tradetui.core.checkpoint import CheckpointError
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.journal import JournalError
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError
from tradetui.storage.reader import JournalReader

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@contextmanager
def opened(place: Place, path: Path | None) -> Iterator[JournalReader]:
    """Open a journal to read; what is wrong with it, or with what is asked of it, becomes a
    sentence with the right exit code.
    """
    if path is not None and not path.exists():
        raise UserError(f"{path}: there is no such file or folder; name a journal or state folder")
    try:
        with JournalReader(path if path is not None else profile_at(place).state) as reader:
            yield reader
    except ReplayRefusedError as error:
        raise RefusedError(str(error)) from error
    except ReplayError as error:
        raise UserError(str(error)) from error
    except (JournalError, CheckpointError) as error:
        raise RuntimeProblemError(str(error)) from error


def run_of(reader: JournalReader, part: JournalPart) -> RecordedRun:
    """Return the run that is meant; raises ReplayError if there is none."""
    return recorded_run(reader, part.run)


def span_of(run: RecordedRun, part: JournalPart) -> tuple[int, int]:
    """Return the first and the last step that are meant; raises UserError for an empty span."""
    first = step_of(run, part.first, "--from") if part.first is not None else run.first
    last = step_of(run, part.last, "--to", is_end=True) if part.last is not None else run.last
    if first > last:
        raise UserError(f"there is nothing between step {first} and step {last}")
    if first > run.last:
        raise UserError(f"run {run.header.run_id} ends at step {run.last}")
    return max(first, run.first), min(last, run.last)


def step_of(run: RecordedRun, text: str, option: str, *, is_end: bool = False) -> int:
    """Return the step of a number, or the first (``is_end``: the last) at a time.

    Raises UserError for what is neither.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    time = time_of(text, option)
    found = first_at(run, time + is_end)
    return found - 1 if is_end else found


def first_at(run: RecordedRun, time: int) -> int:
    """Return the first step at or after a time (ns UTC); one past the last if there is none.

    Times of neighbours may be out of order by the age of a late report, never by more: the search
    halves the span, then walks the last of it.
    """
    low, high = run.first, run.last + 1
    while high - low > _WALKED:
        middle = (low + high) // 2
        step = next(run.steps(middle, middle))
        if step.event.ingest_time < time:
            low = middle
        else:
            high = middle
    for step in run.steps(low, run.last):
        if step.event.ingest_time >= time:
            return step.event.seq_id
    return run.last + 1


_WALKED: Final = 64


def time_of(text: str, option: str) -> int:
    """Return a written time as ns UTC: ``2018-03-04``, ``2018-03-04T11:20``, with or without a
    zone (none: UTC). Raises UserError.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"{option}: {printable(text, 40)!r} is no step and no time; write a number, or UTC as "
            "2018-03-04 or 2018-03-04T11:20:00"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds, rest = divmod(moment - _EPOCH, timedelta(seconds=1))
    return seconds * NANOS_PER_SECOND + rest.microseconds * 1_000
