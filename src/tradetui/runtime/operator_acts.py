"""What people ask of the running engine: what each act does, or why it refuses.

Every act says the state that was seen: if that has changed since, nothing is done. An act has been
journalled when it returns. What stops trading and releases it is in ``stopping``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tradetui.domain import commands
from tradetui.domain.commands import OperatorCommand
from tradetui.domain.control import (
    CancelRequested,
    ErrorCleared,
    HoldReleased,
    OperatorNoted,
    PauseChanged,
)
from tradetui.domain.enums import InstanceState, OrderState
from tradetui.domain.ids import StrategyId
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.text import printable
from tradetui.engine.step_loop import StepLoop
from tradetui.runtime.act_checks import ActChecks, Refused
from tradetui.runtime.acting import Acting
from tradetui.runtime.pacer import Pacer, PlaybackError
from tradetui.runtime.pump import Pump
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.stopping import KeepKillSwitch, Stopping, names

Reconcile = Callable[[], Awaitable[object]]

ReloadInstance = Callable[[StrategyId], Awaitable[str]]
"""Loads a running instance anew; returns why it was left running as it was, else nothing."""


class OperatorActs:
    """The acts of people, each by its command."""

    def __init__(
        self,
        loop: StepLoop,
        pump: Pump,
        publisher: ReplicaPublisher,
        *,
        reconcile: Reconcile,
        reload_instance: ReloadInstance,
        keep_kill_switch: KeepKillSwitch | None = None,
        pacer: Pacer | None = None,
    ) -> None:
        self._loop = loop
        self._publisher = publisher
        self._reconcile = reconcile
        self._reload_instance = reload_instance
        self._pacer = pacer
        self._checks = ActChecks(loop, publisher)
        acting = Acting(loop, pump, publisher.now)
        self._control = acting.control
        self.stopping = Stopping(loop, self._checks, acting, publisher.now, keep_kill_switch)
        """What stops trading and releases it."""
        self._acts: dict[type, Callable[[Any], Awaitable[str]]] = {
            commands.Pause: self._pause,
            commands.SetExitOnly: self.stopping.set_exit_only,
            commands.ReleaseHold: self._release_hold,
            commands.SetKillSwitch: self.stopping.set_kill_switch,
            commands.CancelOne: self._cancel_one,
            commands.CancelEntries: self.stopping.cancel_entries,
            commands.ClosePosition: self.stopping.close_position,
            commands.Reconcile: self._reconcile_now,
            commands.AcknowledgeAlert: self._acknowledge,
            commands.SetPlayback: self._set_playback,
            commands.ReloadInstance: self._reload,
            commands.Resume: self._resume,
        }

    async def do(self, command: OperatorCommand) -> str:
        """Do an act and say what was done; raises Refused, with nothing done."""
        return await self._acts[type(command)](command)

    async def _pause(self, command: commands.Pause) -> str:
        sid = command.strategy_id
        if sid is None:
            return await self._pause_all(paused=command.paused, actor=command.actor)
        now = self._checks.check_seen(sid, command.seen)
        self._checks.check_running(sid)
        is_paused = now is InstanceState.PAUSED
        if command.paused is is_paused:
            raise Refused(f"{sid} is {'paused already' if is_paused else 'not paused'}")
        if now is InstanceState.ERROR:
            raise Refused(f"{sid} was stopped by its errors; resume that with r")
        await self._control(PauseChanged(sid, command.paused, command.actor))
        return f"{sid} {'paused' if command.paused else 'resumed'}: {self._checks.state_of(sid)}"

    async def _pause_all(self, *, paused: bool, actor: str) -> str:
        """Pause what is not, or let go on what is; raises Refused when there is none."""
        instances = self._loop.kernel.state.instances
        found = [sid for sid in sorted(instances) if instances[sid].paused is not paused]
        word = "paused" if paused else "resumed"
        if not found:
            raise Refused(f"there is no instance to be {word}")
        await self._control(*(PauseChanged(sid, paused, actor) for sid in found))
        return f"{names(found)} {word}"

    async def _release_hold(self, command: commands.ReleaseHold) -> str:
        sid = command.strategy_id
        now = self._checks.check_seen(sid, command.seen)
        if sid not in self._loop.kernel.state.instances:
            if now is not InstanceState.ERROR:
                raise Refused(f"{sid} is not running. Nothing done.")
            await self._reconcile()
            return self._loaded_anew(sid)
        if now is InstanceState.HELD:
            await self._control(HoldReleased(sid, command.actor))
        elif now is InstanceState.ERROR:
            await self._control(ErrorCleared(sid, command.actor))
        else:
            raise Refused(f"{sid} is {now}: there is nothing to release")
        return f"{sid} released: {self._checks.state_of(sid)}"

    async def _resume(self, command: commands.Resume) -> str:
        sid, actor = command.strategy_id, command.actor
        if sid is None:
            return await self._pause_all(paused=False, actor=actor)
        now = self._checks.state_of(sid)
        if now is InstanceState.EXIT_ONLY:
            return await self.stopping.set_exit_only(
                commands.SetExitOnly(sid, False, actor, "resumed", now)
            )
        if now in (InstanceState.HELD, InstanceState.ERROR):
            return await self._release_hold(commands.ReleaseHold(sid, now, actor))
        if now is InstanceState.PAUSED:
            return await self._pause(commands.Pause(sid, False, now, actor))
        raise Refused(f"{sid} is {now}: there is nothing to resume")

    async def _cancel_one(self, command: commands.CancelOne) -> str:
        order = self._loop.kernel.state.orders.get(command.client_order_id)
        if order is None:
            raise Refused(f"there is no order {printable(command.client_order_id, 40)}")
        if order.state in TERMINAL:
            raise Refused(f"{command.client_order_id} is {order.state} already")
        if order.state is OrderState.CANCEL_PENDING:
            raise Refused(f"{command.client_order_id} is being cancelled already")
        await self._control(CancelRequested(command.client_order_id, command.actor))
        return f"cancel of {command.client_order_id} sent"

    async def _reconcile_now(self, command: commands.Reconcile) -> str:
        await self._reconcile()
        return "the records were read again"

    async def _reload(self, command: commands.ReloadInstance) -> str:
        sid = command.strategy_id
        self._checks.check_seen(sid, command.seen)
        self._checks.check_running(sid)
        problem = await self._reload_instance(sid)
        if problem:
            raise Refused(f"{sid} is not loaded anew and runs on as it was: {problem}")
        return self._loaded_anew(sid)

    def _loaded_anew(self, sid: StrategyId) -> str:
        """Say how an instance is after it was to be loaded anew; raises Refused if it is not."""
        problem = self._publisher.notes_of(sid).load_error
        if problem:
            raise Refused(f"{sid} is not loaded: {problem}")
        return f"{sid} loaded anew: {self._checks.state_of(sid)}"

    async def _acknowledge(self, command: commands.AcknowledgeAlert) -> str:
        if not self._publisher.acknowledge(command.alert_id):
            raise Refused("that alert is over")
        note = f"acknowledged {printable(command.alert_id, 100)}"
        await self._control(OperatorNoted(command.actor, note))
        return "acknowledged"

    async def _set_playback(self, command: commands.SetPlayback) -> str:
        pacer = self._pacer
        if pacer is None:
            raise Refused("prices are in real time: there is nothing to speed up or pause")
        try:
            if command.speed is not None:
                pacer.set_speed(command.speed)
            if command.playing is not None:
                pacer.play(command.playing)
            if command.steps:
                pacer.step(command.steps)
        except PlaybackError as e:
            raise Refused(str(e)) from e
        speed = "as fast as possible" if pacer.speed is None else f"x{pacer.speed}"
        return f"{pacer.playing} {speed}"
