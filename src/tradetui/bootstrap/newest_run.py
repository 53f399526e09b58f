"""The newest run of a journal, rebuilt at its end: what the commands that read it begin with."""

from __future__ import annotations

import asyncio

from tradetui.backtest.recorded import recorded_run
from tradetui.bootstrap.profile import profile_at
from tradetui.cli.wiring import Place
from tradetui.domain.ids import RunId
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.travel.errors import TravelError
from tradetui.runtime.travel.traveller import Traveller
from tradetui.services.errors import RuntimeProblemError
from tradetui.storage.reader import JournalReader


def newest(reader: JournalReader, context: int = 0) -> Traveller:
    """Return the newest run, at its end. Raises RuntimeProblemError where it cannot be rebuilt."""
    run = recorded_run(reader)
    traveller = Traveller(reader, RunId(run.header.run_id), SystemClock(), context=context)
    try:
        asyncio.run(traveller.seek(traveller.last))
    except TravelError as error:
        raise RuntimeProblemError(str(error)) from error
    return traveller


def has_journal(place: Place) -> bool:
    """Tell whether anything was ever written at a place."""
    return (profile_at(place).state / "journal.db").exists()
