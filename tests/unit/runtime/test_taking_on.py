from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.core.state import Instance
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import InstanceMode, InstrumentClass, RunMode
from tradetui.domain.ids import ExecutionId, StrategyId
from tradetui.domain.instances import InstanceRecord
from tradetui.domain.instruments import Instrument
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import ExecutionContextConfig, KernelConfig, RouteConfig
from tradetui.engine.errors import LoadError
from tradetui.runtime.taking_on import market_of, starts_held

RECORD = InstanceRecord(
    StrategyId("one"), "dip", ExecutionId("acct"), "BTC/USD", InstanceMode.ACTIVE, "{}"
)
BEFORE = Instance(
    "one", "dip", "acct", "BTC/USD.B", InstanceMode.ACTIVE, InstanceLimits(1), "exit-only", ()
)
CONFIG = KernelConfig(
    "run",
    RunMode.PAPER,
    "USD",
    (
        RouteConfig("first", "acct", "sim", "a1", "A", SIMULATED),
        RouteConfig("second", "acct", "sim", "a1", "B", SIMULATED),
    ),
    (ExecutionContextConfig("acct", ("first", "second")), ExecutionContextConfig("other", ())),
)


def known(*names: str) -> dict[Any, Instrument]:
    """Return BTC/USD at some venues."""
    markets = [
        Instrument(
            f"BTC/USD.{name}", "BTC/USD", name, InstrumentClass.SPOT, "BTC", "USD", 2, 8, 1, 1
        )
        for name in names
    ]
    return {one.instrument_id: one for one in markets}


@pytest.mark.parametrize("mode", [InstanceMode.OFF, InstanceMode.OBSERVE])
def test_what_is_not_recorded_active_is_not_held(mode: InstanceMode) -> None:
    held = replace(BEFORE, held=True)
    assert not starts_held(replace(RECORD, mode=mode), held, is_carried=True)
    assert not starts_held(replace(RECORD, mode=mode), None, is_carried=False)


def test_what_nobody_knows_the_past_of_is_held() -> None:
    assert starts_held(RECORD, BEFORE, is_carried=False)
    assert starts_held(RECORD, None, is_carried=False)


@pytest.mark.parametrize("why", ["paused", "has_error", "held"])
def test_what_stood_still_before_is_held(why: str) -> None:
    assert starts_held(RECORD, replace(BEFORE, **{why: True}), is_carried=True)


def test_what_ran_goes_on_and_what_is_new_begins() -> None:
    assert not starts_held(RECORD, BEFORE, is_carried=True)
    assert not starts_held(RECORD, None, is_carried=True)


def test_a_market_is_that_of_the_first_route_that_has_it() -> None:
    assert market_of(RECORD, CONFIG, known("B", "A")) == "BTC/USD.A"
    assert market_of(RECORD, CONFIG, known("B")) == "BTC/USD.B"


def test_a_market_or_account_that_is_not_there_is_told_with_what_is() -> None:
    with pytest.raises(LoadError, match=r"^market BTC/USD has no prices here; there is BTC/USD$"):
        market_of(RECORD, CONFIG, known("C"))
    with pytest.raises(LoadError, match=r"^market BTC/USD has no prices here; there is none$"):
        market_of(RECORD, CONFIG, {})
    elsewhere = replace(RECORD, account=ExecutionId("elsewhere"))
    with pytest.raises(
        LoadError, match=r"^account elsewhere is not in the config; there is acct, other$"
    ):
        market_of(elsewhere, CONFIG, known("A"))
