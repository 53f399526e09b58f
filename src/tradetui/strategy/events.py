"""What a strategy is handed: light views over the core's integer records.

A view keeps the record and divides only when an attribute is read, so that a bar that nobody looks
at costs next to nothing. Prices and amounts are floats in the market's own units, times are ns UTC.
Every view also answers like a mapping: ``tick["price"]`` is ``tick.price``.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import InstanceMode, OrderRole, OrderSide, OrderState, Refusal
from tradetui.domain.ids import ClientOrderId, ExecutionId, RouteId, StrategyId, is_shadow
from tradetui.domain.instruments import Instrument, average_price
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.orders import Fill, Order, OrderTerms
from tradetui.domain.words import order_state_word
from tradetui.strategy.market_views import (
    CASH_DIVISOR,
    POWERS,
    BarView,
    QuoteView,
    TradeView,
    View,
)

__all__ = [
    "CASH_DIVISOR",
    "POWERS",
    "BarView",
    "EventView",
    "ExitView",
    "FillView",
    "GapView",
    "ModeView",
    "OrderView",
    "QuoteView",
    "StartView",
    "StopView",
    "TickView",
    "TimerView",
    "TradeView",
    "View",
    "denied_order",
]


class TickView(View, frozen=True, gc=False):
    """The strategy's own cadence (TICK_MINUTES): the last price and the moment.

    ``price`` is None before the first price of the market; ``on_tick`` is not called then.
    """

    time: int
    price: float | None
    symbol: str
    bid: float | None = None
    ask: float | None = None
    number: int = 0
    """The heartbeat's number: heartbeat n is at n x 6 s since the epoch."""


class GapView(View, frozen=True, gc=False):
    """Market data between two moments were lost, or never recorded."""

    symbol: str
    from_time: int
    to_time: int
    reason: str
    time: int


class OrderView(View, frozen=True, gc=False):
    """One order as it is now; ``cause`` is the report that brought it here, empty when asked for.

    ``status`` is the state's name (``"Accepted"``, ``"PartiallyFilled"`` ...), ``word`` what people
    are shown for it. A refused order is
    ``Rejected``, and ``refused_by`` says ``"denied"`` (by our own risk gate) or ``"rejected"`` (by
    the venue); an order that risk made smaller comes with cause ``"OrderModified"``.
    """

    _order: Order
    _instrument: Instrument
    cause: str = ""
    note: str = ""
    """The reason that came with the report: a code of the risk engine, or the venue's words."""

    @property
    def id(self) -> ClientOrderId:
        return self._order.terms.client_order_id

    @property
    def client_order_id(self) -> ClientOrderId:
        return self._order.terms.client_order_id

    @property
    def symbol(self) -> str:
        return self._instrument.symbol

    @property
    def side(self) -> str:
        return "buy" if self._order.terms.side is OrderSide.BUY else "sell"

    @property
    def type(self) -> str:
        return self._order.terms.order_type.value

    @property
    def status(self) -> str:
        return self._order.state.value

    @property
    def word(self) -> str:
        """How the console calls it now: ``open``, ``cancelling``, ``would open`` in observe."""
        order = self._order
        return order_state_word(
            order.state,
            is_unknown=order.is_unknown,
            is_shadow=is_shadow(order.terms.route_id),
        )

    @property
    def role(self) -> str:
        return self._order.terms.role.value

    @property
    def amount(self) -> float:
        return self._size(self._order.quantity)

    @property
    def filled(self) -> float:
        return self._size(self._order.filled_quantity)

    @property
    def remaining(self) -> float:
        return self._size(self._order.leaves_quantity)

    @property
    def price(self) -> float | None:
        """The limit; None for an order without one."""
        return self._price(self._order.terms.price)

    @property
    def stop(self) -> float | None:
        """The trigger as it stands now; None for an order without one."""
        order = self._order
        trigger = order.terms.trigger_price if order.trigger_price is None else order.trigger_price
        return self._price(trigger)

    @property
    def trail(self) -> float | None:
        return self._price(self._order.terms.trail_offset)

    @property
    def average(self) -> float | None:
        """Average price of its fills; None while nothing is filled."""
        order = self._order
        if not order.filled_quantity:
            return None
        return self._price(
            average_price(self._instrument, order.filled_cost, order.filled_quantity)
        )

    @property
    def is_open(self) -> bool:
        return self._order.state not in _TERMINAL

    @property
    def is_entry(self) -> bool:
        return self._order.terms.role is OrderRole.ENTRY

    @property
    def is_protective(self) -> bool:
        return self._order.terms.is_protective

    @property
    def is_unknown(self) -> bool:
        """True while there is no proof of what became of it at the venue."""
        return self._order.is_unknown

    @property
    def is_replacing(self) -> bool:
        """True while a new version is asked for and not answered."""
        return self._order.pending_replace is not None

    @property
    def refused_by(self) -> str:
        return self._order.refusal.value

    @property
    def reason(self) -> str:
        return self.note or self._order.reason

    @property
    def parent(self) -> ClientOrderId | None:
        return self._order.terms.parent_order_id

    @property
    def created_time(self) -> int:
        return self._order.terms.created_time

    @property
    def time(self) -> int:
        return self._order.updated_time

    def _price(self, value: int | None) -> float | None:
        return None if value is None else value / POWERS[self._instrument.price_scale]

    def _size(self, value: int) -> float:
        return value / POWERS[self._instrument.size_scale]


_TERMINAL: Final = (
    OrderState.FILLED,
    OrderState.CANCELLED,
    OrderState.REJECTED,
    OrderState.EXPIRED,
)


def denied_order(
    intent: PlaceOrder,
    strategy_id: StrategyId,
    reason: str,
    *,
    execution_id: ExecutionId,
    route_id: RouteId,
    time: int,
) -> Order:
    """Build the order that an intent refused by the risk gate would have been, for ``on_order``."""
    terms = OrderTerms(
        intent.client_order_id,
        strategy_id,
        execution_id,
        route_id,
        intent.instrument_id,
        intent.side,
        intent.order_type,
        intent.quantity,
        price=intent.price,
        trigger_price=intent.trigger_price,
        trail_offset=intent.trail_offset,
        time_in_force=intent.time_in_force,
        role=intent.role,
        parent_order_id=intent.parent_order_id,
        created_time=time,
    )
    return Order(
        terms,
        OrderState.REJECTED,
        intent.quantity,
        refusal=Refusal.DENIED,
        reason=reason,
        updated_time=time,
    )


class FillView(View, frozen=True, gc=False):
    """One execution of an order of this instance."""

    _fill: Fill
    _instrument: Instrument

    @property
    def order_id(self) -> ClientOrderId:
        return self._fill.client_order_id

    @property
    def trade_id(self) -> str:
        return self._fill.trade_id

    @property
    def symbol(self) -> str:
        return self._instrument.symbol

    @property
    def side(self) -> str:
        return self._fill.side.value.lower()

    @property
    def price(self) -> float:
        return self._fill.price / POWERS[self._instrument.price_scale]

    @property
    def amount(self) -> float:
        return self._fill.quantity / POWERS[self._instrument.size_scale]

    @property
    def notional(self) -> float:
        """Price x amount x multiplier, in the quote currency."""
        return self._fill.notional / CASH_DIVISOR

    @property
    def fee(self) -> float:
        """The commission in ``fee_currency``; a rebate is negative."""
        return self._fill.commission / CASH_DIVISOR

    @property
    def fee_currency(self) -> str:
        return self._fill.commission_currency

    @property
    def is_maker(self) -> bool:
        return self._fill.liquidity.value == "maker"

    @property
    def realised_pnl(self) -> float:
        """What the fill realised, before its commission, in the quote currency."""
        return self._fill.realised_pnl / CASH_DIVISOR

    @property
    def position(self) -> float:
        """The signed position after the fill."""
        return self._fill.position_after / POWERS[self._instrument.size_scale]

    @property
    def time(self) -> int:
        return self._fill.event_time


class ExitView(View, frozen=True, gc=False):
    """One round trip: from flat to flat (or through zero to the other side).

    Money in the quote currency. ``net_pnl`` is after fees paid in the quote or the base currency;
    fees in any other are in ``other_fees`` as (currency, amount). ``is_partial`` marks a trip whose
    beginning this run has not seen (a reload while holding): its entry fees are not in it.
    """

    symbol: str
    side: str
    amount: float
    entry_price: float
    exit_price: float
    gross_pnl: float
    fees: float
    net_pnl: float
    opened_time: int
    time: int
    is_partial: bool = False
    other_fees: tuple[tuple[str, float], ...] = ()

    @property
    def duration(self) -> int:
        """How long the position was held, in ns."""
        return self.time - self.opened_time


class TimerView(View, frozen=True, gc=False):
    """A timer asked for with ``every``, ``at`` or ``after`` has come due."""

    name: str
    time: int


class ModeView(View, frozen=True, gc=False):
    """The instance changed between observe and active.

    ``shadow_dropped`` is true when the activation threw away a shadow book with something in it.
    """

    mode: InstanceMode
    previous: InstanceMode
    time: int
    shadow_dropped: bool = False


class StartView(View, frozen=True, gc=False):
    """The instance is loaded; the first event it gets."""

    time: int


class StopView(View, frozen=True, gc=False):
    """The instance is about to be unloaded; the last event it gets."""

    time: int
    reason: str = ""


EventView = (
    BarView
    | QuoteView
    | TradeView
    | TickView
    | GapView
    | OrderView
    | FillView
    | TimerView
    | ModeView
    | StartView
    | StopView
)
"""Everything that ``on_event`` can be given."""
