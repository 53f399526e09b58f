"""What the venue answers when a command arrives, and what it refuses.

Also the tests of ``core/venue/book.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tradetui.core.venue.models import VenueConfig
from tradetui.domain.enums import TimeInForce
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import DataGap, InstrumentUpdated

Make = Callable[..., Any]
DAY = 86_400_000_000_000
GTD = TimeInForce.GTD


@pytest.mark.parametrize(
    ("kind", "quantity", "fields", "why"),
    [
        ("limit", 0, {"price": 90}, "the quantity 0 is not a positive multiple of the lot"),
        ("limit", -5, {"price": 90}, "the quantity -5 is not a positive multiple of the lot"),
        ("limit", 7, {"price": 90}, "the quantity 7 is not a positive multiple of the lot"),
        ("limit", 5, {"price": 90}, "the quantity 5 is below the minimum 10"),
        ("limit", 10, {"price": 91}, "the price 91 is not a positive multiple of the tick"),
        ("limit", 10, {"price": 0}, "the price 0 is not a positive multiple of the tick"),
        ("limit", 10, {}, "a limit order and its limit price None do not go together"),
        ("market", 10, {"price": 90}, "a market order and its limit price 90 do not go together"),
        ("stop_limit", 10, {"trigger_price": 90},
         "a stop_limit order and its limit price None do not go together"),
        ("stop_limit", 10, {"price": 90}, "a stop_limit order needs a trigger_price"),
        ("stop", 10, {}, "a stop order needs a trigger_price"),
        ("trailing_stop", 10, {}, "a trailing_stop order needs a positive trail_offset"),
        ("trailing_stop", 10, {"trail_offset": 0},
         "a trailing_stop order needs a positive trail_offset"),
        ("stop", 10, {"trigger_price": 90, "post_only": True},
         "only a limit order can be post-only"),
        ("market", 10, {"time_in_force": GTD},
         "a GTD order needs an expire_time that is still to come"),
        ("market", 10, {"time_in_force": GTD, "expire_time": 5},
         "a GTD order needs an expire_time that is still to come"),
        ("market", 10, {"parent_order_id": "9"},
         "its parent order 9 is not here, or ended without a fill"),
    ],
)  # fmt: skip
def test_an_order_that_the_venue_cannot_take_is_rejected(
    make_desk: Make, kind: str, quantity: int, fields: dict[str, Any], why: str
) -> None:
    desk = make_desk(size_increment=5, min_quantity=10, price_increment=10)
    desk.bar(100, 100, 100, 100)
    assert desk.place("1", "BUY", kind, quantity, **fields) == [f"reject 1 {why}"]
    assert not desk.is_busy()


def test_refused_an_id_that_is_taken(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 5, price=90)
    assert desk.place("1", "BUY", "limit", 5, price=90) == ["reject 1 the id 1 is taken"]


def test_refused_an_instrument_that_is_not_known(desk: Any) -> None:
    assert desk.place("1", "BUY", "market", 5, instrument_id="B/C.OTHER") == [
        "reject 1 B/C.OTHER is not traded here"
    ]
    assert desk.last[0].venue == "OTHER"


def test_refused_a_child_of_a_parent_that_was_refused(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 0, price=90)
    assert desk.place("2", "SELL", "stop", 5, trigger_price=80, parent_order_id="1") == [
        "reject 2 its parent order 1 is not here, or ended without a fill"
    ]


@pytest.mark.parametrize(
    ("side", "limit", "expected"),
    [
        ("BUY", 100, ["reject 1 post-only, and it would take at 100"]),
        ("BUY", 99, ["accept 1"]),
        ("SELL", 100, ["reject 1 post-only, and it would take at 100"]),
        ("SELL", 101, ["accept 1"]),
    ],
)
def test_post_only_beside_a_last_price(
    desk: Any, side: str, limit: int, expected: list[str]
) -> None:
    assert desk.place("1", side, "limit", 5, price=limit, post_only=True) == expected


@pytest.mark.parametrize(
    ("side", "limit", "expected"),
    [
        ("BUY", 102, ["reject 1 post-only, and it would take at 102"]),
        ("BUY", 101, ["accept 1"]),
        ("SELL", 98, ["reject 1 post-only, and it would take at 98"]),
        ("SELL", 99, ["accept 1"]),
    ],
)
def test_post_only_beside_a_quote(desk: Any, side: str, limit: int, expected: list[str]) -> None:
    desk.quote(98, 102)
    assert desk.place("1", side, "limit", 5, price=limit, post_only=True) == expected


def test_post_only_makes_at_its_own_price_even_when_the_open_gaps(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 5, price=98, post_only=True)
    assert desk.bar(96, 99, 95, 99) == ["fill 1 5@98 maker"]


@pytest.mark.parametrize(("price", "expected"), [(95, ["cancel 1 post_only"]), (99, [])])
def test_post_only_without_a_known_price_is_judged_by_the_first_one(
    make_desk: Make, price: int, expected: list[str]
) -> None:
    desk = make_desk()
    assert desk.place("1", "BUY", "limit", 5, price=98, post_only=True) == ["accept 1"]
    assert desk.open(price) == expected


def test_cancel(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 5, price=90)
    assert desk.cancel("1", route="other") == ["cancel-refused 1 no such order rests at the venue"]
    assert desk.cancel("1") == ["cancel 1"]
    assert desk.cancel("1") == ["cancel-refused 1 no such order rests at the venue"]
    assert desk.bar(100, 100, 80, 80) == []


def test_a_cancel_that_crosses_the_end_gets_no_second_answer(desk: Any) -> None:
    """The end is the answer; a refusal would only confuse."""
    desk.place("1", "BUY", "market", 5)
    desk.place("2", "BUY", "limit", 5, price=50, time_in_force=TimeInForce.IOC)
    desk.bar(100, 100, 100, 100)
    assert desk.cancel("1") == []
    assert desk.cancel("2") == []
    assert desk.cancel("3") == ["cancel-refused 3 no such order rests at the venue"]


def test_a_new_version_has_its_own_id_and_fills(desk: Any) -> None:
    """A new version has its own id and its own fills, and goes to the end of the queue."""
    desk.place("1", "BUY", "limit", 5, price=90)
    assert desk.replace("1", "2", "BUY", "limit", 7, price=95) == ["replace 1 2"]
    assert desk.cancel("1") == ["cancel-refused 1 no such order rests at the venue"]
    assert desk.bar(100, 100, 80, 80) == ["fill 2 7@95 maker"]


@pytest.mark.parametrize(
    ("old", "side", "quantity", "fields", "why"),
    [
        ("9", "BUY", 5, {}, "no such order rests at the venue"),
        ("1", "BUY", 5, {"route_id": "other"}, "no such order rests at the venue"),
        ("1", "SELL", 5, {}, "a new version keeps the instrument and the side"),
        ("1", "BUY", 0, {}, "the quantity 0 is not a positive multiple of the lot"),
        ("1", "BUY", 5, {"post_only": True, "price": 100}, "post-only, and it would take at 100"),
        ("1", "BUY", 5, {"parent_order_id": "8"},
         "its parent order 8 is not here, or ended without a fill"),
    ],
)  # fmt: skip
def test_replace_refused_leaves_the_old_version(
    desk: Any, old: str, side: str, quantity: int, fields: dict[str, Any], why: str
) -> None:
    desk.place("1", "BUY", "limit", 5, price=90)
    seen = desk.replace(old, "2", side, "limit", quantity, **{"price": 95, **fields})
    assert seen == [f"replace-refused {old} 2 {why}"]
    assert desk.bar(100, 100, 80, 80) == ["fill 1 5@90 maker"]


def test_replace_a_version_of_a_pair_beside_another(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 5, price=90, oco_group="g")
    desk.place("2", "BUY", "limit", 5, price=80, oco_group="g")
    assert desk.replace("1", "3", "BUY", "limit", 5, price=95, oco_group="g") == ["replace 1 3"]
    assert desk.bar(100, 100, 95, 96) == ["fill 3 5@95 maker", "cancel 2 oco"]


# -- time ------------------------------------------------------------------------------------------


def test_day_ends_with_the_utc_day(desk: Any) -> None:
    desk.now = DAY - 60_000_000_000
    desk.place("1", "BUY", "limit", 5, price=90, time_in_force=TimeInForce.DAY)
    assert desk.on_time(DAY - 1) == []
    assert desk.on_time(DAY) == ["expire 1 DAY"]


def test_day_lives_through_the_bar_that_ends_the_day(desk: Any) -> None:
    desk.now = DAY - 60_000_000_000
    desk.place("1", "BUY", "limit", 5, price=90, time_in_force=TimeInForce.DAY)
    desk.place("2", "BUY", "limit", 5, price=50, time_in_force=TimeInForce.DAY)
    assert desk.bar(100, 100, 90, 95) == ["fill 1 5@90 maker", "expire 2 DAY"]


def test_day_given_at_midnight_belongs_to_the_new_day(desk: Any) -> None:
    desk.now = DAY
    desk.place("1", "BUY", "limit", 5, price=90, time_in_force=TimeInForce.DAY)
    assert desk.on_time(2 * DAY - 1) == []
    assert desk.on_time(2 * DAY) == ["expire 1 DAY"]


def test_gtd_that_ends_inside_a_bar_does_not_get_its_range(desk: Any) -> None:
    """The price may have come after the order's end."""
    start = desk.now
    desk.place("1", "BUY", "limit", 5, price=90, time_in_force=GTD, expire_time=start + 1)
    assert desk.open(95) == []
    assert desk.bar(95, 95, 80, 80) == ["expire 1 GTD"]


def test_gtd_expires_before_the_open_at_its_time(desk: Any) -> None:
    start = desk.now
    desk.place("1", "BUY", "market", 5, time_in_force=GTD, expire_time=start + 10)
    desk.now = start + 10
    assert desk.open(95) == ["expire 1 GTD"]


def test_expiries_go_by_time_then_arrival_and_take_their_children(desk: Any) -> None:
    start = desk.now
    for order_id, end in (("1", 30), ("2", 20), ("3", 20)):
        desk.place(
            order_id, "BUY", "limit", 5, price=50, time_in_force=GTD, expire_time=start + end
        )
    desk.place("4", "SELL", "limit", 5, price=90, parent_order_id="2", time_in_force=GTD,
               expire_time=start + 30)  # fmt: skip
    assert desk.on_time(start + 40) == [
        "expire 2 GTD",
        "cancel 4 parent",
        "expire 3 GTD",
        "expire 1 GTD",
    ]


# -- latency ---------------------------------------------------------------------------------------


def test_latency_by_time_the_acceptance_comes_later_too(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(latency_ns=10))
    desk.quote(99, 101)
    assert desk.place("1", "BUY", "market", 5) == []
    assert desk.is_busy()
    assert desk.quote(99, 101, after=9) == []
    assert desk.quote(99, 102, after=1) == ["accept 1", "fill 1 5@102 taker"]
    assert not desk.is_busy()


def test_latency_by_time_arrives_with_time_alone(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(latency_ns=10))
    desk.place("1", "BUY", "limit", 5, price=90)
    desk.cancel("1")
    assert desk.on_time(9) == []
    assert desk.on_time(10) == ["accept 1", "cancel 1"]
    assert not desk.is_busy()


def test_latency_by_time_inside_a_bar_leaves_the_close(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(latency_ns=10))
    desk.bar(100, 100, 100, 100)
    desk.place("1", "BUY", "market", 5)
    desk.place("2", "BUY", "limit", 5, price=90)
    assert desk.open(100) == []
    assert desk.bar(100, 110, 80, 95) == ["accept 1", "accept 2", "fill 1 5@95 taker"]


def test_latency_holds_for_a_new_version_too(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(latency_ns=10))
    desk.place("1", "BUY", "limit", 5, price=90)
    desk.on_time(10)
    assert desk.replace("1", "2", "BUY", "limit", 5, price=91) == []
    assert desk.on_time(20) == ["replace 1 2"]


def test_latency_by_bars(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(latency_bars=1))
    desk.bar(100, 100, 100, 100)
    desk.place("1", "BUY", "market", 5)
    assert desk.open(101) == []
    assert desk.bar(101, 101, 101, 101) == ["accept 1"]
    assert desk.open(102) == ["fill 1 5@102 taker"]


def test_latency_by_bars_queues_several(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(latency_bars=2))
    desk.place("1", "BUY", "market", 5)
    assert desk.bar(100, 100, 100, 100) == []
    desk.place("2", "BUY", "market", 5)
    assert desk.bar(101, 101, 101, 101) == ["accept 1"]
    assert desk.bar(102, 102, 102, 102) == ["fill 1 5@102 taker", "accept 2"]
    assert desk.bar(103, 103, 103, 103) == ["fill 2 5@103 taker"]


# -- other items -----------------------------------------------------------------------------------


def test_other_items_do_nothing(desk: Any) -> None:
    desk.place("2", "BUY", "limit", 5, price=90)
    assert desk.show(DataGap(0, 1, "lost")) == []
    desk.place("1", "BUY", "market", 5)
    assert desk.show(DataGap(0, 1, "lost")) == []
    assert desk.bar(100, 100, 100, 100) == ["fill 1 5@100 taker"]


def test_an_instrument_may_change_on_the_way(desk: Any) -> None:
    old = desk.instrument
    new = Instrument(
        old.instrument_id, old.symbol, old.venue, old.instrument_class, old.base, old.quote,
        0, 0, 1, 1, taker_fee_ppm=10_000,
    )  # fmt: skip
    desk.place("1", "BUY", "market", 5)
    assert desk.show(InstrumentUpdated(new)) == []
    desk.bar(100, 100, 100, 100)
    assert desk.last[0].payload.commission == 5 * 10**8


@pytest.mark.parametrize(
    ("side", "more", "is_taken"),
    [
        ("BUY", {}, True),
        ("SELL", {}, False),
        ("BUY", {"strategy_id": "other"}, False),
    ],
)
def test_a_reduce_only_order_may_wait_for_an_own_entry(
    make_desk: Make, side: str, more: dict[str, Any], is_taken: bool
) -> None:
    desk = make_desk()
    desk.place("1", side, "limit", 5, price=50 if side == "BUY" else 150, **more)
    taken = desk.place("2", "SELL", "limit", 5, price=140, reduce_only=True)
    assert taken[0].split()[0] == ("accept" if is_taken else "reject")


def test_another_order_that_reduces_is_no_entry(make_desk: Make) -> None:
    desk = make_desk()
    desk.place("1", "SELL", "limit", 5, price=150)
    assert desk.place("2", "BUY", "limit", 5, price=50, reduce_only=True) == ["accept 2"]
    desk.cancel("1")
    taken = desk.place("3", "SELL", "limit", 5, price=140, reduce_only=True)
    assert taken[0].startswith("reject 3")
