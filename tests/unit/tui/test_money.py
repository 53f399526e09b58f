from __future__ import annotations

from tests.tui.fixtures import cash

from tradetui.tui.money import money_text


def test_money_is_written_in_its_currencys_decimals() -> None:
    assert money_text(cash("1234.5"), "USDT") == "1,234.50"
    assert money_text(cash("0.00012"), "BTC", signed=True) == "+0.00012000"
    assert money_text(cash("1234.5"), "USDT", masked=True) == "***"
