"""The levels of a chart: resting orders and the entry, by mark, dash and look."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import OrderSide
from tradetui.domain.replica import ChartLevel, InstrumentView
from tradetui.domain.units import div_half_even
from tradetui.tui.widgets.chart_raster import Scale

_LEVELS: Final = {
    "stop_loss": ("~", "S", "stop"),
    "take_profit": ("~", "T", "target"),
    "entry_price": ("-", "E", "entry"),
    "position": ("-", "E", "entry"),
}
_AVERAGES: Final = ("entry_price", "position")
_ORDERS: Final = {OrderSide.BUY: ("~", "b", "buy"), OrderSide.SELL: ("~", "s", "sell")}
_MARK_ORDER: Final = "SETbs"
GUARDS: Final = "SET"
"""What is marked at the edge when it lies outside the picture."""


def shown_price(level: ChartLevel, instrument: InstrumentView) -> int:
    """Return what is written of a level; an average of fills with no more decimals than a price."""
    return rounded(level.price, instrument) if level.kind in _AVERAGES else level.price


def rounded(price: int, instrument: InstrumentView) -> int:
    """Return a price at the instrument's decimals, as an axis has it: data may have more of them,
    and the axis must not grow and shrink with every price.
    """
    unit = unit_of(instrument)
    return div_half_even(price, unit) * unit


def unit_of(instrument: InstrumentView) -> int:
    """Return one of the last decimal that the instrument's prices are written with."""
    unit: int = 10 ** max(instrument.price_scale - instrument.price_decimals, 0)
    return unit


def level_marks(level: ChartLevel) -> tuple[str, str, str]:
    """Return how a level is dashed, its mark on the axis, and its look."""
    return _LEVELS.get(level.kind, _ORDERS[level.side])


def rank(level: ChartLevel, scale: Scale) -> tuple[bool, int]:
    """Return which mark takes its row first: one in the picture before one outside."""
    return not scale.shows(level.price), _MARK_ORDER.index(level_marks(level)[1])
