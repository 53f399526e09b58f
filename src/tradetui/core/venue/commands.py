"""What the simulated venue answers to a command when it arrives."""

from __future__ import annotations

from typing import Final, cast

from tradetui.core.venue import brackets
from tradetui.core.venue.book import Resting, VenueState
from tradetui.core.venue.brackets import Moment
from tradetui.core.venue.triggers import STOP_TYPES, trail_start
from tradetui.domain.enums import OrderSide, OrderType, TimeInForce
from tradetui.domain.ids import VenueOrderId
from tradetui.domain.orders import OrderTerms
from tradetui.domain.reports import (
    CancelRejected,
    OrderAccepted,
    OrderCancelled,
    OrderRejected,
    OrderReplaced,
    ReplaceRejected,
)
from tradetui.domain.steps import CancelCommand, Command, ReplaceCommand, SubmitCommand
from tradetui.domain.units import NANOS_PER_DAY, div_floor

_BUY: Final = OrderSide.BUY
_LIMIT: Final = OrderType.LIMIT
_MARKET: Final = OrderType.MARKET
_STOP_LIMIT: Final = OrderType.STOP_LIMIT
_TRAILING_STOP: Final = OrderType.TRAILING_STOP
_DAY: Final = TimeInForce.DAY
_GTC: Final = TimeInForce.GTC
_GTD: Final = TimeInForce.GTD

_PRICED: Final = (_LIMIT, _STOP_LIMIT)


def arrive(state: VenueState, command: Command, time: int) -> None:
    """Let a command reach the venue at ``time``."""
    if isinstance(command, SubmitCommand):
        submit(state, command, time)
    elif isinstance(command, CancelCommand):
        cancel(state, command, time)
    else:
        replace(state, command, time)


def submit(state: VenueState, command: SubmitCommand, time: int) -> Resting | None:
    """Take a new order, or refuse it.

    Return the order where it rests and hangs together with no other, so that no other was touched.
    """
    terms = command.terms
    fault = _fault_of(state, terms, time)
    order = new_order(state, terms, time)
    is_alone = terms.parent_order_id is None and terms.oco_group is None
    if not (is_alone or fault):
        fault = link(state, order)
    if fault:
        state.say(terms.instrument_id, OrderRejected(terms.route_id, terms.client_order_id, fault))
        return None
    state.add(order)
    state.say(
        terms.instrument_id,
        OrderAccepted(terms.route_id, terms.client_order_id, order.venue_order_id),
    )
    _start(state, order, time)
    return order if is_alone else None


def cancel(state: VenueState, command: CancelCommand, time: int) -> None:
    """Cancel an order. One whose end is already reported gets no second answer."""
    route_id, order_id = command.route_id, command.client_order_id
    order = state.orders.get(order_id)
    if order is None or order.terms.route_id != route_id:
        if order is None and state.ended_unasked(order_id):
            return
        message = "no such order rests at the venue"
        state.say(command.instrument_id, CancelRejected(route_id, order_id, message))
    elif order.bracket is None and order.leads is None and order.terms.oco_group is None:
        state.remove(order)
        state.say(command.instrument_id, OrderCancelled(route_id, order_id))
    else:
        brackets.cancel(state, order, _now(state, order, time), "")


def replace(state: VenueState, command: ReplaceCommand, time: int) -> None:
    """Put a new version in the place of an order, or refuse it."""
    terms = command.terms
    old = state.orders.get(command.client_order_id)
    if old is None or old.terms.route_id != terms.route_id:
        _refuse(state, command, "no such order rests at the venue")
        return
    if old.terms.instrument_id != terms.instrument_id or old.terms.side is not terms.side:
        _refuse(state, command, "a new version keeps the instrument and the side")
        return
    new = new_order(state, terms, time)
    fault = _fault_of(state, terms, time) or link(state, new)
    if fault:
        _refuse(state, command, fault)
        return
    state.add(new)
    brackets.hand_over(state, old, new)
    state.remove(old, terms.client_order_id)
    brackets.leave(state, old)
    state.say(
        terms.instrument_id,
        OrderReplaced(
            terms.route_id, command.client_order_id, terms.client_order_id, new.venue_order_id
        ),
    )
    _start(state, new, time)


def _refuse(state: VenueState, command: ReplaceCommand, message: str) -> None:
    terms = command.terms
    state.say(
        terms.instrument_id,
        ReplaceRejected(terms.route_id, command.client_order_id, terms.client_order_id, message),
    )


def new_order(state: VenueState, terms: OrderTerms, time: int) -> Resting:
    """Make the venue's own record of an order, with the next of its ids."""
    serial = state.serial = state.serial + 1
    expire_time = terms.expire_time
    if terms.time_in_force is _DAY:
        expire_time = (div_floor(time, NANOS_PER_DAY) + 1) * NANOS_PER_DAY
    return Resting(
        terms,
        VenueOrderId(f"{state.config.id_prefix}V{serial}"),
        serial,
        terms.quantity,
        time,
        terms.trigger_price,
        expire_time,
    )


def _fault_of(state: VenueState, terms: OrderTerms, time: int) -> str:
    """Say why the venue refuses an order; empty when it takes it."""
    instrument = state.instruments.get(terms.instrument_id)
    if instrument is None:
        return f"{terms.instrument_id} is not traded here"
    if terms.client_order_id in state.orders:
        return f"the id {terms.client_order_id} is taken"
    quantity, price = terms.quantity, terms.price
    if quantity <= 0 or quantity % instrument.size_increment:
        return f"the quantity {quantity} is not a positive multiple of the lot"
    if quantity < instrument.min_quantity:
        return f"the quantity {quantity} is below the minimum {instrument.min_quantity}"
    if price is not None and (price <= 0 or price % instrument.price_increment):
        return f"the price {price} is not a positive multiple of the tick"
    if (
        terms.order_type is (_MARKET if price is None else _LIMIT)
        and terms.time_in_force is _GTC
        and not (terms.post_only or terms.reduce_only)
    ):
        return ""
    return _shape_fault(terms, time) or _rule_fault(state, terms)


def _shape_fault(terms: OrderTerms, time: int) -> str:
    """Say which field an order lacks for its type or its time in force."""
    order_type = terms.order_type
    if (terms.price is None) is (order_type in _PRICED):
        return f"a {order_type} order and its limit price {terms.price} do not go together"
    if order_type is _TRAILING_STOP:
        if terms.trail_offset is None or terms.trail_offset <= 0:
            return "a trailing_stop order needs a positive trail_offset"
    elif order_type in STOP_TYPES and terms.trigger_price is None:
        return f"a {order_type} order needs a trigger_price"
    if terms.post_only and order_type is not _LIMIT:
        return "only a limit order can be post-only"
    if terms.time_in_force is _GTD and (terms.expire_time is None or terms.expire_time <= time):
        return "a GTD order needs an expire_time that is still to come"
    return ""


def _rule_fault(state: VenueState, terms: OrderTerms) -> str:
    """Say which promise an order could not keep: to add liquidity, or to reduce."""
    if terms.parent_order_id is not None:
        return ""
    if terms.post_only:
        price = state.tape(terms.instrument_id).taking_price(terms.side)
        if price and brackets.would_take(terms, price):
            return f"post-only, and it would take at {price}"
    if terms.reduce_only and not state.reducible(terms) and not _has_entry(state, terms):
        return "reduce-only, and there is no position to reduce"
    return ""


def _has_entry(state: VenueState, terms: OrderTerms) -> bool:
    """Tell whether an order works that may yet open the position which ``terms`` would reduce."""
    book = state.books.get(terms.instrument_id, {}).get(terms.route_id)
    if book is None:
        return False
    return any(
        other.terms.strategy_id == terms.strategy_id
        and other.terms.side is not terms.side
        and not other.terms.reduce_only
        for other in book.orders.values()
    )


def link(state: VenueState, order: Resting) -> str:
    """Hang an order on its parent and into its OCO group; returns why it cannot be."""
    if order.terms.parent_order_id is not None:
        fault = brackets.join_bracket(state, order)
        if fault:
            return fault
    if order.terms.oco_group is not None:
        brackets.join_group(state, order)
    return ""


def _start(state: VenueState, order: Resting, time: int) -> None:
    """Let an order act from the next item on: a child as far as its parent has filled."""
    terms = order.terms
    if order.bracket is not None:
        moment = _now(state, order, time)
        brackets.settle_child(state, state.brackets[order.bracket], order, moment)
        return
    order.ready = state.segment + 1
    if terms.order_type is _LIMIT:
        tape, limit = state.tapes[terms.instrument_id], cast(int, terms.price)
        if terms.side is _BUY:
            price = tape.ask or tape.last
            order.is_fresh = price <= limit
        else:
            price = tape.bid or tape.last
            order.is_fresh = not price or price >= limit
    elif terms.trail_offset is not None and order.trigger_price is None:
        price = state.tapes[terms.instrument_id].taking_price(terms.side)
        if price:
            order.trigger_price = trail_start(terms.side, terms.trail_offset, price)
            brackets.amended(state, order)


def _now(state: VenueState, order: Resting, time: int) -> Moment:
    terms = order.terms
    price = state.tapes[terms.instrument_id].taking_price(terms.side)
    return Moment(time, price, state.segment + 1)
