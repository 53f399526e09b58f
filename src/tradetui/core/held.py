"""What the kernel holds for a route whose capability says HELD: stops and trailing stops, OCO
groups, brackets, DAY and GTD.

A held order stays ``Created`` with ``held_by`` KERNEL until its condition comes true, then it is
released: ``Submitted``, as the plain order that the venue knows (``wire_terms``). The functions
here read the state and say what is to be done; the order manager does it, in the order given, and
calls back: ``on_created`` after any new order is stored, ``on_released`` after a release,
``on_accepted`` after an acceptance, ``on_triggered`` after a venue's own trigger, ``on_fill`` after
a fill is in the order and the ledger, ``on_terminal`` after an order ended. ``on_price`` belongs to
every item that moves a price, ``on_time`` to every step while ``state.held_deadlines`` is not
empty. The only thing written here is that table.

A stop whose twin rests at the venue is released in two moves: first the twin is cancelled, and
only when that is answered (or RELEASE_AFTER_NS have passed) the stop goes out, so that not both can
sell the same position.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tradetui.core import held_brackets
from tradetui.core.held_records import HeldAction, HeldActions, HeldVerb
from tradetui.core.relations import is_waiting
from tradetui.core.state import KernelState
from tradetui.core.venue.triggers import is_stop, stop_touched, trail_start, trailed
from tradetui.domain.capabilities import ORDER_TYPE_KEY, TIME_IN_FORCE_KEY, Capabilities
from tradetui.domain.enums import HeldBy, OrderState, OrderType, Support, TimeInForce
from tradetui.domain.ids import ClientOrderId, InstrumentId
from tradetui.domain.orders import Order, OrderTerms
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_SECOND, div_floor

_HELD: Final = Support.HELD
_CREATED: Final = OrderState.CREATED
_KERNEL: Final = HeldBy.KERNEL
_PENDING: Final = OrderState.CANCEL_PENDING

RELEASE_AFTER_NS: Final = 2 * NANOS_PER_SECOND
"""How long a triggered stop waits for its twin's cancel before it goes out all the same."""

_NOTHING: Final[HeldActions] = ()


def holds(capabilities: Capabilities, terms: OrderTerms) -> bool:
    """Tell whether the kernel keeps a new order back (a stop, or a bracket's child) on a route."""
    if terms.parent_order_id is not None and capabilities.bracket is _HELD:
        return True
    return is_stop(terms) and _is_type_held(capabilities, terms)


def wire_terms(capabilities: Capabilities, order: Order) -> OrderTerms:
    """Return the terms as the venue gets them: without what the kernel does in its place, and with
    the quantity that is effective now. The same object when nothing differs.
    """
    terms = order.terms
    changes: dict[str, object] = {}
    if order.quantity != terms.quantity:
        changes["quantity"] = order.quantity
    if is_stop(terms) and _is_type_held(capabilities, terms):
        is_limit = terms.order_type is OrderType.STOP_LIMIT
        changes["order_type"] = OrderType.LIMIT if is_limit else OrderType.MARKET
        changes["trigger_price"] = changes["trail_offset"] = None
    if _is_time_held(capabilities, terms):
        changes["time_in_force"] = TimeInForce.GTC
        changes["expire_time"] = None
    if capabilities.oco is _HELD and terms.oco_group is not None:
        changes["oco_group"] = None
    if capabilities.bracket is _HELD and terms.parent_order_id is not None:
        changes["parent_order_id"] = None
    if capabilities.reduce_only is _HELD and terms.reduce_only:
        changes["reduce_only"] = False
    return replace(terms, **changes) if changes else terms


def on_created(state: KernelState, order: Order) -> HeldActions:
    """Begin to hold what is to be held of a new order: its end in time, its first trailing trigger,
    its parent's fills (which may have come before it).
    """
    terms = order.terms
    _set_deadline(state, order)
    if not _is_kept(order):
        return _NOTHING
    actions: HeldActions = ()
    if terms.order_type is OrderType.TRAILING_STOP and order.trigger_price is None:
        mark = state.marks.get(terms.instrument_id)
        if mark is not None:
            start = _first_trigger(terms, mark.price)
            actions = (_update(order, trigger_price=start),)
    if _is_bracket_held(state, order):
        actions += held_brackets.begin_child(state, order)
    return actions


def on_price(
    state: KernelState, instrument_id: InstrumentId, high: int, low: int, last: int
) -> HeldActions:
    """Look at what the price did since the item before (one price: all three are it).

    A trailing stop is tested with the trigger that earlier items left, and only then moved.
    """
    watched = state.held_by_instrument.get(instrument_id)
    if watched is None:
        return _NOTHING
    actions: HeldActions = ()
    fired: dict[ClientOrderId, None] = {}
    for order_id in watched:
        order = state.open_orders[order_id]
        if order.is_triggered or not is_stop(order.terms) or is_waiting(state, order):
            continue
        actions += _look(state, order, high, low, last, fired)
    return actions


def on_time(state: KernelState) -> HeldActions:
    """End what has run out at ``state.now``, and let out what has waited for its twin too long."""
    due = sorted((when, key) for key, when in state.held_deadlines.items() if when <= state.now)
    actions: list[HeldAction] = []
    for _, order_id in due:
        order = state.open_orders[order_id]
        if order.state is _PENDING:
            continue
        if not _is_kept(order):
            verb, reason = HeldVerb.CANCEL, order.terms.time_in_force.value
        elif order.is_triggered:
            verb, reason = HeldVerb.RELEASE, "late"
        else:
            verb, reason = HeldVerb.EXPIRE, order.terms.time_in_force.value
        actions.append(HeldAction(verb, order_id, reason=reason))
    return tuple(actions)


def on_released(state: KernelState, order: Order) -> None:
    """Note that a held order is at the venue now: what remains to be watched is its end in time."""
    state.drop(state.held_deadlines, order.terms.client_order_id)
    _set_deadline(state, order)


def on_held_back(state: KernelState, order: Order) -> None:
    """Note that a stop may not go out after all: it no longer waits for a twin, and what remains to
    be watched is its price and its own end in time.
    """
    state.drop(state.held_deadlines, order.terms.client_order_id)
    _set_deadline(state, order)


def on_accepted(state: KernelState, order: Order) -> HeldActions:
    """Bring a bracket's child to its quantity, should its parent have grown before the venue had
    it.
    """
    if order.terms.parent_order_id is not None and _is_bracket_held(state, order):
        return held_brackets.settle_child(state, order)
    return _NOTHING


def on_triggered(state: KernelState, order: Order) -> HeldActions:
    """Follow the trigger of a stop at the venue, where the kernel holds what hangs together: the
    stop trades at any price now, so its twins go, and its parent enters no more.
    """
    capabilities = state.routes[order.terms.route_id].capabilities
    actions = held_brackets.stop_parent(state, order)
    if capabilities.oco is _HELD and order.terms.price is None:
        actions += held_brackets.cancel_twins(state, order)
    return actions


def on_fill(state: KernelState, order: Order) -> HeldActions:
    """Follow a fill: children grow, twins shrink or go, the parent of an exit stops entering, and
    what could only reduce a position that is gone is cancelled.
    """
    capabilities = state.routes[order.terms.route_id].capabilities
    return held_brackets.follow_fill(state, capabilities, order)


def on_terminal(state: KernelState, order: Order) -> HeldActions:
    """Follow an order's end: a parent's children that never got a fill go, a stop that waited for
    this twin goes out.
    """
    state.drop(state.held_deadlines, order.terms.client_order_id)
    capabilities = state.routes[order.terms.route_id].capabilities
    actions: HeldActions = ()
    if capabilities.bracket is _HELD:
        actions = held_brackets.settle_children(state, order)
    for twin in held_brackets.twins(state, order):
        if _is_kept(twin) and twin.is_triggered and not _at_venue(state, twin):
            actions += held_brackets.release(state, twin, reason="twin ended")
    return actions


def _look(
    state: KernelState,
    order: Order,
    high: int,
    low: int,
    last: int,
    fired: dict[ClientOrderId, None],
) -> HeldActions:
    """Return what a price means for one stop; ``fired`` gathers those that it let go."""
    terms = order.terms
    trigger = order.trigger_price
    if trigger is None:
        assert terms.trail_offset is not None
        return (_update(order, trigger_price=_first_trigger(terms, last)),)
    if stop_touched(terms.side, trigger, high, low):
        return _fire(state, order, fired)
    if terms.trail_offset is None:
        return ()
    moved = trailed(terms.side, trigger, terms.trail_offset, high, low)
    return () if moved == trigger else (_update(order, trigger_price=moved),)


def _fire(state: KernelState, order: Order, fired: dict[ClientOrderId, None]) -> HeldActions:
    """Return what a stop whose price has come does; nothing while a twin is already out."""
    for twin in held_brackets.twins(state, order):
        if twin.is_triggered or twin.terms.client_order_id in fired:
            return ()
    order_id = order.terms.client_order_id
    fired[order_id] = None
    actions = held_brackets.stop_parent(state, order)
    at_venue = _at_venue(state, order)
    if not at_venue:
        return actions + held_brackets.release(state, order, reason="triggered")
    actions += held_brackets.cancel_twins(state, order)
    state.put(state.held_deadlines, order_id, state.now + RELEASE_AFTER_NS)
    return (*actions, HeldAction(HeldVerb.UPDATE, order_id, is_triggered=True))


def _at_venue(state: KernelState, order: Order) -> list[Order]:
    """Return the twins of a held order that may trade: the venue cannot know what they are."""
    twins = held_brackets.twins(state, order)
    return [twin for twin in twins if not _is_kept(twin) and twin.leaves_quantity]


def _is_kept(order: Order) -> bool:
    return order.state is _CREATED and order.held_by is _KERNEL


def _is_bracket_held(state: KernelState, order: Order) -> bool:
    terms = order.terms
    held = state.routes[terms.route_id].capabilities.bracket is _HELD
    return held and terms.parent_order_id is not None


def _is_type_held(capabilities: Capabilities, terms: OrderTerms) -> bool:
    key = ORDER_TYPE_KEY[terms.order_type]
    return bool(getattr(capabilities, key) is _HELD)


def _is_time_held(capabilities: Capabilities, terms: OrderTerms) -> bool:
    key = TIME_IN_FORCE_KEY[terms.time_in_force]
    return bool(getattr(capabilities, key) is _HELD)


def _set_deadline(state: KernelState, order: Order) -> None:
    terms = order.terms
    if not _is_time_held(state.routes[terms.route_id].capabilities, terms):
        return
    end = terms.expire_time
    if terms.time_in_force is TimeInForce.DAY:
        end = (div_floor(terms.created_time, NANOS_PER_DAY) + 1) * NANOS_PER_DAY
    assert end is not None
    state.put(state.held_deadlines, terms.client_order_id, end)


def _first_trigger(terms: OrderTerms, price: int) -> int:
    assert terms.trail_offset is not None
    return trail_start(terms.side, terms.trail_offset, price)


def _update(order: Order, trigger_price: int) -> HeldAction:
    order_id = order.terms.client_order_id
    return HeldAction(HeldVerb.UPDATE, order_id, trigger_price=trigger_price)
