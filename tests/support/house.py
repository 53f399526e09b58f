"""A kernel with a simulated venue behind its one route: what it sends is answered at once."""

from __future__ import annotations

from collections import deque
from typing import Any

from tests.support.kernel_world import BTC, INSTRUMENTS, World

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.capabilities import Capabilities
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.market_data import MarketItem, Trade
from tradetui.domain.orders import Diagnostic, Fill
from tradetui.domain.steps import Applied, CancelCommand, SubmitCommand
from tradetui.engine.command_router import balance_in

CAPPED = VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=1_000_000)
"""A trade fills as much as its own quantity."""


class House(World):
    """``capabilities`` are what the kernel believes of the route; the venue can do all of it."""

    def __init__(
        self, capabilities: Capabilities, config: VenueConfig = CAPPED, **changes: Any
    ) -> None:
        self.venue = SimulatedVenue(config)
        for instrument in INSTRUMENTS:
            self.venue.on_instrument(instrument)
        self.reports: deque[Unsequenced] = deque()
        self.fills: list[Fill] = []
        self.diagnostics: list[Diagnostic] = []
        self.is_busy = False
        super().__init__(capabilities, **changes)
        self.venue.fund(balance_in(self.kernel))

    def event(self, payload: Any, instrument_id: str = "", **more: Any) -> Applied:
        """Apply an event and all that its commands bring back."""
        applied = super().event(payload, instrument_id, **more)
        self._carry(applied)
        return applied

    def intents(self, *intents: Any, name: str = "one") -> Applied:
        """Process intents and all that their commands bring back."""
        applied = super().intents(*intents, name=name)
        self._carry(applied)
        return applied

    def prints(self, price: int, quantity: int, instrument_id: str = BTC) -> None:
        """Let the market trade."""
        self.show(Trade(price, quantity), instrument_id)

    def show(self, payload: Any, instrument_id: str = BTC) -> None:
        """Let an item come as the step loop does: the venue sees it first, its reports come before
        the item.
        """
        self.offer(payload, instrument_id)
        self.event(payload, instrument_id)

    def offer(self, payload: Any, instrument_id: str = BTC) -> None:
        """Show the venue an item that is no event of the kernel, or comes to it afterwards."""
        item = MarketItem(self.now, "SIM", instrument_id, payload)
        self.reports.extend(self.venue.show(item))
        self._answer()

    def held(self, instrument_id: str = BTC) -> int:
        """Return the position of ``one``."""
        position = self.state.positions.get(("one", "main", instrument_id))
        return 0 if position is None else position.quantity

    def _carry(self, applied: Applied) -> None:
        self.fills += applied.fills
        self.diagnostics += applied.diagnostics
        for command in applied.commands:
            if isinstance(command, SubmitCommand):
                self.reports.extend(self.venue.submit(command, self.now))
            elif isinstance(command, CancelCommand):
                self.reports.extend(self.venue.cancel(command, self.now))
            else:
                self.reports.extend(self.venue.replace(command, self.now))
        self._answer()

    def _answer(self) -> None:
        if self.is_busy:
            return
        self.is_busy = True
        while self.reports:
            report = self.reports.popleft()
            self.event(report.payload, report.instrument, after=0)
        self.is_busy = False
