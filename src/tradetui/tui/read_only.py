"""A console that only looks: nothing that a person asks of the engine or the records gets through.

The engine under it trades all the same: what is refused says so, and what stops it. What the
console itself remembers (sorting, columns, a theme) it still does.
"""

from __future__ import annotations

from typing import Any, Final

from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.tui.actions import Actions, Engine

REFUSED: Final = CommandReply(
    False, "read-only: keys only look, the engine trades on; `tradetui kill` stops it"
)
_ACTS: Final = ("set_mode", "create", "delete", "set_config", "restore")


class ReadOnlyEngine:
    """An engine whose door for commands is shut."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def send(self, command: OperatorCommand) -> CommandReply:
        """Refuse."""
        return REFUSED


class ReadOnlyActions:
    """Acts on records that are all refused; what only asks or remembers goes through."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    def __getattr__(self, name: str) -> Any:
        if name in _ACTS:
            return _refuse
        return getattr(self._actions, name)


async def _refuse(*_: Any, **__: Any) -> CommandReply:
    return REFUSED
