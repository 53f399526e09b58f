"""Prices and sizes for a person to read, where a market, and so its scale, may not be known."""

from __future__ import annotations

from tradetui.domain.formatting import grouped
from tradetui.domain.replica import InstrumentView


def price_text(value: int | None, view: InstrumentView | None) -> str:
    """Write a price; ``-`` for none, ``?`` where its scale is not known."""
    if value is None:
        return "-"
    return "?" if view is None else grouped(value, view.price_scale, view.price_decimals)


def size_text(value: int | None, view: InstrumentView | None) -> str:
    """Write a size; ``-`` for none, ``?`` where its scale is not known."""
    if value is None:
        return "-"
    return "?" if view is None else grouped(value, view.size_scale, view.size_decimals)
