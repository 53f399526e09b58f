"""Slippage and commission: always against us, never past a bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tradetui.core.venue.fills import commission, net_of_base_fee, slipped
from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide

BUY, SELL = OrderSide.BUY, OrderSide.SELL
MAKER, TAKER = LiquiditySide.MAKER, LiquiditySide.TAKER
Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("side", "price", "ppm", "limit", "bounds", "expected"),
    [
        (BUY, 1003, 0, None, {}, 1003),
        (BUY, 1000, 1_000, None, {}, 1005),
        (SELL, 1000, 1_000, None, {}, 995),
        (BUY, 1000, 6_000, None, {}, 1010),
        (SELL, 1000, 6_000, None, {}, 990),
        (BUY, 1000, 50_000, 1015, {}, 1015),
        (SELL, 1000, 50_000, 985, {}, 985),
        (BUY, 1000, 50_000, None, {"price_max": 1020}, 1020),
        (SELL, 1000, 50_000, None, {"price_min": 990}, 990),
        (BUY, 1000, 50_000, 1005, {"price_max": 1020}, 1005),
        (SELL, 2, 900_000, None, {}, 1),
        (BUY, 1000, 50_000, None, {"price_max": 900}, 1000),
        (SELL, 1000, 50_000, None, {"price_min": 1100}, 1000),
    ],
)
def test_slipped(
    make_desk: Make,
    side: OrderSide,
    price: int,
    ppm: int,
    limit: int | None,
    bounds: dict[str, int],
    expected: int,
) -> None:
    instrument = make_desk(price_increment=5, **bounds).instrument
    assert slipped(instrument, side, price, ppm, limit) == expected


@pytest.mark.parametrize(
    ("config", "side", "liquidity", "expected"),
    [
        (VenueConfig(), BUY, TAKER, (2 * 10**8, "USD")),
        (VenueConfig(), SELL, MAKER, (10**8, "USD")),
        (VenueConfig(taker_fee_ppm=0), BUY, TAKER, (0, "USD")),
        (VenueConfig(taker_fee_ppm=0), BUY, MAKER, (10**8, "USD")),
        (VenueConfig(maker_fee_ppm=-1_000), BUY, MAKER, (-(10**8), "USD")),
        (VenueConfig(fee_in_base=True), BUY, TAKER, (2 * 10**6, "AAA")),
        (VenueConfig(fee_in_base=True), SELL, TAKER, (2 * 10**8, "USD")),
    ],
)
def test_commission(
    make_desk: Make,
    config: VenueConfig,
    side: OrderSide,
    liquidity: LiquiditySide,
    expected: tuple[int, str],
) -> None:
    """10 at 100 is 1000 USD: 0.2 % for the taker, 0.1 % for the maker."""
    instrument = make_desk(maker_fee_ppm=1_000, taker_fee_ppm=2_000).instrument
    assert commission(config, instrument, side, liquidity, 10, 100) == expected


def test_commission_of_a_future_is_never_in_base(make_desk: Make) -> None:
    instrument = make_desk(instrument_class=InstrumentClass.FUTURE, taker_fee_ppm=2_000).instrument
    config = VenueConfig(fee_in_base=True)
    assert commission(config, instrument, BUY, TAKER, 10, 100) == (2 * 10**8, "USD")


@pytest.mark.parametrize(
    ("size_scale", "quantity", "paid", "currency", "expected"),
    [
        (0, 10, 1, "AAA", 9),
        (0, 10, 10**8, "AAA", 9),
        (8, 10, 3, "AAA", 7),
        (10, 1_000, 3, "AAA", 700),
        (0, 10, 10**8, "USD", 10),
        (0, 10, 0, "AAA", 10),
        (0, 10, -5, "AAA", 10),
    ],
)
def test_net_of_base_fee(
    make_desk: Make, size_scale: int, quantity: int, paid: int, currency: str, expected: int
) -> None:
    instrument = make_desk(size_scale=size_scale).instrument
    assert net_of_base_fee(instrument, quantity, paid, currency) == expected


def test_commission_in_base_at_a_fine_scale_is_rounded_against_us(make_desk: Make) -> None:
    instrument = make_desk(size_scale=10, taker_fee_ppm=1_000).instrument
    config = VenueConfig(fee_in_base=True)
    assert commission(config, instrument, BUY, TAKER, 101, 5) == (1, "AAA")
