"""How screens and commands reach the running engine."""

from __future__ import annotations

from typing import Protocol

from tradetui.domain.commands import CommandReply, OperatorCommand
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


class EngineClient(Protocol):
    """A replica to read and a door for commands.

    The same in process and attached from another process.
    """

    def snapshot(self) -> ReplicaSnapshot:
        """Return everything as of the newest committed change."""
        ...

    def changes(self, after: int) -> tuple[ReplicaChange, ...] | None:
        """Return the changes after number ``after``, oldest first; None if some are gone: take a
        snapshot again.
        """
        ...

    async def send(self, command: OperatorCommand) -> CommandReply:
        """Do an act, or refuse it and say why.

        Never raises for a refusal.
        """
        ...

    async def chart(
        self, strategy_id: StrategyId, timeframe_ns: int, count: int
    ) -> ChartView | None:
        """Return the newest ``count`` candles of the instance's market with its marks; None if it
        has no prices.
        """
        ...

    async def get_ui(self, strategy_id: StrategyId) -> UiView:
        """Return what the strategy's ``render()`` gave after its last tick, or after what has
        changed its state, its position or its orders since then.
        """
        ...

    async def risk_page(self) -> RiskPage:
        """Return limits with what is used of them, and exposure, as of now."""
        ...

    async def markets_page(self) -> MarketsPage:
        """Return every market as of now."""
        ...

    async def events_page(self, wanted: EventFilter, count: int) -> EventsPage:
        """Return the newest ``count`` durable steps that fit, oldest first."""
        ...

    async def fills_page(self, before: tuple[int, int] | None, count: int) -> FillsPage:
        """Return the newest ``count`` recorded fills before a mark of an earlier page, or of all.

        Raises OSError where they cannot be read.
        """
        ...

    async def decisions_page(self, before: int | None, count: int) -> DecisionsPage:
        """Return about the newest ``count`` recorded decisions before a step, or of all.

        Raises OSError where they cannot be read.
        """
        ...

    async def orders_page(self, before: int | None, count: int) -> OrdersPage:
        """Return about the newest ``count`` orders that were closed before a step, or of all.

        Raises OSError where they cannot be read.
        """
        ...

    async def runs_page(self) -> RunsPage:
        """Return the newest runs of the journal and what came of each.

        Raises OSError where they cannot be read.
        """
        ...

    async def diagnostics_page(self) -> DiagnosticsPage:
        """Return the engine's own figures as of now."""
        ...
