"""Every permutation and duplication of an order's reports comes to the same end.

What is promised: the money (cash, quantities, cost less realised profit, fees, what was filled and
for how much, which trades are known), and the end of the order where the reports say one. Not
promised: diagnostics; the route's halt (a fill after its order's end is an incident); how cost
and realised profit share what a fee in the base coin took (it is a sale at the average of the
moment); and, for two versions of an order, what the new one had left when a late fill of the old
one came.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.profiles import examples
from tests.support.kernel_world import BTC, PERP, UNIT, YES, World

from tradetui.domain.enums import InvariantPolicy, LiquiditySide, OrderSide, OrderState
from tradetui.domain.intents import CancelOrder, ReplaceOrder
from tradetui.domain.reports import (
    CancelRejected,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderReplaced,
)
from tradetui.domain.steps import Applied

LOT = {BTC: UNIT // 10, PERP: 1, YES: 1}
COINS = ("USD", "BTC", "BNB", "EUR")


@st.composite
def lives(draw: st.DrawFn) -> tuple[str, bool, list[object]]:
    """Draw a market, whether we asked to cancel, and the reports of one order's life."""
    market = draw(st.sampled_from((BTC, PERP, YES)))
    parts = draw(st.lists(st.integers(1, 4), min_size=0, max_size=4))
    end = draw(st.sampled_from(("filled", "cancelled", "expired", "open")))
    asked = draw(st.booleans())
    reports: list[object] = [OrderAccepted("main", "ttx-0001", "v1")]
    for number, part in enumerate(parts):
        price = draw(st.integers(3_000, 9_000))
        fee, coin = draw(st.integers(-20, 5_000)), draw(st.sampled_from(COINS))
        reports.append(
            OrderFilled("main", "ttx-0001", "v1", f"t{number}", OrderSide.BUY, part * LOT[market],
                        price, fee, coin, LiquiditySide.TAKER)
        )  # fmt: skip
    if end == "cancelled":
        reports.append(OrderCancelled("main", "ttx-0001"))
    elif end == "expired":
        reports.append(OrderExpired("main", "ttx-0001", "DAY"))
    elif asked:
        reports.append(CancelRejected("main", "ttx-0001", "no"))
    quantity = sum(parts) * LOT[market] or LOT[market]
    if end != "filled":
        quantity += LOT[market]
    return market, asked, [quantity, *reports]


def end_of(market: str, asked: bool, quantity: int, reports: list[object]) -> dict[str, object]:
    """Deliver reports in an order; return what is promised to be the same."""
    world = World(policy=InvariantPolicy.WARN)
    order_id = world.place(quantity, 9_000, instrument_id=market)
    if asked:
        world.intents(CancelOrder(order_id))
    for report in reports:
        world.event(report, market, after=0)
    return money(world)


def money(world: World) -> dict[str, object]:
    """Return what of a state no order of reports may change."""
    state = world.state
    return {
        "cash": state.cash,
        "positions": {
            key: (one.quantity, one.cost - one.realised_pnl, one.fees)
            for key, one in state.positions.items()
        },
        "route": state.route_quantities,
        "trades": sorted(state.trade_ids),
        "filled": {i: (o.filled_quantity, o.filled_cost) for i, o in state.orders.items()},
        "days": {key: (one.day, one.fees) for key, one in state.days.items()},
    }


@given(lives(), st.randoms(use_true_random=False))
@examples(30)
def test_every_order_of_reports_gives_the_same_money(
    life: tuple[str, bool, list[object]], chance: object
) -> None:
    market, asked, (quantity, *reports) = life
    assert isinstance(quantity, int)
    right = end_of(market, asked, quantity, reports)
    twice = [*reports, *reports[:2]]
    chance.shuffle(twice)  # type: ignore[attr-defined]
    assert end_of(market, asked, quantity, twice) == right


@given(lives(), st.randoms(use_true_random=False))
@examples(30)
def test_every_order_of_reports_gives_the_same_end(
    life: tuple[str, bool, list[object]], chance: object
) -> None:
    """The state of the order, too: it ends as the reports say, or stays open with as much left."""
    market, _, (quantity, *reports) = life
    reports = [one for one in reports if not isinstance(one, CancelRejected)]
    ends = {OrderCancelled: OrderState.CANCELLED, OrderExpired: OrderState.EXPIRED}
    filled = sum(one.last_quantity for one in reports if isinstance(one, OrderFilled))
    wanted = next((ends[type(one)] for one in reports if type(one) in ends), None)
    if wanted is None:
        wanted = OrderState.PARTIALLY_FILLED if filled else OrderState.ACCEPTED
        if filled == quantity:
            wanted = OrderState.FILLED
    chance.shuffle(reports)  # type: ignore[attr-defined]
    world = World(policy=InvariantPolicy.WARN)
    order_id = world.place(quantity, 9_000, instrument_id=market)  # type: ignore[arg-type]
    for report in [*reports, reports[0]]:
        world.event(report, market, after=0)
    order = world.order(order_id)
    assert (order.state, order.filled_quantity) == (wanted, filled)


@given(st.integers(0, 3), st.integers(0, 3), st.permutations(range(8)))
@examples(20)
def test_two_versions_of_an_order_give_the_same_money(
    old_fills: int, new_fills: int, order: list[int]
) -> None:
    """Both versions' fills, the word of the replace and the acceptances, however they come."""

    def end(places: list[int]) -> dict[str, object]:
        world = World(policy=InvariantPolicy.WARN)
        old = world.place(UNIT, 9_000)
        world.accept(old)
        new = world.next_id()
        assert world.intents(ReplaceOrder(old, new, price=9_100)).decisions[0].reason == ""
        reports: list[object] = [
            OrderReplaced("main", old, new, "v2"),
            OrderAccepted("main", old, "v1"),
        ]
        for number in range(old_fills + new_fills):
            which = old if number < old_fills else new
            reports.append(
                OrderFilled("main", which, "v", f"t{number}", OrderSide.BUY, UNIT // 10,
                            9_000 + number, 7, "USD", LiquiditySide.MAKER)
            )  # fmt: skip
        for place in places:
            if place < len(reports):
                world.event(reports[place], BTC, after=0)
        return money(world)

    assert end(order) == end(list(range(8)))


def test_a_ledger_that_forgets_trade_ids_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the tests: without the memory of trades, a duplicate is booked twice."""
    real = World.event

    def forgetful(self: World, *payload: Any, **more: Any) -> Applied:
        self.state.trade_ids.clear()
        return real(self, *payload, **more)

    monkeypatch.setattr(World, "event", forgetful)
    fill = OrderFilled(
        "main", "ttx-0001", "v1", "t1", OrderSide.BUY, UNIT, 9_000, 5, "USD", LiquiditySide.MAKER
    )
    prove: Any = test_every_order_of_reports_gives_the_same_money
    with pytest.raises(AssertionError):
        prove.hypothesis.inner_test((BTC, False, [2 * UNIT, fill]), random.Random(1))
