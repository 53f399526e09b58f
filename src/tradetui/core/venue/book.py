"""The orders at the simulated venue and all that it remembers: one record that can be stored."""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.tape import Tape, absorb
from tradetui.domain.enums import OrderSide, Source
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import (
    ClientOrderId,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
    VenueOrderId,
)
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import MarketItem
from tradetui.domain.orders import OrderTerms
from tradetui.domain.reports import (
    CancelRejected,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderTriggered,
    ReplaceRejected,
)
from tradetui.domain.steps import Command

_BUY: Final = OrderSide.BUY
_BROKER_REPORT: Final = Source.BROKER_REPORT

MAX_ENDED: Final = 4096
"""How many orders that ended with a fill are remembered at least, for children that come later."""

VenueReport = (
    OrderAccepted
    | OrderRejected
    | OrderFilled
    | OrderTriggered
    | OrderCancelled
    | OrderExpired
    | CancelRejected
    | OrderReplaced
    | ReplaceRejected
    | OrderAmended
)

PositionKey = tuple[RouteId, InstrumentId, StrategyId]
GroupKey = tuple[RouteId, StrategyId, str]


class Resting(msgspec.Struct, gc=False):
    """An order at the venue. ``quantity`` is its effective total, fills included.

    ``net`` is what its fills left in the account (a base fee taken off). ``ready`` is the number of
    the first segment on which it may act; ``is_fresh`` holds until it has rested at a known price
    (what then fills at its limit makes liquidity). ``bracket`` is set on a child, ``leads`` on a
    parent: both the key of the bracket. A waiting child has no quantity yet.
    """

    terms: OrderTerms
    venue_order_id: VenueOrderId
    serial: int
    quantity: int
    active_time: int
    trigger_price: int | None = None
    expire_time: int | None = None
    bracket: ClientOrderId | None = None
    leads: ClientOrderId | None = None
    filled: int = 0
    net: int = 0
    ready: int = 0
    is_waiting: bool = False
    is_triggered: bool = False
    is_fresh: bool = True
    is_done: bool = False

    @property
    def leaves(self) -> int:
        """Quantity still to fill."""
        return self.quantity - self.filled


class Bracket(msgspec.Struct, gc=False):
    """A parent with children: what it bought (net of base fees), and what its exits sold of it.

    ``whole`` is the quantity that its first version was ordered for: children are parts of that.
    """

    parent_id: ClientOrderId
    side: OrderSide
    whole: int
    children: dict[ClientOrderId, None]
    bought: int = 0
    sold: int = 0
    is_open: bool = True


class Ended(msgspec.Struct, frozen=True, gc=False):
    """What remains known of an order that ended; ``next_id`` is the version that replaced it."""

    side: OrderSide
    whole: int
    bought: int
    next_id: ClientOrderId | None = None
    leads: ClientOrderId | None = None


class Group(msgspec.Struct, gc=False):
    """An OCO group: the largest quantity ordered in it, and what its members have filled."""

    members: dict[ClientOrderId, None]
    size: int = 0
    filled: int = 0


class Book(msgspec.Struct):
    """The orders of one route in one instrument, in order of arrival.

    ``open_used`` is the volume that fills at the current bar's open took from its share.
    """

    route_id: RouteId
    orders: dict[ClientOrderId, Resting] = {}
    open_used: int = 0


class Pending(msgspec.Struct, gc=False):
    """A command on its way: it arrives at ``time``, or after ``items`` more items."""

    command: Command
    time: int
    items: int


class VenueState(msgspec.Struct):
    """All that the venue remembers. Maps keep their order of insertion, which is that of the
    inputs.
    """

    config: VenueConfig
    instruments: dict[InstrumentId, Instrument] = {}
    books: dict[InstrumentId, dict[RouteId, Book]] = {}
    busy: dict[InstrumentId, int] = {}
    """Orders and pending commands per instrument; an instrument without any has no entry."""
    orders: dict[ClientOrderId, Resting] = {}
    groups: dict[GroupKey, Group] = {}
    brackets: dict[ClientOrderId, Bracket] = {}
    """By the first version of the parent."""
    ended: dict[ClientOrderId, Ended] = {}
    ended_before: dict[ClientOrderId, Ended] = {}
    unasked: dict[ClientOrderId, None] = {}
    unasked_before: dict[ClientOrderId, None] = {}
    """Orders whose end the venue reported of itself: a cancel that crosses it needs no answer."""
    positions: dict[PositionKey, int] = {}
    pending: dict[InstrumentId, list[Pending]] = {}
    tapes: dict[InstrumentId, Tape] = {}
    newest: dict[InstrumentId, MarketItem] = {}
    """The last item that came while nothing waited for it."""
    serial: int = 0
    trades: int = 0
    segment: int = 0
    now: int = 0
    reports: list[Unsequenced] = []
    """What the call under way has to say."""

    def say(self, instrument_id: InstrumentId, payload: VenueReport) -> None:
        """Report something at the current time."""
        instrument, now = self.instruments.get(instrument_id), self.now
        venue = instrument_id.rpartition(".")[2] if instrument is None else instrument.venue
        self.reports.append(Unsequenced(now, now, _BROKER_REPORT, venue, instrument_id, payload))

    def next_trade_id(self) -> TradeId:
        """Make the next trade's id."""
        self.trades += 1
        return TradeId(f"{self.config.id_prefix}T{self.trades}")

    def occupy(self, instrument_id: InstrumentId) -> None:
        """Count one more thing that waits for an instrument's items.

        After items that nothing waited for, the newest of them is what is remembered.
        """
        count = self.busy.get(instrument_id, 0)
        if count == 0 and (instrument_id in self.newest or instrument_id not in self.tapes):
            self.tapes[instrument_id] = self.tape(instrument_id)
            self.newest.pop(instrument_id, None)
        self.busy[instrument_id] = count + 1

    def tape(self, instrument_id: InstrumentId) -> Tape:
        """Return what is remembered of an instrument's market."""
        item = self.newest.get(instrument_id)
        if item is not None:
            tape = Tape()
            absorb(tape, item)
            return tape
        return self.tapes.get(instrument_id) or Tape()

    def vacate(self, instrument_id: InstrumentId) -> None:
        """Count one less."""
        left = self.busy[instrument_id] - 1
        if left:
            self.busy[instrument_id] = left
        else:
            del self.busy[instrument_id]

    def add(self, order: Resting) -> None:
        """Put an order into its book."""
        terms = order.terms
        instrument_id, order_id = terms.instrument_id, terms.client_order_id
        books = self.books.get(instrument_id)
        if books is None:
            books = self.books[instrument_id] = {}
        book = books.get(terms.route_id)
        if book is None:
            book = books[terms.route_id] = Book(terms.route_id)
        book.orders[order_id] = self.orders[order_id] = order
        count = self.busy.get(instrument_id)
        if count:
            self.busy[instrument_id] = count + 1
        else:
            self.occupy(instrument_id)

    def remove(self, order: Resting, next_id: ClientOrderId | None = None) -> None:
        """Take an order out of its book; what it bought, or what follows it, is remembered."""
        terms = order.terms
        order_id = terms.client_order_id
        order.is_done = True
        del self.books[terms.instrument_id][terms.route_id].orders[order_id]
        del self.orders[order_id]
        self.vacate(terms.instrument_id)
        if order.net or next_id is not None:
            ended = Ended(terms.side, order.quantity, order.net, next_id, order.leads)
            self._remember(order_id, ended)

    def _remember(self, order_id: ClientOrderId, order: Ended) -> None:
        """Keep what an ended order did; at least the newest MAX_ENDED are kept."""
        if len(self.ended) >= MAX_ENDED:
            self.ended_before = self.ended
            self.ended = {}
        self.ended[order_id] = order

    def ended_order(self, order_id: ClientOrderId) -> Ended | None:
        """Return what an ended order did; None for one without a fill, and for one unknown."""
        return self.ended.get(order_id) or self.ended_before.get(order_id)

    def note_unasked(self, order_id: ClientOrderId) -> None:
        """Remember that an order's end was reported; at least the newest MAX_ENDED are kept."""
        if len(self.unasked) >= MAX_ENDED:
            self.unasked_before = self.unasked
            self.unasked = {}
        self.unasked[order_id] = None

    def ended_unasked(self, order_id: ClientOrderId) -> bool:
        """Tell whether an order's end was reported."""
        return order_id in self.unasked or order_id in self.unasked_before

    def position_of(self, terms: OrderTerms) -> int:
        """Return the position that an order works for: its instance's own on its route.

        Not the route's net one: a guard must not depend on what another instance holds.
        """
        key = (terms.route_id, terms.instrument_id, terms.strategy_id)
        return self.positions.get(key, 0)

    def reducible(self, terms: OrderTerms) -> int:
        """Return how much an order can reduce its position by; 0 when it would open or add."""
        held = self.position_of(terms)
        return max(-held if terms.side is _BUY else held, 0)
