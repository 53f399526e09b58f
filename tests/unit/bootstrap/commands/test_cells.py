"""Cells of printed rows: the decimals of the market, and nothing for what is not known."""

from __future__ import annotations

import pytest

from tradetui.bootstrap.commands.cells import money, price, size
from tradetui.domain.ids import Currency, InstrumentId
from tradetui.domain.replica import InstrumentView
from tradetui.domain.units import CASH_SCALE

VIEW = InstrumentView(
    InstrumentId("BTC/USDT@sim"), "BTC/USDT", Currency("BTC"), Currency("USDT"), 8, 8, 2, 5
)


def test_numbers_have_the_decimals_of_their_market_or_currency() -> None:
    assert money(123_450 * 10 ** (CASH_SCALE - 2), "USD") == "1234.50 USD"
    assert price(-64_000_10000000, VIEW) == "-64000.10"
    assert size(-1_00000000, VIEW) == "-1.00000"


def test_what_is_not_known_is_an_empty_cell_and_zero_is_not() -> None:
    assert [money(None, "USD"), price(None, VIEW), size(None, VIEW)] == [None, None, None]
    assert [price(1, None), size(1, None)] == [None, None]
    assert [money(0, "USD"), price(0, VIEW), size(0, VIEW)] == ["0.00 USD", "0.00", "0.00000"]


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (-284_493, "BTC", "-0.00284493 BTC"),
        (-284_493, "USDT", "0.00 USDT"),
        (123_456_789_012, "USD", "1234.57 USD"),
        (-1_550_000_000, "USD", "-15.50 USD"),
        (None, "USD", None),
    ],
)
def test_money_has_its_currencys_decimals_and_is_rounded_to_even(
    value: int | None, currency: str, text: str | None
) -> None:
    assert money(value, currency) == text
