"""Kernel and simulated venue together: whatever is asked and whatever the market does, they agree.

The reports of this venue are valid by construction, so that nothing may be said to be impossible:
no incident, and after every act the open orders of the kernel are those at the venue, with the same
fills. Where the venue itself keeps reduce-only, no coin is sold that was not there. Where it does
not, the kernel sees to that for what executes at once; only an order that rests at the venue can
fill in the same item as another exit, which no kernel can see before.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from tests.property.profiles import cases, examples
from tests.property.walker import LOTS, NEAR, ROUTES, Act, Case
from tests.support.house import CAPPED, House
from tests.support.kernel_world import BTC, PERP, UNIT, YES

from tradetui.core.venue.models import FillModel, VenueConfig
from tradetui.core.venue.triggers import is_stop
from tradetui.domain.enums import OrderRole, OrderState, OrderType, Support, TimeInForce
from tradetui.domain.intents import CancelOrder, ReplaceOrder
from tradetui.domain.market_data import Bar, Quote
from tradetui.domain.orders import Order

VENUES = (
    CAPPED,
    VenueConfig(),
    VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=300_000, slippage_ppm=2_000),
    VenueConfig(FillModel.VOLUME_CAP, volume_share_ppm=1_000_000, fee_in_base=True,
                taker_fee_ppm=1_500, maker_fee_ppm=700),
)  # fmt: skip


class HouseWalk:
    """Carries out a case on a house."""

    def __init__(self, setup: Act) -> None:
        self._numbers = iter(setup)
        self.house = House(ROUTES[self.pick(len(ROUTES))], VENUES[self.pick(len(VENUES))])
        for instrument_id, near in NEAR.items():
            self.house.prints(near, LOTS.get(instrument_id, 1), instrument_id)

    def pick(self, bound: int) -> int:
        return next(self._numbers, 0) % bound

    def act(self, act: Act) -> None:
        self._numbers = iter(act)
        acts = (self.prints, self.prints, self.prints, self.bar, self.quote, self.place,
                self.place, self.bracket, self.cancel, self.replace)  # fmt: skip
        acts[self.pick(len(acts))]()

    def market(self) -> str:
        return (BTC, PERP, YES)[self.pick(3)]

    def price(self, market: str) -> int:
        near = NEAR[market]
        offset = self.pick(near // 8)
        return (near + (offset + 1) // 2 * (-1 if offset % 2 else 1)) // 5 * 5

    def prints(self) -> None:
        market = self.market()
        self.house.prints(self.price(market), LOTS[market] * (1 + self.pick(30)), market)

    def bar(self) -> None:
        market = self.market()
        price, wide, close = self.price(market), self.pick(500), self.price(market)
        high, low = max(price, close) + wide, min(price, close) - wide
        volume = LOTS[market] * (1 + self.pick(50))
        now = self.house.now
        self.house.show(Bar(now, now + 1, price, high, low, close, volume), market)

    def quote(self) -> None:
        market = self.market()
        price, size = self.price(market), LOTS[market] * (1 + self.pick(20))
        self.house.show(Quote(price - 5, size, price + 5, size), market)

    def place(self) -> None:
        house, market = self.house, self.market()
        quantity = LOTS[market] * (1 + self.pick(10)) * (-1 if self.pick(3) == 2 else 1)
        price, kind = self.price(market), self.pick(6)
        more: dict[str, Any] = {"instrument_id": market}
        if quantity < 0:
            more["role"] = (OrderRole.EXIT, OrderRole.STOP_LOSS)[self.pick(2)]
        if kind == 5:
            more |= {"order_type": OrderType.STOP, "trigger_price": price}
        elif kind == 4:
            more |= {"order_type": OrderType.TRAILING_STOP, "trail_offset": 5 * (1 + price % 50)}
        elif kind == 3:
            more["time_in_force"] = (TimeInForce.IOC, TimeInForce.FOK)[self.pick(2)]
        if self.pick(8) == 7:
            more["oco_group"] = f"g{self.pick(2)}"
        limit = price if kind in (0, 1, 3) else None
        house.intents(house.intent(quantity, limit, **more))

    def bracket(self) -> None:
        house, market = self.house, self.market()
        lot, near = LOTS[market] * (1 + self.pick(6)), NEAR[market]
        entry = house.intent(lot, self.price(market), instrument_id=market)
        common: dict[str, Any] = {
            "instrument_id": market, "parent_order_id": entry.client_order_id,
            "oco_group": f"b{entry.client_order_id}", "reduce_only": True,
        }  # fmt: skip
        guard: dict[str, Any] = {
            "order_type": OrderType.STOP, "trigger_price": (near - self.pick(near // 6)) // 5 * 5,
        }  # fmt: skip
        if self.pick(3) == 2:
            guard = {"order_type": OrderType.TRAILING_STOP, "trail_offset": near // 60 * 5}
        stop = house.intent(-lot, None, role=OrderRole.STOP_LOSS, **guard, **common)
        above = (near + self.pick(near // 6)) // 5 * 5
        target = house.intent(-lot, above, role=OrderRole.TAKE_PROFIT, **common)
        house.intents(entry, stop, target)

    def order(self) -> Order | None:
        found = list(self.house.state.open_orders.values())
        return found[-1 - self.pick(len(found))] if found else None

    def cancel(self) -> None:
        order = self.order()
        if order is not None:
            self.house.intents(CancelOrder(order.terms.client_order_id))

    def replace(self) -> None:
        order = self.order()
        if order is None:
            return
        terms = order.terms
        price = None if terms.price is None else self.price(terms.instrument_id)
        trigger = None if terms.trigger_price is None else self.price(terms.instrument_id)
        quantity = LOTS[terms.instrument_id] * (1 + self.pick(8)) if self.pick(3) == 2 else None
        if price is None and trigger is None and quantity is None:
            quantity = LOTS[terms.instrument_id]
        self.house.intents(
            ReplaceOrder(terms.client_order_id, self.house.next_id(), quantity, price, trigger)
        )


def check_agreement(house: House) -> None:
    """Check that kernel and venue know the same open orders, with the same fills."""
    at_venue = {
        order_id: order
        for order_id, order in house.venue._state.orders.items()
        if not order.is_done
    }
    ours = {
        order_id: order
        for order_id, order in house.state.open_orders.items()
        if order.state is not OrderState.CREATED
    }
    assert sorted(ours) == sorted(at_venue)
    for order_id, order in ours.items():
        assert order.filled_quantity == at_venue[order_id].filled, order_id


def check_sold_once(house: House, before: int) -> None:
    """Check that no fill since the first ``before`` sold coins that were not there, but together
    with an order that rested at a venue which does not know reduce-only.
    """
    capabilities = house.state.routes["main"].capabilities
    fills = house.fills[before:]
    if not any(f.instrument_id == BTC and f.position_after < 0 for f in fills):
        return
    assert capabilities.reduce_only is Support.HELD, "sold more than there was"
    terms = [house.state.orders[fill.client_order_id].terms for fill in fills]
    assert any(
        one.price is not None or (is_stop(one) and capabilities.stop is not Support.HELD)
        for one in terms
    ), "orders that execute at once sold more than there was"


def check_case(case: Case) -> HouseWalk:
    """Carry out a case; check after every act."""
    walker = HouseWalk(case.setup)
    for act in case.acts:
        fills = len(walker.house.fills)
        walker.act(act)
        check_agreement(walker.house)
        check_sold_once(walker.house, fills)
    incidents = [one.message for one in walker.house.diagnostics if one.is_incident]
    assert incidents == []
    return walker


@given(cases(40))
@examples(20)
def test_kernel_and_venue_agree(case: Case) -> None:
    check_case(case)


def test_the_walks_trade_and_guard() -> None:
    fills = guards = 0
    for seed in range(6):
        chance = random.Random(seed)
        acts = tuple(tuple(chance.randrange(1 << 16) for _ in range(8)) for _ in range(80))
        house = check_case(Case((seed,), acts)).house
        fills += len(house.fills)
        guards += sum(o.terms.role is OrderRole.STOP_LOSS for o in house.state.orders.values())
    assert fills > 50
    assert guards > 20


def test_a_venue_that_fills_once_more_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    acts = tuple(tuple(chance.randrange(1 << 16) for _ in range(8)) for _ in range(80))
    real = House.event

    def wrong(self: House, payload: Any, instrument_id: str = "", **more: Any) -> Any:
        if type(payload).__name__ == "OrderCancelled" and payload.reason == "":
            return real(self, Quote(1, UNIT, 2, UNIT), instrument_id, **more)
        return real(self, payload, instrument_id, **more)

    monkeypatch.setattr(House, "event", wrong)
    with pytest.raises(AssertionError):
        check_case(Case((0,), acts))
