"""When an order acts on a price: pure functions, shared by the simulated venue and by what the
kernel holds.

Touch is enough: a stop acts when the price reaches its trigger, a limit when it reaches the limit
(``docs/reference/simulated_venue.md``). ``high`` and ``low`` are the extremes of what is looked at;
one price is both.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import OrderSide, OrderType
from tradetui.domain.orders import OrderTerms

_BUY: Final = OrderSide.BUY
_STOP: Final = OrderType.STOP
_STOP_LIMIT: Final = OrderType.STOP_LIMIT
_TRAILING_STOP: Final = OrderType.TRAILING_STOP

STOP_TYPES: Final = (_STOP, _STOP_LIMIT, _TRAILING_STOP)
"""Order types that wait for a trigger."""


def is_stop(terms: OrderTerms) -> bool:
    """Tell whether an order waits for a trigger price before it trades."""
    return terms.order_type in STOP_TYPES


def stop_touched(side: OrderSide, trigger_price: int, high: int, low: int) -> bool:
    """Tell whether a stop is triggered: a buy by a price at or above it, a sell at or below."""
    return high >= trigger_price if side is _BUY else low <= trigger_price


def limit_touched(side: OrderSide, limit: int, high: int, low: int) -> bool:
    """Tell whether the price came to a limit: for a buy at or below it, for a sell at or above."""
    return low <= limit if side is _BUY else high >= limit


def limit_crossed(side: OrderSide, limit: int, high: int, low: int) -> bool:
    """Tell whether the price went through a limit, so that no queue can have been in the way."""
    return low < limit if side is _BUY else high > limit


def trail_start(side: OrderSide, offset: int, price: int) -> int:
    """Return the first trigger of a trailing stop: ``offset`` behind the price, never below 1."""
    return price + offset if side is _BUY else max(price - offset, 1)


def trailed(side: OrderSide, trigger_price: int, offset: int, high: int, low: int) -> int:
    """Return where a trailing stop's trigger is after these extremes; it only ever tightens.

    Called after the same extremes were tested against the old trigger: whether the high or the low
    of an item came first is not known, so only earlier items move the trigger that is tested.
    """
    if side is _BUY:
        return min(trigger_price, low + offset)
    return max(trigger_price, high - offset)
