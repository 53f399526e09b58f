"""Worst cases: what positions become when every order fills that still may.

Open, unknown and cancelling orders all count, in full, and the side that is worse decides.
"""

from __future__ import annotations

import msgspec

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.plan import ScopeFilter, is_in
from tradetui.core.risk.totals import money_of, quantities_of
from tradetui.core.risk.worth import NO_WORKING, worst_of
from tradetui.core.state import KernelState, PositionKey
from tradetui.domain.ids import InstrumentId


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
    position, buys, sells, count = quantities_of(state, scope, instrument_id)
    return ScopeSums(position, count, position + buys, sells - position)


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
    exposure = money_of(state, scope).exposure
    if exposure is None or not is_in(scope, own):
        return exposure
    quote = state.instruments[own[2]].quote
    alone = to_reporting(state, quote, worst_value(state, own, True, 0, None))
    return None if alone is None else exposure - alone


def worst_value(
    state: KernelState, key: PositionKey, is_buy: bool, added: int, price: int | None
) -> int:
    """Return the worst-case notional of one sub-position with ``added`` more to buy or sell, in its
    quote currency.

    An instrument is valued at its mark; without one, at ``price`` where it is the order's own, else
    at what is known of it: the cost of its position and the notional of its orders.
    """
    held, working = state.positions.get(key), state.working.get(key, NO_WORKING)
    if added == 0:
        return worst_of(state, key, held, working, price)
    buying, selling = (added, 0) if is_buy else (0, added)
    more = msgspec.structs.replace(
        working,
        buy_quantity=working.buy_quantity + buying,
        sell_quantity=working.sell_quantity + selling,
    )
    return worst_of(state, key, held, more, price)
