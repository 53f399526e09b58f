"""Money: what can be paid for, sold short, held on margin, and what the budget allows."""

from __future__ import annotations

import msgspec

from tradetui.domain.enums import OrderSide, OrderState, OrderType, Outcome
from tradetui.domain.reasons import Reason

UNIT = 10**8
BTC, ETH, PERP, YES = "BTC/USD.SIM", "ETH/BTC.SIM", "BTC-PERP.SIM", "RAIN-YES.SIM"
SELL = OrderSide.SELL


class TestBalance:
    """A purchase is paid from what no working order may take."""

    def test_with_the_fee(self, world):
        world.state.cash["main", "USD"] = 9_909_90 * UNIT // 100
        verdict = world.place()
        gate = world.gate(verdict, Reason.AVAILABLE_BALANCE)
        assert verdict.decision.outcome is Outcome.ALLOW
        assert gate.value == gate.limit == 9_909_90 * UNIT // 100
        world.state.cash["main", "USD"] -= 1
        verdict = world.place()
        assert verdict.decision.reason is Reason.AVAILABLE_BALANCE
        assert verdict.decision.note == "USD free on main"

    def test_without_fees_or_with_a_rebate(self, world):
        world.instrument(taker_fee_ppm=0, maker_fee_ppm=-500)
        world.work(owner="two", quantity=UNIT, price=10_000_00)
        gate = world.gate(world.place(), Reason.AVAILABLE_BALANCE)
        assert gate.value == 9_900 * UNIT
        assert gate.limit == 990_000 * UNIT

    def test_at_market_has_a_cushion(self, world):
        verdict = world.place(order_type=OrderType.MARKET)
        value = 10_100 * UNIT
        assert world.gate(verdict, Reason.AVAILABLE_BALANCE).value == value + value // 1_000

    def test_what_works_is_reserved_with_its_fee(self, world):
        world.work(owner="two", price=10_000_00)
        world.work(owner="two", instrument_id=ETH, price=50_000)
        world.work(owner="two", instrument_id=PERP, price=10_000_00, quantity=1_000)
        world.work(owner="two", route="shadow:two")
        gate = world.gate(world.place(), Reason.AVAILABLE_BALANCE)
        assert gate.limit == (1_000_000 - 10_010) * UNIT

    def test_what_works_may_be_more_than_the_cash(self, world):
        world.work(quantity=200 * UNIT, owner="two")
        verdict = world.place()
        assert verdict.decision.reason is Reason.AVAILABLE_BALANCE
        assert world.gate(verdict, Reason.AVAILABLE_BALANCE).limit < 0

    def test_in_its_own_currency(self, world):
        world.state.cash["main", "USD"] = 0
        assert world.place(instrument_id=ETH, price=50_000).decision.outcome is Outcome.ALLOW
        del world.state.cash["main", "BTC"]
        verdict = world.place(instrument_id=ETH, price=50_000)
        assert verdict.decision.note == "BTC free on main"

    def test_is_never_cut(self, world):
        world.profile(max_order_quantity=10 * UNIT)
        world.state.cash["main", "USD"] = 100 * UNIT
        assert world.place().decision.outcome is Outcome.REJECT


class TestShorting:
    """On a spot market nobody sells what he has not; elsewhere the route must be able to."""

    def test_spot(self, world):
        verdict = world.place(side=SELL)
        assert verdict.decision.reason is Reason.SHORTING
        assert verdict.decision.note == "nothing to sell"
        world.hold(UNIT)
        verdict = world.place(side=SELL, quantity=2 * UNIT)
        assert world.gate(verdict, Reason.SHORTING).value == UNIT
        assert "not yet for sale" in verdict.decision.note

    def test_future(self, make_world):
        base = make_world().state.routes["main"].capabilities
        for shorting in (True, False):
            world = make_world(msgspec.structs.replace(base, shorting=shorting))
            world.hold(100, instrument_id=PERP)
            verdict = world.place(side=SELL, instrument_id=PERP, quantity=101)
            assert (verdict.decision.outcome is Outcome.ALLOW) is shorting
            assert shorting or verdict.decision.reason is Reason.SHORTING

    def test_a_parented_sale_within_the_position(self, world):
        world.hold(UNIT)
        verdict = world.place(side=SELL, parent_order_id=world.work())
        assert world.gate(verdict, Reason.SHORTING).passed


class TestPrediction:
    """A contract pays one or nothing: who sells it short may have to pay one."""

    def test_a_purchase_costs_its_price(self, world):
        gate = world.gate(
            world.place(instrument_id=YES, quantity=100, price=40), Reason.AVAILABLE_BALANCE
        )
        assert gate.value == 40 * UNIT

    def test_a_short_sale_needs_what_it_may_lose(self, world):
        world.instrument(YES, taker_fee_ppm=10_000)
        verdict = world.place(instrument_id=YES, side=SELL, quantity=100, price=40)
        gate = world.gate(verdict, Reason.AVAILABLE_BALANCE)
        assert gate.value == 60 * UNIT + 40 * UNIT // 100

    def test_only_what_is_not_held_is_short(self, world):
        world.hold(30, instrument_id=YES)
        world.work(SELL, 10, 50, instrument_id=YES)
        verdict = world.place(instrument_id=YES, side=SELL, quantity=100, price=40)
        gate = world.gate(verdict, Reason.AVAILABLE_BALANCE)
        assert gate.value == 80 * 60 * UNIT // 100

    def test_shorts_and_working_sales_hold_cash_back(self, world):
        world.instrument(YES, price_max=100)
        world.hold(-50, 40, instrument_id=YES, owner="two")
        world.work(SELL, 10, 30, instrument_id=YES, owner="two")
        world.work(quantity=10, price=20, instrument_id=YES, owner="two")
        gate = world.gate(world.place(), Reason.AVAILABLE_BALANCE)
        held_back = 50 + 7 + 2
        assert gate.limit == (1_000_000 - held_back) * UNIT

    def test_shorts_of_futures_and_elsewhere_do_not(self, world):
        world.hold(-50, instrument_id=PERP, owner="two")
        world.hold(-50, instrument_id=YES, owner="two", route="shadow:two")
        world.instrument(ETH, instrument_class=world.state.instruments[YES].instrument_class)
        world.hold(-50, instrument_id=ETH, owner="two")
        gate = world.gate(world.place(), Reason.AVAILABLE_BALANCE)
        assert gate.limit == 1_000_000 * UNIT


class TestMargin:
    """Futures need initial margin from the route's equity in their currency."""

    def test_of_position_and_orders_at_worst(self, world):
        world.hold(1_000, instrument_id=PERP)
        world.work(quantity=500, price=9_000_00, instrument_id=PERP, owner="two")
        verdict = world.place(instrument_id=PERP, quantity=1_000, price=9_900_00)
        assert world.gate(verdict, Reason.MARGIN).value == (2_000 + 500) * UNIT
        assert Reason.AVAILABLE_BALANCE not in world.codes(verdict)

    def test_equity_counts_open_profit_and_loss(self, world):
        world.state.cash["main", "USD"] = 2_000 * UNIT
        world.hold(1_000, 9_500_00, instrument_id=PERP)
        gate = world.gate(world.place(instrument_id=PERP, quantity=1), Reason.MARGIN)
        assert gate.limit == 2_500 * UNIT

    def test_too_little(self, world):
        world.state.cash["main", "USD"] = 990 * UNIT
        verdict = world.place(instrument_id=PERP, quantity=1_000)
        assert verdict.decision.reason is Reason.MARGIN
        assert verdict.decision.note == "USD equity on main"

    def test_of_a_short_sale(self, world):
        verdict = world.place(side=SELL, instrument_id=PERP, quantity=1_000, price=10_000_00)
        assert world.gate(verdict, Reason.MARGIN).value == 1_000 * UNIT
        del world.state.cash["main", "USD"]
        refused = world.place(side=SELL, instrument_id=PERP, quantity=1_000, price=10_000_00)
        assert refused.decision.reason is Reason.MARGIN

    def test_only_futures_of_the_route_and_currency_count(self, world):
        world.hold(UNIT)
        world.hold(1_000, instrument_id=PERP, owner="two", route="shadow:two")
        verdict = world.place(instrument_id=PERP, quantity=1_000)
        assert world.gate(verdict, Reason.MARGIN).value == 1_000 * UNIT


class TestBudget:
    """What an instance may tie up: cost of positions and notional of orders, futures by margin."""

    def test_a_position_counts_at_cost_and_orders_at_their_price(self, world):
        world.hold(UNIT, 8_000_00)
        world.work(price=7_000_00)
        world.limit(budget=24_900 * UNIT)
        verdict = world.place()
        assert verdict.decision.outcome is Outcome.ALLOW
        assert world.gate(verdict, Reason.BUDGET).value == 24_900 * UNIT
        world.limit(budget=24_900 * UNIT - 1)
        verdict = world.place()
        assert verdict.decision.reason is Reason.BUDGET
        assert verdict.decision.outcome is Outcome.REJECT

    def test_every_market_of_the_instance_counts_and_no_other(self, world):
        world.hold(UNIT, 50_000, instrument_id=ETH)
        world.work(SELL, 1_000, 10_000_00, instrument_id=PERP)
        world.hold(10, 40, instrument_id=YES)
        world.work(quantity=10, price=30, instrument_id=YES)
        world.hold(UNIT, owner="two")
        world.hold(UNIT, route="shadow:one")
        gate = world.gate(world.place(), Reason.BUDGET)
        assert gate.value == (500 + 1_000 + 4 + 3 + 9_900) * UNIT

    def test_what_closes_frees_and_never_less_than_nothing(self, world):
        world.hold(-10, 8_000_00, instrument_id=PERP)
        world.hold(UNIT, 8_000_00, instrument_id=YES)
        world.state.positions["one", "main", YES] = msgspec.structs.replace(
            world.state.positions["one", "main", YES], quantity=0, cost=0
        )
        gate = world.gate(world.place(), Reason.BUDGET)
        assert gate.value == (8 + 9_900) * UNIT

    def test_of_a_sale(self, world):
        verdict = world.place(side=SELL, instrument_id=PERP, quantity=1_000, price=10_000_00)
        assert world.gate(verdict, Reason.BUDGET).value == 1_000 * UNIT

    def test_in_the_reporting_currency(self, world):
        verdict = world.place(instrument_id=ETH, price=50_000)
        assert world.gate(verdict, Reason.BUDGET).value == 500 * UNIT

    def test_needs_every_rate(self, world):
        del world.state.marks[BTC]
        assert world.place(instrument_id=ETH, price=50_000).decision.reason is Reason.RATE_UNKNOWN
        world.hold(UNIT, 50_000, instrument_id=ETH)
        verdict = world.place()
        assert verdict.decision.reason is Reason.RATE_UNKNOWN
        gate = world.gate(verdict, Reason.RATE_UNKNOWN)
        assert (gate.value, gate.limit, gate.scale) == (0, 1, 0)

    def test_of_a_smaller_version_adds_nothing(self, world):
        from tradetui.domain.intents import ReplaceOrder

        order_id = world.work(price=9_000_00, state=OrderState.ACCEPTED)
        verdict = world.judge(ReplaceOrder(order_id, "tt-9", price=8_000_00))
        assert world.gate(verdict, Reason.BUDGET).value == 9_000 * UNIT
