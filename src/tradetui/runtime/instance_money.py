"""What one instance holds and has gained, in the real book and in the shadow's."""

from __future__ import annotations

from typing import Final, NamedTuple

from tradetui.core.guards import guard_of
from tradetui.core.state import KernelState, PositionKey
from tradetui.core.valuation import unrealised
from tradetui.domain.enums import Guard
from tradetui.domain.ids import InstrumentId, is_shadow
from tradetui.domain.instruments import average_price
from tradetui.domain.orders import Position
from tradetui.domain.units import NANOS_PER_DAY, div_floor

_GUARD_ORDER: Final = (
    Guard.MISSING,
    Guard.NONE_BY_DESIGN,
    Guard.OURS,
    Guard.VENUE,
    Guard.FLAT,
)
"""The worst first."""


class InstanceMoney(NamedTuple):
    """Quantities and money, in the quote currency; None where no price is known."""

    position: int
    entry_price: int | None
    opened_time: int | None
    open_pnl: int | None
    day_pnl: int | None
    fees_day: int
    guard: Guard
    shadow_position: int
    shadow_pnl: int | None
    total_pnl: int | None
    """Realised and open profit after fees, since the books begin."""


def money_of(
    state: KernelState, instrument_id: InstrumentId, keys: tuple[PositionKey, ...]
) -> InstanceMoney:
    """Add up an instance's sub-positions in its own market: the real ones, and the shadow's;
    ``keys`` are those of all its markets.
    """
    today = div_floor(state.now, NANOS_PER_DAY)
    position = cost = fees = shadow_position = 0
    open_pnl: int | None = 0
    day_pnl: int | None = 0
    shadow_pnl: int | None = 0
    total_pnl: int | None = 0
    opened: int | None = None
    guard = Guard.FLAT
    for key in keys:
        held = state.positions.get(key)
        if held is None or key[2] != instrument_id:
            continue
        gained = unrealised(state, held)
        if is_shadow(key[1]):
            shadow_position += held.quantity
            total = _sum(shadow_pnl, gained)
            shadow_pnl = _sum(total, held.realised_pnl - held.fees)
            continue
        position += held.quantity
        cost += held.cost
        open_pnl = _sum(open_pnl, gained)
        total_pnl = _sum(_sum(total_pnl, gained), held.realised_pnl - held.fees)
        guard = min(guard, guard_of(state, key), key=_GUARD_ORDER.index)
        if held.quantity:
            opened = held.opened_time if opened is None else min(opened, held.opened_time)
        day_pnl = _sum(day_pnl, _day(state, key, today, held))
        fees += _fees(state, key, today)
    entry = None
    if position:
        entry = average_price(state.instruments[instrument_id], cost, position)
    return InstanceMoney(
        position=position,
        entry_price=entry,
        opened_time=opened,
        open_pnl=open_pnl,
        day_pnl=day_pnl,
        fees_day=fees,
        guard=guard,
        shadow_position=shadow_position,
        shadow_pnl=shadow_pnl,
        total_pnl=total_pnl,
    )


def _day(state: KernelState, key: PositionKey, today: int, held: Position) -> int | None:
    """Return today's profit of a sub-position after fees, in its quote currency."""
    stats = state.days.get(key)
    if stats is None or stats.day != today:
        return 0
    return _sum(unrealised(state, held), stats.realised - stats.fees - stats.open_pnl_start)


def _fees(state: KernelState, key: PositionKey, today: int) -> int:
    stats = state.days.get(key)
    return stats.fees if stats is not None and stats.day == today else 0


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
