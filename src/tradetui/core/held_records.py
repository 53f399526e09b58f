"""What the kernel's held orders ask of the order manager."""

from __future__ import annotations

from enum import StrEnum

from tradetui.domain.ids import ClientOrderId
from tradetui.domain.record import Record


class HeldVerb(StrEnum):
    """What is to be done with an order.

    UPDATE: set the given fields on the order (``quantity``, ``trigger_price``, ``is_triggered``);
    no transition, no command.
    RELEASE: set the same fields, then Created -> Submitted with ``held_by`` VENUE, and submit
    ``held.wire_terms``; then call ``held.on_released``.
    CANCEL: a Created order -> Cancelled at once; one at the venue -> CancelPending and a command.
    EXPIRE: a Created order -> Expired at once.
    REPLACE: the venue has the order and its quantity must become ``quantity``: a new version under
    ``new_client_order_id``, as a strategy's ReplaceOrder would make it (by cancel and a new order
    where the route cannot replace).
    RENEW: nothing is left of the order at the venue, and its parent has bought more meanwhile (a
    fill that crossed the parent's cancel): make another like it, ``new_client_order_id``, for
    ``quantity``, with ``replaces`` naming the old one; it is made as any new order is.
    """

    UPDATE = "update"
    RELEASE = "release"
    CANCEL = "cancel"
    EXPIRE = "expire"
    REPLACE = "replace"
    RENEW = "renew"


class HeldAction(Record, frozen=True):
    """One thing to do; a list of them is done in its order.

    ``quantity`` and ``trigger_price`` are None where they stay as they are. ``is_triggered`` marks
    that the condition came true (False leaves the mark as it is). ``reason`` is the word for the
    transition.
    """

    verb: HeldVerb
    client_order_id: ClientOrderId
    quantity: int | None = None
    trigger_price: int | None = None
    is_triggered: bool = False
    new_client_order_id: ClientOrderId | None = None
    reason: str = ""


HeldActions = tuple[HeldAction, ...]
