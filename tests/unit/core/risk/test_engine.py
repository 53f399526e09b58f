"""One decision for every intent: its gates, its reason, its terms.

Also the tests of ``core/risk/judgement.py``, ``core/risk/kill_switches.py``.
"""

from __future__ import annotations

import msgspec
import pytest

from tradetui.core.risk.engine import decide_close
from tradetui.core.risk.kill_switches import strictest
from tradetui.core.risk.verdict import GATE_ORDER
from tradetui.domain.enums import (
    HeldBy,
    InstanceMode,
    KillState,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Outcome,
    Scope,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder, NoOp, ReplaceOrder, SetRiskFlag
from tradetui.domain.orders import Position
from tradetui.domain.reasons import Reason

UNIT = 10**8
BTC, ETH, PERP = "BTC/USD.SIM", "ETH/BTC.SIM", "BTC-PERP.SIM"


def test_a_group_is_of_one_market(world):
    world.work(oco_group="g")
    world.work(oco_group="g", state=OrderState.FILLED, instrument_id=PERP)
    assert world.place(oco_group="g").decision.outcome is Outcome.ALLOW
    assert world.place("two", oco_group="g", instrument_id=PERP, quantity=1).terms is not None
    decision = world.place(oco_group="g", instrument_id=PERP).decision
    assert (decision.reason, decision.note) == (
        Reason.SCHEMA,
        f"oco_group g is of orders on {BTC}",
    )


def test_a_sound_entry_is_allowed_with_its_terms(world):
    verdict = world.place(time_in_force=TimeInForce.DAY, post_only=True, oco_group="g")
    decision, terms = verdict.decision, verdict.terms
    assert decision.outcome is Outcome.ALLOW
    assert decision.reason is Reason.NONE
    assert decision.intent == "PlaceOrder"
    assert all(gate.passed for gate in decision.gates)
    assert (decision.client_order_id, decision.route_id) == ("tt-1", "main")
    assert (decision.instrument_id, decision.strategy_id) == (BTC, "one")
    assert (decision.quantity, decision.approved_quantity) == (UNIT, UNIT)
    assert (decision.price, decision.approved_price) == (9_900_00, 9_900_00)
    assert not decision.is_reducing
    assert not decision.would
    assert terms.execution_id == "acct"
    assert terms.side is OrderSide.BUY
    assert terms.order_type is OrderType.LIMIT
    assert terms.time_in_force is TimeInForce.DAY
    assert terms.oco_group == "g"
    assert terms.post_only
    assert not terms.reduce_only
    assert terms.created_time == world.state.now
    assert terms.replaces is None


def test_every_reason_is_a_gate_or_says_what_is_not_one():
    """The table of gates is closed; the rest belongs to others."""
    others = (
        Reason.NONE,
        Reason.INVARIANT,
    )
    assert sorted({*GATE_ORDER, *others}) == sorted(Reason)
    assert len(set(GATE_ORDER)) == len(GATE_ORDER)


def test_gates_stand_in_the_fixed_order(world):
    world.profile(
        max_order_quantity=10 * UNIT, max_position_quantity=10 * UNIT,
        max_order_notional=10**6 * UNIT, max_position_notional=10**6 * UNIT,
        max_exposure=10**6 * UNIT, max_open_orders=5, max_orders=5, price_collar_ppm=50_000,
        allow=("BTC/USD",), block=("X",), max_daily_loss=UNIT, max_drawdown_ppm=10_000,
        max_data_age_ns=1, max_clock_skew_ns=1, prevent_self_cross=True,
    )  # fmt: skip
    world.limit(max_orders_per_hour=5, max_fees_per_day=UNIT, max_loss_per_day=UNIT)
    world.instrument(max_quantity=10 * UNIT)
    verdict = world.place()
    places = [GATE_ORDER.index(code) for code in world.codes(verdict)]
    assert verdict.decision.outcome is Outcome.ALLOW
    assert places == sorted(places)
    assert len(places) == len(set(places)) == 39


def test_limits_that_are_not_set_are_not_listed(world):
    listed = world.codes(world.place())
    assert Reason.MAX_ORDER_QUANTITY not in listed
    assert Reason.DAILY_LOSS not in listed
    assert Reason.SELF_CROSS not in listed


def test_the_first_refusal_ends_the_judgement(world):
    world.change(paused=True, held=True)
    verdict = world.place()
    assert world.codes(verdict)[-1] is Reason.INSTANCE_PAUSED
    assert verdict.decision.reason is Reason.INSTANCE_PAUSED
    assert [gate.passed for gate in verdict.decision.gates].count(False) == 1


def test_an_allow_names_the_profiles_that_bind(world):
    world.profile(name="wide")
    world.profile(Scope.STRATEGY, "one", "narrow")
    assert world.place().decision.profile == "narrow, wide"


@pytest.mark.parametrize("mode", [None, InstanceMode.OFF])
def test_an_instance_that_does_not_run_places_nothing(world, mode):
    if mode is None:
        del world.state.instances["one"]
    else:
        world.change(mode=mode)
    for intent in (world.intent(), ReplaceOrder(world.work(), "tt-9", quantity=UNIT)):
        decision = world.judge(intent).decision
        assert decision.outcome is Outcome.REJECT
        assert decision.reason is Reason.INSTANCE_MODE
        assert not decision.would


def test_an_instrument_that_does_not_exist_is_refused(world):
    assert world.place(instrument_id="NO.SIM").decision.reason is Reason.UNKNOWN_INSTRUMENT


def test_an_instrument_without_subscription_is_refused(world):
    world.change(instruments=())
    assert world.place().decision.outcome is Outcome.ALLOW
    verdict = world.place(instrument_id=PERP)
    assert verdict.decision.reason is Reason.UNKNOWN_INSTRUMENT
    assert "subscribed" in verdict.decision.note


def test_an_id_is_used_once(world):
    order_id = world.work()
    verdict = world.place(order_id=order_id)
    assert verdict.decision.reason is Reason.DUPLICATE_ID
    assert verdict.terms is None


class TestCancel:
    """Cancels pass always: of an own, open order."""

    def test_an_own_open_order(self, world):
        order_id = world.work()
        verdict = world.judge(CancelOrder(order_id))
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.decision.route_id == "main"
        assert verdict.decision.instrument_id == BTC
        assert verdict.decision.is_reducing
        assert verdict.terms is None

    def test_passes_whatever_is_wrong(self, world):
        order_id = world.work()
        world.kill(KillState.HALTED)
        world.state.halted_routes["main"] = "broken"
        world.change(paused=True, has_error=True, held=True)
        assert world.judge(CancelOrder(order_id)).decision.outcome is Outcome.ALLOW
        del world.state.instances["one"]
        assert world.judge(CancelOrder(order_id)).decision.outcome is Outcome.ALLOW

    def test_the_gates_of_a_pass_are_one_shared_tuple(self, world):
        first = world.judge(CancelOrder(world.work())).decision.gates
        assert world.judge(CancelOrder(world.work())).decision.gates is first

    def test_a_real_order_is_out_of_reach_of_an_observing_instance(self, world):
        order_id = world.work()
        shadow = world.work(route="shadow:one")
        world.observe()
        assert world.judge(CancelOrder(order_id)).decision.reason is Reason.INSTANCE_MODE
        assert world.judge(CancelOrder(shadow)).decision.outcome is Outcome.ALLOW

    def test_an_unknown_order(self, world):
        verdict = world.judge(CancelOrder("tt-7"))
        assert verdict.decision.reason is Reason.UNKNOWN_ORDER
        assert verdict.decision.client_order_id == "tt-7"

    def test_an_order_of_another(self, world):
        verdict = world.judge(CancelOrder(world.work(owner="two")))
        assert verdict.decision.reason is Reason.NOT_OWNER
        assert "two" in verdict.decision.note

    @pytest.mark.parametrize("state", [OrderState.FILLED, OrderState.CANCEL_PENDING])
    def test_an_order_that_ended_or_is_being_cancelled(self, world, state):
        verdict = world.judge(CancelOrder(world.work(state=state)))
        assert verdict.decision.reason is Reason.ILLEGAL_TRANSITION
        assert state in verdict.decision.note


class TestReplace:
    """A replace is judged as the worse of the old and the new version."""

    def test_makes_the_terms_of_the_new_version(self, world):
        order_id = world.work(filled=UNIT // 4, state=OrderState.PARTIALLY_FILLED, oco_group="g")
        verdict = world.judge(ReplaceOrder(order_id, "tt-9", price=9_100_00))
        terms = verdict.terms
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.decision.intent == "ReplaceOrder"
        assert verdict.decision.client_order_id == "tt-9"
        assert terms.replaces == order_id
        assert terms.price == 9_100_00
        assert terms.quantity == UNIT * 3 // 4
        assert terms.oco_group == "g"
        assert Reason.ILLEGAL_TRANSITION in world.codes(verdict)

    def test_moves_a_trigger_from_where_it_is(self, world):
        world.hold(UNIT)
        order_id = world.work(
            OrderSide.SELL, price=None, order_type=OrderType.STOP, trigger_price=9_000_00,
            role=OrderRole.STOP_LOSS, order={"trigger_price": 9_200_00},
        )  # fmt: skip
        verdict = world.judge(ReplaceOrder(order_id, "tt-9", quantity=UNIT // 2))
        assert verdict.terms.trigger_price == 9_200_00
        moved = world.judge(ReplaceOrder(order_id, "tt-9", trigger_price=9_300_00))
        assert moved.terms.trigger_price == 9_300_00
        assert moved.decision.is_reducing

    def test_counts_only_what_it_adds(self, world):
        world.profile(max_position_quantity=3 * UNIT, max_open_orders=1, may_reduce=False)
        order_id = world.work(quantity=2 * UNIT)
        assert world.place(quantity=2 * UNIT).decision.reason is Reason.MAX_POSITION_QUANTITY
        more = world.judge(ReplaceOrder(order_id, "tt-9", quantity=3 * UNIT))
        assert more.decision.outcome is Outcome.ALLOW
        assert world.gate(more, Reason.MAX_POSITION_QUANTITY).value == 3 * UNIT
        less = world.judge(ReplaceOrder(order_id, "tt-9", quantity=UNIT))
        assert world.gate(less, Reason.MAX_POSITION_QUANTITY).value == 2 * UNIT

    def test_of_an_order_without_price_counts_its_mark(self, world):
        order_id = world.work(price=None, quantity=UNIT)
        world.state.cash["main", "USD"] = 20_300 * UNIT
        verdict = world.judge(ReplaceOrder(order_id, "tt-9", quantity=2 * UNIT))
        need = world.gate(verdict, Reason.AVAILABLE_BALANCE).value
        assert need == 20_220_20 * UNIT // 100 - 10_000 * UNIT

    @pytest.mark.parametrize(
        ("fields", "word"),
        [
            ({"state": OrderState.SUBMITTED}, "Submitted"),
            ({"state": OrderState.CANCEL_PENDING}, "CancelPending"),
            ({"state": OrderState.FILLED, "filled": UNIT}, "Filled"),
            ({"order": {"pending_replace": "tt-8"}}, "tt-8"),
            ({"state": OrderState.SUBMITTED, "order": {"is_unknown": True}, "role": "exit"}, "unk"),
        ],
    )
    def test_needs_an_order_that_can_be_replaced(self, world, fields, word):
        if fields.get("role"):
            fields = {**fields, "role": OrderRole.EXIT, "side": OrderSide.SELL}
            world.hold(UNIT)
        order_id = world.work(**fields)
        verdict = world.judge(ReplaceOrder(order_id, "tt-9", price=9_100_00))
        assert verdict.decision.reason is Reason.ILLEGAL_TRANSITION
        assert word in verdict.decision.note

    def test_of_an_order_that_the_kernel_holds(self, world):
        order_id = world.work(state=OrderState.CREATED, order={"held_by": HeldBy.KERNEL})
        verdict = world.judge(ReplaceOrder(order_id, "tt-9", price=9_100_00))
        assert verdict.decision.outcome is Outcome.ALLOW

    def test_of_an_order_on_another_route(self, world):
        world.state.routes["old"] = msgspec.structs.replace(
            world.state.routes["main"], route_id="old"
        )
        order_id = world.work(route="old")
        verdict = world.judge(ReplaceOrder(order_id, "tt-9", price=9_100_00))
        assert verdict.decision.reason is Reason.ILLEGAL_TRANSITION
        assert "old" in verdict.decision.note

    def test_needs_a_fresh_id(self, world):
        order_id = world.work()
        other = world.work()
        verdict = world.judge(ReplaceOrder(order_id, other, price=9_100_00))
        assert verdict.decision.reason is Reason.DUPLICATE_ID

    def test_needs_the_order(self, world):
        verdict = world.judge(ReplaceOrder("tt-7", "tt-9", price=1))
        assert verdict.decision.reason is Reason.UNKNOWN_ORDER
        other = world.judge(ReplaceOrder(world.work(owner="two"), "tt-9", price=1))
        assert other.decision.reason is Reason.NOT_OWNER

    def test_needs_the_capability(self, make_world):
        base = make_world().state.routes["main"].capabilities
        bare = msgspec.structs.replace(base, replace=Support.NONE, amend=Support.NONE)
        world = make_world(bare)
        verdict = world.judge(ReplaceOrder(world.work(), "tt-9", price=9_100_00))
        assert verdict.decision.reason is Reason.CAPABILITY
        assert verdict.decision.note == "replace"
        amends = make_world(msgspec.structs.replace(bare, amend=Support.NATIVE))
        verdict = amends.judge(ReplaceOrder(amends.work(), "tt-9", price=9_100_00))
        assert verdict.decision.outcome is Outcome.ALLOW

    def test_of_a_child_follows_its_parent(self, world):
        parent = world.work(quantity=2 * UNIT)
        child = world.work(
            OrderSide.SELL, quantity=2 * UNIT, price=11_000_00, role=OrderRole.TAKE_PROFIT,
            parent_order_id=parent,
        )  # fmt: skip
        verdict = world.judge(ReplaceOrder(child, "tt-9", price=11_100_00))
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.terms.parent_order_id == parent
        newer = world.work(quantity=2 * UNIT)
        world.state.parents[child] = newer
        del world.state.orders[parent]
        assert world.judge(ReplaceOrder(child, "tt-9", price=11_100_00)).terms is not None
        assert Reason.QUANTITY_FROM_PARENT in world.codes(verdict)


class TestRiskFlag:
    """A strategy tightens its own scope, and nothing else."""

    @pytest.mark.parametrize("state", [KillState.REDUCING, KillState.HALTED])
    def test_tightens(self, world, state):
        verdict = world.judge(SetRiskFlag(state))
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.terms is None

    def test_never_loosens(self, world):
        assert world.judge(SetRiskFlag(KillState.NORMAL)).decision.reason is Reason.RISK_FLAG_SCOPE
        world.kill(KillState.HALTED, Scope.STRATEGY, "one")
        verdict = world.judge(SetRiskFlag(KillState.REDUCING))
        assert verdict.decision.reason is Reason.RISK_FLAG_SCOPE
        assert world.judge(SetRiskFlag(KillState.HALTED)).decision.outcome is Outcome.ALLOW

    def test_of_an_observing_instance_only_would(self, world):
        world.observe()
        decision = world.judge(SetRiskFlag(KillState.HALTED)).decision
        assert decision.reason is Reason.INSTANCE_MODE
        assert decision.would

    def test_of_an_instance_that_does_not_run(self, world):
        del world.state.instances["one"]
        decision = world.judge(SetRiskFlag(KillState.HALTED)).decision
        assert decision.reason is Reason.INSTANCE_MODE
        assert not decision.would


def test_a_noop_is_on_the_record(world):
    decision = world.judge(NoOp("flat")).decision
    assert decision.outcome is Outcome.ALLOW
    assert decision.intent == "NoOp"


class TestObserve:
    """The would-be order is judged whole, then stopped by the mode, with terms on the shadow."""

    def test_would(self, world):
        world.observe()
        verdict = world.place(quantity=UNIT // 10)
        decision = verdict.decision
        assert decision.outcome is Outcome.REJECT
        assert decision.reason is Reason.INSTANCE_MODE
        assert decision.would
        assert decision.route_id == "shadow:one"
        assert verdict.terms.route_id == "shadow:one"
        assert world.codes(verdict)[-2:] == [Reason.DUPLICATE_ID, Reason.INSTANCE_MODE]

    def test_would_in_a_smaller_size(self, world):
        world.observe()
        world.profile(max_order_notional=990 * UNIT)
        verdict = world.place()
        assert verdict.decision.would
        assert verdict.decision.approved_quantity == UNIT // 10
        assert verdict.terms.quantity == UNIT // 10

    def test_a_gate_stops_it_as_it_would_in_active(self, world):
        world.observe()
        world.kill(KillState.REDUCING, Scope.ROUTE, "main")
        verdict = world.place(quantity=UNIT // 10)
        assert verdict.decision.reason is Reason.KILL_SWITCH
        assert not verdict.decision.would
        assert verdict.terms is None

    def test_its_money_is_the_shadow_book(self, world):
        world.observe()
        verdict = world.place()
        assert verdict.decision.reason is Reason.AVAILABLE_BALANCE

    def test_its_exit_reduces_the_shadow_position(self, world):
        world.observe()
        world.hold(UNIT)
        assert world.exit().decision.reason is Reason.REDUCE_ONLY
        world.hold(UNIT, route="shadow:one")
        verdict = world.exit()
        assert verdict.decision.would
        assert verdict.decision.is_reducing

    def test_it_counts_in_no_limit_of_others(self, world):
        world.observe()
        world.hold(UNIT, route="shadow:one")
        world.work(route="shadow:one")
        world.profile(max_open_orders=1, max_position_quantity=UNIT, may_reduce=False)
        assert world.place("two").decision.outcome is Outcome.ALLOW
        assert world.place(quantity=UNIT // 10).decision.reason is Reason.MAX_POSITION_QUANTITY

    def test_it_takes_nothing_from_the_order_rate(self, world):
        world.observe()
        world.profile(max_orders=1)
        assert world.place(quantity=UNIT // 10).decision.would
        assert world.place(quantity=UNIT // 10).decision.would

    def test_a_broken_limit_leaves_it_as_it_is(self, world):
        world.observe()
        world.limit(max_orders_per_hour=0)
        verdict = world.place(quantity=UNIT // 10)
        assert verdict.decision.reason is Reason.ORDERS_PER_HOUR
        assert verdict.diagnostics == ()


class TestClose:
    """A person's close passes the state of the instance; the venue's rules and HALTED bind it."""

    @pytest.mark.parametrize("quantity", [UNIT, -UNIT])
    def test_closes_long_and_short(self, world, quantity):
        world.kill(KillState.REDUCING)
        world.change(paused=True, has_error=True, held=True, exit_only="x", is_warm=False)
        verdict = decide_close(world.state, world.hold(quantity), "tt-9")
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.decision.is_reducing
        assert verdict.terms.side is (OrderSide.SELL if quantity > 0 else OrderSide.BUY)
        assert verdict.terms.quantity == UNIT
        assert verdict.terms.role is OrderRole.EXIT
        assert verdict.terms.reduce_only

    def test_where_the_position_is_and_without_its_instance(self, world):
        world.state.routes["old"] = msgspec.structs.replace(
            world.state.routes["main"], route_id="old"
        )
        position = world.hold(UNIT, route="old", owner="gone")
        verdict = decide_close(world.state, position, "tt-9")
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.terms.route_id == "old"
        assert verdict.terms.strategy_id == "gone"

    def test_of_an_observing_instance_is_real(self, world):
        world.observe()
        verdict = decide_close(world.state, world.hold(UNIT), "tt-9")
        assert verdict.decision.outcome is Outcome.ALLOW
        assert verdict.terms.route_id == "main"

    def test_leaves_what_no_order_can_sell(self, world):
        verdict = decide_close(world.state, world.hold(UNIT + 1), "tt-9")
        assert verdict.terms.quantity == UNIT
        dust = decide_close(world.state, world.hold(9_999), "tt-9")
        assert dust.decision.reason is Reason.QUANTITY_LOT

    def test_is_stopped_by_a_halt(self, world):
        world.kill(KillState.HALTED, Scope.ROUTE, "main")
        verdict = decide_close(world.state, world.hold(UNIT), "tt-9")
        assert verdict.decision.reason is Reason.KILL_SWITCH

    def test_of_nothing(self, world):
        verdict = decide_close(world.state, Position("one", "main", BTC), "tt-9")
        assert verdict.decision.reason is Reason.REDUCE_ONLY

    def test_needs_an_order_id(self, world):
        verdict = decide_close(world.state, world.hold(UNIT), "")
        assert verdict.decision.reason is Reason.SCHEMA


def test_the_widest_of_equally_strict_switches_is_named(world):
    keys = ((Scope.GLOBAL, ""), (Scope.ROUTE, "main"), (Scope.STRATEGY, "one"))
    world.kill(KillState.NORMAL)
    assert strictest(world.state, keys) is None
    for scope, key in reversed(keys):
        world.kill(KillState.REDUCING, scope, key)
        found = strictest(world.state, keys)
        assert (found.scope, found.key) == (scope, key)
    world.kill(KillState.HALTED, Scope.STRATEGY, "one")
    assert strictest(world.state, keys).scope is Scope.STRATEGY
