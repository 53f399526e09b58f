"""How many decimals money has: one rule for the screen, the shell and the checks."""

from __future__ import annotations

import pytest

from tradetui.domain.currencies import money_decimals
from tradetui.domain.formatting import exact_money, fee, money, plain_money
from tradetui.domain.units import CASH_SCALE, parse_scaled


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("USD", 2), ("USDT", 2), ("EUR", 2), ("JPY", 0), ("BTC", 8), ("ETH", 8), ("", 8)],
)
def test_decimals_follow_the_currency(currency: str, decimals: int) -> None:
    assert money_decimals(currency) == decimals


@pytest.mark.parametrize(
    ("amount", "currency", "shown", "plain", "exact", "charge"),
    [
        ("1234.565", "USD", "1,234.56", "1234.56", "1234.565", "1,234.5650"),
        ("1234.565", "USDT", "1,234.56", "1234.56", "1234.565", "1,234.5650"),
        ("123456789.5", "JPY", "123,456,790", "123456790", "123456789.5", "123,456,789.5000"),
        ("0.00138129", "BTC", "0.00138129", "0.00138129", "0.00138129", "0.00138129"),
        ("-1250", "ETH", "-1,250.00000000", "-1250.00000000", "-1250.00000000", "-1,250.00000000"),
        ("0", "JPY", "0", "0", "0", "0.0000"),
    ],
)
def test_money_is_written_as_its_currency_is_counted(
    amount: str, currency: str, shown: str, plain: str, exact: str, charge: str
) -> None:
    value = parse_scaled(amount, CASH_SCALE)
    written = (money, plain_money, exact_money, fee)
    assert tuple(write(value, currency) for write in written) == (shown, plain, exact, charge)


def test_a_sign_is_for_what_is_gained_or_lost() -> None:
    assert money(2_500_000, "BTC", signed=True) == "+0.02500000"
    assert money(0, "USD", signed=True) == "0.00"
