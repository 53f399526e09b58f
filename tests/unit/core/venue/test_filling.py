"""How much of an order fills: what its route can pay for. (What an item has room for: the tests of
matching.)
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.unit.core.venue.conftest import Desk

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.enums import InstrumentClass, TimeInForce
from tradetui.domain.ids import RouteId
from tradetui.domain.units import CASH_SCALE

MakeDesk = Callable[..., Desk]
DOLLAR = 10**CASH_SCALE


def funded(desk: Desk, dollars: int) -> Desk:
    """Give the desk's route so much, whatever it has bought meanwhile."""
    desk.venue.fund(lambda route_id, currency: dollars * DOLLAR if route_id == "r" else 0)
    return desk


def test_a_gap_is_filled_as_far_as_the_money_goes(desk: Desk) -> None:
    funded(desk, 1_000)
    desk.place("a", "BUY", "market", 10)
    assert desk.bar(120, 121, 119, 120) == ["fill a 8@120 taker", "cancel a insufficient funds"]
    assert not desk.is_busy()


def test_what_can_be_paid_for_fills_whole(desk: Desk) -> None:
    funded(desk, 1_000)
    desk.place("a", "BUY", "market", 10)
    assert desk.bar(100, 101, 99, 100) == ["fill a 10@100 taker"]


def test_the_short_way_of_a_bar_and_the_long_one_agree(make_desk: MakeDesk) -> None:
    said = []
    for is_shown_before in (False, True):
        desk = funded(make_desk(VenueConfig(taker_fee_ppm=2_000, slippage_ppm=10_000)), 1_000)
        desk.bar(100, 100, 100, 100)
        desk.place("a", "BUY", "market", 10)
        lines = desk.open(110) if is_shown_before else []
        said.append(lines + desk.bar(110, 111, 109, 110))
    assert said[0] == said[1] == ["fill a 8@112 taker", "cancel a insufficient funds"]


def test_nothing_fills_where_there_is_nothing(desk: Desk) -> None:
    funded(desk, 99)
    desk.place("a", "BUY", "market", 10)
    assert desk.bar(100, 101, 99, 100) == ["cancel a insufficient funds"]


def test_a_route_without_cash_buys_nothing(desk: Desk) -> None:
    funded(desk, 1_000)
    desk.place("a", "BUY", "market", 1, route_id=RouteId("other"))
    assert desk.trade(100) == ["cancel a insufficient funds"]


def test_a_sale_needs_no_money(desk: Desk) -> None:
    funded(desk, 0)
    desk.place("a", "SELL", "market", 10)
    assert desk.bar(100, 101, 99, 100) == ["fill a 10@100 taker"]


def test_the_second_purchase_of_an_item_has_what_the_first_left(desk: Desk) -> None:
    funded(desk, 500)
    desk.place("a", "BUY", "limit", 3, price=99)
    desk.place("b", "BUY", "limit", 3, price=98)
    assert desk.trade(97) == [
        "fill a 3@99 maker",
        "fill b 2@98 maker",
        "cancel b insufficient funds",
    ]


def test_what_is_sold_at_the_open_pays_for_what_is_bought_in_the_range(desk: Desk) -> None:
    funded(desk, 0)
    desk.place("a", "SELL", "market", 2)
    desk.place("b", "BUY", "limit", 2, price=90)
    assert desk.bar(100, 101, 89, 95) == ["fill a 2@100 taker", "fill b 2@90 maker"]


def test_an_order_that_an_item_has_room_for_in_parts_goes_on_until_the_money_ends(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=1_000_000))
    desk.trade(100)
    funded(desk, 1_000).place("a", "BUY", "limit", 10, price=90)
    assert desk.trade(89, 4) == ["fill a 4@90 maker"]
    funded(desk, 350)
    assert desk.trade(89, 2) == ["fill a 2@90 maker"]
    funded(desk, 150)
    assert desk.trade(89, 4) == ["fill a 1@90 maker", "cancel a insufficient funds"]


def test_all_or_nothing_is_nothing(desk: Desk) -> None:
    funded(desk, 350)
    desk.place("a", "BUY", "limit", 4, price=100, time_in_force=TimeInForce.FOK)
    assert desk.trade(99) == ["cancel a insufficient funds"]


def test_children_follow_what_was_paid_for(desk: Desk) -> None:
    funded(desk, 1_000)
    desk.place("a", "BUY", "market", 10)
    desk.place("stop", "SELL", "stop", 10, trigger_price=90, parent_order_id="a")
    assert desk.trade(125) == [
        "fill a 8@125 taker",
        "amend stop 8 ^90",
        "cancel a insufficient funds",
    ]
    assert desk.trade(89) == ["trigger stop", "fill stop 8@89 taker"]


def test_a_future_is_not_paid_for(make_desk: MakeDesk) -> None:
    desk = funded(make_desk(instrument_class=InstrumentClass.FUTURE), 0)
    desk.place("a", "BUY", "market", 10)
    assert desk.bar(100, 101, 99, 100) == ["fill a 10@100 taker"]


def test_what_closes_a_short_prediction_is_paid_for_by_its_collateral(make_desk: MakeDesk) -> None:
    desk = make_desk(instrument_class=InstrumentClass.PREDICTION)
    desk.place("a", "SELL", "market", 10)
    assert desk.trade(40) == ["fill a 10@40 taker"]
    funded(desk, 100)
    desk.place("b", "BUY", "market", 15)
    assert desk.trade(60) == ["fill b 10@60 taker", "cancel b insufficient funds"]


@pytest.mark.parametrize("dollars", [1_000, 700])
def test_a_restored_venue_clips_the_same(desk: Desk, dollars: int) -> None:
    funded(desk, dollars)
    desk.place("a", "BUY", "market", 10)
    memory = desk.venue.checkpoint()
    first = desk.bar(120, 121, 119, 120)
    desk.venue.restore(memory)
    desk.now -= 60_000_000_000
    assert desk.bar(120, 121, 119, 120) == first
    assert len(first) == 2
