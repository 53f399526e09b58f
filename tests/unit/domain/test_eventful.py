"""Which steps are left out by who looks for what happened."""

from __future__ import annotations

import pytest

from tradetui.domain.codec import encode_step
from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import Source
from tradetui.domain.envelope import Envelope, Payload
from tradetui.domain.eventful import ACT_MARK, is_eventful
from tradetui.domain.ids import InstrumentId, StrategyId
from tradetui.domain.market_data import Bar, DataGap, Quote, Trade
from tradetui.domain.orders import Diagnostic
from tradetui.domain.reasons import Reason
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.domain.timers import Heartbeat


def body(payload: Payload, source: Source, result: StepResult | None = None) -> bytes:
    name = type(payload).__name__
    event = Envelope(7, 8, 9, source, "SIM", InstrumentId("BTC/USD.SIM"), name, payload)
    return encode_step(StepRecord(event, (), (), (), result or StepResult()))


@pytest.mark.parametrize(
    "payload", [Bar(0, 1, 2, 3, 4, 5, 6), Quote(1, 2, 3, 4), Trade(1, 2), Bar(0, 1, 2, 3, 4, 5, 6)]
)
def test_a_price_that_passed_by_is_not(payload: Payload) -> None:
    assert not is_eventful(body(payload, Source.MARKET_DATA))


def test_a_price_with_any_result_is() -> None:
    said = StepResult(diagnostics=(Diagnostic(Reason.UNKNOWN_ORDER, "late"),))
    assert is_eventful(body(Quote(1, 2, 3, 4), Source.MARKET_DATA, said))
    kept = StepResult(kept=((StrategyId("a"), "{}"),))
    assert is_eventful(body(Quote(1, 2, 3, 4), Source.MARKET_DATA, kept))


def test_what_is_no_price_is() -> None:
    assert is_eventful(body(DataGap(1, 2, "lost"), Source.MARKET_DATA))
    assert is_eventful(body(OperatorNoted("me", "hello"), Source.CONTROL))
    assert is_eventful(body(DataGap(1, 2, "Quote Trade Bar"), Source.MARKET_DATA))
    assert ACT_MARK in body(OperatorNoted("me", "hello"), Source.CONTROL)
    assert ACT_MARK not in body(DataGap(1, 2, "lost"), Source.MARKET_DATA)
    assert is_eventful(body(Heartbeat(1, ()), Source.TIMER))
