"""What each limit means, in a sentence: the codes of the list are those of decisions and config."""

from __future__ import annotations

from typing import Final

from tradetui.domain.reasons import Reason

LIMIT_TEXTS: Final = {
    Reason.BUDGET.value: "the most that its position and entry orders may be worth",
    Reason.ORDERS_PER_HOUR.value: "orders within any hour; reached, it is exit-only",
    Reason.FEES_PER_DAY.value: "fees since 00:00 UTC; reached, it is exit-only",
    Reason.LOSS_PER_DAY.value: "lost since 00:00 UTC with open profit; reached, it is exit-only",
    Reason.MAX_EXPOSURE.value: "all positions, and all orders that still may fill, at their worst",
    Reason.DAILY_LOSS.value: "lost since 00:00 UTC with open profit; from there on no entries",
    Reason.DRAWDOWN.value: "fall from the best equity so far; from there on no entries",
    Reason.MAX_OPEN_ORDERS.value: "orders that are open at once",
    Reason.MAX_POSITION_NOTIONAL.value: "the largest position with all that may fill on its side",
    Reason.ORDER_RATE.value: "orders within the profile's window of time",
}
"""By the code in CONTROL."""
