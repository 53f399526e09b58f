"""Every event has its words."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine_kit import BTC, START

from tradetui.domain import control, market_data, reports, timers
from tradetui.domain.enums import InstanceMode, KillState, LiquiditySide, OrderSide, Scope
from tradetui.domain.envelope import SOURCE_OF
from tradetui.domain.event_words import MAX_TEXT, payload_text
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    StrategyId,
    TradeId,
    VenueOrderId,
)
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import InstanceLimits

ID, R, A = ClientOrderId("tt1-0001"), RouteId("main"), StrategyId("a")
USD = Currency("USD")


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (
            market_data.Bar(START, START + 60 * 10**9, 9_900, 10_100, 9_800, 10_000, 10**8),
            "00:00:00 99.00 101.00 98.00 100.00 volume 1.00000000",
        ),
        (
            market_data.Bar(START, START + 1, 1, 1, 1, 1, 0, A),
            "00:00:00 0.01 0.01 0.01 0.01 volume 0.00000000, warm-up of a",
        ),
        (market_data.Trade(10_000, 10**8), "1.00000000 at 100.00"),
        (market_data.Trade(10_000, 10**8, OrderSide.SELL), "1.00000000 at 100.00 SELL"),
        (market_data.Quote(0, 0, 10_000, 10**8), "0.00000000 - | 100.00 1.00000000"),
        (market_data.InstrumentUpdated(BTC), "BTC/USD SIM tick 0.01 lot 0.00000001"),
        (timers.Heartbeat(1, (A,)), "due a"),
        (timers.Heartbeat(1, ()), "nothing due"),
        (reports.OrderAccepted(R, ID, VenueOrderId("V1")), "tt1-0001 as V1"),
        (reports.OrderAccepted(R, ID, VenueOrderId("V1"), True), "tt1-0001 as V1 (inferred)"),
        (reports.OrderRejected(R, ID, "no"), "tt1-0001: no"),
        (reports.OrderCancelled(R, ID), "tt1-0001"),
        (
            reports.OrderFilled(
                R,
                ID,
                VenueOrderId("V1"),
                TradeId("T1"),
                OrderSide.BUY,
                10**8,
                10_000,
                10**7,
                USD,
                LiquiditySide.TAKER,
            ),
            "tt1-0001 BUY 1.00000000 at 100.00, fee 0.1000 USD",
        ),
        (
            reports.OrderReplaced(R, ID, ClientOrderId("tt1-0002"), VenueOrderId("V2")),
            "tt1-0001 -> tt1-0002",
        ),
        (reports.OrderAmended(R, ID, 10**8, 9_000), "tt1-0001 1.00000000 trigger 90.00"),
        (reports.OrderDenied(A, ID, Reason.BUDGET), "tt1-0001: budget"),
        (reports.CashAdjusted(R, USD, -5 * 10**8, "funding"), "main -5.00 USD: funding"),
        (reports.PositionSettled(R, 10_000), "main at 100.00"),
        (
            control.InstanceLoaded(
                A,
                "ma",
                ExecutionId("acc"),
                InstrumentId("x"),
                InstanceMode.ACTIVE,
                InstanceLimits(1),
                "",
                "0123456789",
                "me",
                True,
            ),
            "ma 01234567 active, held by me",
        ),
        (
            control.KillSwitchChanged(Scope.GLOBAL, "", KillState.HALTED, "me", "enough"),
            "HALTED (global) by me: enough",
        ),
        (control.PauseChanged(A, True, "me"), "paused by me"),
        (control.InstanceUnloaded(A, "me"), "stopped by me"),
        (
            control.InstanceUnloaded(A, "me", "leaving", keep_orders=True),
            "leaving by me, entry orders kept",
        ),
        (control.ModeChanged(A, InstanceMode.OBSERVE, "me"), "observe by me"),
        (
            control.InstanceFailed("one", "engine", "line 1: invalid syntax"),
            "line 1: invalid syntax",
        ),
        (control.OperatorNoted("me", "x" * 500), "me: " + "x" * (MAX_TEXT - 7) + "..."),
    ],
)
def test_an_event_is_said(payload: Any, text: str) -> None:
    assert payload_text(payload, BTC) == text


def test_numbers_of_an_unknown_market_are_not_guessed() -> None:
    assert payload_text(market_data.Trade(10_000, 10**8), None) == "? at ?"


def test_every_payload_has_words() -> None:
    from tradetui.domain.event_words import _WORDS

    assert set(_WORDS) == set(SOURCE_OF)
