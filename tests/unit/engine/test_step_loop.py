"""One step = one event: order of stages, what follows what, time, and failures that are ours.

Also the tests of ``engine/command_router.py``.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine_kit import BTC, ETH, START, Steps, bar

from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.codec import encode
from tradetui.domain.control import ModeChanged, OperatorNoted, WarmupChanged
from tradetui.domain.enums import InstanceMode, OrderState, RunMode, Source
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import (
    ClientOrderId,
    Currency,
    InstrumentId,
    RouteId,
    StrategyId,
    VenueOrderId,
    shadow_route,
)
from tradetui.domain.market_data import BarOpen, MarketItem
from tradetui.domain.reports import CashAdjusted, OrderAccepted
from tradetui.domain.risk import InstanceLimits
from tradetui.domain.steps import SubmitCommand
from tradetui.domain.timers import HEARTBEAT_NS
from tradetui.domain.units import NANOS_PER_MINUTE as MINUTE
from tradetui.engine.errors import EngineError, LoadError
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, SimulatedBroker
from tradetui.engine.step_loop import MAX_REACTIONS
from tradetui.engine.storm import STORM_INTENTS
from tradetui.strategy import Strategy, bars

A = StrategyId("a")


class Once(Strategy):
    """Places one order on its first bar."""

    DATA = {"bars": bars("1m")}
    AMOUNT = 1.0

    def on_bar(self, bar: Any) -> None:
        if self.bars.count == 1:
            self.context.place_order("buy", self.AMOUNT)


class TooMuch(Once):
    AMOUNT = 1e6


def start(make_session: Any, kind: type[Strategy], **settings: Any) -> Any:
    session = make_session(**settings)
    session.add_strategy("a", kind, [BTC.instrument_id], "acc")
    session.start(at=START)
    return session


def test_sequence_numbers_have_no_gap(make_session: Any, steps: Steps) -> None:
    session = start(make_session, Once)
    session.run(bar(n) for n in range(5))
    assert [r.event.seq_id for r in steps.records] == list(range(1, len(steps.records) + 1))


def test_an_order_is_accepted_at_once_and_filled_before_the_next_bar_s_step(
    make_session: Any, steps: Steps
) -> None:
    session = start(make_session, Once)
    session.run([bar(0), bar(1)])
    assert steps.types() == [
        "InstrumentUpdated",
        "InstrumentUpdated",
        "InstanceLoaded",
        "Bar",
        "OrderAccepted",
        "OrderFilled",
        "Bar",
    ]
    submitted = steps.of("Bar")[0]
    assert [move.to_state for move in submitted.transitions] == [OrderState.SUBMITTED]
    assert isinstance(submitted.result.commands[0], SubmitCommand)
    assert steps.of("OrderFilled")[0].result.fills[0].quantity == 10**8


@pytest.mark.parametrize("mode", [InstanceMode.ACTIVE, InstanceMode.OBSERVE])
def test_a_gap_is_bought_as_far_as_the_cash_of_its_route_goes(
    make_session: Any, steps: Steps, mode: InstanceMode
) -> None:
    heard: list[Any] = []

    class AllIn(Once):
        AMOUNT = 980.0

        def on_order(self, order: Any) -> None:
            heard.append((order.status, order.filled, order.reason))

    session = make_session()
    session.add_strategy("a", AllIn, [BTC.instrument_id], "acc", mode=mode)
    session.start(at=START)
    session.run([bar(0), bar(1, 15_000)])
    assert steps.types()[-4:] == ["OrderAccepted", "OrderFilled", "OrderCancelled", "Bar"]
    assert heard[-1] == ("Cancelled", 666.0006660, "insufficient funds")
    cash = session.loop.kernel.state.cash
    route = "main" if mode is InstanceMode.ACTIVE else shadow_route(A)
    assert 0 <= cash[route, "USD"] < 100 * 10**8


def test_a_denial_is_sequenced_right_after_its_step_and_told(
    make_session: Any, steps: Steps
) -> None:
    heard: list[Any] = []

    class Listens(TooMuch):
        def on_order(self, order: Any) -> None:
            heard.append((order.status, order.refused_by, order.reason, order.amount))

    session = start(make_session, Listens)
    session.run([bar(0), bar(1)])
    assert steps.types()[-3:] == ["Bar", "OrderDenied", "Bar"]
    assert heard == [("Rejected", "denied", "available_balance", 1e6)]
    assert session.loop.host.denied == {}


def test_a_smaller_order_is_sequenced_as_modified(make_session: Any, steps: Steps) -> None:
    heard: list[Any] = []

    class Listens(Once):
        def on_order(self, order: Any) -> None:
            heard.append((order.cause, order.amount))

    session = make_session()
    session.add_risk_profile("small", {"max_order_quantity": 10**7}, bind=["main"])
    session.add_strategy("a", Listens, [BTC.instrument_id], "acc")
    session.run([bar(0)])
    assert steps.types()[-2:] == ["OrderModified", "OrderAccepted"]
    assert heard[0] == ("OrderModified", 0.1)
    assert session.summary().modified == 1


def test_a_refused_cancel_is_no_order_of_its_own(make_session: Any, steps: Steps) -> None:
    class CancelsNothing(Once):
        def on_bar(self, bar: Any) -> None:
            self.context.cancel_order("tt9-0001")

    session = start(make_session, CancelsNothing)
    session.run([bar(0)])
    assert steps.of("Bar")[0].decisions[0].outcome == "reject"
    assert sum(session.loop.tally.rejected.values()) == 1


def test_the_open_of_a_bar_is_shown_to_the_venue_and_is_no_step(
    make_session: Any, steps: Steps
) -> None:
    session = start(make_session, Once)
    session.run([bar(0)])
    before = len(steps.records)
    opened = START + MINUTE
    session.run([MarketItem(opened, "SIM", BTC.instrument_id, BarOpen(opened, 9_000))])
    assert steps.types()[before:] == ["OrderFilled"]
    assert steps.records[-1].result.fills[0].price == 9_000
    assert steps.records[-1].event.event_time == opened


def test_two_runs_give_the_same_records(make_session: Any, steps: Steps) -> None:
    runs = []
    for _ in range(2):
        steps.records.clear()
        session = start(make_session, Once)
        session.run(bar(n) for n in range(5))
        runs.append((list(steps.records), session.loop.kernel.state_hash()))
    assert runs[0] == runs[1]


def test_an_event_with_a_known_key_is_a_no_op_on_the_record(
    make_session: Any, steps: Steps
) -> None:
    session = start(make_session, Once)
    paid = Unsequenced(
        START,
        START,
        Source.BROKER_REPORT,
        "SIM",
        InstrumentId(""),
        CashAdjusted(RouteId("main"), Currency("USD"), 5 * 10**8, "deposit"),
        "deposit-1",
    )
    session.loop.report(paid)
    session.loop.report(paid)
    first, second = steps.of("CashAdjusted")
    assert not first.result.is_duplicate
    assert second.result.is_duplicate
    assert session.loop.kernel.state.cash[("main", "USD")] == 100_005 * 10**8


def test_time_is_delivered_before_the_item_in_virtual_time(make_session: Any, steps: Steps) -> None:
    class Ticks(Strategy):
        def on_tick(self, tick: Any) -> None:
            """Wanted."""

    session = start(make_session, Ticks)
    session.run([bar(0), bar(1)])
    types = [t for t in steps.types() if t in ("Bar", "Heartbeat")]
    assert types == ["Heartbeat", "Bar", "Heartbeat", "Bar"]
    beats = steps.of("Heartbeat")
    assert beats[0].event.event_time == START + HEARTBEAT_NS
    session.loop.advance(START + 2 * MINUTE + HEARTBEAT_NS)
    assert len(steps.of("Heartbeat")) == 3


class Beating(Strategy):
    """Two timers that are due at the same moments, and a tick now and then."""

    def on_start(self) -> None:
        self.every("1s", "one")
        self.every("1s", "two")

    def on_timer(self, name: str) -> None:
        """Wanted."""

    def on_tick(self, tick: Any) -> None:
        """Wanted."""


def test_time_may_pass_in_parts_before_an_item(make_session: Any, steps: Steps) -> None:
    """Whatever the parts, the steps are those of one go; moments of one time are not parted."""
    runs = []
    for most in (0, 1, 7, 1_000):
        steps.records.clear()
        session = start(make_session, Beating)
        session.run([bar(0)])
        item = bar(2)
        parts = 0
        while most and not session.loop.pass_time(item.event_time, most):
            parts += 1
            following = session.loop.schedule.next_due
            assert steps.records[-1].event.event_time < following < item.event_time
        assert parts in {0: (0,), 1: (119,), 7: range(20, 40), 1_000: (0,)}[most]
        session.loop.ingest(item)
        runs.append([encode(record) for record in steps.records])
    assert runs[0] == runs[1] == runs[2] == runs[3]


def test_in_wall_time_only_advance_moves_the_clock(make_session: Any, steps: Steps) -> None:
    class Ticks(Strategy):
        def on_tick(self, tick: Any) -> None:
            """Wanted."""

    session = start(make_session, Ticks, is_virtual=False)
    loop = session.loop
    loop.ingest(bar(0), START + MINUTE + 300)
    assert steps.of("Heartbeat") == []
    assert steps.of("Bar")[0].event.ingest_time == START + MINUTE + 300
    loop.advance(START + 10 * MINUTE)
    (beat,) = steps.of("Heartbeat")
    assert beat.event.event_time == START + 10 * MINUTE
    assert loop.host.schedule.missed_ticks(A) == 9


def test_instances_are_not_loaded_before_a_time_is_known(make_session: Any) -> None:
    session = make_session()
    session.add_strategy("a", Once, [BTC.instrument_id], "acc")
    loop = session.start()
    spec = session._strategies[0][0]
    with pytest.raises(LoadError, match="no time"):
        loop.load_instance(spec, Once)


def test_what_the_kernel_refuses_to_load_does_not_run(make_session: Any) -> None:
    session = start(make_session, Once)
    loop = session.loop
    spec = loop.host.running_instances[A].spec
    loop.unload_instance(A, "me")
    from msgspec.structs import replace

    with pytest.raises(LoadError, match="mode is off"):
        loop.load_instance(replace(spec, mode=InstanceMode.OFF), Once)
    assert loop.host.running_instances == {}


def test_an_instance_on_an_unknown_market_is_not_loaded(make_session: Any) -> None:
    from msgspec.structs import replace

    session = start(make_session, Once)
    spec = session.loop.host.running_instances[A].spec
    other = replace(spec, strategy_id=StrategyId("b"), market=InstrumentId("XRP/USD.SIM"))
    with pytest.raises(LoadError, match="no instrument"):
        session.loop.load_instance(other, Once)


def test_a_storm_of_reactions_stops_its_instance_only(make_session: Any, steps: Steps) -> None:
    class Doubling(TooMuch):
        def on_order(self, order: Any) -> None:
            self.context.place_order("buy", 1e6)
            self.context.place_order("buy", 1e6)

    session = start(make_session, Doubling, check_every_step=False)
    session.run([bar(0)])
    assert session.loop.kernel.state.instances[A].has_error
    runner = session.loop.host.running_instances[A]
    assert "answers each answer to its orders with more" in runner.error
    assert len(steps.of("OrderDenied")) < 5 * STORM_INTENTS
    session.run([bar(1)])
    assert not session.loop.host.running_instances[A].port.is_storming


def test_a_chain_of_reactions_ends(make_session: Any, steps: Steps) -> None:
    class Stubborn(TooMuch):
        def on_order(self, order: Any) -> None:
            self.context.place_order("buy", 1e6)

    session = start(make_session, Stubborn, check_every_step=False)
    session.run([bar(0)])
    assert len(steps.of("OrderDenied")) == MAX_REACTIONS + 1
    last = steps.records[-1]
    assert "beyond the 0" in last.result.diagnostics[-1].message
    session.run([bar(1)])
    assert session.loop.host.intent_limit == 200


def test_a_failing_apply_leaves_the_state_and_the_sequence_of_before(
    make_session: Any, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = start(make_session, Once)
    loop = session.loop
    before = loop.kernel.state_hash()

    def fail(envelope: Any) -> Any:
        raise ArithmeticError("ours")

    with monkeypatch.context() as patch:
        patch.setattr(loop.kernel, "apply_event", fail)
        with pytest.raises(EngineError, match=r"step 4 \(Bar\) failed: ArithmeticError: ours"):
            loop.ingest(bar(0))
    assert loop.kernel.state_hash() == before
    assert loop.tally.failures == 1
    loop.ingest(bar(1))
    assert steps.records[-2].event.seq_id == 4


def test_a_failure_after_the_event_was_applied_stops_the_loop(
    make_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = start(make_session, Once)
    loop = session.loop

    def fail(batch: Any) -> Any:
        raise AssertionError("a bug")

    monkeypatch.setattr(loop.kernel, "process_intents", fail)
    with pytest.raises(EngineError, match="a bug"):
        loop.ingest(bar(0))
    for act in (
        lambda: loop.ingest(bar(1)),
        lambda: loop.control(OperatorNoted("me", "hello")),
        lambda: loop.advance(START + MINUTE),
    ):
        with pytest.raises(EngineError, match="a bug"):
            act()


def test_an_order_without_a_way_out_is_our_failure(make_session: Any) -> None:
    session = Session(SessionSettings(run_mode=RunMode.LIVE))
    session.add_instrument(BTC)
    session.add_broker("live", SimulatedBroker("SIM", SIMULATED, is_simulated=False))
    session.add_route("main", "live", "me", opening_cash={"USD": "1000"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("a", Once, [BTC.instrument_id], "acc")
    with pytest.raises(EngineError, match="no way out"):
        session.run([bar(0)])


class Box:
    """An outbox that keeps what it is given."""

    def __init__(self) -> None:
        self.commands: list[Any] = []

    def put(self, seq_id: int, command: Any) -> None:
        self.commands.append((seq_id, command))


def test_commands_of_a_real_route_go_to_the_outbox_and_shadows_never_do(steps: Steps) -> None:
    box = Box()
    session = Session(SessionSettings(run_mode=RunMode.LIVE), outbox=box, sink=steps)
    session.add_instrument(BTC)
    session.add_broker("live", SimulatedBroker("SIM", SIMULATED, is_simulated=False))
    session.add_route("main", "live", "me", opening_cash={"USD": "1000"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("a", Once, [BTC.instrument_id], "acc")
    session.add_strategy("b", Once, [BTC.instrument_id], "acc", mode=InstanceMode.OBSERVE)
    session.run([bar(0)])
    ((seq_id, command),) = box.commands
    assert seq_id == steps.of("Bar")[0].event.seq_id
    assert command.terms.strategy_id == A
    (shadow,) = steps.of("OrderAccepted")
    assert shadow.event.payload.route_id == "shadow:b"
    report = OrderAccepted(
        RouteId("main"), ClientOrderId(command.terms.client_order_id), VenueOrderId("V1")
    )
    session.loop.report(
        Unsequenced(
            START + MINUTE,
            START + MINUTE + 9,
            Source.BROKER_REPORT,
            "SIM",
            BTC.instrument_id,
            report,
        )
    )
    order = session.loop.kernel.state.orders[command.terms.client_order_id]
    assert order.state is OrderState.ACCEPTED


def test_loss_limits_are_checked_while_something_is_held_and_no_data_come(
    make_session: Any, steps: Steps
) -> None:
    session = make_session()
    limits = InstanceLimits(100_000 * 10**8, max_loss_per_day=10**8)
    session.add_strategy("a", Once, [BTC.instrument_id], "acc", limits=limits)
    session.run([bar(0), bar(1)])
    session.loop.advance(START + 5 * MINUTE)
    beats = [r.event.event_time - START for r in steps.of("Heartbeat")]
    assert beats == [3 * MINUTE, 4 * MINUTE, 5 * MINUTE]
    session.run([bar(5, 5_000)])
    session.loop.advance(START + 8 * MINUTE)
    assert session.control_plane.status().instances == (("a", "exit-only"),)


def test_a_day_order_that_the_kernel_holds_expires_on_time(steps: Steps) -> None:
    from msgspec.structs import replace

    from tradetui.domain.enums import Support

    class Rests(Once):
        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 1:
                self.context.place_order("buy", 1, "limit", 50.0, tif="day")

    held = replace(SIMULATED, day=Support.HELD)
    session = Session(SessionSettings(), sink=steps)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM", held))
    session.add_route("main", "paper", "me", opening_cash={"USD": "1000"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("a", Rests, [BTC.instrument_id], "acc")
    session.run([bar(0)])
    session.loop.advance(START + 24 * 60 * MINUTE + HEARTBEAT_NS)
    (order,) = session.loop.kernel.state.orders.values()
    assert order.state in (OrderState.CANCELLED, OrderState.EXPIRED)


def test_the_engine_says_cold_and_warm_itself(make_session: Any, steps: Steps) -> None:
    class Needy(Once):
        DATA = {"bars": bars("1m", warm=1)}

    session = start(make_session, Needy)
    session.run([bar(0)])
    changes = [r.event.payload for r in steps.of("WarmupChanged")]
    assert changes == [WarmupChanged(A, False), WarmupChanged(A, True)]


def test_the_same_without_a_sink(make_session: Any) -> None:
    session = Session(SessionSettings())
    session.add_instrument(BTC)
    session.add_instrument(ETH)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "100000"})
    session.add_execution_context("acc", ["main"])
    session.add_strategy("a", Once, [BTC.instrument_id], "acc")
    assert session.run(bar(n) for n in range(3)).fills == 1


def test_an_act_says_how_many_opens_of_bars_the_venue_had_been_shown(
    make_session: Any, steps: Steps
) -> None:
    session = start(make_session, Once)
    session.loop.control(OperatorNoted("me", "before any"))
    opens = MarketItem(START, "SIM", BTC.instrument_id, BarOpen(START, 10_000))
    session.run([opens])
    session.loop.control(OperatorNoted("me", "one is open"))
    session.run([bar(0)])
    session.loop.control(OperatorNoted("me", "closed"))
    assert [step.result.opens for step in steps.of("OperatorNoted")] == [0, 1, 1]
    assert [step.result.opens for step in steps.of("Bar")] == [0]


def test_what_follows_an_act_at_once_says_so_too(make_session: Any, steps: Steps) -> None:
    session = start(make_session, Once)
    session.run([bar(0)])
    opens = MarketItem(START + MINUTE, "SIM", BTC.instrument_id, BarOpen(START + MINUTE, 10_000))
    session.run([opens])
    session.loop.control(ModeChanged(A, InstanceMode.OBSERVE, "me"))
    session.run([bar(1)])
    assert [step.result.opens for step in steps.of("ModeChanged")] == [1]
    assert [step.result.opens for step in steps.of("Bar")] == [0, 0]


def test_an_instance_s_config_is_on_the_record(make_session: Any, steps: Steps) -> None:
    class Configured(Once):
        CONFIG_SCHEMA = {"z": {"type": "float", "default": 2.0}}

    session = make_session()
    session.add_strategy("a", Configured, [BTC.instrument_id], "acc", config={"z": 1.5})
    session.start(at=START)
    assert steps.of("InstanceLoaded")[0].event.payload.config_json == '{"z":1.5}'
