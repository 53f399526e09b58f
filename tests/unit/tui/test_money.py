from __future__ import annotations

from tests.tui.fixtures import cash

from tradetui.tui.money import money_text, sign_look


def test_money_is_written_in_its_currencys_decimals() -> None:
    assert money_text(cash("1234.5"), "USDT") == "1,234.50"
    assert money_text(cash("0.00012"), "BTC", signed=True) == "+0.00012000"
    assert money_text(cash("1234.5"), "USDT", masked=True) == "***"


def test_a_loss_that_is_written_as_zero_has_no_colour_of_loss() -> None:
    for amount, look in (("12.4", "good"), ("-3.1", "bad"), ("0", "base"), ("-0.004", "base")):
        assert sign_look(money_text(cash(amount), "USDT", signed=True)) == look
    assert sign_look(money_text(cash("-9"), "USDT", signed=True, masked=True)) == "base"
