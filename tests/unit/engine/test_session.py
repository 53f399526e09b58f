"""Session: registrations, what they refuse, and the read models around a run.

Also the tests of ``engine/control_plane.py``, ``engine/coordinator.py``, ``engine/inventory.py``,
``engine/tally.py``.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.engine_kit import BTC, ETH, START, Steps, bar

from tradetui.core.checkpoint import state_hash
from tradetui.domain.enums import InstanceMode, KillState, Scope
from tradetui.domain.ids import RouteId, is_shadow
from tradetui.domain.orders import Fill
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import RiskProfile
from tradetui.domain.steps import SubmitCommand
from tradetui.engine.assembly import RunPlan
from tradetui.engine.recovery import Opening
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionError, SessionSettings, SimulatedBroker
from tradetui.strategy import SMA, Strategy, bars

BTC_ID = BTC.instrument_id


class Once(Strategy):
    DATA = {"bars": bars("1m")}
    CONFIG_SCHEMA = {"amount": {"type": "float", "default": 1.0, "min": 0.1}}

    def on_bar(self, bar: Any) -> None:
        if self.bars.count == 1:
            self.enter("long", amount=self.cfg.amount)


def empty() -> Session:
    return Session(SessionSettings())


def configured() -> Session:
    session = empty()
    session.add_instrument(BTC)
    session.add_instrument(ETH)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "1000"})
    session.add_route(
        "spare", "paper", "me", [BTC_ID], opening_cash={"USD": 5, "EUR": Decimal("1.5")}
    )
    session.add_execution_context("acc", ["main", "spare"], "spare")
    return session


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda s: s.add_broker("paper", SimulatedBroker()), "registered already"),
        (lambda s: s.add_broker("", SimulatedBroker()), "needs an id"),
        (lambda s: s.add_route("r", "nobody", "me"), "call add_broker first"),
        (lambda s: s.add_route("r", "paper", "me", opening_cash={"USD": 1.5}), "must be text"),
        (lambda s: s.add_execution_context("x", []), "at least one route"),
        (lambda s: s.add_execution_context("x", ["nowhere"]), "no route nowhere"),
        (lambda s: s.add_execution_context("x", ["main"]), "is of acc"),
        (lambda s: s.add_risk_profile("p", {"max_notinal": 1}), "max_notinal is no rule"),
        (lambda s: s.add_strategy("A b", Once, [BTC_ID], "acc"), "a-z"),
        (lambda s: s.add_strategy("a", Once, [], "acc"), "at least one instrument"),
        (lambda s: s.add_strategy("a", Once, ["X.Y"], "acc"), "no instrument X.Y"),
        (lambda s: s.add_strategy("a", Once, [BTC_ID], "other"), "no execution context other"),
        (lambda s: s.add_strategy("a", Once, [BTC_ID], "acc", "strict"), "no risk profile strict"),
        (
            lambda s: s.add_strategy("a", Once, [BTC_ID], "acc", config={"amount": 0.0}),
            "amount",
        ),
        (lambda s: s.loop, "has not started"),
        (lambda s: s.inventory, "has not started"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(act: Any, says: str) -> None:
    with pytest.raises(SessionError, match=says):
        act(configured())


def ready(**changes: Any) -> RunPlan:
    """The plan of a configuration that was made before, here by registering it."""
    session = empty()
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "1000"})
    session.add_execution_context("acc", ["main"])
    session.add_risk_profile("careful", {"max_order_quantity": 10**8}, ["acc"])
    session.start()
    return RunPlan(session.loop.kernel.state.config, "z9", seed=5, **changes)


def test_a_session_of_a_ready_configuration_runs_it() -> None:
    steps, plan = Steps(), ready()
    session = Session.of(plan, is_virtual=True, sink=steps)
    assert session.settings.run_code == "z9"
    loop = session.start()
    assert loop.kernel.state.config == plan.config
    session.add_instrument(BTC)
    session.add_strategy("one", Once, [BTC_ID], "acc")
    summary = session.run([bar(n) for n in range(1, 5)])
    assert summary.fills == 1
    (fill,) = session.inventory.fills(route_id="main")
    assert fill.client_order_id.startswith("ttz9")


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.add_broker("more", SimulatedBroker()),
        lambda s: s.add_route("more", "paper", "me"),
        lambda s: s.add_execution_context("more", ["main"]),
    ],
)
def test_a_ready_configuration_is_not_added_to_piece_by_piece(act: Any) -> None:
    with pytest.raises(SessionError, match="ready configuration; put it there"):
        act(Session.of(ready(), is_virtual=True))


def test_a_ready_configuration_may_be_given_strategies_and_profiles() -> None:
    session = Session.of(ready(), is_virtual=True)
    with pytest.raises(SessionError, match="careful is registered already"):
        session.add_risk_profile("careful", {})
    session.add_instrument(BTC)
    with pytest.raises(SessionError, match="no execution context other"):
        session.add_strategy("one", Once, [BTC_ID], "other")


def test_commands_of_a_route_that_is_not_simulated_leave_by_the_outbox() -> None:
    outbox = Outgoing()
    session = Session.of(ready(simulated=()), is_virtual=True, outbox=outbox)
    session.start()
    session.add_instrument(BTC)
    session.add_strategy("one", Once, [BTC_ID], "acc")
    summary = session.run([bar(n) for n in range(1, 5)])
    assert summary.fills == 0
    assert [type(command) for _, command in outbox.sent] == [SubmitCommand]


def test_what_an_earlier_run_left_is_carried_on() -> None:
    """Its positions, its time and its numbers; the settings of the venue are the new plan's."""
    plan = ready()
    first = Session.of(plan, is_virtual=True)
    first.add_instrument(BTC)
    loop = first.start()
    first.add_strategy("one", Once, [BTC_ID], "acc")
    first.run([bar(n) for n in range(1, 5)])
    state = loop.kernel.state
    opening = Opening(loop.kernel.checkpoint(), loop.venue.checkpoint())
    second = Session.of(replace(plan, opening=opening, run_code="z8"), is_virtual=True)
    again = second.start()
    assert state_hash(again.kernel.state) == state_hash(state)
    assert again.now == loop.now
    assert again.sequencer.next_seq == state.seq_id + 1
    assert second.inventory.positions() == first.inventory.positions()


def test_a_run_at_real_venues_leaves_no_simulated_one() -> None:
    plan = ready()
    loop = Session.of(plan, is_virtual=True).start()
    opening = Opening(loop.kernel.checkpoint(), b"")
    again = Session.of(replace(plan, opening=opening), is_virtual=True).start()
    assert state_hash(again.kernel.state) == state_hash(loop.kernel.state)


class Outgoing:
    """Takes what goes to a real venue."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, Any]] = []

    def put(self, seq_id: int, command: Any) -> None:
        self.sent.append((seq_id, command))


def test_a_default_route_must_be_one_of_the_context() -> None:
    session = empty()
    session.add_broker("paper", SimulatedBroker())
    session.add_route("main", "paper", "me")
    with pytest.raises(SessionError, match="not one of its routes"):
        session.add_execution_context("acc", ["main"], "other")


def test_a_route_without_a_context_is_refused_at_the_start() -> None:
    session = empty()
    session.add_broker("paper", SimulatedBroker())
    session.add_route("main", "paper", "me")
    with pytest.raises(SessionError, match="in no execution context"):
        session.start()


def test_a_profile_bound_to_nothing_known_is_refused_at_the_start() -> None:
    session = configured()
    session.add_risk_profile("p", {"max_open_orders": 1}, bind=["nowhere"])
    with pytest.raises(SessionError, match="no route and no execution context"):
        session.start()


def test_registrations_of_the_configuration_end_with_the_start() -> None:
    session = configured()
    session.start()
    for act in (
        lambda: session.add_broker("b", SimulatedBroker()),
        lambda: session.add_route("r", "paper", "me"),
        lambda: session.add_execution_context("x", ["main"]),
        lambda: session.start(),
    ):
        with pytest.raises(SessionError, match="before the start"):
            act()


def test_the_default_route_comes_first_and_cash_is_exact() -> None:
    session = configured()
    state = session.start().kernel.state
    assert state.contexts["acc"].routes == ("spare", "main")  # type: ignore[index]
    assert state.cash[("spare", "EUR")] == 150_000_000  # type: ignore[index]
    assert state.cash[("main", "USD")] == 1_000 * 10**8  # type: ignore[index]


def test_the_budget_defaults_to_the_context_s_cash_in_the_reporting_currency() -> None:
    session = configured()
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.start(at=START)
    (instance,) = session.loop.kernel.state.instances.values()
    assert instance.limits.budget == 1_005 * 10**8


def test_profiles_bind_to_routes_contexts_instances_and_everything(make_session: Any) -> None:
    session = make_session()
    session.add_risk_profile("route", {"max_open_orders": 9}, bind=["main"])
    session.add_risk_profile("context", RiskProfile("context", max_open_orders=8), bind=["acc"])
    session.add_risk_profile("all", {"max_open_orders": 7}, bind=["*"])
    session.add_risk_profile("own", {"max_order_quantity": 5 * 10**7})
    session.add_strategy("a", Once, [BTC_ID], "acc", "own")
    session.run([bar(0)])
    bindings = session.loop.kernel.state.bindings
    assert sorted(bindings) == [
        (Scope.EXECUTION, "acc"),
        (Scope.GLOBAL, ""),
        (Scope.ROUTE, "main"),
        (Scope.STRATEGY, "a"),
    ]
    assert session.summary().modified == 1


def test_strategies_and_profiles_may_come_while_it_runs(make_session: Any, steps: Steps) -> None:
    session = make_session()
    session.run([bar(0)])
    session.add_risk_profile("late", {"max_order_quantity": 5 * 10**7}, bind=["main"])
    session.add_risk_profile("own", {"max_open_orders": 3})
    session.add_strategy("b", Once, [BTC_ID], "acc", "own")
    session.run([bar(1), bar(2)])
    assert session.summary().fills == 1
    assert steps.types().count("RiskProfileSet") == 3


def test_the_summary_counts_fills_fees_refusals_and_equity(make_session: Any) -> None:
    session = make_session()
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.add_strategy("b", Once, [BTC_ID], "acc", config={"amount": 1e6})
    session.add_strategy("c", Once, [BTC_ID], "acc", mode=InstanceMode.OBSERVE)
    summary = session.run(bar(n) for n in range(3))
    assert summary.fills == 1
    assert summary.fees == (("USD", 10_000_000),)
    assert summary.would == 1
    assert summary.refused == ((Reason.AVAILABLE_BALANCE, 1),)
    assert summary.equity == (("main", 100_000 * 10**8 - 10_000_000),)


def test_fills_reach_the_sinks_after_their_commit(make_session: Any, steps: Steps) -> None:
    seen: list[tuple[Fill, str]] = []
    session = make_session()
    session.add_post_trade_sink(lambda fill: seen.append((fill, steps.types()[-1])))
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.run([bar(0), bar(1)])
    ((fill, last),) = seen
    assert (fill.strategy_id, last) == ("a", "OrderFilled")


def test_with_a_journal_the_sinks_wait_for_the_watermark(steps: Steps) -> None:
    seen: list[Fill] = []
    session = Session(SessionSettings(), sink=steps, is_journalled=True)
    session.add_instrument(BTC)
    session.add_broker("paper", SimulatedBroker("SIM"))
    session.add_route("main", "paper", "me", opening_cash={"USD": "1000"})
    session.add_execution_context("acc", ["main"])
    session.add_post_trade_sink(seen.append)
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.run([bar(0), bar(1)])
    assert seen == []
    (record,) = steps.of("OrderFilled")
    session.publish(record.event.seq_id - 1)
    assert seen == []
    session.publish(record.event.seq_id)
    assert len(seen) == 1


def test_inventory_by_route_context_and_symbol(make_session: Any) -> None:
    session = make_session()
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.add_strategy("b", Once, [ETH.instrument_id], "acc")
    session.add_strategy("c", Once, [BTC_ID], "acc", mode=InstanceMode.OBSERVE)
    session.run([bar(0), bar(0, 5_000, ETH), bar(1), bar(1, 5_000, ETH)])
    inventory = session.inventory
    assert [line.strategy_id for line in inventory.positions()] == ["a", "b"]
    (line,) = inventory.positions(symbol="BTC/USD")
    assert (line.quantity, line.value, line.unrealised) == (10**8, 100 * 10**8, 0)
    assert inventory.positions(route_id="elsewhere") == ()
    assert len(inventory.positions(execution_id="acc")) == 2
    assert len(inventory.fills(route_id="main", execution_id="acc", symbol="ETH/USD")) == 1
    assert not [fill for fill in inventory.fills() if is_shadow(fill.route_id)]
    btc, eth = inventory.exposure()
    assert (btc.quantity, btc.gross) == (10**8, 100 * 10**8)
    assert (eth.quantity, eth.gross) == (10**8, 50 * 10**8)


def test_exposure_counts_what_is_working(make_session: Any) -> None:
    class Rests(Once):
        def on_bar(self, bar: Any) -> None:
            if self.bars.count == 1:
                self.context.place_order("buy", 2, "limit", 50.0)

    session = make_session()
    session.add_strategy("a", Rests, [BTC_ID], "acc")
    session.run([bar(0)])
    (line,) = session.inventory.exposure()
    assert (line.quantity, line.working_buys) == (0, 100 * 10**8)


def test_the_control_plane_halts_releases_and_says_so(make_session: Any, steps: Steps) -> None:
    session = make_session()
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.start(at=START)
    plane = session.control_plane
    plane.halt(actor="me", reason="storm")
    (switch,) = plane.status().kill_switches
    assert switch.state is KillState.HALTED
    session.run([bar(0)])
    assert session.summary().refused == ((Reason.KILL_SWITCH, 1),)
    with pytest.raises(ValueError, match="needs a reason"):
        plane.release(actor="me", reason=" ")
    plane.release(actor="me", reason="over")
    assert plane.status().kill_switches == ()
    plane.halt(Scope.ROUTE, "main", actor="me", reason="slow", reducing=True)
    assert plane.status().kill_switches[0].state is KillState.REDUCING


def test_a_disabled_route_takes_no_entries_until_it_is_enabled(make_session: Any) -> None:
    session = make_session()
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.start(at=START)
    plane = session.control_plane
    plane.disable_route(RouteId("main"), reason="maintenance")
    assert plane.status().routes == (("main", "maintenance"),)
    session.run([bar(0)])
    assert session.summary().refused == ((Reason.ROUTE_HALTED, 1),)
    plane.enable_route(RouteId("main"))
    assert plane.status().routes == (("main", ""),)
    with pytest.raises(ValueError, match="no route"):
        plane.disable_route(RouteId("other"), reason="x")


def test_observation_projection_and_indicator(make_session: Any) -> None:
    computed: list[int] = []

    def held(snapshot: Any) -> int:
        computed.append(snapshot.snapshot_id)
        return len(snapshot.read().positions)

    session = make_session()
    session.add_observation("events", lambda envelope: envelope.event_type)
    session.add_observation("never", lambda envelope: None)
    session.add_projection("held", held)
    session.add_indicator("mean", BTC_ID, "2m", SMA(2))
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.run(bar(n, 10_000 + n * 100) for n in range(4))
    coordinator = session.coordinator
    assert coordinator.observation("events") == "Bar"
    assert coordinator.observation("never") is None
    assert coordinator.projection("held") == 1
    assert coordinator.projection("held") == 1
    assert len(computed) == 1
    assert coordinator.indicator("mean").value == 102.0
    session.run([bar(4, 20_000), bar(5, 20_000)])
    assert coordinator.indicator("mean").value == 151.5
    assert coordinator.snapshot().snapshot_id == session.loop.kernel.state.seq_id
    with pytest.raises(ValueError, match="registered already"):
        session.add_indicator("held", BTC_ID, "1m", SMA(2))


def test_an_indicator_that_comes_late_sees_the_bars_that_are_kept(make_session: Any) -> None:
    session = make_session()
    session.add_strategy("a", Once, [BTC_ID], "acc")
    session.run(bar(n, 10_000 + n * 100) for n in range(3))
    session.add_indicator("mean", BTC_ID, "1m", SMA(3))
    assert session.coordinator.indicator("mean").value == 101.0
