"""The cash of a spot route never goes below zero, however the market jumps.

Orders are judged at the price of then, with a cushion; what they cost is known when they fill. Here
every item may be far from the one before, two instances share a route, and nothing but the spot
market is traded.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace
from tests.property.profiles import cases, examples
from tests.property.walker import Act, Case
from tests.support.house import CAPPED, House
from tests.support.kernel_world import BTC, HELD, UNIT, config

from tradetui.core.venue.funds import INSUFFICIENT_FUNDS
from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.enums import OrderRole, OrderType
from tradetui.domain.intents import CancelOrder
from tradetui.domain.market_data import Bar, BarOpen, Quote
from tradetui.domain.units import div_floor

CASH = 1_000 * UNIT
VENUES = (
    VenueConfig(taker_fee_ppm=2_000, maker_fee_ppm=-300),
    VenueConfig(slippage_ppm=30_000, taker_fee_ppm=10_000),
    VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=500_000, taker_fee_ppm=1_000),
    VenueConfig(fee_in_base=True, taker_fee_ppm=1_500, maker_fee_ppm=700),
    CAPPED,
)


class CashWalk:
    """Carries out a case on a house with little money and a wild market."""

    def __init__(self, setup: Act) -> None:
        self._numbers = iter(setup)
        capabilities = (SIMULATED, HELD)[self.pick(2)]
        (route,) = config(capabilities).routes
        poor = replace(route, opening_cash=(("USD", CASH),))
        self.house = House(
            capabilities, VENUES[self.pick(len(VENUES))], routes=(poor,), is_checked=False
        )
        self.house.prints(10_000, UNIT)

    def pick(self, bound: int) -> int:
        return next(self._numbers, 0) % bound

    def price(self) -> int:
        """From half of 100.00 to four times that."""
        return 5_000 + self.pick(35_000)

    def quantity(self) -> int:
        """Nearly all that the money is enough for at the price of now, or a part of it."""
        mark = self.house.state.marks[BTC].price
        most = div_floor(max(self.house.state.cash["main", "USD"], 0), mark) * 100
        return max(div_floor(most * (98, 98, 50, 20)[self.pick(4)], 100_000) * 1_000, 1_000)

    def act(self, act: Act) -> None:
        self._numbers = iter(act)
        acts = (self.bar, self.quote, self.prints, self.buy, self.buy, self.buy, self.bracket,
                self.sell, self.cancel)  # fmt: skip
        acts[self.pick(len(acts))]()

    def prints(self) -> None:
        self.house.prints(self.price(), UNIT * (1 + self.pick(10)))

    def quote(self) -> None:
        price = self.price()
        self.house.show(Quote(price, UNIT, price + self.pick(100), UNIT))

    def bar(self) -> None:
        price, close, now = self.price(), self.price(), self.house.now
        if self.pick(2):
            self.house.offer(BarOpen(now, price))
        high, low = max(price, close) + self.pick(500), min(price, close) - self.pick(500)
        self.house.show(Bar(now, now + 1, price, high, low, close, UNIT * (1 + self.pick(20))))

    def buy(self) -> None:
        house, kind = self.house, self.pick(4)
        more: dict[str, Any] = {}
        limit = None if kind else self.price()
        if kind == 3:
            more = {"order_type": OrderType.STOP, "trigger_price": self.price()}
        name = ("one", "two")[self.pick(2)]
        house.intents(house.intent(self.quantity(), limit, **more), name=name)

    def bracket(self) -> None:
        house = self.house
        entry = house.intent(self.quantity(), None)
        stop = house.intent(
            -entry.quantity, None, order_type=OrderType.STOP, trigger_price=self.price(),
            role=OrderRole.STOP_LOSS, parent_order_id=entry.client_order_id, reduce_only=True,
        )  # fmt: skip
        house.intents(entry, stop)

    def sell(self) -> None:
        name = ("one", "two")[self.pick(2)]
        position = self.house.state.positions.get((name, "main", BTC))
        if position is not None and position.quantity > 0:
            order = self.house.intent(-position.quantity, None, role=OrderRole.EXIT)
            self.house.intents(order, name=name)

    def cancel(self) -> None:
        found = list(self.house.state.open_orders)
        if found:
            self.house.intents(CancelOrder(found[self.pick(len(found))]))


def check_case(case: Case) -> House:
    """Carry out a case; after every act the route owes nothing, and no invariant is broken."""
    walker = CashWalk(case.setup)
    house = walker.house
    for act in case.acts:
        walker.act(act)
        assert house.state.cash["main", "USD"] >= 0
        assert house.diagnostics == []
    return house


@given(cases(24))
@examples(6)
def test_a_spot_route_never_owes(case: Case) -> None:
    check_case(case)


def walked(seeds: range) -> list[House]:
    """Carry out some cases at random, always the same."""
    houses = []
    for seed in seeds:
        chance = random.Random(seed)
        acts = tuple(tuple(chance.randrange(1 << 16) for _ in range(8)) for _ in range(60))
        houses.append(check_case(Case((seed, seed), acts)))
    return houses


def test_the_walks_run_out_of_money() -> None:
    reasons = [order.reason for house in walked(range(8)) for order in house.state.orders.values()]
    assert reasons.count(INSUFFICIENT_FUNDS) > 10


def test_a_venue_that_lends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradetui.core.venue.filling.payable", lambda *known: known[3])
    with pytest.raises(AssertionError):
        walked(range(5))
