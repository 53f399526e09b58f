"""The one word for each state of an order, in the console and in the shell."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import OrderState

UNKNOWN: Final = "UNKNOWN"
"""The outcome of a request is not known: it needs a person's eye, whatever the state was."""

ORDER_WORDS: Final = {
    OrderState.CREATED: "new",
    OrderState.SUBMITTED: "sent",
    OrderState.ACCEPTED: "open",
    OrderState.PARTIALLY_FILLED: "part",
    OrderState.FILLED: "filled",
    OrderState.CANCEL_PENDING: "cancelling",
    OrderState.CANCELLED: "cancelled",
    OrderState.REJECTED: "refused",
    OrderState.EXPIRED: "expired",
}


def order_state_word(state: OrderState, *, is_unknown: bool = False) -> str:
    """Return the word for an order's state; one of unknown outcome is UNKNOWN."""
    return UNKNOWN if is_unknown else ORDER_WORDS[state]
