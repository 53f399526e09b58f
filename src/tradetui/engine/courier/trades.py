"""The desk for trades: the venue's trade history, read by cursor, is the truth about fills.

Each trade is given out once per (side, market, trade id); the side is part of it because a trade of
the account with itself has one id. A trade whose order is not known yet waits until the order was
looked up: it may be one of ours whose acceptance never reached us.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from tradetui.domain.ids import ClientOrderId, InstrumentId, VenueOrderId
from tradetui.engine.courier.edge import Edge
from tradetui.engine.courier.records import Cursor
from tradetui.ports.execution import (
    Answer,
    LookupRequest,
    OrderFound,
    Request,
    TradesPage,
    TradesRequest,
    VenueOrder,
    VenueTrade,
)

TradeKey = tuple[str, InstrumentId, str]


class Stray:
    """Trades of an order of the venue's that is not known to be anybody's yet."""

    __slots__ = ("due", "instrument_id", "is_out", "trades", "venue_order_id")

    def __init__(self, instrument_id: InstrumentId, venue_order_id: VenueOrderId, now: int) -> None:
        self.instrument_id = instrument_id
        self.venue_order_id = venue_order_id
        self.trades: list[VenueTrade] = []
        self.due = now
        self.is_out = False


class Market:
    """How far the trades of one market are read."""

    __slots__ = (
        "again",
        "applied",
        "cursor",
        "due",
        "instrument_id",
        "is_out",
        "is_urgent",
        "pages",
        "read_floor",
        "reads",
    )

    def __init__(self, instrument_id: InstrumentId, cursor: str, now: int) -> None:
        self.instrument_id = instrument_id
        self.cursor = self.applied = cursor
        self.pages: deque[tuple[str, tuple[TradeKey, ...]]] = deque()
        """Pages read, with what of them the kernel must have before their cursor may be kept."""
        self.due = now
        self.is_out = False
        self.read_floor = -1
        """All trades up to this moment of the venue's clock are read."""
        self.reads = 0
        """How often the history was read to its end."""
        self.again = False
        self.is_urgent = False
        """Whether something waits for what the next read brings."""


class TradeDesk:
    """The trades of one route's markets."""

    def __init__(self, edge: Edge, cursors: tuple[Cursor, ...]) -> None:
        self._edge = edge
        self.owners: dict[VenueOrderId, ClientOrderId] = {}
        """Whose the venue's orders are; an empty id: nobody's of ours."""
        kept = {one.instrument_id: one.cursor for one in cursors}
        self.markets = {
            key: Market(key, kept.get(key, ""), edge.now) for key in edge.settings.instruments
        }
        self._seen: dict[TradeKey, None] = {}
        """Given out, and not in the kernel yet."""
        self.strays: dict[VenueOrderId, Stray] = {}
        self.on_own: Callable[[ClientOrderId, VenueTrade], None] = lambda _, __: None
        self.owner_of: Callable[[VenueOrder], ClientOrderId | None] = lambda _: None
        self.given_out = 0
        self.external = 0

    # To the venue.

    def reads(self) -> Iterator[tuple[Market, Request]]:
        """Yield the reads that are due."""
        now = self._edge.now
        for market in self.markets.values():
            if not market.is_out and market.due <= now:
                yield (
                    market,
                    TradesRequest(market.instrument_id, market.cursor, self._edge.settings.since),
                )

    def lookups(self) -> Iterator[tuple[Stray, Request]]:
        """Yield the lookups of orders that trades were made for and that nobody knows."""
        for stray in self.strays.values():
            if not stray.is_out and stray.due <= self._edge.now:
                yield (
                    stray,
                    LookupRequest(stray.instrument_id, venue_order_id=stray.venue_order_id),
                )

    def read_now(self, instrument_id: InstrumentId) -> None:
        """Read a market's trades as soon as the budget lets."""
        market = self.markets[instrument_id]
        market.due = min(market.due, self._edge.now)
        market.is_urgent = True

    def read_soon(self, instrument_id: InstrumentId, moment: int) -> None:
        """Read a market's trades at a moment at the latest."""
        market = self.markets[instrument_id]
        market.due = min(market.due, moment)
        market.is_urgent = True

    def read_again(self, instrument_id: InstrumentId) -> None:
        """Read a market's trades from their beginning: something is missing."""
        market = self.markets[instrument_id]
        market.again = True
        market.due = self._edge.now

    def is_read_since(self, instrument_id: InstrumentId, moment: int) -> bool:
        """Tell whether all trades up to a moment of the venue's clock are read and attributed."""
        if any(stray.instrument_id == instrument_id for stray in self.strays.values()):
            return False
        return self.markets[instrument_id].read_floor > moment

    @property
    def is_settled(self) -> bool:
        """Whether everything given out is in the kernel, and every trade has its owner."""
        self._forget_applied()
        return not self._seen and not self.strays

    def cursors(self) -> tuple[Cursor, ...]:
        """Return how far the kernel has the trades: what a restart may begin from."""
        self._forget_applied()
        return tuple(Cursor(key, market.applied) for key, market in self.markets.items())

    # Answers.

    def on_page(self, market: Market, answer: Answer, floor: int, every: int) -> None:
        """Take a page of trades that was asked for when the venue's clock was past ``floor``."""
        market.is_out = False
        if not isinstance(answer, TradesPage):
            market.due = self._edge.now + self._edge.settings.lookup_after
            return
        keys = []
        for trade in answer.trades:
            key = (f"{self._edge.route_id}:{trade.side}", trade.instrument_id, trade.trade_id)
            keys.append(key)
            if key in self._seen or key in self._edge.state.trade_ids:
                continue
            self._seen[key] = None
            self._attribute(trade)
        if market.again:
            market.again = False
            market.cursor = ""
            market.pages.clear()
            market.due = self._edge.now
            return
        market.cursor = answer.cursor
        market.pages.append((answer.cursor, tuple(keys)))
        market.is_urgent = not answer.is_last
        if answer.is_last:
            market.read_floor = max(market.read_floor, floor)
            market.reads += 1
            market.due = self._edge.now + every
        else:
            market.due = self._edge.now

    def on_stray(self, stray: Stray, answer: Answer) -> None:
        """Take the lookup of an order that trades were made for."""
        stray.is_out = False
        stray.due = self._edge.now + self._edge.settings.lookup_after
        if not isinstance(answer, OrderFound) or stray.venue_order_id not in self.strays:
            return
        if answer.order.venue_order_id != stray.venue_order_id:
            return
        order_id = self.owner_of(answer.order)
        if stray.venue_order_id in self.strays:
            self.own(stray.venue_order_id, order_id or ClientOrderId(""))

    def own(self, venue_order_id: VenueOrderId, order_id: ClientOrderId) -> None:
        """Learn whose an order of the venue's is; what waited for that is given out."""
        self.owners[venue_order_id] = order_id
        stray = self.strays.pop(venue_order_id, None)
        if stray is not None:
            for trade in stray.trades:
                self._give_out(trade)

    def _attribute(self, trade: VenueTrade) -> None:
        if trade.venue_order_id in self.owners:
            self._give_out(trade)
            return
        stray = self.strays.get(trade.venue_order_id)
        if stray is None:
            stray = Stray(trade.instrument_id, trade.venue_order_id, self._edge.now)
            self.strays[trade.venue_order_id] = stray
        stray.trades.append(trade)

    def _give_out(self, trade: VenueTrade) -> None:
        self.given_out += 1
        order_id = self.owners[trade.venue_order_id]
        if not order_id:
            self.external += 1
            order_id = ClientOrderId(f"venue:{trade.venue_order_id}")
        self.on_own(order_id, trade)

    def _forget_applied(self) -> None:
        """Let go of what the kernel has by now; the cursors of whole pages follow."""
        known = self._edge.state.trade_ids
        seen = self._seen
        for key in [key for key in seen if key in known]:
            del seen[key]
        for market in self.markets.values():
            pages = market.pages
            while pages and all(key not in seen for key in pages[0][1]):
                market.applied = pages.popleft()[0]
