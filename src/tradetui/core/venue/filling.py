"""How much of an order fills at a price that came, and what that does to it.

As much as the item has room for (its volume, where fills are capped) and as the route can pay for.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.venue.book import Book, Resting, VenueState
from tradetui.core.venue.brackets import Moment, after_fill, cancel, end
from tradetui.core.venue.fills import commission, net_of_base_fee, slipped
from tradetui.core.venue.funds import INSUFFICIENT_FUNDS, cash_flow, payable
from tradetui.core.venue.models import FillModel
from tradetui.core.venue.tape import QUOTE, RANGE, Segment, capacity
from tradetui.domain.enums import LiquiditySide, OrderSide, TimeInForce
from tradetui.domain.instruments import Instrument, floor_quantity
from tradetui.domain.reports import OrderFilled

_FULL: Final = FillModel.FULL
_TAKER: Final = LiquiditySide.TAKER
_BUY: Final = OrderSide.BUY
_FOK: Final = TimeInForce.FOK

UNLIMITED: Final = -1
"""The room of an item where fills are not capped."""


class Room(msgspec.Struct, gc=False):
    """What of an item's volume is left for our orders; UNLIMITED where fills are not capped.

    A bar's and a trade's volume serve both sides (``is_shared``). ``cash`` is what the route has
    left of the quote currency; None where nothing limits it.
    """

    buy: int
    sell: int
    is_shared: bool = False
    used: int = 0
    cash: int | None = None

    def left(self, side: OrderSide) -> int:
        """Return what is left for a side."""
        return self.buy if side is _BUY else self.sell

    def take(self, side: OrderSide, quantity: int) -> None:
        """Use some of it."""
        self.used += quantity
        if self.buy == UNLIMITED:
            return
        if side is _BUY or self.is_shared:
            self.buy -= quantity
        if side is not _BUY or self.is_shared:
            self.sell -= quantity


def room_of(state: VenueState, book: Book, segment: Segment, cash: int | None) -> Room:
    """Return the room that an item gives to one book, whose route has ``cash`` to spend."""
    config = state.config
    if config.fill_model is _FULL:
        return Room(UNLIMITED, UNLIMITED, cash=cash)
    used = book.open_used if segment.kind is RANGE else 0
    buy = max(capacity(config, segment.buy_volume) - used, 0)
    sell = max(capacity(config, segment.sell_volume) - used, 0)
    return Room(buy, sell, is_shared=segment.kind != QUOTE, cash=cash)


def fill(
    state: VenueState,
    instrument: Instrument,
    order: Resting,
    price: int,
    liquidity: LiquiditySide,
    moment: Moment,
    room: Room,
) -> None:
    """Fill what there is room for and can be paid for; what cannot be paid for is cancelled."""
    terms = order.terms
    side = terms.side
    wanted = _fillable(state, instrument, order, moment, room)
    if wanted <= 0:
        return
    if liquidity is _TAKER:
        price = slipped(instrument, side, price, state.config.slippage_ppm, terms.price)
    quantity = _paid_for(state, instrument, order, wanted, price, liquidity, room.cash)
    if quantity:
        room.take(side, quantity)
        if room.cash is not None:
            room.cash += cash_flow(state.config, instrument, side, liquidity, quantity, price)
        net = book_fill(state, instrument, order, quantity, price, liquidity)
        after_fill(state, order, quantity, net, moment)
        assert not order.is_done
    if order.leaves <= 0:
        end(state, order, moment)
    elif quantity < wanted:
        cancel(state, order, moment, INSUFFICIENT_FUNDS)
    elif terms.reduce_only and state.reducible(terms) < instrument.size_increment:
        cancel(state, order, moment, "position closed")


def _fillable(
    state: VenueState, instrument: Instrument, order: Resting, moment: Moment, room: Room
) -> int:
    """Return how much of an order there is room for; one that only reduces ends where there is
    nothing to reduce.
    """
    terms = order.terms
    wanted = order.leaves
    if terms.reduce_only:
        wanted = min(wanted, floor_quantity(instrument, state.reducible(terms)))
        if wanted <= 0:
            cancel(state, order, moment, "position closed")
            return 0
    left = room.left(terms.side)
    quantity = wanted if left == UNLIMITED else min(wanted, floor_quantity(instrument, left))
    return 0 if terms.time_in_force is _FOK and quantity < wanted else quantity


def _paid_for(
    state: VenueState,
    instrument: Instrument,
    order: Resting,
    quantity: int,
    price: int,
    liquidity: LiquiditySide,
    cash: int | None,
) -> int:
    """Return how much of a fill the route can pay for: a sale all of it, and so what closes a short
    (its collateral is there); of a FOK all or nothing.
    """
    terms = order.terms
    if cash is None or terms.side is not _BUY:
        return quantity
    part = payable(state.config, instrument, liquidity, quantity, price, cash)
    if part == quantity:
        return quantity
    part = max(part, min(quantity, floor_quantity(instrument, state.reducible(terms))))
    return 0 if terms.time_in_force is _FOK and part < quantity else part


def book_fill(
    state: VenueState,
    instrument: Instrument,
    order: Resting,
    quantity: int,
    price: int,
    liquidity: LiquiditySide,
) -> int:
    """Enter a fill into order and position and report it; returns it net of a base fee."""
    terms = order.terms
    side = terms.side
    paid, currency = commission(state.config, instrument, side, liquidity, quantity, price)
    net = net_of_base_fee(instrument, quantity, paid, currency) if side is _BUY else quantity
    order.filled += quantity
    order.net += net
    key = (terms.route_id, terms.instrument_id, terms.strategy_id)
    state.positions[key] = state.positions.get(key, 0) + (net if side is _BUY else -quantity)
    state.say(
        terms.instrument_id,
        OrderFilled(
            terms.route_id,
            terms.client_order_id,
            order.venue_order_id,
            state.next_trade_id(),
            side,
            quantity,
            price,
            paid,
            currency,
            liquidity,
        ),
    )
    return net
