from __future__ import annotations

import pytest

from tradetui.domain.enums import (
    InstanceMode,
    InstrumentClass,
    KillState,
    OrderSide,
    OrderState,
    OrderType,
    Scope,
    TimeInForce,
)
from tradetui.domain.ids import ClientOrderId, Currency, InstrumentId
from tradetui.domain.instances import InstanceStatus
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import (
    CancelOrder,
    Intent,
    NoOp,
    PlaceOrder,
    ReplaceOrder,
    SetRiskFlag,
)
from tradetui.domain.reasons import Reason
from tradetui.domain.words import (
    ORDER_WORDS,
    SCOPE_WORDS,
    intent_line,
    kill_word,
    order_state_word,
    reason_words,
    scope_text,
    state_words,
)

ETH = InstrumentId("ETH/USDT.SIM")
INSTRUMENT = Instrument(
    ETH,
    "ETH/USDT",
    "SIM",
    InstrumentClass.SPOT,
    Currency("ETH"),
    Currency("USDT"),
    2,
    8,
    1,
    10_000,
    size_decimals=4,
)
ID, NEW = ClientOrderId("tt7k-0001"), ClientOrderId("tt7k-0002")
BUY, SELL = OrderSide.BUY, OrderSide.SELL


def place(side: OrderSide, order_type: OrderType, **more: object) -> PlaceOrder:
    return PlaceOrder(ID, ETH, side, order_type, 50_000_000, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("intent", "line"),
    [
        (
            place(BUY, OrderType.LIMIT, price=318_120, post_only=True),
            "BUY 0.5000 ETH limit 3,181.20 post-only",
        ),
        (place(SELL, OrderType.MARKET, reduce_only=True), "SELL 0.5000 ETH market reduce-only"),
        (
            place(SELL, OrderType.STOP, trigger_price=300_000, time_in_force=TimeInForce.DAY),
            "SELL 0.5000 ETH stop 3,000.00 DAY",
        ),
        (
            place(SELL, OrderType.STOP_LIMIT, trigger_price=300_000, price=299_000),
            "SELL 0.5000 ETH stop 3,000.00 limit 2,990.00",
        ),
        (
            place(SELL, OrderType.TRAILING_STOP, trail_offset=1_250),
            "SELL 0.5000 ETH trailing stop 12.50",
        ),
        (CancelOrder(ID), "CANCEL tt7k-0001"),
        (ReplaceOrder(ID, NEW, price=318_000), "REPLACE tt7k-0001 limit 3,180.00"),
        (
            ReplaceOrder(ID, NEW, quantity=10**8, trigger_price=300_000),
            "REPLACE tt7k-0001 1.0000 ETH stop 3,000.00",
        ),
        (SetRiskFlag(KillState.REDUCING), "EXIT-ONLY for itself"),
        (NoOp(), "nothing"),
        (NoOp("calm"), "nothing: calm"),
    ],
)
def test_an_intent_in_one_line(intent: Intent, line: str) -> None:
    assert intent_line(intent, INSTRUMENT) == line


def test_an_unknown_market_is_named_by_its_id() -> None:
    assert intent_line(place(BUY, OrderType.MARKET), None) == "BUY ETH/USDT.SIM"
    assert intent_line(ReplaceOrder(ID, NEW, price=1), None) == "REPLACE tt7k-0001"


def test_reasons_and_kill_words() -> None:
    assert reason_words(Reason.DATA_AGE) == "stale prices"
    assert reason_words(Reason.MAX_EXPOSURE) == "max exposure"
    assert kill_word(KillState.REDUCING) == "EXIT-ONLY"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (InstanceStatus(InstanceMode.ACTIVE), ""),
        (
            InstanceStatus(InstanceMode.ACTIVE, blocks=(Reason.KILL_SWITCH, Reason.WARM_UP)),
            "kill-switch, warm-up",
        ),
        (InstanceStatus(InstanceMode.ACTIVE, exit_only="op: chop"), "op: chop"),
        (InstanceStatus(InstanceMode.OBSERVE, blocks=(Reason.WARM_UP,)), "warm-up"),
        (InstanceStatus(InstanceMode.OBSERVE, blocks=(Reason.NO_PRICE,)), ""),
    ],
)
def test_why_an_instance_is_in_its_state(status: InstanceStatus, words: str) -> None:
    assert state_words(status) == words


def test_what_a_kill_switch_is_over_is_named() -> None:
    assert set(SCOPE_WORDS) == set(Scope)
    assert scope_text(Scope.GLOBAL, "") == "global"
    assert scope_text(Scope.STRATEGY, "btc-mr") == "instance btc-mr"
    assert scope_text(Scope.EXECUTION, "paper/main") == "account paper/main"


def test_every_state_has_a_word_of_its_own() -> None:
    assert set(ORDER_WORDS) == set(OrderState)
    assert len(set(ORDER_WORDS.values())) == len(ORDER_WORDS)
    assert order_state_word(OrderState.ACCEPTED) == "open"
    assert order_state_word(OrderState.ACCEPTED, is_unknown=True) == "UNKNOWN"


def test_what_never_left_the_house_only_would_be() -> None:
    assert order_state_word(OrderState.ACCEPTED, is_shadow=True) == "would open"
    assert order_state_word(OrderState.FILLED, is_shadow=True) == "would filled"
    assert order_state_word(OrderState.ACCEPTED, is_shadow=True, is_unknown=True) == "UNKNOWN"
