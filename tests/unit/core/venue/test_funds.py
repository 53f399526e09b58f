"""What can be paid for: the sums, and the search for the largest part."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.core.venue.funds import cash_flow, payable, spendable
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide
from tradetui.domain.instruments import Instrument
from tradetui.domain.units import CASH_SCALE

DOLLAR = 10**CASH_SCALE
BUY, SELL = OrderSide.BUY, OrderSide.SELL
MAKER, TAKER = LiquiditySide.MAKER, LiquiditySide.TAKER
COIN = Instrument(
    "AAA/USD.SIM", "AAA/USD", "SIM", InstrumentClass.SPOT, "AAA", "USD", 2, 3, 1, 10,
    maker_fee_ppm=1_000, taker_fee_ppm=2_000,
)  # fmt: skip
FUTURE = replace(COIN, instrument_class=InstrumentClass.FUTURE)
PLAIN = VenueConfig()


def test_a_route_spends_its_balance_in_the_quote_currency() -> None:
    asked: list[tuple[str, str]] = []

    def balance(route_id: str, currency: str) -> int:
        asked.append((route_id, currency))
        return 7

    assert spendable(balance, "main", COIN) == 7
    assert asked == [("main", "USD")]


def test_nothing_limits_a_future_or_a_venue_that_was_not_told() -> None:
    assert spendable(lambda route_id, currency: 7, "main", FUTURE) is None
    assert spendable(None, "main", COIN) is None


@pytest.mark.parametrize(
    ("side", "liquidity", "config", "dollars_milli"),
    [
        (BUY, TAKER, PLAIN, -100_200),
        (BUY, MAKER, PLAIN, -100_100),
        (SELL, TAKER, PLAIN, 99_800),
        (BUY, TAKER, VenueConfig(fee_in_base=True), -100_000),
        (SELL, TAKER, VenueConfig(fee_in_base=True), 99_800),
        (BUY, MAKER, VenueConfig(maker_fee_ppm=-500), -99_950),
    ],
)
def test_a_fill_moves_its_value_and_a_fee_in_the_quote_currency(
    side: OrderSide, liquidity: LiquiditySide, config: VenueConfig, dollars_milli: int
) -> None:
    moved = cash_flow(config, COIN, side, liquidity, quantity=1_000, price=10_000)
    assert moved * 1_000 == dollars_milli * DOLLAR


@pytest.mark.parametrize("dollars", [0, 1, 50, 99, 100, 101, 333, 998, 1_001, 1_002])
def test_the_largest_part_in_whole_lots_is_found(dollars: int) -> None:
    cash = dollars * DOLLAR
    part = payable(PLAIN, COIN, TAKER, 10_000, 10_000, cash)
    assert part % COIN.size_increment == 0
    assert cash + cash_flow(PLAIN, COIN, BUY, TAKER, part, 10_000) >= 0
    if part < 10_000:
        more = part + COIN.size_increment
        assert cash + cash_flow(PLAIN, COIN, BUY, TAKER, more, 10_000) < 0


def test_nothing_is_bought_on_credit() -> None:
    assert payable(PLAIN, COIN, TAKER, 10_000, 10_000, -DOLLAR) == 0


@pytest.mark.parametrize(
    ("least", "part"),
    [
        ({"min_quantity": 490}, 490),
        ({"min_quantity": 500}, 0),
        ({"min_notional": 49 * DOLLAR}, 490),
        ({"min_notional": 50 * DOLLAR}, 0),
    ],
)
def test_a_part_that_could_not_be_sold_again_is_not_bought(
    least: dict[str, Any], part: int
) -> None:
    instrument = replace(COIN, **least)
    assert payable(PLAIN, instrument, TAKER, 10_000, 10_000, 50 * DOLLAR) == part
