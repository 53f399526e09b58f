"""The instances that a state folder knows: those on record, and those that its journal tells of."""

from __future__ import annotations

import asyncio

from tradetui.bootstrap.recorded.journal_part import opened
from tradetui.bootstrap.recorded.newest_run import has_journal, records_of
from tradetui.cli.wiring import Place
from tradetui.domain.control import InstanceFailed, InstanceLoaded
from tradetui.domain.ids import RunId
from tradetui.domain.naming import no_such
from tradetui.services.errors import UserError
from tradetui.storage.reader import JournalReader


def check_instance(place: Place, name: str | None) -> None:
    """Raise UserError for an instance that is neither on record nor told of by the journal, as one
    is whose record is gone; None stands for all.
    """
    if name is None:
        return
    known: set[str] = {one.strategy_id for one in asyncio.run(records_of(place))}
    if name in known:
        return
    if has_journal(place):
        with opened(place, None) as reader:
            known |= _told_of(reader)
    if name not in known:
        raise UserError(no_such("instance", name, known))


def _told_of(reader: JournalReader) -> set[str]:
    """Return every instance that any run began with or took on."""
    return {
        step.event.payload.strategy_id
        for info in reader.runs()
        for step in reader.acts(RunId(info.run_id), 0, info.steps)
        if isinstance(step.event.payload, InstanceLoaded | InstanceFailed)
    }
