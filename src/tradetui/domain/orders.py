"""Orders, fills and positions as the core keeps them."""

from __future__ import annotations

from tradetui.domain.enums import (
    HeldBy,
    LiquiditySide,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Refusal,
    TimeInForce,
)
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
    VenueOrderId,
)
from tradetui.domain.reasons import Reason
from tradetui.domain.record import Record


class OrderTerms(Record, frozen=True):
    """What was ordered, by whom and where: fixed for one version of an order.

    Units as in PlaceOrder.
    """

    client_order_id: ClientOrderId
    strategy_id: StrategyId
    execution_id: ExecutionId
    route_id: RouteId
    instrument_id: InstrumentId
    side: OrderSide
    order_type: OrderType
    quantity: int
    price: int | None = None
    trigger_price: int | None = None
    trail_offset: int | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    role: OrderRole = OrderRole.ENTRY
    parent_order_id: ClientOrderId | None = None
    oco_group: str | None = None
    replaces: ClientOrderId | None = None
    created_time: int = 0

    @property
    def is_protective(self) -> bool:
        """Tell whether the order only reduces and guards a position."""
        return self.role is OrderRole.STOP_LOSS or self.role is OrderRole.TAKE_PROFIT


class Order(Record, frozen=True):
    """One version of an order and what has become of it.

    ``quantity`` is the effective one: a bracket child's follows its parent's fills. ``filled_cost``
    is the sum of its fills' notionals (CASH_SCALE), from which the average price is derived.
    ``is_unknown`` marks a submission without a proven outcome. ``pending_replace`` names the new
    version while a replace is unanswered.
    """

    terms: OrderTerms
    state: OrderState
    quantity: int
    filled_quantity: int = 0
    filled_cost: int = 0
    trigger_price: int | None = None
    venue_order_id: VenueOrderId | None = None
    held_by: HeldBy = HeldBy.VENUE
    is_accepted: bool = False
    is_triggered: bool = False
    is_unknown: bool = False
    pending_replace: ClientOrderId | None = None
    refusal: Refusal = Refusal.NONE
    reason: str = ""
    updated_time: int = 0
    updated_seq: int = 0

    @property
    def leaves_quantity(self) -> int:
        """Quantity still to fill."""
        return self.quantity - self.filled_quantity


class Fill(Record, frozen=True):
    """One execution as it reached the ledger.

    Money at CASH_SCALE; ``realised_pnl`` is before the commission.
    """

    trade_id: TradeId
    client_order_id: ClientOrderId
    strategy_id: StrategyId
    execution_id: ExecutionId
    route_id: RouteId
    instrument_id: InstrumentId
    side: OrderSide
    quantity: int
    price: int
    notional: int
    commission: int
    commission_currency: Currency
    liquidity: LiquiditySide
    realised_pnl: int
    position_after: int
    event_time: int
    seq_id: int


class Position(Record, frozen=True):
    """A (sub-)position: signed quantity and signed total cost; the average price is derived, never
    stored.

    ``cost`` has the quantity's sign. ``realised_pnl`` and ``fees`` (in the quote currency,
    CASH_SCALE) add up over the run; closing takes cost by div_floor, the last close takes the rest.
    """

    strategy_id: StrategyId
    route_id: RouteId
    instrument_id: InstrumentId
    quantity: int = 0
    cost: int = 0
    realised_pnl: int = 0
    fees: int = 0
    opened_time: int = 0


class Transition(Record, frozen=True):
    """An order moved from one state to another (or grew its fills in the same state)."""

    client_order_id: ClientOrderId
    strategy_id: StrategyId
    from_state: OrderState
    to_state: OrderState
    cause: str
    filled_quantity: int = 0
    reason: str = ""


class Diagnostic(Record, frozen=True):
    """Something was refused or impossible and changed nothing (or halted what it had to): said,
    never silent.
    """

    code: Reason
    message: str
    client_order_id: ClientOrderId | None = None
    strategy_id: StrategyId | None = None
    route_id: RouteId | None = None
    is_incident: bool = False
