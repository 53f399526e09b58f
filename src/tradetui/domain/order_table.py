"""The order state machine: one table, and this theory of it.

An order is **Created** when an intent has passed every gate, **Submitted** when its command leaves
(or, for a condition that the kernel holds, stays Created until the condition comes true),
**Accepted** when the venue says so, **PartiallyFilled** and **Filled** as it trades. A cancel asked
for makes it **CancelPending**; the venue's word makes it **Cancelled** or gives it back.
**Rejected** says that it never worked: denied by us, or rejected by the venue. **Expired** ends a
time in force.

A move that is not in the table changes nothing and is answered by a diagnostic. Money is not a
state: a fill with a new trade id reaches the ledger even where the table has no entry for it.
"""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import OrderState

_CREATED = OrderState.CREATED
_SUBMITTED = OrderState.SUBMITTED
_ACCEPTED = OrderState.ACCEPTED
_PARTIAL = OrderState.PARTIALLY_FILLED
_FILLED = OrderState.FILLED
_PENDING = OrderState.CANCEL_PENDING
_CANCELLED = OrderState.CANCELLED
_REJECTED = OrderState.REJECTED
_EXPIRED = OrderState.EXPIRED

LEGAL_MOVES: Final[dict[OrderState, tuple[OrderState, ...]]] = {
    _CREATED: (_SUBMITTED, _REJECTED, _CANCELLED, _EXPIRED),
    _SUBMITTED: (_ACCEPTED, _REJECTED, _PENDING),
    _ACCEPTED: (_PARTIAL, _FILLED, _PENDING, _CANCELLED, _EXPIRED, _REJECTED),
    _PARTIAL: (_PARTIAL, _FILLED, _PENDING, _CANCELLED, _EXPIRED),
    _PENDING: (_PENDING, _CANCELLED, _FILLED, _EXPIRED, _ACCEPTED, _PARTIAL),
    _FILLED: (),
    _CANCELLED: (),
    _REJECTED: (),
    _EXPIRED: (),
}
"""For each state, where an order may go.

``Created -> Cancelled`` and ``Created -> Expired`` are for orders whose condition the kernel holds:
they never reached a venue.
"""

TERMINAL: Final = (_FILLED, _CANCELLED, _REJECTED, _EXPIRED)

_LEGAL: Final[dict[OrderState, dict[OrderState, bool]]] = {
    origin: {target: target in targets for target in OrderState}
    for origin, targets in LEGAL_MOVES.items()
}


def is_legal(origin: OrderState, target: OrderState) -> bool:
    """Tell whether the table has the move."""
    return _LEGAL[origin][target]


def is_terminal(state: OrderState) -> bool:
    """Tell whether an order in this state can change no more."""
    return not LEGAL_MOVES[state]
