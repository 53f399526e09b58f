"""Price, age, clocks, collar and our own resting orders."""

from __future__ import annotations

import pytest

from tradetui.domain.enums import OrderSide, OrderState, OrderType, Outcome, Scope
from tradetui.domain.reasons import Reason

UNIT = 10**8
BTC, ETH, PERP = "BTC/USD.SIM", "ETH/BTC.SIM", "BTC-PERP.SIM"
NOW = 20_000 * 86_400 * 10**9 + 3_600 * 10**9
BUY, SELL = OrderSide.BUY, OrderSide.SELL


def test_an_order_at_market_needs_a_price(world):
    del world.state.marks[BTC]
    assert world.place(order_type=OrderType.MARKET).decision.reason is Reason.NO_PRICE
    assert world.place().decision.outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "limit", [{"price_collar_ppm": 1}, {"max_data_age_ns": 1}, {"max_clock_skew_ns": 1}]
)
def test_a_limit_on_the_market_needs_a_price(world, limit):
    world.profile(**limit)
    del world.state.marks[BTC]
    assert world.place().decision.reason is Reason.NO_PRICE


def test_stale_data(world):
    world.profile(max_data_age_ns=2_000)
    world.profile(Scope.STRATEGY, "one", "tight", max_data_age_ns=1_000)
    world.mark(BTC, 10_000_00, event_time=NOW - 1_000)
    passing = world.place()
    assert passing.decision.outcome is Outcome.ALLOW
    assert world.gate(passing, Reason.DATA_AGE).limit == 1_000
    world.mark(BTC, 10_000_00, event_time=NOW - 1_001)
    verdict = world.place()
    assert verdict.decision.reason is Reason.DATA_AGE
    assert verdict.decision.profile == "tight"
    gate = world.gate(verdict, Reason.DATA_AGE)
    assert (gate.value, gate.scale) == (1_001, 9)


@pytest.mark.parametrize("skew", [501, -501])
def test_clocks_apart(world, skew):
    world.profile(max_clock_skew_ns=500)
    world.mark(BTC, 10_000_00, ingest_time=NOW + 500)
    assert world.place().decision.outcome is Outcome.ALLOW
    world.mark(BTC, 10_000_00, ingest_time=NOW + skew)
    verdict = world.place()
    assert verdict.decision.reason is Reason.CLOCK_SKEW
    assert world.gate(verdict, Reason.CLOCK_SKEW).value == 501


class TestCollar:
    """A limit price keeps to the collar, or is moved to it, on the passive side."""

    def test_a_price_within(self, world):
        world.profile(price_collar_ppm=10_000)
        verdict = world.place(price=10_100_00)
        assert verdict.decision.outcome is Outcome.ALLOW
        assert world.gate(verdict, Reason.PRICE_COLLAR).value == 10_000
        passive = world.place(price=1_00_00)
        assert world.gate(passive, Reason.PRICE_COLLAR).value == 0

    def test_a_purchase_is_moved_down(self, world):
        world.instrument(price_increment=7)
        world.profile(price_collar_ppm=10_000)
        verdict = world.place(price=10_500_00)
        assert verdict.decision.outcome is Outcome.MODIFY
        assert verdict.decision.reason is Reason.PRICE_COLLAR
        assert verdict.decision.profile == "p"
        assert verdict.decision.price == 10_500_00
        assert verdict.terms.price == 10_100_00 - 10_100_00 % 7
        assert verdict.decision.approved_price == verdict.terms.price
        assert verdict.decision.client_order_id == "tt-1"

    def test_a_sale_is_moved_up(self, world):
        world.instrument(PERP, price_increment=7)
        world.profile(price_collar_ppm=10_000)
        verdict = world.place(side=SELL, price=9_500_05, instrument_id=PERP, quantity=10)
        assert verdict.terms.price == 9_900_00 + 7 - 9_900_00 % 7

    def test_refused_where_it_may_not_be_moved(self, world):
        world.profile(price_collar_ppm=10_000, may_reduce=False)
        verdict = world.place(price=10_100_01)
        assert verdict.decision.reason is Reason.PRICE_COLLAR
        assert verdict.decision.outcome is Outcome.REJECT
        assert world.gate(verdict, Reason.PRICE_COLLAR).value == 10_001

    def test_a_profile_that_does_not_move_refuses_before_one_that_does(self, world):
        world.profile(price_collar_ppm=10_000, name="a")
        world.profile(Scope.GLOBAL, "", "b", price_collar_ppm=20_000, may_reduce=False)
        assert world.place(price=10_150_00).decision.outcome is Outcome.MODIFY
        verdict = world.place(price=10_300_00)
        assert verdict.decision.outcome is Outcome.REJECT
        assert verdict.decision.profile == "b"

    def test_refused_where_the_moved_order_is_not_legal(self, world):
        world.profile(price_collar_ppm=10_000)
        world.mark(BTC, 100)
        small = world.place(price=1_000, quantity=10 * UNIT)
        assert world.gate(small, Reason.PRICE_COLLAR).value == 9_000_000
        assert small.decision.outcome is Outcome.MODIFY
        tiny = world.place(price=1_000, quantity=UNIT * 2)
        assert tiny.decision.reason is Reason.PRICE_COLLAR
        assert tiny.decision.outcome is Outcome.REJECT
        world.instrument(price_increment=500, min_notional=0)
        none = world.place(price=1_000)
        assert none.decision.outcome is Outcome.REJECT

    def test_of_a_stop_limit_is_around_its_trigger(self, world):
        world.profile(price_collar_ppm=10_000)
        fields = {"order_type": OrderType.STOP_LIMIT, "trigger_price": 12_000_00}
        assert world.place(price=12_120_00, **fields).decision.outcome is Outcome.ALLOW
        assert world.place(price=12_130_00, **fields).terms.price == 12_120_00

    def test_needs_a_price_above_zero(self, world):
        world.profile(price_collar_ppm=10_000)
        world.mark(PERP, -5)
        verdict = world.place(instrument_id=PERP, price=-5, quantity=1)
        assert verdict.decision.reason is Reason.NO_PRICE

    def test_an_order_without_price_has_none(self, world):
        world.profile(price_collar_ppm=0)
        verdict = world.place(order_type=OrderType.MARKET)
        assert Reason.PRICE_COLLAR not in world.codes(verdict)


class TestSelfCross:
    """No order may trade with one of ours on the same route."""

    @pytest.fixture(autouse=True)
    def _guarded(self, world):
        world.profile(prevent_self_cross=True)
        world.profile(Scope.GLOBAL, "", "loose")

    @pytest.mark.parametrize(
        ("side", "resting", "price", "is_crossing"),
        [
            (BUY, 9_900_00, 9_900_00, True),
            (BUY, 9_900_01, 9_900_00, False),
            (SELL, 9_900_00, 9_900_00, True),
            (SELL, 9_899_99, 9_900_00, False),
        ],
    )
    def test_a_limit(self, world, side, resting, price, is_crossing):
        other = SELL if side is BUY else BUY
        world.work(other, 10, resting, owner="two", instrument_id=PERP)
        verdict = world.place(side=side, price=price, instrument_id=PERP, quantity=10)
        assert (verdict.decision.reason is Reason.SELF_CROSS) is is_crossing

    def test_an_order_at_market_takes_the_other_side(self, world):
        world.work(SELL, 10, 10_020_00, owner="two", instrument_id=PERP)
        fields = {"order_type": OrderType.MARKET, "instrument_id": PERP, "quantity": 10}
        assert world.place(**fields).decision.outcome is Outcome.ALLOW
        world.mark(PERP, 10_000_00, bid=9_980_00, ask=10_020_00)
        assert world.place(**fields).decision.reason is Reason.SELF_CROSS
        world.work(BUY, 10, 9_980_00, owner="two", instrument_id=PERP)
        assert world.place(side=SELL, **fields).decision.reason is Reason.SELF_CROSS

    def test_orders_that_do_not_rest_there(self, world):
        world.work(SELL, 10, 9_000_00, owner="two", instrument_id=PERP, route="shadow:two")
        world.work(
            SELL, 10, None, owner="two", instrument_id=PERP, order_type=OrderType.STOP,
            trigger_price=9_000_00,
        )  # fmt: skip
        world.work(
            SELL, 10, 9_000_00, owner="two", instrument_id=PERP,
            order_type=OrderType.STOP_LIMIT, trigger_price=9_000_00,
        )  # fmt: skip
        world.work(SELL, 10, 9_000_00, owner="two", instrument_id=PERP, state=OrderState.CREATED)
        world.work(BUY, 10, 11_000_00, owner="two", instrument_id=PERP)
        verdict = world.place(instrument_id=PERP, quantity=10)
        assert verdict.decision.outcome is Outcome.ALLOW

    def test_a_triggered_stop_limit_rests(self, world):
        world.work(
            SELL, 10, 9_000_00, owner="two", instrument_id=PERP, order={"is_triggered": True},
            order_type=OrderType.STOP_LIMIT, trigger_price=9_000_00,
        )  # fmt: skip
        verdict = world.place(instrument_id=PERP, quantity=10)
        assert verdict.decision.reason is Reason.SELF_CROSS

    def test_a_stop_cannot_cross_yet(self, world):
        world.work(SELL, 10, 9_000_00, owner="two", instrument_id=PERP)
        verdict = world.place(
            instrument_id=PERP, quantity=10, order_type=OrderType.STOP, trigger_price=10_100_00
        )
        assert verdict.decision.outcome is Outcome.ALLOW
