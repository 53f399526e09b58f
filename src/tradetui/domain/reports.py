"""Payloads of source ``broker_report``: what a venue (real or simulated), or the kernel's own gate,
states.
"""

from __future__ import annotations

from tradetui.domain.enums import LiquiditySide, OrderSide
from tradetui.domain.ids import ClientOrderId, Currency, RouteId, StrategyId, TradeId, VenueOrderId
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record


class OrderAccepted(Record, frozen=True):
    """The venue took the order.

    ``inferred`` marks an acceptance that a fill proved before any word of it came.
    """

    route_id: RouteId
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId
    inferred: bool = False


class OrderRejected(Record, frozen=True):
    """The venue refused the order; ``message`` is its own words, made printable."""

    route_id: RouteId
    client_order_id: ClientOrderId
    message: str


class OrderFilled(Record, frozen=True):
    """One execution: ``last_price`` at the instrument's price scale, ``last_quantity`` at its size
    scale.

    ``commission`` is at CASH_SCALE in ``commission_currency``; negative is a rebate.
    """

    route_id: RouteId
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId
    trade_id: TradeId
    side: OrderSide
    last_quantity: int
    last_price: int
    commission: int
    commission_currency: Currency
    liquidity: LiquiditySide


class OrderTriggered(Record, frozen=True):
    """A stop's trigger was reached; the order now rests or trades."""

    route_id: RouteId
    client_order_id: ClientOrderId


class OrderCancelled(Record, frozen=True):
    """The order is cancelled, asked or not; ``reason`` is why, where it was not asked for."""

    route_id: RouteId
    client_order_id: ClientOrderId
    reason: str = ""


class OrderExpired(Record, frozen=True):
    """The order ran out of its time in force (IOC, FOK, DAY, GTD)."""

    route_id: RouteId
    client_order_id: ClientOrderId
    reason: str = ""


class CancelRejected(Record, frozen=True):
    """The venue refused a cancel; the order lives on."""

    route_id: RouteId
    client_order_id: ClientOrderId
    message: str = ""


class OrderReplaced(Record, frozen=True):
    """The venue put a new version in the place of an order."""

    route_id: RouteId
    client_order_id: ClientOrderId
    new_client_order_id: ClientOrderId
    venue_order_id: VenueOrderId


class ReplaceRejected(Record, frozen=True):
    """The venue refused a new version; the old one lives on."""

    route_id: RouteId
    client_order_id: ClientOrderId
    new_client_order_id: ClientOrderId
    message: str = ""


class OrderAmended(Record, frozen=True):
    """The holder changed an order's quantity or trigger itself (a bracket child following fills, a
    trailing stop). ``quantity`` is the total, what has filled included; both are as they are now,
    at the instrument's scales.
    """

    route_id: RouteId
    client_order_id: ClientOrderId
    quantity: int
    trigger_price: int | None = None


class OutcomeUnknown(Record, frozen=True):
    """A submission has no proven outcome; the order counts as exposure until evidence closes it."""

    route_id: RouteId
    client_order_id: ClientOrderId
    message: str = ""


class OrderDenied(Record, frozen=True):
    """The kernel refused an intent; sequenced after its step, so that the strategy hears of it."""

    strategy_id: StrategyId
    client_order_id: ClientOrderId
    reason: Reason


class OrderModified(Record, frozen=True):
    """The risk engine reduced an intent; sequenced after its step, so that the strategy hears of
    it. ``quantity`` and ``price`` are what was sent, at the instrument's scales.
    """

    strategy_id: StrategyId
    client_order_id: ClientOrderId
    quantity: int
    price: int | None
    reason: Reason


class CashAdjusted(Record, frozen=True):
    """Money moved on a route for a reason other than a fill: deposit, funding, settlement,
    transfer. ``amount`` at CASH_SCALE, negative when it left; ``strategy_id``: whose profit it is.
    """

    route_id: RouteId
    currency: Currency
    amount: int
    reason: str
    strategy_id: StrategyId | None = None


class PositionSettled(Record, frozen=True):
    """The venue closed the route's position at a price (an expired future, a resolved prediction
    market), at the instrument's price scale.
    """

    route_id: RouteId
    price: int


ReportPayload = (
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
    | OutcomeUnknown
    | OrderDenied
    | OrderModified
    | CashAdjusted
    | PositionSettled
)
