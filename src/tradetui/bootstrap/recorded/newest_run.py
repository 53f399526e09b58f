"""The newest run of a journal, rebuilt at its end: what the commands that read it begin with."""

from __future__ import annotations

import asyncio

from tradetui.backtest.errors import PricesGoneError
from tradetui.backtest.recorded import RecordedRun, recorded_run
from tradetui.bootstrap.profile.opened_records import instance_service
from tradetui.bootstrap.profile.profile import profile_at
from tradetui.cli.wiring import Place
from tradetui.domain.control import InstanceFailed, InstanceLoaded
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import RunId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.ports.kept_steps import gone_text
from tradetui.runtime.clock import SystemClock
from tradetui.runtime.travel.errors import PlaceGoneError, TravelError
from tradetui.runtime.travel.traveller import Traveller
from tradetui.services.errors import RuntimeProblemError
from tradetui.storage.reader import JournalReader


def newest(reader: JournalReader) -> Traveller:
    """Return the newest run, at its end. Raises RuntimeProblemError where it cannot be rebuilt."""
    return rebuilt(reader, recorded_run(reader))


def rebuilt(
    reader: JournalReader, run: RecordedRun, step: int | None = None, *, context: int = 0
) -> Traveller:
    """Return a run as it was after a step (None: at its end); raises RuntimeProblemError where it
    cannot be rebuilt, PricesGoneError where what that takes is no longer kept.
    """
    traveller = Traveller(reader, RunId(run.header.run_id), SystemClock(), context=context)
    try:
        asyncio.run(traveller.seek(traveller.last if step is None else step))
    except PlaceGoneError as error:
        raise PricesGoneError(gone_text(reader, run.header)) from error
    except TravelError as error:
        raise RuntimeProblemError(str(error)) from error
    return traveller


def has_journal(place: Place) -> bool:
    """Tell whether anything was ever written at a place."""
    return (profile_at(place).state / "journal.db").exists()


async def records_of(place: Place) -> tuple[InstanceRecord, ...]:
    """Return the instance records of a place."""
    async with instance_service(place, to_read=True) as service:
        return await service.records()


def problems_of(
    reader: JournalReader, records: tuple[InstanceRecord, ...]
) -> dict[StrategyId, str]:
    """Return of the instances that shall run what the engine could not do with their records: why
    one is not loaded, or runs on with an older config.
    """
    wanted = {one.strategy_id for one in records if one.mode is not InstanceMode.OFF}
    found: dict[StrategyId, str] = {}
    for step in recorded_run(reader).acts_backwards():
        if not wanted:
            break
        match step.event.payload:
            case InstanceFailed(strategy_id=sid, reason=text) if sid in wanted:
                found[sid] = text
                wanted.discard(sid)
            case InstanceLoaded(strategy_id=sid):
                wanted.discard(sid)
    return found
