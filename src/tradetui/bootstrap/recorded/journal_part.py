"""The part of a journal that a command reads: which file, which run, which steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tradetui.backtest.errors import ReplayError, ReplayRefusedError
from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.cli.wiring import JournalPart, Place
from tradetui.core.checkpoint import CheckpointError
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.journal import JournalError, JournalSource, NoJournalError
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError
from tradetui.storage.folder import JOURNAL_DB
from tradetui.storage.reader import JournalReader

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@contextmanager
def opened(place: Place, path: Path | None) -> Iterator[JournalReader]:
    """Open a journal to read; what is wrong with it, or with what is asked of it, becomes a
    sentence with the right exit code: UserError, RefusedError or RuntimeProblemError.
    """
    if path is not None and not path.exists():
        raise UserError(f"{path}: there is no such file or folder; name a journal or state folder")
    folder = profile_at(place).state if path is None else path
    if path is None and not (folder / JOURNAL_DB).exists():
        raise UserError(
            f"{folder}: there is no journal, nothing has run here yet; name another state folder "
            "with --state"
        )
    try:
        with JournalReader(folder) as reader:
            yield reader
    except ReplayRefusedError as error:
        raise RefusedError(str(error)) from error
    except ReplayError as error:
        raise UserError(str(error)) from error
    except NoJournalError as error:
        if path is None:  # the profile's own was one
            raise RuntimeProblemError(str(error)) from error
        raise UserError(f"{error}; name a state folder or a journal file") from error
    except (JournalError, CheckpointError) as error:
        raise RuntimeProblemError(str(error)) from error


def run_of(reader: JournalReader, part: JournalPart) -> RecordedRun:
    """Return the run that is meant: the one that is named, else the one of the newest chain that
    holds the span's ends.

    Raises ReplayError if there is none, UserError for ends that no one run holds.
    """
    newest = recorded_run(reader, part.run)
    if part.run is not None:
        return newest
    ends = [
        (text, run_at(reader, newest, text, option))
        for text, option in ((part.first, "--from"), (part.last, "--to"))
        if text is not None
    ]
    if len({run.header.run_id for _, run in ends}) > 1:
        parts = " and ".join(
            f"{text} is in run {run.header.run_id} (steps {run.first} to {run.last})"
            for text, run in ends
        )
        raise UserError(f"{parts}: one run is read at a time; choose both ends in one")
    return ends[0][1] if ends else newest


def chain_of(source: JournalSource, run: RecordedRun) -> Iterator[RecordedRun]:
    """Yield a run, the one that it continues, and so on, as far as the journal holds them."""
    known = {info.run_id for info in source.runs()}
    yield run
    while run.header.continues in known:
        run = recorded_run(source, run.header.continues)
        yield run


def run_at(source: JournalSource, newest: RecordedRun, text: str, option: str) -> RecordedRun:
    """Return the run of a chain that holds a step, or was under way (or the newest before) at a
    time. Steps count on through a chain; 0 is before its first.

    Raises UserError for a step that no run of it holds, and for what is neither.
    """
    if text.isascii() and text.isdigit():
        return _run_with(source, newest, int(text), option)
    time = moment_of(newest, text, option)
    found = newest
    for run in chain_of(source, newest):
        begins = next(run.kept(run.first, run.last), None)
        if begins is None:
            continue
        found = run
        if begins.event.ingest_time <= time:
            break
    return found


def _run_with(source: JournalSource, newest: RecordedRun, seq_id: int, option: str) -> RecordedRun:
    runs = []
    for run in chain_of(source, newest):
        if _has(run, seq_id):
            return run
        runs.append(run)
    held = f"from step {runs[-1].first} to step {newest.last}"
    said = f"{option}: there is no step {seq_id} in the runs up to {newest.header.run_id}, {held}"
    others = len({info.run_id for info in source.runs()}) > len(runs)
    raise UserError(f"{said}; name another run with --run" if others else said)


def _has(run: RecordedRun, seq_id: int) -> bool:
    return run.first <= max(seq_id, 1) <= run.last


def span_of(run: RecordedRun, part: JournalPart) -> tuple[int, int]:
    """Return the first and the last step that are meant; raises UserError for an empty span, and
    for a step that is not in the run.
    """
    first = step_of(run, part.first, "--from") if part.first is not None else run.first
    last = step_of(run, part.last, "--to", is_end=True) if part.last is not None else run.last
    if first > run.last:
        raise UserError(f"run {run.header.run_id} ends at step {run.last}")
    if max(first, run.first) > last:
        raise UserError(f"there is nothing between step {first} and step {last}")
    return max(first, run.first), last


def step_of(run: RecordedRun, text: str, option: str, *, is_end: bool = False) -> int:
    """Return the step of a number, or the first (``is_end``: the last) at a time.

    Raises UserError for what is neither, and for a step that the run does not hold.
    """
    if text.isascii() and text.isdigit():
        if not _has(run, int(text)):
            raise UserError(
                f"{option}: run {run.header.run_id} goes from step {run.first} to step {run.last}; "
                f"step {text} is not in it"
            )
        return int(text)
    time = moment_of(run, text, option)
    found = first_at(run, time + is_end)
    return found - 1 if is_end else found


def first_at(run: RecordedRun, time: int) -> int:
    """Return the first step at or after a time (ns UTC); one past the last if there is none.

    Times of neighbours may be out of order by the age of a late report, never by more: the search
    halves the span, then walks the last of it. Where market data is gone, it is the first of the
    steps that are kept.
    """
    low, high = run.first, run.last + 1
    while high - low > _WALKED:
        middle = (low + high) // 2
        step = next(run.kept(middle, high - 1), None)
        if step is not None and step.event.ingest_time < time:
            low = step.event.seq_id
        else:
            high = middle
    for step in run.kept(low, run.last):
        if step.event.ingest_time >= time:
            return step.event.seq_id
    return run.last + 1


_WALKED: Final = 64

_AGE: Final = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def moment_of(run: RecordedRun, text: str, option: str) -> int:
    """Return a written time as ``time_of`` does, or an age before the newest step of a run:
    ``90s 10m 2h 3d``. Raises UserError.
    """
    age = _AGE.fullmatch(text)
    newest = None if age is None else next(run.kept(run.last, run.last), None)
    if age is None or newest is None:
        return time_of(text, option, also=", or an age such as 10m")
    return newest.event.ingest_time - int(age[1]) * _SECONDS[age[2]] * NANOS_PER_SECOND


def time_of(text: str, option: str, *, also: str = "") -> int:
    """Return a written time as ns UTC: ``2018-03-04``, ``2018-03-04T11:20``, with or without a
    zone (none: UTC). Raises UserError; ``also`` ends its sentence: what else may be written.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"{option}: {printable(text, 40)!r} is no step and no time; write a number, or UTC as "
            f"2018-03-04 or 2018-03-04T11:20:00{also}"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds, rest = divmod(moment - _EPOCH, timedelta(seconds=1))
    return seconds * NANOS_PER_SECOND + rest.microseconds * 1_000
