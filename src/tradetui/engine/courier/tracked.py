"""An order at the edge: what was asked of the venue, and what is proven of it."""

from __future__ import annotations

from enum import StrEnum

from tradetui.domain.ids import ClientOrderId, VenueOrderId
from tradetui.domain.orders import Order, OrderTerms
from tradetui.ports.execution import VenueOrder, VenueStatus, VenueTrade


class Phase(StrEnum):
    """How far an order has come. ``QUEUED -> SENT -> LIVE``; ``SENT -> UNKNOWN -> LIVE``; an end is
    known by ``TrackedOrder.end`` and reported when all its fills are.
    """

    QUEUED = "queued"
    SENT = "sent"
    UNKNOWN = "unknown"
    LIVE = "live"


class TrackedOrder:
    """One client order id at one venue, from the moment its command is durable to its proven end.

    Times are of the local monotonic clock, except ``dead_after``: the venue's time after which its
    request can no longer take effect (None: not known yet).
    """

    __slots__ = (
        "asked_at",
        "cancel_due",
        "cancel_tries",
        "cancel_wanted",
        "carried",
        "client_order_id",
        "dead_after",
        "end",
        "end_reason",
        "evidence",
        "filled",
        "found",
        "held_trades",
        "lookup_due",
        "lookup_out",
        "lookup_tries",
        "phase",
        "replaced_by",
        "replaces",
        "short_since",
        "terms",
        "venue_filled",
        "venue_order_id",
    )

    def __init__(self, terms: OrderTerms, now: int, replaces: ClientOrderId | None) -> None:
        self.terms = terms
        self.client_order_id = terms.client_order_id
        self.replaces = replaces
        """The version whose place it takes, if it was asked for by a replace."""
        self.asked_at = now
        self.phase = Phase.QUEUED
        self.venue_order_id: VenueOrderId | None = None
        self.dead_after: int | None = None
        self.evidence: list[int] = []
        """When lookups that could prove it said that there is no such order."""
        self.lookup_due: int | None = None
        self.lookup_tries = 0
        self.lookup_out = False
        self.filled = 0
        """Sum of the fills given out, or known to the kernel before."""
        self.venue_filled = 0
        """The most that the venue said it has filled."""
        self.end: VenueStatus | None = None
        self.end_reason = ""
        self.short_since: int | None = None
        """Since when fills are missing to an end that is known."""
        self.cancel_wanted = False
        self.cancel_due = 0
        self.cancel_tries = 0
        self.replaced_by: ClientOrderId | None = None
        self.found: VenueOrder | None = None
        """A new version that exists, while the old one's last fills are still read."""
        self.held_trades: list[VenueTrade] = []
        self.carried = False
        """Whether a run before this one may have sent it."""

    @classmethod
    def carry(cls, order: Order, now: int) -> TrackedOrder:
        """Take over an order that an earlier run left at the venue, or may have."""
        terms = order.terms
        tracked = cls(terms, now, None)
        tracked.carried = True
        tracked.filled = tracked.venue_filled = order.filled_quantity
        tracked.venue_order_id = order.venue_order_id
        tracked.phase = Phase.LIVE if order.is_accepted else Phase.UNKNOWN
        tracked.lookup_due = now
        return tracked

    def is_same(self, order: VenueOrder) -> bool:
        """Tell whether the venue's order is the one that was asked for, by all that was asked."""
        terms = self.terms
        return (
            order.client_order_id == self.client_order_id
            and order.instrument_id == terms.instrument_id
            and order.side is terms.side
            and (order.quantity == terms.quantity or self.is_version or self.carried)
            and 0 <= order.filled_quantity <= order.quantity
            and (self.venue_order_id is None or self.venue_order_id == order.venue_order_id)
        )

    @property
    def is_version(self) -> bool:
        """Whether it takes another order's place: the venue takes the other's fills off it."""
        return self.replaces is not None

    @property
    def is_doubtful(self) -> bool:
        """Whether it was sent and nothing is proven of it."""
        return self.phase is Phase.SENT or self.phase is Phase.UNKNOWN
