"""What the venue remembers of a market, and how it cuts items into segments."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.core.venue.tape import (
    CLOSE,
    OPEN,
    QUOTE,
    RANGE,
    TRADE,
    Tape,
    absorb,
    capacity,
    segments,
)
from tradetui.domain.enums import OrderSide
from tradetui.domain.market_data import Bar, BarOpen, DataGap, MarketItem, Quote, Trade

BAR = Bar(100, 200, 10, 15, 5, 12, 1_000)
FULL, CAPPED = VenueConfig(), VenueConfig(FillModel.VOLUME_CAP)


def item(payload: Any, time: int = 200) -> MarketItem:
    """Wrap a payload."""
    return MarketItem(time, "SIM", "AAA/USD.SIM", payload)  # type: ignore[arg-type]


def told(*payloads: Any) -> Tape:
    """Return a tape that was shown some payloads."""
    tape = Tape()
    for payload in payloads:
        absorb(tape, item(payload))
    return tape


def kinds(tape: Tape, payload: Any, config: VenueConfig = FULL) -> list[int]:
    """Return the kinds of an item's segments."""
    return [segment.kind for segment in segments(tape, item(payload), config)]


@pytest.mark.parametrize(
    ("before", "payload", "config", "expected"),
    [
        ([], BAR, FULL, [OPEN, RANGE, CLOSE]),
        ([BarOpen(100, 10)], BAR, FULL, [RANGE, CLOSE]),
        ([BarOpen(0, 10)], BAR, FULL, [OPEN, RANGE, CLOSE]),
        ([Trade(10, 1)], BAR, FULL, []),
        ([], BarOpen(100, 10), FULL, [OPEN]),
        ([], BarOpen(100, 10), CAPPED, []),
        ([BAR], BarOpen(200, 10), CAPPED, [OPEN]),
        ([Trade(10, 1)], BarOpen(300, 10), FULL, []),
        ([], Trade(10, 1), FULL, [TRADE]),
        ([], Quote(9, 1, 11, 1), FULL, [QUOTE]),
        ([], DataGap(0, 1, ""), FULL, []),
    ],
)
def test_an_item_becomes_the_segments_of_its_path(
    before: list[Any], payload: Any, config: VenueConfig, expected: Any
) -> None:
    assert kinds(told(*before), payload, config) == expected


def test_an_open_after_a_bar_without_volume_has_none() -> None:
    for before, volume in ((replace(BAR, volume=0), 0), (BAR, 1_000)):
        (segment,) = segments(told(before), item(BarOpen(200, 10)), CAPPED)
        assert segment.buy_volume == segment.sell_volume == volume


def test_trades_before_a_bar_began_do_not_replace_it() -> None:
    tape = Tape()
    absorb(tape, item(Trade(10, 1), 99))
    assert kinds(tape, BAR) == [OPEN, RANGE, CLOSE]
    absorb(tape, item(BAR))
    assert not tape.is_fine


@pytest.mark.parametrize(
    ("shown", "buy", "sell"),
    [
        ([], 0, 0),
        ([BarOpen(200, 11)], 11, 11),
        ([BAR], 12, 12),
        ([Trade(13, 1)], 13, 13),
        ([Quote(9, 1, 11, 1)], 11, 9),
        ([Trade(13, 1), Quote(0, 0, 11, 1)], 11, 13),
        ([Quote(9, 1, 11, 1), BAR], 11, 9),
    ],
)
def test_the_price_at_which_an_order_would_take(shown: list[Any], buy: int, sell: int) -> None:
    tape = told(*shown)
    assert tape.taking_price(OrderSide.BUY) == buy
    assert tape.taking_price(OrderSide.SELL) == sell


def test_a_share_of_the_volume_is_rounded_down() -> None:
    assert capacity(VenueConfig(FillModel.VOLUME_CAP, 333_333), 10) == 3
