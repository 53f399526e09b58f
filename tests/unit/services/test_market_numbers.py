from __future__ import annotations

from tests.tui.fixtures import INSTRUMENTS

from tradetui.services.market_numbers import price_text, size_text

ETH = INSTRUMENTS[2]


def test_a_number_is_written_in_the_scale_of_its_market() -> None:
    price, size = 3_181_20 * 10 ** (ETH.price_scale - 2), 25 * 10 ** (ETH.size_scale - 1)
    assert price_text(price, ETH) == "3,181.20"
    assert size_text(size, ETH).startswith("2.5")


def test_none_is_a_dash_and_an_unknown_scale_a_question() -> None:
    assert (price_text(None, ETH), size_text(None, ETH)) == ("-", "-")
    assert (price_text(None, None), size_text(None, None)) == ("-", "-")
    assert (price_text(1, None), size_text(1, None)) == ("?", "?")
