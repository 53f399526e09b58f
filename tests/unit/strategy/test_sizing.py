from __future__ import annotations

import msgspec
import pytest
from strategy_testing import BTC, CASH, FakePort

from tradetui.domain.enums import InstrumentClass, OrderSide
from tradetui.strategy.sizing import HEADROOM, affordable, at_risk, unit_worth, whole_lots

FUTURE = msgspec.structs.replace(
    BTC,
    instrument_class=InstrumentClass.FUTURE,
    multiplier=5,
    multiplier_scale=1,
    margin_ppm=100_000,
)


def test_worth_counts_the_multiplier() -> None:
    assert unit_worth(BTC, 100.0) == 100.0
    assert unit_worth(FUTURE, 100.0) == 50.0


def test_cash_pays_the_fee_too() -> None:
    port = FakePort(msgspec.structs.replace(BTC, taker_fee_ppm=1_000))
    port.money["USD"] = 1_000 * CASH
    amount = affordable(port, port.own, OrderSide.BUY, 100.0)
    assert amount == pytest.approx(1_000 * HEADROOM / 100.1)


def test_a_future_needs_margin_on_both_sides() -> None:
    port = FakePort(FUTURE)
    port.money["USD"] = 100 * CASH
    for side in OrderSide:
        assert affordable(port, FUTURE, side, 100.0) == pytest.approx(100 * HEADROOM / 5)


def test_the_budget_is_a_limit() -> None:
    port = FakePort()
    port.budget_total = 200 * CASH
    assert affordable(port, BTC, OrderSide.BUY, 100.0) == 2.0
    port.budget_spent = 300 * CASH
    assert affordable(port, BTC, OrderSide.BUY, 100.0) == 0.0


def test_risk_is_a_part_of_the_whole_budget() -> None:
    port = FakePort()
    assert at_risk(port, BTC, 0.01, 5.0) == 20.0
    assert at_risk(port, FUTURE, 0.01, 5.0) == 40.0


def test_an_amount_is_cut_to_whole_lots() -> None:
    assert whole_lots(BTC, 0.30000000000000004) == 0.3
    assert whole_lots(BTC, 0.3) == 0.3
    assert whole_lots(BTC, 0.00019) == 0.0001
    assert whole_lots(BTC, 0.00009) == 0.0
    large = msgspec.structs.replace(BTC, min_quantity=10**8)
    assert whole_lots(large, 0.9) == 0.0
    assert whole_lots(large, 1.0) == 1.0
