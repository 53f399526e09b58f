"""The commands that ask a running engine for an act, through the command inbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from tradetui.bootstrap.actions import operator
from tradetui.bootstrap.profile import profile_at
from tradetui.bootstrap.scope_names import key_of
from tradetui.bootstrap.shell import instance_service
from tradetui.bootstrap.switches import release_later
from tradetui.cli.wiring import Place, Row
from tradetui.domain.commands import CommandReply, OperatorCommand, SetKillSwitch
from tradetui.domain.naming import NO_SUCH
from tradetui.ports.store import StoreError
from tradetui.services.errors import RuntimeProblemError, UserError
from tradetui.services.remote import send_and_wait
from tradetui.services.steering import (
    ALL,
    cancelling,
    engaging,
    flattening,
    instance_named,
    releasing,
    steering,
)
from tradetui.storage.folder import prepare_folder
from tradetui.storage.inbox import SqliteCommandInbox
from tradetui.storage.lock import holder_of
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
    """Open the inbox of a place; raises RuntimeProblemError when its database cannot be used."""
    profile = profile_at(place)
    try:
        folder = prepare_folder(profile.state)
        database = await StateDatabase.open(folder, profile.config.profile.run_mode)
    except StoreError as error:
        raise RuntimeProblemError(str(error)) from error
    try:
        yield Post(SqliteCommandInbox(database), holder_of(folder))
    except StoreError as error:
        raise RuntimeProblemError(str(error)) from error
    finally:
        await database.close()


async def steer(place: Place, verb: str, name: str) -> Row:
    """Pause, resume, limit or reload one instance, or all."""
    name = instance_named(name)
    command = steering(verb, name, operator())
    if name != ALL:
        async with instance_service(place) as service:
            await service.record(name)
    return await send(place, command)


async def kill(
    place: Place, *, scope: str, exit_only: bool, keep_entries: bool, reason: str
) -> Row:
    """Engage a kill-switch; raises UserError for one over a name that does not exist."""
    command = engaging(
        scope, exit_only=exit_only, keep_entries=keep_entries, reason=reason, actor=operator()
    )
    if holder_of(profile_at(place).state) is None:
        key = await key_of(place, command.scope, command.key)
        command = msgspec.structs.replace(command, key=key)
    return await _switch(place, command)


async def release(place: Place, *, scope: str, reason: str, confirmed: bool) -> Row:
    """Release a kill-switch; raises UserError for one over a name that does not exist. Without an
    engine, take back what waits, or leave the release for the next start.
    """
    command = releasing(scope, reason=reason, confirmed=confirmed, actor=operator())
    if holder_of(profile_at(place).state) is None:
        return await release_later(place, command)
    return await _switch(place, command)


async def _switch(place: Place, command: SetKillSwitch) -> Row:
    """Set a kill-switch; a name that the engine does not know is bad input, not a refusal."""
    row = await send(place, command)
    if not row["done"] and row["text"].startswith(NO_SUCH):
        raise UserError(row["text"])
    return row


async def flatten(place: Place, *, name: str, reason: str, confirmed: bool) -> Row:
    """Close positions at market."""
    name = instance_named(name)
    if name != ALL:
        async with instance_service(place) as service:
            await service.record(name)
    command = flattening(name, reason=reason, confirmed=confirmed, actor=operator())
    return await send(place, command)


async def cancel(place: Place, *, order: str, confirmed: bool) -> Row:
    """Cancel one order."""
    return await send(place, cancelling(order, confirmed=confirmed, actor=operator()))


async def send(place: Place, command: OperatorCommand) -> Row:
    """Leave one command and return the answer as a row."""
    async with post_of(place) as post:
        reply = await post.send(command)
    return {"done": reply.done, "text": reply.text}
