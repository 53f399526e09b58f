"""How an order is made smaller: down to what a limit allows, in lots, never below what is legal."""

from __future__ import annotations

from collections.abc import Callable

from tradetui.core.risk.case import Case
from tradetui.domain.instruments import notional
from tradetui.domain.units import div_ceil, div_floor


def largest_quantity(case: Case, measure: Callable[[int], int], limit: int) -> int:
    """Return the largest legal quantity below the order's whose measure keeps to ``limit``; 0 if
    none does.

    ``measure`` must not fall as the quantity grows: the lots are halved until the last that fits.
    """
    lot = case.plan.instrument.size_increment
    fits, too_many = 0, div_ceil(case.quantity, lot)
    while too_many - fits > 1:
        middle = div_floor(fits + too_many, 2)
        if measure(middle * lot) <= limit:
            fits = middle
        else:
            too_many = middle
    quantity = fits * lot
    return quantity if is_legal_size(case, quantity) else 0


def is_legal_size(case: Case, quantity: int) -> bool:
    """Tell whether the venue takes an order of this quantity, at the price the order has now."""
    instrument = case.plan.instrument
    if quantity <= 0 or quantity < instrument.min_quantity:
        return False
    if not instrument.min_notional or case.value_price is None:
        return True
    return abs(notional(instrument, case.value_price, quantity)) >= instrument.min_notional
