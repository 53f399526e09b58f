"""Limits on size: what is cut, what is refused, and which profile says so.

Also the tests of ``core/risk/case.py``, ``core/risk/sizing.py``.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradetui.core.risk.exposure import keys_in, other_exposure
from tradetui.core.risk.plan import scope_filter
from tradetui.core.state import Working
from tradetui.domain.enums import OrderSide, OrderType, Outcome, Scope
from tradetui.domain.intents import ReplaceOrder
from tradetui.domain.reasons import Reason

UNIT = 10**8
BTC, ETH, PERP = "BTC/USD.SIM", "ETH/BTC.SIM", "BTC-PERP.SIM"
SELL = OrderSide.SELL


def test_block_and_allow_lists(world):
    world.profile(name="a", block=("ETH/BTC",), allow=("BTC/USD",))
    passing = world.place()
    assert world.gate(passing, Reason.SYMBOL_BLOCKED).passed
    assert world.gate(passing, Reason.SYMBOL_NOT_ALLOWED).passed
    blocked = world.place(instrument_id=ETH, price=50_000)
    assert blocked.decision.reason is Reason.SYMBOL_BLOCKED
    assert "ETH/BTC by a" in blocked.decision.note
    other = world.place(instrument_id=PERP, quantity=1)
    assert other.decision.reason is Reason.SYMBOL_NOT_ALLOWED


class TestOrderQuantity:
    """The largest order."""

    def test_at_the_limit(self, world):
        world.profile(max_order_quantity=UNIT)
        verdict = world.place()
        assert verdict.decision.outcome is Outcome.ALLOW
        assert world.gate(verdict, Reason.MAX_ORDER_QUANTITY).limit == UNIT

    def test_is_cut_to_the_lot(self, world):
        world.profile(max_order_quantity=UNIT // 2 + 1)
        verdict = world.place()
        assert verdict.decision.outcome is Outcome.MODIFY
        assert verdict.decision.reason is Reason.MAX_ORDER_QUANTITY
        assert verdict.terms.quantity == UNIT // 2
        assert (verdict.decision.quantity, verdict.decision.approved_quantity) == (UNIT, UNIT // 2)

    def test_is_refused_below_the_least(self, world):
        world.profile(max_order_quantity=9_999)
        verdict = world.place()
        assert verdict.decision.outcome is Outcome.REJECT
        assert verdict.decision.reason is Reason.MAX_ORDER_QUANTITY
        assert "smallest" in verdict.decision.note

    def test_is_refused_where_it_may_not_be_cut(self, world):
        world.profile(max_order_quantity=UNIT // 2, may_reduce=False)
        assert world.place().decision.outcome is Outcome.REJECT

    @pytest.mark.parametrize(("size_scale", "quantity"), [(3, 1_000), (8, UNIT), (12, 10**12)])
    def test_is_in_base_units_whatever_the_scale(self, world, size_scale, quantity):
        world.instrument(size_scale=size_scale, size_increment=1, min_quantity=1)
        world.profile(max_order_quantity=UNIT, may_reduce=False)
        assert world.place(quantity=quantity).decision.outcome is Outcome.ALLOW
        assert world.place(quantity=quantity + 1).decision.reason is Reason.MAX_ORDER_QUANTITY

    def test_a_limit_beyond_64_bits_is_no_limit(self, world):
        world.instrument(PERP, size_scale=18, max_quantity=None)
        world.profile(max_order_quantity=2**62)
        verdict = world.place(instrument_id=PERP)
        assert world.gate(verdict, Reason.MAX_ORDER_QUANTITY).limit == 2**63 - 1

    def test_the_tightest_profile_wins_and_is_named(self, world):
        world.profile(max_order_quantity=UNIT, name="wide")
        world.profile(Scope.GLOBAL, "", "tight", max_order_quantity=UNIT // 2)
        world.profile(Scope.ROUTE, "main", "middle", max_order_quantity=UNIT * 3 // 4)
        verdict = world.place(quantity=2 * UNIT)
        assert verdict.decision.profile == "tight"
        assert verdict.terms.quantity == UNIT // 2

    def test_a_profile_that_does_not_cut_refuses_before_one_that_does(self, world):
        world.profile(max_order_quantity=UNIT, may_reduce=False, name="strict")
        world.profile(Scope.GLOBAL, "", "tight", max_order_quantity=UNIT // 2)
        assert world.place().decision.outcome is Outcome.MODIFY
        verdict = world.place(quantity=UNIT + 10_000)
        assert verdict.decision.outcome is Outcome.REJECT
        assert verdict.decision.profile == "strict"


class TestOrderNotional:
    """The most money in one order, at its own price."""

    def test_the_example_of_the_screen(self, world):
        world.instrument(min_notional=0)
        world.profile(max_order_notional=1_000 * UNIT)
        world.mark(BTC, 3_181_20)
        verdict = world.place(price=3_181_20, quantity=UNIT // 2)
        assert verdict.decision.outcome is Outcome.MODIFY
        assert world.gate(verdict, Reason.MAX_ORDER_NOTIONAL).value == 1_590_60 * UNIT // 100
        assert verdict.terms.quantity == 31_430_000

    def test_of_an_order_at_market_counts_the_other_side(self, world):
        world.mark(BTC, 10_000_00, bid=9_990_00, ask=10_010_00)
        world.profile(max_order_notional=20_000 * UNIT)
        verdict = world.place(order_type=OrderType.MARKET)
        assert world.gate(verdict, Reason.MAX_ORDER_NOTIONAL).value == 10_010 * UNIT

    def test_in_another_currency_is_converted(self, world):
        world.profile(max_order_notional=500 * UNIT)
        verdict = world.place(instrument_id=ETH, price=50_000)
        assert world.gate(verdict, Reason.MAX_ORDER_NOTIONAL).value == 500 * UNIT
        cut = world.place(instrument_id=ETH, price=50_000, quantity=2 * UNIT)
        assert cut.terms.quantity == UNIT

    def test_needs_a_rate(self, world):
        world.profile(max_order_notional=500 * UNIT)
        del world.state.marks[BTC]
        verdict = world.place(instrument_id=ETH, price=50_000)
        assert verdict.decision.reason is Reason.RATE_UNKNOWN
        assert "BTC" in verdict.decision.note

    def test_beyond_64_bits_is_refused_and_can_be_written_down(self, world):
        world.instrument(size_scale=0, size_increment=1)
        world.profile(max_order_notional=500 * UNIT, may_reduce=False)
        verdict = world.place(quantity=2**62)
        assert world.gate(verdict, Reason.NUMBER_RANGE).value == 2**63 - 1

    def test_a_cut_that_leaves_too_little_is_refused(self, world):
        world.profile(max_order_notional=9 * UNIT)
        verdict = world.place()
        assert verdict.decision.outcome is Outcome.REJECT
        assert verdict.decision.reason is Reason.MAX_ORDER_NOTIONAL


class TestPosition:
    """The largest position, all that works counted as filled."""

    def test_counts_what_works_and_cancels(self, world):
        world.hold(UNIT)
        world.work(quantity=UNIT)
        world.profile(max_position_quantity=4 * UNIT)
        verdict = world.place(quantity=2 * UNIT)
        assert verdict.decision.outcome is Outcome.ALLOW
        assert world.gate(verdict, Reason.MAX_POSITION_QUANTITY).value == 4 * UNIT
        cut = world.place(quantity=3 * UNIT)
        assert cut.terms.quantity == 2 * UNIT

    def test_that_is_full_refuses(self, world):
        world.hold(5 * UNIT)
        world.profile(max_position_quantity=4 * UNIT)
        verdict = world.place()
        assert verdict.decision.reason is Reason.MAX_POSITION_QUANTITY
        assert verdict.decision.outcome is Outcome.REJECT

    def test_short(self, world):
        world.hold(2_000, instrument_id=PERP)
        world.work(SELL, 1_000, 11_000_00, instrument_id=PERP)
        world.profile(max_position_quantity=UNIT)
        verdict = world.place(side=SELL, quantity=3_000, instrument_id=PERP, price=10_100_00)
        assert world.gate(verdict, Reason.MAX_POSITION_QUANTITY).value == 2_000
        assert verdict.terms.quantity == 2_000

    def test_of_a_scope(self, world):
        world.hold(UNIT, owner="two")
        world.hold(7 * UNIT, owner="EXTERNAL")
        world.work(owner="two")
        limits = {"max_position_quantity": 2 * UNIT, "may_reduce": False}
        world.profile(Scope.STRATEGY, "one", **limits)
        assert world.place(quantity=2 * UNIT).decision.outcome is Outcome.ALLOW
        for scope, key in (
            (Scope.ROUTE, "main"),
            (Scope.EXECUTION, "acct"),
            (Scope.GLOBAL, "ignored"),
        ):
            world.profile(scope, key, **limits)
            verdict = world.place()
            assert verdict.decision.reason is Reason.MAX_POSITION_QUANTITY
            assert world.gate(verdict, Reason.MAX_POSITION_QUANTITY).value == 3 * UNIT

    def test_each_profile_counts_its_own_scope(self, world):
        world.hold(UNIT, owner="two")
        world.profile(Scope.STRATEGY, "one", "own", max_position_quantity=5 * UNIT)
        world.profile(Scope.GLOBAL, "", "all", max_position_quantity=6 * UNIT)
        verdict = world.place(quantity=5 * UNIT)
        gates = [g for g in verdict.decision.gates if g.code is Reason.MAX_POSITION_QUANTITY]
        assert [(g.value, g.limit) for g in gates] == [
            (5 * UNIT, 5 * UNIT),
            (6 * UNIT, 6 * UNIT),
        ]

    def test_in_money_at_the_mark(self, world):
        world.hold(UNIT)
        world.profile(max_position_notional=25_000 * UNIT)
        verdict = world.place(price=5_000_00)
        assert world.gate(verdict, Reason.MAX_POSITION_NOTIONAL).value == 20_000 * UNIT
        cut = world.place(price=5_000_00, quantity=2 * UNIT)
        assert cut.decision.reason is Reason.MAX_POSITION_NOTIONAL
        assert cut.terms.quantity == UNIT * 3 // 2

    def test_in_money_without_a_mark_at_the_price(self, world):
        del world.state.marks[BTC]
        world.profile(max_position_notional=9_900 * UNIT, may_reduce=False)
        assert world.place().decision.outcome is Outcome.ALLOW
        assert world.place(price=9_900_01).decision.reason is Reason.MAX_POSITION_NOTIONAL

    def test_a_sale_out_of_a_larger_position_opens_none(self, world):
        world.hold(5_000, instrument_id=PERP)
        world.work(SELL, 4_000, 11_000_00, instrument_id=PERP)
        world.profile(max_position_notional=20_000 * UNIT)
        verdict = world.place(side=SELL, quantity=1_000, instrument_id=PERP, price=10_100_00)
        assert verdict.decision.is_reducing
        assert world.place(
            side=SELL, quantity=2_000, instrument_id=PERP, price=10_100_00
        ).decision.outcome is (Outcome.ALLOW)

    def test_in_money_of_another_currency(self, world):
        world.profile(max_position_notional=500 * UNIT)
        verdict = world.place(instrument_id=ETH, price=50_000)
        assert world.gate(verdict, Reason.MAX_POSITION_NOTIONAL).value == 500 * UNIT

    def test_in_money_below_zero(self, world):
        world.profile(max_position_notional=500 * UNIT)
        world.mark(PERP, -5_00)
        verdict = world.place(instrument_id=PERP, price=-5_00, quantity=1_000)
        assert world.gate(verdict, Reason.MAX_POSITION_NOTIONAL).value == 5 * UNIT

    def test_a_sale_that_others_outweigh_opens_none(self, world):
        world.hold(5_000, instrument_id=PERP, owner="two")
        world.profile(max_position_notional=0, may_reduce=False)
        verdict = world.place(side=SELL, quantity=1_000, instrument_id=PERP, price=10_100_00)
        assert world.gate(verdict, Reason.MAX_POSITION_NOTIONAL).value == 0

    def test_several_cuts_name_the_first(self, world):
        world.profile(max_order_quantity=5 * UNIT, max_position_notional=20_000 * UNIT)
        verdict = world.place(quantity=9 * UNIT)
        assert verdict.decision.reason is Reason.MAX_ORDER_QUANTITY
        assert verdict.terms.quantity == 2 * UNIT
        failed = [gate.code for gate in verdict.decision.gates if not gate.passed]
        assert failed == [Reason.MAX_ORDER_QUANTITY, Reason.MAX_POSITION_NOTIONAL]


class TestExposure:
    """The worst case over everything in the scope."""

    def test_adds_up_positions_and_orders(self, world):
        world.hold(UNIT)
        world.hold(-1_000, owner="two", instrument_id=PERP)
        world.work(SELL, 500, 10_000_00, owner="two", instrument_id=PERP)
        world.hold(UNIT, owner="two", instrument_id=ETH)
        world.profile(max_exposure=10**7 * UNIT)
        verdict = world.place()
        expected = 20_000 + 15_000 + 500
        assert world.gate(verdict, Reason.MAX_EXPOSURE).value == expected * UNIT

    def test_over_it_is_refused(self, world):
        world.profile(Scope.GLOBAL, "", max_exposure=10_000 * UNIT - 1)
        verdict = world.place()
        assert verdict.decision.reason is Reason.MAX_EXPOSURE
        assert verdict.decision.outcome is Outcome.REJECT

    def test_of_a_sale(self, world):
        world.profile(max_exposure=10**7 * UNIT)
        verdict = world.place(side=SELL, instrument_id=PERP, quantity=1_000, price=10_000_00)
        assert world.gate(verdict, Reason.MAX_EXPOSURE).value == 10_000 * UNIT

    def test_without_a_mark_counts_what_is_known(self, world):
        world.hold(UNIT)
        world.hold(1_000, 9_000_00, owner="two", instrument_id=PERP)
        world.work(quantity=500, price=8_000_00, owner="two", instrument_id=PERP)
        del world.state.marks[PERP]
        world.profile(max_exposure=10**7 * UNIT)
        verdict = world.place()
        assert world.gate(verdict, Reason.MAX_EXPOSURE).value == (20_000 + 9_000 + 4_000) * UNIT
        del world.state.marks[BTC]
        verdict = world.place()
        assert world.gate(verdict, Reason.MAX_EXPOSURE).value == (19_800 + 9_000 + 4_000) * UNIT

    def test_without_a_mark_or_a_position(self, world):
        world.work(SELL, 500, 8_000_00, owner="two", instrument_id=PERP)
        del world.state.marks[PERP]
        world.profile(max_exposure=10**7 * UNIT)
        verdict = world.place()
        assert world.gate(verdict, Reason.MAX_EXPOSURE).value == (10_000 + 4_000) * UNIT

    def test_of_one_alone_in_another_currency(self, world):
        world.profile(max_exposure=10**7 * UNIT)
        verdict = world.place(instrument_id=ETH, price=50_000)
        assert world.gate(verdict, Reason.MAX_EXPOSURE).value == 500 * UNIT

    def test_what_is_not_in_the_scope_does_not_count(self, world):
        world.hold(UNIT, owner="EXTERNAL")
        world.hold(UNIT, owner="two", route="shadow:two")
        world.work(owner="two")
        world.profile(Scope.STRATEGY, "one", max_exposure=10**7 * UNIT)
        assert world.gate(world.place(), Reason.MAX_EXPOSURE).value == 10_000 * UNIT
        world.profile(max_exposure=10**7 * UNIT)
        assert world.gate(world.place(), Reason.MAX_EXPOSURE).value == 20_000 * UNIT

    def test_of_a_smaller_version_is_that_of_the_old(self, world):
        world.profile(max_exposure=10**7 * UNIT)
        verdict = world.judge(ReplaceOrder(world.work(), "tt-9", quantity=UNIT // 2))
        assert world.gate(verdict, Reason.MAX_EXPOSURE).value == 10_000 * UNIT

    def test_the_sub_positions_of_a_scope(self, world):
        world.hold(UNIT, owner="two")
        world.work()
        world.hold(UNIT, owner="EXTERNAL")
        scope = scope_filter(world.state, Scope.GLOBAL, "")
        assert keys_in(world.state, scope) == [("one", "main", BTC), ("two", "main", BTC)]

    @pytest.mark.parametrize("is_working", [False, True])
    def test_needs_every_rate(self, world, is_working):
        world.hold(UNIT, owner="two", instrument_id=ETH)
        if is_working:
            world.work(owner="two", instrument_id=ETH, price=50_000)
        world.profile(max_exposure=10**7 * UNIT)
        del world.state.marks[BTC]
        assert world.place().decision.reason is Reason.RATE_UNKNOWN


def test_open_orders(world):
    world.profile(max_open_orders=2)
    world.work()
    world.work(instrument_id=PERP, quantity=1, owner="two")
    verdict = world.place()
    assert verdict.decision.reason is Reason.MAX_OPEN_ORDERS
    assert world.gate(verdict, Reason.MAX_OPEN_ORDERS).value == 3
    world.profile(Scope.STRATEGY, "one", max_open_orders=2)
    assert world.place().decision.outcome is Outcome.ALLOW


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    quantity=st.integers(1, 50_000).map(lambda lots: lots * 10_000),
    price=st.integers(1_00, 30_000_00),
    side=st.sampled_from(OrderSide),
    collar=st.none() | st.integers(0, 200_000),
    limits=st.fixed_dictionaries(
        {
            "max_order_quantity": st.none() | st.integers(0, 10 * UNIT),
            "max_order_notional": st.none() | st.integers(0, 10**5 * UNIT),
            "max_position_quantity": st.none() | st.integers(0, 10 * UNIT),
            "max_position_notional": st.none() | st.integers(0, 10**5 * UNIT),
        }
    ),
    may_reduce=st.booleans(),
    held=st.integers(0, 3).map(lambda n: n * UNIT // 2),
)
def test_modify_only_ever_reduces_risk(
    make_world, quantity, price, side, collar, limits, may_reduce, held
):
    """Never more, never more aggressive; legal; within every limit; and the ids stay."""
    world = make_world()
    world.instrument(
        PERP, size_scale=8, size_increment=10_000, max_quantity=None, min_notional=UNIT
    )
    world.hold(held, instrument_id=PERP)
    world.profile(price_collar_ppm=collar, may_reduce=may_reduce, **limits)
    verdict = world.place(instrument_id=PERP, quantity=quantity, price=price, side=side)
    decision, terms = verdict.decision, verdict.terms
    if terms is None:
        assert decision.outcome is Outcome.REJECT
        return
    is_buy = side is OrderSide.BUY
    assert 0 < terms.quantity <= quantity
    assert (terms.price <= price) if is_buy else (terms.price >= price)
    assert terms.quantity % 10_000 == 0
    assert terms.client_order_id == "tt-1"
    assert (decision.outcome is Outcome.ALLOW) is (
        (terms.quantity, terms.price) == (quantity, price)
    )
    if decision.is_reducing:
        assert decision.outcome is Outcome.ALLOW
        return
    after = held + terms.quantity if is_buy else terms.quantity - held
    for name, value in (
        ("max_order_quantity", terms.quantity),
        ("max_position_quantity", after),
        ("max_order_notional", terms.quantity * terms.price // 100),
        ("max_position_notional", after * 10_000),
    ):
        assert limits[name] is None or value <= limits[name]
    again = world.place(instrument_id=PERP, quantity=terms.quantity, price=terms.price, side=side)
    assert again.decision.outcome is Outcome.ALLOW


class TestTheExposureOfOthers:
    """What the sub-positions beside the order's own may come to."""

    OWN = ("one", "main", BTC)

    def exposure(self, world):
        scope = scope_filter(world.state, Scope.EXECUTION, "acct")
        return other_exposure(world.state, scope, self.OWN)

    def test_one_that_is_idle_adds_nothing(self, world):
        world.state.working["two", "main", BTC] = Working()
        world.state.working["two", "main", "RAIN-YES.SIM"] = Working()
        assert self.exposure(world) == 0

    def test_one_whose_currency_has_no_rate_cannot_be_counted(self, world):
        world.work(owner="two", instrument_id=ETH, price=50_000)
        assert self.exposure(world) is not None
        del world.state.marks[BTC]
        assert self.exposure(world) is None

    def test_it_is_the_same_for_orders_and_for_what_is_held(self, world):
        world.hold(UNIT, owner="two")
        held = self.exposure(world)
        world.state.positions.clear()
        world.state.totals = None
        world.work(owner="two", quantity=UNIT)
        assert self.exposure(world) == held == 10_000 * UNIT
