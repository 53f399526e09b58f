"""Worst cases: what positions become when every order fills that still may.

Open, unknown and cancelling orders all count, in full, and the side that is worse decides.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.plan import ScopeFilter
from tradetui.core.state import KernelState, PositionKey, Working
from tradetui.domain.ids import EXTERNAL, InstrumentId
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Position
from tradetui.domain.units import PPM, div_ceil

_NO_WORKING: Final = Working()


class ScopeSums(msgspec.Struct, frozen=True, gc=False):
    """Sums of a scope: on one instrument the signed position and how far working orders may carry
    it; and its open orders on every instrument.
    """

    position: int
    open_orders: int
    long: int
    """Position and working buys: how far it may go up."""
    short: int
    """Working sells less the position: how far it may go down."""


def scope_sums(state: KernelState, scope: ScopeFilter, instrument_id: InstrumentId) -> ScopeSums:
    """Add up a scope's positions and working orders on one instrument, and count all its open
    orders.
    """
    routes, strategy_id = scope.routes, scope.strategy_id
    position = buys = sells = count = 0
    for (owner, route_id, on), held in state.positions.items():
        if (
            on == instrument_id
            and route_id in routes
            and (owner == strategy_id if strategy_id is not None else owner != EXTERNAL)
        ):
            position += held.quantity
    for (owner, route_id, on), working in state.working.items():
        if route_id in routes and (
            owner == strategy_id if strategy_id is not None else owner != EXTERNAL
        ):
            count += working.open_orders
            if on == instrument_id:
                buys += working.buy_quantity
                sells += working.sell_quantity
    return ScopeSums(position, count, position + buys, sells - position)


def is_in(scope: ScopeFilter, key: PositionKey) -> bool:
    """Tell whether a sub-position is in a scope; what is not ours is in none."""
    if key[1] not in scope.routes:
        return False
    strategy_id = scope.strategy_id
    return key[0] != EXTERNAL if strategy_id is None else key[0] == strategy_id


def is_alone(state: KernelState, own: PositionKey) -> bool:
    """Tell at once that nothing but one sub-position holds or works anything.

    False says nothing: there may be others.
    """
    working, held = state.working, state.positions
    return (
        len(working) < 2
        and len(held) < 2
        and (not working or own in working)
        and (not held or own in held)
    )


def keys_in(state: KernelState, scope: ScopeFilter) -> list[PositionKey]:
    """Return the sub-positions of a scope that hold or work anything, in ascending order."""
    found = {
        key: None
        for table in (state.positions, state.working)
        for key in table
        if is_in(scope, key)
    }
    return sorted(found)


def other_exposure(state: KernelState, scope: ScopeFilter, own: PositionKey) -> int | None:
    """Return the scope's worst-case notional, gross over its sub-positions but ``own``; in the
    reporting currency, None where a rate lacks.
    """
    if is_alone(state, own):
        return 0
    total = 0
    held, working = state.positions, state.working
    routes, strategy_id = scope.routes, scope.strategy_id
    instruments, reporting = state.instruments, state.config.reporting_currency
    for key, orders in working.items():
        owner, route_id, instrument_id = key
        if (
            route_id in routes
            and (owner == strategy_id if strategy_id is not None else owner != EXTERNAL)
            and key != own
        ):
            position, value = held.get(key), 0
            if orders.open_orders or (position is not None and position.quantity):
                value = _worst(state, key, position, orders)
            quote = instruments[instrument_id].quote
            if quote != reporting:
                converted = to_reporting(state, quote, value)
                if converted is None:
                    return None
                value = converted
            total += value
    for key, alone in held.items():
        if alone.quantity and key not in working and key != own and is_in(scope, key):
            worst = _in_reporting(state, key, _worst(state, key, alone, _NO_WORKING))
            if worst is None:
                return None
            total += worst
    return total


def worst_value(
    state: KernelState, key: PositionKey, is_buy: bool, added: int, price: int | None
) -> int:
    """Return the worst-case notional of one sub-position with ``added`` more to buy or sell, in its
    quote currency.

    An instrument is valued at its mark; without one, at ``price`` where it is the order's own, else
    at what is known of it: the cost of its position and the notional of its orders.
    """
    held, working = state.positions.get(key), state.working.get(key, _NO_WORKING)
    if added == 0:
        return _worst(state, key, held, working, price)
    buying, selling = (added, 0) if is_buy else (0, added)
    more = msgspec.structs.replace(
        working,
        buy_quantity=working.buy_quantity + buying,
        sell_quantity=working.sell_quantity + selling,
    )
    return _worst(state, key, held, more, price)


def _worst(
    state: KernelState,
    key: PositionKey,
    held: Position | None,
    working: Working,
    price: int | None = None,
) -> int:
    quantity = cost = 0
    if held is not None:
        quantity, cost = held.quantity, held.cost
    mark = state.marks.get(key[2])
    if mark is not None:
        price = mark.price
    if price is None:
        return max(cost + working.buy_notional, working.sell_notional - cost, 0)
    long = quantity + working.buy_quantity
    short = working.sell_quantity - quantity
    worst = long if long > short else short
    return abs(notional(state.instruments[key[2]], price, worst)) if worst > 0 else 0


def _in_reporting(state: KernelState, key: PositionKey, value: int) -> int | None:
    quote = state.instruments[key[2]].quote
    if quote == state.config.reporting_currency:
        return value
    return to_reporting(state, quote, value)


def margin(instrument: Instrument, value: int) -> int:
    """Return the initial margin of a future's notional, rounded up."""
    return div_ceil(value * instrument.margin_ppm, PPM)
