"""All pages of one running engine, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable

from tradetui.domain.pages import (
    DiagnosticsPage,
    EventFilter,
    EventsPage,
    MarketsPage,
    RiskPage,
)
from tradetui.engine.step_loop import StepLoop
from tradetui.runtime.charts import ChartKeeper
from tradetui.runtime.inbox import Inbox
from tradetui.runtime.pages.diagnostics import Rate, diagnostics_page
from tradetui.runtime.pages.events import events_page
from tradetui.runtime.pages.markets import markets_page
from tradetui.runtime.pages.risk import risk_page
from tradetui.runtime.replica import ReplicaPublisher
from tradetui.runtime.tap import StepTap
from tradetui.runtime.telemetry import Telemetry


class Pages:
    """Makes the pages; of the steps only those that are durable."""

    def __init__(
        self,
        loop: StepLoop,
        publisher: ReplicaPublisher,
        charts: ChartKeeper,
        tap: StepTap,
        telemetry: Telemetry,
        inbox: Inbox,
        *,
        watermark: Callable[[], int],
        wall: Callable[[], int],
    ) -> None:
        self._loop = loop
        self._publisher = publisher
        self._charts = charts
        self._tap = tap
        self._telemetry = telemetry
        self._inbox = inbox
        self._watermark = watermark
        self._wall = wall
        self._rate = Rate()

    def risk(self) -> RiskPage:
        """Return limits and exposure."""
        return risk_page(self._loop.kernel.state, self._publisher.now())

    def markets(self) -> MarketsPage:
        """Return every market."""
        state, now = self._loop.kernel.state, self._publisher.now()
        return markets_page(state, self._charts, now)

    def events(self, wanted: EventFilter, count: int) -> EventsPage:
        """Return the newest durable steps that fit."""
        durable = self._tap.newest_first(self._watermark())
        return events_page(self._loop.kernel.state, durable, wanted, count)

    def diagnostics(self) -> DiagnosticsPage:
        """Return the engine's own figures."""
        telemetry = self._telemetry
        return diagnostics_page(
            telemetry,
            self._inbox,
            self._publisher.snapshot().instances,
            now=self._publisher.now(),
            rate=self._rate.of(telemetry.steps, self._wall()),
            journal_waits=self._tap.last_seq - self._watermark(),
        )
