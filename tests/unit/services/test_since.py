"""What happened since, in lines: money by part, fills, notes; and nothing, said."""

from __future__ import annotations

from msgspec import structs
from tests.engine_kit import BTC, START

from tradetui.domain.enums import LiquiditySide, OrderSide
from tradetui.domain.explain import Note, PnlSplit, Since, SinceInstance
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    RouteId,
    StrategyId,
    TradeId,
)
from tradetui.domain.orders import Fill
from tradetui.domain.reasons import Reason
from tradetui.services.since import since_lines, split_parts

USD = Currency("USD")
A = StrategyId("a")


def fill(number: int) -> Fill:
    return Fill(
        TradeId(f"T{number}"),
        ClientOrderId("tt1-0001"),
        A,
        ExecutionId("acc"),
        RouteId("main"),
        BTC.instrument_id,
        OrderSide.BUY,
        10**8,
        10_000,
        100 * 10**8,
        10**7,
        USD,
        LiquiditySide.TAKER,
        0,
        10**8,
        START + number,
        number,
    )


def report(split: PnlSplit | None, steps: int = 9) -> Since:
    return Since(
        "step 4",
        START,
        START + 10**9,
        steps,
        USD,
        split,
        10**13,
        (
            SinceInstance(A, USD, 3, 5 * 10**8, 10**7, -(10**7)),
            SinceInstance(A, USD, 0, None, 0, 0),
        ),
        tuple(fill(number) for number in range(25)),
        30,
        (Note(5, START, "BTC/USD.SIM: no data"),),
        (Note(0, START, "run-2 began"),),
        (Note(6, START, "HALTED (global) by me: enough"),),
        (Note(7, START, "error in on_bar: a bug", A),),
        (),
        ((Reason.BUDGET, 4), (Reason.MAX_EXPOSURE, 1)),
        (BTC,),
    )


def test_the_parts_stand_below_their_sum() -> None:
    split = PnlSplit(10**8, 3 * 10**8, -(10**8), 0, -(10**8), 0, 0)
    lines = since_lines(report(split))
    assert lines[0] == "since step 4"
    at = lines.index("change of equity  +1.00 USD")
    assert [line.split() for line in lines[at + 1 : at + 5]] == [
        ["move", "+3.00"],
        ["fees", "-1.00"],
        ["funding", "0.00"],
        ["slippage", "-1.00"],
    ]
    assert not any("transfers" in line for line in lines)
    assert sum(amount for _, amount in split_parts(split)) == split.change


def test_fills_notes_and_refusals_are_told() -> None:
    lines = since_lines(report(None))
    text = "\n".join(lines)
    assert "change of equity: ? (a price or a rate lacks)" in text
    assert "fills (30, the last 20)" in text
    assert "a: BUY 1.00000000 at 100.00 (taker)" in text
    assert "refused: budget 4, max exposure 1" in text
    assert "kill-switches and routes (1)" in text
    assert "step 7  a: error in on_bar: a bug" in text
    assert "restarts (1)" in text
    assert "gaps in the prices (1)" in text
    assert "acts (" not in text


def test_nothing_is_said_plainly() -> None:
    assert since_lines(report(None, steps=0)) == ["since step 4", "nothing has happened"]


def test_money_of_coins_has_their_decimals() -> None:
    btc = Currency("BTC")
    split = PnlSplit(2_000, 13_000, 0, 0, 0, -11_000, 0)
    made = structs.replace(
        report(split), currency=btc, instances=(SinceInstance(A, btc, 3, 2_000, 138_129, -7),)
    )
    text = "\n".join(since_lines(made))
    assert f"{split.change / 10**8:+.8f} BTC" in text
    assert "+0.00002000 BTC  fees 0.00138129  slippage -0.00000007" in text
