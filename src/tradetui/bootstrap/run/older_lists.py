"""The lists of the past that a screen asks for, read from the journal beside a running engine."""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec.structs import replace

from tradetui.bootstrap.recorded.decisions_before import read_decided
from tradetui.bootstrap.recorded.orders_before import closed_in, read_closed
from tradetui.bootstrap.recorded.run_list import RunList
from tradetui.domain.enums import Severity
from tradetui.domain.pages import DecisionsPage, FillsPage, OrdersPage, RunsPage
from tradetui.ports.journal import JournalError
from tradetui.runtime.alerts import Condition
from tradetui.runtime.driver import LiveDriver
from tradetui.runtime.views import decision_views, fill_view, order_view
from tradetui.storage.journal import SqliteJournal

HISTORY_FILLS: Final = 200
"""How many fills of earlier runs a start shows."""


class OlderLists:
    """Reads pages of fills, decisions, orders and runs; what was not read raises OSError."""

    def __init__(self, journal: SqliteJournal, driver: LiveDriver) -> None:
        self._journal = journal
        self._driver = driver
        self._run_list = RunList(journal.path)

    def connect(self) -> None:
        """Let the driver's client ask here."""
        client = self._driver.client
        client.read_fills = self.fills
        client.read_decisions = self.decisions
        client.read_orders = self.orders
        client.read_runs = self.runs

    async def fills(self, before: tuple[int, int] | None, count: int) -> FillsPage:
        """Return a page of recorded fills; raises OSError where the journal cannot be read."""
        try:
            batch = await self._journal.fills_before(before, count)
        except JournalError as error:
            raise OSError(str(error)) from error
        views = tuple(fill_view(fill, run_id) for run_id, fill in batch.fills)
        return FillsPage(views, batch.total, batch.mark)

    async def decisions(self, before: int | None, count: int) -> DecisionsPage:
        """Return a page of recorded decisions; raises OSError where the journal cannot be read."""
        try:
            steps, mark = await asyncio.to_thread(read_decided, self._journal.path, before, count)
        except JournalError as error:
            raise OSError(str(error)) from error
        state = self._driver.loop.kernel.state
        views = [view for step in steps for view in decision_views(state, step)]
        return DecisionsPage(tuple(views), mark)

    async def orders(self, before: int | None, count: int) -> OrdersPage:
        """Return a page of closed orders: of those that the kernel still knows, else of the
        journal; raises OSError where that cannot be read.
        """
        state, durable = self._driver.loop.kernel.state, self._journal.watermark + 1
        found, mark = closed_in(state, durable if before is None else min(before, durable), count)
        if not found:
            try:
                found, mark = await asyncio.to_thread(
                    read_closed, self._journal.path, before, count
                )
            except JournalError as error:
                raise OSError(str(error)) from error
        return OrdersPage(tuple(order_view(state, order) for order in found), mark)

    async def runs(self) -> RunsPage:
        """Return the runs of the journal; raises OSError where it cannot be read."""
        try:
            page = await asyncio.to_thread(self._run_list.read)
        except JournalError as error:
            raise OSError(str(error)) from error
        found = self._driver.telemetry.verified
        return page if found is None else replace(page, verified_at=found.time, faults=found.faults)

    async def preload(self) -> None:
        """Show the newest fills of earlier runs; that they cannot be read is an alert."""
        try:
            fills = await self._journal.fills(HISTORY_FILLS)
        except JournalError as error:
            text = f"the fills of earlier runs are not shown: {error}"
            self._driver.publisher.raise_alert("fills", Condition(Severity.ALERT, None, text))
            return
        views = [fill_view(kept.fill, kept.run_id) for kept in fills]
        self._driver.publisher.preload_fills(tuple(views))
