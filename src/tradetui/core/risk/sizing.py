"""How an order is made smaller: down to what a limit allows, in lots, never below what is legal."""

from __future__ import annotations

from collections.abc import Callable

from tradetui.core.risk.case import Case
from tradetui.domain.instruments import floor_quantity, notional
from tradetui.domain.units import div_floor

_SHAVE = 1_000_000


def largest_quantity(case: Case, measure: Callable[[int], int], limit: int, start: int) -> int:
    """Return the largest legal quantity, at most ``start``, whose measure keeps to ``limit``; 0 if
    none does.

    ``measure`` grows with the quantity. The result may be a few lots below the very largest: it is
    a cut, not an optimum, and never above.
    """
    instrument = case.plan.instrument
    quantity = floor_quantity(instrument, start)
    while quantity > 0 and measure(quantity) > limit:
        step = max(
            instrument.size_increment, floor_quantity(instrument, div_floor(quantity, _SHAVE))
        )
        quantity -= step
    return quantity if is_legal_size(case, quantity) else 0


def is_legal_size(case: Case, quantity: int) -> bool:
    """Tell whether the venue takes an order of this quantity, at the price the order has now."""
    instrument = case.plan.instrument
    if quantity <= 0 or quantity < instrument.min_quantity:
        return False
    if not instrument.min_notional or case.value_price is None:
        return True
    return abs(notional(instrument, case.value_price, quantity)) >= instrument.min_notional


def proportion(total: int, limit: int, value: int) -> int:
    """Return the part of ``total`` that brings ``value`` down to ``limit``, rounded down."""
    return div_floor(total * max(limit, 0), value)
