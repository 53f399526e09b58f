"""The fill rules (``docs/reference/simulated_venue.md``): which order fills on which price path, at
which price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.enums import TimeInForce

Make = Callable[..., Any]


@pytest.mark.parametrize("with_open", [True, False])
@pytest.mark.parametrize(
    ("order", "bar", "expected"),
    [
        # market: at the open, whatever follows
        (("BUY", "market", {}), (101, 110, 90, 95), ["fill 1 5@101 taker"]),
        (("SELL", "market", {}), (99, 110, 90, 95), ["fill 1 5@99 taker"]),
        # limit: at the open when that is as good or better, else at the limit on a touch
        (("BUY", "limit", {"price": 98}), (96, 110, 90, 95), ["fill 1 5@96 taker"]),
        (("BUY", "limit", {"price": 98}), (98, 110, 98, 99), ["fill 1 5@98 maker"]),
        (("BUY", "limit", {"price": 98}), (100, 110, 98, 99), ["fill 1 5@98 maker"]),
        (("BUY", "limit", {"price": 98}), (100, 110, 90, 99), ["fill 1 5@98 maker"]),
        (("BUY", "limit", {"price": 98}), (100, 110, 99, 99), []),
        (("SELL", "limit", {"price": 102}), (104, 110, 90, 95), ["fill 1 5@104 taker"]),
        (("SELL", "limit", {"price": 102}), (100, 102, 90, 95), ["fill 1 5@102 maker"]),
        (("SELL", "limit", {"price": 102}), (100, 110, 90, 95), ["fill 1 5@102 maker"]),
        (("SELL", "limit", {"price": 102}), (100, 101, 90, 95), []),
        # a limit that takes at once pays the open
        (("BUY", "limit", {"price": 105}), (101, 110, 90, 95), ["fill 1 5@101 taker"]),
        (("SELL", "limit", {"price": 95}), (99, 110, 90, 95), ["fill 1 5@99 taker"]),
        # stop: at the open when it gapped through, else at the stop
        (("BUY", "stop", {"trigger_price": 103}), (105, 110, 90, 95),
         ["trigger 1", "fill 1 5@105 taker"]),
        (("BUY", "stop", {"trigger_price": 103}), (100, 103, 90, 95),
         ["trigger 1", "fill 1 5@103 taker"]),
        (("BUY", "stop", {"trigger_price": 103}), (100, 102, 90, 95), []),
        (("SELL", "stop", {"trigger_price": 97}), (95, 110, 90, 95),
         ["trigger 1", "fill 1 5@95 taker"]),
        (("SELL", "stop", {"trigger_price": 97}), (100, 110, 97, 99),
         ["trigger 1", "fill 1 5@97 taker"]),
        (("SELL", "stop", {"trigger_price": 97}), (100, 110, 98, 99), []),
        # stop-limit: triggered first, then marketable, on the same bar
        (("BUY", "stop_limit", {"trigger_price": 103, "price": 104}), (100, 106, 90, 95),
         ["trigger 1", "fill 1 5@103 taker"]),
        (("BUY", "stop_limit", {"trigger_price": 103, "price": 104}), (105, 110, 104, 106),
         ["trigger 1", "fill 1 5@104 maker"]),
        (("BUY", "stop_limit", {"trigger_price": 103, "price": 104}), (105, 110, 105, 106),
         ["trigger 1"]),
        (("BUY", "stop_limit", {"trigger_price": 103, "price": 104}), (104, 110, 90, 106),
         ["trigger 1", "fill 1 5@104 taker"]),
        (("SELL", "stop_limit", {"trigger_price": 97, "price": 96}), (100, 106, 90, 95),
         ["trigger 1", "fill 1 5@97 taker"]),
        (("SELL", "stop_limit", {"trigger_price": 97, "price": 96}), (95, 95, 90, 93),
         ["trigger 1"]),
        # limit on the far side of its stop: which touch was first is unknown: only the close tells
        (("BUY", "stop_limit", {"trigger_price": 103, "price": 99}), (100, 104, 90, 101),
         ["trigger 1"]),
        (("BUY", "stop_limit", {"trigger_price": 103, "price": 99}), (100, 104, 90, 98),
         ["trigger 1", "fill 1 5@99 maker"]),
        (("SELL", "stop_limit", {"trigger_price": 97, "price": 101}), (100, 104, 90, 102),
         ["trigger 1", "fill 1 5@101 maker"]),
    ],
)  # fmt: skip
def test_rules_of_a_bar(
    desk: Any, with_open: bool, order: Any, bar: tuple[int, ...], expected: list[str]
) -> None:
    """The same bar gives the same fills, whether its open was shown before or not."""
    side, kind, fields = order
    assert desk.place("1", side, kind, 5, **fields) == ["accept 1"]
    seen = desk.open(bar[0]) if with_open else []
    seen += desk.bar(*bar)
    assert seen == expected


def test_fill_reports_carry_the_time_of_their_item(desk: Any) -> None:
    """What happens at the open happened at the open's time, the rest at the close's."""
    desk.place("1", "BUY", "market", 5)
    desk.place("2", "BUY", "limit", 5, price=98)
    start = desk.now
    desk.open(100)
    assert [event.event_time for event in desk.last] == [start]
    desk.bar(100, 110, 90, 95)
    assert [event.event_time for event in desk.last] == [desk.now]


def test_a_limit_rests_and_fills_on_a_later_bar(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 5, price=98)
    assert desk.bar(100, 101, 99, 100) == []
    assert desk.bar(98, 101, 97, 100) == ["fill 1 5@98 maker"]


def test_a_resting_limit_gapped_through_pays_the_taker_fee(desk: Any) -> None:
    """It gets the open; what is better than its limit is not called making."""
    desk.place("1", "BUY", "limit", 5, price=98)
    assert desk.bar(100, 101, 99, 100) == []
    assert desk.bar(96, 101, 95, 100) == ["fill 1 5@96 taker"]


def test_touch_can_be_made_too_little(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(touch_fills=False))
    desk.bar(100, 100, 100, 100)
    desk.place("1", "BUY", "limit", 5, price=98)
    assert desk.bar(100, 101, 98, 100) == []
    assert desk.bar(100, 101, 97, 100) == ["fill 1 5@98 maker"]


# -- orders that arrive while a bar runs -----------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "bar", "expected"),
    [
        (("BUY", "market", {}), (100, 120, 80, 104), ["fill 1 5@104 taker"]),
        (("BUY", "limit", {"price": 95}), (100, 120, 80, 104), []),
        (("BUY", "limit", {"price": 95}), (100, 120, 80, 94), ["fill 1 5@95 maker"]),
        (("BUY", "limit", {"price": 109}), (100, 120, 80, 104), ["fill 1 5@104 taker"]),
        (("SELL", "stop", {"trigger_price": 95}), (100, 120, 80, 104), []),
        (("SELL", "stop", {"trigger_price": 95}), (100, 120, 80, 94),
         ["trigger 1", "fill 1 5@94 taker"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("with_open", [True, False])
def test_an_order_may_not_use_prices_older_than_itself(
    desk: Any, order: Any, bar: tuple[int, ...], expected: list[str], with_open: bool
) -> None:
    """An order that came half a minute into a bar knows nothing of its range: the close alone."""
    start = desk.now
    if with_open:
        desk.open(bar[0])
    side, kind, fields = order
    desk.now = start + 30_000_000_000
    desk.place("1", side, kind, 5, **fields)
    desk.now = start
    assert desk.bar(*bar) == expected


def test_an_order_caused_by_the_open_may_use_the_range_but_not_the_open(desk: Any) -> None:
    desk.open(100)
    desk.place("1", "BUY", "market", 5)
    desk.place("2", "SELL", "stop", 5, trigger_price=97)
    desk.place("3", "BUY", "limit", 5, price=130)
    assert desk.bar(100, 110, 90, 105) == [
        "trigger 2",
        "fill 2 5@97 taker",
        "fill 3 5@110 taker",
        "fill 1 5@105 taker",
    ]


def test_a_stop_beyond_the_whole_range_fills_at_the_close(desk: Any) -> None:
    """It was through its trigger before the range began: the price it got is not known."""
    desk.open(100)
    desk.place("1", "SELL", "stop", 5, trigger_price=120)
    assert desk.bar(100, 110, 90, 105) == ["trigger 1", "fill 1 5@105 taker"]


# -- trailing stops --------------------------------------------------------------------------------


def test_a_trailing_stop_starts_behind_the_last_price_and_follows_earlier_items_only(
    desk: Any,
) -> None:
    assert desk.place("1", "SELL", "trailing_stop", 5, trail_offset=5) == [
        "accept 1",
        "amend 1 5 ^95",
    ]
    assert desk.bar(100, 110, 96, 104) == ["amend 1 5 ^105"]
    assert desk.bar(106, 120, 106, 110) == ["amend 1 5 ^115"]
    assert desk.bar(112, 113, 111, 112) == ["trigger 1", "fill 1 5@112 taker"]


def test_a_trailing_stop_is_tested_with_the_trigger_of_before(desk: Any) -> None:
    """The high of a bar may have come after its low: it must not stop the order out."""
    desk.place("1", "SELL", "trailing_stop", 5, trail_offset=5, trigger_price=95)
    desk.open(100)
    assert desk.bar(100, 110, 96, 104) == ["amend 1 5 ^105"]
    assert desk.open(104) == ["trigger 1", "fill 1 5@104 taker"]


def test_a_trailing_buy_follows_the_lows(desk: Any) -> None:
    desk.place("1", "BUY", "trailing_stop", 5, trail_offset=5)
    assert desk.bar(100, 104, 90, 92) == ["amend 1 5 ^95"]
    assert desk.bar(94, 96, 93, 94) == ["trigger 1", "fill 1 5@95 taker"]


def test_the_open_of_a_bar_is_earlier_than_its_range(desk: Any) -> None:
    desk.place("1", "SELL", "trailing_stop", 5, trail_offset=5)
    assert desk.bar(108, 109, 103, 105) == ["amend 1 5 ^103", "trigger 1", "fill 1 5@103 taker"]


def test_a_trailing_stop_without_a_known_price_starts_at_the_first_one(make_desk: Make) -> None:
    desk = make_desk()
    assert desk.place("1", "SELL", "trailing_stop", 5, trail_offset=5) == ["accept 1"]
    assert desk.bar(100, 100, 90, 90) == [
        "amend 1 5 ^95",
        "trigger 1",
        "fill 1 5@95 taker",
    ]


def test_a_trailing_stop_starts_at_the_close_when_the_open_could_not_be_used(
    make_desk: Make,
) -> None:
    """Under a cap, the first open of all has no volume to fill from."""
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP))
    desk.place("1", "SELL", "trailing_stop", 5, trail_offset=5)
    assert desk.open(100) == []
    assert desk.bar(100, 200, 90, 110) == ["amend 1 5 ^105", "amend 1 5 ^195"]


def test_a_trailing_stop_that_came_mid_bar_follows_the_close(desk: Any) -> None:
    start = desk.now
    desk.now = start + 1
    desk.place("1", "SELL", "trailing_stop", 5, trail_offset=5)
    desk.now = start
    assert desk.bar(100, 200, 90, 110) == ["amend 1 5 ^105"]


# -- trades and quotes -----------------------------------------------------------------------------


def test_quotes_a_market_order_takes_the_other_side(desk: Any) -> None:
    desk.place("1", "BUY", "market", 5)
    desk.place("2", "SELL", "market", 5)
    assert desk.quote(99, 101) == ["fill 1 5@101 taker", "fill 2 5@99 taker"]


@pytest.mark.parametrize(
    ("side", "limit", "quotes", "expected"),
    [
        ("BUY", 100, [(99, 101), (98, 100)], [[], ["fill 1 5@100 maker"]]),
        ("BUY", 100, [(99, 101), (96, 97)], [[], ["fill 1 5@100 maker"]]),
        ("SELL", 100, [(98, 101), (103, 104)], [[], ["fill 1 5@100 maker"]]),
        ("BUY", 103, [(99, 101)], [["fill 1 5@101 taker"]]),
        ("SELL", 97, [(99, 101)], [["fill 1 5@99 taker"]]),
    ],
)
def test_quotes_a_limit(
    desk: Any, side: str, limit: int, quotes: list[tuple[int, int]], expected: list[list[str]]
) -> None:
    """Resting, it fills at its own price when the other side reaches it; else it takes."""
    desk.quote(99, 101)
    desk.place("1", side, "limit", 5, price=limit)
    assert [desk.quote(*quote) for quote in quotes] == expected


def test_quotes_stops_are_triggered_by_the_side_they_would_take(desk: Any) -> None:
    desk.place("1", "SELL", "stop", 5, trigger_price=97)
    desk.place("2", "BUY", "stop", 5, trigger_price=103)
    assert desk.quote(98, 102) == []
    assert desk.quote(97, 103) == [
        "trigger 1", "fill 1 5@97 taker", "trigger 2", "fill 2 5@103 taker",
    ]  # fmt: skip


def test_quotes_an_empty_side_fills_nothing(desk: Any) -> None:
    desk.place("1", "BUY", "market", 5)
    desk.place("2", "SELL", "stop", 5, trigger_price=97)
    desk.place("3", "BUY", "trailing_stop", 5, trail_offset=10)
    assert desk.quote(98, 0) == []
    assert desk.quote(0, 99) == ["fill 1 5@99 taker", "amend 3 5 ^109"]


def test_trades_fill_resting_limits_only_when_they_print_through(desk: Any) -> None:
    desk.trade(100)
    desk.place("1", "BUY", "limit", 5, price=98)
    assert desk.trade(98) == []
    assert desk.trade(97) == ["fill 1 5@98 maker"]
    desk.place("2", "SELL", "limit", 5, price=102)
    assert desk.trade(102) == []
    assert desk.trade(103) == ["fill 2 5@102 maker"]


def test_trades_a_fresh_limit_takes_at_the_print(desk: Any) -> None:
    desk.trade(100)
    desk.place("1", "BUY", "limit", 5, price=103)
    assert desk.trade(101) == ["fill 1 5@101 taker"]


def test_trades_beside_quotes_a_taker_never_gets_the_better_of_the_two(desk: Any) -> None:
    """A sale that prints at the bid is no offer to a buyer."""
    desk.quote(99, 101)
    desk.place("1", "BUY", "market", 5)
    assert desk.trade(99) == ["fill 1 5@101 taker"]
    desk.place("2", "SELL", "market", 5)
    assert desk.trade(101) == ["fill 2 5@99 taker"]


def test_trades_trigger_stops_and_move_trailing_stops(desk: Any) -> None:
    desk.trade(100)
    desk.place("1", "SELL", "trailing_stop", 5, trail_offset=4)
    assert desk.trade(103) == ["amend 1 5 ^99"]
    assert desk.trade(98) == ["trigger 1", "fill 1 5@98 taker"]


def test_bars_beside_trades_add_nothing(desk: Any) -> None:
    """Their range repeats what the trades showed, and is older than the order may be."""
    start = desk.now
    desk.place("1", "BUY", "limit", 5, price=98)
    desk.trade(100)
    desk.now = start
    assert desk.bar(100, 110, 90, 95) == []
    assert desk.open(90) == []
    assert desk.bar(90, 91, 89, 90) == ["fill 1 5@90 taker"]


# -- time in force ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "bar", "expected"),
    [
        (("limit", {"price": 98}), (100, 110, 99, 100), ["expire 1 IOC"]),
        (("limit", {"price": 98}), (100, 110, 97, 100), ["fill 1 5@98 maker"]),
        (("market", {}), (100, 110, 97, 100), ["fill 1 5@100 taker"]),
        (("stop", {"trigger_price": 120}), (100, 110, 97, 100), []),
        (("stop_limit", {"trigger_price": 105, "price": 98}), (100, 110, 90, 100),
         ["trigger 1", "expire 1 IOC"]),
    ],
)  # fmt: skip
def test_ioc_lives_for_its_first_item(
    desk: Any, order: Any, bar: tuple[int, ...], expected: list[str]
) -> None:
    """A bar and its open are one item; a stop's patience begins when it is triggered."""
    kind, fields = order
    desk.place("1", "BUY", kind, 5, time_in_force=TimeInForce.IOC, **fields)
    assert desk.open(bar[0]) + desk.bar(*bar) == expected


def test_ioc_keeps_its_part_and_ends(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=100_000))
    desk.place("1", "BUY", "market", 50, time_in_force=TimeInForce.IOC)
    assert desk.bar(100, 110, 90, 100, volume=200) == ["fill 1 20@100 taker", "expire 1 IOC"]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [(20, ["fill 1 20@100 taker"]), (21, ["expire 1 FOK"])],
)
def test_fok_is_all_or_nothing(make_desk: Make, quantity: int, expected: list[str]) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=100_000))
    desk.place("1", "BUY", "market", quantity, time_in_force=TimeInForce.FOK)
    assert desk.bar(100, 110, 90, 100, volume=200) == expected


def test_ioc_ends_with_a_quote_that_does_not_fill_it(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 5, price=98, time_in_force=TimeInForce.IOC)
    assert desk.quote(99, 101) == ["expire 1 IOC"]


# -- volume cap ------------------------------------------------------------------------------------


def test_volume_cap_shares_a_bar_among_the_orders_of_a_book(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=100_000))
    desk.place("1", "BUY", "market", 15)
    desk.place("2", "BUY", "market", 15)
    assert desk.bar(100, 110, 90, 104, volume=200) == [
        "fill 1 15@100 taker",
        "fill 2 5@100 taker",
    ]
    assert desk.bar(101, 110, 90, 100, volume=50) == ["fill 2 5@101 taker"]
    assert desk.bar(102, 110, 90, 100, volume=500) == ["fill 2 5@102 taker"]


def test_volume_cap_an_open_uses_the_volume_of_the_bar_before(make_desk: Make) -> None:
    """That of its own bar is not known yet; what it takes is off the bar's share."""
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=100_000))
    desk.bar(100, 100, 100, 100, volume=50)
    desk.place("1", "BUY", "market", 20)
    assert desk.open(101) == ["fill 1 5@101 taker"]
    assert desk.bar(101, 110, 90, 103, volume=100) == ["fill 1 5@103 taker"]
    assert desk.bar(104, 110, 90, 103, volume=100) == ["fill 1 10@104 taker"]


def test_volume_cap_what_an_open_took_is_off_its_own_bar_only(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=100_000))
    desk.bar(100, 100, 100, 100, volume=50)
    desk.place("1", "BUY", "market", 5)
    desk.place("2", "BUY", "limit", 5, price=50)
    assert desk.open(100) == ["fill 1 5@100 taker"]
    desk.bar(100, 100, 100, 100, volume=50)
    desk.cancel("2")
    desk.open(100)
    desk.place("3", "BUY", "limit", 5, price=99)
    assert desk.bar(100, 100, 98, 98, volume=50) == ["fill 3 5@99 maker"]


def test_volume_cap_an_open_without_a_bar_before_fills_nothing(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=100_000))
    desk.place("1", "BUY", "market", 5)
    assert desk.open(101) == []
    assert desk.bar(101, 110, 90, 103, volume=100) == ["fill 1 5@103 taker"]


def test_volume_cap_quotes_have_two_sides(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=500_000))
    desk.place("1", "BUY", "market", 8)
    desk.place("2", "SELL", "market", 8)
    assert desk.quote(99, 101, size=10) == ["fill 1 5@101 taker", "fill 2 5@99 taker"]
    assert desk.quote(99, 101, size=10) == ["fill 1 3@101 taker", "fill 2 3@99 taker"]


@pytest.mark.parametrize("kind", ["bar", "trade"])
def test_volume_cap_what_traded_serves_both_sides_once(make_desk: Make, kind: str) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=500_000))
    desk.place("1", "BUY", "market", 8)
    desk.place("2", "SELL", "market", 8)
    seen = desk.trade(100, 20) if kind == "trade" else desk.bar(100, 100, 100, 100, volume=20)
    assert seen == ["fill 1 8@100 taker", "fill 2 2@100 taker"]


def test_volume_cap_a_tiny_share_fills_nothing(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=100_000))
    desk.place("1", "BUY", "market", 8)
    assert desk.trade(100, quantity=9) == []


def test_volume_cap_a_capped_limit_goes_on_taking(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=500_000))
    desk.quote(99, 101, size=10)
    desk.place("1", "BUY", "limit", 8, price=103)
    assert desk.quote(99, 101, size=10) == ["fill 1 5@101 taker"]
    assert desk.quote(99, 101, size=10) == ["fill 1 3@101 taker"]


# -- slippage and fees -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "kind", "fields", "expected"),
    [
        ("BUY", "market", {}, "fill 1 5@1010 taker"),
        ("SELL", "market", {}, "fill 1 5@990 taker"),
        ("BUY", "limit", {"price": 1004}, "fill 1 5@1004 taker"),
        ("SELL", "limit", {"price": 996}, "fill 1 5@996 taker"),
        ("BUY", "limit", {"price": 990}, "fill 1 5@990 maker"),
        ("SELL", "stop", {"trigger_price": 980}, "fill 1 5@970 taker"),
    ],
)
def test_slippage_moves_what_takes_but_never_past_a_limit(
    make_desk: Make, side: str, kind: str, fields: dict[str, int], expected: str
) -> None:
    desk = make_desk(VenueConfig(slippage_ppm=10_000))
    desk.place("1", side, kind, 5, **fields)
    assert desk.bar(1000, 1000, 900, 1000)[-1] == expected
