"""A wrong name is answered with the nearest one."""

from __future__ import annotations

import pytest

from tradetui.domain.naming import NO_SUCH, market_named, no_such, nothing_done


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("btc-mt", ("eth-mr", "btc-mr"), "there is no instance btc-mt; did you mean btc-mr?"),
        ("zzz", ("b", "a"), "there is no instance zzz; there are a, b"),
        ("zzz\x1b", (), "there is no instance zzz?; there are none"),
    ],
)
def test_the_nearest_or_all_are_named(name: str, known: tuple[str, ...], said: str) -> None:
    assert no_such("instance", name, known) == said


def test_of_many_only_some_are_named() -> None:
    said = no_such("market", "?", [f"m{n:02}" for n in range(20)])
    assert said.startswith(NO_SUCH)
    assert said.endswith("m10, m11 and 8 more")


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("BTC/USDT", ("ETH/USDT.SIM", "BTC/USDT.SIM", "BTC/USDT.SIM"), "BTC/USDT.SIM"),
        ("BTC/USDT.SIM", ("BTC/USDT.SIM",), "BTC/USDT.SIM"),
        ("BTC/USDT", ("BTC/USDT.A", "BTC/USDT.B"), "BTC/USDT"),
        ("XRP/USDT", ("BTC/USDT.SIM",), "XRP/USDT"),
    ],
)
def test_a_symbol_names_its_market_where_one_venue_has_it(
    name: str, known: tuple[str, ...], found: str
) -> None:
    assert market_named(name, known) == found


def test_a_question_is_not_ended_twice() -> None:
    assert nothing_done("did you mean a?") == "did you mean a? Nothing done."
    assert nothing_done("there are a, b") == "there are a, b. Nothing done."
