"""How orders reach a venue, and what it may answer.

An adapter translates and nothing more: one call of ``ExecutionClient`` is at most one request to
the venue. It never repeats a request that may change something, and it never decides what a failure
means for an order; it says what happened in one of the closed forms below, and the engine's courier
decides. The forms are strict on purpose, because libraries and venues are not:

- ``Accepted`` carries the order as the venue states it, so that the courier can compare it with
  what was asked (a success that does not match proves nothing);
- ``Refused`` carries the code of a *parsed* error body of the venue: whether that code proves that
  no order exists is a table (``VenueTraits.proven_refusals``), never a guess;
- everything else is ``Unknown``, also a cancelled task or an exception nobody thought of.

Reads answer with data or raise an ``ExecutionError``; ``faults`` says by table what each means.
All times are ns UTC of the venue's own clock, quantities and prices integers at the instrument's
scales, money at CASH_SCALE; every text is printable and bounded (``domain.text.printable``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Protocol

from tradetui.domain.enums import LiquiditySide, OrderSide
from tradetui.domain.ids import ClientOrderId, Currency, InstrumentId, TradeId, VenueOrderId
from tradetui.domain.orders import OrderTerms
from tradetui.domain.record import Record
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.faults import FaultKind

# What the venue has.


class VenueStatus(StrEnum):
    """What a venue says of an order."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class VenueOrder(Record, frozen=True):
    """An order as the venue states it; ``client_order_id`` is empty where it was given none."""

    client_order_id: str
    venue_order_id: VenueOrderId
    instrument_id: InstrumentId
    side: OrderSide
    quantity: int
    filled_quantity: int
    status: VenueStatus
    reason: str = ""


class VenueTrade(Record, frozen=True):
    """One execution of the account. Many venues name only their own order id in it."""

    trade_id: TradeId
    venue_order_id: VenueOrderId
    instrument_id: InstrumentId
    side: OrderSide
    quantity: int
    price: int
    commission: int
    commission_currency: Currency
    liquidity: LiquiditySide
    event_time: int


# What is asked of it.


class SubmitRequest(Record, frozen=True):
    """Create an order. The venue must refuse it when it arrives later than ``timestamp`` +
    ``recv_window`` by its own clock.
    """

    terms: OrderTerms
    timestamp: int
    recv_window: int


class CancelRequest(Record, frozen=True):
    """Cancel an order, by its venue id where that is known. Asking twice does no harm."""

    instrument_id: InstrumentId
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None
    timestamp: int
    recv_window: int


class ReplaceRequest(Record, frozen=True):
    """Put the version ``terms`` in the place of ``client_order_id``, in one act or not at all.

    ``filled_quantity`` is what the old one had filled when this was asked: what it fills until the
    venue acts comes off the new one's quantity. A venue that cannot do that has no native replace.
    """

    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None
    terms: OrderTerms
    filled_quantity: int
    timestamp: int
    recv_window: int


class LookupRequest(Record, frozen=True):
    """Read one order, by our id or by the venue's: exactly one is given."""

    instrument_id: InstrumentId
    client_order_id: ClientOrderId | None = None
    venue_order_id: VenueOrderId | None = None


class OpenOrdersRequest(Record, frozen=True):
    """Read every order of the account that is open, ours or not."""


class TradesRequest(Record, frozen=True):
    """Read the account's trades of one market behind a cursor, oldest first; an empty cursor begins
    at the venue's time ``since``.
    """

    instrument_id: InstrumentId
    cursor: str
    since: int


class BalancesRequest(Record, frozen=True):
    """Read what the account owns of each currency, free and reserved together."""


class TimeRequest(Record, frozen=True):
    """Read the venue's clock."""


Request = (
    SubmitRequest
    | CancelRequest
    | ReplaceRequest
    | LookupRequest
    | OpenOrdersRequest
    | TradesRequest
    | BalancesRequest
    | TimeRequest
)

# What it answers.


class Accepted(Record, frozen=True):
    """The venue did it. ``order``: the order as it is now; after a replace the new version, and
    ``replaced`` the old one as it ended.
    """

    order: VenueOrder
    replaced: VenueOrder | None = None


class Refused(Record, frozen=True):
    """The venue's own error body, parsed: its code and its words."""

    code: str
    message: str


class Unknown(Record, frozen=True):
    """Nobody can say whether the venue did it."""

    message: str


Outcome = Accepted | Refused | Unknown


class OrderFound(Record, frozen=True):
    """A lookup's answer; ``venue_time`` 0 where the venue did not say when."""

    order: VenueOrder
    venue_time: int = 0


class OrderNotFound(Record, frozen=True):
    """The venue, not the network, says that it has no such order at ``venue_time`` (0: not said).

    No proof in itself: the request may still be on its way.
    """

    venue_time: int = 0


class OpenOrders(Record, frozen=True):
    """All open orders of the account."""

    orders: tuple[VenueOrder, ...]
    venue_time: int = 0


class TradesPage(Record, frozen=True):
    """Trades in the venue's order; ``cursor`` stands behind the last one; ``is_last``: there were
    no more.
    """

    trades: tuple[VenueTrade, ...]
    cursor: str
    is_last: bool
    venue_time: int = 0


class Balances(Record, frozen=True):
    """(currency, total at CASH_SCALE) of all that the account owns."""

    totals: tuple[tuple[Currency, int], ...]
    venue_time: int = 0


class VenueTime(Record, frozen=True):
    """The venue's clock."""

    time: int


class Failed(Record, frozen=True):
    """A request gave no answer; ``retry_after`` (ns): how long the venue wants no more of them."""

    kind: FaultKind
    retry_after: int = 0


Answer = (
    Accepted
    | Refused
    | Unknown
    | OrderFound
    | OrderNotFound
    | OpenOrders
    | TradesPage
    | Balances
    | VenueTime
    | Failed
)


class StreamHint(Record, frozen=True):
    """Something on the private stream: a reason to read, never the truth.

    Without an instrument it is a sign of life; ``venue_order_id`` names the order it was about.
    """

    stream: str
    instrument_id: InstrumentId | None = None
    venue_order_id: VenueOrderId | None = None
    client_order_id: ClientOrderId | None = None


class VenueTraits(Record, frozen=True):
    """What an adapter declares of its venue, from its documents and from measurement.

    ``proven_refusals`` are the codes that prove that no order came to be (one that says that the id
    is taken proves the opposite, and is none), ``final_cancel_refusals`` those by which an open
    order cannot be cancelled at all. ``recv_window``, ``processing`` and ``margin`` (ns) add up to
    the time after which a request can no longer take effect. ``weight`` units may be spent in each
    ``window``; ``weights`` are (class of request, units), 1 where not named.
    """

    proven_refusals: tuple[str, ...]
    final_cancel_refusals: tuple[str, ...] = ()
    recv_window: int = 5 * NANOS_PER_SECOND
    processing: int = 10 * NANOS_PER_SECOND
    margin: int = 5 * NANOS_PER_SECOND
    window: int = 60 * NANOS_PER_SECOND
    weight: int = 1_200
    weights: tuple[tuple[str, int], ...] = ()
    streams: tuple[str, ...] = ("orders",)
    stream_deadline: int = 15 * NANOS_PER_SECOND


class ExecutionClient(Protocol):
    """One account at one venue, over the network. No method repeats a request by itself.

    ``submit``, ``cancel`` and ``replace`` return an ``Outcome`` or raise an ``ExecutionError``; any
    other exception, and the task's cancellation, count as unknown. The others return or raise.
    """

    @property
    def traits(self) -> VenueTraits:
        """What the venue is like."""
        ...

    async def submit(self, request: SubmitRequest) -> Outcome:
        """Create an order, once."""
        ...

    async def cancel(self, request: CancelRequest) -> Outcome:
        """Cancel an order."""
        ...

    async def replace(self, request: ReplaceRequest) -> Outcome:
        """Put a new version in an order's place, once."""
        ...

    async def lookup(self, request: LookupRequest) -> OrderFound | OrderNotFound:
        """Read one order."""
        ...

    async def open_orders(self) -> OpenOrders:
        """Read all open orders."""
        ...

    async def trades(self, request: TradesRequest) -> TradesPage:
        """Read a page of trades behind a cursor."""
        ...

    async def balances(self) -> Balances:
        """Read what the account owns."""
        ...

    async def server_time(self) -> VenueTime:
        """Read the venue's clock."""
        ...

    def hints(self) -> AsyncIterator[StreamHint]:
        """Yield what comes on the private streams, for ever; it reconnects by itself."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
