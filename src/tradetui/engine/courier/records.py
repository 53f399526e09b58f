"""What a courier is told, and what it gives out."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from tradetui.domain.ids import ClientOrderId, Currency, InstrumentId, RouteId
from tradetui.domain.record import Record
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.ports.execution import (
    BalancesRequest,
    CancelRequest,
    LookupRequest,
    OpenOrdersRequest,
    ReplaceRequest,
    SubmitRequest,
    TimeRequest,
    TradesRequest,
    VenueTraits,
)

SECOND: Final = NANOS_PER_SECOND


class Lane(StrEnum):
    """Requests of one lane never wait behind those of a later one."""

    CANCEL = "cancel"
    RESOLVE = "resolve"
    ORDER = "order"
    DATA = "data"


class CourierSettings(Record, frozen=True):
    """How one route is served. Times are ns of the local monotonic clock.

    ``prefix`` begins every client order id that is ours. ``since`` is the venue's time at which
    this account's history begins for us: what it traded before is not ours to know.
    """

    route_id: RouteId
    venue: str
    traits: VenueTraits
    instruments: tuple[InstrumentId, ...]
    prefix: str = "tt"
    since: int = 0
    max_wait: int = 10 * SECOND
    """How long an order may wait to be sent; later it is refused, for it is stale."""
    answer_deadline: int = 15 * SECOND
    read_every: int = 10 * SECOND
    read_stale_every: int = 2 * SECOND
    time_every: int = 30 * SECOND
    balances_every: int = 60 * SECOND
    max_round_trip: int = 2 * SECOND
    """A reading of the venue's clock that took longer is not used."""
    max_clock_age: int = 120 * SECOND
    lookup_after: int = SECOND
    lookup_at_most: int = 15 * SECOND
    evidence_apart: int = 5 * SECOND
    """Two answers "not found" must lie so far apart to prove anything together."""
    cancel_again: int = SECOND
    cancel_at_most: int = 5 * SECOND


class Cursor(Record, frozen=True):
    """How far the trades of a market are in the kernel: to be kept with a checkpoint."""

    instrument_id: InstrumentId
    cursor: str


class Outgoing(Record, frozen=True):
    """A request to be made now; its answer is given back with ``number``."""

    number: int
    lane: Lane
    request: (
        SubmitRequest
        | CancelRequest
        | ReplaceRequest
        | LookupRequest
        | OpenOrdersRequest
        | TradesRequest
        | BalancesRequest
        | TimeRequest
    )


class Differences(Record, frozen=True):
    """What a start found otherwise at the venue than in the journal, and did about it.

    ``adopted``: orders whose outcome was unknown and that exist. ``closed``: orders that ended
    meanwhile, or never arrived. ``external``: open orders there that are not ours.
    ``strange``: open orders with our prefix that the journal does not know. ``fills`` and
    ``external_fills``: how many trades were missing here. ``money``: (currency, how much more the
    venue has than the ledger), at CASH_SCALE.
    """

    adopted: tuple[ClientOrderId, ...] = ()
    closed: tuple[ClientOrderId, ...] = ()
    external: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    fills: int = 0
    external_fills: int = 0
    money: tuple[tuple[Currency, int], ...] = ()

    def words(self) -> str:
        """Say all of it in one line."""
        parts = [
            _count(len(self.adopted), "unknown order exists", "unknown orders exist"),
            _count(len(self.closed), "order ended meanwhile", "orders ended meanwhile"),
            _count(self.fills, "fill of ours was missing", "fills of ours were missing"),
            _count(self.external_fills, "fill is not ours", "fills are not ours"),
            _count(len(self.external), "open order is not ours", "open orders are not ours"),
            _count(len(self.strange), "open order is unknown", "open orders are unknown"),
            *(f"{currency} differs by {amount}e-8" for currency, amount in self.money),
        ]
        return "; ".join(part for part in parts if part) or "no differences"


def _count(number: int, one: str, many: str) -> str:
    if not number:
        return ""
    return f"1 {one}" if number == 1 else f"{number} {many}"
