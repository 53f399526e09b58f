"""The in-process EngineClient: a replica to read, and a door for acts of people.

Every act says the state that was seen: if that has changed since, nothing is done, and the reply
says so. Done or refused, it is in the audit. An act has been journalled when its reply comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tradetui.domain import commands
from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.control import (
    CancelRequested,
    ErrorCleared,
    HoldReleased,
    OperatorNoted,
    PauseChanged,
)
from tradetui.domain.enums import InstanceState, OrderState, Severity
from tradetui.domain.ids import StrategyId
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.pages import (
    DecisionsPage,
    DiagnosticsPage,
    EventFilter,
    EventsPage,
    FillsPage,
    MarketsPage,
    OrdersPage,
    RiskPage,
    RunsPage,
)
from tradetui.domain.replica import ChartView, ReplicaChange, ReplicaSnapshot, UiView
from tradetui.domain.text import printable
from tradetui.engine.step_loop import StepLoop
from tradetui.ports.store import StoreError
from tradetui.runtime.act_checks import ActChecks, Refused
from tradetui.runtime.acting import Acting
from tradetui.runtime.chart_views import chart_view
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.pacer import Pacer, PlaybackError
from tradetui.runtime.pages.asked import Pages
from tradetui.runtime.pump import Pump
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.stopping import KeepKillSwitch, Stopping, names, problem_of
from tradetui.strategy.widgets import encode_widgets

Audit = Callable[[str, str, str, str, bool], Awaitable[None]]
"""(act, target, detail, actor, done)."""

Reconcile = Callable[[], Awaitable[object]]

ReloadInstance = Callable[[StrategyId], Awaitable[str]]
"""Loads a running instance anew; returns why it was left running as it was, else nothing."""

ReadFills = Callable[[tuple[int, int] | None, int], Awaitable[FillsPage]]
"""Reads recorded fills, as ``EngineClient.fills_page`` does."""

ReadDecisions = Callable[[int | None, int], Awaitable[DecisionsPage]]
"""Reads recorded decisions, as ``EngineClient.decisions_page`` does."""
ReadRuns = Callable[[], Awaitable[RunsPage]]
"""Reads the runs of the journal, as ``EngineClient.runs_page`` does."""
ReadOrders = Callable[[int | None, int], Awaitable[OrdersPage]]
"""Reads closed orders, as ``EngineClient.orders_page`` does."""


class InProcessClient:
    """Implements ``ports.engine_client.EngineClient`` on the engine's own event loop."""

    def __init__(
        self,
        loop: StepLoop,
        pump: Pump,
        publisher: ReplicaPublisher,
        charts: ChartKeeper,
        *,
        audit: Audit,
        reconcile: Reconcile,
        reload_instance: ReloadInstance,
        keep_kill_switch: KeepKillSwitch | None = None,
        pages: Pages,
        pacer: Pacer | None = None,
    ) -> None:
        self._loop = loop
        self._pages = pages
        self._pump = pump
        self._publisher = publisher
        self._charts = charts
        self._audit = audit
        self._reconcile = reconcile
        self._reload_instance = reload_instance
        self._pacer = pacer
        self.read_fills: ReadFills | None = None
        """Set, as the three below, where a journal is kept; without it only what this run still
        knows is told.
        """
        self.read_decisions: ReadDecisions | None = None
        self.read_orders: ReadOrders | None = None
        self.read_runs: ReadRuns | None = None
        self._ui: dict[StrategyId, tuple[int | None, UiView]] = {}
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

    # Reading.

    def snapshot(self) -> ReplicaSnapshot:
        """Return everything as of the newest committed change."""
        return self._publisher.snapshot()

    def changes(self, after: int) -> tuple[ReplicaChange, ...] | None:
        """Return the changes after a number; None if some are gone."""
        return self._publisher.changes(after)

    async def chart(
        self, strategy_id: StrategyId, timeframe_ns: int, count: int
    ) -> ChartView | None:
        """Return the instance's candles with its marks; None if it has no prices."""
        row = self._publisher.instance(strategy_id)
        if row is None or not row.instrument_id:
            return None
        return chart_view(
            self._loop,
            self._charts,
            self._publisher.fills,
            strategy_id,
            row.instrument_id,
            timeframe_ns,
            count,
        )

    async def get_ui(self, strategy_id: StrategyId) -> UiView:
        """Return the instance's widgets, rendered at most once per tick."""
        if strategy_id not in self._loop.host.running_instances:
            self._ui.pop(strategy_id, None)
            return UiView(strategy_id, self._loop.now, b"", "")
        tick = self._loop.schedule.last_tick(strategy_id)
        known = self._ui.get(strategy_id)
        if known is not None and known[0] is not None and known[0] == tick:
            return known[1]
        result = self._loop.host.get_ui(strategy_id)
        view = UiView(strategy_id, result.time, encode_widgets(result.widgets), result.error)
        self._ui[strategy_id] = (tick, view)
        return view

    # Acting.

    async def risk_page(self) -> RiskPage:
        """Return limits with what is used of them, and exposure."""
        return self._pages.risk()

    async def markets_page(self) -> MarketsPage:
        """Return every market."""
        return self._pages.markets()

    async def events_page(self, wanted: EventFilter, count: int) -> EventsPage:
        """Return the newest durable steps that fit, oldest first."""
        return self._pages.events(wanted, count)

    async def fills_page(self, before: tuple[int, int] | None, count: int) -> FillsPage:
        """Return the newest recorded fills before a mark, or of all."""
        if self.read_fills is not None:
            return await self.read_fills(before, count)
        known = self._publisher.fills
        return FillsPage(known[-count:] if count else (), len(known))

    async def decisions_page(self, before: int | None, count: int) -> DecisionsPage:
        """Return about the newest recorded decisions before a step, or of all."""
        if self.read_decisions is not None:
            return await self.read_decisions(before, count)
        return DecisionsPage(self.snapshot().decisions if before is None else ())

    async def orders_page(self, before: int | None, count: int) -> OrdersPage:
        """Return about the newest orders that were closed before a step, or of all."""
        if self.read_orders is not None:
            return await self.read_orders(before, count)
        closed = tuple(one for one in self.snapshot().orders if not one.is_open)
        return OrdersPage(closed if before is None else ())

    async def runs_page(self) -> RunsPage:
        """Return the newest runs of the journal; none where nothing is recorded."""
        return RunsPage("", (), 0) if self.read_runs is None else await self.read_runs()

    async def diagnostics_page(self) -> DiagnosticsPage:
        """Return the engine's own figures."""
        return self._pages.diagnostics()

    async def send(self, command: OperatorCommand) -> CommandReply:
        """Do an act, or refuse it and say why."""
        act = type(command).__name__
        target, detail = _describe(command)
        try:
            text = await self._acts[type(command)](command)
            reply = CommandReply(True, text)
        except Refused as e:
            reply = CommandReply(False, str(e))
        try:
            await self._audit(act, target, f"{detail} -> {reply.text}", command.actor, reply.done)
        except StoreError as e:
            # What was done is done: the answer says so, whatever cannot be written of it.
            text = f"{reply.text}; not in the audit: {problem_of(e)}"
            self._publisher.say(Severity.WARNING, text)
            return CommandReply(reply.done, text)
        return reply

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


def _describe(command: OperatorCommand) -> tuple[str, str]:
    """Return what an act is aimed at, and its other fields as text, for the audit."""
    fields = {
        name: getattr(command, name)
        for name in command.__struct_fields__
        if name != "actor" and getattr(command, name) is not None
    }
    keys = ("strategy_id", "client_order_id", "key", "alert_id")
    target = next((str(fields.pop(key)) for key in keys if fields.get(key)), "all")
    return printable(target, 100), printable(", ".join(f"{k}={v}" for k, v in fields.items()))
