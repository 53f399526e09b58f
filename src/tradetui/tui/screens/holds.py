"""Pause and resume of one instance."""

from __future__ import annotations

from typing import Final

from tradetui.domain.commands import CommandReply, OperatorCommand, SetExitOnly
from tradetui.domain.enums import InstanceMode, InstanceState
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.services import operations
from tradetui.tui.dialogs.base import ConfirmDialog, Facts, Run
from tradetui.tui.dialogs.choose import Answer, ChooseDialog
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.releasing import Releasing

_RESUMABLE: Final = (
    InstanceState.PAUSED,
    InstanceState.HELD,
    InstanceState.ERROR,
    InstanceState.EXIT_ONLY,
)


class Holds:
    """To engage is quick, to release is slow."""

    def __init__(self, screen: Desk, asking: Asking, releasing: Releasing) -> None:
        self._screen = screen
        self._releasing = releasing
        self._asking = asking
        self._app = screen.console_app

    # -- pause, resume ---------------------------------------------------------------------------

    def pause(self, strategy_id: StrategyId | None = None) -> None:
        """Pause at once; with a position or orders, offer exit-only first."""
        row = self._asking.row(strategy_id)
        if row is None:
            return
        if row.state in (InstanceState.OFF, InstanceState.PAUSED):
            self._asking.refuse(
                f"{row.strategy_id} is {row.state.value}: there is nothing to pause"
            )
        elif row.position == 0 and row.orders_open == 0:
            self._asking.perform(self._pause_run(row))
        else:
            self._offer_exit_only(row)

    def _pause_run(self, row: InstanceView) -> Run:
        async def run() -> CommandReply:
            reply = await operations.pause(self._app.engine, row, actor=self._app.actor)
            if reply.done:
                self._asking.can_undo(
                    f"pause {row.strategy_id}", lambda: self.resume(row.strategy_id)
                )
            return reply

        return run

    def _offer_exit_only(self, row: InstanceView) -> None:
        name = row.strategy_id
        exit_only = SetExitOnly(
            name, True, self._app.actor, self._app.key_names("by key {pause}"), row.state
        )

        def facts() -> Facts:
            now = self._asking.now(row)
            return (
                ("now", f"{now.state.value}, {self._asking.held(now)}"),
                (
                    "exit-only",
                    "no entry and no increase; the strategy goes on and manages its exits",
                ),
                (
                    "pause",
                    "the strategy gets no ticks: nobody manages its exits; resting stops stay",
                ),
            )

        answers = [
            Answer("e", "exit-only", self._undoable(exit_only, f"exit-only {name}", name)),
            Answer("p", "pause all the same", self._pause_run(row)),
        ]
        self._asking.open(
            ChooseDialog(
                f"PAUSE {name}", facts, answers, place=self._app.place, is_live=self._app.is_live,
                seen=self._asking.seen_state(name),
            )
        )  # fmt: skip

    def _undoable(self, command: OperatorCommand, what: str, name: StrategyId) -> Run:
        async def run() -> CommandReply:
            reply = await self._app.engine.send(command)
            if reply.done:
                self._asking.can_undo(what, lambda: self.resume(name))
            return reply

        return run

    def resume(self, strategy_id: StrategyId | None = None) -> None:
        """Resume or release; a kill-switch in the way is released first, with a reason."""
        if strategy_id is None and self._releasing.is_on_switches:
            self._releasing.release()
            return
        row = self._asking.row(strategy_id)
        if row is None:
            return
        kills = self._releasing.over(row)
        if row.state in _RESUMABLE and (not kills or row.state is not InstanceState.EXIT_ONLY):
            self._resume_instance(row)
        elif kills:
            self._releasing.ask_which(kills)
        elif row.mode is InstanceMode.ACTIVE:
            why = f": {printable(row.state_reason, 80)}" if row.state_reason else ""
            self._asking.refuse(
                f"{row.strategy_id} is {row.state.value}{why}: there is nothing to resume"
            )
        else:
            self._asking.refuse(
                f"{row.strategy_id} is {row.state.value}: there is nothing to resume"
            )

    def _resume_instance(self, row: InstanceView) -> None:
        async def run(_: str = "") -> CommandReply:
            return await operations.resume(self._app.engine, row, actor=self._app.actor)

        if not self._app.is_live:
            self._asking.perform(run)
            return

        def facts() -> Facts:
            now = self._asking.now(row)
            state = f"{now.state.value} {printable(now.state_reason, 100)}"
            return (
                ("instance", f"{row.account}  {row.symbol}  {row.strategy_type}"),
                ("now", f"{state}, {self._asking.held(now)}"),
                ("then", "the strategy runs and may enter again"),
            )

        self._asking.open(
            ConfirmDialog(
                f"RESUME {row.strategy_id}", facts, "resume?", run, place=self._app.place,
                is_live=True, seen=self._asking.seen(row.strategy_id),
            )
        )  # fmt: skip
