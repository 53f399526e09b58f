"""Orders that reduce have a short list of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tradetui.domain.enums import (
    KillState,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Outcome,
    Scope,
    Support,
)
from tradetui.domain.reasons import Reason

UNIT = 10**8
BTC, PERP = "BTC/USD.SIM", "BTC-PERP.SIM"
SELL = OrderSide.SELL


@pytest.mark.parametrize("role", [OrderRole.EXIT, OrderRole.STOP_LOSS, OrderRole.TAKE_PROFIT])
def test_an_order_for_reducing_keeps_to_the_position(world, role):
    assert world.exit(role=role).decision.reason is Reason.REDUCE_ONLY
    world.hold(UNIT)
    verdict = world.exit(role=role)
    assert verdict.decision.outcome is Outcome.ALLOW
    assert verdict.decision.is_reducing
    assert verdict.terms.reduce_only
    more = world.exit(UNIT + 10_000, role=role)
    assert more.decision.reason is Reason.REDUCE_ONLY
    assert world.gate(more, Reason.REDUCE_ONLY).limit == UNIT
    wrong = world.exit(role=role, side=OrderSide.BUY)
    assert wrong.decision.reason is Reason.REDUCE_ONLY
    assert world.gate(wrong, Reason.REDUCE_ONLY).limit == 0


def test_buying_back_a_short(world):
    world.hold(-10, instrument_id=PERP)
    verdict = world.exit(10, side=OrderSide.BUY, instrument_id=PERP)
    assert verdict.decision.outcome is Outcome.ALLOW
    assert world.exit(11, side=OrderSide.BUY, instrument_id=PERP).decision.reason is (
        Reason.REDUCE_ONLY
    )


def test_an_exit_passes_although_a_stop_rests_for_all_of_it(world):
    world.hold(UNIT)
    world.work(
        SELL, price=None, order_type=OrderType.STOP, trigger_price=9_000_00,
        role=OrderRole.STOP_LOSS, reduce_only=True,
    )  # fmt: skip
    assert world.exit().decision.outcome is Outcome.ALLOW


def test_a_plain_sale_of_what_is_free_reduces(world):
    world.hold(2 * UNIT)
    plain = {"side": SELL, "order_type": OrderType.MARKET}
    verdict = world.place(quantity=2 * UNIT, **plain)
    assert verdict.decision.is_reducing
    assert not verdict.terms.reduce_only
    world.work(SELL, price=11_000_00)
    assert world.place(quantity=UNIT, **plain).decision.is_reducing
    short = world.place(quantity=UNIT + 10_000, **plain)
    assert not short.decision.is_reducing
    assert short.decision.reason is Reason.SHORTING


def test_a_plain_purchase_against_a_short_reduces(world):
    world.hold(-10, instrument_id=PERP)
    assert world.place(quantity=10, instrument_id=PERP).decision.is_reducing
    world.work(quantity=4, instrument_id=PERP)
    assert not world.place(quantity=7, instrument_id=PERP).decision.is_reducing
    assert world.place(quantity=6, instrument_id=PERP).decision.is_reducing


def test_reduce_only_is_set_only_where_it_can_be_kept(make_world):
    import msgspec

    base = make_world().state.routes["main"].capabilities
    world = make_world(msgspec.structs.replace(base, reduce_only=Support.NONE))
    world.hold(UNIT)
    verdict = world.exit()
    assert verdict.decision.outcome is Outcome.ALLOW
    assert not verdict.terms.reduce_only
    assert world.exit(reduce_only=True).decision.reason is Reason.CAPABILITY


class TestChild:
    """A child follows its parent's fills."""

    def place(self, world: Any, parent: str, **fields: Any) -> Any:
        fields.setdefault("side", SELL)
        fields.setdefault("price", 11_000_00)
        fields.setdefault("role", OrderRole.TAKE_PROFIT)
        return world.place(parent_order_id=parent, **fields)

    def test_of_an_open_parent(self, world):
        verdict = self.place(world, world.work())
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.decision.is_reducing
        gate = world.gate(verdict, Reason.QUANTITY_FROM_PARENT)
        assert (gate.value, gate.limit) == (UNIT, UNIT)

    def test_of_a_new_version_counts_what_the_old_one_filled(self, world):
        parent = world.work(quantity=UNIT // 2)
        world.state.carried_fills[parent] = UNIT // 2
        assert self.place(world, parent).decision.outcome is Outcome.ALLOW

    def test_is_cut_to_its_parent(self, world):
        verdict = self.place(world, world.work(quantity=UNIT // 2))
        assert verdict.decision.outcome is Outcome.MODIFY
        assert verdict.decision.reason is Reason.QUANTITY_FROM_PARENT
        assert verdict.terms.quantity == UNIT // 2
        assert verdict.decision.quantity == UNIT

    def test_too_small_when_cut(self, world):
        world.instrument(min_quantity=UNIT)
        verdict = self.place(world, world.work(quantity=UNIT // 2))
        assert verdict.decision.reason is Reason.QUANTITY_FROM_PARENT
        assert verdict.decision.outcome is Outcome.REJECT

    def test_is_on_the_other_side(self, world):
        verdict = self.place(world, world.work(), side=OrderSide.BUY)
        assert verdict.decision.reason is Reason.REDUCE_ONLY

    def test_of_a_closed_parent_keeps_to_the_position(self, world):
        parent = world.work(state=OrderState.FILLED, filled=UNIT)
        assert self.place(world, parent).decision.reason is Reason.REDUCE_ONLY
        world.hold(UNIT)
        assert self.place(world, parent).decision.outcome is Outcome.ALLOW

    def test_that_enters_is_judged_as_an_entry(self, world):
        world.hold(UNIT)
        verdict = self.place(world, world.work(), role=OrderRole.ENTRY)
        assert not verdict.decision.is_reducing
        assert Reason.BUDGET in world.codes(verdict)

    def test_without_parent(self, world):
        verdict = self.place(world, "tt-7")
        assert verdict.decision.reason is Reason.UNKNOWN_ORDER
        assert verdict.decision.client_order_id == "tt-1"

    def test_of_a_parent_on_another_market(self, world):
        parent = world.work(instrument_id=PERP, quantity=5)
        assert self.place(world, parent).decision.reason is Reason.UNKNOWN_ORDER

    def test_of_another_instance(self, world):
        assert self.place(world, world.work(owner="two")).decision.reason is Reason.NOT_OWNER


def test_no_limit_on_entries_refuses_or_shrinks_it(world):
    """Everything that can stop an entry is wrong at once; the exit passes, in full."""
    world.hold(UNIT, price=20_000_00)
    world.state.marks[BTC] = type(world.state.marks[BTC])(5_000_00, 0, 10**18)
    world.change(paused=True, held=True, has_error=True, exit_only="x", is_warm=False)
    world.limit(budget=0, max_orders_per_hour=0, max_fees_per_day=0, max_loss_per_day=0)
    world.state.halted_routes["main"] = "broken"
    world.kill(KillState.REDUCING)
    world.work(owner="two", price=4_000_00, order={"is_unknown": True})
    world.state.cash.clear()
    zeros = dict.fromkeys(
        (
            "max_order_quantity", "max_order_notional", "max_position_quantity",
            "max_position_notional", "max_exposure", "max_open_orders", "max_orders",
            "price_collar_ppm", "max_daily_loss", "max_drawdown_ppm", "max_data_age_ns",
            "max_clock_skew_ns",
        ),
        0,
    )  # fmt: skip
    for scope, key in (
        (Scope.GLOBAL, ""),
        (Scope.EXECUTION, "acct"),
        (Scope.ROUTE, "main"),
        (Scope.STRATEGY, "one"),
    ):
        world.profile(
            scope, key, f"zero-{scope}", block=("BTC/USD",), allow=("X",),
            prevent_self_cross=True, **zeros,
        )  # fmt: skip
    for fields in (
        {"order_type": OrderType.MARKET},
        {"order_type": OrderType.LIMIT, "price": 100_00},
        {"order_type": OrderType.STOP, "trigger_price": 4_000_00, "role": OrderRole.STOP_LOSS},
    ):
        verdict = world.exit(**fields)
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.terms.quantity == UNIT
        assert verdict.terms.price == fields.get("price")
    assert world.place().decision.outcome is Outcome.REJECT
