"""What acts on several instances share: each is done by itself, what was refused is named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from tradetui.domain.commands import CommandReply
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.services.errors import UserError
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.screens.asking import Asking

One = Callable[[InstanceView], Awaitable[CommandReply]]
NAMED: Final = 12
"""A sentence and a dialog name no more instances than that."""


def named(words: Sequence[str]) -> str:
    """Name some, and count those that are left."""
    hidden = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" and {hidden} more" if hidden > 0 else "")


def rows_of(asking: Asking, label: str, fit: Sequence[InstanceView]) -> list[tuple[str, str]]:
    """Return a line for each instance: its market, state, position and orders."""
    table = [
        (row.strategy_id, printable(row.symbol, 24), row.state.value, asking.held(row))
        for row in fit[:NAMED]
    ]
    widths = [max((len(cells[at]) for cells in table), default=0) for at in range(3)]
    facts = [
        (
            label if at == 0 else "",
            "  ".join([*map(str.ljust, cells, widths), cells[-1]]),
        )
        for at, cells in enumerate(table)
    ]
    if len(fit) > NAMED:
        facts.append(("", f"and {len(fit) - NAMED} more"))
    return facts


def seen_of(asking: Asking, fit: Iterable[InstanceView]) -> Seen:
    """Remember the states that a dialog shows."""
    wanted = [row.strategy_id for row in fit]

    def look() -> tuple[str, ...]:
        rows = (asking.there(one) for one in wanted)
        return tuple("gone" if row is None else row.state.value for row in rows)

    return Seen.take(look)


async def tried(one: One, row: InstanceView) -> CommandReply:
    """Do something for an instance; a refusal that is raised becomes the reply."""
    try:
        return await one(row)
    except UserError as error:
        return CommandReply(False, str(error))


def joined(title: str, replies: list[tuple[InstanceView, CommandReply]]) -> CommandReply:
    """Say how many were done, and each refusal with its instance."""
    refused = [f"{row.strategy_id}: {reply.text}" for row, reply in replies if not reply.done]
    done = len(replies) - len(refused)
    return CommandReply(not refused, "; ".join([f"{title.lower()}: {done} done", *refused]))
