"""Where another process leaves acts for the running engine."""

from __future__ import annotations

from typing import Protocol

from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.record import Record


class WaitingCommand(Record, frozen=True):
    """A command that is not answered yet; ``time`` (ns UTC) is when it was left."""

    number: int
    time: int
    actor: str
    command: OperatorCommand


class CommandInbox(Protocol):
    """A durable queue of commands with one answer each; every method may raise StoreError."""

    async def post(self, command: OperatorCommand) -> int:
        """Leave a command and return its number."""
        ...

    async def waiting(self) -> tuple[WaitingCommand, ...]:
        """Return the commands that wait, oldest first; one that cannot be read is refused."""
        ...

    async def answer(self, number: int, reply: CommandReply) -> None:
        """Record what became of a command."""
        ...

    async def reply_to(self, number: int) -> CommandReply | None:
        """Return the answer to a command, None while it waits."""
        ...

    async def withdraw(self, number: int, text: str) -> CommandReply:
        """Take back a command that waits, with ``text`` as its answer; one that was answered in the
        meantime keeps its answer. Return the answer that holds.
        """
        ...
