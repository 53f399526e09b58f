"""The five intents: all that a strategy can ask for."""

from __future__ import annotations

from tradetui.domain.enums import KillState, OrderRole, OrderSide, OrderType, TimeInForce
from tradetui.domain.ids import ClientOrderId, InstrumentId, StrategyId
from tradetui.domain.record import Record


class PlaceOrder(Record, frozen=True):
    """Ask for a new order.

    Quantities and prices are integers at the instrument's scales. ``trigger_price`` starts a stop,
    ``trail_offset`` is a trailing stop's distance in price units. A child (``parent_order_id``)
    becomes effective with its parent's fills, for the filled quantity. Orders of one ``oco_group``
    cancel one another; they are all on one instrument. ``requested`` keeps what the strategy wrote
    before it was snapped to lot and tick. ``signal`` is the index of the signal it followed, if
    any.
    """

    client_order_id: ClientOrderId
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
    requested: str = ""
    signal: int | None = None
    reason: str = ""


class CancelOrder(Record, frozen=True):
    """Ask that one of the instance's own orders be cancelled."""

    client_order_id: ClientOrderId
    reason: str = ""


class ReplaceOrder(Record, frozen=True):
    """Ask for a new version of an order: ``new_client_order_id`` with the fields that are not None
    changed.
    """

    client_order_id: ClientOrderId
    new_client_order_id: ClientOrderId
    quantity: int | None = None
    price: int | None = None
    trigger_price: int | None = None
    reason: str = ""


class SetRiskFlag(Record, frozen=True):
    """Tighten the instance's own scope: REDUCING or HALTED.

    Only an operator loosens.
    """

    state: KillState
    reason: str = ""


class NoOp(Record, frozen=True):
    """Say, on the record, that nothing was wanted."""

    reason: str = ""


Intent = PlaceOrder | CancelOrder | ReplaceOrder | SetRiskFlag | NoOp


class SignalGate(Record, frozen=True):
    """One condition of a strategy's signal, as text for people: ``value comparison limit`` and
    whether it passed.
    """

    name: str
    value: str
    comparison: str
    limit: str
    passed: bool


class Signal(Record, frozen=True):
    """A strategy weighed a signal; ``passed`` is true when every gate was."""

    strategy_id: StrategyId
    name: str
    gates: tuple[SignalGate, ...]
    passed: bool


class AttributedIntent(Record, frozen=True):
    """An intent with whose it is and its emission index within the step (which orders
    processing).
    """

    strategy_id: StrategyId
    index: int
    intent: PlaceOrder | CancelOrder | ReplaceOrder | SetRiskFlag | NoOp
