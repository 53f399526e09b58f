"""The invariants over the whole state, each from nothing: for tests and checkpoints."""

from __future__ import annotations

from tradetui.core.invariants import InvariantError
from tradetui.core.relations import IS_OPEN, key_of
from tradetui.core.risk.totals import check_totals
from tradetui.core.standing import sums_of
from tradetui.core.state import KernelState, PositionKey, RouteKey, Working
from tradetui.domain.enums import HeldBy, OrderState
from tradetui.domain.orders import Order


def check_all(state: KernelState) -> None:
    """Check the whole state; raise InvariantError for the first thing that cannot be."""
    _check_orders(state)
    _check_indexes(state)
    _check_working(state)
    _check_positions(state)
    _check_cash(state)
    check_totals(state)


def _require(is_true: bool, message: str) -> None:
    if not is_true:
        raise InvariantError(message)


def _check_orders(state: KernelState) -> None:
    for order_id, order in state.orders.items():
        name = f"order {order_id}"
        _require(order.terms.client_order_id == order_id, f"{name} stands under another's id")
        _require(order.filled_quantity >= 0, f"{name} has a negative fill")
        _require(order.filled_quantity <= order.quantity, f"{name} is filled beyond its quantity")
        is_sent = order.state is not OrderState.CREATED
        _require(is_sent or order.filled_quantity == 0, f"{name} is filled and never sent")
        _require(
            order.filled_quantity == 0 or order.is_accepted or not IS_OPEN[order.state],
            f"{name} is filled and not accepted",
        )
        _check_state(order, name)


def _check_state(order: Order, name: str) -> None:
    """Check that an order's fields can be those of its state."""
    if order.state is OrderState.PARTIALLY_FILLED:
        _require(order.filled_quantity > 0, f"{name} is partially filled with nothing")
    elif order.state is OrderState.ACCEPTED:
        _require(order.filled_quantity == 0, f"{name} is filled and merely accepted")
        _require(order.is_accepted, f"{name} is accepted and not marked so")
    elif order.state is OrderState.FILLED:
        _require(order.leaves_quantity == 0, f"{name} is filled and has something left")
    if not IS_OPEN[order.state]:
        _require(not order.is_unknown, f"{name} has ended and is of unknown outcome")


def _check_indexes(state: KernelState) -> None:
    opened = {i: o for i, o in state.orders.items() if IS_OPEN[o.state]}
    _require(opened == state.open_orders, "the map of open orders is not that of the orders")
    closed = [i for i, o in state.orders.items() if not IS_OPEN[o.state]]
    _require(sorted(closed) == sorted(state.closed_order_ids), "a closed order is not listed so")
    _require(
        len(closed) <= state.config.max_closed_orders, "more closed orders are kept than allowed"
    )
    by_instrument = [i for ids in state.open_by_instrument.values() for i in ids]
    _require(sorted(by_instrument) == sorted(opened), "an open order misses its instrument")
    held = [
        i for i, o in opened.items() if o.state is OrderState.CREATED and o.held_by is HeldBy.KERNEL
    ]
    by_held = [i for ids in state.held_by_instrument.values() for i in ids]
    _require(sorted(by_held) == sorted(held), "a held order is not watched, or watched for nothing")
    for order_id in state.held_deadlines:
        _require(order_id in opened, f"order {order_id} has ended and keeps a deadline")


def _check_working(state: KernelState) -> None:
    by_key: dict[PositionKey, list[Order]] = {key: [] for key in state.working}
    for order in state.open_orders.values():
        by_key.setdefault(key_of(order.terms), []).append(order)
    for key in sorted(by_key):
        _require(
            state.working.get(key, Working()) == sums_of(state, by_key[key]),
            f"the working sums of {' '.join(key)} are not those of its orders",
        )


def _check_positions(state: KernelState) -> None:
    sums: dict[RouteKey, int] = dict.fromkeys(state.route_quantities, 0)
    for key, position in state.positions.items():
        place = (key[1], key[2])
        sums[place] = sums.get(place, 0) + position.quantity
        _require(
            position.quantity != 0 or position.cost == 0,
            f"the flat position {' '.join(key)} has a cost",
        )
    for place, quantity in sums.items():
        _require(
            quantity == state.route_quantities.get(place, 0),
            f"the sub-positions do not add up to the position of {' '.join(place)}",
        )


def _check_cash(state: KernelState) -> None:
    _require(state.cash == state.cash_flows, "cash is not the sum of its flows")
