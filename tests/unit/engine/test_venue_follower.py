"""The simulated venue is brought through recorded steps and comes to the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine_kit import BTC, START, Steps, bar

from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.venue import SimulatedVenue
from tradetui.domain.control import InstanceUnloaded, ModeChanged
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import RouteId, StrategyId
from tradetui.domain.market_data import BarOpen, MarketItem
from tradetui.domain.steps import StepRecord
from tradetui.domain.units import NANOS_PER_SECOND
from tradetui.engine.venue_follower import VenueFollower, is_item, items_in, left_shadow
from tradetui.strategy import Strategy, bars

ROUTES = (RouteId("main"),)


class Busy(Strategy):
    """Rests orders, moves one, takes one back, and trades at market."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        turn = self.bars.count % 5
        if turn == 1:
            self.state["order"] = self.context.place_order("buy", 1.0, "limit", bar.close * 0.99)
        elif turn == 2 and self.context.get_orders():
            self.context.replace_order(self.state["order"], price=bar.close * 0.995)
        elif turn == 3:
            self.context.place_order("buy", 0.5)
        elif turn == 4:
            self.context.cancel_all_orders()


def with_opens(count: int) -> Iterator[MarketItem]:
    for number in range(count):
        closed = bar(number, 10_000 + 41 * (number % 5))
        payload: Any = closed.payload
        opened = BarOpen(payload.open_time, payload.open)
        yield MarketItem(payload.open_time, closed.venue, closed.instrument_id, opened)
        yield closed


def without_opens(count: int) -> Iterator[MarketItem]:
    return (item for item in with_opens(count) if not isinstance(item.payload, BarOpen))


def run(make_session: Any, items: Iterator[MarketItem], mode: InstanceMode) -> Any:
    session = make_session(check_every_step=False)
    session.add_strategy("a", Busy, [BTC.instrument_id], "acc", mode=mode)
    session.start(at=START)
    for item in items:
        session.loop.ingest(item)
    return session.loop


def follow(steps: list[StepRecord], feed: Iterator[MarketItem]) -> VenueFollower:
    follower = VenueFollower(SimulatedVenue(VenueConfig()), ROUTES, feed)
    for step in steps:
        follower.take(step)
    follower.end()
    return follower


@pytest.mark.parametrize("mode", [InstanceMode.ACTIVE, InstanceMode.OBSERVE])
@pytest.mark.parametrize("feed", [with_opens, without_opens])
def test_the_venue_comes_to_where_it_was(
    make_session: Any, steps: Steps, mode: InstanceMode, feed: Any
) -> None:
    loop = run(make_session, feed(40), mode)
    assert any(step.result.fills for step in steps.records)
    follower = follow(steps.records, feed(40))
    assert follower.strays == 0
    assert follower.opens == loop.opens_shown
    assert follower.venue.checkpoint() == loop.venue.checkpoint()


@pytest.mark.parametrize("act", ["unloaded", "activated"])
def test_the_book_of_an_instance_that_leaves_observe_is_dropped(
    make_session: Any, steps: Steps, act: str
) -> None:
    session = make_session(check_every_step=False)
    session.add_strategy("a", Busy, [BTC.instrument_id], "acc", mode=InstanceMode.OBSERVE)
    session.start(at=START)
    loop, feed = session.loop, with_opens(40)
    for item in islice(feed, 24):
        loop.ingest(item)
    if act == "unloaded":
        loop.unload_instance(StrategyId("a"), "me")
    else:
        loop.control(ModeChanged(StrategyId("a"), InstanceMode.ACTIVE, "me"))
    for item in feed:
        loop.ingest(item)
    follower = follow(steps.records, with_opens(40))
    assert (follower.strays, follower.opens) == (0, loop.opens_shown)
    assert follower.venue.checkpoint() == loop.venue.checkpoint()


class Lapsing(Strategy):
    """Rests an order under every bar that runs out within the next."""

    DATA = {"bars": bars("1m")}

    def on_bar(self, bar: Any) -> None:
        until = self.now + 30 * NANOS_PER_SECOND
        self.context.place_order("buy", 1.0, "limit", bar.close * 0.9, tif="gtd", expire=until)
        self.context.place_order("buy", 0.5)


def test_an_open_comes_before_what_runs_out_within_its_bar(make_session: Any, steps: Steps) -> None:
    session = make_session(check_every_step=False)
    session.add_strategy("a", Lapsing, [BTC.instrument_id], "acc")
    session.start(at=START)
    for item in with_opens(12):
        session.loop.ingest(item)
    assert "OrderExpired" in steps.types()
    follower = follow(steps.records, with_opens(12))
    assert (follower.strays, follower.opens) == (0, session.loop.opens_shown)
    assert follower.venue.checkpoint() == session.loop.venue.checkpoint()


def test_the_steps_themselves_are_the_feed_where_no_opens_are_shown(
    make_session: Any, steps: Steps
) -> None:
    loop = run(make_session, without_opens(40), InstanceMode.ACTIVE)
    assert list(items_in(steps.records)) == list(without_opens(40))
    assert sum(is_item(step.event) for step in steps.records) == 40
    follower = follow(steps.records, items_in(steps.records))
    assert (follower.strays, follower.venue.checkpoint()) == (0, loop.venue.checkpoint())


def test_a_report_that_the_venue_never_made_is_a_stray(make_session: Any, steps: Steps) -> None:
    run(make_session, without_opens(40), InstanceMode.ACTIVE)
    place = next(n for n, step in enumerate(steps.records) if step.result.fills)
    event = steps.records[place].event
    payload: Any = event.payload
    other = replace(event, payload=replace(payload, trade_id="made-up"))
    changed = list(steps.records)
    changed[place] = replace(changed[place], event=other)
    assert follow(changed, items_in(changed)).strays > 0


def test_orders_of_other_routes_are_not_handed_to_it(make_session: Any, steps: Steps) -> None:
    run(make_session, without_opens(12), InstanceMode.ACTIVE)
    follower = VenueFollower(SimulatedVenue(VenueConfig()), (), items_in(steps.records))
    for step in steps.records:
        follower.take(step)
    follower.end()
    assert follower.strays > 0
    assert follower.venue.checkpoint() != SimulatedVenue(VenueConfig()).checkpoint()


def test_which_acts_end_a_shadow_book() -> None:
    name = StrategyId("a")
    assert left_shadow(InstanceUnloaded(name, "me", "")) == name
    assert left_shadow(ModeChanged(name, InstanceMode.ACTIVE, "me")) == name
    assert left_shadow(ModeChanged(name, InstanceMode.OBSERVE, "me")) is None
    assert left_shadow(object()) is None
