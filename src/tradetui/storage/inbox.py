"""The command inbox: other processes leave acts in ``state.db``, the engine answers them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import aiosqlite
import msgspec

from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.text import printable
from tradetui.ports.command_inbox import WaitingCommand
from tradetui.storage.state_db import StateDatabase

_decoder: Final = msgspec.json.Decoder(OperatorCommand)
MAX_WAITING: Final = 100
"""So many commands are read at once; the rest waits."""


def decoded(row: Sequence[Any]) -> WaitingCommand | CommandReply:
    """Read a row of ``number, time, actor, command``; the refusal of one that cannot be read."""
    number, moment, actor, text = row
    try:
        return WaitingCommand(number, moment, actor, _decoder.decode(text))
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return CommandReply(False, printable(f"the command cannot be read: {error}"))


class SqliteCommandInbox:
    """Implements ``ports.command_inbox.CommandInbox``."""

    def __init__(self, database: StateDatabase, now: Callable[[], int] = time.time_ns) -> None:
        self._database = database
        self._now = now

    async def post(self, command: OperatorCommand) -> int:
        """Leave a command for the engine and return its number."""
        text, now = msgspec.json.encode(command).decode(), self._now()

        async def work(connection: aiosqlite.Connection) -> int:
            cursor = await connection.execute(
                "INSERT INTO commands (time, actor, command) VALUES (?, ?, ?)",
                (now, printable(command.actor, 64), text),
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

        return await self._database.write(work)

    async def waiting(self) -> tuple[WaitingCommand, ...]:
        """Return the waiting commands, oldest first; one that cannot be read is refused."""
        rows = await self._database.read(
            "SELECT number, time, actor, command FROM commands WHERE done IS NULL "
            "ORDER BY number LIMIT ?",
            (MAX_WAITING,),
        )
        commands = []
        for row in rows:
            command = decoded(row)
            if isinstance(command, CommandReply):
                await self.answer(row[0], command)
            else:
                commands.append(command)
        return tuple(commands)

    async def legible(self) -> tuple[WaitingCommand, ...]:
        """Return the waiting commands that can be read, oldest first; nothing is answered."""
        rows = await self._database.read(
            "SELECT number, time, actor, command FROM commands WHERE done IS NULL ORDER BY number"
        )
        found = (decoded(row) for row in rows)
        return tuple(one for one in found if isinstance(one, WaitingCommand))

    async def answer(self, number: int, reply: CommandReply) -> None:
        """Record what became of a command."""
        now = self._now()

        async def work(connection: aiosqlite.Connection) -> None:
            await connection.execute(
                "UPDATE commands SET done = ?, reply = ?, done_time = ? "
                "WHERE number = ? AND done IS NULL",
                (reply.done, reply.text, now, number),
            )

        await self._database.write(work)

    async def reply_to(self, number: int) -> CommandReply | None:
        """Return the answer to a command, None while it waits."""
        rows = await self._database.read(
            "SELECT done, reply FROM commands WHERE number = ? AND done IS NOT NULL", (number,)
        )
        return CommandReply(bool(rows[0][0]), str(rows[0][1])) if rows else None

    async def withdraw(self, number: int, text: str) -> CommandReply:
        """Take back a command that still waits; return the answer that holds."""
        await self.answer(number, CommandReply(False, text))
        reply = await self.reply_to(number)
        assert reply is not None
        return reply
