"""Acts on every marked row: each instance by itself, what was refused named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.replica import InstanceView
from tradetui.services import operations
from tradetui.services.errors import UserError
from tradetui.tui.dialogs.base import ConfirmDialog, Seen

if TYPE_CHECKING:
    from tradetui.tui.screens.acts import Acts
    from tradetui.tui.screens.main import MainScreen

One = Callable[[InstanceView], Awaitable[CommandReply]]
_STOPPED: Final = (InstanceState.OFF, InstanceState.PAUSED)
_HELD: Final = (
    InstanceState.PAUSED,
    InstanceState.HELD,
    InstanceState.ERROR,
    InstanceState.EXIT_ONLY,
)
_NAMED: Final = 12


class Bulk:
    """``p``, ``r``, ``o`` and ``a`` while rows are marked."""

    def __init__(self, screen: MainScreen, acts: Acts) -> None:
        self._screen = screen
        self._acts = acts
        self._app = screen.console_app

    def marked(self) -> list[InstanceView]:
        """Return the marked rows, by id; those whose keys only look are left out."""
        instances, state = self._screen.replica.instances, self._screen.state
        chosen = sorted(state.table.marked)
        return [
            instances[one]
            for one in chosen
            if one in instances and one not in state.preferences.locked
        ]

    def run(self, binding_id: str) -> bool:
        """Do a key for every marked row; False when none is marked, the key is not for many, or a
        list has the keys: there the row under its cursor is meant.
        """
        rows = [] if self._acts.targets.is_list_over_all else self.marked()
        handler = {
            "pause": self.pause,
            "resume": self.resume,
            "power": self.power,
            "activate": self.activate,
        }.get(binding_id)
        if not rows or handler is None:
            return False
        handler(rows)
        return True

    def pause(self, rows: list[InstanceView]) -> None:
        """Pause every marked row that runs."""
        fit = [row for row in rows if row.state not in _STOPPED]

        async def one(row: InstanceView) -> CommandReply:
            return await operations.pause(self._app.engine, row, actor=self._app.actor)

        self._ask("PAUSE", fit, rows, "nobody manages their exits; resting stops stay", one)

    def resume(self, rows: list[InstanceView]) -> None:
        """Resume every marked row that is stopped; on live each is resumed by itself."""
        if self._app.is_live:
            self._acts.refuse("on live each instance is resumed by itself: unmark with Space, r")
            return
        fit = [row for row in rows if row.state in _HELD]

        async def one(row: InstanceView) -> CommandReply:
            return await operations.resume(self._app.engine, row, actor=self._app.actor)

        self._ask("RESUME", fit, rows, "they run and may enter again", one)

    def power(self, rows: list[InstanceView]) -> None:
        """Off -> observe if every marked row is off; else everything that is on goes off."""
        if all(row.mode is InstanceMode.OFF for row in rows):
            self._switch("OBSERVE", rows, rows, InstanceMode.OBSERVE, "they observe")
            return
        fit = [row for row in rows if row.mode is not InstanceMode.OFF]
        then = "entry orders of active ones are cancelled; positions and stops stay"
        self._switch("OFF", fit, rows, InstanceMode.OFF, then)

    def activate(self, rows: list[InstanceView]) -> None:
        """Observe -> active for all; active -> observe if any is active."""
        active = [row for row in rows if row.mode is InstanceMode.ACTIVE]
        if active:
            then = "their entry orders are cancelled; positions and stops stay"
            self._switch("OBSERVE", active, rows, InstanceMode.OBSERVE, then)
        elif self._app.is_live:
            self._acts.refuse("on live each instance is activated by itself: unmark with Space, a")
        else:
            fit = [row for row in rows if row.mode is InstanceMode.OBSERVE]
            self._switch("ACTIVATE", fit, rows, InstanceMode.ACTIVE, "they may send entries")

    def _switch(
        self,
        title: str,
        fit: list[InstanceView],
        rows: list[InstanceView],
        mode: InstanceMode,
        then: str,
    ) -> None:
        async def one(row: InstanceView) -> CommandReply:
            return await self._app.actions.set_mode(
                row.strategy_id, mode, seen_revision=row.revision, seen_state=row.state
            )

        self._ask(title, fit, rows, then, one)

    def _ask(
        self, title: str, fit: list[InstanceView], rows: list[InstanceView], then: str, one: One
    ) -> None:
        if not fit:
            states = ", ".join(f"{row.strategy_id} {row.state.value}" for row in rows[:_NAMED])
            self._acts.refuse(f"nothing to do: {states}")
            return

        def look() -> tuple[str, ...]:
            now = self._screen.replica.instances
            return tuple(
                now[row.strategy_id].state.value if row.strategy_id in now else "gone"
                for row in fit
            )

        async def run(_: str) -> CommandReply:
            return _joined(title, [(row, await _tried(one, row)) for row in fit])

        facts = [
            (
                "marked" if at == 0 else "",
                f"{row.strategy_id}  {row.symbol}  {row.state.value}, {self._acts.held(row)}",
            )
            for at, row in enumerate(fit[:_NAMED])
        ]
        if len(fit) > _NAMED:
            facts.append(("", f"and {len(fit) - _NAMED} more"))
        if len(fit) < len(rows):
            facts.append(("left out", f"{len(rows) - len(fit)}, already so or not fit for it"))
        facts.append(("then", then))
        self._acts.open(
            ConfirmDialog(
                f"{title} {len(fit)} marked", facts, f"{title.lower()} {len(fit)}?", run,
                place=self._app.place, is_live=self._app.is_live, seen=Seen.take(look),
            )
        )  # fmt: skip


async def _tried(one: One, row: InstanceView) -> CommandReply:
    try:
        return await one(row)
    except UserError as error:
        return CommandReply(False, str(error))


def _joined(title: str, replies: list[tuple[InstanceView, CommandReply]]) -> CommandReply:
    """Say how many were done, and each refusal with its instance."""
    refused = [f"{row.strategy_id}: {reply.text}" for row, reply in replies if not reply.done]
    done = len(replies) - len(refused)
    return CommandReply(not refused, "; ".join([f"{title.lower()}: {done} done", *refused]))
