"""What a run leaves behind: one line for the terminal after the screen has closed."""

from __future__ import annotations

from tradetui.core.state import KernelState
from tradetui.domain.enums import HeldBy, OrderRole
from tradetui.domain.formatting import counted, grouped
from tradetui.domain.ids import is_shadow
from tradetui.domain.orders import Position
from tradetui.domain.text import printable


def is_flat(state: KernelState) -> bool:
    """Tell whether nothing is held and no order is open; books of observing instances are not
    real.
    """
    held = any(
        one.quantity and not is_shadow(route_id)
        for (_, route_id, _), one in state.positions.items()
    )
    orders = state.open_orders.values()
    return not held and all(is_shadow(order.terms.route_id) for order in orders)


def remaining(state: KernelState) -> str:
    """Name positions, open orders, and the stops that only we hold: while no engine runs, those
    guard nothing. Books of observing instances are not real and not named.
    """
    positions = [
        _position(state, position)
        for (_, route_id, _), position in sorted(state.positions.items())
        if position.quantity and not is_shadow(route_id)
    ]
    orders = [order for order in state.open_orders.values() if not is_shadow(order.terms.route_id)]
    ours = [order for order in orders if order.held_by is HeldBy.KERNEL]
    stops = sum(order.terms.role is OrderRole.STOP_LOSS for order in ours)
    entries = sum(order.terms.role is OrderRole.ENTRY for order in orders)
    said = [
        f"{counted(len(positions), 'position')}: {', '.join(positions)}"
        if positions
        else "no position",
        f"{counted(len(orders), 'order')} open ({counted(entries, 'entry', 'entries')})"
        if orders
        else "no order open",
    ]
    if stops:
        held = counted(stops, "stop is held by us and guards", "stops are held by us and guard")
        said.append(f"{held} nothing until the next start")
    return f"left behind: {'; '.join(said)}"


def _position(state: KernelState, position: Position) -> str:
    instrument = state.instruments[position.instrument_id]
    size = grouped(position.quantity, instrument.size_scale, instrument.size_decimals, signed=True)
    return f"{position.strategy_id} {size} {printable(instrument.base, 12)}"
