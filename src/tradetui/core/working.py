"""Where order records are written: the maps of open and closed orders, and the sums of what may
still trade.

``store`` is the way in (``open_alone`` and ``close_alone`` are its short ways for an order that
hangs together with no other). It keeps ``state.working`` by taking out what an order stood for
before and adding what it stands for now (``standing`` says how much that is), so that the cost of a
move does not depend on how many orders there are or were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from tradetui.core.relations import IS_OPEN, group_key, is_alone, key_of
from tradetui.core.standing import NO_SUMS, Sums, affected, counted, group_sums, standing
from tradetui.core.state import ABSENT, RECORD, KernelState, PositionKey, Working
from tradetui.domain.enums import HeldBy, OrderRole, OrderState
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.instruments import notional
from tradetui.domain.orders import Order, OrderTerms

_ENTRY: Final = OrderRole.ENTRY
_CREATED: Final = OrderState.CREATED
_KERNEL: Final = HeldBy.KERNEL

_EMPTY: Final = Working()


def store(state: KernelState, old: Order | None, new: Order) -> None:
    """Write the record of an order: ``old`` is what stands there now (None: a new order)."""
    terms = new.terms
    order_id = terms.client_order_id
    assert state.orders.get(order_id) is old
    if old is None:
        _join(state, terms)
    if (
        terms.oco_group is None
        and terms.replaces is None
        and new.pending_replace is None
        and (old is None or old.pending_replace is None)
        and order_id not in state.children
    ):
        _store_alone(state, old, new)
    else:
        _store_in_group(state, old, new)


def open_alone(state: KernelState, order: Order) -> None:
    """Write a new order that is with its venue and counts by itself: no child, in no group, no
    version of another, and nothing names it its parent.
    """
    terms = order.terms
    order_id, instrument_id, price = terms.client_order_id, terms.instrument_id, terms.price
    if price is None:
        _join(state, terms)
        price = state.working_prices.get(order_id, 0)
    ids = state.open_by_instrument.get(instrument_id)
    if ids is None:
        ids = {}
        state.put(state.open_by_instrument, instrument_id, ids)
    ids[order_id] = None
    quantity, working = order.quantity, state.working
    key = (terms.strategy_id, terms.route_id, instrument_id)
    now = working.get(key)
    worth = notional(state.instruments[instrument_id], price, quantity)
    state.undo += ((RECORD, order_id, ABSENT), (working, key, ABSENT if now is None else now))
    state.orders[order_id] = state.open_orders[order_id] = order
    working[key] = counted(_EMPTY if now is None else now, terms, quantity, worth, 1, 0)
    state.moved[key] = None


def close_alone(state: KernelState, old: Order, new: Order) -> bool:
    """Write the end of an order that was with its venue, if it counts by itself and no other hangs
    on it; tell whether it does (else nothing is written, and ``store`` is to be called).
    """
    if old.state is _CREATED or not is_alone(state, old):
        return False
    terms = new.terms
    order_id = terms.client_order_id
    assert state.open_orders[order_id] is old
    quantity, worth = standing(state, old)
    _close(state, terms)
    state.undo.append((RECORD, order_id, old))
    state.orders[order_id] = new
    _count(state, terms, -quantity, -worth, -1, -old.is_unknown)
    return True


def _close(state: KernelState, terms: OrderTerms) -> None:
    """Take an order out of the maps of open ones; its record, and the note of it, follow."""
    order_id = terms.client_order_id
    del state.open_orders[order_id]
    del state.open_by_instrument[terms.instrument_id][order_id]
    state.closed_order_ids[order_id] = None
    if state.working_prices:
        state.drop(state.working_prices, order_id)
    if state.held_deadlines:
        state.drop(state.held_deadlines, order_id)


def _store_alone(state: KernelState, old: Order | None, new: Order) -> None:
    """Write an order that counts by itself: take out what it stood for, add what it stands for."""
    quantity = value = opened = unknown = 0
    if old is not None and IS_OPEN[old.state]:
        left, worth = standing(state, old)
        quantity, value, opened, unknown = -left, -worth, -1, -old.is_unknown
    _write(state, old, new)
    if IS_OPEN[new.state]:
        left, worth = standing(state, new)
        quantity += left
        value += worth
        opened += 1
        unknown += new.is_unknown
    _count(state, new.terms, quantity, value, opened, unknown)


def _count(
    state: KernelState, terms: OrderTerms, quantity: int, value: int, opened: int, unknown: int
) -> None:
    """Add what an order stands for to the sums of its sub-position, or with minus take it out."""
    key = (terms.strategy_id, terms.route_id, terms.instrument_id)
    working = state.working
    now = working.get(key)
    state.undo.append((working, key, ABSENT if now is None else now))
    working[key] = counted(_EMPTY if now is None else now, terms, quantity, value, opened, unknown)
    state.moved[key] = None


def _store_in_group(state: KernelState, old: Order | None, new: Order) -> None:
    """Write an order on whose record the standing of others depends."""
    concerned = affected(state, new)
    befores = group_sums(state, concerned)
    _write(state, old, new)
    afters = group_sums(state, concerned)
    own = key_of(new.terms)
    for key in sorted({**befores, **afters, own: NO_SUMS}):
        is_own = key == own
        _shift(
            state,
            key,
            befores.get(key, NO_SUMS),
            afters.get(key, NO_SUMS),
            old if is_own else None,
            new if is_own else None,
        )


def recount(
    state: KernelState, order_ids: Iterable[ClientOrderId], change: Callable[[], None]
) -> None:
    """Change how orders hang together, and move the sums by what that makes of some of them."""
    concerned: dict[ClientOrderId, None] = {}
    for order_id in order_ids:
        order = state.open_orders.get(order_id)
        if order is not None:
            concerned.update(affected(state, order))
    befores = group_sums(state, concerned)
    change()
    afters = group_sums(state, concerned)
    for key in sorted(afters):
        if afters[key] != befores[key]:
            _shift(state, key, befores[key], afters[key], None, None)


def forget(state: KernelState, order_id: ClientOrderId) -> None:
    """Drop a closed order for good, with all that points to it. Cannot fail, and notes no undo."""
    order = state.orders.pop(order_id)
    assert not IS_OPEN[order.state]
    state.closed_order_ids.pop(order_id, None)
    for table in (state.children, state.parents, state.carried_fills):
        if table:
            table.pop(order_id, None)
    terms = order.terms
    if terms.oco_group is not None:
        group = group_key(terms)
        left = tuple(member for member in state.oco_groups.get(group, ()) if member != order_id)
        if left:
            state.oco_groups[group] = left
        else:
            state.oco_groups.pop(group, None)


def _join(state: KernelState, terms: OrderTerms) -> None:
    """Link a new order to its parent, its OCO group, and the price at which it is counted."""
    order_id = terms.client_order_id
    if terms.parent_order_id is not None:
        parent_id = terms.parent_order_id
        if terms.replaces is not None:
            parent_id = state.parents.get(terms.replaces, parent_id)
        if parent_id != terms.parent_order_id:
            state.put(state.parents, order_id, parent_id)
        state.put(state.children, parent_id, (*state.children.get(parent_id, ()), order_id))
    if terms.oco_group is not None:
        group = group_key(terms)
        state.put(state.oco_groups, group, (*state.oco_groups.get(group, ()), order_id))
    if terms.price is None and terms.trigger_price is None:
        mark = state.marks.get(terms.instrument_id)
        if mark is not None:
            state.put(state.working_prices, order_id, mark.price)


def _write(state: KernelState, old: Order | None, new: Order) -> None:
    """Put an order into the maps where its state belongs, and out of the others."""
    terms = new.terms
    order_id = terms.client_order_id
    if IS_OPEN[new.state]:
        if old is None:
            ids = state.open_by_instrument.get(terms.instrument_id)
            if ids is None:
                ids = {}
                state.put(state.open_by_instrument, terms.instrument_id, ids)
            ids[order_id] = None
        state.open_orders[order_id] = new
    elif old is not None and IS_OPEN[old.state]:
        _close(state, terms)
    state.undo.append((RECORD, order_id, ABSENT if old is None else old))
    state.orders[order_id] = new
    if new.state is _CREATED or (old is not None and old.state is _CREATED):
        _watch(state, terms, new.state is _CREATED and new.held_by is _KERNEL)


def _watch(state: KernelState, terms: OrderTerms, is_held: bool) -> None:
    """Keep the index of held orders, in which an instrument without any has no entry."""
    table = state.held_by_instrument
    ids = table.get(terms.instrument_id)
    if is_held:
        if ids is None:
            ids = {}
            state.put(table, terms.instrument_id, ids)
        state.put(ids, terms.client_order_id, None)
    elif ids is not None:
        state.drop(ids, terms.client_order_id)
        if not ids:
            state.drop(table, terms.instrument_id)


def forget_noted(state: KernelState, order: Order) -> None:
    """Drop an order of a book that is given up, open or closed, noting it for an undo."""
    terms = order.terms
    order_id = terms.client_order_id
    for table in (state.orders, state.open_orders):
        state.drop(table, order_id)
    state.drop(state.closed_order_ids, order_id)
    state.drop(state.children, order_id)
    state.drop(state.parents, order_id)
    state.drop(state.carried_fills, order_id)
    state.drop(state.working_prices, order_id)
    state.drop(state.held_deadlines, order_id)
    state.drop(state.open_by_instrument[terms.instrument_id], order_id)
    _watch(state, terms, is_held=False)
    if terms.oco_group is not None:
        state.drop(state.oco_groups, group_key(terms))


def _shift(
    state: KernelState,
    key: PositionKey,
    before: Sums,
    after: Sums,
    old: Order | None,
    new: Order | None,
) -> None:
    """Move the sums of a sub-position from what was to what is."""
    opened = entries = unknown = 0
    if old is not None and IS_OPEN[old.state]:
        opened, unknown = -1, -int(old.is_unknown)
        entries = -int(old.terms.role is _ENTRY)
    if new is not None and IS_OPEN[new.state]:
        opened, unknown = opened + 1, unknown + int(new.is_unknown)
        entries += int(new.terms.role is _ENTRY)
    now = state.working.get(key, _EMPTY)
    state.moved[key] = None
    state.put(
        state.working,
        key,
        Working(
            now.buy_quantity + after[0] - before[0],
            now.sell_quantity + after[1] - before[1],
            now.buy_notional + after[2] - before[2],
            now.sell_notional + after[3] - before[3],
            now.open_orders + opened,
            now.entries + entries,
            now.unknown + unknown,
        ),
    )
