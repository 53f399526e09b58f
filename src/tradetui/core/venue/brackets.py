"""Orders that hang together at the venue: parents and children, OCO groups, reduce-only.

A child may trade what its parent's fills left in the account, in proportion where it was ordered
for a part of it. The exits of one parent never sell more than that together (they are one OCO
group, named so or not); the exits of a named group never more than the largest of them. What a fill
leaves no room for is cancelled with the reason ``oco``. When an exit fires, its parent enters no
more (``bracket``). A child too small to be an order when its parent has ended is ``dust``. An entry
of an OCO group goes with the first fill of another.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.venue.book import Bracket, Group, GroupKey, Resting, VenueReport, VenueState
from tradetui.core.venue.triggers import trail_start
from tradetui.domain.enums import OrderSide, OrderType
from tradetui.domain.instruments import Instrument, floor_quantity, notional
from tradetui.domain.orders import OrderTerms
from tradetui.domain.reports import OrderAmended, OrderCancelled
from tradetui.domain.units import div_floor

_BUY: Final = OrderSide.BUY
_LIMIT: Final = OrderType.LIMIT

DUST = "dust"


class Moment(msgspec.Struct, frozen=True, gc=False):
    """When and where orders become active: at which time and price (0: not known), and from which
    segment on. ``is_within`` marks the inside of a bar's range: there a child is taken to have
    rested.
    """

    time: int
    price: int
    ready: int
    is_within: bool = False


def join_bracket(state: VenueState, order: Resting) -> str:
    """Link a new child to its parent; returns why it cannot be, or nothing. It waits at first."""
    parent_id = order.terms.parent_order_id
    assert parent_id is not None
    ended = state.ended_order(parent_id)
    while ended is not None and ended.next_id is not None:
        parent_id = ended.next_id
        ended = state.ended_order(parent_id)
    parent = state.orders.get(parent_id)
    if parent is not None:
        key = parent.leads or parent_id
        bracket = state.brackets.get(key)
        if bracket is None:
            bracket = Bracket(parent_id, parent.terms.side, parent.quantity, {}, parent.net)
            parent.leads = key
    elif ended is None:
        return f"its parent order {parent_id} is not here, or ended without a fill"
    else:
        key = ended.leads or parent_id
        bracket = state.brackets.get(key)
        if bracket is None:
            bracket = Bracket(parent_id, ended.side, ended.whole, {}, ended.bought, is_open=False)
    state.brackets[key] = bracket
    bracket.children[order.terms.client_order_id] = None
    order.bracket = key
    order.is_waiting = True
    return ""


def join_group(state: VenueState, order: Resting) -> None:
    """Link a new order to the OCO group that it names."""
    key = _group_key(order.terms)
    group = state.groups.get(key)
    if group is None:
        group = state.groups[key] = Group({})
    group.members[order.terms.client_order_id] = None
    group.size = max(group.size, order.terms.quantity + group.filled)


def hand_over(state: VenueState, old: Resting, new: Resting) -> None:
    """Make the children of an old version those of the new one."""
    if old.leads is None:
        return
    bracket = state.brackets[old.leads]
    bracket.parent_id = new.terms.client_order_id
    new.leads = old.leads


def end(
    state: VenueState, order: Resting, moment: Moment, report: VenueReport | None = None
) -> None:
    """Take an order out, say so, and let those that hang on it follow."""
    terms = order.terms
    state.remove(order)
    state.note_unasked(terms.client_order_id)
    if report is not None:
        state.say(terms.instrument_id, report)
    leave(state, order)
    if order.leads is not None:
        bracket = state.brackets[order.leads]
        bracket.is_open = False
        settle(state, bracket, moment)
        if not bracket.children:
            state.brackets.pop(order.leads, None)


def leave(state: VenueState, order: Resting) -> None:
    """Take an order out of its bracket and its group."""
    terms = order.terms
    if order.bracket is not None:
        bracket = state.brackets[order.bracket]
        del bracket.children[terms.client_order_id]
        if not bracket.children and not bracket.is_open:
            del state.brackets[order.bracket]
    if terms.oco_group is not None:
        key = _group_key(terms)
        group = state.groups[key]
        del group.members[terms.client_order_id]
        if not group.members:
            del state.groups[key]


def cancel(state: VenueState, order: Resting, moment: Moment, reason: str) -> None:
    """End an order unasked (or asked), with the reason that the report carries."""
    terms = order.terms
    end(state, order, moment, OrderCancelled(terms.route_id, terms.client_order_id, reason))


def settle(state: VenueState, bracket: Bracket, moment: Moment) -> None:
    """Bring every child of a bracket to the quantity that is its own now."""
    for child_id in tuple(bracket.children):
        settle_child(state, bracket, state.orders[child_id], moment)


def settle_child(state: VenueState, bracket: Bracket, child: Resting, moment: Moment) -> None:
    """Bring one child to its quantity: let it grow, shrink, begin, or end."""
    terms = child.terms
    instrument = state.instruments[terms.instrument_id]
    share = div_floor(terms.quantity * bracket.bought, bracket.whole)
    total = floor_quantity(instrument, min(share, terms.quantity))
    if terms.side is not bracket.side:
        room = max(floor_quantity(instrument, bracket.bought - bracket.sold), 0)
        total = min(total, child.filled + room)
    if terms.oco_group is not None:
        group = state.groups[_group_key(terms)]
        total = min(total, child.filled + group.size - group.filled)
    if not child.is_waiting:
        _resize(state, child, total, moment)
    elif not _is_dust(instrument, terms, total, child.trigger_price or moment.price):
        _begin(state, child, total, moment)
    elif not bracket.is_open:
        cancel(state, child, moment, DUST if bracket.bought else "parent")


def after_fill(state: VenueState, order: Resting, quantity: int, net: int, moment: Moment) -> None:
    """Let the orders that hang on one follow its fill of ``quantity`` (``net`` of base fees).

    The order itself is still in its book; it is taken out afterwards when it is full (or ends here,
    when its brothers leave it nothing).
    """
    terms = order.terms
    group = None if terms.oco_group is None else state.groups[_group_key(terms)]
    if group is not None:
        group.filled += quantity
    if order.leads is not None:
        bracket = state.brackets[order.leads]
        bracket.bought += net
        settle(state, bracket, moment)
    if order.bracket is not None:
        bracket = state.brackets[order.bracket]
        if terms.side is not bracket.side:
            bracket.sold += quantity
            stop_parent(state, order, moment)
            settle(state, bracket, moment)
    if group is not None:
        _shrink_group(state, group, order, moment)
    end_reducers(state, order, moment)


def stop_parent(state: VenueState, child: Resting, moment: Moment) -> None:
    """Cancel what is left of the parent of an exit that fired or filled."""
    if child.bracket is None:
        return
    bracket = state.brackets[child.bracket]
    if child.terms.side is bracket.side:
        return
    parent = state.orders.get(bracket.parent_id)
    if parent is not None:
        cancel(state, parent, moment, "bracket")


def end_reducers(state: VenueState, order: Resting, moment: Moment) -> None:
    """Cancel the reduce-only orders whose position is gone (or has turned)."""
    terms = order.terms
    book = state.books[terms.instrument_id][terms.route_id]
    for other in tuple(book.orders.values()):
        if (
            other.terms.reduce_only
            and other is not order
            and not other.is_waiting
            and not other.is_done
            and other.terms.strategy_id == terms.strategy_id
            and state.reducible(other.terms) < state.instruments[terms.instrument_id].size_increment
        ):
            cancel(state, other, moment, "position closed")


def _shrink_group(state: VenueState, group: Group, order: Resting, moment: Moment) -> None:
    for member_id in tuple(group.members):
        member = state.orders.get(member_id)
        if member is None or member is order or member.is_waiting:
            continue
        if not _is_exit(member.terms):
            cancel(state, member, moment, "oco")
            continue
        room = member.filled + max(group.size - group.filled, 0)
        _resize(state, member, min(member.quantity, room), moment)


def _is_exit(terms: OrderTerms) -> bool:
    return terms.reduce_only or terms.is_protective or terms.parent_order_id is not None


def _resize(state: VenueState, order: Resting, total: int, moment: Moment) -> None:
    if order.leaves <= 0:
        return  # It is full; who filled it takes it out.
    if total <= order.filled:
        cancel(state, order, moment, "oco")
    elif total != order.quantity:
        order.quantity = total
        amended(state, order)


def _begin(state: VenueState, child: Resting, total: int, moment: Moment) -> None:
    """Let a child that waited act from now on."""
    child.is_waiting = False
    terms = child.terms
    trigger = child.trigger_price
    if terms.trail_offset is not None and trigger is None and moment.price:
        child.trigger_price = trail_start(terms.side, terms.trail_offset, moment.price)
    if total != child.quantity or trigger != child.trigger_price:
        child.quantity = total
        amended(state, child)
    activate(child, moment)


def activate(order: Resting, moment: Moment) -> None:
    """Set from when an order acts, and whether it would take at once at the known price."""
    terms = order.terms
    order.active_time = moment.time
    order.ready = moment.ready
    if terms.order_type is _LIMIT:
        order.is_fresh = not moment.is_within and would_take(terms, moment.price)


def would_take(terms: OrderTerms, price: int) -> bool:
    """Tell whether a limit order would take liquidity at a price; where the price is not known
    (0), it may.
    """
    limit = terms.price
    assert limit is not None
    return price == 0 or (price <= limit if terms.side is _BUY else price >= limit)


def amended(state: VenueState, order: Resting) -> None:
    """Report an order's quantity and trigger as they are now."""
    terms = order.terms
    state.say(
        terms.instrument_id,
        OrderAmended(terms.route_id, terms.client_order_id, order.quantity, order.trigger_price),
    )


def _is_dust(instrument: Instrument, terms: OrderTerms, quantity: int, price: int) -> bool:
    """Tell whether a quantity is too small to be an order."""
    if quantity <= 0 or quantity < instrument.min_quantity:
        return True
    value = notional(instrument, terms.price or price, quantity)
    return value < instrument.min_notional


def _group_key(terms: OrderTerms) -> GroupKey:
    assert terms.oco_group is not None
    return (terms.route_id, terms.strategy_id, terms.oco_group)
