"""How a shell hands a command to the engine of a state folder, and a kill-switch in any case.

A command goes through the inbox in ``state.db``. A kill-switch that this does not take (the disk is
full, the file is locked, damaged, gone, or not the one that the engine has open) goes through
``kill.slots``, which is overwritten in place. What cannot be handed over is said, with what to do.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tradetui.bootstrap.profile.profile import profile_at
from tradetui.cli.output import say
from tradetui.cli.wiring import Place
from tradetui.domain.commands import CommandReply, OperatorCommand, SetKillSwitch
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.store import StoreError
from tradetui.services.errors import RuntimeProblemError, UserError
from tradetui.services.remote import (
    ASK_EVERY_NS,
    AT_NEXT_START,
    WAIT_NS,
    NotYetError,
    not_yet,
    send_and_wait,
)
from tradetui.storage.folder import JOURNAL_DB, STATE_DB, check_folder
from tradetui.storage.inbox import SqliteCommandInbox
from tradetui.storage.kill_slots import PATIENT, SLOTS_FILE, KillSlots, KillSlotsError
from tradetui.storage.lock import check_open_file, holder_of
from tradetui.storage.state_db import StateDatabase


class Post:
    """The command inbox of one state folder."""

    def __init__(self, inbox: SqliteCommandInbox, engine: int | None) -> None:
        self._inbox = inbox
        self._engine = engine

    async def send(self, command: OperatorCommand) -> CommandReply:
        """Leave a command and return the engine's answer."""
        return await send_and_wait(
            self._inbox,
            command,
            engine=self._engine,
            now=time.monotonic_ns,
            sleep=asyncio.sleep,
        )


@asynccontextmanager
async def post_of(place: Place) -> AsyncIterator[Post]:
    """Open the inbox of a place; raises RuntimeProblemError when its database cannot be used,
    UserError for a place where nothing has ever been.
    """
    folder = acting_folder(place)
    try:
        check_folder(folder)
        check_open_file(folder, folder / STATE_DB)
        engine = holder_of(folder)
        database = await StateDatabase.open(folder, profile_at(place).config.profile.run_mode)
    except StoreError as error:
        raise RuntimeProblemError(str(error)) from error
    try:
        for notice in database.notices:
            say(f"tradetui: {notice}")
        if engine is None:
            await _check_used(folder, database)
        yield Post(SqliteCommandInbox(database), engine)
    except StoreError as error:
        raise RuntimeProblemError(str(error)) from error
    finally:
        await database.close()


def acting_folder(place: Place) -> Path:
    """Return the state folder that an act is on; raises UserError where there is none: a typing
    error must not read as a stop.
    """
    folder = profile_at(place).state.expanduser().absolute()
    if not os.path.lexists(folder):
        raise UserError(
            f"{folder}: there is no such state folder. Nothing was done: name the folder of the "
            "engine with --state (one that was moved while its engine runs: the new place)"
        )
    names = (STATE_DB, JOURNAL_DB, SLOTS_FILE)
    is_used = not folder.is_dir() or any((folder / name).exists() for name in names)
    if holder_of(folder) is None and not is_used:
        raise UserError(_unused(folder))
    return folder


async def _check_used(folder: Path, database: StateDatabase) -> None:
    """Raise UserError for a folder in which nothing has run and no instance is recorded."""
    if (folder / JOURNAL_DB).exists():
        return
    if not await database.read("SELECT 1 FROM instances LIMIT 1"):
        raise UserError(_unused(folder))


def _unused(folder: Path) -> str:
    return (
        f"{folder}: nothing has run here and no instance is recorded. Nothing was done: name the "
        "folder of the engine with --state"
    )


async def hand_over(place: Place, command: SetKillSwitch) -> CommandReply:
    """Hand over a kill-switch to engage, through the inbox or else the door, and return the answer.
    Also where the inbox was not answered: its engine may read it and not be able to write there.

    Raises NotYetError when the engine has not answered, RuntimeProblemError when it could not be
    handed over at all.
    """
    try:
        async with post_of(place) as post:
            return await post.send(command)
    except NotYetError as error:
        return await _by_door_too(acting_folder(place), command, error)
    except RuntimeProblemError as error:
        return await by_door(acting_folder(place), command, str(error))


async def _by_door_too(folder: Path, command: SetKillSwitch, before: NotYetError) -> CommandReply:
    try:
        return await by_door(folder, command, "not answered by way of state.db")
    except RuntimeProblemError:
        raise before from None


async def by_door(folder: Path, command: SetKillSwitch, why: str) -> CommandReply:
    """Hand over a kill-switch through ``kill.slots``, as the inbox cannot be used: ``why``.

    Raises NotYetError when the engine has not answered, RuntimeProblemError when there is no way.
    """
    engine = holder_of(folder)
    slots = KillSlots(folder, tries=PATIENT)
    why = why.partition(";")[0]
    try:
        number = slots.post(command)
        if engine is None:
            return CommandReply(True, f"{AT_NEXT_START} (by way of {SLOTS_FILE}: {why})")
        deadline = time.monotonic_ns() + WAIT_NS
        while time.monotonic_ns() < deadline:
            reply = slots.reply_to(number)
            if reply is not None:
                return CommandReply(reply.done, f"{reply.text} (by way of {SLOTS_FILE}: {why})")
            await asyncio.sleep(ASK_EVERY_NS / NANOS_PER_SECOND)
    except KillSlotsError as error:
        raise RuntimeProblemError(_no_way(engine, f"{why}; {error}")) from error
    raise NotYetError(f"{not_yet(engine)} ({why})")


def _no_way(engine: int | None, why: str) -> str:
    """Say that a stop could not be handed over, and what to do."""
    if engine is None:
        return f"NOT engaged, and no engine runs: {why}. Mend that before the next start"
    return (
        f"NOT handed over, the engine goes on: {why}. Stop it in its console (! !), or end it: "
        f"kill -TERM {engine}"
    )
