"""The in-process EngineClient: a replica to read, and a door for acts of people.

Done or refused, an act is in the audit. It has been journalled when its reply comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tradetui.core.view import FilteredView
from tradetui.domain.commands import CommandReply, OperatorCommand
from tradetui.domain.enums import Severity
from tradetui.domain.ids import StrategyId
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
from tradetui.runtime.act_checks import Refused
from tradetui.runtime.chart_views import chart_view
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.operator_acts import OperatorActs, Reconcile, ReloadInstance
from tradetui.runtime.pacer import Pacer
from tradetui.runtime.pages.asked import Pages
from tradetui.runtime.pump import Pump
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.stopping import KeepKillSwitch, problem_of
from tradetui.strategy.widgets import encode_widgets

Audit = Callable[[str, str, str, str, bool], Awaitable[None]]
"""(act, target, detail, actor, done)."""

ReadFills = Callable[[tuple[int, int] | None, int], Awaitable[FillsPage]]
"""Reads recorded fills, as ``EngineClient.fills_page`` does."""

ReadDecisions = Callable[[int | None, int], Awaitable[DecisionsPage]]
"""Reads recorded decisions, as ``EngineClient.decisions_page`` does."""
ReadRuns = Callable[[], Awaitable[RunsPage]]
"""Reads the runs of the journal, as ``EngineClient.runs_page`` does."""
ReadOrders = Callable[[int | None, int], Awaitable[OrdersPage]]
"""Reads closed orders, as ``EngineClient.orders_page`` does."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """Widgets, and the tick and the state, positions and orders that they were drawn of."""

    tick: int | None
    shown: tuple[object, ...]
    view: UiView


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
        self._publisher = publisher
        self._charts = charts
        self._audit = audit
        self.read_fills: ReadFills | None = None
        """Set, as the three below, where a journal is kept; without it only what this run still
        knows is told.
        """
        self.read_decisions: ReadDecisions | None = None
        self.read_orders: ReadOrders | None = None
        self.read_runs: ReadRuns | None = None
        self._ui: dict[StrategyId, _Picture] = {}
        self.acts = OperatorActs(
            loop,
            pump,
            publisher,
            reconcile=reconcile,
            reload_instance=reload_instance,
            keep_kill_switch=keep_kill_switch,
            pacer=pacer,
        )

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
        """Return the instance's widgets: rendered once a tick, and again when its state, position
        or orders have changed since. What was drawn of a shadow's book must not stand under ACTIVE.

        A ``render`` that failed is not tried again before the next tick: it may take seconds.
        """
        if strategy_id not in self._loop.host.running_instances:
            self._ui.pop(strategy_id, None)
            return UiView(strategy_id, self._loop.now, b"", "")
        tick = self._loop.schedule.last_tick(strategy_id)
        seen = FilteredView(self._loop.kernel.view(), strategy_id)
        shown = (seen.status, seen.positions(), seen.orders())
        known = self._ui.get(strategy_id)
        is_of_tick = known is not None and tick is not None and known.tick == tick
        if known is not None and is_of_tick and (known.view.error or known.shown == shown):
            return known.view
        result = self._loop.host.get_ui(strategy_id)
        view = UiView(strategy_id, result.time, encode_widgets(result.widgets), result.error)
        self._ui[strategy_id] = _Picture(tick, shown, view)
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
            reply = CommandReply(True, await self.acts.do(command))
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
