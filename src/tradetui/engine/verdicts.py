"""Refused and reduced intents, as the events that tell their strategies of it."""

from __future__ import annotations

from typing import Final

from tradetui.domain.enums import Outcome
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.reports import OrderDenied, OrderModified
from tradetui.domain.steps import Applied, IntentBatch

_ALLOW: Final = Outcome.ALLOW
_MODIFY: Final = Outcome.MODIFY


def has_verdicts(decided: Applied) -> bool:
    """Tell whether any intent was refused or reduced."""
    for decision in decided.decisions:  # noqa: SIM110 - a generator costs more than this loop
        if decision.outcome is not _ALLOW:
            return True
    return False


def verdict_payloads(
    batch: IntentBatch, decided: Applied, denied: dict[ClientOrderId, PlaceOrder] | None
) -> list[OrderDenied | OrderModified]:
    """Return what is to be sequenced after a step, in the order of its decisions.

    What an observing instance would have done is no denial. Refused PlaceOrders are put into
    ``denied``, for the strategy to be shown.
    """
    found: list[OrderDenied | OrderModified] = []
    asked: dict[ClientOrderId, PlaceOrder] | None = None
    for decision in decided.decisions:
        key = decision.client_order_id
        if decision.outcome is _ALLOW or decision.would or key is None:
            continue
        if decision.outcome is _MODIFY:
            quantity = decision.approved_quantity or 0
            found.append(
                OrderModified(
                    decision.strategy_id, key, quantity, decision.approved_price, decision.reason
                )
            )
            continue
        if asked is None:
            places = [a.intent for a in batch.intents if isinstance(a.intent, PlaceOrder)]
            asked = {intent.client_order_id: intent for intent in places}
        if denied is not None and key in asked:
            denied[key] = asked[key]
        found.append(OrderDenied(decision.strategy_id, key, decision.reason))
    return found
