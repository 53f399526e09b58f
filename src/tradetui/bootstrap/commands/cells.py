"""Numbers of a view as cells of a printed row; None, an empty cell, for what is not known."""

from __future__ import annotations

from tradetui.cli.amounts import Amount
from tradetui.domain.formatting import plain_money
from tradetui.domain.ids import InstrumentId
from tradetui.domain.replica import InstrumentView
from tradetui.domain.units import format_scaled

Instruments = dict[InstrumentId, InstrumentView]


def money(value: int | None, currency: str) -> Amount | None:
    """Return scaled cash with its currency: ``1234.50 USD``."""
    if value is None:
        return None
    return Amount(f"{plain_money(value, currency)} {currency}")


def size(value: int | None, view: InstrumentView | None) -> str | None:
    """Return a scaled quantity of a market, with the decimals of its lots."""
    if value is None or view is None:
        return None
    return format_scaled(value, view.size_scale, view.size_decimals)


def price(value: int | None, view: InstrumentView | None) -> str | None:
    """Return a scaled price of a market, with the decimals of its ticks."""
    if value is None or view is None:
        return None
    return format_scaled(value, view.price_scale, view.price_decimals)
