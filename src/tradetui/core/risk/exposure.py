"""Worst cases: what positions become when every order fills that still may.

Open, unknown and cancelling orders all count, in full, and the side that is worse decides.
"""

from __future__ import annotations

import msgspec

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.plan import ScopeFilter
from tradetui.core.state import KernelState, PositionKey, Working
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import EXTERNAL, InstrumentId, StrategyId, is_shadow
from tradetui.domain.instruments import Instrument, notional
from tradetui.domain.orders import Position
from tradetui.domain.units import PPM, div_ceil

_NO_WORKING = Working()


class InstrumentSums(msgspec.Struct, frozen=True, gc=False):
    """Sums of a scope on one instrument: signed position, working buys and sells."""

    position: int
    buys: int
    sells: int

    def worst_after(self, is_buy: bool, quantity: int) -> int:
        """Return how far the position may go on the side of one more order of ``quantity``."""
        if is_buy:
            return self.position + self.buys + quantity
        return self.sells + quantity - self.position


def instrument_sums(
    state: KernelState, scope: ScopeFilter, instrument_id: InstrumentId
) -> InstrumentSums:
    """Add up a scope's positions and working orders on one instrument."""
    routes, strategy_id = scope.routes, scope.strategy_id
    position = buys = sells = 0
    for key, held in state.positions.items():
        if key[2] == instrument_id and key[1] in routes and _is_in(strategy_id, key):
            position += held.quantity
    for key, working in state.working.items():
        if key[2] == instrument_id and key[1] in routes and _is_in(strategy_id, key):
            buys += working.buy_quantity
            sells += working.sell_quantity
    return InstrumentSums(position, buys, sells)


def open_orders(state: KernelState, scope: ScopeFilter) -> int:
    """Count a scope's orders that are not terminal, on every instrument."""
    routes, strategy_id = scope.routes, scope.strategy_id
    return sum(
        working.open_orders
        for key, working in state.working.items()
        if key[1] in routes and _is_in(strategy_id, key)
    )


def keys_in(state: KernelState, scope: ScopeFilter) -> list[PositionKey]:
    """Return the sub-positions of a scope that hold or work anything, in ascending order."""
    routes, strategy_id = scope.routes, scope.strategy_id
    found = {
        key: None
        for table in (state.positions, state.working)
        for key in table
        if key[1] in routes and _is_in(strategy_id, key)
    }
    return sorted(found)


def worst_exposure(
    state: KernelState,
    scope: ScopeFilter,
    own: PositionKey,
    is_buy: bool,
    quantity: int,
    price: int,
) -> int | None:
    """Return the scope's worst-case notional, gross over sub-positions, with one more order of
    ``quantity`` on the sub-position ``own``; in the reporting currency, None where a rate lacks.

    An instrument is valued at its mark; without one, at ``price`` where it is the order's own, else
    at what is known of it: the cost of its position and the notional of its orders.
    """
    total = 0
    keys = keys_in(state, scope)
    if own not in keys:
        keys.append(own)
    for key in keys:
        added = quantity if key == own else 0
        value = worst_value(state, key, is_buy, added, price if key == own else None)
        converted = to_reporting(state, state.instruments[key[2]].quote, value)
        if converted is None:
            return None
        total += converted
    return total


def worst_value(
    state: KernelState, key: PositionKey, is_buy: bool, added: int, price: int | None
) -> int:
    """Return the worst-case notional of one sub-position with ``added`` more to buy or sell, in its
    quote currency.
    """
    instrument = state.instruments[key[2]]
    held = state.positions.get(key)
    working = state.working.get(key, _NO_WORKING)
    quantity = 0 if held is None else held.quantity
    mark = state.marks.get(key[2])
    if mark is not None:
        price = mark.price
    long = quantity + working.buy_quantity + (added if is_buy else 0)
    short = working.sell_quantity - quantity + (0 if is_buy else added)
    if price is None:
        cost = 0 if held is None else held.cost
        return max(cost + working.buy_notional, working.sell_notional - cost, 0)
    return abs(notional(instrument, price, max(long, short, 0)))


def committed(
    state: KernelState, strategy_id: StrategyId, own: PositionKey, is_buy: bool, value: int
) -> int | None:
    """Return what of its budget an instance uses once an order of notional ``value`` (quote
    currency) works on ``own``: the cost of its positions and the notional of its orders, on the
    worse side, futures at their margin. In the reporting currency; None where a rate lacks.
    """
    is_shadow_book = is_shadow(own[1])
    total = 0
    keys = {own: None}
    for table in (state.positions, state.working):
        for key in table:
            if key[0] == strategy_id and is_shadow(key[1]) is is_shadow_book:
                keys[key] = None
    for key in sorted(keys):
        instrument = state.instruments[key[2]]
        added = value if key == own else 0
        used = commitment(
            instrument,
            state.positions.get(key),
            state.working.get(key, _NO_WORKING),
            added if is_buy else 0,
            0 if is_buy else added,
        )
        converted = to_reporting(state, instrument.quote, used)
        if converted is None:
            return None
        total += converted
    return total


def commitment(
    instrument: Instrument, held: Position | None, working: Working, buying: int, selling: int
) -> int:
    """Return what one sub-position ties up at worst, in its quote currency."""
    cost = 0 if held is None else held.cost
    used = max(cost + working.buy_notional + buying, working.sell_notional + selling - cost, 0)
    return margin(instrument, used)


def margin(instrument: Instrument, value: int) -> int:
    """Return the initial margin of a notional, rounded up; the notional itself unless a future."""
    if instrument.instrument_class is InstrumentClass.FUTURE:
        return div_ceil(abs(value) * instrument.margin_ppm, PPM)
    return value


def _is_in(strategy_id: StrategyId | None, key: PositionKey) -> bool:
    return key[0] != EXTERNAL if strategy_id is None else key[0] == strategy_id
