"""Stopping and letting go: pause, exit-only, STOP with its rungs, resume, release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tradetui.domain import formatting
from tradetui.domain.commands import CommandReply, OperatorCommand, SetExitOnly
from tradetui.domain.enums import InstanceMode, InstanceState, Scope
from tradetui.domain.ids import StrategyId
from tradetui.domain.replica import InstanceView, KillView
from tradetui.domain.text import printable
from tradetui.services import operations
from tradetui.tui.dialogs.base import ConfirmDialog, Run, Seen
from tradetui.tui.dialogs.choose import Answer, ChooseDialog
from tradetui.tui.dialogs.stop import StopDialog

if TYPE_CHECKING:
    from tradetui.tui.screens.acts import Acts
    from tradetui.tui.screens.main import MainScreen

_RESUMABLE: Final = (
    InstanceState.PAUSED,
    InstanceState.HELD,
    InstanceState.ERROR,
    InstanceState.EXIT_ONLY,
)


class Holds:
    """To engage is quick, to release is slow."""

    def __init__(self, screen: MainScreen, acts: Acts) -> None:
        self._screen = screen
        self._acts = acts
        self._app = screen.console_app

    # -- pause, resume ---------------------------------------------------------------------------

    def pause(self, strategy_id: StrategyId | None = None) -> None:
        """Pause at once; with a position or orders, offer exit-only first."""
        row = self._acts.row(strategy_id)
        if row is None:
            return
        if row.state in (InstanceState.OFF, InstanceState.PAUSED):
            self._acts.refuse(f"{row.strategy_id} is {row.state.value}: there is nothing to pause")
        elif row.position == 0 and row.orders_open == 0:
            self._acts.perform(self._pause_run(row))
        else:
            self._offer_exit_only(row)

    def _pause_run(self, row: InstanceView) -> Run:
        async def run() -> CommandReply:
            reply = await operations.pause(self._app.engine, row, actor=self._app.actor)
            if reply.done:
                self._acts.can_undo(
                    f"pause {row.strategy_id}", lambda: self.resume(row.strategy_id)
                )
            return reply

        return run

    def _offer_exit_only(self, row: InstanceView) -> None:
        name = row.strategy_id
        exit_only = SetExitOnly(name, True, self._app.actor, "by key p", row.state)
        facts = [
            ("now", f"{row.state.value}, {self._acts.held(row)}"),
            ("exit-only", "no entry and no increase; the strategy goes on and manages its exits"),
            ("pause", "the strategy gets no ticks: nobody manages its exits; resting stops stay"),
        ]
        answers = [
            Answer("e", "exit-only", self._undoable(exit_only, f"exit-only {name}", name)),
            Answer("p", "pause all the same", self._pause_run(row)),
        ]
        self._acts.open(
            ChooseDialog(
                f"PAUSE {name}", facts, answers, place=self._app.place, is_live=self._app.is_live,
                seen=self._acts.seen(name),
            )
        )  # fmt: skip

    def _undoable(self, command: OperatorCommand, what: str, name: StrategyId) -> Run:
        async def run() -> CommandReply:
            reply = await self._app.engine.send(command)
            if reply.done:
                self._acts.can_undo(what, lambda: self.resume(name))
            return reply

        return run

    def resume(self, strategy_id: StrategyId | None = None) -> None:
        """Resume or release; a kill-switch in the way is released first, with a reason."""
        row = self._acts.row(strategy_id)
        if row is None:
            return
        kill = self._kill_over(row)
        if row.state in _RESUMABLE and (kill is None or row.state is not InstanceState.EXIT_ONLY):
            self._resume_instance(row)
        elif kill is not None:
            self.release(kill)
        elif row.mode is InstanceMode.ACTIVE:
            why = f": {printable(row.state_reason, 80)}" if row.state_reason else ""
            self._acts.refuse(
                f"{row.strategy_id} is {row.state.value}{why}: there is nothing to resume"
            )
        else:
            self._acts.refuse(f"{row.strategy_id} is {row.state.value}: there is nothing to resume")

    def _kill_over(self, row: InstanceView) -> KillView | None:
        """Return the kill-switch that stops this instance: its own, else the widest."""
        kills = self._screen.replica.header.kills
        own = [k for k in kills if k.scope is Scope.STRATEGY and k.key == row.strategy_id]
        wide = [k for k in kills if k.scope is not Scope.STRATEGY]
        return next(iter([*own, *wide]), None)

    def _resume_instance(self, row: InstanceView) -> None:
        async def run(_: str = "") -> CommandReply:
            return await operations.resume(self._app.engine, row, actor=self._app.actor)

        if not self._app.is_live:
            self._acts.perform(run)
            return
        facts = [
            ("instance", f"{row.account}  {row.symbol}  {row.strategy_type}"),
            (
                "now",
                f"{row.state.value} {printable(row.state_reason, 100)}, {self._acts.held(row)}",
            ),
            ("then", "the strategy runs and may enter again"),
        ]
        self._acts.open(
            ConfirmDialog(
                f"RESUME {row.strategy_id}", facts, "resume?", run, place=self._app.place,
                is_live=True, seen=self._acts.seen(row.strategy_id),
            )
        )  # fmt: skip

    # -- STOP and release ------------------------------------------------------------------------

    def stop(self) -> None:
        """Open the STOP dialog."""
        marked = [
            one for one in self._screen.state.table.marked if one in self._screen.replica.instances
        ]

        def figures(ids: tuple[StrategyId, ...] | None) -> operations.StopFigures:
            return operations.stop_figures(self._app.engine.snapshot(), ids)

        async def run(rung: operations.StopRung, seen: operations.StopFigures) -> CommandReply:
            replies = await operations.stop(
                self._app.engine, rung, seen, actor=self._app.actor, reason="STOP dialog"
            )
            text = "; ".join(dict.fromkeys(reply.text for reply in replies)) or "nothing to do"
            return CommandReply(all(reply.done for reply in replies), text)

        this = self._acts.targets.pointed().row
        self._acts.open(
            StopDialog(
                None if this is None else this.strategy_id, tuple(sorted(marked)), figures, run,
                place=self._app.place, is_live=self._app.is_live,
            )
        )  # fmt: skip

    def release(self, kill: KillView | None = None) -> None:
        """Release a kill-switch: ``y`` on paper, a typed word and a reason on live."""
        kills = self._screen.replica.header.kills
        chosen = kill or next(iter(kills), None)
        if chosen is None:
            self._acts.refuse("every kill-switch is NORMAL: there is nothing to release")
            return
        scope = f"{chosen.scope.value} {printable(chosen.key, 40)}".strip()

        def look() -> tuple[str, ...]:
            now = next(
                (k for k in self._screen.replica.header.kills
                 if (k.scope, k.key) == (chosen.scope, chosen.key)), None,
            )  # fmt: skip
            return ("NORMAL",) if now is None else (now.state.value,)

        async def run(reason: str) -> CommandReply:
            why = reason or "released on paper"
            return await operations.release(
                self._app.engine, chosen.scope, chosen.key, chosen.state,
                actor=self._app.actor, reason=why,
            )  # fmt: skip

        facts = [
            ("scope", scope),
            ("now", f"{chosen.state.value} since {formatting.timestamp(chosen.time)} UTC"),
            (
                "set by",
                f"{printable(chosen.actor, 32)}: {printable(chosen.reason, 120) or 'no reason'}",
            ),
            ("then", "entries are allowed again where nothing else forbids them"),
        ]
        is_live = self._app.is_live
        self._acts.open(
            ConfirmDialog(
                "RELEASE", facts, "to release" if is_live else "release?", run,
                place=self._app.place, is_live=is_live, seen=Seen.take(look),
                typed="RELEASE" if is_live else "", wants_reason=is_live,
            )
        )  # fmt: skip
