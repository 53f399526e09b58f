"""What strategies are told of intents that the gate refused or made smaller."""

from __future__ import annotations

from typing import Any

import pytest

from tradetui.domain.enums import OrderSide, OrderType, Outcome
from tradetui.domain.ids import ClientOrderId, InstrumentId, StrategyId
from tradetui.domain.intents import AttributedIntent, CancelOrder, PlaceOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import OrderDenied, OrderModified
from tradetui.domain.risk import RiskDecision
from tradetui.domain.steps import Applied, IntentBatch
from tradetui.engine.verdicts import has_verdicts, verdict_payloads

A = StrategyId("a")
BTC = InstrumentId("BTC/USD.SIM")


def decision(outcome: Outcome, key: str | None = "one", **more: Any) -> RiskDecision:
    reason = Reason.NONE if outcome is Outcome.ALLOW else Reason.MAX_ORDER_NOTIONAL
    order_id = None if key is None else ClientOrderId(key)
    return RiskDecision(A, 0, "PlaceOrder", outcome, reason, (), order_id, **more)


def batch(*keys: str) -> IntentBatch:
    places = [
        PlaceOrder(ClientOrderId(key), BTC, OrderSide.BUY, OrderType.MARKET, 1) for key in keys
    ]
    return IntentBatch(tuple(AttributedIntent(A, at, one) for at, one in enumerate(places)))


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((), False),
        ((Outcome.ALLOW, Outcome.ALLOW), False),
        ((Outcome.ALLOW, Outcome.REJECT), True),
        ((Outcome.MODIFY,), True),
    ],
)
def test_only_what_was_refused_or_reduced_is_told(
    outcomes: tuple[Outcome, ...], expected: bool
) -> None:
    assert has_verdicts(Applied(decisions=tuple(map(decision, outcomes)))) is expected


def test_they_come_in_the_order_of_their_decisions() -> None:
    decided = Applied(
        decisions=(
            decision(Outcome.REJECT, "one"),
            decision(Outcome.ALLOW, "two"),
            decision(Outcome.MODIFY, "three", approved_quantity=5, approved_price=7),
            decision(Outcome.REJECT, "four"),
        )
    )
    denied: dict[ClientOrderId, PlaceOrder] = {}
    assert verdict_payloads(batch("one", "two", "three", "four"), decided, denied) == [
        OrderDenied(A, "one", Reason.MAX_ORDER_NOTIONAL),
        OrderModified(A, "three", 5, 7, Reason.MAX_ORDER_NOTIONAL),
        OrderDenied(A, "four", Reason.MAX_ORDER_NOTIONAL),
    ]
    assert [intent.client_order_id for intent in denied.values()] == ["one", "four"]


def test_what_would_have_been_refused_while_observing_is_no_denial() -> None:
    decided = Applied(decisions=(decision(Outcome.REJECT, would=True),))
    assert verdict_payloads(batch("one"), decided, {}) == []


def test_an_intent_that_names_no_order_has_nobody_to_tell_of() -> None:
    assert verdict_payloads(batch(), Applied(decisions=(decision(Outcome.REJECT, None),)), {}) == []


def test_a_refused_cancel_is_told_and_kept_nowhere() -> None:
    asked = IntentBatch((AttributedIntent(A, 0, CancelOrder(ClientOrderId("one"))),))
    denied: dict[ClientOrderId, PlaceOrder] = {}
    decided = Applied(decisions=(decision(Outcome.REJECT),))
    assert len(verdict_payloads(asked, decided, denied)) == 1
    assert denied == {}


def test_a_rerun_keeps_no_intents() -> None:
    decided = Applied(decisions=(decision(Outcome.REJECT),))
    assert len(verdict_payloads(batch("one"), decided, None)) == 1


def test_a_reduction_to_nothing_known_is_a_quantity_of_nothing() -> None:
    decided = Applied(decisions=(decision(Outcome.MODIFY),))
    assert verdict_payloads(batch("one"), decided, {}) == [
        OrderModified(A, "one", 0, None, Reason.MAX_ORDER_NOTIONAL)
    ]
