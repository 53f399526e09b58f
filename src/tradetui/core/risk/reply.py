"""The decision of an intent that fell before it could be judged as an order."""

from __future__ import annotations

from tradetui.core.risk.schema_gates import is_order_id, is_price, is_quantity
from tradetui.core.risk.verdict import Verdict
from tradetui.domain.enums import Outcome
from tradetui.domain.ids import ClientOrderId
from tradetui.domain.intents import AttributedIntent, CancelOrder, PlaceOrder, ReplaceOrder
from tradetui.domain.risk import Gate, RiskDecision


def early_rejection(attributed: AttributedIntent, name: str, gates: tuple[Gate, ...]) -> Verdict:
    """Reject by the last of ``gates``; only what is well-formed of the intent is repeated."""
    intent = attributed.intent
    order_id: ClientOrderId | None = None
    instrument_id = quantity = price = None
    if isinstance(intent, PlaceOrder):
        order_id, instrument_id = intent.client_order_id, intent.instrument_id
        quantity, price = intent.quantity, intent.price
    elif isinstance(intent, ReplaceOrder):
        order_id, quantity, price = intent.new_client_order_id, intent.quantity, intent.price
    elif isinstance(intent, CancelOrder):
        order_id = intent.client_order_id
    last = gates[-1]
    decision = RiskDecision(
        attributed.strategy_id,
        attributed.index,
        name,
        Outcome.REJECT,
        last.code,
        gates,
        client_order_id=order_id if is_order_id(order_id) else None,
        instrument_id=instrument_id if isinstance(instrument_id, str) else None,
        quantity=quantity if is_quantity(quantity) else None,
        price=price if is_price(price) else None,
        note=last.note,
    )
    return Verdict(decision)
