"""What an instance may use and lose, in sentences."""

from __future__ import annotations

import pytest

from tradetui.domain.ids import Currency
from tradetui.domain.risk import InstanceLimits, RiskProfile
from tradetui.services.worst_case import limit_lines, share_lines

USDT = Currency("USDT")
S = 10**8
LIMITS = InstanceLimits(2_000 * S, 6, 20 * S, 60 * S)
SCHEMA = {
    "risk": {"type": "float", "unit": "of budget"},
    "share": {"type": "float", "unit": "of budget"},
    "z": {"type": "float"},
}


def test_the_tightest_limit_of_an_order_is_said() -> None:
    profiles = (RiskProfile("a", max_order_notional=1_500 * S), RiskProfile("b", 1, 1_000 * S))
    assert limit_lines(LIMITS, profiles, USDT) == (
        "may use   2,000.00 USDT in all, 1,000.00 an order, 6 orders an hour",
        "may lose  60.00 USDT a day, 20.00 USDT a day in fees, then exit-only",
    )


def test_what_is_not_limited_is_said_too() -> None:
    assert limit_lines(InstanceLimits(100 * S), (), USDT) == (
        "may use   100.00 USDT in all",
        "may lose  all of its 100.00 USDT: no limit a day is set",
    )


def test_an_order_is_never_larger_than_the_budget() -> None:
    (first, _) = limit_lines(InstanceLimits(100 * S), (RiskProfile("a", None, 500 * S),), USDT)
    assert "100.00 an order" in first


def test_shares_of_the_budget_come_to_money() -> None:
    config = {"risk": 0.005, "share": True, "z": 3.0}
    assert share_lines(SCHEMA, config, config, LIMITS, USDT) == (
        "risk 0.005 of 2,000.00 is 10.00 USDT",
    )


def test_a_changed_share_is_said_before_and_after() -> None:
    old, new = {"risk": 0.005, "z": 3.0}, {"risk": 0.01, "z": 3.0}
    assert share_lines(SCHEMA, old, new, LIMITS, USDT) == (
        "risk 0.005 -> 0.01 of 2,000.00 is 10.00 -> 20.00 USDT",
    )
    assert share_lines(SCHEMA, {"z": 3.0}, new, LIMITS, USDT) == (
        "risk 0.01 of 2,000.00 is 20.00 USDT",
    )


def test_what_another_setting_risks_is_said_to_be_not_derivable() -> None:
    old, new = {"risk": 0.005, "z": 3.0}, {"risk": 0.005, "z": 2.0}
    assert share_lines(SCHEMA, old, new, LIMITS, USDT) == (
        "risk 0.005 of 2,000.00 is 10.00 USDT",
        "what z may cost is not known: the limits below hold",
    )


@pytest.mark.parametrize(
    ("currency", "said"),
    [
        ("BTC", "risk 0.005 of 5.00000000 is 0.02500000 BTC"),
        ("ETH", "risk 0.005 of 5.00000000 is 0.02500000 ETH"),
        ("USD", "risk 0.005 of 5.00 is 0.02 USD"),
        ("JPY", "risk 0.005 of 5 is 0 JPY"),
    ],
)
def test_money_has_the_decimals_of_its_currency(currency: str, said: str) -> None:
    config = {"risk": 0.005}
    limits = InstanceLimits(5 * S)
    assert share_lines(SCHEMA, config, config, limits, Currency(currency)) == (said,)
