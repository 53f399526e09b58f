"""The start of a run: the one path for a first start, a clean stop, a crash, and a crash of this.

The folder is locked already. The journal is opened and verified, the past brought back (``past``),
compared with what the instance records know of it, and a new run begun that carries it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from tradetui.bootstrap.process.program import this_program
from tradetui.bootstrap.recovery.past import Carried, find_past, made_opening
from tradetui.bootstrap.recovery.rebuilding import StateDiffersError, Telling, Wanted
from tradetui.domain.formatting import counted
from tradetui.domain.ids import RunId
from tradetui.domain.steps import JournalHeader
from tradetui.ports.history import RunInfo
from tradetui.services.errors import RefusedError
from tradetui.storage.instance_store import SqliteInstanceStore
from tradetui.storage.journal import BUSY_TIMEOUT_MS, SqliteJournal
from tradetui.storage.journal_db import JournalFile, open_journal, quarantine_journal
from tradetui.storage.reader import JournalReader
from tradetui.storage.verify import verify_file


@dataclass(frozen=True)
class Started:
    """A run that was begun in the journal; ``past`` is None when it began flat.

    ``is_doubtful``: journal and instance records are not of one time, or a run that holds something
    is not gone on with, so that nothing may enter before a person has looked.
    """

    journal: SqliteJournal
    header: JournalHeader
    past: Carried | None
    notes: tuple[str, ...]
    alerts: tuple[str, ...]
    is_doubtful: bool
    headline: str = ""
    """What is said first, where a crash lies before; empty otherwise."""

    @property
    def is_carried(self) -> bool:
        """Tell whether what the instances did before is known, and to be believed."""
        return self.past is not None and not self.is_doubtful


async def start_run(
    folder: Path, store: SqliteInstanceStore, header: JournalHeader, wanted: Wanted
) -> Started:
    """Open and verify the journal, find what the run of ``header`` carries on, and begin it.

    Raises RefusedError when it must not begin, JournalError when the journal cannot be used; then
    nothing was begun.
    """
    file = await open_journal(folder, busy_timeout_ms=BUSY_TIMEOUT_MS)
    telling = Telling()
    try:
        wanted = replace(wanted, restored_run=await store.restored_run())
        doubt = "" if file.quarantine else await doubt_of(file, store)
        if doubt and wanted.config.run_mode.is_real:
            raise RefusedError(f"{doubt}; nothing was started: put back the file that belongs")
        file, past = await past_or_quarantine(file, wanted, telling)
    except BaseException:
        await file.close()
        raise
    opening = None
    if past is not None:
        header = carrying(header, past)
        opening = made_opening(header, past)
    if doubt:
        telling.alerts.append(f"{doubt}; active instances start HELD")
    if file.notice:
        telling.notes.append(file.notice)
    if file.quarantine is not None:
        telling.alerts.append(str(file.quarantine))
    journal = await SqliteJournal.begin(file, header, opening=opening)
    try:
        await store.note_run(header.run_id, header.opening_seq)
    except BaseException:
        await journal.abandon()
        raise
    notes, alerts = tuple(telling.notes), tuple(telling.alerts)
    is_doubtful = bool(doubt) or telling.has_left
    return Started(journal, header, past, notes, alerts, is_doubtful, telling.headline)


async def past_or_quarantine(
    file: JournalFile, wanted: Wanted, telling: Telling
) -> tuple[JournalFile, Carried | None]:
    """Bring the past back; a damaged journal is put aside, where money is not real.

    A sound one whose steps come out otherwise is of a program that decided otherwise: it is refused
    and stays as it is, for that program can still go on with it.
    """
    try:
        return file, await asyncio.to_thread(find_past, file.path, wanted, telling)
    except StateDiffersError as error:
        found = await asyncio.to_thread(verify_file, file.path)
        if found.is_sound:
            raise RefusedError(decides_otherwise(file.path, error)) from error
        what = f"{found.faults[0].what}; {error}"
        if wanted.config.run_mode.is_real:
            raise RefusedError(
                f"{file.path}: {what}; nothing was started: look at it with `tradetui engine "
                "recover`"
            ) from error
        return await quarantine_journal(file, what), None


def decides_otherwise(path: Path, error: StateDiffersError) -> str:
    """Say that this program does not decide as the writer of a sound journal, and what to do."""
    this, wrote = this_program(), error.program
    if wrote == this:
        who = f"tradetui {this} wrote it, which is this program: please report it"
    else:
        name = f"tradetui {wrote}" if wrote else "a tradetui that left no version in it"
        who = f"{name} wrote it; this is tradetui {this}, which decides otherwise"
    return (
        f"{path}: the journal is sound, but {error}: {who}. Nothing was started or changed. Start "
        "the program that wrote it, and stop it in order: what it leaves this one can go on with. "
        "Or put the journal aside and begin flat: `tradetui journal put-aside "
        f"--state {path.parent}`"
    )


def carrying(header: JournalHeader, past: Carried) -> JournalHeader:
    """Return a header that says what its run carries on."""
    return msgspec.structs.replace(
        header,
        continues=past.continues,
        opening_seq=past.seq_id,
        opening_hash=past.opening_hash,
    )


async def doubt_of(file: JournalFile, store: SqliteInstanceStore) -> str:
    """Say in half a sentence how journal and instance records do not belong together; empty when
    they do.
    """
    run_id, seq_id = await store.noted_run()
    runs = await asyncio.to_thread(runs_in, file.path)
    if not run_id:
        count = sum(info.steps > 0 for info in runs)
        if not count:
            return ""
        return (
            f"the instance records know of no run, and the journal holds {counted(count, 'run')} "
            "(was state.db removed, or an old copy put back?)"
        )
    lack = lack_of(runs, run_id, seq_id)
    if lack:
        return lack
    place = [info.run_id for info in runs].index(RunId(run_id))
    newer = [info for info in runs[place + 1 :] if info.steps > runs[place].steps]
    if newer:
        return (
            f"the instance records are behind the journal: they do not know run "
            f"{newer[-1].run_id} (was an old copy of state.db put back?)"
        )
    return ""


def lack_of(runs: tuple[RunInfo, ...], run_id: str, seq_id: int) -> str:
    """Say what a journal of these runs lacks of a run that the instance records know, and know to
    have come to a step; empty when nothing, or when they know none.
    """
    if not run_id:
        return ""
    found = [info for info in runs if info.run_id == run_id]
    if not found:
        return (
            f"the journal is behind the instance records: it does not hold run {run_id}, which "
            "they know (was it put aside, removed, or an old copy put back?)"
        )
    if found[0].steps < seq_id:
        return (
            f"the journal is behind the instance records: run {run_id} had come to step {seq_id:,} "
            f"and ends at {found[0].steps:,} now (was an old copy put back?)"
        )
    return ""


def runs_in(path: Path) -> tuple[RunInfo, ...]:
    """Return the runs of a journal."""
    with JournalReader(path) as reader:
        return reader.runs()
