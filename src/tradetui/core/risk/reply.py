"""The decision of an intent that fell before it could be judged as an order."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tradetui.core.risk.schema_gates import is_order_id, is_price, is_quantity
from tradetui.core.risk.verdict import GATE_ORDER, Verdict
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


def told_by_parent(
    attributed: AttributedIntent, decision: RiskDecision, earlier: Sequence[RiskDecision]
) -> RiskDecision:
    """Return the decision on an order that names an unknown one, in the words of its parent's.

    A child whose parent was refused a moment ago, among the ``earlier`` decisions of the same step,
    is refused for what its parent was refused for. Any other decision stays as it is.
    """
    intent = attributed.intent
    parent_id = intent.parent_order_id if isinstance(intent, PlaceOrder) else None
    parent = next(
        (
            one
            for one in reversed(earlier)
            if parent_id is not None
            and one.client_order_id == parent_id
            and one.strategy_id == attributed.strategy_id
            and one.intent == "PlaceOrder"
        ),
        None,
    )
    if parent is None or parent.outcome is not Outcome.REJECT:
        return decision
    cause = parent.gates[-1]
    note = f"its parent {parent_id} was refused{f': {cause.note}' if cause.note else ''}"
    place = GATE_ORDER.index(cause.code)
    before = tuple(gate for gate in decision.gates[:-1] if GATE_ORDER.index(gate.code) < place)
    gate = replace(cause, note=note)
    return replace(decision, reason=cause.code, gates=(*before, gate), note=note)
