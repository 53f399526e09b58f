"""Where order records are written: the maps of open and closed orders, and the sums of what may
still trade.

``store`` is the only way in. It keeps ``state.working`` by taking out what an order stood for
before and adding what it stands for now, so that the cost of a move does not depend on how many
orders there are or were. Orders that exclude one another (one OCO group; an order and the version
that shall replace it) are counted together, with the largest of each side.
"""

from __future__ import annotations

from typing import Final

from tradetui.core.state import KernelState, PositionKey, Working
from tradetui.domain.enums import HeldBy, OrderRole, OrderSide, OrderState
from tradetui.domain.ids import ClientOrderId, InstrumentId
from tradetui.domain.instruments import notional
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.orders import Order, OrderTerms

IS_OPEN: Final[dict[OrderState, bool]] = {state: state not in TERMINAL for state in OrderState}

_EMPTY: Final = Working()

Sums = tuple[int, int, int, int]
"""Buy quantity, sell quantity, buy notional, sell notional."""

_ZERO: Final[Sums] = (0, 0, 0, 0)


def key_of(terms: OrderTerms) -> PositionKey:
    """Return the sub-position that an order works for."""
    return (terms.strategy_id, terms.route_id, terms.instrument_id)


def group_key(terms: OrderTerms) -> str:
    """Return the key of an order's OCO group: the names that instances choose are their own, on
    each route.
    """
    assert terms.oco_group is not None
    return f"{terms.route_id}/{terms.strategy_id}/{terms.oco_group}"


def parent_of(state: KernelState, order: Order) -> Order | None:
    """Return the order whose fills a child follows (its newest version); None for an order that is
    no child, or whose parent is long closed.
    """
    terms = order.terms
    if terms.parent_order_id is None:
        return None
    parent_id = state.parents.get(terms.client_order_id, terms.parent_order_id)
    return state.orders.get(parent_id)


def is_waiting(state: KernelState, order: Order) -> bool:
    """Tell whether an order is a child whose parent is open and has no fill yet."""
    parent = parent_of(state, order)
    return parent is not None and IS_OPEN[parent.state] and filled_by_all(state, parent) == 0


def filled_by_all(state: KernelState, order: Order) -> int:
    """Return what an order and the versions that it took the place of have filled together."""
    return order.filled_quantity + state.carried_fills.get(order.terms.client_order_id, 0)


def siblings(state: KernelState, order: Order) -> list[Order]:
    """Return the other open orders of an order's OCO group, in the order in which they joined."""
    terms = order.terms
    if terms.oco_group is None:
        return []
    members = state.oco_groups.get(group_key(terms), ())
    found = [state.open_orders.get(member) for member in members]
    return [o for o in found if o is not None and o.terms.client_order_id != terms.client_order_id]


def children_of(state: KernelState, order_id: ClientOrderId) -> list[Order]:
    """Return the open children of an order, in the order in which they joined."""
    found = [state.open_orders.get(child) for child in state.children.get(order_id, ())]
    return [order for order in found if order is not None]


def creation_key(order: Order) -> tuple[int, int, str]:
    """Sort key that puts orders in order of creation: time, then the counter of the id."""
    terms = order.terms
    return (terms.created_time, len(terms.client_order_id), terms.client_order_id)


def store(state: KernelState, old: Order | None, new: Order) -> None:
    """Write the record of an order: ``old`` is what stands there now (None: a new order)."""
    assert state.orders.get(new.terms.client_order_id) is old
    if old is not None and _stands_for_the_same(old, new):
        order_id = new.terms.client_order_id
        state.put(state.orders, order_id, new)
        if IS_OPEN[new.state]:
            state.put(state.open_orders, order_id, new)
        return
    if old is None:
        _join(state, new)
    if _is_alone(state, old, new):
        key = key_of(new.terms)
        before = _ZERO if old is None or not IS_OPEN[old.state] else _sums(state, old)
        _write(state, old, new)
        after = _sums(state, new) if IS_OPEN[new.state] else _ZERO
        _shift(state, key, before, after, old, new)
        return
    affected = _affected(state, new)
    befores = _group_sums(state, affected)
    _write(state, old, new)
    afters = _group_sums(state, affected)
    own = key_of(new.terms)
    for key in sorted({**befores, **afters, own: _ZERO}):
        is_own = key == own
        _shift(
            state,
            key,
            befores.get(key, _ZERO),
            afters.get(key, _ZERO),
            old if is_own else None,
            new if is_own else None,
        )


def forget(state: KernelState, order_id: ClientOrderId) -> None:
    """Drop a closed order for good, with all that points to it. Cannot fail, and notes no undo."""
    order = state.orders.pop(order_id)
    assert not IS_OPEN[order.state]
    state.closed_order_ids.pop(order_id, None)
    state.children.pop(order_id, None)
    state.parents.pop(order_id, None)
    state.carried_fills.pop(order_id, None)
    terms = order.terms
    if terms.oco_group is not None:
        group = group_key(terms)
        left = tuple(member for member in state.oco_groups.get(group, ()) if member != order_id)
        if left:
            state.oco_groups[group] = left
        else:
            state.oco_groups.pop(group, None)


def sums_of(state: KernelState, orders: list[Order]) -> Working:
    """Add up what some orders of one sub-position stand for, from nothing: what ``working`` must
    equal.
    """
    ids = dict.fromkeys(order.terms.client_order_id for order in orders)
    every = list(_group_sums(state, ids).values())
    return Working(
        sum(one[0] for one in every),
        sum(one[1] for one in every),
        sum(one[2] for one in every),
        sum(one[3] for one in every),
        len(orders),
        len([o for o in orders if o.terms.role is OrderRole.ENTRY]),
        len([o for o in orders if o.is_unknown]),
    )


def _stands_for_the_same(old: Order, new: Order) -> bool:
    return (
        old.quantity == new.quantity
        and old.filled_quantity == new.filled_quantity
        and old.is_unknown is new.is_unknown
        and old.trigger_price == new.trigger_price
        and old.pending_replace == new.pending_replace
        and old.held_by is new.held_by
        and (old.state is OrderState.CREATED) is (new.state is OrderState.CREATED)
        and IS_OPEN[old.state] is IS_OPEN[new.state]
    )


def _is_alone(state: KernelState, old: Order | None, new: Order) -> bool:
    terms = new.terms
    return (
        terms.oco_group is None
        and terms.replaces is None
        and new.pending_replace is None
        and (old is None or old.pending_replace is None)
        and terms.client_order_id not in state.children
    )


def _join(state: KernelState, order: Order) -> None:
    """Link a new order to its parent, its OCO group, and the price at which it is counted."""
    terms = order.terms
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
    terms = new.terms
    order_id = terms.client_order_id
    state.put(state.orders, order_id, new)
    was_open = old is not None and IS_OPEN[old.state]
    is_open = IS_OPEN[new.state]
    if is_open:
        state.put(state.open_orders, order_id, new)
    if is_open is not was_open:
        _open_or_close(state, new, is_open)
    is_held = is_open and new.state is OrderState.CREATED and new.held_by is HeldBy.KERNEL
    was_held = (
        was_open
        and old is not None
        and old.state is OrderState.CREATED
        and old.held_by is HeldBy.KERNEL
    )
    if is_held is not was_held:
        _index(state, state.held_by_instrument, terms, is_held)


def _open_or_close(state: KernelState, order: Order, is_open: bool) -> None:
    order_id = order.terms.client_order_id
    _index(state, state.open_by_instrument, order.terms, is_open)
    if is_open:
        return
    state.drop(state.open_orders, order_id)
    state.put(state.closed_order_ids, order_id, None)
    state.drop(state.working_prices, order_id)
    state.drop(state.held_deadlines, order_id)


def _index(
    state: KernelState,
    table: dict[InstrumentId, dict[ClientOrderId, None]],
    terms: OrderTerms,
    is_in: bool,
) -> None:
    ids = table.get(terms.instrument_id)
    if is_in:
        if ids is None:
            ids = {}
            state.put(table, terms.instrument_id, ids)
        state.put(ids, terms.client_order_id, None)
    elif ids is not None:
        state.drop(ids, terms.client_order_id)
        if not ids:
            state.drop(table, terms.instrument_id)


def _sums(state: KernelState, order: Order) -> Sums:
    """Return what an open order stands for on its own."""
    terms = order.terms
    leaves = order.quantity - order.filled_quantity
    if leaves <= 0:
        return _ZERO
    if terms.parent_order_id is not None and is_waiting(state, order):
        return _ZERO
    price = terms.price
    if price is None:
        price = order.trigger_price
        if price is None:
            price = state.working_prices.get(terms.client_order_id, 0)
    value = notional(state.instruments[terms.instrument_id], price, leaves)
    return (leaves, 0, value, 0) if terms.side is OrderSide.BUY else (0, leaves, 0, value)


def _partners(state: KernelState, order: Order) -> tuple[str, list[Order]]:
    """Return the orders that count together with an open one (itself too), and a key for them."""
    terms = order.terms
    if terms.oco_group is not None:
        return group_key(terms), [*siblings(state, order), order]
    if order.pending_replace is not None:
        new = state.open_orders.get(order.pending_replace)
        return f"={terms.client_order_id}", [order] if new is None else [order, new]
    if terms.replaces is not None:
        old = state.open_orders.get(terms.replaces)
        if old is not None and old.pending_replace == terms.client_order_id:
            return f"={terms.replaces}", [old, order]
    return f"={terms.client_order_id}", [order]


def _affected(state: KernelState, order: Order) -> dict[ClientOrderId, None]:
    """Return the ids of the orders whose standing may change with this one, itself included."""
    order_id = order.terms.client_order_id
    found = [order, *children_of(state, order_id)]
    ids: dict[ClientOrderId, None] = {}
    for one in found:
        ids[one.terms.client_order_id] = None
        standing = state.open_orders.get(one.terms.client_order_id, one)
        for partner in _partners(state, standing)[1] + _partners(state, one)[1]:
            ids[partner.terms.client_order_id] = None
    return ids


def _group_sums(state: KernelState, ids: dict[ClientOrderId, None]) -> dict[PositionKey, Sums]:
    """Add up what some orders stand for, each group of partners once, by sub-position."""
    largest: dict[tuple[PositionKey, str], Sums] = {}
    for order_id in ids:
        order = state.open_orders.get(order_id)
        if order is None:
            continue
        group, _ = _partners(state, order)
        place = (key_of(order.terms), group)
        bq, sq, bn, sn = largest.get(place, _ZERO)
        own = _sums(state, order)
        largest[place] = (max(bq, own[0]), max(sq, own[1]), max(bn, own[2]), max(sn, own[3]))
    totals: dict[PositionKey, Sums] = {}
    for (key, _), one in largest.items():
        so_far = totals.get(key, _ZERO)
        totals[key] = (
            so_far[0] + one[0],
            so_far[1] + one[1],
            so_far[2] + one[2],
            so_far[3] + one[3],
        )
    return totals


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
        entries = -int(old.terms.role is OrderRole.ENTRY)
    if new is not None and IS_OPEN[new.state]:
        opened, unknown = opened + 1, unknown + int(new.is_unknown)
        entries += int(new.terms.role is OrderRole.ENTRY)
    now = state.working.get(key, _EMPTY)
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
    _index(state, state.open_by_instrument, terms, is_in=False)
    _index(state, state.held_by_instrument, terms, is_in=False)
    if terms.oco_group is not None:
        state.drop(state.oco_groups, group_key(terms))
