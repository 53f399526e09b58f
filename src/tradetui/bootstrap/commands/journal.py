"""The commands that work on a journal and its folder.

They raise RefusedError for a folder that an engine holds, RuntimeProblemError for what cannot be
read or written, UserError for a journal that is not there.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tradetui.bootstrap.profile.profile import profile_at
from tradetui.bootstrap.recovery.starting import lack_of, runs_in
from tradetui.cli.wiring import JournalPart, Place, Row
from tradetui.domain.difference import as_json, plain
from tradetui.domain.event_log import EventQuery
from tradetui.domain.formatting import timestamp
from tradetui.domain.ids import RunId
from tradetui.ports.journal import JournalError
from tradetui.ports.store import StoreError
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError
from tradetui.services.event_log import events_page
from tradetui.storage.archive import Archive
from tradetui.storage.archiving import archive_all
from tradetui.storage.backup import BackupError
from tradetui.storage.cut_off import end_cut_off_run
from tradetui.storage.folder import JOURNAL_DB, STATE_DB, check_folder
from tradetui.storage.lock import FolderLock, FolderLockedError
from tradetui.storage.probe import FolderProbe
from tradetui.storage.putting_aside import ASIDE_SUFFIX, put_aside
from tradetui.storage.reader import JournalReader
from tradetui.storage.restore import FolderInUseError
from tradetui.storage.usage import usage
from tradetui.storage.verify import Verification, verify_file

_LINES_AT_ONCE: Final = 100


def verify_journal(place: Place, file: Path | None) -> Row:
    """Check a journal wholly, and with it the histories of the folder's ``state.db``."""
    path = journal_of(place, file)
    found = verify_file(path)
    faults = [_fault_row(path, found, place_in) for place_in in range(len(found.faults))]
    if file is None:
        beside = asyncio.run(_beside(path, is_readable=not faults))
        faults += [_row_of(text) for text in beside]
    return {
        "journal": str(path),
        "sound": not faults,
        "runs": found.runs,
        "steps": found.rows,
        "pruned": found.pruned,
        "segments": found.segments,
        "checkpoints": found.checkpoints,
        "faults": faults,
    }


def archive_journal(place: Place) -> Row:
    """Archive what is older than the newest checkpoint, and keep the cap."""
    profile = profile_at(place)
    path = _journal_in(profile.state)
    cap = profile.config.journal.max_size
    with storage_problems():
        check_folder(profile.state)
        with FolderLock(profile.state, "archives the journal here"):
            end_cut_off_run(path)  # whatever comes of the archiving, it merges the -wal in
            done = archive_all(Archive(path, time.time_ns), cap)
    return {
        "journal": str(path),
        "segments": done.segments,
        "archived_steps": done.rows,
        "pruned_steps": done.pruned_rows,
        "bytes_before": done.before,
        "bytes_after": done.after,
        "max_size": cap,
        "over_max_size": done.is_over,
    }


def put_journal_aside(place: Place) -> Row:
    """Rename the journal, with all beside it, so that the next start begins a new one."""
    folder = state_folder_of(place)
    path = _journal_in(folder)
    with storage_problems():
        check_folder(folder)
        with FolderLock(folder, "puts the journal here aside"):
            try:
                kept = put_aside(path, ASIDE_SUFFIX)
            except OSError as error:
                raise RuntimeProblemError(
                    f"{path}: cannot be renamed ({error.strerror}); it is where it was"
                ) from error
    return {"journal": str(path), "kept_as": str(kept)}


def journal_usage(place: Place) -> Row:
    """Return how much room the journal takes and how long that will do."""
    profile = profile_at(place)
    path = _journal_in(profile.state)
    with storage_problems():
        now = usage(path, profile.config.journal.max_size, time.time_ns())
    return {
        "journal": str(path),
        "bytes": now.size.total,
        "file_bytes": now.size.journal,
        "segment_bytes": now.size.segments,
        "max_size": now.cap,
        "free_bytes": now.free,
        "bytes_per_day": now.per_day,
        "days_until_max_size": now.days_to_cap,
        "days_until_disk_full": now.days_to_full,
    }


def export_journal(
    place: Place,
    file: Path | None,
    *,
    run: str | None,
    first: int | None,
    last: int | None,
    write: Callable[[str], object],
) -> int:
    """Write a run, or all of them, as JSON lines; return the number of lines.

    Raises UserError for steps that are no span, and for a run that the journal does not hold.
    """
    path = journal_of(place, file)
    if first is not None and last is not None and first > last:
        raise UserError(f"--from {first} is after --to {last}")
    count = 0
    with storage_problems(), JournalReader(path) as reader:
        known = [info.run_id for info in reader.runs()]
        for run_id in known if run is None else [_known_run(reader, run)]:
            lines = reader.lines(run_id, 1 if first is None else first, last)
            while batch := list(itertools.islice(lines, _LINES_AT_ONCE)):
                write("".join(as_json(line) + "\n" for line in batch))
                count += len(batch)
    return count


def _known_run(reader: JournalReader, run: str) -> RunId:
    """Return the id of a run that a journal holds; raises UserError for any other."""
    known = [info.run_id for info in reader.runs()]
    if run not in known:
        shown = ", ".join(known[-3:]) or "none"
        raise UserError(f"{reader.path}: holds no run {run}; the last are {shown}")
    return RunId(run)


def runtime_events(place: Place, part: JournalPart, query: EventQuery) -> Row:
    """Return a page of the runtime event log: each event with its fields by name."""
    path = journal_of(place, part.path)
    with storage_problems(), JournalReader(path) as reader:
        run_id = None if part.run is None else _known_run(reader, part.run)
        page = events_page(reader, query, run_id)
    return {
        "events": [
            {
                "sequence": one.sequence,
                "event_id": one.event_id,
                "published_at": one.published_at,
                "event": plain(one.event),
            }
            for one in page.events
        ],
        "next_after_sequence": page.next_after_sequence,
        "has_more": page.has_more,
        "gone_to": page.gone_to,
    }


def list_runs(place: Place, file: Path | None) -> list[Row]:
    """Return the runs of a journal, oldest first."""
    path = journal_of(place, file)
    with storage_problems(), JournalReader(path) as reader:
        return [
            {
                "run": info.run_id,
                "started": timestamp(info.started_time),
                "ended": timestamp(info.ended_time) if info.ended_time else None,
                "how": info.ended_how,
                "continues": reader.header(info.run_id).continues or None,
                "last_step": info.steps,
                "checkpoints": len(reader.checkpoints(info.run_id)),
                "program": reader.header(info.run_id).program or None,
            }
            for info in reader.runs()
        ]


def state_folder_of(place: Place) -> Path:
    """Return the state folder of a place; a config that is wrong is no hindrance when it is
    named.
    """
    return place.state.expanduser() if place.state is not None else profile_at(place).state


def journal_of(place: Place, file: Path | None) -> Path:
    """Return the journal's file: the one that was named, or that of the place.

    Raises UserError if it is not there.
    """
    if file is None:
        path = state_folder_of(place) / JOURNAL_DB
    else:
        path = file / JOURNAL_DB if file.is_dir() else file
    if not path.exists():
        raise UserError(f"{path}: there is no journal; name a state folder or a journal file")
    return path


def _journal_in(folder: Path) -> Path:
    """Return the journal of a state folder; raises UserError if it is not there."""
    path = folder / JOURNAL_DB
    if not path.exists():
        raise UserError(f"{path}: there is no journal; name a state folder with --state")
    return path


def _fault_row(path: Path, found: Verification, number: int) -> Row:
    fault = found.faults[number]
    return {
        "what": f"{path}: {fault.what}",
        "run": fault.run_id or None,
        "step": fault.seq_id,
        "row": fault.row,
    }


def _row_of(text: str) -> Row:
    return {"what": text, "run": None, "step": None, "row": None}


async def _beside(path: Path, *, is_readable: bool) -> tuple[str, ...]:
    """Check what ``state.db`` says of itself and of the journal: a journal that lost its end with
    the ``-wal`` file is sound in itself.
    """
    folder = path.parent
    if not (folder / STATE_DB).exists():
        return ()
    try:
        found = await FolderProbe().check_histories(folder)
        if is_readable:
            lack = lack_of(runs_in(path), *await FolderProbe().noted_run(folder))
            found += (f"{path}: {lack}",) if lack else ()
        return found
    except StoreError as error:
        return (str(error),)
    except UnicodeDecodeError:
        return (f"{folder / STATE_DB}: is damaged (its text is not UTF-8)",)


@contextmanager
def storage_problems() -> Iterator[None]:
    """Give what goes wrong in storage its exit code: RefusedError or RuntimeProblemError."""
    try:
        yield
    except (FolderLockedError, FolderInUseError) as error:
        raise RefusedError(str(error)) from error
    except (BackupError, JournalError, StoreError) as error:
        raise RuntimeProblemError(str(error)) from error
