from __future__ import annotations

import pytest
from tests.tui.fixtures import cash

from tradetui.tui.money import decimals_of, money_text


@pytest.mark.parametrize(
    ("currency", "decimals"), [("USDT", 2), ("EUR", 2), ("JPY", 0), ("BTC", 8), ("ADA", 8)]
)
def test_decimals(currency: str, decimals: int) -> None:
    assert decimals_of(currency) == decimals


def test_money_is_written_in_its_currencys_decimals() -> None:
    assert money_text(cash("1234.5"), "USDT") == "1,234.50"
    assert money_text(cash("0.00012"), "BTC", signed=True) == "+0.00012000"
    assert money_text(cash("1234.5"), "USDT", masked=True) == "***"
