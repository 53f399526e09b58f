"""What happened to a position since it was opened, step by step."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.support.kernel_world import BTC, PERP, UNIT, World

from tradetui.core.kernel import Kernel
from tradetui.domain.enums import InstanceMode, OrderRole, OrderSide, OrderType
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.replica import HoldingView
from tradetui.domain.steps import StepRecord, StepResult
from tradetui.runtime.holding_view import holding_of
from tradetui.runtime.trips import Trip, TripBook

KEY = ("one", "main", BTC)


class Told(Kernel):
    """A kernel that tells of each event what became of it."""

    book: TripBook | None = None

    def apply_event(self, envelope: Any) -> Any:
        applied = super().apply_event(envelope)
        result = StepResult(fills=applied.fills)
        if self.book is not None:
            self.book.take(StepRecord(envelope, (), (), applied.transitions, result), self.state)
        return applied


class Followed(World):
    """A world whose positions are followed."""

    kernel_class = Told

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.follow()

    def follow(self) -> TripBook:
        assert isinstance(self.kernel, Told)
        self.kernel.book = self.book = TripBook(self.state)
        return self.book

    def trip(self, key: Any = KEY) -> Trip:
        trip = self.book.of(key)
        assert trip is not None
        return trip

    def holding(self, stop: int | None = None, open_pnl: int | None = 0) -> HoldingView:
        found = holding_of(self.state, "one", BTC, self.book, stop, open_pnl)
        assert found is not None
        return found

    def stop_at(self, price: int) -> str:
        return self.place(
            -UNIT, None, order_type=OrderType.STOP, trigger_price=price, role=OrderRole.STOP_LOSS,
            reduce_only=True,
        )  # fmt: skip


@pytest.fixture
def world() -> Followed:
    return Followed()


def test_extremes_widen_with_every_price_since_the_first_fill(world: Followed) -> None:
    world.hold(UNIT, 10_000)
    world.trade(10_400)
    world.trade(9_700)
    assert (world.trip().high, world.trip().low) == (10_400, 9_700)
    world.trade(99_999, PERP)
    assert world.trip().high == 10_400
    world.event(Quote(9_601, 1, 9_599 + 4, 1), BTC)
    assert world.trip().low == 9_602
    world.event(Quote(0, 0, 9_000, 1), BTC)
    assert world.trip().low == 9_602


def test_of_the_bar_of_the_first_fill_only_the_close_counts(world: Followed) -> None:
    world.hold(UNIT, 10_000)
    opened = world.trip().since
    world.event(Bar(opened - 1, opened + 60, 9_000, 12_000, 8_000, 10_100, 1), BTC)
    assert (world.trip().high, world.trip().low) == (10_100, 10_000)
    world.event(Bar(opened, opened + 60, 9_900, 11_000, 9_500, 10_100, 1), BTC)
    assert (world.trip().high, world.trip().low) == (11_000, 9_500)
    world.event(Bar(opened, opened + 60, 1, 99_999, 1, 1, 1, "one"), BTC)
    assert world.trip().high == 11_000


def test_fills_and_fees_are_counted_until_it_is_flat(world: Followed) -> None:
    order = world.place(2 * UNIT, None)
    world.accept(order)
    world.fill(order, UNIT, 10_000, fee=3)
    world.fill(order, UNIT, 10_100, fee=4)
    assert (world.trip().fills, world.trip().fees) == (2, 7)
    world.close(2 * UNIT, 10_200)
    assert world.book.of(KEY) is None
    world.hold(UNIT, 10_300)
    assert (world.trip().fills, world.trip().low) == (1, 10_300)


def test_a_fee_in_the_base_coin_counts_at_the_price_and_one_in_a_third_is_not_known(
    world: Followed,
) -> None:
    order = world.place(2 * UNIT, None)
    world.accept(order)
    world.fill(order, UNIT, 10_000, fee=UNIT // 100, commission_currency="BTC")
    assert world.trip().fees == UNIT
    world.fill(order, UNIT // 2, 10_000, fee=5, commission_currency="BNB")
    world.fill(order, UNIT // 4, 10_000, fee=5)
    assert world.trip().fees is None
    assert world.holding().fees is None


def test_a_position_that_turns_is_another_one(world: Followed) -> None:
    key = ("one", "main", PERP)
    world.hold(2, 10_000, PERP)
    assert world.trip(key).is_long
    order = world.place(-5, None, instrument_id=PERP)
    world.accept(order)
    world.fill(order, 5, 9_900)
    assert not world.trip(key).is_long
    assert world.trip(key).fills == 1


def test_the_first_stop_is_kept_when_it_is_moved(world: Followed) -> None:
    world.hold(UNIT, 10_000)
    assert world.trip().first_stop is None
    stop = world.stop_at(9_500)
    world.accept(stop)
    assert world.trip().first_stop == 9_500
    later = world.replace(stop, trigger_price=9_800)
    world.accept(later)
    assert world.trip().first_stop == 9_500


def test_what_would_be_held_is_not_followed(world: Followed) -> None:
    world.load("seer", InstanceMode.OBSERVE)
    order = world.place(UNIT, None, name="seer")
    route = world.route_of(order)
    assert world.order(order).terms.side is OrderSide.BUY
    world.fill(order, UNIT, 10_000)
    assert world.state.positions["seer", route, BTC].quantity == UNIT
    assert world.book.of(("seer", route, BTC)) is None


def test_a_position_older_than_the_run_says_since_when_it_is_followed(world: Followed) -> None:
    world.hold(UNIT, 10_000)
    world.trade(12_000)
    world.follow()
    assert not world.trip().is_whole
    assert world.holding().best is None
    world.trade(10_100)
    found = world.holding()
    assert (found.best, found.worst) == (UNIT, UNIT)
    assert found.followed_since == world.trip().since
    assert found.fills == 0


def test_the_figures_of_a_long(world: Followed) -> None:
    world.hold(UNIT, 10_000)
    world.accept(world.stop_at(9_500))
    for price in (10_800, 9_800, 10_250):
        world.trade(price)
    found = world.holding(stop=9_500, open_pnl=2 * UNIT + UNIT // 2)
    assert found.worth == 10_250 * UNIT // 100
    assert (found.risk, found.open_bps, found.open_r) == (5 * UNIT, 250, 50)
    assert (found.best, found.worst) == (8 * UNIT, -2 * UNIT)
    assert found.followed_since is None
    assert world.holding(stop=10_100).risk == -UNIT


def test_the_figures_of_a_short_are_turned_round(world: Followed) -> None:
    order = world.place(-2, None, instrument_id=PERP)
    world.accept(order)
    world.fill(order, 2, 10_000)
    for price in (10_400, 9_600):
        world.trade(price, PERP)
    found = holding_of(world.state, "one", PERP, world.book, 10_500, 0)
    assert found is not None
    assert found.best == -found.worst == 4 * UNIT
    assert found.risk == 5 * UNIT
    assert found.open_r == 0


def test_without_a_stop_there_is_no_risk_to_measure_by(world: Followed) -> None:
    world.hold(UNIT, 10_000)
    found = world.holding(open_pnl=None)
    assert (found.risk, found.open_r, found.open_bps) == (None, None, None)


def test_flat_is_nothing(world: Followed) -> None:
    assert holding_of(world.state, "one", BTC, world.book, None, 0) is None


def test_each_of_several_has_its_own_extremes_whatever_the_order_of_prices() -> None:
    world = Followed()
    other = ("two", "main", BTC)
    world.load("two")
    prices = random.Random(7)
    seen: dict[Any, list[int]] = {KEY: [], other: []}
    world.hold(UNIT, 10_000)
    seen[KEY].append(10_000)
    for number in range(120):
        if number == 40:
            order_id = world.place(UNIT, None, name="two")
            world.accept(order_id)
            world.fill(order_id, UNIT, 9_900)
            for prices_seen in seen.values():
                prices_seen.append(9_900)
        price = 10_000 + prices.randrange(-80, 80) * (1 + number // 50)
        world.trade(price)
        for key, prices_seen in seen.items():
            if key == KEY or number >= 40:
                prices_seen.append(price)
    for key, prices_seen in seen.items():
        trip = world.trip(key)
        assert (trip.high, trip.low) == (max(prices_seen), min(prices_seen))
