"""What the simulated venue answers to a command when it arrives."""

from __future__ import annotations

from tradetui.core.venue import brackets
from tradetui.core.venue.book import Ended, Resting, VenueState
from tradetui.core.venue.brackets import Moment
from tradetui.core.venue.triggers import is_stop, trail_start
from tradetui.domain.enums import OrderType, TimeInForce
from tradetui.domain.ids import VenueOrderId
from tradetui.domain.instruments import Instrument
from tradetui.domain.orders import OrderTerms
from tradetui.domain.reports import (
    CancelRejected,
    OrderAccepted,
    OrderRejected,
    OrderReplaced,
    ReplaceRejected,
)
from tradetui.domain.steps import CancelCommand, ReplaceCommand, SubmitCommand
from tradetui.domain.units import NANOS_PER_DAY, div_floor


def arrive(
    state: VenueState, command: SubmitCommand | CancelCommand | ReplaceCommand, time: int
) -> None:
    """Let a command reach the venue at ``time``."""
    if isinstance(command, SubmitCommand):
        _submit(state, command.terms, time)
    elif isinstance(command, CancelCommand):
        _cancel(state, command, time)
    else:
        _replace(state, command, time)


def _submit(state: VenueState, terms: OrderTerms, time: int) -> None:
    order = _new(state, terms, time)
    fault = _fault_of(state, terms, time) or _link(state, order)
    if fault:
        report = OrderRejected(terms.route_id, terms.client_order_id, fault)
        state.say(terms.instrument_id, report)
        state.remember(terms.client_order_id, Ended(terms.side, terms.quantity, 0))
        return
    state.add(order)
    state.say(
        terms.instrument_id,
        OrderAccepted(terms.route_id, terms.client_order_id, order.venue_order_id),
    )
    _start(state, order, time)


def _cancel(state: VenueState, command: CancelCommand, time: int) -> None:
    order = state.orders.get(command.client_order_id)
    if order is None or order.terms.route_id != command.route_id:
        state.say(
            command.instrument_id,
            CancelRejected(
                command.route_id, command.client_order_id, "no such order rests at the venue"
            ),
        )
        return
    brackets.cancel(state, order, _now(state, order.terms, time), "")


def _replace(state: VenueState, command: ReplaceCommand, time: int) -> None:
    terms = command.terms
    old = state.orders.get(command.client_order_id)
    if old is None or old.terms.route_id != terms.route_id:
        _refuse(state, command, "no such order rests at the venue")
        return
    if old.terms.instrument_id != terms.instrument_id or old.terms.side is not terms.side:
        _refuse(state, command, "a new version keeps the instrument and the side")
        return
    new = _new(state, terms, time)
    fault = _fault_of(state, terms, time) or _link(state, new)
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


def _new(state: VenueState, terms: OrderTerms, time: int) -> Resting:
    serial = state.next_serial()
    expire_time = terms.expire_time
    if terms.time_in_force is TimeInForce.DAY:
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
    if terms.client_order_id in state.orders or terms.client_order_id in state.ended:
        return f"the id {terms.client_order_id} was used before"
    if terms.time_in_force is TimeInForce.GTD and (
        terms.expire_time is None or terms.expire_time <= time
    ):
        return "a GTD order needs an expire_time that is still to come"
    return _shape_fault(terms) or _size_fault(instrument, terms) or _rule_fault(state, terms)


def _shape_fault(terms: OrderTerms) -> str:
    order_type = terms.order_type
    needs_price = order_type is OrderType.LIMIT or order_type is OrderType.STOP_LIMIT
    if needs_price is (terms.price is None):
        return f"a {order_type} order {'needs a' if needs_price else 'has no'} limit price"
    if order_type is OrderType.TRAILING_STOP:
        if terms.trail_offset is None or terms.trail_offset <= 0:
            return "a trailing_stop order needs a positive trail_offset"
    elif is_stop(terms) and terms.trigger_price is None:
        return f"a {order_type} order needs a trigger_price"
    if terms.post_only and order_type is not OrderType.LIMIT:
        return "only a limit order can be post-only"
    return ""


def _size_fault(instrument: Instrument, terms: OrderTerms) -> str:
    if terms.quantity <= 0 or terms.quantity % instrument.size_increment:
        return f"the quantity {terms.quantity} is not a positive multiple of the lot"
    if terms.quantity < instrument.min_quantity:
        return f"the quantity {terms.quantity} is below the minimum {instrument.min_quantity}"
    if terms.price is not None and terms.price % instrument.price_increment:
        return f"the price {terms.price} is not a multiple of the tick"
    return ""


def _rule_fault(state: VenueState, terms: OrderTerms) -> str:
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


def _link(state: VenueState, order: Resting) -> str:
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
    moment = _now(state, terms, time)
    if order.bracket is not None:
        brackets.settle_child(state, state.brackets[order.bracket], order, moment)
        return
    if terms.trail_offset is not None and order.trigger_price is None and moment.price:
        order.trigger_price = trail_start(terms.side, terms.trail_offset, moment.price)
        brackets.amended(state, order)
    brackets.activate(order, moment)


def _now(state: VenueState, terms: OrderTerms, time: int) -> Moment:
    price = state.tape(terms.instrument_id).taking_price(terms.side)
    return Moment(time, price, state.segment + 1, state.segment + 1)
