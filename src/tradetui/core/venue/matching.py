"""What an item does to the orders of one book: which fill, and at which price.

Within one segment orders act in this order: market orders (and stops that were triggered), then
stops, then limits, each by arrival: so a stop comes before a target that the same range reaches.
A child that begins inside a range may be stopped out in the same range, but takes its profit at the
close at the earliest, and at its limit: what came first inside the range is not known.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.venue.book import Book, Resting, VenueState
from tradetui.core.venue.brackets import Moment, amended, cancel, end, stop_parent
from tradetui.core.venue.filling import Room, fill
from tradetui.core.venue.tape import CLOSE, OPEN, QUOTE, RANGE, TRADE, Segment
from tradetui.core.venue.triggers import (
    is_stop,
    limit_crossed,
    limit_touched,
    stop_touched,
    trail_start,
    trailed,
)
from tradetui.domain.enums import LiquiditySide, OrderSide, OrderType, TimeInForce
from tradetui.domain.instruments import Instrument
from tradetui.domain.reports import OrderExpired, OrderTriggered

_MAKER: Final = LiquiditySide.MAKER
_TAKER: Final = LiquiditySide.TAKER
_BUY: Final = OrderSide.BUY
_MARKET: Final = OrderType.MARKET
_STOP_LIMIT: Final = OrderType.STOP_LIMIT
_FOK: Final = TimeInForce.FOK
_IOC: Final = TimeInForce.IOC

_IMMEDIATE: Final = (_IOC, _FOK)


def run_segment(
    state: VenueState, book: Book, instrument: Instrument, segment: Segment, room: Room
) -> None:
    """Let every order of a book act on one segment."""
    number = state.segment
    orders = list(book.orders.values())
    waiting: list[Resting] = []
    if len(orders) > 1:
        orders.sort(key=_rank)
        if segment.kind is RANGE:
            waiting = [order for order in orders if order.is_waiting]
    for order in orders:
        if not order.is_done and _is_eligible(order, segment, number):
            _act(state, instrument, order, segment, room)
    for child in waiting:
        # Its parent filled in this very range: it may be stopped out there, and no more.
        if is_stop(child.terms) and not (child.is_waiting or child.is_done):
            _act(state, instrument, child, segment, room)


def _rank(order: Resting) -> tuple[int, int]:
    terms = order.terms
    if terms.order_type is _MARKET:
        return (0, order.serial)
    if not is_stop(terms):
        return (2, order.serial)
    if not order.is_triggered:
        return (1, order.serial)
    return (2 if terms.order_type is _STOP_LIMIT else 0, order.serial)


def _is_eligible(order: Resting, segment: Segment, number: int) -> bool:
    return not order.is_waiting and order.ready <= number and order.active_time <= segment.since


def _act(
    state: VenueState,
    instrument: Instrument,
    order: Resting,
    segment: Segment,
    room: Room,
) -> None:
    terms = order.terms
    price = segment.price(terms.side)
    if segment.kind is QUOTE and price == 0:
        return
    found: tuple[int, LiquiditySide] | None
    if is_stop(terms) and not order.is_triggered:
        found = _try_stop(state, order, segment)
    elif terms.price is None:
        found = (price, _TAKER) if price else None
    else:
        found = _try_limit(state, order, terms.price, segment)
    if found is not None and not order.is_done:
        moment = _moment(state, segment, found[0])
        fill(state, instrument, order, *found, moment, room)


def _try_stop(
    state: VenueState, order: Resting, segment: Segment
) -> tuple[int, LiquiditySide] | None:
    """Trigger a stop if the price came; return where it then fills in this segment, if it does."""
    terms = order.terms
    side = terms.side
    is_buy = side is _BUY
    high = segment.buy_high if is_buy else segment.sell_high
    low = segment.buy_low if is_buy else segment.sell_low
    trigger = order.trigger_price
    if trigger is None:
        _start_trailing(state, order, segment)
        return None
    if not stop_touched(side, trigger, high, low):
        return None
    order.is_triggered = True
    order.is_fresh = False
    state.say(terms.instrument_id, OrderTriggered(terms.route_id, terms.client_order_id))
    stop_parent(state, order, _moment(state, segment, trigger))
    price = segment.price(side)
    if segment.kind is RANGE:
        price = trigger if low <= trigger <= high else 0
    if price == 0 or (
        terms.price is not None and not limit_touched(side, terms.price, price, price)
    ):
        return None
    return price, _TAKER


def _start_trailing(state: VenueState, order: Resting, segment: Segment) -> None:
    terms = order.terms
    price = segment.price(terms.side)
    assert terms.trail_offset is not None
    if price:
        order.trigger_price = trail_start(terms.side, terms.trail_offset, price)
        amended(state, order)


def _try_limit(
    state: VenueState, order: Resting, limit: int, segment: Segment
) -> tuple[int, LiquiditySide] | None:
    """Return where a limit order fills in a segment, or None; it has rested through it then."""
    kind = segment.kind
    if kind is RANGE:
        return _in_range(state, order, limit, segment)
    side = order.terms.side
    price = segment.price(side)
    if kind is TRADE and not order.is_fresh:
        print_price = segment.buy_low
        if not limit_crossed(side, limit, print_price, print_price):
            return None
        return limit, _MAKER
    if not limit_touched(side, limit, price, price):
        order.is_fresh = False
        return None
    if order.terms.post_only and order.is_fresh:
        cancel(state, order, _moment(state, segment, price), "post_only")
        return None
    if order.is_fresh or (kind is OPEN and not order.terms.post_only and price != limit):
        return price, _TAKER
    if kind is CLOSE:
        limit = _within(limit, segment)
    return limit, _MAKER


def _in_range(
    state: VenueState, order: Resting, limit: int, segment: Segment
) -> tuple[int, LiquiditySide] | None:
    side = order.terms.side
    reached = limit_touched if state.config.touch_fills else limit_crossed
    was_fresh = order.is_fresh
    if not reached(side, limit, segment.high, segment.low):
        order.is_fresh = False
        return None
    if was_fresh and order.terms.post_only:
        cancel(state, order, _moment(state, segment, limit), "post_only")
        return None
    price = _within(limit, segment)
    takes = was_fresh and price != limit
    return price, _TAKER if takes else _MAKER


def _within(price: int, segment: Segment) -> int:
    """Return a price, or the worst one of the bar for an order whose limit lies beyond it all."""
    return min(max(price, segment.low), segment.high)


def trail(state: VenueState, book: Book, since: int, high: int, low: int, last: int) -> None:
    """Move trailing stops by what an item showed, after they were tested on it.

    Orders that were there from ``since`` on follow the extremes, later ones the last price only.
    """
    for order in book.orders.values():
        offset = order.terms.trail_offset
        trigger = order.trigger_price
        if offset is None or trigger is None or order.is_triggered or order.is_waiting:
            continue
        was_there = order.active_time <= since
        top, bottom = (high, low) if was_there else (last, last)
        moved = trailed(order.terms.side, trigger, offset, top, bottom)
        if moved != trigger:
            order.trigger_price = moved
            amended(state, order)


def end_immediate(state: VenueState, book: Book) -> None:
    """Expire what would not wait (IOC, FOK) after the first item that it could act on.

    A stop's patience begins when it is triggered.
    """
    for order in tuple(book.orders.values()):
        terms = order.terms
        if (
            terms.time_in_force in _IMMEDIATE
            and not (order.is_done or order.is_waiting)
            and order.ready <= state.segment
            and (order.is_triggered or not is_stop(terms))
        ):
            expire(state, order, terms.time_in_force.value)


def expire(state: VenueState, order: Resting, reason: str) -> None:
    """End an order whose time in force ran out."""
    terms = order.terms
    moment = Moment(state.now, 0, state.segment + 1)
    end(state, order, moment, OrderExpired(terms.route_id, terms.client_order_id, reason))


def _moment(state: VenueState, segment: Segment, price: int) -> Moment:
    is_within = segment.kind is RANGE
    time = state.now if is_within else segment.since
    return Moment(time, price, state.segment + 1, is_within)
