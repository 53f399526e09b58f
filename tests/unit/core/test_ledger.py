"""The ledger: positions, cash, fees and days; the identities of the three accountings."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.kernel_world import BNB, BTC, CASH, INSTRUMENTS, PERP, UNIT, YES, World, codes

from tradetui.core import ledger
from tradetui.core.invariants import InvariantError
from tradetui.core.ledger import trade
from tradetui.core.valuation import equity, unrealised
from tradetui.domain.enums import OrderSide
from tradetui.domain.ids import EXTERNAL
from tradetui.domain.instruments import notional
from tradetui.domain.orders import Position
from tradetui.domain.units import NANOS_PER_DAY

SPOT, FUTURE, PREDICTION, COIN = INSTRUMENTS
FLAT = Position("one", "main", BTC)


class TestTrade:
    def test_opening_takes_the_notional_as_cost(self) -> None:
        position, realised = trade(FLAT, SPOT, 2 * UNIT, 10_000, 7)
        assert (position.quantity, position.cost, realised) == (2 * UNIT, 200 * UNIT, 0)
        assert position.opened_time == 7

    def test_adding_keeps_the_time_of_opening(self) -> None:
        position, _ = trade(FLAT, SPOT, UNIT, 10_000, 7)
        position, realised = trade(position, SPOT, UNIT, 20_000, 8)
        assert (position.cost, realised, position.opened_time) == (300 * UNIT, 0, 7)

    def test_closing_a_part_takes_its_share_of_the_cost_rounded_down(self) -> None:
        position = Position("one", "main", BTC, 3, 100, opened_time=1)
        position, realised = trade(position, FUTURE, -1, 10_000, 2)
        assert (position.quantity, position.cost) == (2, 67)
        assert realised == notional(FUTURE, 10_000, 1) - 33

    def test_the_last_close_takes_the_rest(self) -> None:
        position = Position("one", "main", BTC, 3, 100, opened_time=1)
        for _ in range(3):
            position, _ = trade(position, FUTURE, -1, 10_000, 2)
        assert (position.quantity, position.cost, position.opened_time) == (0, 0, 0)

    def test_a_short_position_has_a_negative_cost_rounded_down_too(self) -> None:
        position = Position("one", "main", BTC, -3, -100)
        position, realised = trade(position, FUTURE, 1, 0, 2)
        assert (position.quantity, position.cost) == (-2, -66)
        assert realised == 34

    def test_a_flip_through_zero_realises_the_old_and_opens_the_new(self) -> None:
        position, _ = trade(FLAT, SPOT, UNIT, 10_000, 7)
        position, realised = trade(position, SPOT, -3 * UNIT, 12_000, 9)
        assert realised == 20 * UNIT
        assert (position.quantity, position.cost) == (-2 * UNIT, -240 * UNIT)
        assert position.opened_time == 9

    @pytest.mark.parametrize("signed", [-7, -3, -2, 2, 5])
    @pytest.mark.parametrize("quantity", [-5, -2, 0, 2, 3])
    def test_money_is_neither_made_nor_lost(self, quantity: int, signed: int) -> None:
        start = Position("one", "main", BTC, quantity, 333 * quantity)
        after, realised = trade(start, FUTURE, signed, 9_999, 1)
        assert realised - (after.cost - start.cost) == -notional(FUTURE, 9_999, signed)
        assert after.quantity == quantity + signed


class TestSpot:
    def test_buying_moves_the_notional_and_the_fee(self) -> None:
        world = World()
        order_id = world.place(UNIT, 10_000)
        world.fill(order_id, UNIT, 10_000, fee=3)
        assert world.state.cash["main", "USD"] == CASH - 100 * UNIT - 3
        assert world.position().fees == 3

    def test_equity_is_cash_plus_quantity_times_price(self) -> None:
        world = World()
        world.hold(2 * UNIT, 10_000)
        world.trade(12_345)
        cash = world.state.cash["main", "USD"]
        assert equity(world.state, "main") == cash + notional(SPOT, 12_345, 2 * UNIT)

    def test_a_round_trip_ends_with_the_profit_in_cash(self) -> None:
        world = World()
        world.hold(UNIT, 10_000)
        world.hold(-UNIT, 11_000)
        position = world.position()
        assert (position.quantity, position.cost, position.realised_pnl) == (0, 0, 10 * UNIT)
        assert world.state.cash["main", "USD"] == CASH + 10 * UNIT

    def test_a_fill_says_what_it_realised_and_what_is_left(self) -> None:
        world = World()
        world.hold(2 * UNIT, 10_000)
        order_id = world.place(-UNIT, 9_000)
        fill = world.fill(order_id, UNIT, 11_000, fee=5).fills[0]
        assert (fill.realised_pnl, fill.position_after) == (10 * UNIT, UNIT)
        assert (fill.notional, fill.commission) == (110 * UNIT, 5)
        assert (fill.execution_id, fill.route_id) == ("acct", "main")


class TestFuture:
    def test_opening_moves_no_cash_but_the_fee(self) -> None:
        world = World()
        order_id = world.place(4, 10_000, instrument_id=PERP)
        world.fill(order_id, 4, 10_000, fee=7)
        assert world.state.cash["main", "USD"] == CASH - 7

    def test_equity_is_cash_plus_unrealised_with_the_multiplier(self) -> None:
        world = World()
        world.hold(4, 10_000, PERP)
        world.trade(10_100, PERP)
        assert unrealised(world.state, world.position(PERP)) == 4 * 100 * UNIT * 5 // 1_000
        assert equity(world.state, "main") == CASH + 4 * 100 * UNIT * 5 // 1_000

    def test_closing_moves_the_realised_profit(self) -> None:
        world = World()
        world.hold(-4, 10_000, PERP)
        world.hold(4, 9_900, PERP)
        assert world.state.cash["main", "USD"] == CASH + 4 * 100 * UNIT * 5 // 1_000
        assert world.position(PERP).realised_pnl == 4 * 100 * UNIT * 5 // 1_000

    def test_a_flip_through_zero_keeps_the_identity(self) -> None:
        world = World()
        world.hold(3, 10_000, PERP)
        world.hold(-5, 10_200, PERP)
        world.trade(10_300, PERP)
        gained = 3 * 200 - 2 * 100
        assert equity(world.state, "main") == CASH + gained * UNIT * 5 // 1_000


class TestPrediction:
    def test_equity_is_cash_plus_quantity_times_a_price_within_one(self) -> None:
        world = World()
        world.hold(100, 4_000, YES)
        assert world.state.cash["main", "USD"] == CASH - 40 * UNIT
        world.trade(7_000, YES)
        assert equity(world.state, "main") == CASH - 40 * UNIT + 70 * UNIT


class TestFees:
    def test_a_fee_in_the_base_coin_reduces_the_position(self) -> None:
        world = World()
        order_id = world.place(UNIT, 10_000)
        world.fill(order_id, UNIT, 10_000, fee=UNIT // 1_000, commission_currency="BTC")
        position = world.position()
        assert position.quantity == UNIT - UNIT // 1_000
        assert position.fees == UNIT // 10
        assert world.state.route_quantities["main", BTC] == position.quantity
        assert world.state.cash["main", "USD"] == CASH - 100 * UNIT
        assert ("main", "BTC") not in world.state.cash
        gained = position.realised_pnl - position.fees
        assert gained == -(UNIT // 10)
        open_pnl = unrealised(world.state, position)
        assert open_pnl is not None
        assert equity(world.state, "main") == CASH + gained + open_pnl

    def test_what_is_too_small_for_the_position_is_owed_in_the_coin(self) -> None:
        world = World()
        order_id = world.place(10_000, 50_000, instrument_id=BNB)
        fee = 10_000 * 3 + 1_234
        world.fill(order_id, 10_000, 50_000, fee=fee, commission_currency="BNB")
        assert world.position(BNB).quantity == 10_000 - 3
        assert world.state.cash["main", "BNB"] == -1_234

    def test_a_rebate_in_the_base_coin_adds_to_the_position(self) -> None:
        world = World()
        order_id = world.place(10_000, 50_000, instrument_id=BNB)
        world.fill(order_id, 10_000, 50_000, fee=-15_000, commission_currency="BNB")
        assert world.position(BNB).quantity == 10_002
        assert world.state.cash["main", "BNB"] == -5_000
        assert world.position(BNB).fees == -notional(COIN, 50_000, 2)

    def test_a_fee_in_a_third_currency_is_valued_at_the_mark(self) -> None:
        world = World()
        order_id = world.place(UNIT, 10_000)
        applied = world.fill(order_id, UNIT, 10_000, fee=UNIT // 100, commission_currency="BNB")
        assert applied.diagnostics == ()
        assert world.state.cash["main", "BNB"] == -UNIT // 100
        assert world.position().fees == 5 * UNIT
        assert world.position().quantity == UNIT

    def test_a_fee_without_a_rate_is_debited_and_said_never_guessed(self) -> None:
        world = World()
        order_id = world.place(UNIT, 10_000)
        applied = world.fill(order_id, UNIT, 10_000, fee=9, commission_currency="XYZ")
        assert codes(applied) == ["rate_unknown"]
        assert world.state.cash["main", "XYZ"] == -9
        assert world.position().fees == 0

    def test_a_base_coin_fee_of_a_future_is_a_third_currency(self) -> None:
        world = World()
        order_id = world.place(1, 10_000, instrument_id=PERP)
        world.fill(order_id, 1, 10_000, fee=100, commission_currency="BTC")
        assert world.position(PERP).quantity == 1
        assert world.state.cash["main", "BTC"] == -100
        assert world.position(PERP).fees == 10_000

    def test_scales_finer_than_money_have_no_rest(self) -> None:
        assert ledger.base_units(replace(SPOT, size_scale=10), 7) == (700, 0)


class TestDays:
    def test_a_day_adds_up_what_was_realised_and_paid(self) -> None:
        world = World()
        world.hold(UNIT, 10_000)
        order_id = world.place(-UNIT, 9_000)
        world.fill(order_id, UNIT, 11_000, fee=5)
        stats = world.state.days["one", "main", BTC]
        assert (stats.realised, stats.fees, stats.open_pnl_start) == (10 * UNIT, 5, 0)

    def test_a_new_utc_day_begins_with_the_marks_of_the_last(self) -> None:
        world = World()
        world.hold(UNIT, 10_000)
        world.trade(10_500)
        day = world.state.days["one", "main", BTC].day
        world.trade(12_000, after=NANOS_PER_DAY)
        stats = world.state.days["one", "main", BTC]
        assert (stats.day, stats.realised, stats.open_pnl_start) == (day + 1, 0, 5 * UNIT)

    def test_a_flat_position_has_no_day_to_begin(self) -> None:
        world = World()
        world.hold(UNIT, 10_000)
        world.hold(-UNIT, 10_000)
        world.trade(12_000, after=NANOS_PER_DAY)
        assert world.state.days == {}

    def test_the_days_first_fill_may_be_what_begins_it(self) -> None:
        world = World()
        world.hold(UNIT, 10_000)
        world.trade(10_100)
        order_id = world.place(UNIT, 9_000)
        world.now += NANOS_PER_DAY
        world.fill(order_id, UNIT, 9_000, fee=1)
        stats = world.state.days["one", "main", BTC]
        assert (stats.open_pnl_start, stats.fees) == (UNIT, 1)

    def test_an_open_position_without_a_mark_begins_at_nothing(self) -> None:
        world = World()
        world.hold(UNIT, 10_000)
        del world.state.marks[BTC]
        world.trade(50_000, BNB, after=NANOS_PER_DAY)
        assert world.state.days["one", "main", BTC].open_pnl_start == 0


class TestConservation:
    def test_sub_positions_add_up_to_the_route(self) -> None:
        world = World()
        world.hold(2 * UNIT, 10_000)
        order_id = world.place(UNIT, 9_000, name="two")
        world.fill(order_id)
        world.fill("stranger", UNIT)
        assert world.state.route_quantities["main", BTC] == 4 * UNIT
        assert world.position(name="two").quantity == UNIT
        assert world.position(name=EXTERNAL).quantity == UNIT

    def test_a_booking_that_moves_the_two_sums_apart_is_a_breach(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def one_too_many(*args: Any) -> tuple[Position, int]:
            after, realised = trade(*args)
            return replace(after, quantity=after.quantity + 1), realised

        world = World()
        world.hold()
        order_id = world.place(UNIT)
        monkeypatch.setattr(ledger, "trade", one_too_many)
        with pytest.raises(InvariantError, match=f"by {UNIT}, its sub-position by {UNIT + 1}"):
            world.fill(order_id, UNIT)


def test_a_short_sale_on_a_future_is_a_sell() -> None:
    world = World()
    order_id = world.place(-2, 10_000, instrument_id=PERP)
    world.fill(order_id, 2, 10_000)
    assert world.order(order_id).terms.side is OrderSide.SELL
    assert world.position(PERP).quantity == -2
