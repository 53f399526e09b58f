"""The commands that ask a running engine for an act, through the command inbox."""

from __future__ import annotations

import msgspec

from tradetui.bootstrap.commands.handing_over import acting_folder, by_door, hand_over, post_of
from tradetui.bootstrap.commands.scope_names import key_of
from tradetui.bootstrap.commands.switches import release_later
from tradetui.bootstrap.profile.opened_records import instance_service
from tradetui.bootstrap.profile.operator import operator
from tradetui.cli.wiring import Place, Row
from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.enums import Scope
from tradetui.domain.naming import NO_SUCH
from tradetui.domain.words import SCOPE_WORDS
from tradetui.services.errors import RuntimeProblemError, UserError
from tradetui.services.remote import NoAnswerError
from tradetui.services.steering import (
    ALL,
    cancelling,
    engaging,
    flattening,
    instance_named,
    releasing,
    steering,
)
from tradetui.storage.lock import holder_of


async def steer(place: Place, verb: str, name: str) -> Row:
    """Pause, resume, limit or reload one instance, or all."""
    acting_folder(place)
    name = instance_named(name)
    command = steering(verb, name, operator())
    if name != ALL:
        async with instance_service(place, to_read=True) as service:
            await service.record(name)
    return await send(place, command)


async def kill(
    place: Place, *, scope: str, exit_only: bool, keep_entries: bool, reason: str
) -> Row:
    """Engage a kill-switch; raises UserError for one over a name or in a folder that does not
    exist, NotYetError when the engine has not answered.
    """
    folder = acting_folder(place)
    command = engaging(
        scope, exit_only=exit_only, keep_entries=keep_entries, reason=reason, actor=operator()
    )
    if holder_of(folder) is None:
        key = await key_of(place, command.scope, command.key)
        command = msgspec.structs.replace(command, key=key)
    return _switched(await hand_over(place, command))


async def release(place: Place, *, scope: str, reason: str, confirmed: bool) -> Row:
    """Release a kill-switch; raises UserError for one over a name that does not exist. Without an
    engine, take back what waits, or leave the release for the next start.
    """
    command = releasing(scope, reason=reason, confirmed=confirmed, actor=operator())
    if holder_of(acting_folder(place)) is None:
        return await release_later(place, command)
    async with post_of(place) as post:
        return _switched(await post.send(command))


def _switched(reply: CommandReply) -> Row:
    """Return the answer; a name that the engine does not know is bad input, not a refusal."""
    if not reply.done and reply.text.startswith(NO_SUCH):
        raise UserError(reply.text)
    return {"done": reply.done, "text": reply.text}


async def flatten(place: Place, *, name: str, reason: str, confirmed: bool) -> Row:
    """Close positions at market; where that cannot be handed over, at least stop entries.

    Raises RuntimeProblemError then, with what was done.
    """
    folder = acting_folder(place)
    name = instance_named(name)
    if name != ALL:
        async with instance_service(place, to_read=True) as service:
            await service.record(name)
    command = flattening(name, reason=reason, confirmed=confirmed, actor=operator())
    try:
        return await send(place, command)
    except NoAnswerError:
        raise
    except RuntimeProblemError as error:
        if holder_of(folder) is None:
            raise
        scope = ALL if name == ALL else f"{SCOPE_WORDS[Scope.STRATEGY]}:{name}"
        stop = engaging(
            scope, exit_only=True, keep_entries=False, reason=command.reason, actor=command.actor
        )
        reply = await by_door(folder, stop, str(error))
        raise RuntimeProblemError(f"{reply.text}; the positions are NOT closed") from error


async def cancel(place: Place, *, order: str, confirmed: bool) -> Row:
    """Cancel one order."""
    return await send(place, cancelling(order, confirmed=confirmed, actor=operator()))


async def send(place: Place, command: OperatorCommand) -> Row:
    """Leave one command and return the answer as a row."""
    async with post_of(place) as post:
        reply = await post.send(command)
    return {"done": reply.done, "text": reply.text}
