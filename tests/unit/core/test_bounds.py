"""Sums that 64 bits cannot hold: refused with a reason, and the engine goes on."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BTC, INSTRUMENTS, PERP, UNIT, World, codes

from tradetui.core.bounds import fill_fault
from tradetui.domain import codec
from tradetui.domain.enums import InvariantPolicy, LiquiditySide, OrderRole, OrderSide, Outcome
from tradetui.domain.intents import ReplaceOrder
from tradetui.domain.market_data import InstrumentUpdated, Trade
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import CashAdjusted, OrderFilled, PositionSettled
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import Applied
from tradetui.domain.units import I64_MAX, MONEY_BOUND

BIG = "BIG.SIM"
HIGH = 10**12
"""A price of BIG with which one coin is 10,000,000,000 units of money."""


def big_world(policy: InvariantPolicy = InvariantPolicy.STRICT) -> World:
    """Return a world with a coin of many decimals, dear, and money enough for five."""
    world = World(policy=policy)
    coin = replace(
        INSTRUMENTS[0], instrument_id=BIG, symbol="BIG", base="BIG", price_scale=2, size_scale=8,
        size_increment=1, price_increment=1,
    )  # fmt: skip
    world.event(InstrumentUpdated(coin), BIG)
    world.event(Trade(HIGH, 1), BIG)
    world.load("one", instruments=(BTC, PERP, BIG), limits=InstanceLimits(9 * 10**18))
    world.event(CashAdjusted("main", "USD", 5 * 10**18, "deposit"))
    return world


def stranger(world: World, quantity: int, price: int, **more: Any) -> Applied:
    """Report a fill of an order that we do not know."""
    world.trades_made += 1
    report = OrderFilled(
        "main", "stranger", "v", f"s{world.trades_made}", OrderSide.BUY, quantity, price, 0, "USD",
        LiquiditySide.TAKER,
    )  # fmt: skip
    applied = world.event(replace(report, **more), BIG)
    written(world, applied)
    return applied


def written(world: World, applied: Applied) -> None:
    """Encode all there is: what does not fit into 64 bits cannot be."""
    codec.encode(applied)
    world.kernel.checkpoint()


def fill(world: World, order_id: str, quantity: int, price: int, **more: Any) -> Applied:
    applied = world.fill(order_id, quantity, price, **more)
    written(world, applied)
    return applied


class TestOrders:
    def test_an_order_beyond_the_bound_is_refused(self) -> None:
        world = big_world()
        applied = world.intents(world.intent(5 * UNIT, HIGH, instrument_id=BIG))
        (decision,) = applied.decisions
        assert (decision.outcome, decision.reason) == (Outcome.REJECT, Reason.NUMBER_RANGE)
        last = decision.gates[-1]
        assert (last.value, last.limit) == (5 * 10**18, MONEY_BOUND)
        written(world, applied)

    def test_a_value_beyond_64_bits_can_be_written_down(self) -> None:
        world = big_world()
        applied = world.intents(world.intent(I64_MAX - 1, HIGH, instrument_id=BIG))
        assert applied.decisions[0].gates[-1].value == I64_MAX
        written(world, applied)

    def test_what_is_held_and_what_works_count(self) -> None:
        world = big_world()
        first = world.place(2 * UNIT, HIGH, instrument_id=BIG)
        fill(world, first, UNIT, HIGH)
        world.place(UNIT, HIGH, instrument_id=BIG)
        applied = world.intents(world.intent(2 * UNIT, HIGH, instrument_id=BIG))
        assert applied.decisions[0].reason is Reason.NUMBER_RANGE
        assert applied.decisions[0].gates[-1].value == 5 * 10**18

    def test_a_new_version_counts_instead_of_the_old_one(self) -> None:
        world = big_world()
        order = world.place(4 * UNIT, HIGH, instrument_id=BIG)
        world.accept(order)
        fits = world.intents(ReplaceOrder(order, world.next_id(), price=HIGH + HIGH // 10))
        assert fits.decisions[0].outcome is Outcome.ALLOW
        new = fits.decisions[0].client_order_id
        assert new is not None

    def test_what_has_no_price_is_not_measured(self) -> None:
        world = big_world()
        coin = replace(world.state.instruments[BIG], instrument_id="NEW.SIM", symbol="NEW")
        world.event(InstrumentUpdated(coin), "NEW.SIM")
        world.load("one", instruments=("NEW.SIM",), limits=InstanceLimits(9 * 10**18))
        applied = world.intents(world.intent(I64_MAX, None, instrument_id="NEW.SIM"))
        assert applied.decisions[0].reason is Reason.NO_PRICE

    def test_an_exit_is_bound_too(self) -> None:
        world = big_world()
        fill(world, world.place(UNIT, HIGH, instrument_id=BIG), UNIT, HIGH)
        exit_ = world.intent(-UNIT, 10 * HIGH, instrument_id=BIG, role=OrderRole.EXIT)
        assert world.intents(exit_).decisions[0].reason is Reason.NUMBER_RANGE
        near = world.intent(-UNIT, 2 * HIGH, instrument_id=BIG, role=OrderRole.EXIT)
        assert world.intents(near).decisions[0].outcome is Outcome.ALLOW

    def test_an_absurd_price_of_what_is_held_stops_nothing(self) -> None:
        world = big_world()
        fill(world, world.place(UNIT, HIGH, instrument_id=BIG), UNIT, HIGH)
        for price in (I64_MAX, 1):
            written(world, world.event(Trade(price, 1), BIG))
            written(world, world.intents(world.intent(UNIT, 9_000)))
            world.now += 24 * 3_600 * 10**9
        written(world, world.event(Trade(I64_MAX, 1), BIG))


class TestFills:
    @pytest.mark.parametrize(
        ("price", "more"),
        [
            (10 * HIGH, {}),
            (HIGH, {"commission": 9 * 10**18}),
            (I64_MAX, {"commission": 10**12, "commission_currency": "BIG"}),
            (HIGH, {"commission": I64_MAX, "commission_currency": "BNB"}),
            (HIGH, {"commission": I64_MAX, "commission_currency": "ODD"}),
        ],
    )
    def test_one_that_no_sum_can_hold_is_not_booked(self, price: int, more: dict[str, Any]) -> None:
        world = big_world()
        for currency in ("BNB", "ODD"):
            world.event(CashAdjusted("main", currency, 10**18, "deposit"))
        order = world.place(UNIT, HIGH, instrument_id=BIG)
        before = dict(world.state.cash)
        applied = fill(world, order, UNIT, price, **more)
        assert codes(applied) == ["number_range!"]
        assert "would not fit into 64 bits" in applied.diagnostics[0].message
        assert world.state.cash == before
        assert "main" in world.state.halted_routes
        assert world.order(order).filled_quantity == 0
        assert fill(world, order, UNIT, HIGH).fills

    def test_a_quantity_that_no_sum_can_hold_is_not_booked(self) -> None:
        world = big_world()
        world.event(Trade(1, 1), BIG)
        assert stranger(world, I64_MAX, 1, commission=UNIT).fills
        applied = stranger(world, I64_MAX, 1)
        assert codes(applied) == ["number_range!"]
        assert "a quantity of BIG" in applied.diagnostics[0].message

    def test_what_an_order_has_filled_counts(self) -> None:
        world = big_world()
        order = world.order(world.place(UNIT, HIGH, instrument_id=BIG))
        report = OrderFilled(
            "main", order.terms.client_order_id, "v", "t", OrderSide.BUY, UNIT, HIGH, 0, "USD",
            LiquiditySide.TAKER,
        )  # fmt: skip
        coin = world.state.instruments[BIG]
        assert fill_fault(world.state, "one", coin, report, order) == ""
        full = replace(order, filled_cost=9 * 10**18)
        assert "money of USD" in fill_fault(world.state, "one", coin, report, full)

    def test_whatever_a_venue_says_can_be_written_down(self) -> None:
        numbers = random.Random(7)
        world = big_world(InvariantPolicy.ROUTE_HALT)
        booked = refused = 0
        for _ in range(400):
            quantity, price = (numbers.randrange(1, 2 ** numbers.randrange(2, 63)) for _ in "ab")
            side = numbers.choice((OrderSide.BUY, OrderSide.SELL))
            fee = numbers.randrange(2 ** numbers.randrange(1, 63))
            currency = numbers.choice(("USD", "BIG", "BNB"))
            applied = stranger(
                world, quantity, price, side=side, commission=fee, commission_currency=currency
            )
            booked += bool(applied.fills)
            refused += not applied.fills
        assert booked > 20
        assert refused > 20


class TestMoney:
    def test_money_that_no_sum_can_hold_is_not_booked(self) -> None:
        world = World()
        world.event(CashAdjusted("main", "USD", 9 * 10**18, "deposit"))
        before = dict(world.state.cash)
        applied = world.event(CashAdjusted("main", "USD", 9 * 10**18, "deposit"))
        assert codes(applied) == ["number_range!"]
        assert world.state.cash == before
        assert "deposit cannot be booked" in world.state.halted_routes["main"]
        written(world, applied)

    def test_nor_is_money_of_a_position(self) -> None:
        world = World()
        world.hold()
        for _ in range(2):
            world.event(CashAdjusted("main", "USD", 3 * 10**18, "funding", "one"), BTC)
            paid = world.event(CashAdjusted("main", "USD", -3 * 10**18, "withdrawal"))
            assert paid.diagnostics == ()
        assert world.position().realised_pnl == 6 * 10**18
        applied = world.event(CashAdjusted("main", "USD", 4 * 10**18, "funding", "one"), BTC)
        assert codes(applied) == ["number_range!"]
        written(world, applied)

    def test_a_settlement_that_no_sum_can_hold_is_not_booked(self) -> None:
        world = World()
        world.hold(UNIT, 10_000)
        applied = world.event(PositionSettled("main", I64_MAX), BTC)
        assert codes(applied) == ["number_range!"]
        assert world.position().quantity == UNIT
        written(world, applied)
        assert world.event(PositionSettled("main", 10_000), BTC).diagnostics == ()
        assert world.position().quantity == 0
