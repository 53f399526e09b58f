"""Steps, headers and state folders for the storage tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tradetui.domain.enums import LiquiditySide, OrderSide, RunMode, Source
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY, Envelope
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    ExecutionId,
    InstrumentId,
    RouteId,
    RunId,
    StrategyId,
    TradeId,
)
from tradetui.domain.orders import Fill
from tradetui.domain.steps import JournalHeader, KernelConfig, StepRecord, StepResult
from tradetui.domain.timers import Heartbeat


def _header(run: str = "r1") -> JournalHeader:
    """Return a header of a paper run."""
    config = KernelConfig(RunId(run), RunMode.PAPER, Currency("USDT"), (), ())
    return JournalHeader(
        1, RunId(run), RunMode.PAPER, DEFAULT_SOURCE_PRIORITY, "hash", config, (), 7, 0
    )


def _fill(seq_id: int, place: int = 0) -> Fill:
    """Return a fill of step ``seq_id``."""
    return Fill(
        trade_id=TradeId(f"t{seq_id}-{place}"),
        client_order_id=ClientOrderId(f"ttx-{seq_id:04d}"),
        strategy_id=StrategyId("btc"),
        execution_id=ExecutionId("paper/main"),
        route_id=RouteId("paper-main"),
        instrument_id=InstrumentId("BTC/USDT.SIM"),
        side=OrderSide.BUY,
        quantity=1_000,
        price=6_740_000,
        notional=67_400_000,
        commission=67_400,
        commission_currency=Currency("USDT"),
        liquidity=LiquiditySide.TAKER,
        realised_pnl=0,
        position_after=1_000 * seq_id,
        event_time=seq_id,
        seq_id=seq_id,
    )


def _step(seq_id: int, *, fills: int = 0) -> StepRecord:
    """Return step ``seq_id``: a heartbeat, with some fills."""
    event = Envelope(
        seq_id,
        seq_id * 10,
        seq_id * 10,
        Source.TIMER,
        "",
        InstrumentId(""),
        "Heartbeat",
        Heartbeat(seq_id, (StrategyId("btc"),)),
    )
    result = StepResult(fills=tuple(_fill(seq_id, place) for place in range(fills)))
    return StepRecord(event, (), (), (), result)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder that does not exist yet."""
    return tmp_path / "state"


@pytest.fixture
def clock() -> Callable[[], int]:
    """A clock that goes on by one second at each look."""
    moments = iter(range(1_800_000_000, 2_000_000_000))
    return lambda: next(moments) * 1_000_000_000


@pytest.fixture(scope="session")
def make_header() -> Callable[..., JournalHeader]:
    """Makes the header of a run."""
    return _header


@pytest.fixture(scope="session")
def make_step() -> Callable[..., StepRecord]:
    """Makes a step."""
    return _step


@pytest.fixture
def make_fill() -> Callable[..., Fill]:
    """Makes a fill."""
    return _fill
