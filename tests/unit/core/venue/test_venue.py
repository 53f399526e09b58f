"""The venue as a whole: routes apart, its memory, its checkpoint, its silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tradetui.core.venue import book
from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.enums import TimeInForce
from tradetui.domain.ids import RouteId, StrategyId
from tradetui.domain.market_data import Bar

Make = Callable[..., Any]


def test_without_orders_nothing_is_looked_at(desk: Any) -> None:
    assert not desk.is_busy()
    assert desk.bar(100, 110, 90, 95) == []
    assert desk.venue._state.books == {}


def test_routes_are_apart(make_desk: Make) -> None:
    """Each has its own orders, positions and share of the volume."""
    desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=1_000_000))
    desk.place("1", "BUY", "market", 5, route_id="r")
    desk.place("2", "BUY", "market", 5, route_id="q")
    assert desk.trade(100, 5) == ["fill 1 5@100 taker", "fill 2 5@100 taker"]
    assert [event.payload.route_id for event in desk.last] == ["r", "q"]


def test_ids_count_up(desk: Any) -> None:
    desk.place("1", "BUY", "market", 5)
    assert desk.last[0].payload.venue_order_id == "SV1"
    desk.place("2", "BUY", "market", 5)
    desk.open(100)
    assert [event.payload.trade_id for event in desk.last] == ["ST1", "ST2"]


def test_a_dropped_route_is_forgotten(make_desk: Make) -> None:
    desk = make_desk(VenueConfig(latency_bars=1))
    for route, ids in (("shadow:s", "123"), ("r", "456")):
        desk.place(ids[0], "BUY", "limit", 5, price=50, route_id=route, oco_group="g")
        desk.place(
            ids[1], "SELL", "stop", 5, trigger_price=40, route_id=route, parent_order_id=ids[0]
        )
    desk.bar(100, 100, 100, 100)
    desk.place("3", "BUY", "market", 5, route_id="shadow:s")
    desk.place("6", "BUY", "market", 5, route_id="r")
    desk.venue.drop_route(RouteId("shadow:s"))
    desk.venue.drop_route(RouteId("never"))
    assert desk.bar(100, 100, 100, 100) == ["accept 6"]
    assert desk.bar(100, 100, 45, 45) == ["fill 6 5@100 taker", "fill 4 5@50 maker"]
    state = desk.venue._state
    assert [key[0] for key in state.positions] == ["r"]
    assert list(state.orders) == ["5"]
    assert list(state.brackets) == ["4"]
    assert state.groups == {}


def test_a_dropped_route_leaves_nothing_behind(desk: Any) -> None:
    desk.place("1", "BUY", "limit", 5, price=50)
    desk.venue.drop_route(RouteId("r"))
    assert not desk.is_busy()


@pytest.mark.parametrize("with_latency", [False, True])
def test_a_checkpoint_restores_everything(make_desk: Make, with_latency: bool) -> None:
    """The restored venue goes on exactly as the first one does."""
    config = VenueConfig(FillModel.VOLUME_CAP, latency_bars=int(with_latency))
    one, two = make_desk(config), make_desk()
    one.bar(100, 100, 100, 100)
    one.place("1", "BUY", "limit", 50, price=99, time_in_force=TimeInForce.DAY)
    one.place("2", "SELL", "stop", 50, trigger_price=90, parent_order_id="1", oco_group="g")
    one.place("3", "SELL", "trailing_stop", 50, trail_offset=5)
    one.bar(100, 100, 98, 99, volume=200)
    one.place("4", "BUY", "market", 5)
    saved = one.venue.checkpoint()
    two.venue.restore(saved)
    assert two.venue.checkpoint() == saved
    assert two.venue.config == config
    two.now = one.now
    seen = [
        [*d.open(99), *d.bar(99, 100, 85, 86), *d.bar(86, 86, 86, 86, volume=10**6)]
        for d in (one, two)
    ]
    assert seen[0] == seen[1]
    assert len(seen[0]) > 3
    assert one.venue.checkpoint() == two.venue.checkpoint()


def test_a_checkpoint_of_something_else_is_refused(desk: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        desk.venue.restore(b"\xc1")


def test_the_same_inputs_give_the_same_bytes(make_desk: Make) -> None:
    def run() -> tuple[bytes, list[str]]:
        desk = make_desk(VenueConfig(FillModel.VOLUME_CAP, slippage_ppm=100))
        seen = []
        for number in range(20):
            seen += desk.place(str(number), "BUY", "limit", 7, price=95 + number % 10)
            seen += desk.bar(100 + number % 3, 104, 93, 99 + number % 5, volume=90)
        return desk.venue.checkpoint(), seen

    assert run() == run()


def test_warm_up_bars_fill_nothing(desk: Any) -> None:
    desk.place("1", "BUY", "market", 5)
    bar = Bar(desk.now, desk.now + 1, 50, 50, 50, 50, 100, StrategyId("s"))
    assert desk.show(bar) == []
    assert desk.bar(100, 100, 100, 100) == ["fill 1 5@100 taker"]


def test_a_warm_up_bar_is_no_price_to_judge_by(make_desk: Make) -> None:
    desk = make_desk()
    desk.show(Bar(0, 1, 50, 50, 50, 50, 100, StrategyId("s")), 1)
    assert desk.place("1", "SELL", "limit", 5, price=40, post_only=True) == ["accept 1"]


def test_only_so_many_ended_orders_are_remembered(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "MAX_ENDED", 2)
    for number in range(5):
        desk.place(str(number), "BUY", "market", 1)
        desk.bar(100, 100, 100, 100)
    assert desk.place("c", "SELL", "stop", 1, trigger_price=90, parent_order_id="2") == ["accept c"]
    assert desk.place("d", "SELL", "stop", 1, trigger_price=90, parent_order_id="1") == [
        "reject d its parent order 1 is not here, or ended without a fill"
    ]


def test_only_so_many_ends_are_remembered(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MAX_ENDED", 2)
    for number in range(5):
        desk.place(str(number), "BUY", "market", 1)
        desk.bar(100, 100, 100, 100)
    assert desk.cancel("2") == []
    assert desk.cancel("1") == ["cancel-refused 1 no such order rests at the venue"]


def test_what_came_while_orders_rested_outlives_them(desk: Any) -> None:
    desk.quote(98, 102)
    desk.place("1", "BUY", "limit", 5, price=50)
    desk.quote(88, 92)
    desk.cancel("1")
    assert desk.place("2", "BUY", "limit", 5, price=95, post_only=True) == [
        "reject 2 post-only, and it would take at 92"
    ]


def test_a_market_seen_while_nothing_waited_is_remembered(desk: Any) -> None:
    """The newest item alone: what was known of the quote before it is stale."""
    desk.quote(98, 102)
    desk.trade(105)
    assert desk.place("1", "BUY", "limit", 5, price=104, post_only=True) == ["accept 1"]
    assert desk.place("2", "SELL", "limit", 5, price=104, post_only=True) == [
        "reject 2 post-only, and it would take at 105"
    ]


def test_settings_can_be_changed_between_two_items() -> None:
    venue = SimulatedVenue(VenueConfig(latency_ns=5))
    venue.change_settings(VenueConfig(slippage_ppm=3))
    assert venue.config == VenueConfig(slippage_ppm=3)
