"""An intent that cannot be meant is rejected, and says why.

Also the tests of ``core/risk/verdict.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from tradetui.domain.enums import (
    KillState,
    OrderRole,
    OrderSide,
    OrderType,
    Outcome,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder, ReplaceOrder, SetRiskFlag
from tradetui.domain.reasons import Reason

NOW = 20_000 * 86_400 * 10**9 + 3_600 * 10**9

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"order_id": ""}, "client_order_id"),
    ({"order_id": "x" * 33}, "client_order_id"),
    ({"order_id": "tt_1"}, "client_order_id"),
    ({"order_id": "tté"}, "client_order_id"),
    ({"order_id": 7}, "client_order_id"),
    ({"quantity": 0}, "quantity"),
    ({"quantity": -1}, "quantity"),
    ({"quantity": 2**63}, "quantity"),
    ({"quantity": 1.5}, "quantity"),
    ({"quantity": True}, "quantity"),
    ({"side": "BUY"}, "side"),
    ({"order_type": "limit", "price": 1}, "order_type"),
    ({"time_in_force": "GTC"}, "time_in_force"),
    ({"role": "entry"}, "role"),
    ({"price": None}, "needs a price"),
    ({"price": 2**63}, "price must be"),
    ({"price": 99.5}, "price must be"),
    ({"order_type": OrderType.MARKET, "price": 1}, "has no price"),
    ({"trigger_price": 1}, "has no trigger_price"),
    ({"order_type": OrderType.STOP}, "needs a trigger_price"),
    ({"order_type": OrderType.STOP, "trigger_price": "1"}, "trigger_price must be"),
    ({"order_type": OrderType.STOP_LIMIT, "trigger_price": 1}, "needs a price"),
    ({"trail_offset": 1}, "has no trail_offset"),
    ({"order_type": OrderType.TRAILING_STOP}, "needs a trail_offset"),
    ({"order_type": OrderType.TRAILING_STOP, "trail_offset": 0}, "trail_offset must be"),
    ({"time_in_force": TimeInForce.GTD}, "needs an expire_time"),
    ({"time_in_force": TimeInForce.GTD, "expire_time": NOW}, "not after now"),
    ({"expire_time": NOW + 1}, "only a GTD order"),
    ({"post_only": True, "time_in_force": TimeInForce.IOC}, "post_only"),
    ({"post_only": True, "time_in_force": TimeInForce.FOK}, "post_only"),
    ({"post_only": True, "order_type": OrderType.MARKET}, "post_only"),
    ({"parent_order_id": "tt-1"}, "parent_order_id"),
    ({"parent_order_id": "?"}, "parent_order_id"),
    ({"oco_group": ""}, "oco_group"),
    ({"oco_group": "g" * 65}, "oco_group"),
    ({"oco_group": 3}, "oco_group"),
]


@pytest.mark.parametrize(("fields", "word"), FAULTS, ids=[str(fault[0]) for fault in FAULTS])
def test_a_malformed_order_is_rejected(world, fields, word):
    verdict = world.place(**fields)
    assert verdict.decision.outcome is Outcome.REJECT
    assert verdict.decision.reason is Reason.SCHEMA
    assert word in verdict.decision.note
    assert verdict.terms is None


def test_only_what_is_well_formed_is_repeated_in_the_decision(world):
    verdict = world.place(order_id=7, quantity=1.5, price="9")
    decision = verdict.decision
    assert decision.client_order_id is None
    assert decision.quantity is None
    assert decision.price is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"time_in_force": TimeInForce.GTD, "expire_time": NOW + 1},
        {"post_only": True},
        {"order_type": OrderType.MARKET},
        {"order_type": OrderType.STOP, "trigger_price": 1_010_000},
        {"order_type": OrderType.STOP_LIMIT, "trigger_price": 1_010_000, "price": 1_020_000},
        {"order_type": OrderType.TRAILING_STOP, "trail_offset": 5_000},
        {"order_type": OrderType.TRAILING_STOP, "trail_offset": 5_000, "trigger_price": 1_010_000},
        {"oco_group": "g"},
    ],
    ids=str,
)
def test_a_sound_order_passes(world, fields):
    assert world.place(**fields).decision.outcome is Outcome.ALLOW


def test_anything_but_the_five_intents_is_rejected(world):
    verdict = world.judge({"place": "order"})
    assert verdict.decision.reason is Reason.SCHEMA
    assert verdict.decision.intent == "dict"


def test_a_replace_must_change_something(world):
    order_id = world.work()
    verdict = world.judge(ReplaceOrder(order_id, "tt-9"))
    assert verdict.decision.reason is Reason.SCHEMA
    assert verdict.decision.client_order_id == "tt-9"


def test_a_replace_is_held_to_the_same_schema(world):
    order_id = world.work()
    verdict = world.judge(ReplaceOrder(order_id, "tt-9", quantity=-1))
    assert verdict.decision.reason is Reason.SCHEMA


@pytest.mark.parametrize("order_id", [None, "", "a b", 5])
def test_a_cancel_needs_an_order_id(world, order_id):
    assert world.judge(CancelOrder(order_id)).decision.reason is Reason.SCHEMA


def test_a_risk_flag_needs_a_kill_state(world):
    verdict = world.judge(SetRiskFlag("REDUCING"))
    assert verdict.decision.reason is Reason.SCHEMA
    assert verdict.decision.outcome is Outcome.REJECT


def test_the_words_of_the_enums_are_not_the_enums(world):
    """A StrEnum equals its text, and the core compares identities."""
    assert OrderSide.BUY == "BUY"
    assert OrderRole.ENTRY == "entry"
    assert KillState.REDUCING == "REDUCING"
    assert world.place(side="SELL").decision.reason is Reason.SCHEMA
