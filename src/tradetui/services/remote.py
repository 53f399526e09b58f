"""Acts from one process on the engine of another, through the command inbox.

A shell leaves a command and waits for the answer; the engine answers what waits at every poll. What
has waited too long is refused: it was meant for another moment. Only what engages a kill-switch
keeps, and the release of one that was left while no engine ran: the next start takes them, in
order, before anything trades.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from tradetui.domain.commands import (
    CancelEntries,
    ClosePosition,
    CommandReply,
    OperatorCommand,
    SetExitOnly,
    SetKillSwitch,
)
from tradetui.domain.enums import KillState
from tradetui.domain.units import NANOS_PER_SECOND, div_floor
from tradetui.ports.command_inbox import CommandInbox
from tradetui.services.errors import RefusedError, RuntimeProblemError

FRESH_NS: Final = 10 * NANOS_PER_SECOND
"""How old a command may be when the engine takes it."""
WAIT_NS: Final = 5 * NANOS_PER_SECOND
"""How long a shell waits for the answer; the engine polls each second."""
ASK_EVERY_NS: Final = 50_000_000
STOPPING: Final = (SetKillSwitch, ClosePosition, SetExitOnly, CancelEntries)
"""What an engine answers also while its journal is stalled."""

Send = Callable[[OperatorCommand], Awaitable[CommandReply]]
Sleep = Callable[[float], Awaitable[None]]


AT_NEXT_START: Final = (
    "no engine runs: engaged at the next start, before it trades; `release` takes it back"
)


def not_yet(engine: int) -> str:
    """Say of a stop that it waits for an engine that does not answer, and what to do."""
    return (
        f"NOT done yet: it was handed over, and process {engine} has not answered in "
        f"{div_floor(WAIT_NS, NANOS_PER_SECOND)} s. It waits, and holds as soon as the process "
        f"goes on; to end the process now: kill -KILL {engine}"
    )


class NoAnswerError(RuntimeProblemError):
    """The engine did not answer in time."""


class NotYetError(NoAnswerError):
    """A stop was handed over, and is not known to hold yet: it waits for the engine."""


def keeps(command: OperatorCommand) -> bool:
    """Tell whether a command holds whenever it is taken: it engages a kill-switch, or releases one
    and was left while no engine ran.
    """
    return isinstance(command, SetKillSwitch) and (
        command.state is not KillState.NORMAL or command.is_kept
    )


async def answer_waiting(
    inbox: CommandInbox,
    send: Send,
    now: int,
    only: tuple[type[OperatorCommand], ...] | None = None,
) -> int:
    """Do, or refuse, every command that waits, oldest first; return how many there were. ``only``:
    those of some kinds.

    What someone else answered while one before it was done is not done again.
    """
    waiting = [one for one in await inbox.waiting() if only is None or type(one.command) in only]
    for number, one in enumerate(waiting):
        if number and await inbox.reply_to(one.number) is not None:
            continue
        age = now - one.time
        if age > FRESH_NS and not keeps(one.command):
            seconds = div_floor(age, NANOS_PER_SECOND)
            reply = CommandReply(False, f"it had waited {seconds:,} s: nothing done; say it again")
        else:
            reply = await send(one.command)
        await inbox.answer(one.number, reply)
    return len(waiting)


async def send_and_wait(
    inbox: CommandInbox,
    command: OperatorCommand,
    *,
    engine: int | None,
    now: Callable[[], int],
    sleep: Sleep,
) -> CommandReply:
    """Leave a command for the engine and return its answer.

    ``engine`` is the process that runs it, None if none does: then only what engages a kill-switch
    is left, for the next start. Raises RefusedError when no engine runs, NoAnswerError when
    it does not answer. The command is then taken back, but for what keeps: NotYetError.
    """
    if engine is None:
        if not keeps(command):
            raise RefusedError("no engine runs on this state folder; nothing was done")
        await inbox.post(command)
        return CommandReply(True, AT_NEXT_START)
    number = await inbox.post(command)
    deadline = now() + WAIT_NS
    while now() < deadline:
        reply = await inbox.reply_to(number)
        if reply is not None:
            return reply
        await sleep(ASK_EVERY_NS / NANOS_PER_SECOND)
    if keeps(command):
        raise NotYetError(not_yet(engine))
    reply = await inbox.withdraw(number, "taken back: the engine did not answer in time")
    if reply.done:
        return reply
    raise NoAnswerError(f"process {engine} did not answer; {reply.text}")
