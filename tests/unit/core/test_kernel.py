"""The kernel's five calls: atomic, in sequence, with time and bounds."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.kernel_world import BTC, CASH, HELD, START, UNIT, World, config

from tradetui.core import intents as intents_module
from tradetui.core import kernel as kernel_module
from tradetui.core.changes import DUPLICATE, NOTHING
from tradetui.core.invariants import InvariantError
from tradetui.core.kernel import Kernel
from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import KillState, OrderState, OrderType
from tradetui.domain.envelope import SOURCE_OF, Envelope
from tradetui.domain.intents import AttributedIntent, CancelOrder, NoOp, PlaceOrder, SetRiskFlag
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.reports import OrderAccepted
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import CancelCommand, IntentBatch
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_DAY


def test_every_payload_that_an_envelope_may_carry_can_be_applied() -> None:
    assert set(kernel_module._HANDLERS) == set(SOURCE_OF)


def test_routes_open_with_their_cash() -> None:
    kernel = Kernel(config())
    assert kernel.state.cash == {("main", "USD"): CASH}
    kernel.check_all()


class TestSequence:
    @pytest.mark.parametrize("seq_id", [0, 1, 3])
    @pytest.mark.parametrize(
        "payload",
        [OperatorNoted("a", "b"), Trade(1, 1), Bar(0, 1, 1, 1, 1, 1, 1), Quote(1, 1, 1, 1)],
        ids=lambda p: type(p).__name__,
    )
    def test_a_gap_or_a_repetition_is_a_bug(self, seq_id: int, payload: Any) -> None:
        world = World()
        for again in (payload, payload):
            if not isinstance(payload, OperatorNoted):
                world.event(again, BTC)
        before = world.kernel.state_hash()
        time = world.now + 1
        envelope = Envelope(
            world.state.seq_id - 1 + seq_id + (seq_id > 1),
            time,
            time,
            SOURCE_OF[type(payload)],
            "SIM",
            BTC,
            type(payload).__name__,
            payload,
        )
        with pytest.raises(InvariantError, match="the sequence has no gap"):
            world.kernel.apply_event(envelope)
        assert world.kernel.state_hash() == before

    def test_a_duplicate_takes_its_place_in_the_sequence_and_no_more(self) -> None:
        world = World()
        order_id = world.place()
        report = OrderAccepted("main", order_id, "v")
        world.event(report, BTC, key="k")
        seq_id, now = world.state.seq_id, world.state.now
        assert world.event(report, BTC, key="k") is DUPLICATE
        assert (world.state.seq_id, world.state.now) == (seq_id + 1, now)


class TestAtomicity:
    def test_an_event_that_fails_leaves_everything_as_it_was(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = World()
        world.hold()
        order_id = world.place()
        before = world.kernel.state_hash()

        def fail(*_: Any) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(kernel_module, "check_limits", fail)
        with pytest.raises(RuntimeError, match="a bug"):
            world.fill(order_id, key="k", after=NANOS_PER_DAY)
        assert world.kernel.state_hash() == before
        monkeypatch.undo()
        world.sequencer.next_seq -= 1
        applied = world.fill(order_id, key="k", after=0)
        assert len(applied.transitions) == 2
        assert world.state.days["one", "main", BTC].day == world.now // NANOS_PER_DAY

    def test_a_batch_of_which_one_intent_fails_is_taken_back_whole(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = World()
        before = world.kernel.state_hash()
        process = intents_module.process

        def fail_second(state: Any, changes: Any, attributed: AttributedIntent) -> None:
            if attributed.index == 1:
                raise RuntimeError("a bug")
            process(state, changes, attributed)

        monkeypatch.setattr(intents_module, "process", fail_second)
        with pytest.raises(RuntimeError, match="a bug"):
            world.intents(world.intent(), world.intent())
        assert world.kernel.state_hash() == before
        monkeypatch.undo()
        assert world.intents(NoOp()).transitions == ()

    def test_intents_come_in_the_order_of_processing(self) -> None:
        world = World()
        batch = IntentBatch(
            (AttributedIntent("two", 0, NoOp()), AttributedIntent("one", 0, NoOp()))
        )
        with pytest.raises(AssertionError):
            world.kernel.process_intents(batch)


class TestIntents:
    def test_nothing_asked_is_nothing(self) -> None:
        assert World().kernel.process_intents(IntentBatch()) is NOTHING

    def test_every_intent_gets_one_decision_in_order(self) -> None:
        world = World()
        applied = world.intents(NoOp(), world.intent(), SetRiskFlag(KillState.REDUCING))
        assert [d.intent for d in applied.decisions] == ["NoOp", "PlaceOrder", "SetRiskFlag"]

    def test_what_is_rejected_makes_nothing(self) -> None:
        world = World()
        applied = world.intents(CancelOrder("ghost"))
        assert applied.decisions[0].outcome == "reject"
        assert applied.transitions == ()

    def test_two_cancels_of_one_order_in_one_batch(self) -> None:
        world = World()
        order_id = world.place()
        applied = world.intents(CancelOrder(order_id), CancelOrder(order_id))
        assert [type(c) for c in applied.commands] == [CancelCommand]

    def test_a_limit_that_breaks_ends_the_working_entries(self) -> None:
        world = World()
        world.load("busy", limits=InstanceLimits(CASH, max_orders_per_hour=1))
        first = world.place(name="busy")
        applied = world.intents(world.intent(), name="busy")
        assert applied.decisions[0].reason == "orders_per_hour"
        assert world.state.instances["busy"].exit_only
        assert world.order(first).state is OrderState.CANCEL_PENDING

    def test_a_limit_that_a_fill_breaks_does_so_too(self) -> None:
        world = World()
        world.load("poor", limits=InstanceLimits(CASH, max_fees_per_day=UNIT))
        entry = world.place(name="poor")
        order_id = world.place(name="poor")
        applied = world.fill(order_id, fee=2 * UNIT)
        assert applied.diagnostics[0].is_incident
        assert world.state.instances["poor"].exit_only.startswith("fees_per_day")
        assert world.order(entry).state is OrderState.CANCEL_PENDING

    def test_a_heartbeat_looks_at_every_instances_loss(self) -> None:
        world = World()
        world.load("poor", limits=InstanceLimits(CASH, max_loss_per_day=UNIT))
        order_id = world.place(name="poor")
        world.fill(order_id)
        world.trade(5_000)
        assert not world.state.instances["poor"].exit_only
        world.event(Heartbeat(1, ()))
        assert world.state.instances["poor"].exit_only.startswith("loss_per_day")


class TestTime:
    def test_a_day_begins_once(self) -> None:
        world = World()
        world.hold()
        world.now = START - START % NANOS_PER_DAY + NANOS_PER_DAY - 1
        world.trade(10_100, after=0)
        day = world.state.days["one", "main", BTC].day
        world.trade(10_200, after=1)
        stats = world.state.days["one", "main", BTC]
        assert (stats.day, stats.open_pnl_start) == (day + 1, UNIT)
        world.trade(10_300)
        assert world.state.days["one", "main", BTC] is stats

    def test_bars_and_quotes_begin_it_as_well(self) -> None:
        for payload in (Bar(0, 1, 9, 9, 9, 9, 1), Quote(9, 1, 9, 1)):
            world = World()
            world.hold()
            world.event(payload, BTC)
            day = world.state.days["one", "main", BTC].day
            world.event(payload, BTC, after=NANOS_PER_DAY)
            assert world.state.days["one", "main", BTC].day == day + 1

    def test_what_the_kernel_holds_is_looked_at_by_quotes_and_trades(self) -> None:
        world = World(HELD)
        world.hold()
        order_id = world.place(-UNIT, None, order_type=OrderType.STOP, trigger_price=9_000)
        world.event(Quote(9_500, 1, 9_500, 1), BTC)
        world.event(Bar(0, 1, 9_500, 9_500, 9_500, 9_500, 1), BTC)
        world.event(Quote(9_500, 1, 9_500, 1), BTC)
        assert world.order(order_id).state is OrderState.CREATED
        world.event(Quote(9_000, 1, 9_000, 1), BTC)
        assert world.order(order_id).state is OrderState.SUBMITTED


def test_an_order_of_another_instance_cannot_be_cancelled() -> None:
    world = World()
    order_id = world.place()
    applied = world.intents(CancelOrder(order_id), name="two")
    assert applied.decisions[0].reason == "not_owner"
    assert world.order(order_id).state is OrderState.SUBMITTED


def test_the_intent_of_the_world_is_a_place_order() -> None:
    assert isinstance(World().intent(), PlaceOrder)
